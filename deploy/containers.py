"""podman on this machine: its settings, images on a base that is made here, free ports."""

import contextlib
import os
import pathlib
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
USER = 1000
SECONDS_MAX = 240  # of a wait for one condition

# podman inside a container or a small virtual machine: no cgroups to manage, the host's network.
CONTAINERS_CONF = """[containers]
cgroups = "no-conmon"
netns = "host"
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
runtime = "runc"
"""


def podman_environment(folder):
    """The variables by which podman finds its settings, which are written into the folder."""
    path = folder / "containers.conf"
    path.write_text(CONTAINERS_CONF)
    return {**os.environ, "CONTAINERS_CONF": str(path)}


def call(command, environment, check=True, cwd=None):
    """What a command said; it must end well unless `check` is false."""
    done = subprocess.run(command, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=900)
    assert done.returncode == 0 or not check, f"{command}: {done.stdout[-3000:]}{done.stderr[-3000:]}"
    return done


def build_image(target, image, environment):
    """Builds a target of the Dockerfile from the installed trees, on the base made here."""
    base = call([ROOT / "scripts" / "base_image"], environment).stdout.strip()
    call(["podman", "build", "-q", "--isolation", "chroot", "-f", ROOT / "deploy" / "Dockerfile",
          "--build-arg", f"BASE={base}", "--build-arg", "PROGRAM=installed",
          "--build-arg", f"ASHORE_UID={USER}", "--target", target, "-t", image, ROOT], environment)


def free_ports(count):
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def wait_for(what, condition, seconds=SECONDS_MAX):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = condition()
        if answer:
            return answer
        time.sleep(1)
    raise AssertionError(f"waited {seconds} s in vain: {what}")
