"""The shipped pipeline over real documents: every launch arrives, once, in every reader and database."""
import datetime
import json
import pathlib
import signal
import threading

import harness
import pytest

WINDOW = ("--start-date", "2006-03-01", "--end-date", "2024-05-16")
TABLES = ("launches", "cores")

# Column to (path in a document, kind); docs/formats/types.md says what kinds mean.
LAUNCH_COLUMNS = {
    "launch_id": ("id", "string"), "success": ("success", "boolean"), "flight_number": ("flight_number", "integer"),
    "name": ("name", "string"), "date_utc": ("date_utc", "timestamp"), "date_local": ("date_local", "string"),
    "date_precision": ("date_precision", "string"), "p_creation_date": ("date_utc", "date"),
    "upcoming": ("upcoming", "boolean"), "rocket": ("rocket", "string"), "launchpad": ("launchpad", "string"),
    "details": ("details", "string"), "webcast": ("links/webcast", "string"),
    "wikipedia": ("links/wikipedia", "string"), "failures": ("failures", "json"),
    "date_unix": ("date_unix", "integer"), "static_fire_date_utc": ("static_fire_date_utc", "timestamp"),
    "static_fire_date_unix": ("static_fire_date_unix", "integer"), "tbd": ("tbd", "boolean"),
    "net": ("net", "boolean"), "window_seconds": ("window", "integer"), "auto_update": ("auto_update", "boolean"),
    "launch_library_id": ("launch_library_id", "string"), "fairings": ("fairings", "json"),
    "links": ("links", "json"), "crew": ("crew", "json"), "ships": ("ships", "json"),
    "capsules": ("capsules", "json"), "payloads": ("payloads", "json"),
}
CORE_COLUMNS = {
    "core_id": "core", "flight": "flight", "gridfins": "gridfins", "legs": "legs", "reused": "reused",
    "landing_attempt": "landing_attempt", "landing_success": "landing_success", "landing_type": "landing_type",
    "landpad": "landpad",
}


def documents_of(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(datetime.timezone.utc)


def cell(document, path, kind):
    value = document
    for step in path.split("/"):
        value = value.get(step) if value is not None else None
    if value is None:
        return None
    if kind == "json":
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if kind in ("timestamp", "date"):
        return moment(value) if kind == "timestamp" else moment(value).date()
    return value


def launch_rows(documents):
    return harness.ordered({name: cell(document, path, kind) for name, (path, kind) in LAUNCH_COLUMNS.items()}
                           for document in documents)


def core_rows(documents):
    rows = {}
    for document in documents:
        for core in document["cores"]:
            if core["core"] is not None:
                row = {name: core.get(field) for name, field in CORE_COLUMNS.items()}
                rows[(core["core"], document["id"])] = {
                    **row, "launch_id": document["id"], "p_creation_date": moment(document["date_utc"]).date()}
    return harness.ordered(rows.values())


def expected_rows(documents):
    return {"launches": launch_rows(documents), "cores": core_rows(documents)}


def data_files(ashore):
    """Path to sha256 of the data files of all tables."""
    digests = harness.digests_of(ashore.data / "stage")
    return {path: digest for path, digest in digests.items() if path.endswith(".parquet")}


def assert_read_everywhere(ashore, documents):
    expected = expected_rows(documents)
    for name in TABLES:
        assert harness.read_with_all(ashore.table(name)) == expected[name]


def independent_answers(documents):
    import answers
    return answers.answers(documents)


# ---------------------------------------------------------------- from the API to PostgreSQL


def run_twice_to_postgresql(ashore, url, database):
    arguments = ("--source-url", url, *WINDOW, "--to", database.url)
    first = ashore.run(*arguments)
    assert first["status"] == "published"
    assert {name: first["tables"][name]["inserted"] for name in TABLES} == {"launches": 205, "cores": 196}
    assert [first["destinations"][0]["tables"][name]["inserted"] for name in TABLES] == [205, 196]
    assert database.query("SELECT count(*) FROM launches") == [(205,)]
    assert database.query("SELECT count(*) FROM cores") == [(196,)]
    stage, footprint = harness.files_of(ashore.data / "stage"), database.footprint()
    raw, runs = harness.files_of(ashore.data / "raw"), harness.files_of(ashore.data / "runs")

    second = ashore.run(*arguments)
    assert second["status"] == "unchanged"
    for name in TABLES:
        counts = second["tables"][name]
        assert (counts["inserted"], counts["updated"], counts["files_added"]) == (0, 0, 0)
        loaded = second["destinations"][0]["tables"][name]
        assert (loaded["inserted"], loaded["updated"], loaded["deleted"]) == (0, 0, 0)
    assert harness.files_of(ashore.data / "stage") == stage
    assert database.footprint() == footprint
    for folder, before in (("raw/spacex", raw), ("runs", runs)):
        after = harness.files_of(ashore.data / folder.split("/")[0])
        assert all(after[path] == before[path] for path in before)
        added = [path for path in after if path not in before]
        assert added and all(second["run_id"] in path for path in added)
        assert len(harness.names_in(ashore.data / folder)) == 2
    pages = [path for path in (ashore.data / "raw/spacex").rglob("page-*.json")]
    assert {path.stat().st_nlink for path in pages} == {2}
    assert second["extract"]["pages_reused"] == second["extract"]["pages"] == len(pages) / 2


def test_every_launch_is_in_postgresql_and_a_second_run_writes_nothing(ashore, final_api, database):
    run_twice_to_postgresql(ashore, final_api, database)


def test_the_stand_in_api_gives_the_same_end(ashore, database, tmp_path, final_api):
    snapshot = harness.recorded("launches_v5_final.json")
    with harness.stand_in_api("--snapshot", snapshot, home=tmp_path) as url:
        run_twice_to_postgresql(ashore, url, database)
    other = harness.Ashore(tmp_path, data="independent")
    other.run("--source-url", final_api, *WINDOW)
    assert {name: len(harness.read_with_all(ashore.table(name))) for name in TABLES} == {
        name: len(harness.read_with_all(other.table(name))) for name in TABLES}


# ---------------------------------------------------------------- what readers see


def test_all_readers_see_the_documents_column_by_column(ashore, final_api):
    ashore.run("--source-url", final_api, *WINDOW)
    documents = documents_of(harness.recorded("launches_v5_final.json"))
    assert_read_everywhere(ashore, documents)
    rows = harness.read_with_all(ashore.table("launches"))
    assert len(rows) == 205
    assert sum(row["success"] is None for row in rows) == 19
    assert sum(row["details"] is None for row in rows) == 71
    assert sum(row["static_fire_date_utc"] is None for row in rows) == 84
    for name in TABLES:
        days = {path.name for path in ashore.table(name).glob("p_creation_date=*")}
        assert days == {f"p_creation_date={row['p_creation_date']}" for row in expected_rows(documents)[name]}


def test_both_databases_hold_the_documents_column_by_column(ashore, final_api, database):
    ashore.run("--source-url", final_api, "--to", database.url, "--to", "duckdb:warehouse.duckdb")
    expected = expected_rows(documents_of(harness.recorded("launches_v5_final.json")))
    for name in TABLES:
        assert database.rows(name) == expected[name]
        assert harness.rows_in_duckdb(ashore.warehouse(), name) == expected[name]


def test_postgresql_columns_and_keys_are_those_that_people_query(ashore, final_api, database):
    ashore.run("--source-url", final_api, "--to", database.url)
    columns = database.query("SELECT column_name, data_type FROM information_schema.columns"
                             " WHERE table_name = 'launches' ORDER BY ordinal_position")
    assert [name for name, _ in columns] == list(LAUNCH_COLUMNS)
    assert dict(columns)["date_utc"] == "timestamp with time zone"
    keys = database.query(
        "SELECT t.relname, a.attname FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid"
        " CROSS JOIN unnest(i.indkey) WITH ORDINALITY k(number, place)"
        " JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number"
        " WHERE i.indisprimary AND t.relname IN ('launches', 'cores') ORDER BY t.relname, k.place")
    assert keys == [("cores", "core_id"), ("cores", "launch_id"), ("launches", "launch_id")]


# ---------------------------------------------------------------- two states


def test_each_state_is_published_over_the_one_before(ashore, earlier_api, final_api, database):
    to = ("--to", "duckdb:warehouse.duckdb", "--to", database.url)
    earlier = documents_of(harness.recorded("launches_v4_2022-09-17.json"))
    final = documents_of(harness.recorded("launches_v5_final.json"))
    # Ids that the second state lacks are asked for, and gone with their cores.
    present = {document["id"] for document in final}
    gone = sum(document["id"] not in present for document in earlier)

    for url, documents, deleted in ((earlier_api, earlier, 0), (final_api, final, gone)):
        report = ashore.run("--source-url", url, *WINDOW, *to)
        assert report["tables"]["launches"]["deleted"] == report["tables"]["launches"]["missing"] == deleted
        assert_read_everywhere(ashore, documents)
        expected = expected_rows(documents)
        for name in TABLES:
            assert database.rows(name) == expected[name]
            assert harness.rows_in_duckdb(ashore.warehouse(), name) == expected[name]
        rows = harness.read_with_delta_rs(ashore.table("launches"))
        assert len({row["launch_id"] for row in rows}) == len(rows) == len(documents)
        for place in ("duckdb:warehouse.duckdb", database.url):
            given = json.loads(ashore.good("answers", "--to", place, "--format", "json").stdout)
            assert given == independent_answers(documents)


@pytest.mark.parametrize("name, summary", [("launches_v4_2022-09-17.json", (193, 193, 14, 25, 9, 47)),
                                           ("launches_v5_final.json", (205, 196, 14, 25, 9, 48))])
def test_answers_on_each_state_are_those_of_the_independent_script(ashore, name, summary, database):
    import answers
    documents = documents_of(harness.recorded(name))
    with harness.independent_api(harness.recorded(name)) as url:
        ashore.run("--source-url", url, "--to", "duckdb:warehouse.duckdb", "--to", database.url)
    assert answers.summary(documents) == summary
    for place in ("duckdb:warehouse.duckdb", database.url):
        given = json.loads(ashore.good("answers", "--to", place, "--format", "json").stdout)
        assert given == independent_answers(documents)


# ---------------------------------------------------------------- every recorded file of launches


RECORDED_FILES = ["launches_v5_final.json", "launches_v4_2022-09-17.json", "query_pages", "v4_launches",
                  "v4_launches_latest", "v4_launches_next", "v4_launches_past", "v4_launches_upcoming"]


def recorded_documents(name):
    if name == "query_pages":
        pages = sorted(harness.recorded(name).glob("page_*.json"))
        assert len(pages) == 21
        return [document for page in pages for document in documents_of(page)["docs"]]
    if name.endswith(".json"):
        return documents_of(harness.recorded(name))
    bodies = [path for path in harness.recorded("recorded").glob(f"{name}__*.json") if ".meta." not in path.name]
    assert len(bodies) == 1
    body = documents_of(bodies[0])
    return body if isinstance(body, list) else [body]


@pytest.mark.parametrize("name", RECORDED_FILES)
def test_no_recorded_launch_is_rejected(ashore, name, tmp_path):
    documents = recorded_documents(name)
    served = tmp_path / "launches.json"
    served.write_text(json.dumps(documents), encoding="utf-8")
    with harness.independent_api(served) as url:
        report = ashore.run("--source-url", url)
    assert {table: counts["rejected"] for table, counts in report["tables"].items()} == {"launches": 0, "cores": 0}
    assert harness.names_in(ashore.data / "quarantine") == []
    for table, rows in expected_rows(documents).items():
        assert harness.read_with_duckdb(ashore.table(table)) == rows


# ---------------------------------------------------------------- one end on many ways


def test_the_stages_by_hand_give_the_same_end_as_run(ashore, final_api, tmp_path):
    ashore.run("--source-url", final_api, *WINDOW)
    by_hand = harness.Ashore(tmp_path, data="by-hand")
    by_hand.good("extract", "--source-url", final_api, *WINDOW)
    for stage in ("transform", "merge", "audit"):
        by_hand.good(stage)
        assert not list(by_hand.data.glob("stage/*/_delta_log/*")), f"{stage} published"
    for stage in ("publish", "load"):
        by_hand.good(stage)
    assert data_files(by_hand) == data_files(ashore)
    for name in TABLES:
        assert harness.read_with_all(by_hand.table(name)) == harness.read_with_all(ashore.table(name))
        loaded = [harness.rows_in_duckdb(one.warehouse(), name) for one in (by_hand, ashore)]
        assert loaded[0] == loaded[1] and loaded[0]


def test_one_thread_and_eight_give_the_same_bytes(ashore, earlier_api, final_api, tmp_path):
    other = harness.Ashore(tmp_path, data="eight")
    for url in (earlier_api, final_api):
        ashore.run("--source-url", url, *WINDOW, "--threads", 1)
        other.run("--source-url", url, *WINDOW, "--threads", 8)
        assert data_files(other) == data_files(ashore)


def test_nothing_is_left_in_the_staging_folder_or_of_superseded_files(ashore, earlier_api, final_api):
    for url in (earlier_api, final_api):
        ashore.run("--source-url", url, *WINDOW)
    assert harness.names_in(ashore.data / "stage" / ".staged") == []
    for name in TABLES:
        for folder, files in harness.partition_of_files(ashore.table(name)).items():
            assert len(files) == 1, folder


# ---------------------------------------------------------------- small windows


def test_a_window_without_launches_publishes_nothing(ashore, final_api):
    report = ashore.run("--source-url", final_api, "--start-date", "1999-01-01", "--end-date", "1999-02-01")
    assert report["exit_code"] == 0 and report["extract"]["items"] == 0
    assert not list(ashore.data.glob("stage/*/*/*.parquet"))


def test_a_window_without_launches_leaves_published_tables_alone(ashore, final_api):
    ashore.run("--source-url", final_api)
    stage = harness.files_of(ashore.data / "stage")
    report = ashore.run("--source-url", final_api, "--start-date", "1999-01-01", "--end-date", "1999-02-01")
    assert (report["status"], report["exit_code"]) == ("unchanged", 0)
    assert harness.files_of(ashore.data / "stage") == stage
    assert len(harness.rows_in_duckdb(ashore.warehouse(), "launches")) == 205


def test_a_window_of_only_null_cores_publishes_its_launch_and_no_core(ashore, final_api, database):
    documents = documents_of(harness.recorded("launches_v5_final.json"))
    lonely = next(document for document in documents if len(document["cores"]) == 3
                  and all(core["core"] is None for core in document["cores"]))
    start = moment(lonely["date_utc"])
    twins = [document for document in documents if document["date_utc"] == lonely["date_utc"]]
    report = ashore.run("--source-url", final_api, "--start-date", start.isoformat(), "--end-date",
                        (start + datetime.timedelta(seconds=1)).isoformat(), "--to", database.url)
    assert report["tables"]["launches"]["inserted"] == len(twins)
    assert harness.read_with_all(ashore.table("launches")) == launch_rows(twins)
    nulls = sum(core["core"] is None for document in twins for core in document["cores"])
    assert report["tables"]["cores"]["dropped_null"] == nulls >= 3
    assert report["tables"]["cores"]["rejected"] == 0
    assert database.rows("cores") == core_rows(twins)


# ---------------------------------------------------------------- interrupted, and not alone


class HeldApi:
    """Serves launches page by page, and holds page 2 back until it is released."""

    def __init__(self, path):
        import serve
        self.documents = documents_of(path)
        self.answer_of = serve.answer
        self.is_asked, self.release = threading.Event(), threading.Event()

    def __call__(self, request):
        if request.json["options"]["page"] == 2:
            self.is_asked.set()
            assert self.release.wait(harness.SECONDS_MAX)
        return harness.Reply(json.dumps(self.answer_of(self.documents, request.json)))


@pytest.mark.parametrize("stop, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_run_leaves_nothing_half_done(ashore, earlier_api, stop, code):
    ashore.run("--source-url", earlier_api)
    stage, rows = harness.files_of(ashore.data / "stage"), harness.rows_in_duckdb(ashore.warehouse(), "launches")
    landings = len(list(ashore.data.glob("raw/spacex/*/manifest.json")))
    api = HeldApi(harness.recorded("launches_v5_final.json"))
    with harness.Server(api) as server:
        process = ashore.start("run", "--source-url", server.url)
        assert api.is_asked.wait(harness.SECONDS_MAX)
        reports = [json.loads(path.read_text()) for path in ashore.data.glob("runs/*/report.json")]
        assert sorted(report["status"] for report in reports) == ["published", "running"]
        process.send_signal(stop)
        _, stderr = process.communicate(timeout=harness.SECONDS_MAX)
        assert process.returncode == code, stderr
        assert harness.files_of(ashore.data / "stage") == stage
        assert harness.rows_in_duckdb(ashore.warehouse(), "launches") == rows
        assert len(list(ashore.data.glob("raw/spacex/*/manifest.json"))) == landings
        assert not list(ashore.data.glob("raw/spacex/*/page-*.json"))[landings * 2:]
        reports = [json.loads(path.read_text()) for path in ashore.data.glob("runs/*/report.json")]
        assert len([report for report in reports if report["status"] == "interrupted"]) == 1
        api.release.set()
        assert ashore.run("--source-url", server.url)["status"] == "published"
    final = documents_of(harness.recorded("launches_v5_final.json"))
    assert {row["launch_id"] for row in launch_rows(final)} <= {
        row["launch_id"] for row in harness.read_with_all(ashore.table("launches"))}


def test_a_second_process_on_the_same_data_says_who_holds_it(ashore):
    api = HeldApi(harness.recorded("launches_v5_final.json"))
    with harness.Server(api) as server:
        first = ashore.start("run", "--source-url", server.url, "--run-id", "the-first")
        assert api.is_asked.wait(harness.SECONDS_MAX)
        second = ashore("run", "--source-url", server.url, "--json")
        assert second.code == 1
        second.says("the-first", str(first.pid), "since", "--wait")
        assert second.report["exit_code"] == 1
        api.release.set()
        _, stderr = first.communicate(timeout=harness.SECONDS_MAX)
        assert first.returncode == 0, stderr
    assert len(harness.read_with_all(ashore.table("launches"))) == 205
    assert pathlib.Path(ashore.data / "runs" / "the-first" / "report.json").exists()
