"""Complete or failed, over a real socket: servers that cache, shift, page and limit like real APIs do."""
import json
import threading
import time

import pytest

import harness
from harness import Reply, Server

ITEMS = [{"id": f"o{n:02}", "amount": n} for n in range(25)]

PIPELINE = """\
version: 1
name: orders
source: {name: orders, url: "http://127.0.0.1:9"}
extract:
  request: {path: /orders, query: {page: "${page}", limit: "${limit}"}}
  pages: {by: number, size: 10, parallel: 1}
  items: {at: /items, id: /id, total: /total}
  retry: {attempts: 2, first_wait: 5ms, wait_max: 20ms, retry_after_max: 5s}
tables:
  orders:
    from: items
    key: [order_id]
    columns:
      order_id: {path: /id, type: string}
      amount: {path: /amount, type: int64}
destinations: [{duckdb: warehouse.duckdb}]
"""


@pytest.fixture
def orders(tmp_path):
    def with_source(url, pipeline=PIPELINE):
        path = tmp_path / "orders.yaml"
        path.write_text(pipeline.replace("http://127.0.0.1:9", url))
        return harness.Ashore(tmp_path, path)
    return with_source


def page_of(items, request, **more):
    number = int(request.path.split("page=")[1].split("&")[0])
    return {"items": items[10 * (number - 1):10 * number], "total": len(items), **more}


class Cache:
    """A cache in front of an API, as the real one: each answer is kept for `seconds` from when it was made."""

    def __init__(self, seconds, make):
        self.seconds, self.make, self.kept, self.lock = seconds, make, {}, threading.Lock()

    def answer(self, request):
        key = (request.path, request.body)
        with self.lock:
            made, body = self.kept.get(key, (None, None))
            if made is None or time.monotonic() >= made + self.seconds:
                made, body = time.monotonic(), json.dumps(self.make(request))
                self.kept[key] = (made, body)
            age = int(time.monotonic() - made)
        return Reply(body, headers={"Cache-Control": f"public, max-age={self.seconds}", "Age": str(age), "ETag": '"x"'})


def test_a_cache_does_not_make_a_landing_short(orders):
    """Page 1 is kept from before an item moved, page 2 is from after: 25 items in all, 24 distinct ids."""
    moved = ITEMS[1:10] + ITEMS[10:] + [ITEMS[0]]
    cache = Cache(1, lambda request: page_of(ITEMS if request.number == 1 else moved, request))
    with Server(cache.answer) as server:
        ashore = orders(server.url)
        ashore.good("run", "--json").says("reading 2 of the source begins in 1 s", "an id comes twice")
        assert len(harness.read_with_delta_rs(ashore.table("orders"))) == 25
        later = [request for request in server.requests if request.number > 3]
        assert later and all(request.headers["Cache-Control"] == "no-cache" for request in later)


def test_equal_readings_from_a_cache_that_never_heals_fail(orders):
    def shifted(request):
        return Reply(json.dumps(page_of(ITEMS[:10] + ITEMS[9:24], request)))
    with Server(shifted) as server:
        ashore = orders(server.url)
        outcome = ashore("run")
        assert outcome.code == 1
        outcome.says("id 10 of page 1 and id 1 of page 2", "items: {repeats: keep}")
        assert not ashore.table("orders").exists()
        assert len(server.requests) == 9


def spacex_states():
    """The recorded state, and the same with the first launch moved behind the last."""
    documents = json.loads(harness.recorded("launches_v5_final.json").read_text())
    documents.sort(key=lambda document: (document["date_utc"], document["id"]))
    moved = {**documents[0], "date_utc": "2030-01-01T00:00:00.000Z"}
    return documents, documents[1:] + [moved]


@pytest.mark.parametrize("heals", [True, False])
def test_the_shipped_pipeline_ends_with_all_launches_or_fails(tmp_path, heals):
    before, after = spacex_states()

    def answer(request):
        options = json.loads(request.body)["options"]
        page, limit = options["page"], options["limit"]
        documents = before if page == 1 and (not heals or request.number == 1) else after
        return {"docs": documents[limit * (page - 1):limit * page], "totalDocs": len(documents), "limit": limit,
                "page": page, "totalPages": -(-len(documents) // limit)}

    cache = Cache(1, answer)
    with Server(cache.answer) as server:
        ashore = harness.Ashore(tmp_path)
        outcome = ashore("run", "--source-url", server.url)
        if not heals:
            assert outcome.code == 1
            assert not ashore.table("launches").exists()
            return
        assert outcome.code == 0, outcome.stderr
        outcome.says("in 1 s, when no cache holds what was read")
        assert len(harness.read_with_delta_rs(ashore.table("launches"))) == 205
        assert len(harness.rows_in_duckdb(ashore.warehouse(), "launches")) == 205


def test_a_403_that_is_a_rate_limit_is_waited_for(orders):
    replies = [Reply("slow down", 403, {"Retry-After": "0"}),
               Reply("", 403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.time()) + 1)})]
    with Server(lambda request: replies.pop(0) if replies else Reply(json.dumps(page_of(ITEMS, request)))) as server:
        pipeline = PIPELINE.replace("attempts: 2", "attempts: 3")
        assert orders(server.url, pipeline).run()["extract"]["retries"] == 2


def test_a_rate_limit_that_ends_too_late_names_the_time(orders):
    reset = int(time.time()) + 3600
    with Server(lambda _: Reply("", 403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(reset)})) as server:
        outcome = orders(server.url)("run")
        assert outcome.code == 1
        outcome.says("asks to wait", "until " + time.strftime("%Y-%m-%dT%H", time.gmtime(reset)))


@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_is_not_retried(orders, status):
    with Server(lambda _: Reply("no", status, {"X-RateLimit-Remaining": "9"})) as server:
        assert orders(server.url)("run").code == 2
        assert len(server.requests) == 1


def test_a_key_that_was_seen_before_may_be_left_out_of_an_only_page(orders):
    """A quiet day after months of success: one page, and no cursor in it."""
    pipeline = PIPELINE.replace("page: \"${page}\", limit", "after: \"${cursor}\", limit").replace(
        "{by: number, size: 10, parallel: 1}", "{by: cursor, cursor: /next}").replace(", total: /total", "")
    bodies = [{"items": ITEMS[:10], "next": "a"}, {"items": ITEMS[10:]}, {"items": ITEMS[:3]}]
    with Server(lambda _: Reply(json.dumps(bodies.pop(0)))) as server:
        ashore = orders(server.url, pipeline)
        assert ashore.run("--run-id", "first")["tables"]["orders"]["inserted"] == 25
        assert json.loads((ashore.data / "raw/orders/first/manifest.json").read_text())["end"] == "absent"
        assert ashore.run("--run-id", "second")["extract"]["items"] == 3
        ashore.data = ashore.folder / "empty"
        bodies.append({"items": ITEMS[:3]})
        outcome = ashore("run")
        assert outcome.code == 2
        outcome.says("/next", "absent_means_end")
