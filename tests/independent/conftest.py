"""Where the recorded documents lie; tests that need them skip, saying so, where they are absent."""
import os
import pathlib

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
RECORDED = pathlib.Path(os.environ.get("ASHORE_SHARED", ROOT.parent / "shared")) / "data" / "spacex"
SNAPSHOT = ROOT / "src" / "simulator" / "snapshot" / "launches.json"
STATES = {
    "snapshot": SNAPSHOT,
    "final": RECORDED / "launches_v5_final.json",
    "2022-09": RECORDED / "launches_v4_2022-09-17.json",
}


@pytest.fixture(params=STATES)
def state(request):
    """(name, path) of each state of the launches."""
    path = STATES[request.param]
    if not path.exists():
        pytest.skip(f"recorded documents are absent: {path.name}")
    return request.param, path
