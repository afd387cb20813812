"""Builds a DAG from a pipeline file: daily, one task per stage or one in all, one run id through them."""

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from airflow.sdk import DAG, CronDataIntervalTimetable, Param

from ashore_airflow.alert import post_failure
from ashore_airflow.group import add_stages
from ashore_airflow.operator import RUN, AshoreOperator
from ashore_airflow.pipeline_file import callers, dag_file, read

# There is no catch-up, so it only has to lie before the first backfill.
_FIRST_DAY = datetime.datetime(2000, 1, 1, tzinfo=datetime.timezone.utc)

_ABOUT = """\
Runs `ashore` on `{path}` with this run's id.

Trigger it with a start date and an end date (UTC; the end is not part of the window) to load exactly that;
with one of them alone the other end is open; with neither it does what the scheduled run of its day does.
"""


def _params() -> dict[str, Param]:
    def date(title: str, description: str) -> Param:
        return Param(None, type=["null", "string"], format="date", title=title, description=description)

    return {
        "start_date": date("Start date", "First day of the window, UTC. Empty: no start, or the schedule's."),
        "end_date": date("End date", "First day after the window, UTC. Empty: no end, or the schedule's."),
    }


def dag(
    pipeline: str | Path,
    *,
    dag_id: str | None = None,
    schedule: str = "0 0 * * *",
    single_task: bool = False,
    shards: int | str | None = None,
    data_dir: str | None = None,
    environment: Mapping[str, str] | None = None,
    source_conn_id: str | None = None,
    destination_conn_id: str | None = None,
    retries: int = 3,
    **task_options: Any,
) -> DAG:
    """Builds the DAG of a pipeline file; assign it to a name in a file of the DAGs folder.

    Arguments:
        pipeline: The pipeline file. A relative path is looked for in each folder above the calling files,
            nearest first; commands run in the folder where it is found.
        dag_id: The DAG's name; default the pipeline's.
        schedule: When it runs, as a cron expression in UTC; default each midnight. A run's window is the
            interval that ended, widened by the pipeline's lookback and lookahead.
        single_task: One task that runs all stages in one process, in place of one task per stage: no data
            passes between workers, and Airflow starts one process and not six.
        shards: How many tasks land a window side by side, each a part of it, before a task joins them; or
            ``day``, ``month`` or ``pages``: one for each. Default: one task lands it all. They meet in the
            data folder: it is shared by the workers, or on S3.
        data_dir: The data folder; default ``ASHORE_DATA_DIR`` of the workers, else ``resources``. DAGs of
            different pipelines need one each, for scheduled runs of one day have the same id.
        environment: More variables for each stage, such as ``ASHORE_TO``; values are templates.
        source_conn_id: A Connection of type http in place of the source's url (see :class:`AshoreOperator`).
        destination_conn_id: A Connection of type postgres in place of the pipeline's destinations.
        retries: How often a stage that failed with exit code 1 is tried again; the waits begin with
            Airflow's ``core.default_task_retry_delay`` and double, up to an hour.
        task_options: More for each task: ``pool``, ``queue``, ``execution_timeout``, ``source_secret``, ...

    Raises FileNotFoundError or ValueError where the pipeline file is not there or is none, ValueError where
    there is a single task and shards, too.

    """
    if single_task and shards is not None:
        raise ValueError("single_task and shards: one task has nothing to share out; leave one of them out")
    found = read(Path(pipeline), callers())
    with DAG(
        dag_id=dag_id or found.name,
        description=f"ashore: {found.path}",
        doc_md=_ABOUT.format(path=found.path),
        schedule=CronDataIntervalTimetable(schedule, timezone="UTC"),
        start_date=_FIRST_DAY,
        catchup=False,
        max_active_runs=1,
        params=_params(),
        default_args={
            "retries": retries,
            "retry_exponential_backoff": 2.0,
            "max_retry_delay": datetime.timedelta(hours=1),
            "on_failure_callback": post_failure,
        },
        tags=["ashore"],
    ) as built:
        options: dict[str, Any] = {
            "data_dir": data_dir,
            "environment": environment,
            "source_conn_id": source_conn_id,
            "destination_conn_id": destination_conn_id,
            **task_options,
        }
        if single_task:
            AshoreOperator(task_id=RUN, pipeline=pipeline, **options)
        else:
            add_stages(pipeline, shards=shards, **options)
    built.fileloc = str(dag_file())
    return built
