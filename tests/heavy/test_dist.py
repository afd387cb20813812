"""The tarball of `make dist` runs on a Debian 12 with nothing else installed, says what is in it, and is the same twice."""

import json
import os
import pathlib
import re
import subprocess
import tarfile

import pytest
from spdx_tools.spdx.parser.parse_anything import parse_file
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

ROOT = pathlib.Path(__file__).resolve().parents[2]


def packed(folder):
    """A tarball made of a tree that was installed for it."""
    subprocess.run(["make", "-s", "install", f"PREFIX={folder / 'tree'}"], cwd=ROOT, check=True)
    subprocess.run([ROOT / "scripts/dist", folder / "tree", folder / "ashore.tar.gz"], cwd=ROOT, check=True, capture_output=True)
    return folder / "ashore.tar.gz"


@pytest.fixture(scope="module")
def tarball(tmp_path_factory):
    return packed(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def unpacked(tarball):
    subprocess.run(["tar", "-xzf", tarball, "-C", tarball.parent], check=True)
    [folder] = tarball.parent.glob("ashore-*")
    return folder


@pytest.fixture(scope="module")
def bare_root(tmp_path_factory):
    """A Debian 12 of required packages only."""
    if os.geteuid() != 0:
        pytest.skip("debootstrap needs root")
    targets = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI) $(CODENAME) $(COMPONENT)", "Created-By: Packages"],
                             check=True, capture_output=True, text=True).stdout
    mirror = next(line.split()[0] for line in targets.splitlines() if line.split()[1:] == ["bookworm", "main"])
    root = tmp_path_factory.mktemp("bare") / "root"
    done = subprocess.run(["debootstrap", "--variant=minbase", "bookworm", root, mirror], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:]
    return root


def test_it_runs_the_main_job_on_a_bare_debian(tarball, bare_root):
    subprocess.run(["tar", "-xzf", tarball, "-C", bare_root / "opt"], check=True)
    [folder] = (bare_root / "opt").glob("ashore-*")
    program = f"/opt/{folder.name}/bin/ashore"

    def call(*arguments):
        # A mount namespace of its own: the loader finds libraries beside the program by /proc.
        enter = 'mount --bind /proc "$0/proc" && exec chroot "$0" /usr/bin/env -i HOME=/opt "$@"'
        return subprocess.run(["unshare", "--mount", "bash", "-c", enter, bare_root, program, *arguments], capture_output=True, text=True)

    def inside(*arguments):
        done = call(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    pipeline = f"/opt/{folder.name}/share/ashore/pipelines/spacex.yaml"
    report = json.loads(inside("run", pipeline, "--source-url", "embedded:", "--data-dir", "/opt/data", "--json").splitlines()[-1])
    assert report["tables"]["launches"]["inserted"] == 205
    answers = json.loads(inside("answers", pipeline, "--data-dir", "/opt/data", "--format", "json"))
    assert len(answers["quick_reuse"]["rows"]) == 25
    assert not (bare_root / "usr/lib/x86_64-linux-gnu/libcurl.so.4").exists(), "the root is not bare"
    # A PostgreSQL that is not there: the driver itself was found and loaded.
    done = call("load", pipeline, "--data-dir", "/opt/data", "--to", "postgresql://x@127.0.0.1:1/x")
    assert done.returncode == 1
    assert "refused" in done.stderr


def test_it_is_the_same_twice(tarball, tmp_path):
    assert packed(tmp_path).read_bytes() == tarball.read_bytes()


def test_owners_and_times_are_nobodys(tarball):
    with tarfile.open(tarball) as archive:
        members = archive.getmembers()
    assert {(member.uname, member.uid) for member in members} == {("root", 0)}
    assert len({member.mtime for member in members}) == 1
    assert all(not member.name.startswith("/") and ".." not in member.name for member in members)


def test_every_library_is_there_and_licensed(unpacked):
    libraries = {path.name for path in (unpacked / "lib/ashore").iterdir()}
    system = re.compile(r"(ld-linux-x86-64|libc|libm|libdl|libpthread|librt|libresolv|libutil)\.so")
    for path in [unpacked / "bin/ashore", *(unpacked / "lib/ashore").iterdir()]:
        dynamic = subprocess.run(["readelf", "-d", path], check=True, capture_output=True, text=True).stdout
        for name in re.findall(r"\(NEEDED\).*\[(.+)\]", dynamic):
            assert name in libraries or system.match(name), f"{path.name} needs {name}"
    materials = json.loads((unpacked / "share/doc/ashore/sbom.spdx.json").read_text())
    names = {package["name"].split("/")[0].lstrip("@") for package in materials["packages"]} - {"ashore"}
    licences = {path.name for path in (unpacked / "share/doc/ashore/licenses").iterdir()}
    assert licences == names
    assert all(any(path.is_file() for path in (unpacked / "share/doc/ashore/licenses" / name).rglob("*")) for name in names)
    assert (unpacked / "share/doc/ashore/LICENSE").exists()


def test_the_bill_of_materials_is_valid(unpacked):
    document = parse_file(str(unpacked / "share/doc/ashore/sbom.spdx.json"))
    assert validate_full_spdx_document(document) == []
    names = {package.name for package in document.packages}
    assert {"ashore", "pyarrow", "libcurl4", "libssl3", "@duckdb/node-bindings-linux-x64", "uplot", "nlohmann-json3-dev"} <= names
