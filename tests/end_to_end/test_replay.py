"""Going back to raw: replay, rebuild, rollback, publishing what was landed, and the quarantine."""
import fcntl
import json
import shutil

import pytest

import harness
from harness import Reply, Server, page_of, reading


class Source:
    """A server whose items a test changes between runs; it counts what it was asked."""

    def __init__(self):
        self.items = []
        self.server = Server(lambda request: Reply(json.dumps(page_of(self.items, request))))

    @property
    def requests(self):
        return len(self.server.requests)


@pytest.fixture
def source():
    made = Source()
    with made.server:
        yield made


@pytest.fixture
def readings(tmp_path, source):
    """The binary with the made-up pipeline, asking `source`; `land(items, run)` runs it once."""
    ashore = harness.ashore_of(tmp_path, source.server.url)

    def land(items, run, *arguments, command="run"):
        source.items = items
        return ashore.good(command, "--run-id", run, "--json", *arguments).report

    ashore.land = land
    return ashore


def three_states(readings):
    """Rows come, change, move to another partition and gain parts, over three landings."""
    readings.land([reading(n) for n in range(8)], "first")
    readings.land([reading(n, amount=n * 10) for n in range(2, 10)], "second")
    readings.land([reading(4, at="2024-03-09T00:00:00Z", parts=[{"id": "x", "weight": 1}]), reading(12)], "third")


def rows_of(readings):
    return {table: harness.read_with_all(readings.table(table)) for table in ("readings", "parts")}


def loaded_rows(readings):
    return {table: harness.rows_in_duckdb(readings.warehouse(), table) for table in ("readings", "parts")}


# ---------------------------------------------------------------- replay


def test_replay_gives_the_published_files_without_network(readings, source):
    three_states(readings)
    before, asked = harness.files_of(readings.data / "stage"), source.requests
    outcome = readings.good("replay")
    assert outcome.stdout.startswith("equal: 3 landings")
    assert readings.good("replay", "--json").report["equal"] is True
    assert source.requests == asked
    assert harness.files_of(readings.data / "stage") == before
    assert not (readings.data / ".scratch").exists()


def test_replay_names_a_published_file_that_was_changed(readings):
    three_states(readings)
    path = sorted(readings.table("readings").glob("*/*.parquet"))[0]
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    outcome = readings("replay", "--json")
    assert outcome.code == 1
    (difference,) = outcome.report["differences"]
    assert (difference["table"], difference["partition"]) == ("readings", path.parent.name)
    assert difference["file"] == f"{path.parent.name}/{path.name}"
    path.unlink()
    outcome = readings("replay")
    assert outcome.code == 1 and path.name in outcome.stdout and "gone" in outcome.stdout


def test_replay_refuses_a_raw_page_that_was_changed_by_name(readings):
    three_states(readings)
    page = readings.data / "raw" / "readings" / "second" / "page-00002.json"
    page.write_bytes(page.read_bytes().replace(b"note", b"nota"))
    outcome = readings("replay")
    assert outcome.code == 2
    outcome.says("raw/readings/second/page-00002.json", "sha256", "second")
    page.unlink()
    outcome = readings("replay")
    assert outcome.code == 2
    outcome.says("raw/readings/second/page-00002.json", "bring it back")


def test_replay_of_nothing_says_so(readings):
    outcome = readings("replay")
    assert outcome.code == 2
    outcome.says("nothing is published", "ashore run")


def test_replay_follows_runs_that_changed_nothing_and_new_columns(readings):
    three_states(readings)
    readings.land([reading(12)], "again")
    text = readings.pipeline.read_text()
    readings.pipeline.write_text(text.replace("      extra: {path", "      doubled: {path: /twice, type: int64}\n      extra: {path"))
    readings.land([reading(12), reading(13, twice=26)], "wider")
    assert readings.good("replay").stdout.startswith("equal:")


def test_replay_follows_an_older_landing_that_was_forced(readings):
    readings.land([reading(1, amount=1), reading(2)], "older", command="extract")
    readings.land([reading(1, amount=100)], "newer")
    for stage in ("transform", "merge", "audit"):
        readings.good(stage, "--run-id", "older")
    assert readings("publish", "--run-id", "older").code == 2
    readings.good("publish", "--run-id", "older", "--force")
    assert [row["amount"] for row in rows_of(readings)["readings"]] == [1, 2]
    assert readings.good("replay").stdout.startswith("equal: 2 landings")
    readings.good("rollback newer")
    assert [row["amount"] for row in rows_of(readings)["readings"]] == [100]


# ---------------------------------------------------------------- rollback


def test_rollback_publishes_and_loads_the_tables_as_they_were(readings, source):
    readings.land([reading(n) for n in range(8)], "first")
    then, files = rows_of(readings), harness.digests_of(readings.table("readings"))
    readings.land([reading(n, amount=n * 10) for n in range(2, 10)], "second")
    readings.land([reading(4, at="2024-03-09T00:00:00Z", parts=[]), reading(12)], "third")
    asked = source.requests
    outcome = readings.good("rollback first", "--json")
    assert outcome.report["status"] == "published"
    assert source.requests == asked
    assert rows_of(readings) == then == loaded_rows(readings)
    data = {path: digest for path, digest in files.items() if path.endswith(".parquet")}
    now = harness.digests_of(readings.table("readings"))
    assert {path: digest for path, digest in now.items() if path.endswith(".parquet")} == data
    assert not (readings.data / ".scratch").exists()
    assert readings.good("replay").stdout.startswith("equal: 1 landing ")
    # Runs go on from there, and what was rolled back can be had again.
    readings.land([reading(20)], "fourth")
    assert len(rows_of(readings)["readings"]) == 9
    readings.good("rollback third")
    assert len(rows_of(readings)["readings"]) == 11
    assert readings.good("replay").stdout.startswith("equal: 3 landings")


def test_rollback_to_what_is_published_changes_nothing(readings):
    three_states(readings)
    before = harness.files_of(readings.data / "stage")
    assert "unchanged" in readings.good("rollback third").stdout
    assert harness.files_of(readings.data / "stage") == before


def test_rollback_of_what_retain_kept_needs_no_raw_page(readings):
    text = readings.pipeline.read_text()
    readings.pipeline.write_text(text + "publish: {retain: 7d}\n")
    three_states(readings)
    rows = rows_with_log(readings)
    readings.land([reading(4, amount=1), reading(30)], "fourth")
    for page in (readings.data / "raw").glob("*/*/page-*.json"):
        page.unlink()
    readings.good("rollback third")
    assert rows_with_log(readings) == rows == loaded_rows(readings)


def rows_with_log(readings):
    """By a reader of the log: with `retain` plain readers see superseded files too."""
    return {table: harness.read_with_delta_rs(readings.table(table)) for table in ("readings", "parts")}


def test_rollback_says_which_page_is_missing_and_what_to_do(readings):
    three_states(readings)
    before = harness.files_of(readings.data / "stage")
    (readings.data / "raw" / "readings" / "first" / "page-00001.json").unlink()
    outcome = readings("rollback first")
    assert outcome.code == 2
    outcome.says("raw/readings/first/page-00001.json", "bring it back", "is gone")
    assert harness.files_of(readings.data / "stage") == before
    outcome = readings("rollback never", "--json")
    assert outcome.code == 2
    outcome.says("never published", "first, second, third")


# ---------------------------------------------------------------- replay --rebuild


def test_rebuild_publishes_with_another_pipeline_file(readings, source):
    three_states(readings)
    text = readings.pipeline.read_text()
    changed = (text.replace("amount: {path: /amount, type: int64}", "amount: {path: /amount, type: float64}")
               .replace("note: {path: /note, type: string}", "number: {path: /extra/n, type: int32}")
               .replace("day: {date_of: taken_at}", "day: {date_of: taken_at, unit: month}"))
    assert changed != text
    readings.pipeline.write_text(changed)
    refused = readings("run", "--run-id", "fourth")
    assert refused.code == 2
    refused.says("replay --rebuild")
    asked = source.requests
    outcome = readings("replay --rebuild", "--json")
    # The tables are published; the destination has another shape, and the way out is named.
    assert outcome.code == 2 and source.requests == asked
    outcome.says("ALTER TABLE")
    rows = rows_of(readings)["readings"]
    assert {row["day"].day for row in rows} == {1}
    assert rows[0]["amount"] == float(rows[0]["amount"]) and "note" not in rows[0]
    assert {row["number"] for row in rows} == {*range(10), 12}
    readings.warehouse().unlink()
    readings.good("load")
    assert loaded_rows(readings) == rows_of(readings)
    assert readings.good("replay").stdout.startswith("equal: 3 landings")
    before = harness.files_of(readings.data / "stage")
    assert "unchanged" in readings.good("replay --rebuild").stdout
    assert harness.files_of(readings.data / "stage") == before
    readings.land([reading(40)], "fifth")
    assert readings.good("replay").stdout.startswith("equal: 4 landings")


def test_rebuild_fills_a_new_column_from_pages_landed_before(readings):
    three_states(readings)
    text = readings.pipeline.read_text()
    readings.pipeline.write_text(text.replace("partition: {by: day}\n    checks: [{unique",
                                              "partition: {by: day}\n    missing: keep\n    checks: [{unique")
                                 .replace("      extra: {path", "      number: {path: /extra/n, type: int64}\n      extra: {path"))
    assert readings.good("replay --rebuild", "--json").report["status"] == "published"
    assert rows_of(readings) == loaded_rows(readings)
    assert all(row["number"] is not None for row in rows_of(readings)["readings"])


def test_a_rebuild_is_blocked_by_checks_and_by_quarantine(readings):
    three_states(readings)
    rows = rows_of(readings)
    text = readings.pipeline.read_text()
    readings.pipeline.write_text(text.replace("{unique: [reading_id]}", "{row_count: {min: 1000}}"))
    before = harness.files_of(readings.data / "stage")
    assert readings("replay --rebuild").code == 3
    assert harness.files_of(readings.data / "stage") == before
    readings.pipeline.write_text(text.replace("amount: {path: /amount, type: int64}", "amount: {path: /note, type: int64}"))
    held = readings("replay --rebuild")
    assert held.code == 4
    held.says("quarantine/first/readings.jsonl")
    assert (readings.data / "quarantine" / "first" / "readings.jsonl").exists()
    assert rows_of(readings) == rows


def test_rebuild_puts_back_files_that_were_changed(readings):
    three_states(readings)
    before = harness.digests_of(readings.data / "stage")
    changed, gone = sorted(readings.table("readings").glob("*/*.parquet"))[:2]
    changed.write_bytes(b"?")
    gone.unlink()
    assert readings("replay").code == 1
    readings.good("replay --rebuild").says("put back", changed.name, gone.name)
    assert harness.digests_of(readings.data / "stage") == before
    assert readings.good("replay").stdout.startswith("equal:")


def test_rebuild_makes_lost_tables_again_from_raw(readings):
    three_states(readings)
    rows, paths = rows_of(readings), harness.partition_of_files(readings.table("readings"))
    shutil.rmtree(readings.data / "stage")
    outcome = readings("replay --rebuild")
    assert outcome.code == 2  # the destination was loaded from another table
    outcome.says("--adopt")
    assert rows_of(readings) == rows and harness.partition_of_files(readings.table("readings")) == paths


def test_going_back_waits_for_the_lock(readings):
    three_states(readings)
    with open(readings.data / ".lock", "r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for command in ("replay", "replay --rebuild", "rollback first"):
            outcome = readings(command)
            assert outcome.code == 1, command
            outcome.says("--wait")


# ---------------------------------------------------------------- run --from-raw


def test_from_raw_publishes_every_landing_in_order_and_loads_once(readings, source, tmp_path):
    readings.land([reading(n) for n in range(8)], "first")
    readings.land([reading(n, amount=n * 10) for n in range(2, 10)], "second", command="extract")
    readings.land([reading(4, at="2024-03-09T00:00:00Z"), reading(12)], "third", command="extract")
    asked = source.requests
    report = readings.good("run", "--from-raw", "--json").report
    assert source.requests == asked
    assert [run["run_id"] for run in report["runs"]] == ["second", "third"]
    assert [bool(run["destinations"]) for run in report["runs"]] == [False, True]
    assert report["status"] == "published"
    assert rows_of(readings) == loaded_rows(readings)
    assert {row["reading_id"]: row["amount"] for row in rows_of(readings)["readings"]}["r009"] == 90
    assert readings.good("replay").stdout.startswith("equal: 3 landings")
    before = harness.files_of(readings.data / "stage")
    assert "every landing is published" in readings.good("run", "--from-raw").stdout
    assert harness.files_of(readings.data / "stage") == before
    assert readings("run", "--from-raw", "--skip-unchanged").code == 99


def test_from_raw_takes_over_rows_of_pages_that_are_the_same(readings):
    items = [reading(n) for n in range(8)]
    readings.land(items, "first")
    readings.land(items, "second", command="extract")
    outcome = readings.good("run", "--from-raw", "--json")
    outcome.says("pages are those of run first")
    (run,) = outcome.report["runs"]
    assert run["status"] == "unchanged" and run["tables"]["readings"]["rows_in"] == 8
    assert readings.good("replay").stdout.startswith("equal: 2 landings")
    # Another pipeline file reads them again.
    readings.land(items, "third", command="extract")
    readings.pipeline.write_text(readings.pipeline.read_text() + "# changed\n")
    assert "pages are those" not in readings.good("run", "--from-raw").stderr


def test_a_run_takes_over_rows_of_pages_that_are_the_same_unless_they_are_damaged(readings, source):
    def told(items, run):
        source.items = items
        return readings.good("run", "--run-id", run).stderr

    items = [reading(n) for n in range(8)]
    assert "pages are those" not in told(items, "r1")
    assert "pages are those of run r1" in told(items, "r2")
    assert readings.good("replay").stdout.startswith("equal: 2 landings")
    (window,) = (readings.data / "runs/r2/window/readings").glob("part-*.parquet")
    damaged = bytearray(window.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    window.unlink()  # another name of the first run's file
    window.write_bytes(damaged)
    assert "pages are those" not in told(items, "r3")
    items[3] = reading(3, amount=77)
    assert "pages are those" not in told(items, "r4")
    assert "pages are those of run r4" in told(items, "r5")
    readings.pipeline.write_text(readings.pipeline.read_text() + "# changed\n")
    assert "pages are those" not in told(items, "r6")
    assert rows_of(readings) == loaded_rows(readings)


def test_from_raw_stops_where_a_landing_is_blocked_and_loads_what_went_before(readings):
    readings.land([reading(1)], "first", command="extract")
    readings.land([reading(2, amount="two")], "second", command="extract")
    readings.land([reading(3)], "third", command="extract")
    outcome = readings("run", "--from-raw", "--json")
    assert outcome.code == 4
    assert [run["status"] for run in outcome.report["runs"]] == ["published", "blocked"]
    assert [row["reading_id"] for row in loaded_rows(readings)["readings"]] == ["r001"]
    # A newer landing is published by hand: the held one is older then, and passed over.
    for stage in ("transform", "merge", "audit", "publish"):
        readings.good(stage, "--run-id", "third")
    outcome = readings.good("run", "--from-raw", "--json")
    assert outcome.report["passed_over"] == ["second"] and outcome.report["runs"] == []
    outcome.says("passed over", "second")
    assert len(loaded_rows(readings)["readings"]) == 2


def test_from_raw_goes_with_no_window(readings):
    assert readings("run", "--from-raw", "--start-date", "2024-01-01").code == 2


# ---------------------------------------------------------------- quarantine


def lenient(readings):
    """The pipeline with room for rejected rows."""
    text = readings.pipeline.read_text()
    readings.pipeline.write_text(text + "rejected_max_rows: 5\n")


def correct(readings):
    """The pipeline corrected: the note stands elsewhere."""
    text = readings.pipeline.read_text()
    readings.pipeline.write_text(text.replace("note: {path: /note, type: string}", "note: {path: /label, type: string}"))


BAD = {"note": 7, "label": "fixed"}


def test_quarantine_lists_and_shows_rejected_rows(readings):
    lenient(readings)
    assert "no row is in quarantine" in readings.good("quarantine list").stdout
    readings.land([reading(1), reading(2, **BAD), reading(3, at="soon", parts=[])], "first")
    (one, two, three) = readings.good("quarantine list", "--json").report["quarantine"]
    assert one == {"run_id": "first", "table": "parts", "rule": "parent_rejected", "rows": 1}
    assert (two["rule"], three["rule"]) == ("bad_timestamp", "wrong_type")
    assert "wrong_type" in readings.good("quarantine list").stdout
    shown = readings.good("quarantine show", "--json", "--table", "readings", "--run-id", "first").report["rejections"]
    assert [(row["item_index"], row["column"], row["rule"], row["value"]) for row in shown] == [
        (1, "note", "wrong_type", "7"), (2, "taken_at", "bad_timestamp", '"soon"')]
    assert json.loads(shown[0]["item"])["id"] == "r002"
    text = readings.good("quarantine show").stdout
    assert 'table readings, page-00001.json, item 1, column note: wrong_type: 7' in text and '"r002"' in text
    outcome = readings("quarantine show", "--run-id", "nobody")
    assert outcome.code == 2
    outcome.says("quarantine list")


def test_quarantine_replay_lands_what_passes_and_keeps_newer_rows(readings, source):
    lenient(readings)
    readings.land([reading(1, label="one"), reading(2, **BAD), reading(3, **BAD), reading(4, at="soon", label="four")], "first")
    readings.land([reading(3, amount=33, label="newer")], "second")
    asked = source.requests
    before = harness.files_of(readings.data / "stage")
    nothing = readings.good("quarantine replay", "--json")
    assert nothing.report["status"] == "unchanged" and harness.files_of(readings.data / "stage") == before
    correct(readings)
    outcome = readings.good("quarantine replay", "--json")
    assert source.requests == asked and outcome.report["status"] == "published"
    of_readings, of_parts = outcome.report["quarantine"]
    assert (of_readings["landed"], of_readings["newer_stays"], of_readings["still_rejected"]) == (1, 1, 1)
    assert of_readings["newer_keys"] == ["r003"]
    assert of_parts["landed"] == 1
    rows = {row["reading_id"]: row for row in rows_of(readings)["readings"]}
    assert rows["r002"]["note"] == "fixed" and rows["r003"]["amount"] == 33
    assert rows["r003"]["note"] == "note 3"  # as the second landing's own pipeline read it
    assert loaded_rows(readings) == rows_of(readings)
    assert [row["rows"] for row in readings.good("quarantine list", "--json").report["quarantine"]] == [1, 1]
    assert readings.good("replay").stdout.startswith("equal: 2 landings")
    readings.land([reading(5)], "third")
    assert readings.good("replay").stdout.startswith("equal: 3 landings")


def test_quarantine_replay_lands_a_blocked_landing_where_it_belongs(readings):
    readings.land([reading(n) for n in range(4)], "first")
    with pytest.raises(AssertionError):
        readings.land([reading(1, amount=10, label="a"), reading(2, **BAD), reading(9, label="nine")], "blocked")
    readings.land([reading(2, amount=22)], "newer")
    correct(readings)
    assert "blocked" in readings.good("quarantine list").stdout
    report = readings.good("quarantine replay", "--json").report
    assert report["status"] == "published"
    amounts = {row["reading_id"]: row["amount"] for row in rows_of(readings)["readings"]}
    assert amounts == {"r000": 0, "r001": 10, "r002": 22, "r003": 3, "r009": 9}
    assert readings.good("quarantine list").stdout == "no row is in quarantine\n"
    assert "nothing to replay" in readings.good("quarantine replay").stdout
    assert readings.good("replay").stdout.startswith("equal: 3 landings")
    assert "every landing is published" in readings.good("run", "--from-raw").stdout


def test_quarantine_replay_of_another_type_names_the_way_out(readings):
    lenient(readings)
    readings.land([reading(1), reading(2, amount=1.5)], "first")
    text = readings.pipeline.read_text()
    readings.pipeline.write_text(text.replace("amount: {path: /amount, type: int64}", "amount: {path: /amount, type: float64}"))
    # The first landing is the only one, so its table is made anew with the new type.
    outcome = readings("quarantine replay")
    assert outcome.code == 2
    outcome.says("ALTER TABLE")
    assert [row["amount"] for row in rows_of(readings)["readings"]] == [1.0, 1.5]


def test_quarantine_replay_refuses_what_was_rolled_back(readings):
    lenient(readings)
    readings.land([reading(1)], "first")
    readings.land([reading(2, **BAD)], "second")
    readings.good("rollback first")
    correct(readings)
    outcome = readings("quarantine replay", "--run-id", "second")
    assert outcome.code == 2
    outcome.says("rolled back", "ashore rollback second")
    assert "nothing to replay" in readings.good("quarantine replay").stdout


# ---------------------------------------------------------------- drift


def test_drift_is_reported_with_counts_and_examples(readings):
    lenient(readings)
    items = [reading(1, amount="ten"), reading(2, amount="eleven", color="red"), reading(3, color="blue")]
    for item in items:
        del item["note"]
    report = readings.land(items, "first")
    assert {"path": "/color", "count": 2, "example": '"red"'} in report["unmapped"]
    kinds = {(entry["kind"], entry["column"]): entry for entry in report["drift"]}
    assert kinds["missing", "note"]["path"] == "/note"
    changed = kinds["type", "amount"]
    assert (changed["expected"], changed["found"], changed["count"], changed["example"]) == ("int64", "string", 2, '"ten"')
    assert any("'/note'" in warning for warning in report["warnings"])


def test_drift_blocks_where_the_table_says_so(readings):
    text = readings.pipeline.read_text()
    readings.pipeline.write_text(text.replace("partition: {by: day}\n    checks: [{unique", "partition: {by: day}\n    drift: block\n    checks: [{unique"))
    assert "drift: block" in readings.pipeline.read_text()
    readings.land([reading(1, color="red")], "first")  # how the source is
    readings.land([reading(2, color="red")], "second")
    before = harness.files_of(readings.data / "stage")
    with pytest.raises(AssertionError, match="exit 3"):
        readings.land([reading(3, size=4)], "third")
    outcome = readings("transform", "--run-id", "third", "--json")
    assert outcome.code == 3 and outcome.report["status"] == "blocked"
    outcome.says("a path is new: '/size', 1 time", "drift: report")
    assert outcome.report["unmapped"]
    assert readings("merge", "--run-id", "third").code == 2
    assert harness.files_of(readings.data / "stage") == before
    readings.pipeline.write_text(readings.pipeline.read_text().replace("drift: block", "drift: report"))
    readings.good("run", "--from-raw")
    assert readings.good("replay").stdout.startswith("equal: 3 landings")


# ---------------------------------------------------------------- crashes


def whole_state(readings):
    """Rows for every reader, files by partition, and the quarantine."""
    rows = rows_of(readings)
    assert loaded_rows(readings) == rows
    files = {table: harness.partition_of_files(readings.table(table)) for table in rows}
    return rows, files, harness.digests_of(readings.data / "quarantine")


@pytest.mark.parametrize("command", ["rollback first", "replay --rebuild", "quarantine replay"])
def test_a_killed_command_given_again_ends_as_if_undisturbed(readings, tmp_path, command):
    lenient(readings)
    readings.land([reading(1, label="one"), reading(2, **BAD), reading(3, **BAD)], "first")
    readings.land([reading(3, amount=33, label="newer"), reading(5)], "second")
    if command != "rollback first":
        correct(readings)
    trace = tmp_path / "trace"
    undisturbed = readings.copy(tmp_path / "undisturbed")
    undisturbed.good(command, variables={"ASHORE_TEST_FAULTS": f"trace:{trace}"})
    wanted, points = whole_state(undisturbed), len(trace.read_text().splitlines())
    for number in range(points // 12, points, points // 6):
        killed = readings.copy(tmp_path / f"killed-{number}")
        with killed.start(command, variables={"ASHORE_TEST_FAULTS": f"kill:{number}"}) as process:
            process.communicate(timeout=harness.SECONDS_MAX)
        killed.good(command)
        assert whole_state(killed) == wanted, f"killed at {number} of {points}"
        assert killed.good("replay").stdout.startswith("equal:")
        assert not (killed.data / ".scratch").exists()


# ---------------------------------------------------------------- the shipped pipeline


def test_real_states_go_back_and_forth_in_both_databases(ashore, earlier_api, final_api, database):
    destinations = ("--to", "duckdb:warehouse.duckdb", "--to", database.url)
    ashore.run("--source-url", earlier_api, "--run-id", "earlier", *destinations)
    then = {table: harness.read_with_all(ashore.table(table)) for table in ("launches", "cores")}
    ashore.run("--source-url", final_api, "--run-id", "final", *destinations)
    final = {table: harness.read_with_all(ashore.table(table)) for table in ("launches", "cores")}
    assert then != final
    assert ashore.good("replay").stdout.startswith("equal: 2 landings")
    for run, rows, landings in (("earlier", then, "1 landing "), ("final", final, "2 landings")):
        ashore.good(f"rollback {run}", *destinations)
        for table in rows:
            assert harness.read_with_all(ashore.table(table)) == rows[table]
            assert harness.rows_in_duckdb(ashore.warehouse(), table) == rows[table]
            assert database.rows(table) == rows[table]
        assert ashore.good("replay").stdout.startswith(f"equal: {landings}")
    # Read once more from raw, landed only: nothing is asked, nothing is new.
    ashore.good("extract", "--source-url", final_api, "--run-id", "again")
    (run,) = ashore.good("run", "--from-raw", "--json", *destinations).report["runs"]
    assert run["status"] == "unchanged"
