"""Rows that merge hands over are a cache: with it, without it or damaged, audit and load give the same."""
import json
import shutil

import pyarrow
import pyarrow.ipc
import pytest

import harness
from harness import READINGS, Server, reading, source_of

CHECKS = """checks:
      - {unique: [reading_id]}
      - {range: {amount: {min: 2}}, severity: warn}
      - {sql: "SELECT reading_id, note FROM readings WHERE amount > 5 AND (extra->>'n') <> '7'", severity: warn, name: large}
"""


@pytest.fixture
def merged(tmp_path):
    """A merge over published rows: some files stay, some are new, one row changed its partition."""
    path = tmp_path / "readings.yaml"
    items = [reading(n) for n in range(9)]
    with Server(source_of(items)) as server:
        path.write_text(READINGS.replace("http://127.0.0.1:9", server.url).replace("checks: [{unique: [reading_id]}]\n", CHECKS, 1))
        ashore = harness.Ashore(tmp_path / "first", path)
        ashore.run("--run-id", "one")
        assert not (ashore.data / "runs/one/handover").exists(), "loaded, so nobody needs it"
        items[0] = reading(0, at="2024-03-07T00:00:00Z")
        items[4] = reading(4, amount=400, note="it's \"ü\"")
        items.append(reading(9, at="2024-03-08T10:00:00Z"))
        for stage in ("extract", "transform", "merge"):
            ashore.good(stage, "--run-id", "two")
    handover = ashore.data / "runs/two/handover"
    assert {file.name for file in handover.iterdir()} == {
        f"{table}{kind}.{ending}" for table in ("readings", "parts") for kind in ("", ".changes") for ending in ("arrow", "json")}
    return ashore, handover


def test_what_changes_is_told_row_by_row(merged):
    """By another reader of the file."""
    _, handover = merged
    told = {}
    for table, keys in (("readings", ["reading_id"]), ("parts", ["part_id", "reading_id"])):
        with pyarrow.OSFile(str(handover / f"{table}.changes.arrow")) as file:
            rows = pyarrow.ipc.open_file(file).read_all().to_pylist()
        told[table] = {tuple(row[key] for key in keys): row["_change"] for row in rows}
    assert told["readings"] == {("r000",): "update", ("r004",): "update", ("r009",): "insert"}
    assert told["parts"] == {("p0", "r000"): "update", ("p9", "r009"): "insert"}


def remove(handover):
    shutil.rmtree(handover)


def cut_rows(handover):
    path = handover / "readings.arrow"
    path.write_bytes(path.read_bytes()[:-100])


def flip_a_byte(handover):
    path = handover / "parts.arrow"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)


def claim_other_rows(handover):
    path = handover / "readings.json"
    described = json.loads(path.read_text())
    described["files"][0]["rows"] += 1
    path.write_text(json.dumps(described))


def remove_changes(handover):
    for path in handover.glob("*.changes.*"):
        path.unlink()


def flip_a_change(handover):
    path = handover / "readings.changes.arrow"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)


def claim_another_version(handover):
    path = handover / "readings.changes.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "base_version": 7}))


def finished(ashore):
    """The checks and the rows in the database after the stages that are left."""
    ashore("audit", "--run-id", "two")
    verdict = json.loads((ashore.data / "runs/two/verdict.json").read_text())["checks"]
    ashore.good("publish", "--run-id", "two")
    ashore.good("load")
    return verdict, [harness.rows_in_duckdb(ashore.warehouse(), table) for table in ("readings", "parts")]


@pytest.mark.parametrize("damage", [remove, cut_rows, flip_a_byte, claim_other_rows, remove_changes, flip_a_change,
                                    claim_another_version])
def test_with_and_without_it_all_is_the_same(merged, tmp_path, damage):
    ashore, handover = merged
    other = ashore.copy(tmp_path / "other")
    damage(other.data / "runs/two/handover")
    assert finished(other) == finished(ashore)
    assert not handover.exists(), "loaded, so nobody needs it"
    assert len(harness.rows_in_duckdb(ashore.warehouse(), "readings")) == 10


def test_another_programs_files_are_read_as_they_are(merged):
    """Files that are not of this merge come from the disk: a published file is changed under its name's digest."""
    ashore, _ = merged
    kept = next(path for path in sorted(ashore.table("readings").rglob("*.parquet")) if "2024-03-03" in str(path))
    kept.write_bytes(b"PAR1 no longer")
    outcome = ashore("audit", "--run-id", "two")
    assert outcome.code == 2
    assert "rebuild" in outcome.stderr
