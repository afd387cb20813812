"""Builds a DAG from a pipeline file: daily, one task a stage, one run id through all of them."""

import datetime
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from airflow.sdk import DAG, Asset, CronDataIntervalTimetable, Param, chain, task
from airflow.sdk.definitions.xcom_arg import PlainXComArg

from ashore_airflow.alert import post_failure
from ashore_airflow.pipeline_file import PipelineFile, read
from ashore_airflow.stage import NOTHING_NEW, STAGES, StageHook
from ashore_airflow.window import window

# There is no catch-up, so it only has to lie before the first backfill.
_FIRST_DAY = datetime.datetime(2000, 1, 1, tzinfo=datetime.timezone.utc)

_ABOUT = """\
Runs `ashore` on `{path}`: one task a stage, all with this run's id.

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


def _variables(stage: str, pipeline: PipelineFile) -> dict[str, str]:
    """The variables of a stage: Airflow renders them, the shell never reads them as code."""
    variables = {"ASHORE_PIPELINE": str(pipeline.path), "ASHORE_RUN_ID": "{{ run_id }}"}
    if stage == STAGES[0]:
        variables["ASHORE_START_DATE"] = "{{ window(params, dag_run).start }}"
        variables["ASHORE_END_DATE"] = "{{ window(params, dag_run).end }}"
        variables["ASHORE_WIDEN"] = "{{ window(params, dag_run).widen }}"
    return variables


def _add_stage(stage: str, pipeline: PipelineFile, environment: Mapping[str, str], assets: list[Asset]) -> PlainXComArg:
    is_last = stage == STAGES[-1]

    @task.bash(
        task_id=stage,
        env={**environment, **_variables(stage, pipeline)},
        append_env=True,
        cwd=str(pipeline.home),
        skip_on_exit_code=NOTHING_NEW,
        output_processor=json.loads,
        outlets=assets if is_last else [],
        do_xcom_push=True,
    )
    def run_stage() -> str:
        # A worker that is killed takes its stage along: else the retry would meet the stage still at work.
        command = f'exec setpriv --pdeathsig TERM ashore {stage} "$ASHORE_PIPELINE" --json'
        return command + (" --skip-unchanged" if is_last else "")

    added = cast("PlainXComArg", run_stage())
    operator: Any = added.operator
    operator.subprocess_hook = StageHook(stage, may_skip=is_last)
    return added


def dag(
    pipeline: str | Path,
    *,
    dag_id: str | None = None,
    schedule: str = "0 0 * * *",
    data_dir: str | None = None,
    environment: Mapping[str, str] | None = None,
    retries: int = 3,
) -> DAG:
    """Builds the DAG of a pipeline file; assign it to a name in a file of the DAGs folder.

    Arguments:
        pipeline: The pipeline file. A relative path is looked for in each folder above the calling file,
            nearest first; commands run in the folder where it is found.
        dag_id: The DAG's name; default the pipeline's.
        schedule: When it runs, as a cron expression in UTC; default each midnight. A run's window is the
            interval that ended, widened by the pipeline's lookback and lookahead.
        data_dir: The data folder; default ``ASHORE_DATA_DIR`` of the workers, else ``resources``. DAGs of
            different pipelines need one each, for scheduled runs of one day have the same id.
        environment: More variables for each stage, such as ``ASHORE_TO``; values are templates. What a
            stage needs and a reader of the DAG must not see belongs in the workers' environment.
        retries: How often a stage that failed with exit code 1 is tried again; the waits begin with
            Airflow's ``core.default_task_retry_delay`` and double, up to an hour.

    Raises FileNotFoundError or ValueError where the pipeline file is not there or is none.

    """
    dag_file = Path(sys._getframe(1).f_code.co_filename)
    found = read(Path(pipeline), dag_file)
    assets = [Asset(name=f"{found.name}.{table}", uri=f"ashore://{found.name}/{table}") for table in found.tables]
    variables = {**(environment or {}), **({"ASHORE_DATA_DIR": data_dir} if data_dir else {})}
    with DAG(
        dag_id=dag_id or found.name,
        description=f"ashore: {found.path}",
        doc_md=_ABOUT.format(path=found.path),
        schedule=CronDataIntervalTimetable(schedule, timezone="UTC"),
        start_date=_FIRST_DAY,
        catchup=False,
        max_active_runs=1,
        params=_params(),
        user_defined_macros={"window": window},
        default_args={
            "retries": retries,
            "retry_exponential_backoff": 2.0,
            "max_retry_delay": datetime.timedelta(hours=1),
            "on_failure_callback": post_failure,
        },
        tags=["ashore"],
    ) as built:
        chain(*(_add_stage(stage, found, variables, assets) for stage in STAGES))
    built.fileloc = str(dag_file)
    return built
