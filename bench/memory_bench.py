"""How much memory a large window takes: synthetic launches through every stage at a small --memory, beside the bound that is promised.

    make bench-memory
    bench/memory_bench.py [--gigabytes N] [--memory-mb N] [--base FOLDER] [--output FILE]

Two layouts of the same rows: partitioned by day, by each stage and by `run`, and one table each without partitions, which alone is larger
than the memory. Raw pages are kept until the end, so the base folder needs four times the gigabytes; all of it is removed. Anonymous memory (RssAnon) is read every 2 ms;
what is mapped from files does not count, as the system may drop it. The bound is looked at, no cgroup enforces it.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import yaml
from run_bench import measure

ROOT = pathlib.Path(__file__).resolve().parents[1]
ASHORE = pathlib.Path(os.environ.get("ASHORE_BINARY", ROOT / "build/release/ashore"))
STAGES = ("extract", "transform", "merge", "audit", "publish", "load")
BYTES_PER_LAUNCH = 1_600  # of synthetic documents, as JSON
ITEMS_PER_PAGE = {True: 100, False: 1_000}  # partitioned or not: the shipped pipeline's, and large ones


def pipeline_file(folder, partitioned):
    """The shipped pipeline with pages of ITEMS_PER_PAGE and without questions; without partitions where told."""
    pipeline = yaml.safe_load((ROOT / "pipelines/spacex.yaml").read_text())
    pipeline["extract"]["pages"]["size"] = ITEMS_PER_PAGE[partitioned]
    pipeline["questions"] = []
    if not partitioned:
        for table in pipeline["tables"].values():
            del table["partition"]
    path = folder / ("by-day.yaml" if partitioned else "whole.yaml")
    path.write_text(yaml.safe_dump(pipeline, sort_keys=False))
    return path


def serve(launches, per_day):
    server = subprocess.Popen([ASHORE, "serve-api", "--synthetic", str(launches), "--per-day", str(per_day)], stdout=subprocess.PIPE, text=True)
    return server, server.stdout.readline().strip()


def run(pipeline, url, folder, memory):
    """Each stage as a process of its own: stage to seconds, megabytes and report."""
    figures = {}
    for stage in STAGES:
        command = [ASHORE, stage, pipeline, "--source-url", url, "--data-dir", folder, "--run-id", "big", "--memory", f"{memory}MB", "--json",
                   "--log-level", "error"]
        output, measured = measure(command)
        figures[stage] = (measured["wall"], measured["anonymous_mb"], json.loads(output.splitlines()[-1]))
    return figures


def run_at_once(pipeline, url, folder, memory):
    """All stages in one process, as a schedule runs them; as run()."""
    output, measured = measure([ASHORE, "run", pipeline, "--source-url", url, "--data-dir", folder, "--memory", f"{memory}MB", "--json",
                                "--log-level", "error"])
    return {"run": (measured["wall"], measured["anonymous_mb"], json.loads(output.splitlines()[-1]))}


def bytes_below(folder):
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def table_of(title, figures, bound):
    lines = [f"{title}:", "", "| stage | seconds | highest anonymous MB | within the bound |", "|---|---|---|---|"]
    for stage, (seconds, megabytes, _) in figures.items():
        lines.append(f"| {stage} | {seconds:.1f} | {megabytes:.0f} | {'yes' if megabytes <= bound else 'no'} |")
    return "\n".join([*lines, ""])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--gigabytes", type=float, default=10)
    parser.add_argument("--memory-mb", type=int, default=256)
    parser.add_argument("--base", type=pathlib.Path, default=pathlib.Path(tempfile.gettempdir()))
    parser.add_argument("--output", type=pathlib.Path, default=ROOT / "bench/MEMORY.md")
    arguments = parser.parse_args()
    launches = int(arguments.gigabytes * 1e9 / BYTES_PER_LAUNCH)
    bound = 1.25 * arguments.memory_mb + 40
    needed = arguments.gigabytes * 4e9
    free = shutil.disk_usage(arguments.base).free
    print(f"{arguments.gigabytes:g} GB of pages need {needed / 1e9:.0f} GB in {arguments.base}; {free / 1e9:.0f} GB are free", file=sys.stderr)
    if free < needed:
        raise SystemExit("not enough: give --base a folder with more, or fewer --gigabytes")
    server, url = serve(launches, max(1, launches // 9_300))
    try:
        with tempfile.TemporaryDirectory(dir=arguments.base) as name:
            base = pathlib.Path(name)
            days = run(pipeline_file(base, True), url, base / "by-day", arguments.memory_mb)
            raw = bytes_below(base / "by-day/raw")
            files = days["merge"][2]["tables"]["launches"]["files_added"]
            print(table_of(f"By day, {files:,} files of launches, in pages of {ITEMS_PER_PAGE[True]:,}", days, bound))
            shutil.rmtree(base / "by-day")
            at_once = run_at_once(base / "by-day.yaml", url, base / "at-once", arguments.memory_mb)
            assert at_once["run"][2]["tables"]["launches"]["inserted"] == launches, at_once
            print(table_of("The same by `run`", at_once, bound))
            shutil.rmtree(base / "at-once")
            whole = run(pipeline_file(base, False), url, base / "whole", arguments.memory_mb)
    finally:
        server.terminate()
        server.wait()
    rows = days["transform"][2]["tables"]
    for figures in (days, whole):
        published = figures["publish"][2]["tables"]
        merged = figures["merge"][2]["tables"]
        assert all(published[table]["version"] == 0 for table in ("launches", "cores"))
        assert merged["launches"]["inserted"] == launches, merged
        assert all(merged[table]["inserted"] == rows[table]["rows_out"] for table in ("launches", "cores")), (merged, rows)
    parts = ["## A window larger than memory\n"]
    parts.append(f"{launches:,} launches, {raw / 1e9:.1f} GB of JSON, at `--memory {arguments.memory_mb}MB`; each stage a process "
                 f"of its own, all checks on. The bound is 1.25 × `--memory` + 40 MB = {bound:.0f} MB.\n")
    parts.append(table_of(f"By day, {files:,} files of launches, in pages of {ITEMS_PER_PAGE[True]:,}", days, bound))
    parts.append(table_of("The same by `run`, all stages in one process", at_once, bound))
    parts.append(table_of(f"One file a table, in pages of {ITEMS_PER_PAGE[False]:,}", whole, bound))
    text = "\n".join(parts)
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
