"""Airflow: loads every SpaceX launch daily, one task a stage of pipelines/spacex.yaml."""

import ashore_airflow

spacex = ashore_airflow.dag("pipelines/spacex.yaml")
