"""The wheel is what its tag says, the same twice, with licences; it is refused where it could not keep its promise."""

import json
import os
import re
import shutil
import subprocess
import zipfile

import pytest
from conftest import ROOT, made

AUDITWHEEL = ROOT / ".deps/wheel-venv/bin/auditwheel"


def test_auditwheel_finds_what_its_tag_says(wheel):
    assert wheel.name.endswith("-py3-none-manylinux_2_34_x86_64.whl")
    said = subprocess.run([AUDITWHEEL, "show", wheel], check=True, capture_output=True, text=True).stdout
    [tag] = re.findall(r'following platform tag:\s+"manylinux_2_(\d+)_x86_64"', said)
    assert int(tag) <= 34, said


def test_it_is_not_too_large(wheel):
    assert wheel.stat().st_size < 130e6


def test_it_is_the_same_twice(wheel, tmp_path):
    assert made(tmp_path).read_bytes() == wheel.read_bytes()


def test_every_component_has_its_licence(wheel):
    with zipfile.ZipFile(wheel) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        [bill] = [name for name in names if name.endswith(".dist-info/sboms/sbom.spdx.json")]
        components = {
            package["name"].split("/")[0].lstrip("@") for package in json.loads(archive.read(bill))["packages"]
        }
    licences = {name.split("/licenses/")[1].split("/")[0] for name in names if ".dist-info/licenses/" in name}
    assert licences == components - {"ashore"} | {"LICENSE"}
    assert any(name == "ashore/py.typed" for name in names)


@pytest.fixture
def tree(wheel, tmp_path):
    """The tree of the wheel, to be broken."""
    return shutil.copytree(wheel.parent / "tree", tmp_path / "tree")


def test_a_library_that_needs_a_newer_runtime_is_refused(tree, tmp_path):
    source = tmp_path / "new.cpp"
    # Assertions of the library call a function that came with g++ 12.
    source.write_text(
        "#define _GLIBCXX_ASSERTIONS 1\n#include <vector>\nint at(std::vector<int>& v, int i) { return v[i]; }\n"
    )
    subprocess.run(["g++", "-shared", "-fPIC", "-O0", "-o", tree / "lib/ashore/libnew.so", source], check=True)
    done = subprocess.run([ROOT / "scripts/dist", tree, tmp_path], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode != 0
    assert re.search(r"libnew\.so needs of libstdc\+\+ what manylinux_2_34_x86_64 lacks: .*assert_fail", done.stderr)


def test_another_version_in_pyproject_is_refused(tree, tmp_path):
    program = tree / "bin/ashore"
    program.rename(program.with_name("program"))
    program.write_text('#!/bin/sh\necho "ashore 9.9.9"\n')
    program.chmod(0o755)
    strip = tmp_path / "bin/strip"
    strip.parent.mkdir()
    strip.symlink_to("/bin/true")
    done = subprocess.run(
        [ROOT / "scripts/dist", tree, tmp_path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, "PATH": f"{strip.parent}:{os.environ['PATH']}"},
    )
    assert done.returncode != 0
    assert "pyproject.toml says version" in done.stderr
