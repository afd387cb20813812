"""Runs one stage of a pipeline and turns its exit code into what Airflow does next."""

import json
from typing import Any

from airflow.providers.standard.hooks.subprocess import SubprocessHook, SubprocessResult
from airflow.sdk.exceptions import AirflowException, AirflowFailException

STAGES = ("extract", "transform", "merge", "audit", "publish", "load")
NOTHING_NEW = 99

# What a retry can't fix; 1 (failed), 130, 143 and signals are tried again.
_FINAL = {
    2: "cannot succeed by retrying",
    3: "blocked by a check, nothing was published",
    4: "blocked by quarantine, nothing was published",
    70: "met a bug in ashore, please report it",
    126: "cannot be started: the file is no program that may be run",
    127: "cannot be started: there is no such program",
}


def report_of(line: str) -> dict[str, Any]:
    """Gives the report in the last line of a stage's output, or {} where there is none. Pure."""
    try:
        report = json.loads(line)
    except ValueError:
        return {}
    return report if isinstance(report, dict) else {}


def reason_of(report: dict[str, Any], line: str) -> str:
    """Says why a stage failed: each failed check by name, then the error. Pure."""
    failed = [
        f"check {check['check']!r} of table {check['table']!r}: {check['observed']}, expected {check['expected']}"
        for check in report.get("checks", [])
        if not check["passed"] and check["severity"] == "fail"
    ]
    error = report.get("error")
    return "; ".join([*failed, *([error] if error else [])]) or line


def failure_of(stage: str, exit_code: int, line: str) -> AirflowException:
    """Gives the exception for an exit code that is no success: one that is retried, or one that is not. Pure."""
    reason = reason_of(report_of(line), line)
    if exit_code in _FINAL:
        return AirflowFailException(f"{stage} {_FINAL[exit_code]} (exit code {exit_code}): {reason}")
    return AirflowException(f"{stage} failed (exit code {exit_code}), running it again may help: {reason}")


class StageHook(SubprocessHook):
    """Runs a command as SubprocessHook does, and raises what its exit code means."""

    def __init__(self, stage: str, *, may_skip: bool) -> None:
        """Takes the name of the stage, for messages, and whether it may say that there is nothing new."""
        super().__init__()
        self._stage = stage
        self._good = (0, NOTHING_NEW) if may_skip else (0,)

    def run_command(self, *args: Any, **kwargs: Any) -> SubprocessResult:
        """Gives the result of a command that ended with 0, or 99 where it may; raises for any other exit code."""
        result = super().run_command(*args, **kwargs)
        if result.exit_code not in self._good:
            raise failure_of(self._stage, result.exit_code, result.output)
        return result
