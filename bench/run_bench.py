"""Times the shipped pipeline against the usual pandas script and dlt, alternately, and writes bench/RESULTS.md.

    make bench

The figures of partitions_bench.py, merge_bench.py and decode_bench.cpp go into the same file.

A separate API process serves 21 pages of 10; each side runs in its own process and an empty folder, on tmpfs and on
disk, all of ashore's syncs and checks on. Wall and CPU seconds are minimum and median; memory is the highest resident
set and the highest anonymous memory seen (read every 2 ms). Both sides must end with the same number of rows.
"""

import argparse
import contextlib
import json
import os
import pathlib
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
ASHORE = ROOT / "build/release/ashore"
ROWS = (205, 196)


def anonymous_kilobytes(pid):
    try:
        text = pathlib.Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    found = re.search(r"RssAnon:\s+(\d+)", text)
    return int(found.group(1)) if found else 0


def measure(command):
    """Runs a command; returns its output and wall, cpu, peak and anonymous figures."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    anonymous = [0]
    done = threading.Event()

    def watch():
        while not done.wait(0.002):
            anonymous[0] = max(anonymous[0], anonymous_kilobytes(process.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    output = process.stdout.read()
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    done.set()
    watcher.join()
    if process.returncode != 0:
        sys.exit(f"{command} failed: {errors.decode()}")
    return output.decode(), {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime,
                             "peak_mb": usage.ru_maxrss / 1024, "anonymous_mb": anonymous[0] / 1024}


def ashore_run(pipeline, url, folder):
    output, figures = measure([ASHORE, "run", pipeline, "--source-url", url, "--data-dir", folder, "--json",
                               "--log-level", "error"])
    tables = json.loads(output.splitlines()[-1])["tables"]
    return (tables["launches"]["inserted"], tables["cores"]["inserted"]), figures


def script_run(python, script, url, folder):
    output, figures = measure([python, ROOT / "bench/peers" / script, url, folder])
    return tuple(int(word) for word in output.split()[-2:]), figures


def compare(pipeline, url, base, rounds, has_dlt):
    sides = {"ashore": lambda folder: ashore_run(pipeline, url, folder),
             "pandas script": lambda folder: script_run(sys.executable, "pandas_script.py", url, folder)}
    if has_dlt:
        sides["dlt"] = lambda folder: script_run(ROOT / ".deps/peers-venv/bin/python", "dlt_script.py", url, pathlib.Path(folder))
    results = {name: [] for name in sides}
    for _ in range(rounds):
        for name, run in sides.items():
            with tempfile.TemporaryDirectory(dir=base) as folder:
                rows, figures = run(folder)
                if rows != ROWS:
                    sys.exit(f"{name} ended with {rows} rows, not {ROWS}")
                results[name].append(figures)
    return results


def table_of(results):
    lines = ["| | wall min | wall median | CPU min | CPU median | peak RSS | peak anonymous |",
             "|---|---|---|---|---|---|---|"]
    for name, runs in results.items():
        column = lambda key: [run[key] for run in runs]
        lines.append(f"| {name} | {min(column('wall')):.3f} s | {statistics.median(column('wall')):.3f} s "
                     f"| {min(column('cpu')):.3f} s | {statistics.median(column('cpu')):.3f} s "
                     f"| {min(column('peak_mb')):.0f} MB | {min(column('anonymous_mb')):.0f} MB |")
    for name in list(results)[1:]:
        ratio = [peer["wall"] / own["wall"] for own, peer in zip(results["ashore"], results[name])]
        ratio_cpu = [peer["cpu"] / own["cpu"] for own, peer in zip(results["ashore"], results[name])]
        lines.append("")
        lines.append(f"{name} / ashore, pair by pair: wall {statistics.median(ratio):.1f} "
                     f"({min(ratio):.1f} to {max(ratio):.1f}), CPU {statistics.median(ratio_cpu):.1f}.")
    return "\n".join(lines)


def merges(rounds, small):
    size = ("--days", "400", "--per-day", "20") if small else ()
    command = [sys.executable, ROOT / "bench/merge_bench.py", "--rounds", str(rounds), *size]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


def partitions(rounds, small, base, *arguments):
    size = ("--launches", "300") if small else arguments
    command = [sys.executable, ROOT / "bench/partitions_bench.py", "--rounds", str(rounds), "--base", base, *size]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


def unchanged(pipeline, url, rounds):
    """Wall seconds of a first run and of a second one that finds the same pages."""
    firsts, seconds = [], []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
            firsts.append(ashore_run(pipeline, url, folder)[1]["wall"])
            rows, figures = ashore_run(pipeline, url, folder)
            assert rows == (0, 0)
            seconds.append(figures["wall"])
    return (f"First run {min(firsts):.3f} s ({statistics.median(firsts):.3f}), second run with the same pages {min(seconds):.3f} s "
            f"({statistics.median(seconds):.3f}): {statistics.median(a / b for a, b in zip(firsts, seconds)):.1f} times as fast.")


def unchanged_partitions(rounds, small):
    """The same of thousands of partitions."""
    with synthetic_api(300 if small else 20_000) as url:
        return unchanged(ROOT / "pipelines/spacex.yaml", url, rounds)


@contextlib.contextmanager
def synthetic_api(launches):
    """The url of a server of made-up launches, or of the recorded ones."""
    words = ["--synthetic", str(launches)] if launches else []
    server = subprocess.Popen([ASHORE, "serve-api", *words], stdout=subprocess.PIPE, text=True)
    try:
        yield server.stdout.readline().strip()
    finally:
        server.terminate()
        server.wait()


def decoding(small):
    """Google Benchmark's figures for pages of so many documents: the best of several repetitions, in GB/s a core."""
    command = [ROOT / "build/release/bench/decode_bench", "--benchmark_format=json",
               f"--benchmark_repetitions={1 if small else 5}", "--benchmark_filter=" + ("/100$" if small else ".")]
    runs = json.loads(subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, cwd=ROOT).stdout)
    best = {}
    for run in runs["benchmarks"]:
        if run["run_type"] == "iteration":
            name = int(run["run_name"].split("/")[1])
            best[name] = max(best.get(name, 0), run["bytes_per_second"] / 1e9)
    lines = ["| documents a page | GB/s a core |", "|---|---|"]
    return "\n".join(lines + [f"| {name:,} | {rate:.2f} |" for name, rate in sorted(best.items())])


def small_files(small):
    """Google Benchmark's figures for files of three rows: the best of several repetitions, in microseconds a file."""
    command = [ROOT / "build/release/bench/files_bench", "--benchmark_format=json", f"--benchmark_repetitions={1 if small else 5}"]
    runs = json.loads(subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, cwd=ROOT).stdout)
    best = {}
    for run in runs["benchmarks"]:
        if run["run_type"] == "iteration":
            best[run["run_name"]] = max(best.get(run["run_name"], 0), run["items_per_second"])
    labels = {"encode_by_ashore": "encode", "read_by_ashore": "open, read, verify and decode",
              "encode_by_arrow": "encode, Arrow's writer", "read_by_arrow": "decode, Arrow's reader"}
    lines = ["| | µs a file |", "|---|---|"]
    return "\n".join(lines + [f"| {label} | {1e6 / best[name]:.0f} |" for name, label in labels.items()])


def start_up(argument, rounds):
    figures = [measure([ASHORE, argument])[1] for _ in range(rounds)]
    return min(run["wall"] for run in figures)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--output", type=pathlib.Path, default=ROOT / "bench/RESULTS.md")
    arguments = parser.parse_args()
    small = arguments.rounds == 1
    goals = (ROOT / "bench/goals.md").read_text()
    with tempfile.TemporaryDirectory() as scratch:
        pipeline = pathlib.Path(scratch) / "pages_of_ten.yaml"
        shipped = (ROOT / "pipelines/spacex.yaml").read_text()
        pipeline.write_text(re.sub(r"(pages: *\{[^}]*size: *)\d+", r"\g<1>10", shipped))
        with synthetic_api(0) as url:
            parts = [("tmpfs", compare(pipeline, url, "/dev/shm", arguments.rounds, not small)),
                     ("disk", compare(pipeline, url, scratch, arguments.rounds, not small))]
            again = unchanged(pipeline, url, arguments.rounds)
    version = subprocess.run([ASHORE, "version"], capture_output=True, text=True, check=True).stdout.strip()
    lines = ["# What the benches measured", "",
             f"Made by `make bench`: {arguments.rounds} rounds, the two sides in turn. {os.cpu_count()} cores, "
             f"Linux {platform.release()}, Python {platform.python_version()}.", "", "```", version, "```", "",
             "205 launches and their cores: 21 pages of 10 from a separate API process, to hive Parquet by day and a "
             "DuckDB file. ashore also keeps the raw pages, checks, commits two Delta logs and syncs."]
    for name, results in parts:
        lines += ["", f"## On {name}", "", table_of(results)]
    lines += ["", "## Start-up", "",
              f"`--help`: {start_up('--help', 20) * 1000:.1f} ms, `version`: {start_up('version', 20) * 1000:.1f} ms "
              "(minimum of 20).", "", "## The same again", "", "205 launches: " + again, "", "20,000 launches in 12,901 files: " + unchanged_partitions(min(arguments.rounds, 5), small), "",
              "## Thousands of small partitions, on tmpfs", "",
              partitions(min(arguments.rounds, 5), small, "/dev/shm"), "", "## Thousands of small partitions, on disk", "",
              partitions(min(arguments.rounds, 3), small, tempfile.gettempdir()), "", "## Large tables in one file each, on tmpfs", "",
              partitions(min(arguments.rounds, 3), small, "/dev/shm", "--whole", "--launches", "300000"), "", "## A small merge into a large table", "",
              merges(min(arguments.rounds, 5), small), "## Decode and type", "",
              "100 MB of synthetic documents, both shipped tables in full, unmapped paths counted; one thread.", "",
              decoding(small), "", "## A small file", "",
              "Three rows of the shipped launches, 28 columns; one thread, tmpfs.", "", small_files(small), "", "## More", "",
              "- [POSTGRES.md](POSTGRES.md): loads of 300,000 launches into PostgreSQL, made by `make bench-postgres`.",
              "- [S3.md](S3.md): 20,000 launches to S3, made by `make bench-s3`.",
              "- [LAMBDA.md](LAMBDA.md): cold starts of the Lambda function, made by `make bench-lambda`.",
              "- [MEMORY.md](MEMORY.md): a window larger than memory, made by `make bench-memory`.",
              "- [GROWTH.md](GROWTH.md): how time and memory grow, made by `make bench-growth`.", "",
              goals]
    arguments.output.write_text("\n".join(lines))
    print(arguments.output.read_text())
    shutil.rmtree(ROOT / "bench/__pycache__", ignore_errors=True)


if __name__ == "__main__":
    main()
