"""A real Airflow on free ports with a folder of DAGs, and what tests ask it; ends all that it started."""

import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[3]
PACKAGE = ROOT / "python" / "ashore_airflow"
PROGRAMS = pathlib.Path(sys.executable).parent
BINARY = pathlib.Path(os.environ.get("ASHORE_BINARY", ROOT / "build" / "release" / "ashore"))
SECONDS_MAX = 150  # of a wait for one condition
ENDED = ("success", "failed")


def free_ports(count):
    """Ports that are free now, all different."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def wait_for(what, condition, seconds=SECONDS_MAX):
    """The first true answer of condition(); fails with `what` when there is none in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = condition()
        if answer:
            return answer
        time.sleep(0.3)
    raise AssertionError(f"waited {seconds} s in vain: {what}")


def end_group(process):
    """Ends a process that leads its own session, and all in it."""
    for kind in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, kind)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        if kind == signal.SIGTERM:
            time.sleep(1)


class Source:
    """The stand-in API as a process of its own."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen(
            [BINARY, "serve-api", *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        line = self.process.stdout.readline()
        self.url = re.search(r"http://127\.0\.0\.1:\d+", line).group(0)

    def stop(self):
        self.process.terminate()
        self.process.wait(10)
        self.process.stdout.close()


class World:
    """A project folder with dags/ and pipelines/, and an Airflow that runs them, with its tables in a PostgreSQL."""

    def __init__(self, folder, database, variables):
        self.folder = pathlib.Path(folder)
        self.home = self.folder / "airflow"
        self.project = self.folder / "project"
        for part in ("dags", "pipelines", "questions"):
            shutil.copytree(ROOT / part, self.project / part, ignore=shutil.ignore_patterns("__pycache__"))
        api, logs, trigger_logs, health = free_ports(4)
        self.url = f"http://127.0.0.1:{api}"
        self.variables = {
            "PATH": f"{BINARY.parent}:{PROGRAMS}:{os.environ['PATH']}",
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(PACKAGE),
            "PYTHONDONTWRITEBYTECODE": "1",
            "AIRFLOW_HOME": str(self.home),
            "AIRFLOW__CORE__DAGS_FOLDER": str(self.project / "dags"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__PARALLELISM": "3",
            # Not SQLite: there a command beside the scheduler ends with "database is locked" now and then.
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": database.replace("postgresql://", "postgresql+psycopg2://", 1),
            "AIRFLOW__CORE__DEFAULT_TASK_RETRY_DELAY": "1",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin",
            "AIRFLOW__API__HOST": "127.0.0.1",
            "AIRFLOW__API__PORT": str(api),
            "AIRFLOW__API__BASE_URL": self.url,
            "AIRFLOW__API__WORKERS": "1",
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{self.url}/execution/",
            "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(logs),
            "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(trigger_logs),
            "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT": str(health),
            "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "5",
            "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.3",
            "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
            "ASHORE_DATA_DIR": str(self.folder / "resources"),
            **variables,
        }
        self.process = None
        self._token = None

    # ------------------------------------------------------------ the project

    def add(self, name, pipeline, dag):
        """Another pipeline file and its DAG."""
        (self.project / "pipelines" / f"{name}.yaml").write_text(pipeline)
        (self.project / "dags" / f"{name}.py").write_text(
            f"import datetime\n\nimport ashore_airflow\n\nbuilt = ashore_airflow.{dag}\n"
        )

    # ------------------------------------------------------------ the command line

    def airflow(self, *arguments, seconds=SECONDS_MAX, variables=None):
        """The outcome of one airflow command, which must end well."""
        done = subprocess.run(
            [PROGRAMS / "airflow", *arguments], env={**self.variables, **(variables or {})}, cwd=self.folder,
            capture_output=True, text=True, timeout=seconds, check=False)  # fmt: skip
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
        return done.stdout + done.stderr

    # ------------------------------------------------------------ the server

    def start(self):
        with (self.folder / "standalone.log").open("w") as log:
            self.process = subprocess.Popen(
                [PROGRAMS / "airflow", "standalone"], env=self.variables, cwd=self.folder, stdin=subprocess.DEVNULL,
                stdout=log, stderr=subprocess.STDOUT, start_new_session=True)  # fmt: skip
        try:
            wait_for("airflow standalone is healthy", self._is_healthy)
            self._token = wait_for("a token", self._log_in)
        except AssertionError:
            self.stop()
            print((self.folder / "standalone.log").read_text()[-6000:])
            raise

    def stop(self):
        if self.process:
            end_group(self.process)

    def _is_healthy(self):
        assert self.process.poll() is None, (self.folder / "standalone.log").read_text()[-6000:]
        try:
            parts = self.get("/monitor/health", allow_anonymous=True)
        except (OSError, ValueError):
            return False
        return all(parts[part]["status"] == "healthy" for part in ("metadatabase", "scheduler", "dag_processor"))

    def _log_in(self):
        passwords = self.home / "simple_auth_manager_passwords.json.generated"
        if not passwords.exists():
            return None
        login = {"username": "admin", "password": json.loads(passwords.read_text())["admin"]}
        return self._request("POST", f"{self.url}/auth/token", login)["access_token"]

    def _request(self, method, url, body=None):
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data=data, headers=headers, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or b"null")

    def get(self, path, allow_anonymous=False):
        assert allow_anonymous or self._token
        return self._request("GET", f"{self.url}/api/v2{path}")

    def post(self, path, body):
        return self._request("POST", f"{self.url}/api/v2{path}", body)

    def patch(self, path, body):
        return self._request("PATCH", f"{self.url}/api/v2{path}", body)

    # ------------------------------------------------------------ runs

    def unpause(self, dag):
        wait_for(f"DAG {dag} is known", lambda: self._knows(dag))
        self.patch(f"/dags/{dag}", {"is_paused": False})

    def _knows(self, dag):
        try:
            return self.get(f"/dags/{dag}")
        except urllib.error.HTTPError:
            return None

    def trigger(self, dag, **conf):
        """The id of a run as a person starts it: with no logical date, hence no data interval."""
        return self.post(f"/dags/{dag}/dagRuns", {"logical_date": None, "conf": conf})["dag_run_id"]

    def scheduled(self, dag):
        """The id of the scheduled run that unpausing starts."""

        def found():
            runs = self.get(f"/dags/{dag}/dagRuns")["dag_runs"]
            return next((run["dag_run_id"] for run in runs if run["run_type"] == "scheduled"), None)

        return wait_for(f"a scheduled run of {dag}", found)

    def run(self, dag, run_id):
        return self.get(f"/dags/{dag}/dagRuns/{urllib.request.quote(run_id)}")

    def ended(self, dag, run_id):
        """The state in which a run ended."""
        return wait_for(f"{dag} {run_id} ends", lambda: self._state_when_ended(dag, run_id))

    def _state_when_ended(self, dag, run_id):
        state = self.run(dag, run_id)["state"]
        return state if state in ENDED else None

    def tasks(self, dag, run_id):
        """Task to (state, number of tries)."""
        found = self.get(f"/dags/{dag}/dagRuns/{urllib.request.quote(run_id)}/taskInstances")
        return {one["task_id"]: (one["state"], one["try_number"]) for one in found["task_instances"]}

    def mapped(self, dag, run_id, task):
        """Number to state of a mapped task's instances."""
        found = self.get(f"/dags/{dag}/dagRuns/{urllib.request.quote(run_id)}/taskInstances")["task_instances"]
        return {one["map_index"]: one["state"] for one in found if one["task_id"] == task}

    def states(self, dag, run_id):
        return {task: state for task, (state, _) in self.tasks(dag, run_id).items()}

    def report(self, dag, run_id, task):
        """The XCom of a task."""
        run_id = urllib.request.quote(run_id)
        value = self.get(f"/dags/{dag}/dagRuns/{run_id}/taskInstances/{task}/xcomEntries/return_value")["value"]
        return json.loads(value) if isinstance(value, str) else value

    def log(self, dag, run_id, task, attempt=1):
        run_id = urllib.request.quote(run_id)
        return json.dumps(self.get(f"/dags/{dag}/dagRuns/{run_id}/taskInstances/{task}/logs/{attempt}"))

    def clear_failed(self, dag, run_id):
        """What "clear failed tasks" does in the UI."""
        self.post(
            f"/dags/{dag}/clearTaskInstances",
            {"dry_run": False, "dag_run_id": run_id, "only_failed": True, "reset_dag_runs": True})  # fmt: skip
