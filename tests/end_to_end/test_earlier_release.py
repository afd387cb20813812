"""A data folder that release 0.1 made goes on: its runs, tables, log and database."""
import json
import subprocess
import tarfile

import pytest

import harness
from harness import Server, reading, source_of

FIXTURE = harness.ROOT / "tests/fixtures/data_folder_of_0.1.tar.xz"


@pytest.fixture
def folder(tmp_path):
    """Two runs over six and seven readings, published and loaded, and the source as it was last."""
    with tarfile.open(FIXTURE) as archive:
        archive.extractall(tmp_path)
    items = [reading(n) for n in range(7)]
    items[0]["note"] = "changed"
    with Server(source_of(items)) as server:
        ashore = harness.Ashore(tmp_path, tmp_path / "readings.yaml")
        ashore.items, ashore.url = items, server.url
        yield ashore


def rows(ashore):
    return harness.read_with_all(ashore.table("readings"))


def test_status_runs_and_reports_can_be_read(folder):
    assert folder("status").code == 0
    done = subprocess.run([harness.BINARY, "runs", "--data-dir", folder.data, "--json"], capture_output=True, text=True)
    assert [(run["run_id"], run["kind"], run["status"]) for run in json.loads(done.stdout)] == [
        ("second", "run", "published"), ("first", "run", "published")]
    assert folder("report").code == 0


def test_the_next_run_goes_on(folder):
    before = harness.digests_of(folder.table("readings"))
    report = folder.run("--source-url", folder.url)
    assert report["tables"]["readings"]["unchanged"] == 7
    assert harness.digests_of(folder.table("readings")) == before, "an unchanged run writes nothing"
    assert folder.run("--source-url", folder.url)["status"] == "unchanged"
    folder.items[1]["note"] = "changed too"
    report = folder.run("--source-url", folder.url)
    assert report["tables"]["readings"]["updated"] == 1
    assert {row["reading_id"]: row["note"] for row in rows(folder)}["r001"] == "changed too"
    assert harness.rows_in_duckdb(folder.warehouse(), "readings") == rows(folder)
    log = sorted((folder.table("readings") / "_delta_log").glob("*.json"))[-1].read_text()
    assert '"ashore.pipeline":"readings"' in log, "the next real commit names the owner"


def test_load_compares_once_what_was_not_recorded_and_then_knows(folder):
    first = folder.good("load")
    first.says("every row is compared")
    assert "compared" not in folder.good("load").stderr
    assert harness.rows_in_duckdb(folder.warehouse(), "readings") == rows(folder)


def test_replay_finds_the_same_rows_and_rebuild_keeps_them(folder):
    before = rows(folder)
    folder.good("replay")
    path = next(folder.table("readings").glob("*/*.parquet"))
    path.write_bytes(path.read_bytes()[:-20] + bytes(20))
    outcome = folder("replay")
    assert outcome.code != 0 and "was changed" in outcome.stdout + outcome.stderr
    folder.good("replay", "--rebuild")
    assert rows(folder) == before


def test_a_later_load_of_a_run_of_an_earlier_release_leaves_its_report(folder):
    before = (folder.data / "runs/second/report.json").read_text()
    folder.good("load")
    assert (folder.data / "runs/second/report.json").read_text() == before
