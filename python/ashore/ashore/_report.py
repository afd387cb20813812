"""A run's report as plain values: report.json, typed."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar


@dataclass(frozen=True)
class TableReport:
    """The counts of one table; a count that a run did not come to is 0."""

    rows_in: int = 0
    rows_out: int = 0
    dropped_null: int = 0
    dropped_duplicate: int = 0
    rejected: int = 0
    stale: int = 0
    missing: int = 0
    deleted: int = 0
    moved: int = 0
    replaced: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    partitions_total: int = 0
    partitions_touched: int = 0
    files_added: int = 0
    bytes_added: int = 0
    version: int | None = None


@dataclass(frozen=True)
class Check:
    """What a check found."""

    table: str = ""
    check: str = ""
    severity: str = ""
    passed: bool = False
    observed: Any = None
    expected: Any = None


@dataclass(frozen=True)
class LoadedTable:
    """What a load changed in one table of a destination."""

    inserted: int = 0
    updated: int = 0
    deleted: int = 0
    unchanged: int = 0


@dataclass(frozen=True)
class Destination:
    """What was loaded into one destination; ``error`` is empty where nothing went wrong."""

    name: str = ""
    error: str = ""
    tables: dict[str, LoadedTable] = field(default_factory=dict)


@dataclass(frozen=True)
class Report:
    """What a run did.

    Attributes:
        as_dict: The whole of report.json, with what has no attribute of its own.
    """

    run_id: str
    pipeline: str
    status: str
    exit_code: int
    seconds: float
    tables: dict[str, TableReport]
    checks: list[Check]
    destinations: list[Destination]
    warnings: list[str]
    as_dict: dict[str, Any] = field(repr=False)


_Record = TypeVar("_Record", TableReport, Check, LoadedTable)


def _record(kind: type[_Record], values: dict[str, Any]) -> _Record:
    known = {each.name for each in fields(kind)}
    return kind(**{name: value for name, value in values.items() if name in known})


def _destination(values: dict[str, Any]) -> Destination:
    tables = {name: _record(LoadedTable, table) for name, table in (values.get("tables") or {}).items()}
    return Destination(values.get("name", ""), values.get("error") or "", tables)


def report_of(text: str) -> Report:
    """Reads the text of a report.json."""
    values = json.loads(text)
    return Report(
        run_id=values["run_id"],
        pipeline=values.get("pipeline", ""),
        status=values["status"],
        exit_code=values["exit_code"],
        seconds=values.get("seconds", 0.0),
        tables={name: _record(TableReport, table) for name, table in values.get("tables", {}).items()},
        checks=[_record(Check, check) for check in values.get("checks", [])],
        destinations=[_destination(each) for each in values.get("destinations", [])],
        warnings=list(values.get("warnings", [])),
        as_dict=values,
    )
