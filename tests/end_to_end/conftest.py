"""Fixtures of the end-to-end tests: a binary with its data folder, a database, the two states."""
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import harness  # noqa: E402
from recorded_apis import earlier_api, final_api  # noqa: E402, F401


@pytest.fixture
def ashore(tmp_path):
    """The binary with the shipped pipeline and an empty data folder."""
    return harness.Ashore(tmp_path)


@pytest.fixture
def database():
    """A new, empty PostgreSQL database."""
    made = harness.Database()
    yield made
    made.drop()
