"""Thousands of small partitions: ashore from landed pages to published tables, beside Polars, DuckDB and pandas that write the same
rows and columns to the same folders, and beside the creation of those files alone. Prints Markdown.

    bench/partitions_bench.py [--launches N] [--rounds N] [--base FOLDER] [--whole]

With --whole each table is one file.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import pyarrow.dataset
import yaml
from peers.partitions_peer import CORES, LAUNCHES

ROOT = pathlib.Path(__file__).resolve().parents[1]
ASHORE = pathlib.Path(os.environ.get("ASHORE_BINARY", ROOT / "build/release/ashore"))
STAGES = ("transform", "merge", "audit", "publish")
PEERS = ("polars", "duckdb", "pandas")


def pipeline_file(folder, is_whole=False):
    """The shipped pipeline with the peers' columns, and those of its checks that look at these; without partitions if asked."""
    pipeline = yaml.safe_load((ROOT / "pipelines/spacex.yaml").read_text())
    for name, wanted in (("launches", LAUNCHES), ("cores", CORES)):
        table = pipeline["tables"][name]
        dropped = set(table["columns"]) - {*wanted, "p_creation_date"}
        table["columns"] = {column: rule for column, rule in table["columns"].items() if column not in dropped}
        table["checks"] = [check for check in table["checks"] if not any(column in json.dumps(check) for column in dropped)]
        if is_whole:
            table.pop("partition")
    pipeline["questions"] = []
    path = folder / "pipeline.yaml"
    path.write_text(yaml.safe_dump(pipeline, sort_keys=False))
    checks = sum(len(table["checks"]) for table in pipeline["tables"].values())
    queries = sum("sql" in check for table in pipeline["tables"].values() for check in table["checks"])
    return path, checks, queries


def ashore_run(pipeline, url, folder, *arguments):
    """The report of a run from the API to published tables."""
    done = subprocess.run([ASHORE, "run", pipeline, "--source-url", url, "--data-dir", folder, "--to", "duckdb::memory:", "--json",
                           "--log-level", "error", *arguments], capture_output=True, text=True)
    report = json.loads(done.stdout.splitlines()[-1])
    assert all(report["tables"][name]["version"] == 0 for name in ("launches", "cores")), done.stderr
    return report


def peer_run(kind, pages, folder, is_whole):
    words = [sys.executable, ROOT / "bench/peers/partitions_peer.py", kind, pages, folder, *(["whole"] if is_whole else [])]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    return float(done.stdout.splitlines()[-1])


def floor(source, folder):
    """Seconds to create the folders and files of published tables again, with their bytes, and to sync the file system."""
    files = [(path.relative_to(source), path.read_bytes()) for path in source.rglob("*.parquet")]
    folders = sorted({path.parent for path, _ in files})
    descriptor = os.open(folder, os.O_RDONLY)
    begin = time.perf_counter()
    for path in folders:
        os.makedirs(folder / path, exist_ok=True)
    for path, content in files:
        target = os.open(folder / path, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        os.write(target, content)
        os.close(target)
    os.sync()
    seconds = time.perf_counter() - begin
    os.close(descriptor)
    return seconds, len(files), sum(len(content) for _, content in files)


def rows_in(folder, columns):
    """The rows of hive folders as plain values, in order, whatever forms the writer chose."""
    table = pyarrow.dataset.dataset(folder, format="parquet", partitioning="hive", exclude_invalid_files=False).to_table()
    def plain(value):
        return value.isoformat()[:19] if hasattr(value, "hour") else str(value) if hasattr(value, "day") else value
    values = [[plain(value) for value in table.column(name).to_pylist()] for name in [*columns, "p_creation_date"]]
    return sorted(zip(*values, strict=True), key=str)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--launches", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--base", type=pathlib.Path, default=pathlib.Path("/dev/shm"))
    parser.add_argument("--whole", action="store_true")
    arguments = parser.parse_args()
    server = subprocess.Popen([ASHORE, "serve-api", "--synthetic", str(arguments.launches)], stdout=subprocess.PIPE, text=True)
    seconds = {name: [] for name in ("ashore", *PEERS, *(() if arguments.whole else ("floor",)))}
    stages = {stage: [] for stage in (*STAGES, "load")}
    try:
        url = server.stdout.readline().strip()
        with tempfile.TemporaryDirectory() as scratch:
            pipeline, checks, queries = pipeline_file(pathlib.Path(scratch), arguments.whole)
            for number in range(arguments.rounds):
                with tempfile.TemporaryDirectory(dir=arguments.base) as base:
                    base = pathlib.Path(base)
                    report = ashore_run(pipeline, url, base / "ashore")
                    for stage in stages:
                        stages[stage].append(report["stages"].get(stage, 0))
                    seconds["ashore"].append(sum(report["stages"][stage] for stage in STAGES))
                    [raw] = (base / "ashore/raw/spacex").iterdir()
                    for kind in PEERS:
                        (base / kind).mkdir()
                        seconds[kind].append(peer_run(kind, raw, base / kind, arguments.whole))
                    (base / "floor").mkdir()
                    spent, files, size = floor(base / "ashore/stage", base / "floor")
                    if not arguments.whole:
                        seconds["floor"].append(spent)
                    for name, columns in (("launches", LAUNCHES), ("cores", CORES)) if number == 0 else ():
                        ours = rows_in(base / "ashore/stage" / name, columns)
                        for kind in PEERS:
                            assert rows_in(base / kind / name, columns) == ours, f"{kind} wrote other rows of {name}"
    finally:
        server.terminate()
        server.wait()
    print(f"{arguments.launches:,} launches in {files:,} files of {size / 1e6:.0f} MB, eleven and eight columns; {checks} checks, {queries} of "
          f"them queries. Minimum (median) of {arguments.rounds} rounds, in turn; the peers neither check, deduplicate, sync nor commit. "
          "All wrote the same rows, compared value by value.\n")
    print("| | seconds | to ashore, pair by pair |\n|---|---|---|")
    for name, runs in seconds.items():
        ratio = statistics.median(peer / own for peer, own in zip(runs, seconds["ashore"], strict=True))
        label = {"ashore": "ashore, to published", "floor": "only creating these folders and files, synced"}.get(name, name)
        print(f"| {label} | {min(runs):.2f} ({statistics.median(runs):.2f}) | {ratio:.2f} |")
    print("\nashore by stage, minimum: " + ", ".join(f"{stage} {min(runs):.2f} s" for stage, runs in stages.items() if stage != "load") + ".")


if __name__ == "__main__":
    main()
