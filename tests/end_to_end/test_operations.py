"""What those who run ashore every day look at: metrics, and the units that start it."""
import json
import os
import pathlib
import shutil
import subprocess

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
