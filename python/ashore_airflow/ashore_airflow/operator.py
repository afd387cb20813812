"""Runs ashore as a task: all stages in one process, or one stage."""

import importlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from airflow.providers.standard.hooks.subprocess import SubprocessResult
from airflow.sdk import Asset, BaseHook, BaseOperator
from airflow.sdk.exceptions import AirflowSkipException

from ashore_airflow.connection import http_url, postgresql_url
from ashore_airflow.pipeline_file import callers, read
from ashore_airflow.stage import NOTHING_NEW, STAGES, StageHook, report_of
from ashore_airflow.window import Window, window

RUN = "run"
SHARDS = "shards"
JOIN = "join"
# The stages that say 99 for "nothing new", ask the source, and write to destinations.
_MAY_SKIP = (RUN, STAGES[-1])
_ASKS_FOR_A_WINDOW = (RUN, STAGES[0], SHARDS)
_ASKS_THE_SOURCE = (RUN, "extract", "merge", "publish", SHARDS, JOIN)
_LOADS = (RUN, STAGES[-1])


def program() -> str:
    """Gives ``ashore`` where it is on the PATH, else the path of the one in the wheel beside Airflow."""
    if shutil.which("ashore") is None:
        try:
            return str(importlib.import_module("ashore").command())
        except ImportError:
            pass  # setpriv says that there is no `ashore`
    return "ashore"


def lineage_parents(context: Mapping[str, Any]) -> dict[str, str]:
    """Gives the variables by which lineage names this task as the run's parent, where Airflow sends lineage, too."""
    try:
        provider = importlib.import_module("airflow.providers.openlineage.conf")
        macros = importlib.import_module("airflow.providers.openlineage.plugins.macros")
    except ImportError:
        return {}
    if provider.is_disabled():
        return {}
    task = context["ti"]
    return {
        "OPENLINEAGE_PARENT_ID": macros.lineage_parent_id(task),
        "OPENLINEAGE_ROOT_PARENT_ID": macros.lineage_root_parent_id(task),
    }


class AshoreOperator(BaseOperator):
    """Runs ``ashore run`` on a pipeline file, or one stage of it, with the id of the Airflow run.

    Arguments:
        pipeline: The pipeline file. A relative path is looked for in each folder above the calling files,
            nearest first; the command runs in the folder where it is found.
        stage: ``run`` (default): all stages in one process. Or one of ``extract``, ``transform``, ``merge``,
            ``audit``, ``publish``, ``load``; they share the data folder, so they must run where it lies. Or
            ``join``, which makes one landing of the shards that tasks of ``ashore_airflow.shards`` landed.
        window_start: First instant of the window, and
        window_end: first instant after it, as ``--start-date`` and ``--end-date`` take them; templates. Without
            both: the run's params ``start_date`` and ``end_date``, else its data interval.
        data_dir: The data folder; default ``ASHORE_DATA_DIR`` of the workers, else ``resources``.
        environment: More variables of the process, such as ``ASHORE_TO``; values are templates.
        source_conn_id: A Connection of type http whose url replaces the source's. Its login and password are
            put into the variables ``ASHORE_SOURCE_LOGIN`` and ``source_secret``, for ``auth`` of the pipeline.
        source_secret: The variable for that Connection's password; default ``ASHORE_SOURCE_PASSWORD``.
        destination_conn_id: A Connection of type postgres that replaces the pipeline's destinations.
        kwargs: Those of any operator: ``pool``, ``queue``, ``execution_timeout``, ``retries``, ...

    The secrets of Connections are read when the task runs and given to the process as environment variables.
    Its XCom is the report. The last of the tables' tasks (``run``, ``load``) has their Assets as outlets, and
    is skipped where nothing was new.

    Raises FileNotFoundError or ValueError where the pipeline file is not there or is none.

    """

    # What the graph shows below a task's name.
    custom_operator_name = "ashore"
    template_fields: tuple[str, ...] = ("environment", "data_dir", "window_start", "window_end")

    def __init__(
        self,
        *,
        pipeline: str | Path,
        stage: str = RUN,
        window_start: str | None = None,
        window_end: str | None = None,
        data_dir: str | None = None,
        environment: Mapping[str, str] | None = None,
        source_conn_id: str | None = None,
        source_secret: str = "ASHORE_SOURCE_PASSWORD",  # noqa: S107 (a name)
        destination_conn_id: str | None = None,
        **kwargs: Any,
    ) -> None:
        """Reads the pipeline file; nothing else is looked at before the task runs."""
        stages = (RUN, *STAGES, SHARDS, JOIN)
        if stage not in stages:
            raise ValueError(f"there is no stage {stage!r}: it is one of {', '.join(stages)}")
        found = read(Path(pipeline), callers())
        if stage in _LOADS:
            assets = [
                Asset(name=f"{found.name}.{table}", uri=f"ashore://{found.name}/{table}") for table in found.tables
            ]
            kwargs.setdefault("outlets", assets)
        super().__init__(**kwargs)
        self.pipeline = str(found.path)
        self.home = str(found.home)
        self.stage = stage
        self.window_start = window_start
        self.window_end = window_end
        self.data_dir = data_dir
        self.environment = dict(environment or {})
        self.source_conn_id = source_conn_id
        self.source_secret = source_secret
        self.destination_conn_id = destination_conn_id
        self._hook: StageHook | None = None

    def command(self) -> list[str]:
        """Gives the command; every value of the run comes by the environment."""
        # A worker that is killed takes its process along: else the retry would meet it still at work.
        words = ["setpriv", "--pdeathsig", "TERM", program(), self.stage, self.pipeline, "--json"]
        return words + (["--skip-unchanged"] if self.stage in _MAY_SKIP else [])

    def variables(self, context: Mapping[str, Any]) -> dict[str, str]:
        """Gives the variables of this run that are no secret."""
        variables = {**self.environment, "ASHORE_RUN_ID": str(context["run_id"])}
        if self.data_dir:
            variables["ASHORE_DATA_DIR"] = self.data_dir
        if self.stage in _ASKS_FOR_A_WINDOW:
            chosen = (
                Window(start=self.window_start or "", end=self.window_end or "", widen="")
                if self.window_start or self.window_end
                else window(context["params"], context["dag_run"])
            )
            variables["ASHORE_START_DATE"] = chosen.start
            variables["ASHORE_END_DATE"] = chosen.end
            variables["ASHORE_WIDEN"] = chosen.widen
        return variables

    def secrets(self) -> dict[str, str]:
        """Gives what the Connections say, for the environment of the process only."""
        variables = {}
        if self.source_conn_id and self.stage in _ASKS_THE_SOURCE:
            source = BaseHook.get_connection(self.source_conn_id)
            variables["ASHORE_SOURCE_URL"] = http_url(source)
            if source.login:
                variables["ASHORE_SOURCE_LOGIN"] = source.login
            if source.password:
                variables[self.source_secret] = source.password
        if self.destination_conn_id and self.stage in _LOADS:
            variables["ASHORE_TO"] = postgresql_url(BaseHook.get_connection(self.destination_conn_id))
        return variables

    def execute(self, context: Any) -> dict[str, Any]:
        """Runs the command and gives its report; raises what its exit code means."""
        result = self.run_process(self.command(), context)
        if result.exit_code == NOTHING_NEW:
            raise AirflowSkipException("nothing was new")
        return report_of(result.output)

    def run_process(self, command: list[str], context: Any) -> SubprocessResult:
        """Runs a command with the variables of this run; raises what its exit code means."""
        self._hook = StageHook(self.stage, may_skip=self.stage in _MAY_SKIP)
        environment = {**os.environ, **lineage_parents(context), **self.variables(context), **self.secrets()}
        return self._hook.run_command(command, env=environment, cwd=self.home)

    def on_kill(self) -> None:
        """Ends the process when the task is ended from outside; the next try goes on where it was."""
        if self._hook is not None:
            self._hook.send_sigterm()
