"""Shards landed by Lambda functions on S3, joined and published: equal to one process, whatever becomes of a function."""
import contextlib
import json
import subprocess
import threading

import pytest

import bucket
import harness
from emulator import FUNCTION, Lambda, invoke_all
from harness import Reply, Server, page_of, reading

COUNT = 8
DAYS = ("--start-date", "2024-03-01", "--end-date", "2024-03-09")


class Source:
    """Readings by window; `hold` may keep an answer back."""

    def __init__(self):
        self.items = [reading(n, at=f"2024-03-0{1 + n % 8}T0{n % 5}:00:00Z") for n in range(40)]
        self.hold = lambda request: None
        self.server = Server(self.answer)

    def answer(self, request):
        self.hold(request)
        start, end = request.json.get("from"), request.json.get("to")
        within = [item for item in self.items
                  if (not start or item["at"] >= start[:19] + "Z") and (not end or item["at"] < end[:19] + "Z")]
        return Reply(json.dumps(page_of(within, request)))


@pytest.fixture
def source():
    made = Source()
    with made.server:
        yield made


@pytest.fixture
def readings(tmp_path, source):
    path = tmp_path / "readings.yaml"
    path.write_text(harness.READINGS.replace("http://127.0.0.1:9", source.server.url))
    return bucket.Ashore(tmp_path, path)


def lambdas(stack, readings, count=COUNT, **keywords):
    variables = bucket.aws_variables(ASHORE_DATA_DIR=readings.data)
    return [stack.enter_context(Lambda(readings.folder, readings.pipeline, variables, **keywords)) for _ in range(count)]


def plan_of(readings, *arguments):
    return json.loads(readings.good("shards", "--run-id", "sharded", *arguments).stdout)


def finish(readings):
    readings.good("join", "--run-id", "sharded")
    for stage in ("transform", "merge", "audit", "publish", "load"):
        readings.good(stage, "--run-id", "sharded")


def landing(ashore, run):
    """The pages' bytes in their order."""
    manifest = json.loads(ashore.read(f"runs/{run}/extract.manifest.json"))
    return [ashore.read(file["path"]) for file in manifest["files"]]


def published(ashore):
    return {table: (ashore.rows(table), ashore.published_files(table)) for table in ("readings", "parts")}


def one_process(readings, tmp_path, *arguments):
    folder = tmp_path / "one process"
    folder.mkdir()
    other = bucket.Ashore(folder, readings.pipeline)
    other.good("run", "--run-id", "whole", *arguments)
    return other


def expect_equal(readings, tmp_path, *arguments, by_page):
    finish(readings)
    whole = one_process(readings, tmp_path, *arguments)
    if by_page:
        assert landing(readings, "sharded") == landing(whole, "whole")
    assert published(readings) == published(whole)
    for table in ("readings", "parts"):
        assert harness.rows_in_duckdb(readings.warehouse(), table) == harness.rows_in_duckdb(whole.warehouse(), table)


@pytest.mark.parametrize("arguments, by_page", [(("--by", "pages", "--count", str(COUNT)), True),
                                                ((*DAYS, "--count", str(COUNT)), False)])
def test_eight_functions_land_what_one_process_lands(readings, tmp_path, arguments, by_page):
    plan = plan_of(readings, *arguments)
    assert len(plan["shards"]) == COUNT
    with contextlib.ExitStack() as stack:
        functions = lambdas(stack, readings)
        answers = invoke_all(functions, [{"plan": plan, "index": index} for index in range(COUNT)])
        assert all("errorType" not in answer for answer in answers), answers
        assert sum(answer["items"] for answer in answers) == 40
        assert [answer["index"] for answer in answers] == list(range(COUNT))
        # The plan lies in the data folder by now: the run's name is enough.
        again = functions[0].invoke({"run_id": "sharded", "index": 3})
        assert again == {**answers[3], "landed_before": True, "requests": 0, "retries": 0}
    expect_equal(readings, tmp_path, *(DAYS if not by_page else ()), by_page=by_page)


def test_one_is_killed_one_runs_out_of_time_and_one_runs_twice(readings, tmp_path, source):
    plan = plan_of(readings, "--by", "pages", "--count", str(COUNT))
    release = threading.Event()
    asked = {"killed": threading.Event(), "slow": threading.Event()}
    first_pages = {plan["shards"][1]["pages"]["first"]: "killed", plan["shards"][2]["pages"]["first"]: "slow"}

    def hold(request):
        name = first_pages.get(request.json.get("page"))
        if name and not release.is_set():
            asked[name].set()
            release.wait(harness.SECONDS_MAX)

    source.hold = hold
    with contextlib.ExitStack() as stack:
        functions = lambdas(stack, readings, COUNT - 1)
        functions.insert(2, *lambdas(stack, readings, 1, timeout=4))
        twin, = lambdas(stack, readings, 1)
        answers = {}

        def invoke(name, function, index):
            answers[name], = invoke_all([function], [{"plan": plan, "index": index}])

        running = [threading.Thread(target=invoke, args=(index, functions[index], index)) for index in range(COUNT)]
        running.append(threading.Thread(target=invoke, args=("twin", twin, 5)))
        for thread in running:
            thread.start()
        assert asked["killed"].wait(harness.SECONDS_MAX)
        assert functions[1].kill_function() == 1
        for index in (2, 1):
            running[index].join(harness.SECONDS_MAX)
        release.set()
        for thread in running:
            thread.join(harness.SECONDS_MAX)
        assert "errorType" in answers[1]
        assert answers[2]["errorType"] == "ashore.transient", answers[2]
        assert "shard 2 of 8" in answers[2]["errorMessage"] and "is not landed" in answers[2]["errorMessage"]
        assert {answers[5]["landed_before"], answers["twin"]["landed_before"]} <= {True, False}
        assert answers[5]["items"] == answers["twin"]["items"]
        outcome = readings("join", "--run-id", "sharded")
        assert outcome.code == 1
        outcome.says("shard 1 of 8", "shard 2 of 8")
        # As a step function does: those that failed are invoked again.
        retried = invoke_all(lambdas(stack, readings, 2), [{"plan": plan, "index": index} for index in (1, 2)])
        assert all("errorType" not in answer for answer in retried), retried
    expect_equal(readings, tmp_path, by_page=True)


def test_logs_are_json_and_say_which_run(readings):
    plan = plan_of(readings, "--by", "pages", "--count", "2")
    with contextlib.ExitStack() as stack:
        function, = lambdas(stack, readings, 1)
        function.invoke({"plan": plan, "index": 0})
        wrong = function.invoke({"plan": plan, "index": 9})
        assert wrong["errorType"] == "ashore.permanent"
        assert [event for event in function.events() if event.get("event") == "failed"
                or event.get("level") == "error"], function.said()
        assert bucket.aws_variables()["AWS_SECRET_ACCESS_KEY"] not in function.said()


@pytest.mark.parametrize("event, word", [([], "JSON object"), ({"index": 0}, "no plan"), ({"plan": {}}, "no index"),
                                         ({"plan": {}, "index": 0}, "plan"), ({"plan": "{", "index": 0}, "plan"),
                                         ({"run_id": "../../etc", "index": 0}, "run id"),
                                         ({"run_id": "nobody", "index": 0}, "nobody")])
def test_events_that_are_no_shards_are_refused(readings, event, word):
    with contextlib.ExitStack() as stack:
        function, = lambdas(stack, readings, 1)
        answer = function.invoke(event)
        assert answer["errorType"] == "ashore.permanent"
        assert word in answer["errorMessage"], answer


def test_what_cannot_begin_says_why(readings):
    with contextlib.ExitStack() as stack:
        readings.pipeline = readings.folder / "absent.yaml"
        function, = lambdas(stack, readings, 1)
        answer, = invoke_all([function], [{"index": 0}])
        assert "errorType" in answer
        assert "ASHORE_PIPELINE" in function.said()


def test_a_call_outside_lambda_says_what_it_is(tmp_path):
    done = subprocess.run([FUNCTION], capture_output=True, text=True, env=harness.environment(tmp_path), timeout=30)
    assert done.returncode == 2 and "docs/cloud.md" in done.stderr


def test_it_links_no_arrow():
    needed = subprocess.run(["ldd", FUNCTION], capture_output=True, text=True, check=True).stdout
    assert "libarrow" not in needed and "libparquet" not in needed and "duckdb" not in needed
