"""Both databases, each of its own for one test."""
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import harness  # noqa: E402
import matrix  # noqa: E402


@pytest.fixture(params=["duckdb", "postgresql"])
def destination(request):
    if request.param == "duckdb":
        yield matrix.DuckDb()
        return
    database = harness.Database()
    yield matrix.PostgreSql(database)
    database.drop()
