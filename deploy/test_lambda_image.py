"""The image of the Lambda function, built by podman, lands shards under AWS's own emulator, as a container."""

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import urllib.request

import pytest

from containers import ROOT, USER, build_image, call, free_ports, podman_environment, wait_for

EMULATOR = ROOT / ".deps" / "lambda" / "aws-lambda-rie"
ASHORE = ROOT / "build" / "release" / "ashore"
IMAGE = "ashore-lambda"
SECONDS_MAX = 60


@pytest.fixture
def source():
    """The url of the stand-in API on this machine."""
    with subprocess.Popen([ASHORE, "serve-api"], stdout=subprocess.PIPE, text=True) as served:
        yield re.search(r"http://127\.0\.0\.1:\d+", served.stdout.readline()).group(0)
        served.terminate()


@pytest.fixture
def environment(tmp_path):
    if os.geteuid() != 0:
        pytest.skip("making a base image by debootstrap needs root")
    return podman_environment(tmp_path)


def listens(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def test_the_image_lands_and_joins_shards(tmp_path, source, environment):
    tree = ROOT / "build" / "image-lambda"
    shutil.rmtree(tree, ignore_errors=True)
    call(["make", "-s", "install-lambda", f"PREFIX={tree}"], environment, cwd=ROOT)
    build_image("lambda", IMAGE, environment)
    data = tmp_path / "data"
    data.mkdir()
    os.chown(data, USER, USER)
    port, runtime_port = free_ports(2)
    name = f"ashore-lambda-{os.getpid()}"
    pipeline = tmp_path / "mine.yaml"
    shipped = (ROOT / "pipelines" / "spacex.yaml").read_text()
    pipeline.write_text(shipped.replace("https://api.spacexdata.com", source))
    variables = {"ASHORE_DATA_DIR": "/data", "ASHORE_PIPELINE": "mine.yaml", "AWS_LAMBDA_FUNCTION_TIMEOUT": str(SECONDS_MAX)}
    call(["podman", "run", "-d", "--rm", "--name", name, "--network", "host", "-v", f"{EMULATOR}:/emulator:ro",
          "-v", f"{data}:/data", "-v", f"{pipeline}:/var/task/mine.yaml:ro", *(word for key, value in variables.items() for word in ("-e", f"{key}={value}")),
          "--entrypoint", "/emulator", IMAGE, "--runtime-interface-emulator-address", f"127.0.0.1:{port}",
          "--runtime-api-address", f"127.0.0.1:{runtime_port}", "/opt/ashore/bin/ashore-lambda"], environment)

    def invoke(event):
        request = urllib.request.Request(f"http://127.0.0.1:{port}/2015-03-31/functions/function/invocations",
                                         data=json.dumps(event).encode(), method="POST")
        with urllib.request.urlopen(request, timeout=SECONDS_MAX) as answer:
            return json.loads(answer.read())

    try:
        wait_for("the emulator listens", lambda: listens(port), SECONDS_MAX)
        assert call(["podman", "exec", name, "id", "-u"], environment).stdout.strip() == str(USER)
        plan = json.loads(call([ASHORE, "shards", pipeline, "--by", "pages", "--count", "3", "--run-id", "image",
                                "--data-dir", data], environment).stdout)
        landed = [invoke({"plan": plan, "index": shard["index"]}) for shard in plan["shards"]]
        assert sum(answer["items"] for answer in landed) == 205, landed
        assert invoke({"join": "image"})["items"] == 205
    finally:
        print(call(["podman", "logs", name], environment, check=False).stdout[-3000:])
        call(["podman", "rm", "-f", "-t", "5", name], environment, check=False)
    # What the functions landed is a landing like any other.
    transformed = call([ASHORE, "transform", pipeline, "--run-id", "image", "--data-dir", data, "--json"], environment)
    assert json.loads(transformed.stdout)["tables"]["launches"]["rows_out"] == 205
