"""Reconcile finds what a hand changed in a destination, in a data file, in raw, and says which."""
import hashlib
import json

import pyarrow
import pyarrow.parquet
import pytest

import harness
from harness import READINGS, Reply, Server, page_of, reading
from test_adopt import DuckDb

import canonical_rows  # harness puts tests/independent in the path

COLUMNS = [("reading_id", "string"), ("taken_at", "timestamp"), ("day", "date"), ("amount", "int64"),
           ("note", "string"), ("extra", "json"), ("price", "decimal(10,2)")]


@pytest.fixture(params=["duckdb", "postgresql"])
def database(request, tmp_path):
    made = DuckDb(tmp_path / "by_hand.duckdb") if request.param == "duckdb" else harness.Database()
    made.kind = request.param
    yield made
    made.drop()


class Readings(harness.Ashore):
    """The made-up pipeline with one destination; `land(items, run)` runs it on those items."""

    items = ()

    def land(self, items, run, *arguments):
        self.items = items
        return self.run("--run-id", run, "--to", self.database.url, *arguments)

    def reconcile(self, *arguments):
        return self("reconcile", "--to", self.database.url, "--json", *arguments)

    def findings(self, *arguments):
        """Exit 1 and (table, partition, file, key, what) of each finding."""
        outcome = self.reconcile(*arguments)
        assert outcome.code == 1 and outcome.report["exit_code"] == 1 and not outcome.report["equal"]
        return [tuple(one[name] for name in ("table", "partition", "file", "key", "what"))
                for one in outcome.report["findings"]]

    def is_equal(self, *arguments):
        outcome = self.reconcile(*arguments)
        return (outcome.code, outcome.report["findings"], outcome.report["not_compared"]) == (0, [], [])


@pytest.fixture
def readings(tmp_path, database):
    path = tmp_path / "readings.yaml"
    ashore = Readings(tmp_path, path)
    ashore.database = database
    with Server(lambda request: Reply(json.dumps(page_of(ashore.items, request)))) as server:
        ashore.server = server
        text = READINGS.replace("http://127.0.0.1:9", server.url)
        path.write_text(text.replace("      extra: {path: /extra, type: json}\n",
                                     "      extra: {path: /extra, type: json}\n"
                                     "      price: {path: /price, type: 'decimal(10,2)'}\n"))
        yield ashore


def nine(**fields):
    return [reading(n, price=12.5 if n % 2 else None, **fields) for n in range(9)]


def test_what_is_as_it_should_be_is_equal_and_the_sums_can_be_had_elsewhere(readings):
    readings.land(nine()[:5], "first")
    readings.land(nine(), "second")
    before = harness.digests_of(readings.data)
    outcome = readings.reconcile()
    report = outcome.report
    assert outcome.code == 0 and report["equal"] and report["raw"]["pages"] == 5
    assert [(one["table"], one["total"], one["published"]) for one in report["source"]] == [("readings", 9, 9)]
    assert harness.digests_of(readings.data) == before
    rows = harness.read_with_delta_rs(readings.table("readings"))
    expected = canonical_rows.row_sum(COLUMNS, rows)
    places = {one["place"].split(":")[0]: one for one in report["compared"] if one["table"] == "readings"}
    assert len(places) == 2 and all((one["rows"], one["sum"]) == (9, expected) for one in places.values())
    partitions = report["tables"]["readings"]["partitions"]
    assert sorted(partitions) == ["day=2024-03-01", "day=2024-03-02", "day=2024-03-03"]
    assert sum(one["rows"] for one in partitions.values()) == 9
    assert readings.is_equal("--deep")
    assert not (readings.data / ".scratch").exists()


@pytest.mark.parametrize("statement, finding", [
    ("UPDATE readings SET amount = 100 WHERE reading_id = 'r004'", ("day=2024-03-02", "r004", "changed")),
    ("UPDATE readings SET note = NULL WHERE reading_id = 'r004'", ("day=2024-03-02", "r004", "changed")),
    ("UPDATE readings SET price = 12.51 WHERE reading_id = 'r005'", ("day=2024-03-03", "r005", "changed")),
    ("""UPDATE readings SET extra = '{"n":  4}' WHERE reading_id = 'r004'""", ("day=2024-03-02", "r004", "changed")),
    ("UPDATE readings SET taken_at = taken_at + INTERVAL '1 microsecond' WHERE reading_id = 'r000'",
     ("day=2024-03-01", "r000", "changed")),
    ("UPDATE readings SET day = '2024-03-09' WHERE reading_id = 'r001'",
     ("day=2024-03-02", "r001", "moved to day=2024-03-09")),
    ("UPDATE readings SET reading_id = 'mine' WHERE reading_id = 'r008'",
     [("day=2024-03-03", "mine", "added"), ("day=2024-03-03", "r008", "missing")]),
    ("DELETE FROM readings WHERE reading_id = 'r007'", ("day=2024-03-02", "r007", "missing")),
    ("INSERT INTO readings(reading_id, taken_at, day) VALUES ('mine', '2024-04-01', '2024-04-01')",
     ("day=2024-04-01", "mine", "added")),
], ids=["integer", "null", "decimal", "json", "timestamp", "partition", "key", "deleted", "added"])
def test_a_row_changed_by_hand_in_a_destination_is_named_and_repaired(readings, database, statement, finding):
    readings.land(nine(), "first")
    database.query(statement)
    expected = [finding] if isinstance(finding, tuple) else finding
    assert readings.findings() == [("readings", partition, "", key, what) for partition, key, what in expected]
    text = readings("reconcile", "--to", database.url, "--offline")
    assert text.code == 1
    assert f"readings/{expected[0][0]}: {expected[0][1]}: {expected[0][2]}" in text.stdout
    assert "reconcile --repair" in text.stdout
    outcome = readings.reconcile("--repair")
    assert outcome.code == 0 and outcome.report["equal"]
    assert [one["key"] for one in outcome.report["repaired"]] == [key for _, key, _ in expected]
    assert database.rows("readings") == harness.read_with_all(readings.table("readings"))
    assert readings.is_equal()


def test_not_every_row_of_many_is_named(readings, database):
    readings.land([reading(n) for n in range(60)], "first")
    database.query("UPDATE readings SET amount = -1")
    findings = readings.findings()
    assert len(findings) == 21 and findings[-1][4] == "further rows differ, in 3 partitions in all"
    assert {one[4] for one in findings[:20]} == {"changed"}
    assert readings.reconcile("--repair").code == 0
    assert database.rows("readings") == harness.read_with_all(readings.table("readings"))


def test_a_copy_of_a_row_is_named_and_repaired(readings, database):
    readings.land(nine(), "first")
    if database.kind == "postgresql":
        database.query("ALTER TABLE readings DROP CONSTRAINT readings_pkey")
    database.query("INSERT INTO readings SELECT * FROM readings WHERE reading_id = 'r003'")
    assert readings.findings() == [("readings", "day=2024-03-01", "", "r003", "twice")]
    outcome = readings.reconcile("--repair")
    if database.kind == "postgresql":  # the key is gone: that is for a person to fix
        assert outcome.code == 1
        assert "ADD PRIMARY KEY" in outcome.report["not_compared"][0]["why"]
        return
    assert outcome.code == 0
    assert database.rows("readings") == harness.read_with_all(readings.table("readings"))


def test_a_destination_that_lags_or_lacks_a_table_is_told_and_repaired(readings, database):
    readings.land(nine()[:5], "first")
    readings.items = nine()
    readings.run("--run-id", "second", "--to", f"duckdb:{readings.folder}/other.duckdb")
    findings = readings.findings()
    assert findings[0][0] == "readings" and "version 0, published is 1" in findings[0][4]
    assert {key for table, _, _, key, what in findings if table == "readings" and what == "missing"} == {
        "r005", "r006", "r007", "r008"}
    database.query("DROP TABLE parts")
    assert any("cannot be read" in one[4] for one in readings.findings())
    outcome = readings.reconcile("--repair")
    assert outcome.code == 0 and readings.is_equal()


def test_a_destination_that_cannot_be_reached_is_not_equal(readings, database):
    readings.land(nine(), "first")
    url = f"postgresql://127.0.0.1:{harness.closed_port()}/none"
    outcome = readings("reconcile", "--to", database.url, "--to", url, "--json")
    assert outcome.code == 1 and outcome.report["findings"] == []
    assert "127.0.0.1" in outcome.report["not_compared"][0]["place"]


def test_a_data_file_changed_by_hand_is_named_and_never_loaded(readings, database):
    readings.land(nine(), "first")
    before = database.rows("readings")
    path = sorted(readings.table("readings").glob("*/*.parquet"))[1]
    name = f"{path.parent.name}/{path.name}"
    rows = pyarrow.parquet.ParquetFile(path).read()
    changed = rows.set_column(rows.schema.get_field_index("amount"), "amount",
                              pyarrow.array([77] * rows.num_rows, pyarrow.int64()))
    pyarrow.parquet.write_table(changed, path)
    ((table, partition, file, key, what),) = readings.findings()
    assert (table, partition, file, key) == ("readings", path.parent.name, name, "") and "sha256" in what
    database.query("UPDATE readings SET amount = 5 WHERE reading_id = 'r000'")
    outcome = readings.reconcile("--repair")
    assert outcome.code == 1 and "replay --rebuild" in outcome.report["not_compared"][0]["why"]
    assert [row["amount"] for row in database.rows("readings")] != [row["amount"] for row in before]
    path.unlink()
    assert ("readings", path.parent.name, name, "", "the file is gone") in readings.findings()
    readings.good("replay --rebuild", "--to", f"duckdb:{readings.folder}/other.duckdb")
    assert readings.reconcile("--repair").code == 0
    assert database.rows("readings") == before


def test_a_file_under_another_name_and_one_too_many_are_named(readings):
    readings.land(nine(), "first")
    first, second = sorted(readings.table("readings").glob("*/*.parquet"))[:2]
    strange = first.parent / "mine.parquet"
    strange.write_bytes(second.read_bytes())
    ((table, partition, file, key, what),) = readings.findings()
    assert file == f"{first.parent.name}/mine.parquet" and "does not name" in what
    strange.unlink()
    assert readings.is_equal()


def test_a_log_entry_that_does_not_fit_its_file_is_named(readings):
    readings.land(nine(), "first")
    log = readings.table("readings") / "_delta_log" / f"{0:020}.json"
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    add = next(line["add"] for line in lines if "add" in line)
    add["tags"]["ashore.rows"] = "0" * 64
    log.write_text("".join(json.dumps(line) + "\n" for line in lines))
    ((_, _, file, _, what),) = readings.findings()
    assert file == add["path"] and "ashore.rows" in what


def test_a_page_changed_in_raw_is_named(readings):
    readings.land(nine()[:5], "first")
    readings.land(nine(), "second")
    page = readings.data / "raw" / "readings" / "second" / "page-00003.json"
    good = page.read_bytes()
    page.write_bytes(good.replace(b"note", b"nota"))
    ((_, _, file, _, what),) = readings.findings()
    assert file == "raw/readings/second/page-00003.json" and "sha256" in what
    deep = readings.reconcile("--deep")
    assert deep.code == 1 and "not built again" in deep.report["not_compared"][0]["why"]
    page.unlink()
    assert readings.findings()[0][2:] == ("raw/readings/second/page-00003.json", "", "the page is gone")
    page.write_bytes(good)
    assert readings.is_equal()


def test_a_manifest_changed_together_with_its_page_is_named(readings):
    readings.land(nine(), "first")
    page = readings.data / "raw" / "readings" / "first" / "page-00001.json"
    changed = page.read_bytes().replace(b"note", b"nota")
    page.write_bytes(changed)
    for manifest in (page.parent / "manifest.json", readings.data / "runs" / "first" / "extract.manifest.json"):
        document = json.loads(manifest.read_text())
        document["files"][0]["sha256"] = hashlib.sha256(changed).hexdigest()
        manifest.write_text(json.dumps(document))
    assert "since its rows were staged" in readings.findings()[0][4]


def test_deep_names_rows_that_the_landings_do_not_make(readings):
    """A file put in place of another, name, tag, size and log entry all right: only raw knows."""
    readings.land(nine(), "first")
    kept = {path.relative_to(readings.data): path.read_bytes()
            for path in (readings.data / "stage").rglob("*") if path.is_file()}
    other = Readings(readings.folder, readings.pipeline, data="other")
    other.database = readings.database
    readings.items = nine(note="other")
    other.run("--run-id", "first", "--to", f"duckdb:{readings.folder}/other.duckdb")
    for path in kept:
        (readings.data / path).unlink()
    for path in (other.data / "stage").rglob("*"):
        if path.is_file():
            target = readings.data / path.relative_to(other.data)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    outcome = readings.reconcile("--deep")
    rebuilt = [one for one in outcome.report["findings"] if one["place"] == "raw, built again"]
    assert {one["key"] for one in rebuilt} == {f"r{n:03}" for n in range(9)}
    assert {one["what"] for one in rebuilt} == {"changed"}


def test_the_source_is_asked_for_its_total_over_the_windows_of_the_landings(readings):
    readings.land(nine(), "first", "--start-date", "2024-03-01", "--end-date", "2024-03-03")
    readings.land(nine(), "second", "--start-date", "2024-03-03", "--end-date", "2024-03-05")
    asked = len(readings.server.requests)
    assert readings.is_equal()
    (request,) = readings.server.requests[asked:]
    assert request.json["from"].startswith("2024-03-01") and request.json["to"].startswith("2024-03-05")
    readings.items = nine()[:8]
    ((table, _, _, _, what),) = readings.findings()
    assert table == "readings" and "8 items now" in what and "published are 9" in what
    assert readings.is_equal("--offline")


def test_rows_set_aside_are_no_difference(readings):
    text = readings.pipeline.read_text()
    readings.pipeline.write_text(text.replace("    partition: {by: day}\n",
                                              "    partition: {by: day}\n    rejected_max_rows: 5\n"))
    readings.land(nine() + [reading(9, amount="ten")], "first")
    outcome = readings.reconcile()
    assert outcome.code == 0, outcome.stdout
    assert outcome.report["source"][0]["set_aside"] == 1


def test_a_source_that_cannot_be_reached_is_said_and_offline_leaves_it_out(readings):
    readings.land(nine(), "first")
    text = readings.pipeline.read_text()
    readings.pipeline.write_text(text.replace(readings.server.url, f"http://127.0.0.1:{harness.closed_port()}"))
    outcome = readings.reconcile()
    assert outcome.code == 1 and outcome.report["findings"] == []
    assert "--offline" in outcome.report["not_compared"][0]["why"]
    assert readings.is_equal("--offline")


def test_nothing_published_is_said(readings):
    outcome = readings.reconcile()
    assert outcome.code == 2
    outcome.says("nothing is published", "ashore run")


def test_each_state_of_real_documents_reconciles(tmp_path, earlier_api, final_api):
    """Two states one after the other, the second by windows with lookups; every comparison is made."""
    database = harness.Database()
    ashore = harness.Ashore(tmp_path)
    places = ("--to", "duckdb:warehouse.duckdb", "--to", database.url)
    try:
        ashore.run("--source-url", earlier_api, *places)
        good = ashore.good("reconcile", "--deep", "--json", "--source-url", earlier_api, *places).report
        assert {one["place"].split(":")[0] for one in good["compared"]} == {
            "published", "duckdb", "postgresql", "raw, built again"}
        # The next state is another: the source says so before it is landed.
        moved_on = ashore("reconcile", "--json", "--source-url", final_api, *places)
        assert moved_on.code == 1 and {one["place"] for one in moved_on.report["findings"]} == {"source"}
        ashore.run("--source-url", final_api, "--start-date", "2015-01-01", "--end-date", "2030-01-01", *places)
        ashore.run("--source-url", final_api, "--start-date", "2000-01-01", "--end-date", "2015-01-01", *places)
        good = ashore.good("reconcile", "--deep", "--json", "--source-url", final_api, *places).report
        sums = {}
        for one in good["compared"]:
            sums.setdefault(one["table"], set()).add((one["rows"], one["sum"]))
        assert all(len(found) == 1 for found in sums.values())
        assert [(one["total"], one["published"]) for one in good["source"]] == [(205, 205)]
    finally:
        database.drop()
