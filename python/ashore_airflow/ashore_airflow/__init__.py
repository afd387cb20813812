"""Builds an Airflow DAG from any ashore pipeline file: ``dag("pipelines/spacex.yaml")``."""

from ashore_airflow.daily import dag

__all__ = ["dag"]
