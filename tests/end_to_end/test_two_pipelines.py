"""A table belongs to the pipeline that published it."""
import json

import pytest

import harness
from harness import READINGS, Server, reading, source_of


@pytest.fixture
def pair(tmp_path):
    """Two pipelines of two sources with the same tables, in one data folder."""
    with Server(source_of([reading(n) for n in range(6)])) as one, Server(source_of([reading(n) for n in range(20, 24)])) as two:
        made = []
        for name, server in (("readings", one), ("others", two)):
            path = tmp_path / f"{name}.yaml"
            path.write_text(READINGS.replace("http://127.0.0.1:9", server.url).replace("name: readings", f"name: {name}", 1))
            made.append(harness.Ashore(tmp_path, path))
        yield made


def metadata_of(table):
    """The metaData actions of a table's log, in order."""
    actions = [json.loads(line) for path in sorted((table / "_delta_log").glob("*.json"))
               for line in path.read_text().splitlines()]
    return [action["metaData"] for action in actions if "metaData" in action]


def test_another_pipelines_table_is_refused_by_every_stage(pair):
    first, second = pair
    first.run()
    assert metadata_of(first.table("readings"))[0]["configuration"] == {"ashore.pipeline": "readings"}
    before = harness.digests_of(first.table("readings"))
    for command in ("run", "merge"):
        outcome = second(command)
        assert outcome.code == 2
        outcome.says("belongs to pipeline 'readings'", "this is pipeline 'others'", "--data-dir", "--take-table readings")
    assert harness.digests_of(first.table("readings")) == before


def test_a_table_is_taken_where_the_line_says_so(pair):
    first, second = pair
    first.run()
    report = second.run("--take-table", "readings", "--take-table", "parts")
    assert report["tables"]["readings"]["inserted"] == 4
    assert metadata_of(first.table("readings"))[-1]["configuration"] == {"ashore.pipeline": "others"}
    assert len(harness.read_with_all(first.table("readings"))) == 10
    second.run()
    for command in ("run", "merge", "publish", "load"):
        outcome = first(command)
        assert outcome.code == 2, command
        outcome.says("belongs to pipeline 'others'", "--take-table")


def test_a_renamed_pipeline_takes_its_tables_though_nothing_changed(pair, tmp_path):
    first, _ = pair
    first.run()
    renamed = tmp_path / "renamed.yaml"
    renamed.write_text(first.pipeline.read_text().replace("name: readings", "name: measured", 1))
    second = harness.Ashore(tmp_path, renamed)
    assert second("run").code == 2
    second.run("--take-table", "readings", "--take-table", "parts")
    assert second.run()["status"] == "unchanged"


def test_a_schema_that_differs_names_the_other_pipeline(pair):
    first, second = pair
    first.run()
    second.pipeline.write_text(second.pipeline.read_text().replace("amount: {path: /amount, type: int64}",
                                                                   "amount: {path: /amount, type: float64}"))
    outcome = second("run")
    assert outcome.code == 2
    outcome.says("belongs to pipeline 'readings'", "this is pipeline 'others'")
    assert "--rebuild" not in outcome.stderr, "a rebuild would not help"


def test_tables_of_earlier_releases_belong_to_their_newest_transaction(pair):
    first, second = pair
    first.run()
    for table in ("readings", "parts"):
        log = next((first.table(table) / "_delta_log").glob("*.json"))
        log.write_text(log.read_text().replace('"configuration":{"ashore.pipeline":"readings"}', '"configuration":{}'))
    first.run()
    assert len(metadata_of(first.table("readings"))) == 1, "an unchanged run commits nothing"
    outcome = second("run")
    assert outcome.code == 2
    outcome.says("belongs to pipeline 'readings'")
