"""What a newcomer types first: validate without secrets, doctor, plan, answers, report, runs."""
import json
import subprocess

import pytest

import harness
from harness import READINGS, Reply, Server, page_of, reading

SECRET = READINGS.replace("  retry:", '  auth: {bearer: "${API_TOKEN}"}\n  retry:').replace(
    "destinations: [{duckdb: warehouse.duckdb}]", 'destinations: [{duckdb: warehouse.duckdb}]\nquestions: [one.sql, two.sql]')


@pytest.fixture
def secret(tmp_path):
    """A pipeline whose source wants a token, with two questions."""
    def answer(request):
        if request.headers.get("Authorization") != "Bearer right":
            return Reply("who are you?", 401)
        return Reply(json.dumps(page_of([reading(n) for n in range(6)], request)))

    with Server(answer) as server:
        path = tmp_path / "readings.yaml"
        path.write_text(SECRET.replace("http://127.0.0.1:9", server.url))
        (tmp_path / "one.sql").write_text("SELECT count(*) AS readings FROM readings\n")
        (tmp_path / "two.sql").write_text("SELECT reading_id FROM readings ORDER BY 1 LIMIT 2\n")
        yield harness.Ashore(tmp_path, path)


def command(ashore, name, *arguments, token="right"):
    return ashore(name, *arguments, variables={"API_TOKEN": token})


def test_validate_needs_no_secret_and_a_run_does(secret):
    outcome = harness.validate(secret.pipeline)
    assert outcome.code == 0
    outcome.says("warning", "readings.yaml:12:18", "environment variable is not set: API_TOKEN")
    assert "valid" in outcome.stdout
    outcome = secret("run")
    assert outcome.code == 2
    outcome.says("API_TOKEN")


def test_validate_json(secret):
    report = json.loads(harness.validate(secret.pipeline, "--json").stdout)
    assert (report["valid"], report["complaints"]) == (True, [])
    assert report["warnings"][0]["line"] == 12
    secret.pipeline.write_text(secret.pipeline.read_text().replace("key: [reading_id]", "key: [reading]"))
    outcome = harness.validate(secret.pipeline, "--json")
    report = json.loads(outcome.stdout)
    assert outcome.code == 2 and not report["valid"]
    assert {"file", "line", "column", "what", "remedy"} <= set(report["complaints"][0])


def test_doctor_really_asks_with_auth(secret):
    good = command(secret, "doctor")
    assert good.code == 0 and "answers: 6 items in all" in good.stdout
    bad = command(secret, "doctor", token="wrong")
    assert bad.code == 2
    assert "401" in bad.stdout and "extract.auth" in bad.stdout and "wrong" not in bad.stdout
    assert not (secret.data / "raw").exists()


def test_plan_creates_nothing_and_says_what_is_there(secret):
    plan = command(secret, "plan")
    assert plan.code == 0 and "not published yet" in plan.stdout
    assert not secret.data.exists()
    command(secret, "run")
    plan = command(secret, "plan")
    assert "published: version 0, 6 rows in 3 files, 3 partitions" in plan.stdout


def test_answers_to_one_question_and_to_files(secret, tmp_path):
    command(secret, "run")
    assert json.loads(command(secret, "answers", "--format", "json", "--question", "one").stdout) == {
        "one": {"columns": ["readings"], "rows": [[6]]}}
    wrong = command(secret, "answers", "--question", "ones")
    assert wrong.code == 2
    wrong.says("Did you mean 'one'?")
    assert command(secret, "answers", "--format", "csv").stdout.startswith("# one\nreadings\n6\n# two\n")
    assert command(secret, "answers", "--format", "csv", "--question", "one").stdout == "readings\n6\n"
    assert command(secret, "answers", "--format", "csv", "--output", tmp_path / "out").code == 0
    assert (tmp_path / "out/two.csv").read_text() == "reading_id\nr000\nr001\n"


def test_report_takes_a_pipeline(secret):
    command(secret, "run", "--run-id", "first")
    done = subprocess.run([harness.BINARY, "report", secret.pipeline, "--data-dir", secret.data], capture_output=True,
                          text=True, env={**harness.environment(secret.folder), "API_TOKEN": "right"}, cwd=harness.ROOT)
    assert done.returncode == 0, done.stderr
    assert "first" in done.stdout


# ---------------------------------------------------------------- history


def runs(ashore, *arguments):
    done = subprocess.run([harness.BINARY, "runs", "--data-dir", ashore.data, *arguments], capture_output=True, text=True,
                          check=True)
    return json.loads(done.stdout) if "--json" in arguments else done.stdout


def report_of(ashore, run_id):
    return (ashore.data / "runs" / run_id / "report.json").read_text()


def test_history_is_append_only(secret):
    command(secret, "run", "--run-id", "first")
    before = report_of(secret, "first")
    assert command(secret, "load", "--to", "postgresql://127.0.0.1:1/none").code == 1
    assert command(secret, "load", "--skip-unchanged").code == 99
    assert report_of(secret, "first") == before
    assert [(run["run_id"], run["kind"], run["status"]) for run in runs(secret, "--json")] == [
        ("first", "load", "unchanged"), ("first", "load", "failed"), ("first", "run", "published")]
    assert len(runs(secret, "--json", "--limit", "1")) == 1
    text = runs(secret)
    for word in ("kind", "window", "rows", "reason", "everything", "+12 ~0 -0"):
        assert word in text, text


def test_stages_by_hand_are_one_run_that_is_open_until_the_last(secret):
    for name, status in (("extract", "pending"), ("transform", "pending"), ("merge", "pending"), ("audit", "pending"),
                         ("publish", "published")):
        assert command(secret, name, *(["--run-id", "one"] if name == "extract" else [])).code == 0
        assert json.loads(report_of(secret, "one"))["status"] == status
    assert command(secret, "load", "--to", "postgresql://127.0.0.1:1/none").code == 1
    assert json.loads(report_of(secret, "one"))["status"] == "failed"
    assert command(secret, "load").code == 0
    report = json.loads(report_of(secret, "one"))
    assert report["status"] == "published"
    assert [(attempt["name"], attempt["attempt"], attempt["outcome"]) for attempt in report["stage_attempts"]] == [
        ("extract", 1, "succeeded"), ("transform", 1, "succeeded"), ("merge", 1, "succeeded"), ("audit", 1, "succeeded"),
        ("publish", 1, "succeeded"), ("load", 1, "failed"), ("load", 2, "succeeded")]
    assert report["started_at"] <= report["stage_attempts"][0]["started_at"]
    assert len(runs(secret, "--json")) == 1


def test_a_rollback_is_seen_as_one(secret):
    command(secret, "run", "--run-id", "first")
    done = subprocess.run([harness.BINARY, "rollback", "first", secret.pipeline, "--data-dir", secret.data],
                          env={**harness.environment(secret.folder), "API_TOKEN": "right"}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert [run["kind"] for run in runs(secret, "--json")] == ["rollback", "run"]


def rollback(secret, *arguments):
    done = subprocess.run([harness.BINARY, "rollback", *arguments, secret.pipeline, "--data-dir", secret.data],
                          env={**harness.environment(secret.folder), "API_TOKEN": "right"}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_rollback_is_told_by_status_and_the_next_run_and_may_be_pinned(secret):
    command(secret, "run", "--run-id", "first")
    secret.pipeline.write_text(secret.pipeline.read_text().replace("note: {path: /note,", "note: {path: /at,"))
    assert command(secret, "run", "--run-id", "second").code == 0
    rollback(secret, "first")
    assert "readings was rolled back by run" in command(secret, "status").stdout
    following = command(secret, "run")
    assert following.code == 0
    following.says("the tables were rolled back by run", "publishes what the source has now", "--pin")
    assert "rolled back" not in command(secret, "status").stdout
    rollback(secret, "first", "--pin")
    status = command(secret, "status").stdout
    assert "was rolled back by run" in status and "is pinned" in status
    pinned = command(secret, "run", "--run-id", "pinned")
    assert pinned.code == 3
    pinned.says("pinned: table 'readings'", "rollback --unpin")
    assert (secret.data / "raw/readings/pinned/manifest.json").exists(), "a pinned run lands"
    assert "2 tables are no longer pinned" in rollback(secret, "--unpin")
    assert command(secret, "run").code == 0
