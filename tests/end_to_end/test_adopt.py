"""Taking over tables that another tool filled, or that were loaded from a table that is lost."""
import json
import os
import shutil
import subprocess

import duckdb
import pytest

import harness
from harness import READINGS, Server, reading, source_of

COLUMNS = {"duckdb": "reading_id VARCHAR, taken_at TIMESTAMPTZ, day DATE, amount BIGINT, note VARCHAR, extra JSON",
           "postgresql": "reading_id text, taken_at timestamptz, day date, amount bigint, note text, extra json"}


class DuckDb:
    """A DuckDB file that tests write to by hand."""

    def __init__(self, path):
        self.path, self.url = path, f"duckdb:{path}"

    def query(self, text):
        with duckdb.connect() as connection:
            # Newer tools write files that ours cannot read, unless told.
            connection.execute(f"ATTACH '{self.path}' AS file (STORAGE_VERSION 'v1.0.0')")
            connection.execute("USE file")
            connection.execute("SET TimeZone = 'UTC'")
            return connection.execute(text).fetchall()

    def rows(self, table):
        return harness.rows_in_duckdb(self.path, table)

    def drop(self):
        """The folder of the test goes anyway."""


@pytest.fixture(params=["duckdb", "postgresql"])
def database(request, tmp_path):
    made = DuckDb(tmp_path / "by_hand.duckdb") if request.param == "duckdb" else harness.Database()
    made.kind = request.param
    yield made
    made.drop()


@pytest.fixture
def readings(tmp_path, database):
    """The made-up pipeline, published once with 6 readings, and a database that is not loaded yet."""
    path = tmp_path / "readings.yaml"
    with Server(source_of([reading(n) for n in range(6)])) as server:
        path.write_text(READINGS.replace("http://127.0.0.1:9", server.url))
        ashore = harness.Ashore(tmp_path, path)
        ashore.run("--run-id", "first")
        yield ashore


def fill(database, columns, *rows):
    database.query(f"CREATE TABLE readings ({columns})")
    for row in rows:
        database.query(f"INSERT INTO readings VALUES ({row})")


def row_of(number, amount=None):
    item = reading(number)
    extra = json.dumps(item["extra"], separators=(", ", ": "))
    return (f"'{item['id']}', '{item['at']}', '{item['at'][:10]}', {item['amount'] if amount is None else amount},"
            f" '{item['note']}', '{extra}'")


def published(readings):
    return {table: harness.read_with_all(readings.table(table)) for table in ("readings", "parts")}


def loaded(database):
    return {table: database.rows(table) for table in ("readings", "parts")}


def test_a_table_filled_by_hand_is_taken_over(readings, database):
    fill(database, COLUMNS[database.kind], row_of(0), row_of(1, amount=-1), row_of(70), row_of(71))
    refused = readings("load", "--to", database.url)
    assert refused.code == 2
    refused.says("did not load", "readings", "load --adopt")
    before = database.rows("readings")
    shown = readings.good("load", "--to", database.url, "--adopt", "--dry-run")
    assert "inserts  4: r002; r003; r004; r005" in shown.stdout
    assert "updates  1: r001\n" in shown.stdout and "deletes  2: r070; r071\n" in shown.stdout
    assert "nothing was changed" in shown.stdout
    assert database.rows("readings") == before
    outcome = readings.good("load", "--to", database.url, "--adopt", "--json")
    told = json.loads(outcome.stdout.splitlines()[0])["adoption"]["tables"]
    assert list(told) == ["readings"]
    assert (told["readings"]["inserted"], told["readings"]["updated"], told["readings"]["deleted"]) == (4, 1, 2)
    assert outcome.report["destinations"][0]["tables"]["readings"]["unchanged"] == 1
    assert loaded(database) == published(readings)
    # From now on it is ours.
    assert readings("load", "--to", database.url, "--skip-unchanged").code == 99
    if database.kind == "postgresql":
        (key,) = database.query("SELECT pg_get_constraintdef(oid) FROM pg_constraint"
                                " WHERE conrelid = 'readings'::regclass AND contype = 'p'")
        assert key == ("PRIMARY KEY (reading_id)",)


def test_copies_of_a_key_are_reported_and_nothing_changes(readings, database):
    fill(database, COLUMNS[database.kind], row_of(3), row_of(3, amount=1), row_of(70), row_of(70))
    before = database.rows("readings")
    outcome = readings("load", "--to", database.url, "--adopt", "--yes")
    assert outcome.code == 2
    outcome.says("more than once", ": r003", "delete the copies")
    assert "r070" not in outcome.stderr  # rows that are deleted anyway do not matter
    assert database.rows("readings") == before


def test_another_shape_is_refused_with_every_alter(readings, database):
    fill(database, COLUMNS[database.kind].replace("amount BIGINT", "amount INTEGER").replace("amount bigint", "amount integer")
         + ", mine integer", row_of(0) + ", 1")
    outcome = readings("load", "--to", database.url, "--adopt")
    assert outcome.code == 2
    outcome.says('ALTER COLUMN "amount" TYPE bigint', 'DROP COLUMN "mine"')


def test_tables_that_were_lost_and_built_again_are_taken_over(readings, database):
    readings.good("load", "--to", database.url)
    before = loaded(database)
    shutil.rmtree(readings.data / "stage")
    readings.good("replay --rebuild", "--to", f"duckdb:{readings.folder}/other.duckdb")
    refused = readings("load", "--to", database.url)
    assert refused.code == 2
    refused.says("another published table", "--adopt")
    database.query("UPDATE readings SET note = 'mine' WHERE reading_id = 'r002'")
    outcome = readings.good("load", "--to", database.url, "--adopt")
    assert "updates  1: r002" in outcome.stdout and "every row is equal" in outcome.stdout
    assert loaded(database) == before == published(readings)
    assert readings("load", "--to", database.url, "--skip-unchanged").code == 99


def test_adopt_is_for_whole_tables(readings, database):
    outcome = readings("load", "--to", database.url, "--adopt", "--start-date", "2024-03-01")
    assert outcome.code == 2
    assert readings("load", "--to", database.url, "--dry-run").code == 2


def at_a_terminal(command, answer, folder):
    """Exit code and stdout of a process whose stdin is a terminal where a person types."""
    person, terminal = os.openpty()
    try:
        os.write(person, answer.encode())
        done = subprocess.run(command, cwd=harness.ROOT, stdin=terminal, capture_output=True, text=True,
                              timeout=harness.SECONDS_MAX, env=harness.environment(folder))
    finally:
        os.close(person)
        os.close(terminal)
    return done.returncode, done.stdout


def test_a_person_at_a_terminal_is_asked(readings, database):
    fill(database, COLUMNS[database.kind], row_of(0), row_of(70))
    before = database.rows("readings")
    command = readings.command("load", "--to", database.url, "--adopt")
    code, said = at_a_terminal(command, "n\n", readings.folder)
    assert code == 0 and "Take them over?" in said and "nothing was changed" in said
    assert database.rows("readings") == before
    code, said = at_a_terminal(command, "y\n", readings.folder)
    assert code == 0 and "nothing was changed" not in said
    assert loaded(database) == published(readings)


def test_a_killed_adoption_leaves_the_table_as_it_was(readings, database):
    """The question is asked before the commit: whoever kills it there has said no."""
    fill(database, COLUMNS[database.kind], row_of(0), row_of(70))
    before = database.rows("readings")
    person, terminal = os.openpty()
    command = readings.command("load", "--to", database.url, "--adopt")
    with subprocess.Popen(command, cwd=harness.ROOT, stdin=terminal, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, env=harness.environment(readings.folder)) as process:
        said = b""
        while b"[y/N]" not in said:
            said += os.read(process.stdout.fileno(), 4096)
        process.kill()
    os.close(person)
    os.close(terminal)
    assert database.rows("readings") == before
    readings.good("load", "--to", database.url, "--adopt")
    assert loaded(database) == published(readings)
