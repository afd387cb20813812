"""What those who run ashore every day look at: metrics, and the units that start it."""
import importlib.metadata
import json
import os
import pathlib
import shutil
import subprocess

import jsonschema
import pytest
from prometheus_client.parser import text_string_to_metric_families

import harness
from harness import Reply, Server, page_of, reading

DEPLOY = pathlib.Path(__file__).resolve().parents[2] / "deploy"


@pytest.fixture
def readings(tmp_path):
    """A shop of readings whose server can be told what to give."""
    items = [reading(n) for n in range(6)]
    with Server(lambda request: Reply(json.dumps(page_of(items, request)))) as server:
        yield harness.ashore_of(tmp_path, server.url), items


def samples(path):
    """By name and labels but the pipeline's, as Prometheus reads them."""
    found = {}
    for family in text_string_to_metric_families(path.read_text()):
        assert family.type == "gauge" and family.documentation
        for sample in family.samples:
            labels = dict(sample.labels)
            assert labels.pop("pipeline") == "readings"
            key = (sample.name, *sorted(labels.items()))
            assert key not in found
            found[key] = sample.value
    return found


def rows(outcome):
    return ("ashore_table_rows", ("outcome", outcome), ("table", "readings"))


# The schema of CloudWatch's embedded metric format, as AWS publishes it with its own library; the library itself
# is not imported.
PUBLISHED_EMF = jsonschema.Draft7Validator(json.loads(
    importlib.metadata.distribution("aws_lambda_powertools").locate_file("aws_lambda_powertools/metrics/schema.json")
    .read_text()))
# The limits that its specification says besides.
EMF = {
    "type": "object", "required": ["_aws"], "maxProperties": 100 + 30 + 10,
    "properties": {"_aws": {
        "type": "object", "required": ["Timestamp", "CloudWatchMetrics"],
        "properties": {
            "Timestamp": {"type": "integer", "minimum": 0},
            "CloudWatchMetrics": {"type": "array", "minItems": 1, "items": {
                "type": "object", "required": ["Namespace", "Dimensions", "Metrics"],
                "properties": {
                    "Namespace": {"type": "string", "minLength": 1, "maxLength": 1024},
                    "Dimensions": {"type": "array", "minItems": 1, "items": {
                        "type": "array", "maxItems": 30, "uniqueItems": True,
                        "items": {"type": "string", "minLength": 1, "maxLength": 250}}},
                    "Metrics": {"type": "array", "minItems": 1, "maxItems": 100, "items": {
                        "type": "object", "required": ["Name"],
                        "properties": {"Name": {"type": "string", "minLength": 1, "maxLength": 1024},
                                       "Unit": {"enum": ["Seconds", "Bytes", "Count", "None"]}}}}}}}}}}}


def emf_of(stdout):
    """Lines by dimensions; each is as the specification says, and its values are there."""
    found = {}
    for text in stdout.splitlines():
        line = json.loads(text)
        PUBLISHED_EMF.validate(line)
        jsonschema.validate(line, EMF)
        assert len(text) < 1_000_000
        (directive,) = line["_aws"]["CloudWatchMetrics"]
        for metric in directive["Metrics"]:
            assert isinstance(line[metric["Name"]], (int, float))
        (names,) = directive["Dimensions"]
        values = tuple(line[name] for name in names)
        assert all(isinstance(value, str) and 0 < len(value) <= 1024 for value in values)
        assert values not in found
        found[values] = line
    return found


def test_embedded_metrics_say_what_the_report_says(readings):
    ashore, items = readings
    ashore.pipeline.write_text(ashore.pipeline.read_text().replace(
        "checks: [{unique: [reading_id]}]", "checks: [{unique: [reading_id]}, {freshness: {taken_at: 36500d}}]"))
    items.append(reading(9, amount="many"))
    outcome = ashore("run", "--log-format", "emf")
    assert outcome.code == 4
    found = emf_of(outcome.stdout)
    assert found[("readings",)]["blocked"] == 1 and found[("readings",)]["exit_code"] == 4
    assert found[("readings", "readings")]["rows_rejected"] == 1
    items.pop()
    outcome = ashore.good("run", "--log-format", "emf", "--json")
    *lines, report = outcome.stdout.splitlines()
    report = json.loads(report)
    found = emf_of("\n".join(lines))
    run, table = found[("readings",)], found[("readings", "readings")]
    assert run["run_id"] == report["run_id"] and run["status"] == "published"
    assert run["requests"] == report["extract"]["requests"] and run["items"] == 6
    assert table["rows_inserted"] == 6 and table["checks_failed"] == 0
    assert table["freshness"] > 86400  # the items are of 2024
    assert found[("readings", "duckdb:warehouse.duckdb")]["rows_changed"] == 12
    assert all(json.loads(line)["event"] for line in outcome.stderr.splitlines())


def test_metrics_say_what_the_report_says(readings, tmp_path):
    ashore, items = readings
    path = tmp_path / "collector/readings.prom"
    report = ashore.run("--metrics-file", str(path))
    found = samples(path)
    assert found[("ashore_last_run_exit_code",)] == 0
    assert found[("ashore_last_run_status", ("status", "published"))] == 1
    assert found[rows("inserted")] == 6 == report["tables"]["readings"]["inserted"]
    assert found[("ashore_extract_requests",)] == report["extract"]["requests"]
    for name, seconds in report["stages"].items():
        assert found[("ashore_last_run_stage_duration_seconds", ("stage", name))] == pytest.approx(seconds, abs=1e-6)
    items.append(reading(7))
    ashore.run("--metrics-file", str(path))
    assert samples(path)[rows("inserted")] == 1
    assert [entry.name for entry in path.parent.iterdir()] == ["readings.prom"]


def test_a_failed_run_leaves_metrics_too(readings, tmp_path):
    ashore, _ = readings
    path = tmp_path / "readings.prom"
    failed = ashore("run", "--source-url", "http://127.0.0.1:1", "--metrics-file", str(path))
    assert failed.code == 1
    found = samples(path)
    assert found[("ashore_last_run_exit_code",)] == 1
    assert found[("ashore_last_run_status", ("status", "failed"))] == 1


@pytest.mark.parametrize("name", ["taken/readings.prom", "."])
def test_metrics_that_cannot_be_written_are_a_warning(readings, tmp_path, name):
    ashore, _ = readings
    (tmp_path / "taken").write_text("a file, no folder")
    done = ashore("run", "--metrics-file", str(tmp_path) + "/" + name)
    assert done.code == 0
    done.says("--metrics-file")


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
def test_the_systemd_units_are_valid(tmp_path):
    for name in ("ashore.service", "ashore.timer"):
        text = (DEPLOY / name).read_text().replace("/usr/local/bin/ashore", str(harness.BINARY))
        (tmp_path / name).write_text(text)
    done = subprocess.run(["systemd-analyze", "verify", tmp_path / "ashore.service", tmp_path / "ashore.timer"],
                          capture_output=True, text=True, env={**os.environ, "SYSTEMD_LOG_LEVEL": "warning"})
    assert done.returncode == 0, done.stderr
    assert "ashore" not in done.stderr, done.stderr


def test_an_older_landing_behind_a_newer_publication_says_what_to_do(tmp_path):
    with harness.Server(harness.source_of([harness.reading(n) for n in range(3)])) as server:
        ashore = harness.ashore_of(tmp_path, server.url)
        for stage in ("extract", "transform", "merge", "audit"):
            ashore.good(stage, "--run-id", "older")
        ashore.good("run")
        outcome = ashore("publish", "--run-id", "older")
    assert outcome.code == 2
    outcome.says("landed later than this run", "Run again", "--force")
