"""Going back to raw: replay, rebuild, rollback, publishing what was landed, and the quarantine."""
import json

import pytest

import harness
from harness import READINGS, Reply, Server, page_of, reading


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
    path = tmp_path / "readings.yaml"
    path.write_text(READINGS.replace("http://127.0.0.1:9", source.server.url))
    ashore = harness.Ashore(tmp_path, path)

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
