"""The independent server gives the recorded pages, so that tests may stand on it."""
import json
import pathlib
import subprocess
import sys
import urllib.request

import pytest
from recorded_states import RECORDED

SELECT = ("static_fire_date_utc static_fire_date_unix rocket success failures details crew ships capsules payloads"
          " flight_number name date_utc date_unix date_local date_precision upcoming cores").split()


@pytest.fixture
def url():
    launches = RECORDED / "launches_v5_final.json"
    if not launches.exists():
        pytest.skip("recorded documents are absent")
    script = pathlib.Path(__file__).with_name("serve.py")
    with subprocess.Popen([sys.executable, script, launches], stdout=subprocess.PIPE, text=True) as server:
        yield f"http://127.0.0.1:{int(server.stdout.readline())}"
        server.terminate()


def ask(url, body):
    request = urllib.request.Request(f"{url}/v5/launches/query", json.dumps(body).encode(),
                                     {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as response:
        return json.load(response)


def test_the_recorded_pages_are_answered_key_order_included(url):
    options = {"select": {name: 1 for name in SELECT}, "sort": {"date_utc": "desc"}, "limit": 10}
    for page in range(1, 22):
        recorded = (RECORDED / "query_pages" / f"page_{page:02}.json").read_text("utf-8")
        answered = ask(url, {"query": {}, "options": {**options, "page": page}})
        assert json.dumps(answered) == json.dumps(json.loads(recorded))


def test_a_window_and_a_list_of_ids_narrow_the_answer(url):
    window = {"date_utc": {"$gte": "2022-11-01T00:00:00.000Z", "$lt": "2022-12-01T00:00:00.000Z"}}
    found = ask(url, {"query": window, "options": {"pagination": False}})
    assert (found["totalDocs"], len(found["docs"])) == (9, 9)
    ids = [document["id"] for document in found["docs"][:2]]
    assert ask(url, {"query": {"_id": {"$in": ids}}})["totalDocs"] == 2
