"""Times a small merge into a large table, beside publishing that table whole and delta-rs's merge; prints Markdown.

    .deps/test-venv/bin/python bench/merge_bench.py [--days 5000] [--per-day 200] [--rounds 5]

An order a row, a partition a day. Each round changes half of the orders of ten days: ashore asks a loopback server for
that window and merges, checks, publishes and syncs it; delta-rs gets the changed rows in memory. In turn, each in its
own process, on tmpfs. At the end both tables must hold the same rows.
"""

import argparse
import datetime
import http.server
import json
import pathlib
import subprocess
import sys
import tempfile
import threading
import urllib.parse

from run_bench import ASHORE, ROOT, measure

EPOCH = datetime.date(2010, 1, 1)
WINDOW_DAYS = 10
PAGE = 100_000
PIPELINE = """version: 1
name: orders
source: {name: orders, url: "%s"}
extract:
  request: {path: /orders, query: {page: "${page}", limit: "${limit}", start: "${window.start}", end: "${window.end}"}}
  window: {column: day, format: iso_millis}
  pages: {by: number, size: %d}
  items: {at: /items, total: /total, id: /order_id}
tables:
  orders:
    from: items
    key: [order_id]
    columns:
      order_id: {path: /order_id, type: int64, required: true}
      day: {path: /day, type: date, required: true}
      amount: {path: /amount, type: int64}
      note: {path: /note, type: string}
    partition: {by: day}
    checks: [{not_null: [day]}]
"""


class Orders:
    """What the server knows: how often each window of days was changed."""

    def __init__(self, days, per_day):
        self.days, self.per_day, self.changes = days, per_day, {}

    def page(self, first, last, number):
        ids = range(first * self.per_day, last * self.per_day)
        chosen = ids[(number - 1) * PAGE:number * PAGE]
        items = ",".join(self.order(one) for one in chosen)
        return f'{{"total":{len(ids)},"items":[{items}]}}'.encode()

    def order(self, one):
        day = one // self.per_day
        changes = self.changes.get(day // WINDOW_DAYS, 0) if one % 2 == 0 else 0
        date = EPOCH + datetime.timedelta(days=day)
        return (f'{{"order_id":{one},"day":"{date}","amount":{one % 997 + 1000 * changes},"note":"order {one}"}}')

    def serve(self):
        orders = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
                day = lambda key, other: ((datetime.date.fromisoformat(query[key][:10]) - EPOCH).days
                                          if query.get(key) else other)
                body = orders.page(day("start", 0), day("end", orders.days), int(query["page"]))
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"


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
            orders.changes[place] = number + 1
            first = EPOCH + datetime.timedelta(days=place * WINDOW_DAYS)
            counts, figures = ashore(pipeline, scratch / "ashore", "--start-date", str(first), "--end-date",
                                     str(first + datetime.timedelta(days=WINDOW_DAYS)))
            if counts["updated"] != WINDOW_DAYS * arguments.per_day // 2 or counts["files_added"] != WINDOW_DAYS:
                sys.exit(f"ashore did something else: {counts}")
            own.append(figures)
            peers.append(peer("merge", scratch / "peer", place * WINDOW_DAYS, WINDOW_DAYS, arguments.per_day, number + 1))
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
