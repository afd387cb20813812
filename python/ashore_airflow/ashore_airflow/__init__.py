"""Airflow runs any ashore pipeline file: ``dag("pipelines/spacex.yaml")``, or its tasks in a DAG of one's own."""

from ashore_airflow.daily import dag
from ashore_airflow.group import task_group
from ashore_airflow.operator import AshoreOperator

__all__ = ["AshoreOperator", "dag", "task_group"]
