"""The state machine of deploy/aws over the shards of a landing, with the function's zip, on a stand-in of AWS."""
import contextlib
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import time
import zipfile

import pytest

import bucket
import harness
from test_lambda import expect_equal, plan_of, readings, source  # noqa: F401

PYTHON = harness.ROOT / ".deps" / "lambda-venv" / "bin" / "python"
DEFINITION = harness.ROOT / "deploy" / "aws" / "shards.asl.json"
HERE = pathlib.Path(__file__).resolve().parent


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """The zip as `make lambda-zip` makes it, with the test's pipeline beside the shipped ones."""
    made = sorted((harness.ROOT / "dist").glob("ashore-lambda-*.zip"))
    assert made, "there is no zip of the function: make lambda-zip"
    return made[-1]


def with_pipeline(package, pipeline, folder):
    target = folder / "function.zip"
    target.write_bytes(package.read_bytes())
    with zipfile.ZipFile(target, "a") as archive:
        archive.write(pipeline, "readings.yaml")
    return target


@contextlib.contextmanager
def stand_in(folder):
    """ministack on loopback; what it leaves running goes with its session. Functions get its secret key, as a role's."""
    port = harness.closed_port()
    with open(folder / "ministack.log", "wb") as log:
        process = subprocess.Popen([PYTHON, "-m", "ministack"], stdout=log, stderr=log, start_new_session=True,
                                   env={**harness.environment(folder), "BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port),
                                        "AWS_SECRET_ACCESS_KEY": bucket.aws_variables()["AWS_SECRET_ACCESS_KEY"]})
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            assert process.poll() is None, (folder / "ministack.log").read_text()
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def run_machine(readings, folder, package, **variables):
    """Eight shards through the state machine: its outcome, and what the stand-in logged."""
    plan = plan_of(readings, "--by", "pages", "--count", "8")
    plan["pipeline"]["sha256"] = variables.pop("pipeline_sha256", plan["pipeline"]["sha256"])
    variables = bucket.aws_variables(ASHORE_DATA_DIR=readings.data, ASHORE_PIPELINE="readings.yaml", **variables)
    with stand_in(folder) as endpoint:
        done = subprocess.run([PYTHON, HERE / "run_state_machine.py", endpoint, package, DEFINITION, json.dumps(variables),
                               json.dumps({"plan": plan})], capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), (folder / "ministack.log").read_text()


def test_a_distributed_map_lands_the_shards_and_joins_them(readings, tmp_path, package):  # noqa: F811
    outcome, log = run_machine(readings, tmp_path, with_pipeline(package, readings.pipeline, tmp_path))
    assert outcome["status"] == "SUCCEEDED", (outcome, log)
    assert outcome["output"]["landing"] == {"run_id": "sharded", "pages": 14, "items": 40}
    expect_equal(readings, tmp_path, by_page=True)


def with_bootstrap(package, text, folder):
    """The function with another bootstrap; its own is called `function`."""
    target = folder / "dying.zip"
    with zipfile.ZipFile(package) as before, zipfile.ZipFile(target, "w") as after:
        for entry in before.infolist():
            content = before.read(entry)
            if entry.filename == "bootstrap":
                entry.filename = "function"
                after.writestr("bootstrap", text)
            after.writestr(entry, content)
    return target


def test_a_function_that_dies_is_invoked_again(readings, tmp_path, package):  # noqa: F811
    """Whatever AWS calls it: out of memory, a machine that is taken away. The first four that start are killed."""
    package = with_bootstrap(with_pipeline(package, readings.pipeline, tmp_path), """#!/bin/sh
for number in 1 2 3 4; do
  mkdir "$DEATHS/$number" 2>/dev/null && kill -KILL $$
done
exec ./function
""", tmp_path)
    deaths = tmp_path / "deaths"
    deaths.mkdir()
    outcome, log = run_machine(readings, tmp_path, package, DEATHS=str(deaths))
    assert outcome["status"] == "SUCCEEDED", (outcome, log)
    assert len(list(deaths.iterdir())) == 4
    expect_equal(readings, tmp_path, by_page=True)


def test_what_no_other_try_can_mend_is_not_tried_again(readings, tmp_path, package):  # noqa: F811
    outcome, log = run_machine(readings, tmp_path, with_pipeline(package, readings.pipeline, tmp_path), pipeline_sha256="0" * 64)
    assert outcome["status"] == "FAILED", (outcome, log)
    begun = [line for line in outcome["said"] if line.startswith("START ")]
    assert len(begun) == 8, outcome["said"]
    assert any("another pipeline file" in line for line in outcome["said"])


def test_the_zip_runs_on_amazon_linux_2023(package, tmp_path):
    """By what it and each of its libraries ask of the system: nothing newer than glibc 2.34 and gcc 11's libstdc++."""
    with zipfile.ZipFile(package) as archive:
        archive.extractall(tmp_path)
        names = archive.namelist()
    assert "bootstrap" in names and "pipelines/spacex.yaml" in names and "licenses/sbom.spdx.json" in names
    of_the_system = re.compile(r"^(ld-linux-x86-64|lib(c|m|dl|pthread|rt|resolv|util|stdc\+\+|gcc_s))\.so\.")
    files = [tmp_path / "bootstrap", *sorted((tmp_path / "lib").iterdir())]
    for file in files:
        symbols = subprocess.run(["objdump", "-T", file], capture_output=True, text=True, check=True).stdout
        for name, newest in (("GLIBC", (2, 34)), ("GLIBCXX", (3, 4, 29)), ("CXXABI", (1, 3, 13)), ("GCC", (11,))):
            for version in re.findall(rf"\b{name}_([0-9.]+)\b", symbols):
                assert tuple(map(int, version.split("."))) <= newest, f"{file.name} needs {name}_{version}"
        needed = re.findall(r"NEEDED\s+(\S+)", subprocess.run(["objdump", "-p", file], capture_output=True, text=True).stdout)
        for library in needed:
            assert of_the_system.match(library) or (tmp_path / "lib" / library).exists(), f"{file.name} lacks {library}"
    unpacked = sum(file.stat().st_size for file in files)
    print(f"zip {package.stat().st_size / 1e6:.1f} MB, unpacked {unpacked / 1e6:.1f} MB")
    assert unpacked < 50e6
