"""A landing made by several processes: shards, each landed once, joined only where they are the whole."""
import itertools
import json
import shutil
import threading
import time

import pytest

import harness
from harness import Reply, Server, page_of, reading

DAYS = ("--start-date", "2024-03-01", "--end-date", "2024-03-09")


class Source:
    """Readings by window, as many APIs give them; a test may change what it has, and what it answers."""

    def __init__(self):
        self.items = [reading(n, at=f"2024-03-0{1 + n % 8}T0{n % 5}:00:00Z") for n in range(40)]
        self.answer = lambda request, page: Reply(json.dumps(page))
        self.server = Server(lambda request: self.answer(request, page_of(self.within(request), request)))

    def within(self, request):
        start, end = request.json.get("from"), request.json.get("to")
        return [item for item in self.items
                if (not start or item["at"] >= start[:19] + "Z") and (not end or item["at"] < end[:19] + "Z")]


@pytest.fixture
def source():
    made = Source()
    with made.server:
        yield made


@pytest.fixture
def readings(tmp_path, source):
    return harness.ashore_of(tmp_path, source.server.url)


def plan_of(ashore, *arguments, run="sharded"):
    """The plan and the file that it lies in."""
    outcome = ashore.good("shards", "--run-id", run, *arguments)
    path = ashore.folder / f"{run}.json"
    path.write_text(outcome.stdout)
    return json.loads(outcome.stdout), path


def land(ashore, path, index):
    return ashore("extract", "--shard", str(path), "--index", str(index))


def land_all(ashore, plan, path):
    """All shards, the last one first."""
    for shard in reversed(plan["shards"]):
        assert land(ashore, path, shard["index"]).code == 0


def finish(ashore, run="sharded"):
    for stage in ("transform", "merge", "audit", "publish", "load"):
        ashore.good(stage, "--run-id", run)


def pages_of(ashore, run):
    return {path.name: path.read_bytes() for path in (ashore.data / "raw/readings" / run).glob("page-*.json")}


def origins_of(ashore, run):
    """What the landing's manifest says of each page, but for the time of day."""
    manifest = json.loads((ashore.data / "raw/readings" / run / "manifest.json").read_text())
    return [(file["rows"], file["sha256"], file["request"], file["status"], sorted(file["headers"])) for file in manifest["files"]]


def published(ashore):
    """Rows as every reader sees them, and the published files, whose names are their digests."""
    files = {path.relative_to(ashore.data) for path in (ashore.data / "stage").rglob("part-*.parquet")}
    return harness.read_with_all(ashore.table("readings")), files


def one_process(ashore, tmp_path, *arguments):
    """The same landing by one process, in another folder."""
    other = harness.Ashore(tmp_path, ashore.pipeline, data="one-process")
    other.good("run", "--run-id", "whole", *arguments)
    return other


def test_shards_by_pages_are_page_for_page_the_landing_of_one_process(readings, tmp_path):
    plan, path = plan_of(readings, "--by", "pages", "--count", "4")
    assert plan["format"] == "ashore.shards/1" and plan["run_id"] == "sharded" and plan["concurrency"] == 4
    assert [shard["pages"] for shard in plan["shards"]] == [
        {"first": 1, "last": 4}, {"first": 5, "last": 8}, {"first": 9, "last": 11}, {"first": 12, "last": 14}]
    assert [(shard["index"], shard["of"]) for shard in plan["shards"]] == [(0, 4), (1, 4), (2, 4), (3, 4)]
    land_all(readings, plan, path)
    readings.good("join", "--run-id", "sharded")
    finish(readings)
    whole = one_process(readings, tmp_path)
    assert pages_of(readings, "sharded") == pages_of(whole, "whole")
    assert origins_of(readings, "sharded") == origins_of(whole, "whole")
    assert published(readings) == published(whole)
    assert sorted(entry.name for entry in (readings.data / "raw/readings/sharded").iterdir()) == sorted(
        [*pages_of(readings, "sharded"), "manifest.json"])


@pytest.mark.parametrize("division", [("--count", "3"), ("--by", "day"), ("--by", "month"), ("--count", "1")])
def test_shards_by_window_give_the_rows_and_files_of_one_process(readings, tmp_path, division):
    plan, path = plan_of(readings, *DAYS, *division)
    windows = [shard["window"] for shard in plan["shards"]]
    assert windows[0]["start"] == plan["window"]["start"] and windows[-1]["end"] == plan["window"]["end"]
    assert all(left["end"] == right["start"] for left, right in itertools.pairwise(windows))
    land_all(readings, plan, path)
    report = readings.good("join", "--run-id", "sharded", "--json").report
    assert report["extract"]["items"] == 40
    assert report["window"] == plan["window"]
    finish(readings)
    assert published(readings) == published(one_process(readings, tmp_path, *DAYS))
    assert readings.good("replay").stdout.startswith("equal: 1 landing")
    assert readings("reconcile").code == 0


def test_a_shard_that_is_landed_twice_counts_once(readings, source):
    plan, path = plan_of(readings, "--by", "pages", "--count", "2")
    both = threading.Barrier(2)

    def meet(request, page):
        # Both processes have begun before either has landed.
        if request.json.get("page") == 1 and request.number <= 3:
            both.wait(harness.SECONDS_MAX)
        return Reply(json.dumps(page))

    source.answer = meet
    processes = [readings.start("extract", "--shard", path, "--index", "0") for _ in range(2)]
    outcomes = [process.communicate(timeout=harness.SECONDS_MAX) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], outcomes
    assert sum("landed before" in stdout for stdout, _ in outcomes) == 1
    asked = len(source.server.requests)
    assert "landed before" in land(readings, path, 0).stdout
    assert len(source.server.requests) == asked
    land_all(readings, plan, path)
    readings.good("join", "--run-id", "sharded")
    # Behind the join a retry of a shard, and another join, find the landing.
    assert "landed before" in land(readings, path, 1).stdout
    before = harness.digests_of(readings.data / "raw")
    readings.good("join", "--run-id", "sharded")
    assert harness.digests_of(readings.data / "raw") == before
    assert len(pages_of(readings, "sharded")) == 14


def test_a_shard_that_is_killed_lands_again(readings, source):
    plan, path = plan_of(readings, *DAYS, "--count", "2")
    asked, go_on = threading.Event(), threading.Event()

    def hold(request, page):
        if request.json.get("page") == 2:
            asked.set()
            go_on.wait(harness.SECONDS_MAX)
        return Reply(json.dumps(page))

    source.answer = hold
    process = readings.start("extract", "--shard", path, "--index", "1")
    assert asked.wait(harness.SECONDS_MAX)
    process.kill()
    process.communicate()
    go_on.set()
    outcome = readings("join", "--run-id", "sharded")
    assert outcome.code == 1
    outcome.says("shard 0 of 2", "shard 1 of 2", "has not landed")
    land_all(readings, plan, path)
    readings.good("join", "--run-id", "sharded")
    assert not (readings.data / "raw/readings/sharded/shards").exists()
    readings.good("run", "--from-raw")
    assert len(harness.read_with_pandas(readings.table("readings"))) == 40


def test_a_join_that_is_killed_is_done_again(readings, source):
    plan, path = plan_of(readings, *DAYS, "--count", "2")
    land_all(readings, plan, path)
    asked, go_on = threading.Event(), threading.Event()

    def hold(request, page):
        asked.set()
        go_on.wait(harness.SECONDS_MAX)
        return Reply(json.dumps(page))

    source.answer = hold
    process = readings.start("join", "--run-id", "sharded")
    assert asked.wait(harness.SECONDS_MAX)
    process.kill()
    process.communicate()
    go_on.set()
    assert readings.good("join", "--run-id", "sharded", "--json").report["extract"]["items"] == 40


def test_what_is_not_the_whole_is_named(readings, source):
    plan, path = plan_of(readings, *DAYS, "--by", "day")
    source.answer = lambda request, page: Reply("refused", status=404)
    outcome = land(readings, path, 3)
    assert outcome.code == 2
    outcome.says("shard 3 of 8", "404")
    source.answer = lambda request, page: Reply(json.dumps(page))
    for shard in plan["shards"]:
        if shard["index"] not in (3, 5):
            assert land(readings, path, shard["index"]).code == 0
    outcome = readings("join", "--run-id", "sharded")
    assert outcome.code == 1
    outcome.says("shard 3 of 8", "failed", "404", "shard 5 of 8", "has not landed")
    assert not pages_of(readings, "sharded")

    # Twice the same shard, a gap, and another window's: no plan that is not whole is read.
    for change, word in (
            (lambda shards: shards.insert(2, shards[1]), "one of 8, here are 9"),
            (lambda shards: shards.pop(4), "one of 8, here are 7"),
            (lambda shards: shards[4]["window"].update(start="2024-03-05T01:00:00Z"), "shard 4 of 8"),
            (lambda shards: shards[7]["window"].update(end="2024-03-10T00:00:00Z"), "end"),
            (lambda shards: shards.clear(), "no shards")):
        changed = json.loads(path.read_text())
        change(changed["shards"])
        (readings.folder / "changed.json").write_text(json.dumps(changed))
        outcome = land(readings, readings.folder / "changed.json", 0)
        assert outcome.code == 2
        outcome.says(word, "ashore shards")

    # Another division of the same landing.
    plan_of(readings, *DAYS, "--count", "3", run="other")
    other = json.loads((readings.folder / "other.json").read_text()) | {"run_id": "sharded"}
    (readings.folder / "changed.json").write_text(json.dumps(other))
    outcome = land(readings, readings.folder / "changed.json", 0)
    assert outcome.code == 2
    outcome.says("lands by other shards")

    # A shard's folder from elsewhere.
    foreign = readings.data / "raw/readings/other/shards/00001"
    assert land(readings, readings.folder / "other.json", 1).code == 0
    for index in (3, 5):
        assert land(readings, path, index).code == 0
    own = readings.data / "raw/readings/sharded/shards/00005"
    kept = own.rename(readings.folder / "kept")
    shutil.copytree(foreign, own)
    outcome = readings("join", "--run-id", "sharded")
    assert outcome.code == 2
    outcome.says("shard 5 of 8", "another landing")
    shutil.rmtree(own)
    kept.rename(own)

    # A page that was changed behind our back.
    page = next(own.rglob("page-*.json"))
    bytes_before = page.read_bytes()
    page.write_bytes(bytes_before.replace(b'"total"', b'"totaI"'))
    outcome = readings("join", "--run-id", "sharded")
    assert outcome.code == 2
    outcome.says("not as it was landed")
    page.write_bytes(bytes_before)

    # Another pipeline file.
    text = readings.pipeline.read_text()
    readings.pipeline.write_text(text + "# changed\n")
    for outcome in (land(readings, path, 0), readings("join", "--run-id", "sharded")):
        assert outcome.code == 2
        outcome.says("another pipeline file")
    readings.pipeline.write_text(text)
    readings.good("join", "--run-id", "sharded")


def test_a_source_that_changes_between_shards_is_noticed(readings, source):
    plan, path = plan_of(readings, *DAYS, "--count", "2")
    land_all(readings, plan, path)
    source.items.append(reading(90, at="2024-03-02T00:00:00Z"))
    outcome = readings("join", "--run-id", "sharded")
    assert outcome.code == 1
    outcome.says("the shards hold 40 items", "41 in all")
    assert readings.good("join", "--run-id", "sharded", "--offline", "--json").report["extract"]["items"] == 40


def test_an_item_that_moves_between_shards_is_noticed(readings, source):
    plan, path = plan_of(readings, *DAYS, "--count", "2")
    assert land(readings, path, 0).code == 0
    source.items[0]["at"] = "2024-03-08T00:00:00Z"  # from the first half to the second
    assert land(readings, path, 1).code == 0
    outcome = readings("join", "--run-id", "sharded")
    assert outcome.code == 1
    outcome.says("an id comes twice")

    plan, path = plan_of(readings, "--by", "pages", "--count", "2", run="pages")
    assert land(readings, path, 0).code == 0
    source.items.insert(0, source.items.pop())  # all items move by one place
    assert land(readings, path, 1).code == 0
    outcome = readings("join", "--run-id", "pages")
    assert outcome.code == 1
    outcome.says("an id comes twice")
    source.items.pop()
    plan, path = plan_of(readings, "--by", "pages", "--count", "2", run="shorter")
    assert land(readings, path, 0).code == 0
    source.items = source.items[:30]
    assert land(readings, path, 1).code == 0
    outcome = readings("join", "--run-id", "shorter")
    assert outcome.code == 1


def test_divisions_that_cannot_be_are_refused(readings, source):
    for arguments, word in (
            ((), "--count N or --by"),
            (("--count", "2"), "--by pages"),
            (("--count", "2", "--start-date", "2024-01-01"), "--by pages"),
            (("--by", "day", "--count", "2", *DAYS), "not both"),
            (("--by", "day", "--start-date", "1900-01-01", "--end-date", "2000-01-01"), "10,000"),
            (("--by", "pages", "--run-id", "../x"), "run id")):
        outcome = readings("shards", *arguments)
        assert outcome.code == 2, (arguments, outcome)
        outcome.says(word)
    source.answer = lambda request, page: Reply(json.dumps(page))
    plan, path = plan_of(readings, *DAYS, "--count", "2")
    for arguments, word in ((("--index", "2"), "0 to 1"), (("--index", "0", "--run-id", "x"), "run 'sharded'")):
        outcome = readings("extract", "--shard", str(path), *arguments)
        assert outcome.code == 2
        outcome.says(word)
    assert readings("extract", "--index", "1").code == 2
    assert readings("extract", "--shard", str(readings.folder / "none.json"), "--index", "0").code == 2
    for run, word in (("never", "has no shards"), ("../never", "run id")):
        outcome = readings("join", "--run-id", run)
        assert outcome.code == 2
        outcome.says(word)


def test_shards_share_one_rate(readings, source):
    rate = 25
    readings.pipeline.write_text(readings.pipeline.read_text().replace(
        "  limits:", f"  rate: {{requests_per_second: {rate}, shared: true}}\n  limits:"))
    plan, path = plan_of(readings, "--by", "pages", "--count", "14")
    assert plan["concurrency"] == 14
    times = []
    refused = set()

    def note(request, page):
        with source.server.lock:
            times.append(time.monotonic())
            is_first = request.json["page"] not in refused
            refused.add(request.json["page"])
        # Every other shard is refused once.
        if is_first and request.json["page"] % 2:
            return Reply("slow down", status=429, headers={"Retry-After": "0"})
        return Reply(json.dumps(page))

    source.answer = note
    processes = [readings.start("extract", "--shard", path, "--index", shard["index"]) for shard in plan["shards"]]
    for process in processes:
        process.communicate(timeout=harness.SECONDS_MAX)
        assert process.returncode == 0
    times.sort()
    assert len(times) == 21
    # In no second more than the rate, and one for what lies on its edge.
    assert all(sum(1 for other in times if begin <= other < begin + 1) <= rate + 1 for begin in times)
    # Each slot is one shard's: no two requests come closer than clocks and the network make them.
    close = [right - left for left, right in itertools.pairwise(times) if right - left < 0.3 / rate]
    assert len(close) <= 2, close
    readings.good("join", "--run-id", "sharded")


def test_64_shards_that_are_refused_left_waiting_and_killed_keep_the_rate_and_end_complete(readings, source):
    rate, count = 20, 64
    readings.pipeline.write_text(
        readings.pipeline.read_text()
        .replace("  limits:", f"  rate: {{requests_per_second: {rate}, shared: true}}\n  limits:")
        .replace("attempts: 2", "attempts: 4").replace("request_timeout: 20s", "request_timeout: 1s"))
    source.items = [reading(n, at=f"2024-03-0{1 + n % 8}T0{n % 5}:00:00Z") for n in range(3 * count)]
    plan, path = plan_of(readings, "--by", "pages", "--count", str(count))
    assert (len(plan["shards"]), plan["concurrency"]) == (count, count)
    times, seen, processes = [], set(), {}
    killed = range(0, count, 16)
    never, started = threading.Event(), threading.Condition()

    def note(request, page):
        number = request.json["page"]
        with source.server.lock:
            times.append(time.monotonic())
            is_first = number not in seen
            seen.add(number)
        if is_first and number - 1 in killed:
            with started:
                started.wait_for(lambda: number - 1 in processes)
            processes[number - 1].kill()
        if is_first and number % 4 == 0:
            return Reply("slow down", status=429, headers={"Retry-After": "0"})
        if is_first and number % 4 == 1:
            never.wait(2)  # longer than a request may take
        return Reply(json.dumps(page))

    source.answer = note
    for shard in plan["shards"]:
        process = readings.start("extract", "--shard", path, "--index", shard["index"])
        with started:
            processes[shard["index"]] = process
            started.notify_all()
    failed = [index for index, process in processes.items()
              if process.communicate(timeout=harness.SECONDS_MAX) and process.returncode != 0]
    assert set(killed) <= set(failed)
    refused = readings("join", "--run-id", "sharded")
    assert refused.code == 1
    refused.says("shard 16 of 64", "has not landed")
    for index in failed:
        assert land(readings, path, index).code == 0
    times.sort()
    # A request leaves in its slot and is seen when this machine comes to it: a tenth of a second, at most two.
    assert all(sum(1 for other in times if begin <= other < begin + 1) <= rate * 1.2 for begin in times)
    report = readings.good("join", "--run-id", "sharded", "--json").report
    assert (report["extract"]["items"], report["extract"]["pages"]) == (3 * count, count)
    finish(readings)
    assert len(harness.read_with_pandas(readings.table("readings"))) == 3 * count
