"""Builds the tasks of a pipeline file inside a DAG of one's own."""

from pathlib import Path
from typing import Any

from airflow.sdk import TaskGroup, chain

from ashore_airflow.operator import AshoreOperator
from ashore_airflow.shards import add_landing
from ashore_airflow.stage import STAGES


def add_stages(pipeline: str | Path, *, shards: int | str | None = None, **options: Any) -> list[Any]:
    """Adds one task per stage, each after the other, to the DAG or group around the call."""
    stages = STAGES if shards is None else STAGES[1:]
    landing = [] if shards is None else add_landing(pipeline, shards, **options)
    tasks = [AshoreOperator(task_id=stage, stage=stage, pipeline=pipeline, **options) for stage in stages]
    chain(*landing[-1:], *tasks)
    return [*landing, *tasks]


def task_group(
    pipeline: str | Path, *, group_id: str = "ashore", shards: int | str | None = None, **options: Any
) -> TaskGroup:
    """Adds a group with one task per stage to the DAG around the call: ``before >> task_group(...) >> after``.

    Arguments:
        pipeline: The pipeline file, as for :class:`AshoreOperator`.
        group_id: The group's name, the first part of its tasks' names.
        shards: As for :func:`ashore_airflow.dag`.
        options: Those of :class:`AshoreOperator` but ``stage`` and ``task_id``; all tasks get them.

    """
    with TaskGroup(group_id=group_id) as group:
        add_stages(pipeline, shards=shards, **options)
    return group
