"""Runs a pipeline."""

from __future__ import annotations

import datetime
import os
from typing import TYPE_CHECKING

from ashore import _process
from ashore._errors import error_of
from ashore._report import Report, report_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_DONE = 0
_NOTHING_NEW = 99


def run(
    pipeline: str | os.PathLike[str] | None = None,
    *,
    source_url: str | None = None,
    data_dir: str | os.PathLike[str] | None = None,
    start_date: str | datetime.date | None = None,
    end_date: str | datetime.date | None = None,
    to: str | Sequence[str] | None = None,
    memory: str | int | None = None,
    threads: int | None = None,
    run_id: str | None = None,
    widen: bool = False,
    full: bool = False,
    skip_unchanged: bool = False,
    force: bool = False,
    wait: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> Report:
    """Runs all stages: fetches every page of a window, publishes typed tables, loads the destinations.

    Arguments are the options of ``ashore run``; those left out are as there, the ``ASHORE_*`` variables included.

    Args:
        pipeline: The path of the pipeline file; default pipelines/spacex.yaml. ``ashore.SPACEX`` is the shipped one.
        source_url: In place of the source's url; ``embedded:`` starts the stand-in for SpaceX's API.
        data_dir: Where raw, stage and runs lie; default resources.
        start_date: The first instant of the window: a date (midnight UTC), a time with its zone, or a text of either.
        end_date: The first instant after the window.
        to: One destination or several in place of the pipeline's: ``duckdb:PATH``, ``postgresql://…``.
        memory: The bound on memory, ``512MB`` or a number of bytes.
        threads: How many threads may work; any number gives the same files.
        run_id: The run's id; default a new one.
        widen: Widen the window by the pipeline's lookback and lookahead.
        full: Compare every row of every destination.
        skip_unchanged: Let ``report.exit_code`` be 99, and nothing loaded, where nothing was new.
        force: Publish a landing that is older than the published one.
        wait: How long to wait for another ashore on the same data, as ``30s``.
        environment: Variables for this run only, such as the credentials that the pipeline file names. One
            destination reaches the program as a variable; of several, give passwords here (``PGPASSWORD``), since
            command lines can be seen by other users.

    Returns:
        The run's report.

    Raises:
        Blocked: A check or rejected rows blocked the run; nothing was published.
        Failed: Anything else went wrong.
    """
    arguments = ["run", *([os.fspath(pipeline)] if pipeline is not None else []), "--json"]
    arguments += ["--log-format=json", "--progress=none"]
    variables = dict(environment or {})
    if isinstance(to, str):
        variables["ASHORE_TO"] = to
    else:
        arguments += [f"--to={destination}" for destination in to or ()]
    values = {
        "source-url": source_url,
        "data-dir": os.fspath(data_dir) if data_dir is not None else None,
        "start-date": _instant(start_date, "start_date"),
        "end-date": _instant(end_date, "end_date"),
        "memory": f"{memory}B" if isinstance(memory, int) else memory,
        "threads": threads,
        "run-id": run_id,
        "wait": wait,
    }
    arguments += [f"--{name}={value}" for name, value in values.items() if value is not None]
    flags = {"widen": widen, "full": full, "skip-unchanged": skip_unchanged, "force": force}
    arguments += [f"--{name}" for name, is_set in flags.items() if is_set]
    # Every exit code is judged here: a run that failed has its report on stdout, too.
    finished = _process.call(arguments, environment=variables, exit_codes=range(-64, 256))
    lines = finished.stdout.decode().splitlines()
    report = report_of(lines[-1]) if lines and lines[-1].startswith("{") else None
    if finished.exit_code not in (_DONE, _NOTHING_NEW) or report is None:
        told = report.as_dict.get("error") if report is not None else None
        raise error_of(finished.exit_code, told or finished.message, report)
    return report


def _instant(value: str | datetime.date | None, name: str) -> str | None:
    if isinstance(value, datetime.datetime):
        if value.tzinfo is None:
            message = f"{name} has no time zone: give it one, or a date"
            raise ValueError(message)
        return value.isoformat()
    return value.isoformat() if isinstance(value, datetime.date) else value
