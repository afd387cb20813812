"""How time and memory grow with rows and with partitions: first, unchanged and 1,000-row runs, from the API to DuckDB.
Writes bench/GROWTH.md and bench/growth.svg.

    make bench-growth     (bench/growth_bench.py [--rows N] [--rounds N] [--base FOLDER])

An order a row, a partition a day, a process a run, the shipped `--memory`. Rows grow tenfold from 1,000 to --rows in 100
partitions each; then partitions grow from 10 to 20,000 at 100,000 rows. The server has made its pages before a run asks.
Every run must end with as many rows changed as were changed at the source.
"""

import argparse
import json
import os
import pathlib
import platform
import sys
import tempfile

import matplotlib
from orders_api import PAGE, PIPELINE, Orders, window_of
from run_bench import ASHORE, ROOT, measure

matplotlib.use("svg")
from matplotlib import pyplot  # noqa: E402  (the backend comes first)

CHANGED = 1000
KINDS = ("first", "unchanged", "1,000 rows")


def run(pipeline, folder, expected, *window):
    output, figures = measure([ASHORE, "run", pipeline, "--data-dir", folder, "--json", "--log-level", "error",
                               "--to", "duckdb:orders.duckdb", *window])
    report = json.loads(output.splitlines()[-1])
    counts, [loaded] = report["tables"]["orders"], report["destinations"]
    if any((one["inserted"], one["updated"]) != expected for one in (counts, loaded["tables"]["orders"])):
        sys.exit(f"ashore did something else: {report}")
    return figures


def runs_of(rows, partitions, rounds, base):
    """The figures of each kind of run: the least of the rounds."""
    orders = Orders(partitions, rows // partitions)
    url = orders.serve()
    found = {kind: [] for kind in KINDS}
    for _ in range(rounds):
        orders.changes.clear()
        orders.made.clear()
        orders.make_all()
        with tempfile.TemporaryDirectory(dir=base) as scratch:
            pipeline = pathlib.Path(scratch, "orders.yaml")
            pipeline.write_text(PIPELINE % (url, PAGE))
            folder = pathlib.Path(scratch, "data")
            found["first"].append(run(pipeline, folder, (rows, 0)))
            found["unchanged"].append(run(pipeline, folder, (0, 0)))
            changed = min(CHANGED, rows // 2)
            days = min(partitions, max(1, 2 * changed // orders.per_day))
            orders.change(0, days, days * orders.per_day // changed)
            orders.page(0, days, 1)
            found["1,000 rows"].append(run(pipeline, folder, (0, changed), *window_of(0, days)))
    return {kind: {key: min(one[key] for one in figures) for key in figures[0]} for kind, figures in found.items()}


def table_of(head, sizes):
    lines = [f"| {head} | " + " | ".join(f"{kind}: seconds | CPU | anonymous MB" for kind in KINDS) + " |", "|---|" + "---|" * 9]
    for size, figures in sizes.items():
        cells = [f"{figures[kind]['wall']:.2f} | {figures[kind]['cpu']:.2f} | {figures[kind]['anonymous_mb']:.0f}" for kind in KINDS]
        lines.append(f"| {size:,} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def plot(by_rows, by_partitions, path):
    pyplot.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "ashore", "font.size": 9})
    figure, panels = pyplot.subplots(1, 2, figsize=(8, 3.4), sharey=True, layout="constrained")
    for panel, sizes, label in ((panels[0], by_rows, "rows, in 100 partitions"), (panels[1], by_partitions, "partitions, of 100,000 rows")):
        for kind, marker in zip(KINDS, "os^", strict=True):
            panel.loglog(list(sizes), [figures[kind]["wall"] for figures in sizes.values()], marker=marker, label=kind)
        panel.set_xlabel(label)
        panel.grid(alpha=0.3)
    panels[0].set_ylabel("seconds of the whole run")
    panels[0].legend()
    figure.savefig(path, metadata={"Date": None})


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--base", type=pathlib.Path, default=pathlib.Path("/dev/shm"))
    parser.add_argument("--output", type=pathlib.Path, default=ROOT / "bench/GROWTH.md")
    arguments = parser.parse_args()
    rows = [10**power for power in range(3, 10) if 10**power <= arguments.rows]
    # What takes minutes is run once.
    by_rows = {one: runs_of(one, 100, arguments.rounds if one < 1_000_000 else 1, arguments.base) for one in rows}
    many = min(100_000, arguments.rows)
    by_partitions = {one: runs_of(many, one, arguments.rounds, arguments.base) for one in (10, 100, 1000, 5000, 20_000) if one <= many // 5}
    plot(by_rows, by_partitions, arguments.output.with_name("growth.svg"))
    arguments.output.write_text("\n".join([
        "# How time and memory grow", "",
        f"Made by `make bench-growth`: minimum of {arguments.rounds} rounds (of one from 1,000,000 rows on). {os.cpu_count()} cores, "
        f"Linux {platform.release()}, data on {'tmpfs' if str(arguments.base) == '/dev/shm' else 'disk'}.", "",
        "Whole runs from the API to DuckDB, four columns, one check, default `--memory`: the first one, one that finds the same pages, "
        "and one whose window holds 1,000 changed rows (500 where there are but 1,000).", "",
        "![seconds over rows and over partitions](growth.svg)", "",
        "## Rows, in 100 partitions", "", table_of("rows", by_rows), "",
        f"## Partitions, of {many:,} rows", "", table_of("partitions", by_partitions), ""]))
    print(arguments.output.read_text())


if __name__ == "__main__":
    main()
