"""The questions' SQL, run by DuckDB, gives what the independent script computes."""
import decimal

import answers
import pytest
from recorded_states import RECORDED, ROOT, SNAPSHOT

duckdb = pytest.importorskip("duckdb", reason="the duckdb package is not installed")

EXPECTED = {
    "snapshot": (205, 196, 14, 25, 9, 48),
    "final": (205, 196, 14, 25, 9, 48),
    "2022-09": (193, 193, 14, 25, 9, 47),
}
TYPES = {
    "max_core_reuse": ["VARCHAR", "BIGINT"],
    "quick_reuse": ["VARCHAR"] * 3 + ["TIMESTAMP WITH TIME ZONE"] * 2 + ["DECIMAL(9,3)"],
    "busy_months": ["VARCHAR"] + ["BIGINT"] * 3,
}


def plain(value):
    """A value as `answers --format json` prints it."""
    return str(value) if isinstance(value, decimal.Decimal) else value


def ask(connection, text):
    """Column names, types and rows; instants as text, because fetching them needs a further package."""
    described = connection.execute(f"DESCRIBE {text}").fetchall()
    names, types = [row[0] for row in described], [row[1] for row in described]
    columns = [f"strftime({name} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%SZ')" if kind.startswith("TIMESTAMP") else name
               for name, kind in zip(names, types)]
    rows = connection.execute(f"SELECT {', '.join(columns)} FROM ({text})").fetchall()
    return names, types, [[plain(value) for value in row] for row in rows]


def database(launches):
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'Asia/Tokyo'")  # the answers may not depend on it
    connection.execute("CREATE TABLE launches (launch_id VARCHAR, upcoming BOOLEAN, date_precision VARCHAR,"
                       " date_utc TIMESTAMPTZ, p_creation_date DATE)")
    connection.execute("CREATE TABLE cores (core_id VARCHAR, launch_id VARCHAR)")
    connection.executemany("INSERT INTO launches VALUES (?, ?, ?, ?, ?)", [
        (one["id"], one["upcoming"], one["date_precision"], one["date_utc"], one["date_utc"][:10])
        for one in launches])
    connection.executemany("INSERT INTO cores VALUES (?, ?)",
                           [(core, launch["id"]) for core, launch in answers.core_rows(launches)])
    return connection


def test_the_script_agrees_with_the_table_of_answers(state):
    name, path = state
    assert answers.summary(answers.read(path)) == EXPECTED[name]


@pytest.mark.parametrize("question", answers.COLUMNS)
def test_sql_on_duckdb_gives_the_same_rows_in_the_same_order(state, question):
    launches = answers.read(state[1])
    text = (ROOT / "questions" / f"{question}.sql").read_text("utf-8")
    names, types, rows = ask(database(launches), text)
    expected = answers.answers(launches)[question]
    assert (names, types) == (expected["columns"], TYPES[question])
    assert rows == expected["rows"]


def test_the_snapshot_holds_the_facts_of_the_recorded_state():
    recorded = RECORDED / "launches_v5_final.json"
    if not recorded.exists():
        pytest.skip("recorded documents are absent")
    final, snapshot = answers.read(recorded), answers.read(SNAPSHOT)
    assert answers.answers(final) == answers.answers(snapshot)
    emptied = {"links", "details", "failures"}
    for kept, real in zip(snapshot, final, strict=True):
        assert list(kept) == list(real)
        assert all(kept[key] == real[key] for key in real if key not in emptied)
        assert [(one["time"], one["altitude"], one["reason"]) for one in kept["failures"]] == \
               [(one["time"], one["altitude"], None) for one in real["failures"]]
