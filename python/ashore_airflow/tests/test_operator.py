"""What the operator gives the process: secrets of Connections by the environment, its exit code back."""

import json
import os
import pathlib
import shutil
import stat
import sys
import types

import pytest
from airflow.sdk.definitions.connection import Connection
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException

import ashore_airflow
from ashore_airflow import operator as module
from ashore_airflow.connection import http_url, postgresql_url

ROOT = pathlib.Path(__file__).resolve().parents[3]
CONNECTIONS = {
    "api": Connection(
        conn_id="api", conn_type="http", host="api.example.com", schema="https", port=8443,
        login="me", password="s3cr3t"),
    "warehouse": Connection(
        conn_id="warehouse", conn_type="postgres", host="db.example.com", port=5432, login="ash ore", schema="wh",
        password="p@ss/word", extra=json.dumps({"sslmode": "require", "keepalives": 1})),
}  # fmt: skip


@pytest.fixture
def connections(monkeypatch):
    monkeypatch.setattr(module.BaseHook, "get_connection", CONNECTIONS.__getitem__)


@pytest.fixture
def program(tmp_path, monkeypatch):
    """A program `ashore` that writes down what it got, prints a report and ends as it is told."""
    folder = tmp_path / "bin"
    folder.mkdir()
    path = folder / "ashore"
    path.write_text(
        "#!/usr/bin/python3\nimport json, os, sys\n"
        "got = {'arguments': sys.argv[1:], 'variables': dict(os.environ)}\n"
        f"json.dump(got, open({str(tmp_path / 'got.json')!r}, 'w'))\n"
        "print('a line of the log')\nprint(json.dumps({'status': 'published', 'checks': []}))\n"
        "sys.exit(int(os.environ.get('END_WITH', '0')))\n"
    )
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return lambda: json.loads((tmp_path / "got.json").read_text())


def context(**params):
    return {"run_id": "manual__1", "params": {"start_date": "2022-01-01", **params}, "dag_run": types.SimpleNamespace()}


def operator(**options):
    return ashore_airflow.AshoreOperator(task_id="t", pipeline=ROOT / "pipelines" / "spacex.yaml", **options)


def test_the_report_is_the_result(program):
    assert operator().execute(context())["status"] == "published"
    assert program()["arguments"] == ["run", str(ROOT / "pipelines" / "spacex.yaml"), "--json", "--skip-unchanged"]
    assert program()["variables"]["ASHORE_START_DATE"] == "2022-01-01"


def test_the_wheels_command_is_found_where_none_is_on_the_path(tmp_path, monkeypatch):
    # The package as it lies in the wheel, with a program of its own.
    shutil.copytree(ROOT / "python/ashore/ashore", tmp_path / "ashore")
    engine = tmp_path / "ashore/_engine/bin/ashore"
    engine.parent.mkdir(parents=True)
    engine.write_text('#!/bin/sh\necho \'{"status": "published", "from": "the wheel"}\'\n')
    engine.chmod(0o755)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    assert module.program() == "ashore"
    monkeypatch.syspath_prepend(tmp_path)
    assert operator().execute(context())["from"] == "the wheel"
    for name in [name for name in sys.modules if name == "ashore" or name.startswith("ashore.")]:
        del sys.modules[name]


def test_secrets_reach_the_environment_of_the_process_and_nothing_else(program, connections, caplog):
    task = operator(source_conn_id="api", source_secret="SHOP_TOKEN", destination_conn_id="warehouse")
    task.execute(context())
    got = program()
    assert got["variables"]["ASHORE_SOURCE_URL"] == "https://api.example.com:8443"
    assert (got["variables"]["ASHORE_SOURCE_LOGIN"], got["variables"]["SHOP_TOKEN"]) == ("me", "s3cr3t")
    assert (
        got["variables"]["ASHORE_TO"] == "postgresql://ash%20ore:p%40ss%2Fword@db.example.com:5432/wh?sslmode=require"
    )
    for secret in ("s3cr3t", "p%40ss%2Fword", "p@ss/word"):
        assert secret not in " ".join(got["arguments"])
        assert secret not in caplog.text
        assert secret not in repr(vars(task))
        assert secret not in os.environ.values()


@pytest.mark.parametrize(
    ("stage", "names"),
    [
        ("extract", {"ASHORE_SOURCE_URL", "SHOP_TOKEN"}),
        ("transform", set()),
        ("audit", set()),
        ("load", {"ASHORE_TO"}),
        ("run", {"ASHORE_SOURCE_URL", "SHOP_TOKEN", "ASHORE_TO"}),
    ],
)
def test_a_stage_gets_the_secrets_that_it_uses(program, connections, stage, names):
    operator(stage=stage, source_conn_id="api", source_secret="SHOP_TOKEN", destination_conn_id="warehouse").execute(
        context()
    )
    assert {"ASHORE_SOURCE_URL", "SHOP_TOKEN", "ASHORE_TO"} & program()["variables"].keys() == names


def test_a_destination_must_be_a_database(connections):
    with pytest.raises(AirflowFailException, match="'api' is of type 'http'"):
        operator(destination_conn_id="api").secrets()


def test_urls_of_connections():
    assert http_url(types.SimpleNamespace(host="http://x/", schema="v1/", port=None, conn_type="http")) == "http://x/v1"
    assert postgresql_url(Connection(conn_id="c", conn_type="postgres", schema="db")) == "postgresql:///db"


def test_exit_codes_become_what_airflow_does(program, monkeypatch):
    monkeypatch.setenv("END_WITH", "99")
    with pytest.raises(AirflowSkipException):
        operator().execute(context())
    monkeypatch.setenv("END_WITH", "3")
    with pytest.raises(AirflowFailException, match="blocked by a check"):
        operator().execute(context())
    monkeypatch.setenv("END_WITH", "1")
    with pytest.raises(AirflowException, match="running it again may help"):
        operator().execute(context())
