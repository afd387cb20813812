"""The Lambda function under AWS's own runtime interface emulator, one process each, listening on loopback."""
import concurrent.futures
import contextlib
import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

import harness

EMULATOR = harness.ROOT / ".deps" / "lambda" / "aws-lambda-rie"
FUNCTION = harness.BINARY.parent / "ashore-lambda"
SECONDS_MAX = 60


class Lambda:
    """One function instance; `variables` are its environment."""

    def __init__(self, folder, pipeline, variables, timeout=SECONDS_MAX, function=FUNCTION):
        self.port, runtime_port = harness.closed_ports(2)
        self.log = open(folder / f"lambda-{self.port}.log", "wb+")
        environment = {**harness.environment(folder), "LAMBDA_TASK_ROOT": str(pipeline.parent),
                       "ASHORE_PIPELINE": pipeline.name, "AWS_LAMBDA_FUNCTION_TIMEOUT": str(timeout),
                       "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512", **variables}
        # A session of its own: the emulator leaves its function running.
        self.process = subprocess.Popen(
            [EMULATOR, "--runtime-interface-emulator-address", f"127.0.0.1:{self.port}",
             "--runtime-api-address", f"127.0.0.1:{runtime_port}", function],
            env=environment, stdout=self.log, stderr=self.log, start_new_session=True)
        self.wait_until_it_listens()

    def wait_until_it_listens(self):
        deadline = time.monotonic() + SECONDS_MAX
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            assert self.process.poll() is None, self.said()
            time.sleep(0.01)
        raise AssertionError(f"the emulator does not listen: {self.said()}")

    def invoke(self, event):
        """What the function answers; errors come with `errorType`."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/2015-03-31/functions/function/invocations",
            data=json.dumps(event).encode(), method="POST")
        with urllib.request.urlopen(request, timeout=SECONDS_MAX) as answer:
            return json.loads(answer.read())

    def kill_function(self):
        """SIGKILL to the function, as when the service takes its machine away; the emulator notices."""
        done = subprocess.run(["pgrep", "-s", str(self.process.pid), "-f", "ashore-lambda$"], capture_output=True,
                              text=True)
        found = [int(pid) for pid in done.stdout.split() if int(pid) != self.process.pid]
        for pid in found:
            os.kill(pid, signal.SIGKILL)
        return len(found)

    def said(self):
        self.log.flush()
        self.log.seek(0)
        return self.log.read().decode(errors="replace")

    def events(self):
        """The lines of the function's log that are JSON."""
        return [json.loads(line) for line in self.said().splitlines() if line.startswith("{")]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.log.close()


def invoke_all(lambdas, events):
    """Each event by one function, all at once; their answers in order."""
    def invoke(pair):
        try:
            return pair[0].invoke(pair[1])
        except (OSError, urllib.error.URLError) as error:
            return {"errorType": "the emulator", "errorMessage": str(error)}

    with concurrent.futures.ThreadPoolExecutor(len(events)) as pool:
        return list(pool.map(invoke, zip(lambdas, events)))
