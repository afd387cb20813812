"""Builds the tasks of a pipeline file inside a DAG of one's own."""

from pathlib import Path
from typing import Any

from airflow.sdk import TaskGroup, chain

from ashore_airflow.operator import AshoreOperator
from ashore_airflow.stage import STAGES


def add_stages(pipeline: str | Path, **options: Any) -> list[AshoreOperator]:
    """Adds one task per stage, each after the other, to the DAG or group around the call."""
    tasks = [AshoreOperator(task_id=stage, stage=stage, pipeline=pipeline, **options) for stage in STAGES]
    chain(*tasks)
    return tasks


def task_group(pipeline: str | Path, *, group_id: str = "ashore", **options: Any) -> TaskGroup:
    """Adds a group with one task per stage to the DAG around the call: ``before >> task_group(...) >> after``.

    Arguments:
        pipeline: The pipeline file, as for :class:`AshoreOperator`.
        group_id: The group's name, the first part of its tasks' names.
        options: Those of :class:`AshoreOperator` but ``stage`` and ``task_id``; all tasks get them.

    """
    with TaskGroup(group_id=group_id) as group:
        add_stages(pipeline, **options)
    return group
