"""The states of the recorded documents; tests that need them skip, saying so, where they are absent."""
import pytest
from recorded_states import STATES


@pytest.fixture(params=STATES)
def state(request):
    """(name, path) of each state of the launches."""
    path = STATES[request.param]
    if not path.exists():
        pytest.skip(f"recorded documents are absent: {path.name}")
    return request.param, path
