"""Fixtures of the end-to-end tests: a binary with its data folder, a database, the two states."""
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import harness  # noqa: E402


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


@pytest.fixture(scope="session")
def final_api():
    """The url of an independent server of the final state."""
    with harness.independent_api(harness.recorded("launches_v5_final.json")) as url:
        yield url


@pytest.fixture(scope="session")
def earlier_api():
    """The url of an independent server of the state of 2022-09."""
    with harness.independent_api(harness.recorded("launches_v4_2022-09-17.json")) as url:
        yield url
