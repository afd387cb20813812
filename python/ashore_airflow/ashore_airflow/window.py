"""Chooses the window of a run: explicit dates as they are, else the run's interval, as its schedule means it."""

import dataclasses
import datetime
from collections.abc import Mapping
from typing import Any


@dataclasses.dataclass(frozen=True)
class Window:
    """The values of ``--start-date``, ``--end-date`` and ``--widen``, as text; empty is not given."""

    start: str
    end: str
    widen: str


def _instant(moment: datetime.datetime) -> str:
    return moment.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def window(params: Mapping[str, Any], dag_run: Any) -> Window:
    """Gives the window of a run. Pure.

    Dates from the trigger form are taken as they are, one of them alone too (the other end is open).
    A backfill's interval is as explicit as a typed date. A scheduled run widens its interval by the
    pipeline's lookback and lookahead. A triggered run has no interval: without dates it does what
    the scheduled run of its day does.
    """
    start, end = params.get("start_date"), params.get("end_date")
    if start or end:
        return Window(start=str(start or ""), end=str(end or ""), widen="")
    first, after = dag_run.data_interval_start, dag_run.data_interval_end
    if first is None or after is None:
        after = dag_run.run_after.astimezone(datetime.timezone.utc)
        after = after.replace(hour=0, minute=0, second=0, microsecond=0)
        first = after - datetime.timedelta(days=1)
    run_type = getattr(dag_run.run_type, "value", dag_run.run_type)
    return Window(start=_instant(first), end=_instant(after), widen="" if run_type == "backfill" else "true")
