"""The tests of the Lambda function skip where the emulator or the strict S3 server is not about."""
import os
import pathlib
import sys

import pytest

TESTS = pathlib.Path(__file__).resolve().parents[1]
for folder in (TESTS, TESTS / "s3", TESTS / "lambda"):
    sys.path.insert(0, str(folder))

import emulator  # noqa: E402


def pytest_collection_modifyitems(items):
    if os.environ.get("ASHORE_TEST_S3_BUCKET") and emulator.EMULATOR.exists():
        return
    for item in items:
        if pathlib.Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.skip(reason="no emulator or no S3 server: make lambda-test"))
