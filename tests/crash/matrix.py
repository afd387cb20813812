"""A small case run again and again, dying or failing at every outside call in turn, and what must hold after each."""
import concurrent.futures
import contextlib
import dataclasses
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import uuid

import duckdb
import psycopg

import harness

TABLES = ("readings", "parts")
# Memory: what is measured here is our order of calls, not the disk (power loss has its own test).
FOLDER = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None

PIPELINE = harness.READINGS.replace("size: 3, parallel: 2", "size: 4, parallel: 1")

# 6 readings in 4 partitions; then one changed, one moved, one with other parts, one new.
EARLIER = [harness.reading(number, at=f"2024-03-{1 + number % 4:02}T0{number}:00:00Z") for number in range(6)]
LATER = [harness.reading(0, at="2024-03-01T00:00:00Z", amount=1_000),
         harness.reading(1, at="2024-03-05T01:00:00Z"),
         harness.reading(2, at="2024-03-03T02:00:00Z", parts=[{"id": "p9", "weight": 9}]),
         *EARLIER[3:], harness.reading(7, at="2024-03-04T07:00:00Z")]


def answer(items):
    return lambda request: harness.Reply(json.dumps(harness.page_of(items, request, size=4)))


# ---------------------------------------------------------------- what is looked at


def log_of(table):
    """Name to text of every log file of a table."""
    return {path.name: path.read_text() for path in sorted((table / "_delta_log").glob("*.json"))}


def files_of(table):
    """Path to the add action of every file of the latest version, but its time: a retry takes time."""
    files = {}
    for text in log_of(table).values():
        actions = [json.loads(line) for line in text.splitlines()]
        for action in actions:
            files.pop(action.get("remove", {}).get("path"), None)
        for action in actions:
            if "add" in action:
                files[action["add"]["path"]] = {key: value for key, value in action["add"].items()
                                                if key != "modificationTime"}
    return files


def unquoted(path):
    return path.replace("%25", "%")


@dataclasses.dataclass
class State:
    """What readers see."""
    files: dict  # table -> path -> add action
    rows: dict   # table -> rows in the destination

    def of_table(self, table):
        return self.files[table]


class DuckDb:
    """The destination of the pipeline itself."""

    name = "duckdb"
    arguments = ()

    def copy(self):
        return self

    def rows(self, ashore, tables=TABLES):
        if not ashore.warehouse().exists():
            return {}
        with duckdb.connect(str(ashore.warehouse()), read_only=True) as connection:
            names = [row[0] for row in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
            return {name: sorted(connection.execute(f'SELECT CAST(COLUMNS(*) AS VARCHAR) FROM "{name}"').fetchall(),
                                 key=str) for name in tables if name in names}

    def drop(self):
        """It lies in the data folder."""


class PostgreSql:
    """A database of its own for each trial, copied from one that holds the base."""

    name = "postgresql"

    def __init__(self, database):
        self.database = database
        self.arguments = ("--to", database.url)

    def copy(self):
        copy = object.__new__(harness.Database)
        copy.parts = self.database.parts
        copy.name = "e2e_" + uuid.uuid4().hex[:12]
        copy.url = copy.url_of()
        with psycopg.connect(harness.postgres_url(), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{copy.name}" TEMPLATE "{self.database.name}"')
        return PostgreSql(copy)

    def rows(self, ashore, tables=TABLES):
        with psycopg.connect(self.database.url) as connection:
            names = [row[0] for row in connection.execute(
                "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'").fetchall()]
            return {name: sorted(connection.execute(f'SELECT * FROM "{name}"').fetchall(), key=str)
                    for name in tables if name in names}

    def drop(self):
        self.database.drop()


def state_of(ashore, destination, tables=TABLES):
    return State({table: files_of(ashore.table(table)) for table in tables}, destination.rows(ashore, tables))


# ---------------------------------------------------------------- the matrix


FAILURES = {"http request": "ECONNRESET", "http answer": "ECONNRESET", "connect": "ECONNRESET", "sql": "ECONNRESET",
            "append": "ECONNRESET", "begin": "ECONNRESET", "commit": "ECONNRESET", "commit answer": "ECONNRESET",
            "rollback": "ECONNRESET", "write": "ENOSPC", "write rest": "ENOSPC", "create": "ENOSPC", "mkdir": "ENOSPC"}


class Matrix:
    """One window loaded over a base, cut at each of its outside calls."""

    def __init__(self, folder, url, destination, base, pipeline=PIPELINE, tables=TABLES):
        """`base` is the data folder that each trial begins with, or None; `destination` holds the same."""
        self.folder, self.url, self.destination, self.base, self.tables = folder, url, destination, base, tables
        self.pipeline = folder / "pipeline.yaml"
        self.pipeline.write_text(pipeline)
        with self.trial() as (ashore, own):
            self.old = state_of(ashore, own, self.tables)
            trace = folder / "trace"
            trace.unlink(missing_ok=True)
            self.run(ashore, own, plan=f"trace:{trace}")
            self.calls = [line.split(" ")[1:] for line in trace.read_text().splitlines()]
            self.new = state_of(ashore, own, self.tables)
            self.logs = {table: log_of(ashore.table(table)) for table in self.tables}

    @contextlib.contextmanager
    def trial(self):
        """A copy of the base in a folder of its own."""
        folder = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        ashore = harness.Ashore(folder, self.pipeline)
        if self.base:
            shutil.copytree(self.base, ashore.data, symlinks=True)
        own = self.destination.copy()
        try:
            yield ashore, own
        finally:
            if own is not self.destination:
                own.drop()
            shutil.rmtree(folder)

    def run(self, ashore, destination, plan=None, run_id="run-later", code=0):
        """Runs the window; all clocks stand still, so that the same run writes the same bytes."""
        variables = {"ASHORE_TEST_TIME": "2024-04-02T00:00:00Z", **({"ASHORE_TEST_FAULTS": plan} if plan else {})}
        command = ashore.command("run", "--source-url", self.url, "--threads", "1", "--run-id", run_id,
                                 "--progress", "none", *destination.arguments)
        done = subprocess.run(command, cwd=harness.ROOT, capture_output=True, text=True, timeout=harness.SECONDS_MAX,
                              env={**harness.environment(ashore.folder), **variables})
        expected = code if isinstance(code, tuple) else (code,)
        assert done.returncode in expected, f"exit {done.returncode}, not {code}: {done.stderr}"
        return done

    def check_old_or_new(self, ashore, destination):
        """Before anything heals: each table and the destination is as before or as after, and whole."""
        now = state_of(ashore, destination, self.tables)
        for table in self.tables:
            assert now.files[table] in (self.old.files[table], self.new.files[table]), f"{table} is neither old nor new"
            for path, add in now.files[table].items():
                assert (ashore.table(table) / unquoted(path)).stat().st_size == add["size"], path
        assert now.rows in (self.old.rows, self.new.rows), "the destination is neither old nor new"

    def check_recovered(self, ashore):
        """After `recover` a plain listing of a table's folders is the latest version, and the tables agree."""
        done = subprocess.run([str(harness.BINARY), "recover", "--data-dir", str(ashore.data)], capture_output=True,
                              text=True, timeout=harness.SECONDS_MAX, env=harness.environment(ashore.folder))
        assert done.returncode == 0, done.stderr
        files = {table: files_of(ashore.table(table)) for table in self.tables}
        assert files in (self.old.files, self.new.files), "the tables disagree after recover"
        for table in self.tables:
            plain = {str(path.relative_to(ashore.table(table))) for path in ashore.table(table).glob("*/*.parquet")}
            assert plain == {unquoted(path) for path in files[table]}, f"a plain reader sees other files of {table}"

    def check_healed(self, ashore, destination, same_bytes):
        now = state_of(ashore, destination, self.tables)
        assert now == self.new, "the healed end is not the undisturbed one"
        if same_bytes:
            assert {table: log_of(ashore.table(table)) for table in self.tables} == self.logs, "other log bytes"
        left = [path for path in ashore.data.rglob("*") if path.name.startswith(".staged") and any(path.iterdir())]
        assert not left and not (ashore.data / "stage" / ".intent.json").exists(), "staged files are left"

    def disturb(self, number, kind):
        """One trial: cut at call `number` (from 1), look, recover, look, run again, look."""
        call = " ".join(self.calls[number - 1])
        if kind == "kill":
            plan, code = f"kill:{number}", -9
        else:
            known = [name for name in FAILURES if call.startswith(name + " ")]
            plan, code = f"fail:{number}:{FAILURES[max(known, key=len)] if known else 'EIO'}", (0, 1)
        same_run = number % 2 == 0
        try:
            with self.trial() as (ashore, own):
                self.run(ashore, own, plan, code=code)
                self.check_old_or_new(ashore, own)
                self.check_recovered(ashore)
                self.run(ashore, own, run_id="run-later" if same_run else "run-again")
                self.check_healed(ashore, own, same_bytes=same_run and kind == "kill")
        except AssertionError as error:
            return f"{plan} ({call}): {error}"
        return None

    def disturb_all(self, kind, numbers):
        """The calls of these numbers, from 1; gives what went wrong."""
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            return [wrong for wrong in pool.map(lambda number: self.disturb(number, kind), numbers) if wrong]

    def seconds_of_a_run(self):
        """How long an undisturbed run takes."""
        with self.trial() as (ashore, own):
            start = time.monotonic()
            self.run(ashore, own)
            return time.monotonic() - start

    def kill_after(self, seconds):
        """One trial: SIGKILL at an instant that is no point of ours, look, recover, look, run again, look."""
        try:
            with self.trial() as (ashore, own):
                command = ashore.command("run", "--source-url", self.url, "--threads", "1", "--run-id", "run-later",
                                         "--progress", "none", *own.arguments)
                process = subprocess.Popen(command, cwd=harness.ROOT, stdout=subprocess.DEVNULL,
                                           stderr=subprocess.DEVNULL, env={
                                               **harness.environment(ashore.folder),
                                               "ASHORE_TEST_TIME": "2024-04-02T00:00:00Z"})
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(timeout=seconds)
                process.kill()
                process.wait()
                self.check_old_or_new(ashore, own)
                self.check_recovered(ashore)
                self.run(ashore, own, run_id="run-again")
                self.check_healed(ashore, own, same_bytes=False)
        except AssertionError as error:
            return f"killed after {seconds:.4f} s: {error}"
        return None


@contextlib.contextmanager
def folder_in_memory():
    with tempfile.TemporaryDirectory(prefix="ashore-crash-", dir=FOLDER) as folder:
        yield pathlib.Path(folder)


def make_base(folder, destination, items):
    """A data folder, and the destination, that hold these items."""
    with harness.Server(answer(items)) as server:
        return make_base_from(folder, destination, server.url, PIPELINE)


def make_base_from(folder, destination, url, text):
    """A data folder, and the destination, that hold what a source has."""
    pipeline = folder / "base.yaml"
    pipeline.write_text(text)
    ashore = harness.Ashore(folder, pipeline, data="base")
    ashore.run("--source-url", url, "--run-id", "run-earlier", *destination.arguments,
               variables={"ASHORE_TEST_TIME": "2024-04-01T00:00:00Z"})
    return ashore.data
