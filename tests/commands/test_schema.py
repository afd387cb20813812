"""schema/pipeline.schema.json takes the pipelines that ashore takes, and refuses what it refuses for its keys and values."""
import copy
import json

import jsonschema
import pytest
import yaml

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import harness  # noqa: E402

SCHEMA = json.loads((harness.ROOT / "schema/pipeline.schema.json").read_text())
GOOD = [harness.SPACEX, *sorted((harness.ROOT / "docs/examples").rglob("pipeline.yaml")),
        *(folder / "pipeline.yaml" for folder in sorted((harness.ROOT / "tests/cases").iterdir())
          if (folder / "pipeline.yaml").exists())]


def faults(document):
    return [error.message for error in jsonschema.Draft202012Validator(SCHEMA).iter_errors(document)]


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.parent.name)
def test_pipelines_that_are_taken_fit(path):
    assert faults(yaml.safe_load(path.read_text())) == []


@pytest.mark.parametrize("change", [
    lambda file: file.update(colour="red"),
    lambda file: file.pop("source"),
    lambda file: file["extract"]["pages"].update(size=0),
    lambda file: file["extract"]["pages"].update(by="pages"),
    lambda file: file["extract"]["retry"].update(attempts=21) if "retry" in file["extract"] else file["extract"].update(retry={"attempts": 21}),
    lambda file: file["extract"]["items"].update(ids="/id"),
    lambda file: file["tables"]["launches"].update(missing="forget"),
    lambda file: file["tables"]["launches"]["columns"]["name"].update(requird=True),
    lambda file: file["tables"]["launches"]["checks"].append({"deleted": {"rows": 1}}),
    lambda file: file.update(publish={"retain": "soon"}),
])
def test_a_mistake_does_not_fit(change):
    file = copy.deepcopy(yaml.safe_load(harness.SPACEX.read_text()))
    change(file)
    assert faults(file) != []


def test_the_shipped_pipeline_names_its_schema_for_editors():
    line = harness.SPACEX.read_text().splitlines()[0]
    name = line.removeprefix("# yaml-language-server: $schema=")
    assert name != line and (harness.SPACEX.parent / name).resolve() == harness.ROOT / "schema/pipeline.schema.json"
