"""What is damaged is never passed on: one changed byte, a file that is gone, keys that come twice, two at once."""
import json
import threading

import pytest

import harness
from harness import READINGS, Reply, Server, page_of, reading


class Source:
    """The made-up source, whose items a test may change."""

    def __init__(self, count=6):
        self.items = [reading(n) for n in range(count)]

    def answer(self, request):
        return Reply(json.dumps(page_of(self.items, request)))


@pytest.fixture
def source():
    return Source()


@pytest.fixture
def readings(tmp_path, source):
    path = tmp_path / "readings.yaml"
    with Server(source.answer) as server:
        path.write_text(READINGS.replace("http://127.0.0.1:9", server.url))
        ashore = harness.Ashore(tmp_path, path)
        ashore.server = server
        yield ashore


def flip(path, text, replacement):
    data = path.read_bytes()
    assert data.count(text) >= 1 and len(text) == len(replacement)
    path.write_bytes(data.replace(text, replacement))


def file_with(table, text):
    [path] = [path for path in table.glob("*/*.parquet") if text in path.read_bytes()]
    return path


def test_one_changed_byte_of_a_published_file_stops_merge_and_rebuild_heals_it(readings, source):
    readings.run()
    path = file_with(readings.table("readings"), b"note 3")
    flip(path, b"note 3", b"note E")
    source.items[0]["note"] = "another"  # of the same partition
    outcome = readings("run")
    assert outcome.code == 2
    outcome.says("the file is damaged", path.name, "replay PIPELINE --rebuild")
    assert "note E" not in str(harness.rows_in_duckdb(readings.warehouse(), "readings"))
    readings.good("replay", "--rebuild")
    readings.run()
    notes = {row["reading_id"]: row["note"] for row in harness.read_with_all(readings.table("readings"))}
    assert (notes["r000"], notes["r003"]) == ("another", "note 3")


def test_one_changed_byte_is_not_loaded(readings):
    readings.run("--to", "duckdb:other.duckdb")
    flip(file_with(readings.table("readings"), b"note 3"), b"note 3", b"note E")
    outcome = readings("load")
    assert outcome.code == 2
    outcome.says("the file is damaged", "--rebuild")


def test_a_published_file_that_is_gone_names_the_way_out(readings, source):
    readings.run()
    path = file_with(readings.table("readings"), b"note 3")
    path.unlink()
    source.items[0]["note"] = "another"
    outcome = readings("run")
    assert outcome.code == 2
    outcome.says(path.name, "replay PIPELINE --rebuild")
    readings.good("replay", "--rebuild")
    readings.run()


@pytest.mark.parametrize("old,new", [('"items":', '"items": [], "items":'), ('"total":', '"total": 6, "total":')])
def test_an_envelope_key_that_comes_twice_is_no_answer(readings, source, old, new):
    plain = source.answer
    source.answer = None
    replies = []

    def answer(request):
        reply = plain(request)
        replies.append(reply)
        return Reply(reply.body.replace(old, new, 1)) if len(replies) == 1 else reply

    with Server(answer) as server:
        report = readings.run("--source-url", server.url)
        assert report["extract"]["retries"] == 1
        assert report["tables"]["readings"]["inserted"] == 6
        assert len(list(readings.data.glob("raw/readings/*/evidence/**/*.body"))) == 1
    with Server(lambda request: Reply(plain(request).body.replace(old, new, 1))) as server:
        outcome = readings("run", "--source-url", server.url)
        assert outcome.code == 1
        outcome.says("twice")


def test_a_partition_value_of_an_empty_text_is_rejected(tmp_path):
    pipeline = READINGS.replace("partition: {by: day}\n    checks: [{unique: [reading_id]}]",
                                "partition: {by: note}\n    checks: [{unique: [reading_id]}]", 1)
    items = [reading(0), reading(1, note="")]
    with Server(harness.source_of(items)) as server:
        path = tmp_path / "readings.yaml"
        path.write_text(pipeline.replace("http://127.0.0.1:9", server.url))
        outcome = harness.Ashore(tmp_path, path)("run")
        assert outcome.code == 4
        outcome.says("an empty text partitions the table", "null_when")


def test_two_extracts_of_one_run_id(readings, source):
    held, go_on = threading.Event(), threading.Event()

    def answer(request):
        held.set()
        assert go_on.wait(harness.SECONDS_MAX)
        return source.answer(request)

    with Server(answer) as server:
        first = readings.start("extract", "--run-id", "one", "--source-url", server.url)
        assert held.wait(harness.SECONDS_MAX)
        second = readings("extract", "--run-id", "one", "--source-url", server.url)
        go_on.set()
        assert second.code == 1
        second.says("in use by ashore extract, run one, process " + str(first.pid))
        assert first.wait(harness.SECONDS_MAX) == 0
        first.communicate()
    assert readings("extract", "--run-id", "one", "--source-url", server.url).code == 0


def test_a_data_folder_that_no_destination_can_take_is_refused_before_anything(tmp_path):
    ashore = harness.Ashore(tmp_path, data="what?")
    outcome = ashore("run", "--source-url", "embedded:")
    assert outcome.code == 2
    outcome.says("DuckDB", "'?'")
    assert not ashore.table("launches").exists()
    assert ashore("run", "--data-dir", "s3://bucket/prefix").code == 2


@pytest.mark.parametrize("url", ["http://user:HUSH@127.0.0.1:1/", "http://127.0.0.1:1/?api_key=HUSH"])
def test_a_source_url_with_a_secret_is_refused_and_not_shown(readings, url):
    for outcome in (readings("run", "--source-url", url), readings("run", variables={"ASHORE_SOURCE_URL": url})):
        assert outcome.code == 2
        assert "HUSH" not in outcome.stdout + outcome.stderr
    readings.pipeline.write_text(readings.pipeline.read_text().replace(readings.server.url, url))
    outcome = harness.validate(readings.pipeline)
    assert outcome.code == 2
    outcome.says("'url' holds")
    assert "HUSH" not in outcome.stdout + outcome.stderr


def test_keys_in_links_are_in_no_file_of_ours(readings, source):
    """A source that signs its next links: raw pages are verbatim, all else shows ***."""
    pipeline = readings.pipeline.read_text().replace("{by: number, size: 3, parallel: 2}", "{by: link}").replace(
        ", page_count: /pages", "")

    def answer(request):
        number = 2 if "page=2" in request.path else 1
        body = {"items": source.items[3 * (number - 1):3 * number], "total": 6}
        link = {} if number == 2 else {"Link": '</query?page=2&api_key=HUSH>; rel="next"'}
        return Reply(json.dumps(body), headers=link)

    with Server(answer) as server:
        readings.pipeline.write_text(pipeline)
        readings.good("run", "--source-url", server.url)
    manifest = next(readings.data.glob("raw/readings/*/manifest.json")).read_text()
    assert "page=2&api_key=***" in manifest
    for path in readings.data.rglob("*"):
        assert not path.is_file() or b"HUSH" not in path.read_bytes(), path


def test_a_password_with_a_raw_at_sign_is_not_shown(readings):
    for url in ("postgresql://me:HUSH@HASH@127.0.0.1:1/db", "duckdb:postgresql://me:HUSH@127.0.0.1:1/db"):
        outcome = readings("run", "--to", url)
        assert outcome.code == 2
        shown = outcome.stdout + outcome.stderr
        assert "HUSH" not in shown and "HASH" not in shown
        assert "HASH" not in "".join(path.read_text() for path in readings.data.rglob("report.json"))


# ---------------------------------------------------------------- the log, the record, other files


def log_of(ashore, table="readings"):
    return sorted((ashore.table(table) / "_delta_log").glob("*.json"))


def table_id(ashore, table="readings"):
    return [json.loads(line)["metaData"]["id"] for path in log_of(ashore, table)
            for line in path.read_text().splitlines() if "metaData" in line][-1]


def grown(readings, source):
    """Three versions; gives the rows that must be there again."""
    readings.run()
    for number in (0, 4):
        source.items[number]["note"] = f"changed {number}"
        readings.run()
    assert len(log_of(readings)) == 3
    return harness.read_with_all(readings.table("readings"))


@pytest.mark.parametrize("damage", [lambda text: "", lambda text: text[:len(text) // 2], lambda text: text[:-1],
                                    lambda text: "{}x\n" + text], ids=["empty", "cut", "cut at its end", "not JSON"])
@pytest.mark.parametrize("version", [0, 1, 2])
def test_a_damaged_log_file_is_named_and_made_right_from_raw(readings, source, version, damage):
    rows, before = grown(readings, source), table_id(readings)
    path = log_of(readings)[version]
    path.write_text(damage(path.read_text()))
    for command in ("run", "load", "status"):
        outcome = readings(command)
        assert outcome.code == 2, command
        outcome.says(path.name, "replay PIPELINE --rebuild")
    readings.good("replay", "--rebuild")
    assert harness.read_with_all(readings.table("readings")) == rows
    assert harness.rows_in_duckdb(readings.warehouse(), "readings") == rows
    assert table_id(readings) == before, "destinations need no adoption"
    evidence = {path.name for path in (readings.data / "stage/.evidence/readings").rglob("*")}
    assert path.name in evidence
    assert readings.run()["status"] == "unchanged"
    readings.good("load")


def test_a_log_file_that_is_gone_is_made_right_from_raw(readings, source):
    rows = grown(readings, source)
    log_of(readings)[1].unlink()
    assert readings("run").code == 2
    readings.good("replay", "--rebuild")
    assert harness.read_with_all(readings.table("readings")) == rows


def test_a_version_of_another_program_behind_the_damage_is_refused(readings, source):
    grown(readings, source)
    paths = log_of(readings)
    paths[1].write_text("")
    paths[2].write_text('{"commitInfo":{"operation":"OPTIMIZE"}}\n')
    outcome = readings("replay", "--rebuild")
    assert outcome.code == 2
    outcome.says("another program committed", "--force")
    readings.good("replay", "--rebuild", "--force")
    assert len(harness.read_with_all(readings.table("readings"))) == 6


def test_a_landing_that_is_not_whole_stops_a_rebuild_unless_forced(readings, source):
    readings.run("--run-id", "one")
    source.items[0]["note"] = "changed"
    readings.run("--run-id", "two")
    (readings.data / "raw/readings/two/page-00001.json").unlink()
    assert readings("replay", "--rebuild").code == 2
    readings.good("replay", "--rebuild", "--force").says("landing 'two' is not whole")
    notes = {row["reading_id"]: row["note"] for row in harness.read_with_all(readings.table("readings"))}
    assert notes["r000"] == "note 0", "what the first landing held"


def test_a_damaged_record_of_a_publication_is_set_aside_and_folders_follow_the_log(readings):
    readings.run()
    rows = harness.read_with_all(readings.table("readings"))
    (readings.data / "stage/.intent.json").write_text("{")
    some = next(readings.table("readings").glob("*/*.parquet"))
    (some.parent / ("part-" + "0" * 32 + ".parquet")).write_bytes(some.read_bytes())
    outcome = readings("run")
    assert outcome.code == 2
    outcome.says("ashore recover --from-log")
    harness.subprocess.run([harness.BINARY, "recover", "--from-log", "--data-dir", readings.data], check=True,
                           capture_output=True)
    assert harness.read_with_all(readings.table("readings")) == rows
    names = {path.name for path in (readings.data / "stage/.evidence").rglob("*")}
    assert {".intent.json", "part-" + "0" * 32 + ".parquet"} <= names
    assert readings.run()["status"] == "unchanged"


def test_one_damaged_manifest_does_not_end_reconcile_for_all_others(readings, source):
    readings.run("--run-id", "one")
    source.items[0]["note"] = "changed"
    readings.run("--run-id", "two")
    (readings.data / "runs/one/extract.manifest.json").write_text("{")
    outcome = readings("reconcile", "--offline")
    assert outcome.code == 1
    shown = outcome.stdout + outcome.stderr
    assert "runs/one/extract.manifest.json" in shown and "cannot be read" in shown
    assert "readings" in shown


def test_a_corrupt_database_file_names_a_way_out(readings):
    readings.run()
    readings.warehouse().write_bytes(b"not a database" * 4096)
    outcome = readings("load", "--full")
    assert outcome.code == 2
    outcome.says("move it away", "ashore load")
    readings.warehouse().rename(readings.folder / "old.duckdb")
    readings.good("load")
    assert len(harness.rows_in_duckdb(readings.warehouse(), "readings")) == 6
