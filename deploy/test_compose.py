"""The services of compose.yaml, really brought up by podman on a base image made here: they become healthy and talk."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request

import pytest

import containers
from containers import ROOT, USER, build_image, free_ports, podman_environment, wait_for

COMPOSE = os.environ.get("ASHORE_PODMAN_COMPOSE", str(ROOT / ".deps" / "compose-venv" / "bin" / "podman-compose"))
PROJECT = f"ashore-test-{os.getpid()}"
SERVICES = ("database", "api", "airflow", "notebook")

class Services:
    """compose.yaml in a folder of its own, under a project name of its own."""

    def __init__(self, folder):
        self.folder = folder
        for part in ("airflow", "dags", "deploy", "notebooks", "pipelines", "questions"):
            shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__", "*.txt"))
        for part in ("airflow", "notebooks"):
            for path in [folder / part, *(folder / part).rglob("*")]:
                os.chown(path, USER, USER)
        shutil.copy(ROOT / "compose.yaml", folder)
        database, api, self.airflow, self.jupyter, logs, trigger_logs = free_ports(6)
        settings = {
            "ASHORE_UID": USER, "DATABASE_HOST": "127.0.0.1", "DATABASE_LISTEN": database, "API_LISTEN": api,
            "ASHORE_SOURCE_URL": f"http://127.0.0.1:{api}", "AIRFLOW_LISTEN": self.airflow,
            "AIRFLOW_URL": f"http://127.0.0.1:{self.airflow}", "JUPYTER_LISTEN": self.jupyter,
            "TEST_WORKER_LOGS": logs, "TEST_TRIGGER_LOGS": trigger_logs,
        }
        self.database_port = database
        (folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
        self.environment = podman_environment(folder)
        self.token = None

    def call(self, *command, check=True):
        return containers.call(command, self.environment, check, self.folder)

    def build(self):
        """The images, from the installed tree, on the base made here."""
        tree = ROOT / "build" / "image"
        shutil.rmtree(tree, ignore_errors=True)
        subprocess.run(["make", "-s", "install", f"PREFIX={tree}"], cwd=ROOT, check=True)
        for target, image in (("runtime", "ashore"), *((name, f"ashore-{name}") for name in ("database", "airflow", "notebook"))):
            build_image(target, image, self.environment)

    def compose(self, *arguments, check=True):
        return self.call(COMPOSE, "-p", PROJECT, "-f", "compose.yaml", "-f", "deploy/compose.test.yaml", *arguments,
                         check=check)

    def container(self, service):
        found = self.call("podman", "ps", "-a", "-q", "--filter", f"label=com.docker.compose.project={PROJECT}",
                          "--filter", f"label=com.docker.compose.service={service}").stdout.split()
        assert len(found) == 1, f"{service}: {found}"
        return found[0]

    def inside(self, service, *command):
        return self.call("podman", "exec", self.container(service), *command).stdout

    def is_healthy(self, service):
        return self.call("podman", "healthcheck", "run", self.container(service), check=False).returncode == 0

    def logs(self, service):
        done = self.call("podman", "logs", "--tail", "40", self.container(service), check=False)
        return done.stdout + done.stderr

    def select(self, query):
        return self.inside("database", "psql", "-h", "127.0.0.1", "-p",
                           str(self.database_port), "-U", "ashore", "-d", "ashore", "-Atc", query).strip()

    def request(self, method, path, body=None):
        headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {self.token}"} if self.token else {})}
        request = urllib.request.Request(f"http://127.0.0.1:{self.airflow}{path}", method=method, headers=headers,
                                         data=None if body is None else json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read())


@pytest.fixture(scope="module")
def services(tmp_path_factory):
    if os.geteuid() != 0:
        pytest.skip("making a base image by debootstrap needs root")
    found = Services(tmp_path_factory.mktemp("compose") / "project")
    found.build()
    try:
        found.compose("up", "-d", "--no-build")
        yield found
    finally:
        for service in SERVICES:
            with contextlib.suppress(AssertionError):
                print(f"--- {service}\n{found.logs(service)}", file=sys.stderr)  # shown where a test fails
        found.compose("down", "-v", "-t", "15", check=False)


def test_every_service_becomes_healthy_without_being_root(services):
    for service in SERVICES:
        wait_for(f"{service} is healthy", lambda service=service: services.is_healthy(service))
        assert services.inside(service, "id", "-u").strip() == str(USER)


def test_dates_typed_into_airflow_fill_the_tables(services):
    password = (services.folder / "airflow" / "standalone_admin_password.txt").read_text().strip()
    services.token = services.request("POST", "/auth/token", {"username": "admin", "password": password})["access_token"]
    wait_for("the DAG is known", lambda: services.request("GET", "/api/v2/dags")["dags"])
    services.request("PATCH", "/api/v2/dags/spacex", {"is_paused": False})
    run = services.request("POST", "/api/v2/dags/spacex/dagRuns", {
        "logical_date": None, "conf": {"start_date": "2006-03-01", "end_date": "2030-01-01"}})["dag_run_id"]
    path = f"/api/v2/dags/spacex/dagRuns/{urllib.request.quote(run)}"
    state = wait_for("the run ends", lambda: next(
        (state for state in [services.request("GET", path)["state"]] if state in ("success", "failed")), None))
    assert state == "success"
    assert services.select("SELECT (SELECT count(*) FROM launches), (SELECT count(*) FROM cores)") == "205|196"


def test_jupyter_runs_the_notebook_on_postgresql(services):
    text = services.inside("notebook", "jupyter", "nbconvert", "--to", "notebook", "--execute", "--stdout", "--log-level", "ERROR",
                           "/project/notebooks/answers.ipynb")
    outputs = [output for cell in json.loads(text)["cells"] if cell["cell_type"] == "code" for output in cell["outputs"]]
    said = "".join("".join(output["data"]["text/markdown"]) for output in outputs if "text/markdown" in output.get("data", {}))
    for fact in ("**PostgreSQL, database ashore**: 205 launches", "One core has flown 14 times", "48 months had more than one launch",
                 "25 times a core flew again in less than 50 days**, by 9 different cores", "2022-11: 9**, but 9 of these"):
        assert fact in said, said
    assert sum("image/png" in output.get("data", {}) for output in outputs) == 4


def test_jupyterlab_asks_for_its_token(services):
    def status(path, token=None):
        headers = {"Authorization": f"token {token}"} if token else {}
        request = urllib.request.Request(f"http://127.0.0.1:{services.jupyter}{path}", headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code

    token = (services.folder / "notebooks" / "jupyter_token.txt").read_text().strip()
    assert status("/api/contents") == 403
    assert status("/api/contents", token) == 200


def test_no_secret_is_readable_by_others(services):
    for path in ("airflow/standalone_admin_password.txt", "notebooks/jupyter_token.txt"):
        assert (services.folder / path).stat().st_mode & 0o077 == 0
    assert services.inside("airflow", "stat", "-c", "%a", "/secrets/pgpass").strip() == "600"
