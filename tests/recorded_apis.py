"""Fixtures that several folders of tests share: independent servers of the recorded states."""
import pytest

import harness


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
