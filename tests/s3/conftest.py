"""Fixtures of the tests on S3; all skip where no strict server is about."""
import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "crash"))

import harness  # noqa: E402, F401
from recorded_apis import earlier_api, final_api  # noqa: E402, F401


def pytest_collection_modifyitems(items):
    if os.environ.get("ASHORE_TEST_S3_BUCKET"):
        return
    for item in items:
        if pathlib.Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.skip(reason="no S3 server: make s3-test"))
