"""Bad input over real sockets, folders and servers: the exit code, a message that helps, nothing lost.

Each test begins with tables that are published and loaded, gives the binary one kind of bad input, and
compares tables and destinations with what they were.
"""
import contextlib
import json
import os
import subprocess
import threading
import time

import harness
import psycopg
import pytest
from harness import Reply, reading

GOOD = [reading(number) for number in range(7)]
TABLES = ("readings", "parts")


@pytest.fixture(scope="module")
def good_url():
    with harness.Server(harness.source_of(GOOD)) as server:
        yield server.url


@pytest.fixture(scope="module")
def published(tmp_path_factory, good_url):
    """The made-up pipeline's data folder after a good run."""
    folder = tmp_path_factory.mktemp("published")
    pipeline = folder / "readings.yaml"
    pipeline.write_text(harness.READINGS)
    ashore = harness.Ashore(folder, pipeline)
    ashore.run("--source-url", good_url)
    return ashore


class Case:
    """A copy of what is published, and what bad input made of it."""

    def __init__(self, ashore, good_url):
        self.ashore, self.good_url = ashore, good_url
        self.before = self.state()

    def state(self):
        return {"stage": harness.files_of(self.ashore.data / "stage"), "loads": self.rows("_ashore_loads"),
                **{table: self.rows(table) for table in TABLES}}

    def rows(self, table):
        return harness.rows_in_duckdb(self.ashore.warehouse(), table)

    def landings(self):
        return len(list(self.ashore.data.glob("raw/readings/*/manifest.json")))

    def change_pipeline(self, old, new):
        text = self.ashore.pipeline.read_text()
        assert old in text
        self.ashore.pipeline = self.ashore.folder / "changed.yaml"
        self.ashore.pipeline.write_text(text.replace(old, new))

    def run(self, url, *arguments):
        return self.ashore("run", "--json", "--source-url", url, *arguments)

    def assert_unchanged(self):
        assert self.state() == self.before

    def fails(self, url, code, *words, arguments=()):
        """The run fails with this exit code and says these words; then a good run finds all as it was."""
        landings = self.landings()
        outcome = self.run(url, *arguments)
        assert outcome.code == code, outcome.stderr
        outcome.says(*words)
        assert (outcome.report["status"], outcome.report["exit_code"]) == ("failed", code)
        self.assert_unchanged()
        assert self.landings() == landings, "a failed extract has landed"
        assert not list(self.ashore.data.glob("raw/readings/*/.attempt-*"))
        self.heals()
        return outcome

    def is_blocked(self, items, *words):
        """The run is blocked by quarantine; gives the rejections. A good run then finds all as it was."""
        with harness.Server(harness.source_of(items)) as server:
            outcome = self.run(server.url)
        assert outcome.code == 4, outcome.stderr
        folder = f"quarantine/{outcome.report['run_id']}"
        outcome.says("transform", "rejected", f"see {folder}/", "Fix the column in the pipeline file",
                     "rejected_max_rows", *words)
        assert (outcome.report["status"], outcome.report["exit_code"]) == ("blocked", 4)
        self.assert_unchanged()
        rejections = [json.loads(line) for path in sorted((self.ashore.data / folder).glob("*.jsonl"))
                      for line in path.read_text("utf-8").splitlines()]
        self.heals()
        return rejections

    def heals(self):
        again = self.ashore.run("--source-url", self.good_url)
        assert again["status"] == "unchanged"
        self.assert_unchanged()


@pytest.fixture
def case(published, good_url, tmp_path):
    return Case(published.copy(tmp_path), good_url)


def good_page(request, **changes):
    return Reply(json.dumps({**harness.page_of(GOOD, request), **changes}))


def with_item(**fields):
    """The good items, the last of them with other fields."""
    return [*GOOD[:-1], {**GOOD[-1], **fields}]


# ---------------------------------------------------------------- the source cannot be asked


def test_an_unreachable_host(case):
    case.fails("http://no-such-host.invalid", 1, "extract: page 1", "no-such-host.invalid", "resolve",
               "gave up after 2 tries", "Check the host's name")


def test_a_certificate_that_nobody_vouches_for(case, tmp_path):
    with harness.Server(harness.source_of(GOOD), tls=harness.self_signed(tmp_path)) as server:
        case.fails(server.url, 2, "extract: page 1", server.url, "certificate", "SSL_CERT_FILE")
        assert server.requests == []


def test_a_server_that_speaks_no_tls(case, good_url):
    case.fails(good_url.replace("http:", "https:"), 1, "extract: page 1", good_url.split("//")[1], "SSL")


def test_a_refused_connection(case):
    port = harness.closed_port()
    case.fails(f"http://127.0.0.1:{port}", 1, "extract: page 1", f"127.0.0.1:{port}", "connect",
               "gave up after 2 tries", "Check that the server runs")


def test_a_404(case):
    with harness.Server(lambda _: Reply("there is no such thing", 404)) as server:
        case.fails(server.url, 2, "extract: page 1", "404", f"{server.url}/query", "there is no such thing",
                   "Check source.url and extract.request.path")
        assert len(server.requests) == 1, "a 404 is not asked again"


def test_a_401_says_where_credentials_come_from(case):
    with harness.Server(lambda _: Reply("who are you", 401)) as server:
        case.fails(server.url, 2, "401", "who are you", "extract.auth")


def test_500_then_200_heals(case):
    changed = with_item(note="healed")

    def answer(request):
        return Reply("a bad day", 500) if request.number == 1 else harness.source_of(changed)(request)

    with harness.Server(answer) as server:
        outcome = case.run(server.url)
    assert outcome.code == 0, outcome.stderr
    assert outcome.report["extract"]["retries"] == 1
    assert outcome.report["tables"]["readings"]["updated"] == 1
    assert "healed" in [row["note"] for row in case.rows("readings")]


def test_500_for_ever(case):
    with harness.Server(lambda _: Reply("a bad day", 500)) as server:
        case.fails(server.url, 1, "extract: page 1", "500", f"{server.url}/query", "a bad day",
                   "gave up after 2 tries", "run again later")
        assert len(server.requests) == 2


def test_429_with_retry_after_heals_after_that_time(case):
    asked = []

    def answer(request):
        asked.append(time.monotonic())
        if request.number == 1:
            return Reply("slow down", 429, {"Retry-After": "1"})
        return harness.source_of(GOOD)(request)

    with harness.Server(answer) as server:
        outcome = case.run(server.url)
    assert outcome.code == 0, outcome.stderr
    assert outcome.report["extract"]["retries"] == 1
    assert asked[1] - asked[0] >= 1.0
    case.assert_unchanged()


def test_429_with_a_retry_after_beyond_patience(case):
    with harness.Server(lambda _: Reply("slow down", 429, {"Retry-After": "3600"})) as server:
        case.fails(server.url, 1, "429", "3600", "retry.retry_after_max", "Run again")
        assert len(server.requests) == 1


def test_endless_redirects(case):
    with harness.Server(lambda request: Reply("", 307, {"Location": f"/query?hop={request.number}"})) as server:
        case.fails(server.url, 2, "extract: page 1", "more than 3 redirects", server.url, "limits.redirects")
        assert len(server.requests) == 4


# ---------------------------------------------------------------- the answer is not what was promised


def test_a_body_over_the_limit(case):
    case.change_pipeline("body: 32MB", "body: 64kB")
    with harness.Server(harness.source_of(with_item(note="x" * 70_000))) as server:
        case.fails(server.url, 2, "extract: page 3", "over the limit of 64000 bytes", server.url, "limits.body")


def test_a_body_that_is_cut_on_its_way(case):
    def talk(connection, _):
        connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 999\r\n\r\n{"items": [')

    with harness.RawServer(talk) as server:
        case.fails(server.url, 1, "extract: page 1", server.url, "gave up after 2 tries", "Run again")


def test_a_connection_that_says_nothing(case):
    with harness.RawServer(lambda connection, _: None) as server:
        case.fails(server.url, 1, "extract: page 1", server.url, "gave up after 2 tries", "Run again")


def evidence_of(case):
    return [path.read_bytes() for path in case.ashore.data.glob("raw/readings/*/evidence/*/*.body")]


def test_truncated_json(case):
    body = '{"items": [{"id": "r001", "at": "2024-0'
    with harness.Server(lambda _: Reply(body)) as server:
        outcome = case.fails(server.url, 1, "extract: page 1", f"POST {server.url}/query", "not JSON", "cut short", "line 1, column",
                             "Look at the body", "evidence")
    assert evidence_of(case) == [body.encode()] * 2
    assert outcome.report["run_id"] in outcome.stderr


def test_html_with_200(case):
    body = "<!DOCTYPE html><html><body>We are down for maintenance</body></html>"
    with harness.Server(lambda _: Reply(body, headers={"Content-Type": "text/html"})) as server:
        case.fails(server.url, 1, "extract: page 1", f"POST {server.url}/query", "not JSON", "looks like HTML", "Look at the body", "evidence")
    assert evidence_of(case) == [body.encode()] * 2


def test_an_empty_body(case):
    with harness.Server(lambda _: Reply("")) as server:
        case.fails(server.url, 1, "extract: page 1", f"POST {server.url}/query", "not JSON", "empty")


def test_an_empty_array_of_items(case):
    with harness.Server(harness.source_of([])) as server:
        outcome = case.run(server.url)
    assert outcome.code == 0, outcome.stderr
    assert (outcome.report["status"], outcome.report["extract"]["items"]) == ("unchanged", 0)
    assert outcome.report["tables"]["readings"]["missing"] == 7, "what is missing is reported, and kept"
    case.assert_unchanged()


def test_an_empty_array_in_place_of_the_envelope(case):
    with harness.Server(lambda _: Reply("[]")) as server:
        case.fails(server.url, 2, "extract: page 1", f"POST {server.url}/query", "/items", "extract.items")


@pytest.mark.parametrize("field, words", [("items", ["/items", "extract.items.at"]), ("total", ["/total", "extract.items"]),
                                          ("pages", ["/pages", "extract.items"])])
def test_a_missing_envelope_field(case, field, words):
    def answer(request):
        page = harness.page_of(GOOD, request)
        del page[field]
        return Reply(json.dumps(page))

    with harness.Server(answer) as server:
        case.fails(server.url, 2, "extract: page 1", f"POST {server.url}/query", *words)


def test_a_total_that_disagrees_with_the_items(case):
    with harness.Server(lambda request: good_page(request, total=9)) as server:
        case.fails(server.url, 2, "extract", "says 9 items", "hold 7", "3 readings", "extract.pages")
        assert len(server.requests) == 9, "the whole reading is done three times"


def test_a_total_that_disagrees_between_pages(case):
    with harness.Server(lambda request: good_page(request, total=7 + (request.json["page"] == 2))) as server:
        case.fails(server.url, 1, "extract", "page 2 says 8 items", "page 1 said 7", "run again later")


def test_duplicate_ids_over_pages_that_change(case):
    def answer(request):
        # Each reading is another one: the source moves while it is read.
        items = [{**item, "amount": request.number} for item in GOOD]
        items[4] = {**items[4], "id": items[0]["id"]}
        return Reply(json.dumps(harness.page_of(items, request)))

    with harness.Server(answer) as server:
        case.fails(server.url, 1, "extract", "an id comes twice", "page 1", "page 2", "3 readings", "unique field")


def test_duplicate_ids_over_pages_that_are_the_sources_own(case):
    items = [*GOOD[:4], {**GOOD[0], "note": "the later one"}, *GOOD[4:]]
    with harness.Server(harness.source_of(items)) as server:
        case.fails(server.url, 1, "extract", "an id comes twice", "items: {repeats: keep}")
    case.change_pipeline("total: /total,", "total: /total, repeats: keep,")
    with harness.Server(harness.source_of(items)) as server:
        outcome = case.run(server.url)
    assert outcome.code == 0, outcome.stderr
    assert outcome.report["tables"]["readings"]["dropped_duplicate"] == 1
    notes = {row["reading_id"]: row["note"] for row in case.rows("readings")}
    assert len(notes) == 7 and notes["r000"] == "the later one"


def test_a_page_past_the_end(case):
    with harness.Server(lambda request: good_page(request, pages=4, total=8)) as server:
        case.fails(server.url, 2, "extract", "says 8 items", "hold 7", "page 4 is empty")


def test_an_item_without_its_id(case):
    items = [*GOOD[:6], {**GOOD[6], "id": None}]
    with harness.Server(harness.source_of(items)) as server:
        case.fails(server.url, 1, "extract", "1 of 7 items have no id, the first on page 3")


def test_a_page_past_the_end_that_is_a_404(case):
    def answer(request):
        return Reply("no such page", 404) if request.json["page"] == 4 else good_page(request, pages=4)

    with harness.Server(answer) as server:
        case.fails(server.url, 2, "extract: page 4", "404", "no such page")


# ---------------------------------------------------------------- items that do not fit


def only(rejections, table="readings"):
    """The one rejection of a table; rows of the rejected parent's children stand beside it."""
    found = [rejection for rejection in rejections if rejection["table"] == table]
    assert len(found) == 1
    return found[0]


REJECTED = {
    "an id that is a number": ({"id": 6}, "reading_id", "wrong_type"),
    "an id that is a boolean": ({"id": True}, "reading_id", "wrong_type"),
    "an id of 10 MB": ({"id": "x" * 10_000_000}, "reading_id", "key_too_long"),
    "a date that does not exist": ({"at": "2022-13-45"}, "taken_at", "bad_timestamp"),
    "a time on a day that does not exist": ({"at": "2022-13-45T00:00:00Z"}, "taken_at", "bad_timestamp"),
    "a time without a zone": ({"at": "2022-11-01T00:00:00"}, "taken_at", "bad_timestamp"),
    "no date": ({"at": None}, "taken_at", "required"),
    "a number over int64": ({"amount": 2**63}, "amount", "out_of_range"),
    "a number under int64": ({"amount": -(2**63) - 1}, "amount", "out_of_range"),
    "a number of 400 digits": ({"amount": 10**400}, "amount", "out_of_range"),
    "a number with a fraction": ({"amount": 1.5}, "amount", "inexact"),
    "a number in a text": ({"amount": "12"}, "amount", "wrong_type"),
    "a lone surrogate": ({"note": "\ud800"}, "note", "lone_surrogate"),
    "a lone surrogate in a json column": ({"extra": {"deep": ["\udc00"]}}, "extra", "lone_surrogate"),
    "NUL in a string": ({"note": "a\0b"}, "note", "nul_character"),
    "NUL in a json column": ({"extra": {"deep": ["a\0b"]}}, "extra", "nul_character"),
}


@pytest.mark.parametrize("name", REJECTED)
def test_an_item_is_rejected_for(case, name):
    fields, column, rule = REJECTED[name]
    items = with_item(**fields)
    rejection = only(case.is_blocked(items, "table 'readings': 1 of 7 rows", f"page-00003.json, item 0, column '{column}'"))
    assert (rejection["column"], rejection["rule"]) == (column, rule)
    assert (rejection["source_page"], rejection["item_index"]) == ("page-00003.json", 0)
    assert json.loads(rejection["item"]) == items[-1], "the quarantine holds the item as it came"


def test_an_id_that_is_an_object(case):
    with harness.Server(harness.source_of(with_item(id={"a": 1}))) as server:
        case.fails(server.url, 2, "extract: page 3", f"POST {server.url}/query", "/id", "array or object", "extract.items")


def test_one_rejected_child_is_set_aside_alone(case):
    rejections = case.is_blocked(with_item(parts=[{"id": "p1", "weight": "heavy"}, {"id": "p2", "weight": 1}]),
                              "table 'parts': 1 of 8 rows", "column 'weight'")
    assert [(one["table"], one["column"], one["rule"]) for one in rejections] == [("parts", "weight", "wrong_type")]


def test_rejections_within_the_threshold_are_set_aside_and_the_rest_is_published(case):
    case.change_pipeline("key: [reading_id]", "key: [reading_id]\n    rejected_max_rows: 1")
    case.change_pipeline("key: [part_id, reading_id]", "key: [part_id, reading_id]\n    rejected_max_rows: 1")
    items = [{**GOOD[0], "note": "changed"}, *GOOD[1:-1], {**GOOD[-1], "amount": 2**63}]
    with harness.Server(harness.source_of(items)) as server:
        outcome = case.run(server.url)
    assert outcome.code == 0, outcome.stderr
    counts = outcome.report["tables"]["readings"]
    assert (counts["rejected"], counts["updated"], counts["unchanged"], counts["stale"]) == (1, 1, 5, 1)
    rows = {row["reading_id"]: row for row in case.rows("readings")}
    assert rows["r000"]["note"] == "changed" and rows["r006"]["amount"] == 6, "the stale row stays"


def test_strings_of_10_mb_are_rows_like_others(case):
    note, extra = "ä" * 5_000_000, {"text": "y" * 10_000_000}
    items = with_item(note=note, extra=extra)
    with harness.Server(lambda request: Reply(json.dumps(harness.page_of(items, request), ensure_ascii=False))) as server:
        outcome = case.run(server.url)
    assert outcome.code == 0, outcome.stderr
    for rows in (harness.read_with_all(case.ashore.table("readings")), case.rows("readings")):
        row = next(row for row in rows if row["reading_id"] == "r006")
        assert row["note"] == note and row["extra"] == json.dumps(extra)


def test_json_nested_10000_deep(case):
    deep = json.dumps(harness.page_of(GOOD, harness.Request(1, "POST", "/", {}, b""))).replace(
        '"extra": {"n": 0}', '"extra": ' + "[" * 10_000 + "]" * 10_000)
    with harness.Server(lambda _: Reply(deep)) as server:
        case.fails(server.url, 2, "extract: page 1", f"POST {server.url}/query", "nested deeper than 512", "line 1, column", "limits.depth")


def test_a_column_that_is_all_null(case):
    items = [{**item, "note": None, "extra": None} for item in GOOD]
    with harness.Server(harness.source_of(items)) as server:
        outcome = case.run(server.url)
    assert outcome.code == 0, outcome.stderr
    for rows in (harness.read_with_all(case.ashore.table("readings")), case.rows("readings")):
        assert [(row["note"], row["extra"]) for row in rows] == [(None, None)] * 7


def test_a_window_whose_child_keys_are_all_null(case):
    items = [{**item, "parts": [{"id": None, "weight": 1}, {"id": None, "weight": 2}]} for item in GOOD]
    with harness.Server(harness.source_of(items)) as server:
        outcome = case.run(server.url)
    assert outcome.code == 0, outcome.stderr
    counts = outcome.report["tables"]["parts"]
    assert (counts["dropped_null"], counts["rejected"], counts["replaced"]) == (14, 0, 7)
    assert case.rows("parts") == [] and len(case.rows("readings")) == 7
    assert not list(case.ashore.table("parts").glob("*/*.parquet"))


def test_a_window_without_items_publishes_nothing(case):
    with harness.Server(harness.source_of([])) as server:
        outcome = case.run(server.url, "--start-date", "1999-01-01", "--end-date", "1999-02-01")
        assert server.requests[0].json["from"] == "1999-01-01T00:00:00.000Z"
    assert outcome.code == 0, outcome.stderr
    assert (outcome.report["status"], outcome.report["tables"]["readings"]["missing"]) == ("unchanged", 0)
    case.assert_unchanged()


# ---------------------------------------------------------------- the command line and the disk


@pytest.mark.parametrize("start, end", [("2024-03-02", "2024-03-01"), ("2024-03-01", "2024-03-01")])
def test_a_start_that_is_not_before_the_end(case, good_url, start, end):
    outcome = case.fails(good_url, 2, f"{start}T00:00:00Z", f"{end}T00:00:00Z", "not before its end", "--start-date",
                         arguments=("--start-date", start, "--end-date", end))
    assert outcome.report["run_id"] == ""


@pytest.mark.parametrize("command", ["run", "transform", "load", "quarantine list"])
@pytest.mark.parametrize("run_id", ["..", "../x", "a b"])
def test_a_run_id_that_names_no_folder(case, command, run_id):
    outcome = case.ashore(command, "--run-id", run_id)
    assert outcome.code == 2, outcome.stderr
    outcome.says("run id is not allowed", f"'{run_id}'", "1 to 200 letters")
    case.assert_unchanged()


@pytest.mark.parametrize("option", ["--start-date", "--end-date", "--run-id", "--to"])
def test_an_option_whose_value_is_empty(case, option):
    outcome = case.ashore("run", option, "")
    assert outcome.code == 2, outcome.stderr
    outcome.says(f"{option}: the value is empty", "Leave the option out")
    case.assert_unchanged()


def test_a_data_folder_that_is_a_file(case, good_url, tmp_path):
    place = tmp_path / "a-file"
    place.write_text("somebody's")
    outcome = harness.Ashore(tmp_path, case.ashore.pipeline, "a-file")("run", "--source-url", good_url)
    assert outcome.code == 2, outcome.stderr
    outcome.says(str(place), "Not a directory", "--data-dir")
    assert place.read_text() == "somebody's"
    case.assert_unchanged()


@pytest.mark.parametrize("folder", ["raw/readings", "runs", "quarantine", "stage/readings/day=2024-03-01"])
def test_a_file_where_a_folder_should_be(case, folder, tmp_path):
    """Root may write everywhere: a file in the way stands for a folder without rights."""
    place = case.ashore.data / folder
    if place.exists():
        place.rename(tmp_path / "aside")
    place.write_text("somebody's")
    items = [*with_item(amount="many"), reading(0, id="r900", note="new")]
    if folder != "quarantine":
        items[-2] = GOOD[-1]
    with harness.Server(harness.source_of(items)) as server:
        outcome = case.run(server.url)
    assert outcome.code == 2, outcome.stderr
    outcome.says(folder, "Not a directory", "Something else is in the way", "--data-dir")
    assert place.read_text() == "somebody's"
    place.unlink()
    if (tmp_path / "aside").exists():
        (tmp_path / "aside").rename(place)
    case.assert_unchanged()
    case.heals()


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 1 MB that can be made larger; skips where mounting is not permitted."""
    place = tmp_path / "small"
    place.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", place], capture_output=True, text=True)
    if made.returncode:
        pytest.skip(f"mounting a small file system is not permitted: {made.stderr.strip()}")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def noise(bytes_wanted):
    """Text that no compression makes small."""
    return os.urandom(bytes_wanted // 2).hex()


@pytest.mark.parametrize("bytes_wanted", [2_000_000, 300_000], ids=["in extract", "after extract"])
def test_a_full_disk(published, good_url, small_disk, tmp_path, bytes_wanted):
    """The database lies elsewhere, as it would alone fill this disk."""
    to = ("--to", f"duckdb:{tmp_path / 'warehouse.duckdb'}")
    ashore = harness.Ashore(small_disk, published.pipeline)
    ashore.run("--source-url", good_url, *to)

    def state():
        return [harness.files_of(ashore.data / "stage"), *(
            harness.rows_in_duckdb(tmp_path / "warehouse.duckdb", table) for table in (*TABLES, "_ashore_loads"))]

    before = state()
    with harness.Server(harness.source_of(with_item(note=noise(bytes_wanted)))) as server:
        filler = small_disk / "filler"
        if bytes_wanted < 1_000_000:  # room for the landing, not for the rows as well
            free = os.statvfs(small_disk)
            filler.write_bytes(b"\0" * max(0, free.f_bavail * free.f_frsize - bytes_wanted - 120_000))
        outcome = ashore("run", "--source-url", server.url, *to)
        assert outcome.code == 1, outcome.stderr
        outcome.says("No space left on device", str(small_disk), "Free some space there and run again")
        assert state() == before
        filler.unlink(missing_ok=True)
        subprocess.run(["mount", "-o", "remount,size=64m", small_disk], check=True)
        report = ashore.run("--source-url", server.url, *to)
    assert report["tables"]["readings"]["updated"] == 1
    assert len(harness.read_with_all(ashore.table("readings"))) == 7


# ---------------------------------------------------------------- PostgreSQL


class PostgresCase:
    """What is published and loaded into a database, and what a bad run made of both."""

    def __init__(self, ashore, url, database):
        self.ashore, self.database = ashore, database
        self.source_url = url
        ashore.run("--source-url", url, "--to", database.url)
        self.before = self.state()

    def state(self):
        return harness.files_of(self.ashore.data / "stage"), self.database.footprint()

    def fails(self, to, code, *words, url=None):
        outcome = self.ashore("run", "--json", "--source-url", url or self.source_url, "--to", to)
        assert outcome.code == code, outcome.stderr
        outcome.says("load", *words)
        assert (outcome.report["status"], outcome.report["exit_code"]) == ("failed", code)
        assert outcome.report["destinations"][0]["error"]
        password = self.database.parts.password
        assert password not in outcome.stderr and password not in outcome.stdout
        return outcome

    def assert_unchanged(self):
        assert self.state() == self.before

    def heals(self, inserted=0):
        report = self.ashore.run("--source-url", self.source_url, "--to", self.database.url)
        assert report["destinations"][0]["tables"]["readings"]["inserted"] == inserted


@pytest.fixture
def postgres_case(published, good_url, database, tmp_path):
    return PostgresCase(published.copy(tmp_path), good_url, database)


def place_of(database):
    return f"{database.parts.hostname}:{database.parts.port}"


def test_postgresql_is_down(postgres_case):
    port = harness.closed_port()
    postgres_case.fails(f"postgresql://somebody:word@127.0.0.1:{port}/shop", 1, f"127.0.0.1:{port}", "cannot connect",
                        "refused", "Check that the server runs")
    postgres_case.assert_unchanged()
    postgres_case.heals()


def test_postgresql_with_a_wrong_password(postgres_case):
    database = postgres_case.database
    outcome = postgres_case.fails(database.url_of(password="not-this-one"), 2, place_of(database), "authentication failed",
                                  "Check user, password")
    assert "not-this-one" not in outcome.stderr + outcome.stdout
    postgres_case.assert_unchanged()
    postgres_case.heals()


def test_a_postgresql_database_that_does_not_exist(postgres_case):
    url = postgres_case.database.url_of(name="no_such_database")
    postgres_case.fails(url, 2, "no_such_database", "does not exist", "Check user, password, database")
    postgres_case.assert_unchanged()


def test_a_table_with_another_type(postgres_case):
    database = postgres_case.database
    database.query("ALTER TABLE readings ALTER COLUMN amount TYPE text")
    before = database.footprint()
    with harness.Server(harness.source_of(with_item(note="changed"))) as server:
        postgres_case.fails(database.url, 2, place_of(database), "readings", "amount", "is text, not bigint",
                            "To fix it: ALTER TABLE", "TYPE bigint", url=server.url)
        assert database.footprint() == before
        database.query("ALTER TABLE readings ALTER COLUMN amount TYPE bigint USING amount::bigint")
        report = postgres_case.ashore.run("--source-url", server.url, "--to", database.url)
    assert report["destinations"][0]["tables"]["readings"]["updated"] == 1, "the fixed table catches up"


def test_a_table_that_somebody_else_filled(published, good_url, database, tmp_path):
    ashore = published.copy(tmp_path)
    database.query("CREATE TABLE readings (reading_id text PRIMARY KEY, taken_at timestamptz NOT NULL, day date,"
                   " amount bigint, note text, extra json)")
    database.query("INSERT INTO readings VALUES ('theirs', now(), current_date, 1, 'precious', '{}')")
    before = database.footprint()
    stage = harness.files_of(ashore.data / "stage")
    outcome = ashore("run", "--json", "--source-url", good_url, "--to", database.url)
    assert outcome.code == 2, outcome.stderr
    outcome.says("load", place_of(database), "table 'readings'", "rows that ashore did not load", "rename or drop it")
    assert outcome.report["status"] == "failed"
    assert database.footprint() == before
    assert harness.files_of(ashore.data / "stage") == stage


@contextlib.contextmanager
def role(database, *grants):
    """A role that may log in and has these rights; gives its url."""
    name = database.name + "_reader"
    database.query(f"CREATE ROLE {name} LOGIN PASSWORD 'open-sesame'")
    for grant in grants:
        database.query(f"{grant} TO {name}")
    try:
        yield database.url_of(user=name, password="open-sesame")
    finally:
        database.query(f"DROP OWNED BY {name}")
        database.query(f"DROP ROLE {name}")


def test_a_user_without_the_right_to_make_tables(published, good_url, database, tmp_path):
    ashore = published.copy(tmp_path)
    with role(database) as url:
        outcome = ashore("run", "--json", "--source-url", good_url, "--to", url)
    assert outcome.code == 2, outcome.stderr
    outcome.says("load", place_of(database), "permission denied", "GRANT")
    assert "open-sesame" not in outcome.stderr + outcome.stdout
    assert database.footprint() == {}


def test_a_user_without_the_right_to_write(postgres_case):
    database = postgres_case.database
    changed = with_item(note="changed")
    with role(database, "GRANT SELECT ON ALL TABLES IN SCHEMA public") as url:
        with harness.Server(harness.source_of(changed)) as server:
            postgres_case.fails(url, 2, place_of(database), "permission denied", "GRANT", url=server.url)
    assert database.footprint() == postgres_case.before[1]


@contextlib.contextmanager
def held_insert(database):
    """Inserts into readings wait for a lock that this holds: a load stands still in its middle."""
    database.query("CREATE FUNCTION wait_for_test() RETURNS trigger LANGUAGE plpgsql AS"
                   " $$ BEGIN PERFORM pg_advisory_xact_lock(4711); RETURN NEW; END $$")
    database.query("CREATE TRIGGER hold AFTER INSERT ON readings FOR EACH ROW EXECUTE FUNCTION wait_for_test()")
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(4711)")
        yield connection
        connection.execute("SELECT pg_advisory_unlock(4711)")
    database.query("DROP TRIGGER hold ON readings")


def waiting_backend(connection):
    """The process id of the backend that waits for the lock."""
    end = time.monotonic() + harness.SECONDS_MAX
    while time.monotonic() < end:
        found = connection.execute("SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted").fetchall()
        if found:
            return found[0][0]
        threading.Event().wait(0.005)
    raise AssertionError("no load has come to its inserts")


def test_a_backend_that_is_killed_in_the_middle_of_the_load(postgres_case):
    database = postgres_case.database
    before = database.footprint()
    more = [*with_item(note="changed"), reading(0, id="r900")]
    with harness.Server(harness.source_of(more)) as server:
        with held_insert(database) as connection:
            process = postgres_case.ashore.start("run", "--json", "--source-url", server.url, "--to", database.url)
            backend = waiting_backend(connection)
            connection.execute("SELECT pg_terminate_backend(%s)", [backend])
            stdout, stderr = process.communicate(timeout=harness.SECONDS_MAX)
        outcome = harness.Outcome(process.returncode, stdout, stderr)
        assert outcome.code == 1, stderr
        outcome.says("load", place_of(database), "readings", "connection", "run again")
        assert outcome.report["status"] == "failed" and outcome.report["destinations"][0]["error"]
        assert database.footprint() == before
        assert outcome.report["tables"]["readings"]["version"] == 1, "the table itself was published"
        report = postgres_case.ashore.run("--source-url", server.url, "--to", database.url)
    loaded = report["destinations"][0]["tables"]["readings"]
    assert (loaded["inserted"], loaded["updated"], loaded["deleted"]) == (1, 1, 0)
    assert database.rows("readings") == harness.read_with_all(postgres_case.ashore.table("readings"))


def test_one_destination_that_fails_does_not_keep_the_other_from_its_rows(postgres_case):
    port = harness.closed_port()
    with harness.Server(harness.source_of(with_item(note="changed"))) as server:
        outcome = postgres_case.ashore("run", "--json", "--source-url", server.url, "--to",
                                       f"postgresql://somebody@127.0.0.1:{port}/shop", "--to", postgres_case.database.url)
    assert outcome.code == 1, outcome.stderr
    down, up = outcome.report["destinations"]
    assert "cannot connect" in down["error"] and "error" not in up
    assert up["tables"]["readings"]["updated"] == 1
    assert "changed" in [row["note"] for row in postgres_case.database.rows("readings")]
