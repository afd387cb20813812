"""Vacuum: what no version needs goes when it is old enough; every reader reads on."""
import json
import os
import subprocess

import pytest

import harness
from harness import READINGS, Reply, Server, page_of, reading


@pytest.fixture
def readings(tmp_path):
    """Published twice with superseded files kept: every file of the first version is still there."""
    items = [reading(n) for n in range(6)]
    with Server(lambda request: Reply(json.dumps(page_of(items, request)))) as server:
        path = tmp_path / "readings.yaml"
        path.write_text(READINGS.replace("http://127.0.0.1:9", server.url) + "\npublish: {retain: 7d}\n")
        ashore = harness.Ashore(tmp_path, path)
        ashore.good("run")
        items[:] = [reading(n, amount=n + 100) for n in range(6)]
        ashore.good("run")
    return ashore


def vacuum(ashore, *arguments):
    command = [str(harness.BINARY), "vacuum", "--json", "--data-dir", str(ashore.data), *arguments]
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)


def test_superseded_files_stay_for_a_week_and_go_when_told(readings):
    table = readings.table("readings")
    rows = harness.read_with_delta_rs(table)
    files = set(table.rglob("*.parquet"))
    assert vacuum(readings)["files"] == []
    would = vacuum(readings, "--older-than", "0s", "--dry-run")
    assert set(table.rglob("*.parquet")) == files
    done = vacuum(readings, "--older-than", "0s")
    assert {**done, "dry_run": True} == would
    assert done["files"] and done["bytes"] > 0
    left = set(table.rglob("*.parquet"))
    assert left < files
    assert harness.read_with_delta_rs(table) == rows
    assert len(harness.read_with_all(table)) == len(rows)
    assert vacuum(readings, "--older-than", "0s")["files"] == []


def test_what_dead_writers_left_goes_when_it_is_old(readings):
    left = [readings.data / "stage/readings/.tmp-1-1", readings.data / "raw/readings/dead/.attempt-1/page-00001.json"]
    for path in left:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("half a f")
    assert vacuum(readings)["files"] == []
    for path in left:
        os.utime(path, (0, 0))
    assert [readings.data / file for file in vacuum(readings)["files"]] == sorted(left)
    assert not any(path.exists() for path in left)
