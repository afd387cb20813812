"""Real Airflow: its commands, its scheduler, a stopped database, blocked runs, a killed worker, a backfill."""

import contextlib
import http.server
import json
import os
import pathlib
import signal
import subprocess
import threading
import urllib.error

import psycopg2
import pytest
from world import ROOT, Source, World, wait_for

from ashore_airflow.stage import STAGES

SPACEX = (ROOT / "pipelines" / "spacex.yaml").read_text()
ALL = {"start_date": "2006-03-01", "end_date": "2030-01-01"}  # covers every launch of the embedded API
GREEN = dict.fromkeys(STAGES, "success")
SKIPPED = {**GREEN, "load": "skipped"}


@pytest.fixture(scope="module")
def database():
    url = os.environ.get("ASHORE_TEST_POSTGRES")
    control = os.environ.get("ASHORE_TEST_POSTGRES_CONTROL")
    if not url or not control:
        pytest.skip("there is no PostgreSQL: run by scripts/with_postgres")
    return url


@pytest.fixture(scope="module")
def airflow_database():
    """Airflow's own tables, in a server of their own: tests stop the other one."""
    url = os.environ.get("ASHORE_TEST_AIRFLOW_DATABASE")
    if not url:
        pytest.skip("there is no database for Airflow: run by make airflow-test")
    return url


def control_database(action):
    subprocess.run([os.environ["ASHORE_TEST_POSTGRES_CONTROL"], action], check=True)


def rows_in(database, table):
    with psycopg2.connect(database) as connection, connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return cursor.fetchone()[0]


@pytest.fixture(scope="module")
def source():
    served = Source()
    yield served.url
    served.stop()


@pytest.fixture(scope="module")
def slow_source():
    """Leaves its first request without an answer, so that a worker can be killed while it waits."""
    served = Source("--fail-timeout", "1", "--timeout-hold", "60s")
    yield served.url
    served.stop()


def variant(name, old, new):
    """The shipped pipeline under another name, with one line changed; its scheduled runs load all rows."""
    text = SPACEX
    for before, after in (("name: spacex\n", f"name: {name}\n"), ("lookback: 400d", "lookback: 9000d"), (old, new)):
        assert before in text
        text = text.replace(before, after, 1)
    return text


def single_database(database):
    return database.rsplit("/", 1)[0] + "/single"


@pytest.fixture(scope="module")
def world(tmp_path_factory, database, airflow_database, source, slow_source):
    folder = tmp_path_factory.mktemp("world")
    webhook = folder / "posts"
    found = World(folder, airflow_database, {"ASHORE_SOURCE_URL": source, "ASHORE_TO": database})
    found.add(
        "blocked", variant("blocked", "checks:\n", "checks:\n      - {row_count: {min: 1000}}\n"),
        'dag("pipelines/blocked.yaml", data_dir="blocked")')  # fmt: skip
    found.add(
        "quarantined", variant("quarantined", "name: {path: /name, type: string}", "name: {path: /name, type: int32}"),
        'dag("pipelines/quarantined.yaml", data_dir="quarantined")')  # fmt: skip
    found.add(
        "killed", variant("killed", "duckdb: warehouse.duckdb", "duckdb: warehouse.duckdb"),
        'dag("pipelines/killed.yaml", data_dir="killed", environment={"ASHORE_TO": "duckdb:killed.duckdb", '
        f'"ASHORE_SOURCE_URL": "{slow_source}"}})')  # fmt: skip
    found.add(
        "single", variant("single", "duckdb: warehouse.duckdb", "duckdb: warehouse.duckdb"),
        'dag("pipelines/single.yaml", single_task=True, data_dir="single", source_conn_id="single_api", '
        'destination_conn_id="single_database", execution_timeout=datetime.timedelta(minutes=5))')  # fmt: skip
    found.add(
        "sharded", variant("sharded", "duckdb: warehouse.duckdb", "duckdb: sharded.duckdb"),
        'dag("pipelines/sharded.yaml", shards=3, data_dir="sharded", '
        'environment={"ASHORE_TO": "duckdb:sharded.duckdb"})')  # fmt: skip
    with contextlib.closing(psycopg2.connect(database)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute("CREATE DATABASE single")
    found.variables["AIRFLOW_CONN_SINGLE_API"] = source
    found.variables["AIRFLOW_CONN_SINGLE_DATABASE"] = single_database(database)
    found.webhook = webhook
    yield found
    found.stop()


@pytest.fixture(scope="module")
def server(world, posts, lineage):
    world.variables["AIRFLOW_CONN_ASHORE_WEBHOOK"] = f"http://127.0.0.1:{posts.port}/hook"
    world.variables["OPENLINEAGE_URL"] = f"http://127.0.0.1:{lineage.port}"
    world.variables["OPENLINEAGE_NAMESPACE"] = "house"
    world.start()
    for dag in ("spacex", "blocked", "quarantined"):
        world.unpause(dag)
    return world


@contextlib.contextmanager
def collecting():
    """A server that keeps the JSON that is posted to it."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.server.found.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.found = []
        server.port = server.server_port
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture(scope="module")
def posts():
    """What the webhook got."""
    with collecting() as server:
        yield server


@pytest.fixture(scope="module")
def lineage():
    """What the receiver of OpenLineage got, from Airflow and from ashore."""
    with collecting() as server:
        yield server


# ---------------------------------------------------------------- the commands


def dags_test(world, tmp_path, *arguments):
    """The reports of the stages of `airflow dags test`, on data of its own."""
    variables = {"ASHORE_DATA_DIR": str(tmp_path / "data"), "ASHORE_TO": f"duckdb:{tmp_path / 'x.duckdb'}"}
    if not world.home.exists():
        world.airflow("db", "migrate")
    text = world.airflow("dags", "test", "spacex", *arguments, variables=variables)
    assert "state=success" in text, text[-3000:]
    return [json.loads(path.read_text()) for path in sorted((tmp_path / "data" / "runs").glob("*/report.json"))]


def test_dags_test_of_a_scheduled_run_widens_its_interval(world, tmp_path):
    [report] = dags_test(world, tmp_path, "2022-01-02")
    assert report["window"] == {"start": "2020-11-27T00:00:00Z", "end": "2023-02-06T00:00:00Z"}
    assert report["status"] == "published"


def test_dags_test_of_a_manual_run_takes_its_dates_as_they_are(world, tmp_path):
    conf = json.dumps({"start_date": "2022-01-01", "end_date": "2022-03-01"})
    [report] = dags_test(world, tmp_path, "--conf", conf)
    assert report["window"] == {"start": "2022-01-01T00:00:00Z", "end": "2022-03-01T00:00:00Z"}
    assert report["tables"]["launches"]["inserted"] == 8


# ---------------------------------------------------------------- the scheduler


def test_every_dag_is_imported(server):
    assert server.get("/importErrors")["import_errors"] == []


def test_the_trigger_form_shows_both_dates_and_they_are_validated(server):
    params = server.get("/dags/spacex/details")["params"]
    for name in ("start_date", "end_date"):
        assert params[name]["value"] is None
        assert params[name]["schema"]["format"] == "date"
    with pytest.raises(urllib.error.HTTPError) as refused:
        server.trigger("spacex", start_date="2006-13-01")
    assert 400 <= refused.value.code < 500


def test_unpausing_starts_the_scheduled_run_of_the_last_day(server):
    run = server.run("spacex", server.scheduled("spacex"))
    assert server.ended("spacex", run["dag_run_id"]) == "success"
    report = server.report("spacex", run["dag_run_id"], "extract")
    assert report["run_id"] == run["dag_run_id"]
    days = [text[:10] for text in (report["window"]["start"], report["window"]["end"])]
    assert days[0] < run["data_interval_start"][:10] < days[1]


def test_blocked_runs_fail_at_once_and_name_the_check(server, posts):
    held, quarantined = server.scheduled("blocked"), server.scheduled("quarantined")
    assert server.ended("blocked", held) == "failed"
    assert server.tasks("blocked", held)["audit"] == ("failed", 1)
    assert server.states("blocked", held)["publish"] == "upstream_failed"
    assert "check 'row_count: {min: 1000}' of table 'launches'" in server.log("blocked", held, "audit")

    assert server.ended("quarantined", quarantined) == "failed"
    assert server.tasks("quarantined", quarantined)["transform"] == ("failed", 1)
    assert "blocked by quarantine" in server.log("quarantined", quarantined, "transform")

    posted = wait_for("the webhook has both", lambda: {post["dag_id"]: post for post in posts.found}
                      if {"blocked", "quarantined"} <= {post["dag_id"] for post in posts.found} else None)  # fmt: skip
    assert (posted["blocked"]["task_id"], posted["blocked"]["run_id"]) == ("audit", held)
    assert "row_count" in posted["blocked"]["error"]
    assert posted["quarantined"]["task_id"] == "transform"


def test_with_the_database_stopped_it_is_red_at_load_and_the_retry_heals(server, database, posts):
    control_database("stop")
    run = server.trigger("spacex", **ALL)
    assert server.ended("spacex", run) == "failed"
    assert server.states("spacex", run) == {**GREEN, "load": "failed"}
    assert server.tasks("spacex", run)["load"][1] == 4, "one try and three more"
    assert "Connection refused" in server.log("spacex", run, "load", 4)
    assert len([post for post in posts.found if post["run_id"] == run]) == 1, "told once, after the last retry"

    control_database("start")
    server.clear_failed("spacex", run)
    wait_for("the retry has begun", lambda: server.run("spacex", run)["state"] != "failed")
    assert server.ended("spacex", run) == "success"
    assert server.states("spacex", run) == GREEN
    assert (rows_in(database, "launches"), rows_in(database, "cores")) == (205, 196)
    reports = [server.report("spacex", run, stage) for stage in STAGES]
    assert {report["run_id"] for report in reports} == {run}, "one run id through all"
    assert {report["window"]["start"] for report in reports} == {"2006-03-01T00:00:00Z"}


def test_a_second_run_of_the_same_skips_only_its_last_task(server, database):
    run = server.trigger("spacex", **ALL)
    assert server.run("spacex", run)["data_interval_start"] is None
    assert server.ended("spacex", run) == "success"
    assert server.states("spacex", run) == SKIPPED
    assert rows_in(database, "launches") == 205


def processes():
    """Process id to (parent, command line)."""
    found = {}
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
            found[int(folder.name)] = (parent, (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except (OSError, ValueError):
            continue
    return found


def test_a_killed_worker_is_tried_again_and_heals(server):
    server.unpause("killed")
    run = server.scheduled("killed")

    def extracting():
        return next(
            (pair for pair in processes().items() if pair[1][1].startswith("ashore extract pipelines/killed")), None
        )

    binary, (worker, _) = wait_for("extract runs", extracting)
    os.kill(worker, signal.SIGKILL)
    wait_for("its extract ends with it", lambda: binary not in processes(), seconds=10)
    assert server.ended("killed", run) == "success"
    tasks = server.tasks("killed", run)
    assert tasks["extract"] == ("success", 2)
    assert server.report("killed", run, "load")["tables"]["launches"]["inserted"] == 205


def test_a_single_task_does_it_all_with_what_connections_say(server, database):
    server.unpause("single")
    run = server.scheduled("single")
    assert server.ended("single", run) == "success"
    assert server.tasks("single", run) == {"run": ("success", 1)}
    report = server.report("single", run, "run")
    assert (report["status"], report["run_id"]) == ("published", run)
    assert [destination["tables"]["launches"]["inserted"] for destination in report["destinations"]] == [205]
    assert rows_in(single_database(database), "launches") == 205
    assert database.split(":")[2].split("@")[0] not in server.log("single", run, "run")
    again = server.trigger("single")
    assert server.ended("single", again) == "success"
    assert server.states("single", again) == {"run": "skipped"}


def test_shards_are_mapped_joined_and_make_the_same_tables(server, database):
    """Three tasks land a third of the window each; the rows are those of one task."""
    server.unpause("sharded")
    run = server.scheduled("sharded")
    assert server.ended("sharded", run) == "success", server.states("sharded", run)
    mapped = server.mapped("sharded", run, "extract")
    assert mapped == {0: "success", 1: "success", 2: "success"}
    joined, loaded = (server.report("sharded", run, task) for task in ("join", "load"))
    assert joined["run_id"] == loaded["run_id"] == run
    assert joined["extract"]["items"] == 205
    assert loaded["tables"]["launches"]["inserted"] == 205
    assert loaded["tables"]["cores"]["inserted"] == 196


def test_lineage_names_the_task_as_the_runs_parent(server, lineage):
    server.unpause("single")
    run = server.scheduled("single")
    assert server.ended("single", run) == "success"

    def both():
        """The events of our process, and Airflow's of its task."""
        events = [event for event in list(lineage.found) if event["job"]["namespace"] == "house"]
        ours = [
            event
            for event in events
            if event["run"]["facets"].get("ashore_run", {}).get("run_id") == run and event["job"]["name"] == "single"
        ]
        kinds = {event["eventType"] for event in ours}
        parents = {event["run"]["facets"]["parent"]["run"]["runId"] for event in ours}
        tasks = [event for event in events if event["run"]["runId"] in parents]
        return (ours[-1], tasks[-1]) if "COMPLETE" in kinds and tasks else None

    ours, task = wait_for("lineage of the process and of its task", both)
    parent = ours["run"]["facets"]["parent"]
    assert parent["job"] == {"namespace": "house", "name": "single.run"}
    assert task["job"]["name"] == "single.run"
    assert parent["root"]["job"]["name"] == "single"
    assert {output["name"].rsplit("/", 1)[-1].rsplit(".", 1)[-1] for output in ours["outputs"]} == {"launches", "cores"}


def test_a_backfill_makes_its_runs(server):
    server.airflow(
        "backfill", "create", "--dag-id", "spacex", "--from-date", "2022-03-01", "--to-date", "2022-03-02",
        "--reprocess-behavior", "completed", "--max-active-runs", "1")  # fmt: skip

    def ended():
        runs = [run for run in server.get("/dags/spacex/dagRuns")["dag_runs"] if run["run_type"] == "backfill"]
        return runs if len(runs) == 2 and all(run["state"] in ("success", "failed") for run in runs) else None

    for run in wait_for("both runs end", ended):
        assert run["state"] == "success"
        assert server.report("spacex", run["dag_run_id"], "extract")["window"] == {
            "start": run["data_interval_start"], "end": run["data_interval_end"]}  # fmt: skip


def test_published_tables_are_assets_with_an_event_for_each_load(server):
    assert {asset["uri"] for asset in server.get("/assets")["assets"]} >= {
        "ashore://spacex/launches", "ashore://spacex/cores"}  # fmt: skip
    events = server.get("/assets/events")["asset_events"]
    assert {event["source_task_id"] for event in events} <= {"load", "run"}
    assert {event["source_dag_id"] for event in events if event["source_task_id"] == "run"} <= {"single"}
