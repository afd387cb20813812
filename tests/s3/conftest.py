"""Fixtures of the tests on S3; all skip where no strict server is about."""
import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "crash"))

import harness  # noqa: E402


def pytest_collection_modifyitems(items):
    if os.environ.get("ASHORE_TEST_S3_BUCKET"):
        return
    for item in items:
        if pathlib.Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.skip(reason="no S3 server: make s3-test"))


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
