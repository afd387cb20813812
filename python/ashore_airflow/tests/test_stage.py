"""What each exit code of a stage becomes, and what a failure says."""

import json

import pytest
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from ashore_airflow.stage import StageHook, failure_of

FAILED = {"table": "orders", "check": "unique: [id]", "severity": "fail", "passed": False, "observed": "2 duplicates",
          "expected": "no duplicate"}  # fmt: skip


def report(**values):
    return json.dumps({"checks": [], **values})


@pytest.mark.parametrize("code", [1, 130, 143, -9])
def test_what_may_pass_is_tried_again(code):
    failure = failure_of("load", code, report(error="connection refused"))
    assert isinstance(failure, AirflowException)
    assert not isinstance(failure, AirflowFailException)
    assert "connection refused" in str(failure)


@pytest.mark.parametrize("code", [2, 3, 4, 70, 126, 127])
def test_what_a_retry_cannot_mend_is_not_tried_again(code):
    failure = failure_of("load", code, report(error="wrong password"))
    assert isinstance(failure, AirflowFailException)
    assert "wrong password" in str(failure)


def test_a_blocked_run_names_the_failed_checks_and_no_others():
    passed = {**FAILED, "check": "row_count: {min: 1}", "passed": True}
    warned = {**FAILED, "check": "freshness: 1d", "severity": "warn"}
    text = str(failure_of("audit", 3, report(checks=[passed, FAILED, warned])))
    assert "blocked by a check" in text
    assert "check 'unique: [id]' of table 'orders': 2 duplicates, expected no duplicate" in text
    assert "row_count" not in text
    assert "freshness" not in text


def test_without_a_report_the_last_line_is_the_reason():
    assert "no such option" in str(failure_of("merge", 2, "ashore: no such option"))


def command(text):
    return ["bash", "-c", text]


def test_the_result_of_a_good_command_is_its_last_line():
    result = StageHook("merge", may_skip=False).run_command(command("echo one; echo two"), env={})
    assert (result.exit_code, result.output) == (0, "two")


def test_only_the_last_stage_may_skip():
    assert StageHook("load", may_skip=True).run_command(command("exit 99"), env={}).exit_code == 99
    with pytest.raises(AirflowException, match="exit code 99"):
        StageHook("merge", may_skip=False).run_command(command("exit 99"), env={})


def test_a_failed_command_raises():
    with pytest.raises(AirflowFailException, match="exit code 4"):
        StageHook("transform", may_skip=False).run_command(command("exit 4"), env={})
