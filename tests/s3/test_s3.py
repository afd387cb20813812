"""The data folder on S3: the same tables as on a disk, every command, other readers, and what goes wrong there."""
import json
import subprocess
import threading

import pytest

import bucket
import harness
from harness import READINGS, Server


def ashore_of(folder, url, **keywords):
    """The made-up pipeline with a prefix of its own."""
    path = folder / "readings.yaml"
    path.write_text(READINGS.replace("http://127.0.0.1:9", url))
    return bucket.Ashore(folder, path, **keywords)


def test_runs_give_the_same_rows_files_and_digests_as_on_a_disk(tmp_path, earlier_api, final_api):
    """The shipped pipeline three times: first, changed, unchanged; and then read by every reader."""
    (tmp_path / "disk").mkdir()
    on_disk, on_s3 = harness.Ashore(tmp_path / "disk"), bucket.Ashore(tmp_path)
    for url in (earlier_api, final_api, final_api):
        ours, theirs = (ashore.run("--source-url", url) for ashore in (on_s3, on_disk))
        for table in ("launches", "cores"):
            assert ours["tables"][table] == theirs["tables"][table]
            rows = harness.read_with_delta_rs(on_disk.table(table))
            assert on_s3.rows(table) == rows
            on_the_disk = {path: digest for path, digest in harness.digests_of(on_disk.table(table)).items()
                           if path.endswith(".parquet")}
            assert on_s3.published_files(table) == on_the_disk
            assert harness.rows_in_duckdb(on_s3.warehouse(), table) == rows
    assert ours["status"] == theirs["status"] == "unchanged"
    for table in ("launches", "cores"):
        rows = on_s3.rows(table)
        for name, read in bucket.READERS.items():
            assert read(on_s3, table) == rows, f"{name} reads other rows of {table}"
    answers = [ashore.good("answers", "--format", "json").stdout for ashore in (on_disk, on_s3)]
    assert answers[0] == answers[1]


def test_requests_are_counted_by_kind(tmp_path):
    with Server(bucket.source_of(*range(6))) as server:
        ashore = ashore_of(tmp_path, server.url)
        first, second = ashore.run()["store_requests"], ashore.run()["store_requests"]
        said = ashore.good("run").stdout
    assert first["put"] > len(ashore.objects("stage")) and first["list"] > 0 and first["get"] > 0
    assert second["put"] < first["put"]
    assert "requests to s3://" in said and "put" in said


def test_a_query_that_does_not_fit_in_memory_spills_on_this_machine(tmp_path):
    spilled = tmp_path / "spilled"
    spilled.mkdir()
    with Server(bucket.source_of(*range(6))) as server:
        ashore = ashore_of(tmp_path, server.url)
        ashore.pipeline.write_text(ashore.pipeline.read_text().replace(
            "checks: [{unique: [reading_id]}]",
            "checks: [{name: large, sql: \"SELECT * FROM (SELECT range AS n, repeat('x', 40) AS t FROM range(2000000) "
            "ORDER BY hash(range)) WHERE n < 0\"}]"))
        ashore.good("run", "--memory", "64MB", variables={"TMPDIR": str(spilled)})
    assert list(spilled.iterdir()) == []
    assert not [path for path in ashore.objects("runs") if "spill" in path]


def test_small_files_are_read_many_at_once(tmp_path):
    """A round trip each: by a load that was not handed the rows, and by a merge that compares them."""
    together = bucket.Together(lambda method, path: method == "GET" and "/stage/readings/" in path and ".parquet" in path)
    items = [harness.reading(number, at=f"2024-03-{number:02}T00:00:00Z") for number in range(1, 25)]
    source = lambda request: harness.Reply(json.dumps(harness.page_of(items, request)))
    with Server(source) as server, bucket.BadNetwork(together.decide) as network:
        ashore = ashore_of(tmp_path, server.url, others={"AWS_ENDPOINT_URL_S3": network.url})
        ashore.run()
        ashore.good("load", "--to", f"duckdb:{tmp_path}/other.duckdb")
        loaded = together.highest()
        for item in items:
            item["note"] += " and more"
        report = ashore.run()
        merged = together.highest()
    assert report["tables"]["readings"]["updated"] == len(items)
    assert loaded >= together.ENOUGH and merged >= together.ENOUGH


def without_pipeline(ashore, name, *arguments):
    """What a command that takes no pipeline file says on stdout."""
    command = [harness.BINARY, name, "--data-dir", ashore.data, *arguments]
    return subprocess.run(command, capture_output=True, check=True, timeout=harness.SECONDS_MAX,
                          env={**harness.environment(ashore.folder), **bucket.aws_variables()}).stdout


def test_every_command_works_there(tmp_path):
    with Server(bucket.source_of(*range(6))) as server:
        ashore = ashore_of(tmp_path, server.url)
        ashore.good("doctor")
        ashore.good("plan")
        for stage in ("extract", "transform", "merge", "audit", "publish", "load"):
            ashore.good(stage)
        first = ashore.rows("readings")
        assert len(first) == 6 and harness.rows_in_duckdb(ashore.warehouse(), "readings") == first
        # Two runs of one second have no order by their names.
        [first_run] = [run["run_id"] for run in json.loads(without_pipeline(ashore, "runs", "--json"))]
    with Server(bucket.source_of(*range(8), amount=7)) as server:
        ashore = ashore_of(tmp_path, server.url, prefix=ashore.prefix)
        ashore.good("extract")
        ashore.good("run", "--from-raw")
        assert len(ashore.rows("readings")) == 8
        assert "readings" in ashore.good("status").stdout
        assert len(json.loads(without_pipeline(ashore, "runs", "--json"))) == 2
        ashore.good("reconcile")
        without_pipeline(ashore, "recover")
        ashore.good("quarantine list")
        ashore.good("replay")
        ashore.good("replay", "--rebuild")
        assert len(ashore.rows("readings")) == 8
        ashore.good(f"rollback {first_run}")
        assert ashore.rows("readings") == first
        assert harness.rows_in_duckdb(ashore.warehouse(), "readings") == first
        ashore.good("run")
        assert len(ashore.rows("readings")) == 8


def vacuum(ashore, *arguments):
    return json.loads(without_pipeline(ashore, "vacuum", "--json", *arguments))


def test_superseded_files_stay_for_a_week_and_go_when_told(tmp_path):
    ashore = None
    for amount in (1, 2):
        with Server(bucket.source_of(*range(6), amount=amount)) as server:
            ashore = ashore_of(tmp_path, server.url, prefix=ashore.prefix if ashore else None)
            ashore.run()
    rows = ashore.rows("readings")
    named = ashore.published_files("readings")
    def parquet():
        return {path for path in ashore.objects("stage/readings") if path.endswith(".parquet")}
    assert len(parquet()) == 2 * len(named)
    ashore.delta("readings").load_as_version(0)
    assert vacuum(ashore)["files"] == []
    assert len(parquet()) == 2 * len(named)
    assert vacuum(ashore, "--older-than", "0s")["files"]
    assert {path.removeprefix("stage/readings/") for path in parquet()} == set(named)
    assert ashore.rows("readings") == rows


def test_shards_land_there_at_once_and_join(tmp_path):
    with Server(bucket.source_of(*range(20))) as server:
        ashore = ashore_of(tmp_path, server.url)
        plan = ashore.good("shards", "--by", "pages", "--count", "4")
        (tmp_path / "plan.json").write_text(plan.stdout)
        shards = json.loads(plan.stdout)
        running = [ashore.start("extract", "--shard", tmp_path / "plan.json", "--index", index)
                   for index in range(len(shards["shards"])) for _ in range(2)]
        for process in running:
            _, said = process.communicate(timeout=harness.SECONDS_MAX)
            assert process.returncode == 0, said
        ashore.good("join", "--run-id", shards["run_id"])
        for stage in ("transform", "merge", "audit", "publish", "load"):
            ashore.good(stage, "--run-id", shards["run_id"])
    assert len(ashore.rows("readings")) == 20


# ---------------------------------------------------------------- two at once


def test_one_run_landed_by_two_processes_at_once_is_one_landing(tmp_path):
    """As when a scheduler gives a task up that is still alive. The source answers each with other values."""
    both = threading.Barrier(2, timeout=harness.SECONDS_MAX)
    waited = []

    def answer(request):
        if len(waited) < 2:
            waited.append(request)
            both.wait()
        return bucket.source_of(*range(9), amount=request.number)(request)

    with Server(answer) as server:
        ashore = ashore_of(tmp_path, server.url)
        running = [ashore.start("extract", "--run-id", "twice") for _ in range(2)]
        for process in running:
            _, said = process.communicate(timeout=harness.SECONDS_MAX)
            assert process.returncode == 0, said
        for stage in ("transform", "merge", "audit", "publish"):
            ashore.good(stage, "--run-id", "twice")
    landing = json.loads(ashore.read("raw/readings/twice/manifest.json"))
    assert ashore.read("runs/twice/extract.manifest.json") == ashore.read("raw/readings/twice/manifest.json")
    assert {file["path"] for file in landing["files"]} == {
        path for path in ashore.objects("raw/readings/twice") if "/reading-" in path}
    assert len(ashore.rows("readings")) == 9


@pytest.mark.parametrize("attempt", range(3))
def test_of_two_writers_at_once_one_wins_and_the_other_merges_again(tmp_path, attempt):
    """Both have read their source before either may go on, so that both merge with the same version."""
    both = threading.Barrier(2, timeout=harness.SECONDS_MAX)

    def meeting(answer):
        """The first answer waits for the other writer's; a landing that is made again does not."""
        met = threading.Event()

        def reply(request):
            if not met.is_set():
                met.set()
                both.wait()
            return answer(request)
        return reply

    prefix = f"two writers {attempt} {tmp_path.name}"
    with Server(meeting(bucket.source_of(0, 1, 2))) as one, Server(meeting(bucket.source_of(7, 8, 9))) as two:
        writers = []
        for name, server in (("one", one), ("two", two)):
            (tmp_path / name).mkdir()
            writers.append(ashore_of(tmp_path / name, server.url, prefix=prefix))
        running = [writer.start("run", "--json") for writer in writers]
        said = []
        for process in running:
            _, stderr = process.communicate(timeout=harness.SECONDS_MAX)
            said.append(stderr)
            assert process.returncode == 0, "\n".join(said)
    assert [row["reading_id"] for row in writers[0].rows("readings")] == ["r000", "r001", "r002", "r007", "r008", "r009"]
    assert len(writers[0].rows("parts")) == 6
    assert len(writers[0].versions("readings")) == len(writers[0].versions("parts")) == 2


# ---------------------------------------------------------------- what goes wrong


def test_a_network_that_fails_now_and_then_gives_the_same_tables(tmp_path):
    with Server(bucket.source_of(*range(9))) as server, bucket.BadNetwork(bucket.often(11, 0.08)) as network:
        ashore = ashore_of(tmp_path, server.url, others={"AWS_ENDPOINT_URL_S3": network.url})
        for _ in range(3):
            ashore.run()
        assert len(ashore.rows("readings")) == 9
        assert len(ashore.versions("readings")) == 1
        assert len(network.requests) > 100


def test_commits_whose_answers_are_lost_are_ones_own(tmp_path):
    """Every conditional put gets there and is answered by nothing, once."""
    seen = set()

    def decide(number, method, path):
        is_commit = method == "PUT" and ("_delta_log" in path or ".intents" in path)
        if is_commit and path not in seen:
            seen.add(path)
            return "cut"
        return "pass"

    with Server(bucket.source_of(*range(4))) as server, bucket.BadNetwork(decide) as network:
        ashore = ashore_of(tmp_path, server.url, others={"AWS_ENDPOINT_URL_S3": network.url})
        report = ashore.run()
    assert report["status"] == "published" and len(seen) >= 3
    assert len(ashore.versions("readings")) == len(ashore.versions("parts")) == 1


def test_a_store_that_stays_down_is_a_clear_error_and_the_next_run_goes_on(tmp_path):
    down = threading.Event()
    with Server(bucket.source_of(*range(4))) as server, \
            bucket.BadNetwork(lambda *_: "slow down" if down.is_set() else "pass") as network:
        ashore = ashore_of(tmp_path, server.url, others={"AWS_ENDPOINT_URL_S3": network.url})
        ashore.good("extract")
        down.set()
        outcome = ashore("run")
        assert outcome.code == 1
        outcome.says("SlowDown", "s3://")
        down.clear()
        ashore.good("run")
    assert len(ashore.rows("readings")) == 4


@pytest.mark.parametrize("variables, words", [
    ({"AWS_SECRET_ACCESS_KEY": "wrong"}, ["AWS_SECRET_ACCESS_KEY"]),
    ({"AWS_ACCESS_KEY_ID": "nobody"}, ["AWS_ACCESS_KEY_ID"]),
    ({"AWS_ACCESS_KEY_ID": ""}, ["AWS_ACCESS_KEY_ID is not"]),
    ({"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, ["no AWS credentials", "docs/cloud.md"]),
    ({"AWS_ENDPOINT_URL_S3": "ftp://host"}, ["AWS_ENDPOINT_URL_S3"]),
    ({"AWS_ENDPOINT_URL_S3": "", "AWS_REGION": ""}, ["AWS_REGION"]),
    ({"AWS_REGION": "mars-1"}, ["AWS_REGION"]),
])
def test_what_is_wrong_with_the_credentials_is_said(tmp_path, variables, words):
    ashore = ashore_of(tmp_path, "http://127.0.0.1:9")
    outcome = ashore("status", variables=variables)
    assert outcome.code == 2
    outcome.says(*words)
    assert bucket.aws_variables()["AWS_SECRET_ACCESS_KEY"] not in outcome.stderr


def test_a_bucket_that_is_not_there_and_a_destination_that_cannot_be_there(tmp_path):
    ashore = ashore_of(tmp_path, "http://127.0.0.1:9")
    ashore.data = "s3://no-such-bucket/x"
    outcome = ashore("run")
    assert outcome.code == 2
    outcome.says("NoSuchBucket", "no-such-bucket")
    ashore = ashore_of(tmp_path, "http://127.0.0.1:9")
    outcome = ashore("run", variables={"ASHORE_TO": ""})
    assert outcome.code == 2
    outcome.says("--to duckdb:FILE", "warehouse.duckdb")


def test_credentials_come_from_a_profile(tmp_path):
    given = bucket.aws_variables()
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "credentials").write_text(
        f"[work]\naws_access_key_id = {given['AWS_ACCESS_KEY_ID']}\n"
        f"aws_secret_access_key = {given['AWS_SECRET_ACCESS_KEY']}\n")
    (tmp_path / ".aws" / "config").write_text("[profile work]\nregion = us-east-1\n")
    ashore = ashore_of(tmp_path, "http://127.0.0.1:9")
    variables = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_REGION": "", "AWS_PROFILE": "work"}
    ashore.good("status", variables=variables)
