"""Times a small merge into a large table, beside publishing that table whole and delta-rs's merge; prints Markdown.

    .deps/test-venv/bin/python bench/merge_bench.py [--days 5000] [--per-day 200] [--rounds 5]

An order a row, a partition a day. Each round changes half of the orders of ten days: ashore asks a loopback server for
that window and merges, checks, publishes and syncs it; delta-rs gets the changed rows in memory. In turn, each in its
own process, on tmpfs. At the end both tables must hold the same rows.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

from orders_api import PAGE, PIPELINE, Orders, window_of
from run_bench import ASHORE, ROOT, measure

WINDOW_DAYS = 10


def ashore(pipeline, folder, *window):
    output, figures = measure([ASHORE, "run", pipeline, "--data-dir", folder, "--memory", "4GB", "--json",
                               "--log-level", "error", "--to", f"duckdb:{folder}/none.duckdb", *window])
    report = json.loads(output.splitlines()[-1])
    stages = report["stages"]
    figures["merge"] = stages["merge"]
    figures["to publish"] = stages["merge"] + stages["audit"] + stages["publish"]
    return report["tables"]["orders"], figures


def peer(*arguments):
    output, figures = measure([sys.executable, ROOT / "bench/peers/delta_rs_merge.py", *map(str, arguments)])
    figures["merge"] = float(output)
    return figures


def rows_of(folder):
    from deltalake import DeltaTable
    table = DeltaTable(folder).to_pyarrow_table(columns=["order_id", "day", "amount", "note"])
    return sorted(zip(*(table[name].to_pylist() for name in ("order_id", "day", "amount", "note"))))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--days", type=int, default=5000)
    parser.add_argument("--per-day", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    orders = Orders(arguments.days, arguments.per_day)
    url = orders.serve()
    with tempfile.TemporaryDirectory(dir="/dev/shm") as scratch:
        scratch = pathlib.Path(scratch)
        pipeline = scratch / "orders.yaml"
        pipeline.write_text(PIPELINE % (url, PAGE))
        _, whole = ashore(pipeline, scratch / "ashore")
        whole_peer = peer("make", scratch / "peer", arguments.days, arguments.per_day)
        own, peers = [], []
        for number in range(arguments.rounds + 1):
            place = number * 7 % (arguments.days // WINDOW_DAYS)
            orders.change(place * WINDOW_DAYS, WINDOW_DAYS, 2)
            counts, figures = ashore(pipeline, scratch / "ashore", *window_of(place * WINDOW_DAYS, WINDOW_DAYS))
            if counts["updated"] != WINDOW_DAYS * arguments.per_day // 2 or counts["files_added"] != WINDOW_DAYS:
                sys.exit(f"ashore did something else: {counts}")
            own.append(figures)
            peers.append(peer("merge", scratch / "peer", place * WINDOW_DAYS, WINDOW_DAYS, arguments.per_day, orders.changes[place * WINDOW_DAYS][0]))
        if rows_of(str(scratch / "ashore/stage/orders")) != rows_of(str(scratch / "peer")):
            sys.exit("the two tables differ")
    first, own, peers = own[0], own[1:], peers[1:]
    least = lambda figures, key: min(one[key] for one in figures)
    total = arguments.days * arguments.per_day
    print(f"{WINDOW_DAYS * arguments.per_day // 2:,} changed rows in {WINDOW_DAYS} partitions of {total:,} rows in "
          f"{arguments.days:,}; minimum of {arguments.rounds} rounds, in turn, on tmpfs.\n")
    print("| | merge | to publication | whole process | CPU | peak RSS |\n|---|---|---|---|---|---|")
    for name, figures in (("ashore, the table whole", [whole]), ("ashore, first small merge (makes the key index)", [first]),
                          ("ashore, small merge", own)):
        print(f"| {name} | {least(figures, 'merge'):.3f} s | {least(figures, 'to publish'):.3f} s "
              f"| {least(figures, 'wall'):.3f} s | {least(figures, 'cpu'):.3f} s | {least(figures, 'peak_mb'):.0f} MB |")
    for name, figures in (("delta-rs, the table whole", [whole_peer]), ("delta-rs, small merge", peers)):
        print(f"| {name} | {least(figures, 'merge'):.3f} s | | {least(figures, 'wall'):.3f} s "
              f"| {least(figures, 'cpu'):.3f} s | {least(figures, 'peak_mb'):.0f} MB |")
    part = least(own, "to publish") / whole["to publish"]
    ratios = [theirs["merge"] / ours["to publish"] for ours, theirs in zip(own, peers)]
    print(f"\nA small merge to its publication costs {part:.1%} of publishing the table whole; delta-rs's merge takes "
          f"{min(ratios):.1f} to {max(ratios):.1f} times as long.")


if __name__ == "__main__":
    main()
