"""keep: {latest: updated_at}: of two rows with one key the newer wins, within a window and against what is published."""
import json

import pytest

import harness
from harness import Reply, Server

PIPELINE = """\
version: 1
name: orders
source: {name: orders, url: "http://127.0.0.1:9"}
extract:
  request: {path: /orders}
  items: {at: /items}
tables:
  orders:
    from: items
    key: [order_id]
    keep: {latest: updated_at}
    columns:
      order_id: {path: /id, type: string}
      state: {path: /state, type: string}
      updated_at: {path: /updated, type: timestamp}
      region: {path: /region, type: string}
    partition: {by: region}
  lines:
    from: orders
    each: /lines
    key: [line, order_id]
    columns: {line: {path: "", type: int64}, order_id: {parent: order_id}, region: {parent: region}}
    partition: {by: region}
destinations: [{duckdb: warehouse.duckdb}]
"""


def order(number, state, day, lines=(1,), region="eu"):
    updated = day and (f"2024-03-{day:02}T00:00:00Z" if isinstance(day, int) else day)
    return {"id": f"o{number}", "state": state, "updated": updated, "region": region, "lines": list(lines)}


@pytest.fixture
def orders(tmp_path):
    items = []
    path = tmp_path / "orders.yaml"
    with Server(lambda _: Reply(json.dumps({"items": items}))) as server:
        path.write_text(PIPELINE.replace("http://127.0.0.1:9", server.url))
        ashore = harness.Ashore(tmp_path, path)

        def run(*given):
            items[:] = given
            return ashore.run()
        run.ashore = ashore
        yield run


def states(run, table="orders"):
    return {row["order_id"]: row["state"] for row in harness.rows_in_duckdb(run.ashore.warehouse(), table)}


def lines_of(run, number):
    return sorted(row["line"] for row in harness.rows_in_duckdb(run.ashore.warehouse(), "lines")
                  if row["order_id"] == f"o{number}")


def test_an_older_row_never_replaces_a_newer_one(orders):
    orders(order(1, "new", 5, [1, 2]), order(2, "new", 5), order(3, "new", 5), order(4, "new", 5))
    report = orders(order(1, "old", 4, [9]), order(2, "newer", 6), order(3, "same day", 5), order(4, "none", None))
    assert states(orders) == {"o1": "new", "o2": "newer", "o3": "same day", "o4": "new"}
    assert lines_of(orders, 1) == [1, 2], "a loser's children stay"
    counts = report["tables"]["orders"]
    assert (counts["older"], counts["updated"], counts["unchanged"], counts["stale"]) == (2, 2, 2, 0)
    for counts in report["tables"].values():
        assert counts["rows_in"] == sum(counts[name] for name in ("dropped_null", "dropped_duplicate", "rejected",
                                                                   "inserted", "updated", "unchanged"))
    assert len(harness.read_with_all(orders.ashore.table("orders"))) == 4


def test_within_a_window_the_newest_wins_whatever_the_order(orders):
    report = orders(order(1, "newest", 6, [6]), order(1, "old", 4, [4]), order(2, "null", None, [1]),
                    order(2, "some", 1, [2]), order(3, "first", 5), order(3, "later", 5))
    assert states(orders) == {"o1": "newest", "o2": "some", "o3": "later"}
    assert (lines_of(orders, 1), lines_of(orders, 2)) == ([6], [2])
    assert report["tables"]["orders"]["dropped_duplicate"] == 3


def test_an_older_row_of_another_partition_leaves_the_newer_where_it_is(orders):
    orders(order(1, "new", 5, region="eu"))
    report = orders(order(1, "old", 4, region="us"))
    assert states(orders) == {"o1": "new"}
    assert (report["tables"]["orders"]["moved"], report["status"]) == (0, "unchanged")
    orders(order(1, "newer", 6, region="us"))
    rows = harness.read_with_all(orders.ashore.table("orders"))
    assert [(row["state"], row["region"]) for row in rows] == [("newer", "us")]


def test_a_value_of_the_future_is_warned_of(orders):
    report = orders(order(1, "frozen", "2100-01-01T00:00:00Z"))
    assert any("'updated_at' of 1 row lies more than a day ahead" in warning for warning in report["warnings"])


def test_what_cannot_tell_which_is_newer_is_a_complaint(orders):
    text = orders.ashore.pipeline.read_text()
    for old, new, words in (("latest: updated_at", "latest: updated", "has no column 'updated'"),
                            ("latest: updated_at", "latest: state", "does not tell which row is newer"),
                            ("    each: /lines\n", "    each: /lines\n    keep: {latest: line}\n", "child table")):
        orders.ashore.pipeline.write_text(text.replace(old, new))
        outcome = harness.validate(orders.ashore.pipeline)
        assert outcome.code == 2
        outcome.says(words)


UNIX = """\
version: 1
name: ticks
source: {name: ticks, url: "http://127.0.0.1:9"}
extract:
  request: {path: /ticks, query: {from: "${window.start}", to: "${window.end}"}}
  window: {column: at, format: unix_seconds}
  items: {at: /items, id: /id}
missing: delete
tables:
  ticks:
    from: items
    key: [id]
    columns:
      id: {path: /id, type: int64}
      at: {path: /t, type: timestamp, from: unix_seconds}
      day: {date_of: at}
    partition: {by: day}
destinations: [{duckdb: warehouse.duckdb}]
"""


def test_a_window_goes_by_a_column_of_unix_times(tmp_path):
    """Rows inside the window that are gone are deleted, those outside stay; partitions are UTC days."""
    days = {1: 1709251200, 2: 1709337600, 3: 1709424000}  # 2024-03-01, -02, -03
    gone = set()

    def answer(request):
        query = dict(part.split("=") for part in request.path.partition("?")[2].split("&") if part)
        start, end = int(query.get("from", 0)), int(query.get("to", 2**40))
        return Reply(json.dumps({"items": [{"id": n, "t": t} for n, t in days.items()
                                           if start <= t < end and n not in gone]}))

    path = tmp_path / "ticks.yaml"
    with Server(answer) as server:
        path.write_text(UNIX.replace("http://127.0.0.1:9", server.url))
        ashore = harness.Ashore(tmp_path, path)
        ashore.run()
        gone.update((2, 3))
        report = ashore.run("--start-date", "2024-03-02", "--end-date", "2024-03-03")
    assert report["tables"]["ticks"]["deleted"] == 1
    assert [(row["id"], str(row["day"])) for row in harness.read_with_all(ashore.table("ticks"))] == [
        (1, "2024-03-01"), (3, "2024-03-03")]
