"""Published rows that a window's answer lacks are asked for: found at their new place, or deleted."""
import json
import random

import harness
import pytest
from harness import Reply
from test_versions import by_partition, model

MARCH = ("--start-date", "2024-03-01", "--end-date", "2024-04-01")
LOOKUP = '  lookup: {path: /by-id, body: {ids: "${keys}"}, keys_max: 2}\n'
SEED = 20_221_005


class Source:
    """Items that can be asked for by window and by id; `lookups` are the ids of each such request."""

    def __init__(self, count=9):
        self.items = [harness.reading(number) for number in range(count)]
        self.lookups = []
        self.reply = None  # of lookups, instead of the rule's
        self.when_asked = lambda: None  # called before a lookup is answered

    def __call__(self, request):
        asked = request.json
        if request.path != "/by-id":
            start, end = asked.get("from"), asked.get("to")
            found = [item for item in self.items
                     if "at" not in item or (not start or item["at"] >= start) and (not end or item["at"] < end)]
            return Reply(json.dumps(harness.page_of(found, request)))
        self.lookups.append(asked["ids"])
        self.when_asked()
        if self.reply:
            return self.reply
        return self.envelope([item for item in self.items if item.get("id") in asked["ids"]])

    @staticmethod
    def envelope(items):
        return Reply(json.dumps({"items": items, "total": len(items), "pages": 1}))

    def change(self, number, **fields):
        [index] = [index for index, item in enumerate(self.items) if item["id"] == f"r{number:03}"]
        self.items[index] = {**self.items[index], **fields}

    def remove(self, *numbers):
        gone = [f"r{number:03}" for number in numbers]
        self.items = [item for item in self.items if item["id"] not in gone]


class Case:
    """The made-up pipeline with a lookup, published once over the window."""

    def __init__(self, folder, source, url, database=None):
        pipeline = folder / "readings.yaml"
        pipeline.write_text(harness.READINGS.replace("  retry:", LOOKUP + "  retry:"))
        self.ashore = harness.Ashore(folder, pipeline)
        self.source, self.url, self.database = source, url, database
        self.at = ("--source-url", url)
        self.to = ("--to", "duckdb:warehouse.duckdb", *(("--to", database.url) if database else ()))
        self.ashore.run(*MARCH, *self.at, *self.to)
        assert source.lookups == [], "a first window has nothing to ask for"

    def run(self, *arguments):
        return self.ashore("run", "--json", *MARCH, *self.at, *self.to, *arguments)

    def good(self, *arguments):
        outcome = self.run(*arguments)
        assert outcome.code == 0, outcome.stderr
        return outcome.report

    def everything(self):
        """What is published and loaded, to the byte."""
        tables = {name: harness.files_of(self.ashore.table(name)) for name in ("readings", "parts")}
        return tables, self.rows(), self.database and self.database.footprint()

    def rows(self):
        return {name: harness.rows_in_duckdb(self.ashore.warehouse(), name) for name in ("readings", "parts")}

    def assert_holds(self, items):
        """Every reader and database has the rows of these items, each in its own partition."""
        for name, expected in model(items).items():
            rows = harness.read_with_all(self.ashore.table(name))
            assert rows == expected
            assert sorted(harness.partition_of_files(self.ashore.table(name))) == sorted(by_partition(expected))
            for folder, inside in by_partition(expected).items():
                [file] = (self.ashore.table(name) / folder).glob("*.parquet")
                assert len(harness.polars.read_parquet(file, hive_partitioning=False)) == len(inside)
            assert self.rows()[name] == expected
            if self.database:
                assert self.database.rows(name) == expected

    def raw(self, run_id):
        [folder] = self.ashore.data.glob(f"raw/readings/{run_id}")
        return folder


@pytest.fixture
def source():
    return Source()


@pytest.fixture
def case(tmp_path, source):
    with harness.Server(source) as server:
        yield Case(tmp_path, source, server.url)


@pytest.fixture
def loaded_twice(tmp_path, source, database):
    with harness.Server(source) as server:
        yield Case(tmp_path, source, server.url, database)


def counts(report, table="readings"):
    return {name: count for name, count in report["tables"][table].items()
            if name in ("moved", "stale", "missing", "deleted", "replaced") and count}


# ---------------------------------------------------------------- found and gone


def test_pages_are_not_read_again_for_the_answers(case, source):
    source.change(2, at="2024-05-01T00:00:00Z", celsius=1.5)
    source.remove(3)
    pages = []

    def take_pages_away():
        for page in case.ashore.data.glob("raw/readings/*/page-*.json"):
            pages.append((page, page.read_bytes()))
            page.unlink()

    source.when_asked = take_pages_away
    report = case.good()
    assert counts(report)["deleted"] == 1 and counts(report)["moved"] == 1
    case.assert_holds(source.items)
    assert pages
    for page, content in pages:
        page.write_bytes(content)


def test_a_row_that_left_the_window_is_published_at_its_new_place(loaded_twice, source):
    source.change(4, at="2024-06-17T00:00:00Z", amount=44)
    source.change(5, at="2023-01-02T03:04:05Z", parts=[{"id": "p5", "weight": 6}, {"id": "p55", "weight": 1}])
    report = loaded_twice.good()
    assert source.lookups == [["r004", "r005"]]
    assert counts(report) == {"moved": 2}
    assert counts(report, "parts") == {"moved": 2}
    loaded_twice.assert_holds(source.items)
    raw = loaded_twice.raw(report["run_id"])
    answer = json.loads((raw / "lookup-0001.json").read_bytes())
    assert [item["id"] for item in answer["items"]] == ["r004", "r005"]
    manifest = json.loads((raw / "lookup.manifest.json").read_bytes())
    assert manifest["files"][0]["keys"] == ["r004", "r005"]
    assert report["extract"]["requests"] == report["extract"]["pages"] + 1
    assert report["extract"]["items"] == report["extract"]["total"] == 7
    assert loaded_twice.good()["status"] == "unchanged"
    assert len(source.lookups) == 1, "what lies outside the window is not asked for again"


def test_a_row_that_is_gone_is_deleted_with_its_children(loaded_twice, source):
    source.change(2, parts=[{"id": "a", "weight": 1}, {"id": "b", "weight": 2}])
    loaded_twice.good()
    source.remove(2, 7)
    source.change(8, at="2024-04-01T00:00:00Z")  # the end is not part of the window
    report = loaded_twice.good()
    assert source.lookups == [["r002", "r007"], ["r008"]]
    assert counts(report) == {"moved": 1, "missing": 2, "deleted": 2}
    assert counts(report, "parts") == {"moved": 1, "deleted": 3}
    loaded_twice.assert_holds(source.items)
    deleted = {place["name"].split(":")[0]: place["tables"]["parts"]["deleted"] for place in report["destinations"]}
    assert deleted == {"duckdb": 3, "postgresql": 3}


def test_without_dates_rows_that_are_gone_are_asked_for_too(case, source):
    source.remove(0)
    report = case.ashore.run(*case.at, *case.to)
    assert (source.lookups, counts(report)) == ([["r000"]], {"missing": 1, "deleted": 1})
    case.assert_holds(source.items)


def test_numbers_are_asked_for_as_numbers(tmp_path):
    source = Source(4)
    source.items = [{**item, "id": 7_000_000_000 + number} for number, item in enumerate(source.items)]
    pipeline = tmp_path / "readings.yaml"
    pipeline.write_text(harness.READINGS.replace("  retry:", LOOKUP + "  retry:")
                        .replace("{path: /id, type: string}", "{path: /id, type: int64}", 1))
    ashore = harness.Ashore(tmp_path, pipeline)
    with harness.Server(source) as server:
        ashore.run(*MARCH, "--source-url", server.url)
        source.items[1] = {**source.items[1], "at": "2025-01-01T00:00:00Z"}
        ashore.run(*MARCH, "--source-url", server.url)
    assert source.lookups == [[7_000_000_001]]
    assert harness.read_with_all(ashore.table("readings")) == model(source.items)["readings"]


# ---------------------------------------------------------------- what is asked for


def test_more_keys_than_one_request_takes_are_several_requests(case, source):
    for number in range(5):
        source.change(number, at=f"2024-07-0{number + 1}T00:00:00Z")
    report = case.good()
    assert source.lookups == [["r000", "r001"], ["r002", "r003"], ["r004"]]
    assert counts(report) == {"moved": 5}
    names = [name for name in harness.names_in(case.raw(report["run_id"])) if name.startswith("lookup")]
    assert names == ["lookup-0001.json", "lookup-0002.json", "lookup-0003.json", "lookup.manifest.json"]
    case.assert_holds(source.items)


def loosened(case):
    """The same pipeline, whose rejections do not hold a run."""
    text = case.ashore.pipeline.read_text()
    case.ashore.pipeline.write_text(text.replace("    partition: {by: day}", "    rejected_max: 100%\n    partition: {by: day}"))


def test_stale_rows_are_not_asked_for(case, source):
    loosened(case)
    before = source.items[3]
    source.change(3, amount="many")
    report = case.good()
    assert (source.lookups, counts(report)) == ([], {"stale": 1})
    source.items[3] = before
    case.assert_holds(source.items)


def test_nothing_is_asked_for_where_a_key_cannot_be_read(case, source):
    loosened(case)
    items = list(source.items)
    source.remove(1)
    source.change(3, id=3)
    report = case.good()
    assert (source.lookups, counts(report)) == ([], {"stale": 1} if counts(report) else {})
    assert case.rows()["readings"] == model(items)["readings"]


DIMENSION = """\
  notes:
    from: items
    key: [note]
    columns: {note: {path: /note, type: string}, of: {path: /id, type: string}}
  parts:
"""


def test_a_dimension_of_the_items_does_not_forbid_a_lookup(case, source):
    """Rows of a table whose key is another are kept as they are, and the report says so."""
    case.ashore.pipeline.write_text(case.ashore.pipeline.read_text().replace("  parts:\n", DIMENSION, 1))
    everything = ("--source-url", case.url, *case.to)
    case.ashore.run(*everything)
    source.remove(1)
    report = case.ashore.run(*everything)
    assert source.lookups == [["r001"]]
    assert report["tables"]["readings"]["deleted"] == 1
    assert (report["tables"]["notes"]["missing"], report["tables"]["notes"]["deleted"]) == (1, 0)
    assert any("table 'notes': 1 published rows" in warning for warning in report["warnings"])
    assert len(harness.rows_in_duckdb(case.ashore.warehouse(), "notes")) == 9


def test_a_row_that_is_found_and_rejected_stays(case, source):
    loosened(case)
    before = source.items[3]
    source.change(3, at="2024-08-01T00:00:00Z", amount="many")
    report = case.good()
    assert (source.lookups, counts(report)) == ([["r003"]], {"stale": 1})
    [line] = (case.ashore.data / "quarantine" / report["run_id"] / "readings.jsonl").read_text().splitlines()
    assert json.loads(line)["source_page"] == "lookup-0001.json"
    source.items[3] = before
    case.assert_holds(source.items)


# ---------------------------------------------------------------- held and failed


def test_deleting_too_many_rows_blocks_the_run(loaded_twice, source):
    before = loaded_twice.everything()
    source.remove(0, 1, 2, 3, 4, 5)
    outcome = loaded_twice.run()
    assert outcome.code == 3, outcome.stderr
    outcome.says("deleted", "6 of 9 rows")
    assert loaded_twice.everything() == before
    run_id = outcome.report["run_id"]
    loaded_twice.ashore.good("publish", "--run-id", run_id, *loaded_twice.at, "--override", "deleted",
                             "--reason", "they were test readings")
    loaded_twice.ashore.good("load", "--run-id", run_id, *loaded_twice.to)
    loaded_twice.assert_holds(source.items)


@pytest.mark.parametrize("code, reply, words", [
    (1, Reply("down", status=503), ("lookup 1", "503", "gave up after 2 tries")),
    (1, Reply('{"items": [{"id": "r0'), ("lookup 1", "not JSON", "evidence")),
    (2, Reply("what?", status=400), ("lookup 1", "400")),
    (2, Source.envelope([harness.reading(3)]), ("not asked for", "r003", "extract.lookup", "evidence")),
    (2, Reply('{"items": [], "total": 1, "pages": 1}'), ("not whole", "0 items of 1", "evidence")),
])
def test_a_lookup_that_fails_changes_nothing(loaded_twice, source, code, reply, words):
    before = loaded_twice.everything()
    source.remove(6)
    source.change(5, at="2024-06-17T00:00:00Z")
    source.reply = reply
    outcome = loaded_twice.run()
    assert outcome.code == code, outcome.stderr
    outcome.says(*words)
    assert (outcome.report["status"], loaded_twice.everything()) == ("failed", before)
    raw = loaded_twice.raw(outcome.report["run_id"])
    assert not [name for name in harness.names_in(raw) if name.startswith(("lookup", "."))]
    source.reply = None
    assert counts(loaded_twice.good("--run-id", outcome.report["run_id"])) == {"moved": 1, "missing": 1, "deleted": 1}
    loaded_twice.assert_holds(source.items)


# ---------------------------------------------------------------- by hand, and again


def test_stages_by_hand_end_like_a_run(tmp_path, source):
    with harness.Server(source) as server:
        (tmp_path / "run").mkdir()
        (tmp_path / "hand").mkdir()
        at_once, by_hand = (Case(tmp_path / name, source, server.url) for name in ("run", "hand"))
        source.remove(6)
        source.change(5, at="2024-06-17T00:00:00Z")
        at_once.good()
        run_id = by_hand.ashore.good("extract", "--json", *MARCH, *by_hand.at).report["run_id"]
        for stage in ("transform", "merge", "merge", "transform", "merge", "audit", "publish"):
            by_hand.ashore.good(stage, "--run-id", run_id, *by_hand.at)
        report = by_hand.ashore.good("load", "--json", "--run-id", run_id, *by_hand.to).report
        assert source.lookups == [["r005", "r006"]] * 2, "answers that landed are not asked for again"
        assert counts(report) == {"moved": 1, "missing": 1, "deleted": 1}
        assert report["extract"]["requests"] == report["extract"]["pages"] + 1
        for case in (at_once, by_hand):
            case.assert_holds(source.items)
        for name in ("readings", "parts"):
            assert (harness.partition_of_files(at_once.ashore.table(name))
                    == harness.partition_of_files(by_hand.ashore.table(name)))


def test_an_answer_that_was_changed_is_refused_by_name(case, source):
    source.remove(6)
    outcome = case.ashore.good("extract", "--json", *MARCH, *case.at)
    run_id = outcome.report["run_id"]
    for stage in ("transform", "merge"):
        case.ashore.good(stage, "--run-id", run_id, *case.at)
    answer = case.raw(run_id) / "lookup-0001.json"
    answer.write_bytes(answer.read_bytes().replace(b'"pages": 1', b'"pages": 2'))
    outcome = case.ashore("transform", "--run-id", run_id)
    assert outcome.code == 2
    outcome.says("lookup-0001.json", "sha256")


def test_a_replay_needs_no_source(case, source):
    source.remove(6)
    source.change(5, at="2024-06-17T00:00:00Z")
    case.good()
    source.change(4, at="2024-03-05T00:00:00Z")
    case.good()
    asked = list(source.lookups)
    outcome = case.ashore.good("replay")
    assert case.ashore.good("replay", "--rebuild").code == 0
    assert source.lookups == asked, outcome.stderr
    case.assert_holds(source.items)


def test_landings_that_wait_are_looked_up_when_they_are_published(case, source):
    source.remove(6)
    case.ashore.good("extract", *MARCH, *case.at)
    source.change(5, at="2024-06-17T00:00:00Z")
    case.ashore.good("extract", *MARCH, *case.at)
    case.ashore.good("run", "--from-raw", *case.at, *case.to)
    assert source.lookups == [["r006"], ["r005"]]
    case.assert_holds(source.items)


def test_a_run_that_is_cut_while_it_looks_ends_the_same(tmp_path, case, source):
    source.remove(6)
    source.change(5, at="2024-06-17T00:00:00Z")
    trace = tmp_path / "trace"
    at_once = case.ashore.copy(tmp_path / "at_once")
    arguments = ("--run-id", "cut", "--threads", "1", *MARCH, *case.at, *case.to)
    at_once.good("run", *arguments, variables={"ASHORE_TEST_FAULTS": f"trace:{trace}"})
    calls = trace.read_text().splitlines()
    [asking, *_] = [index for index, call in enumerate(calls) if "/by-id" in call]
    [merged, *_] = [index for index, call in enumerate(calls) if "merge.manifest.json" in call]
    assert asking < merged
    chance = random.Random(SEED)
    for point in sorted(chance.sample(range(asking + 1, merged + 2), 12)):
        plan = chance.choice((f"kill:{point}", f"fail:{point}:EIO"))
        cut = case.ashore.copy(tmp_path / plan.replace(":", "-"))
        with cut.start("run", *arguments, variables={"ASHORE_TEST_FAULTS": plan}) as process:
            process.communicate(timeout=harness.SECONDS_MAX)
        again = chance.choice((("--run-id", "cut"), ()))
        report = cut.run("--threads", "1", *again, *MARCH, *case.at, *case.to)
        assert report["status"] in ("published", "unchanged"), (plan, calls[point - 1])
        for name in ("readings", "parts"):
            where = (plan, calls[point - 1], name)
            assert harness.partition_of_files(cut.table(name)) == harness.partition_of_files(at_once.table(name)), where
            assert harness.rows_in_duckdb(cut.warehouse(), name) == model(source.items)[name], where


# ---------------------------------------------------------------- said before


def test_plan_shows_the_lookup(case):
    plan = case.ashore.good("plan", *case.at).stdout
    assert "2 ids a request" in plan and "/by-id" in plan and '{"ids":["ID"]}' in plan


@pytest.mark.parametrize("before, after", [("key: [reading_id]", "key: [reading_id, day]"),
                                           ("key: [reading_id]", "key: [note]"),
                                           ("{path: /id, type: string}", "{path: /id, type: float64}")])
def test_a_key_that_is_not_the_items_id_is_refused(case, before, after):
    text = case.ashore.pipeline.read_text().replace(before, after, 1)
    case.ashore.pipeline.write_text(text[:text.index("  parts:")] + "destinations: [{duckdb: warehouse.duckdb}]\n")
    outcome = case.ashore("plan", *case.at)
    assert outcome.code == 2
    outcome.says("the lookup asks by items.id, which is not the key of table 'readings'", "leave the lookup out")


# ---------------------------------------------------------------- the real states


def month_after(month):
    return f"{int(month[:4]) + 1}-01" if month.endswith("-12") else f"{month[:5]}{int(month[5:]) + 1:02}"


def test_the_final_state_in_monthly_windows_in_any_order_ends_like_one_run(
        tmp_path, earlier_api, final_api, database):
    months = sorted({launch["date_utc"][:7] for name in ("launches_v4_2022-09-17.json", "launches_v5_final.json")
                     for launch in json.loads(harness.recorded(name).read_bytes())})
    random.Random(SEED).shuffle(months)
    cut, whole = (harness.Ashore(tmp_path, data=name) for name in ("cut", "whole"))
    to = ("--to", "duckdb:warehouse.duckdb")
    cut.run("--source-url", earlier_api, *to)
    lookups = 0
    for month in months:
        report = cut.run("--start-date", f"{month}-01", "--end-date", f"{month_after(month)}-01",
                         "--source-url", final_api, *to)
        lookups += report["extract"]["requests"] - report["extract"]["pages"]
    assert lookups > 0, f"months {months}"
    whole.run("--source-url", final_api, *to)
    for name in ("launches", "cores"):
        assert harness.partition_of_files(cut.table(name)) == harness.partition_of_files(whole.table(name)), months
        rows = harness.read_with_all(whole.table(name))
        assert harness.read_with_all(cut.table(name)) == rows
        assert harness.rows_in_duckdb(cut.warehouse(), name) == rows
    cut.good("load", "--to", database.url)
    for name in ("launches", "cores"):
        assert database.rows(name) == harness.rows_in_duckdb(whole.warehouse(), name)
