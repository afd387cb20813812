"""Cold starts of the Lambda function under AWS's own emulator, beside the plainest bootstrap: a shell script around curl that answers
every event alike. Prints Markdown.

    make bench-lambda     (bench/lambda_bench.py [--rounds N])

A cold start is the time from the first invocation, at which the emulator starts the function, to its answer. The event is none that the
function knows, so it reads its environment and its pipeline file and refuses; each round is a new emulator.
"""

import argparse
import os
import pathlib
import statistics
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests/lambda")]

import emulator  # noqa: E402

PLAIN = """\
#!/bin/sh
at="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation"
while true; do
  id="$(curl -sS -D - -o /dev/null "$at/next" | tr -d '\\r' | sed -n 's/^lambda-runtime-aws-request-id: *//Ip')"
  [ -n "$id" ] || exit 0  # the emulator is gone
  curl -sS -o /dev/null -d '{}' "$at/$id/response"
done
"""


def first_and_second(function, folder):
    """Seconds of the first and of the second invocation of a new function."""
    variables = {"ASHORE_DATA_DIR": str(folder / "data")}
    with emulator.Lambda(folder, ROOT / "pipelines/spacex.yaml", variables, function=function) as instance:
        times = []
        for _ in range(2):
            begin = time.perf_counter()
            instance.invoke({})
            times.append(time.perf_counter() - begin)
    return times


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=15)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        plain = folder / "bootstrap"
        plain.write_text(PLAIN)
        plain.chmod(0o755)
        sides = {"ashore-lambda": (emulator.FUNCTION, []), "a shell script with curl": (plain, [])}
        for _ in range(arguments.rounds):
            for function, times in sides.values():
                times.append(first_and_second(function, folder))
    size = os.stat(emulator.FUNCTION).st_size / 1e6
    print(f"Minimum (median) of {arguments.rounds} rounds, in turn. The function's program is {size:.1f} MB.\n")
    print("| | first invocation | second |\n|---|---|---|")
    for name, (_, times) in sides.items():
        first, second = zip(*times, strict=True)
        print(f"| {name} | {min(first) * 1000:.0f} ms ({statistics.median(first) * 1000:.0f}) "
              f"| {min(second) * 1000:.0f} ms ({statistics.median(second) * 1000:.0f}) |")


if __name__ == "__main__":
    main()
