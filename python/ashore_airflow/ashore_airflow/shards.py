"""Lands the shards of a window as tasks that Airflow maps over the plan, then joins them."""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from airflow.sdk import XComArg, chain

from ashore_airflow.operator import JOIN, SHARDS, AshoreOperator
from ashore_airflow.stage import STAGES, report_of

# The XCom that holds the plan: tasks can only be mapped over what a task returns.
_PLAN = "plan"


class PlanShards(AshoreOperator):
    """Runs ``ashore shards``; its XComs are the number of each shard and, under ``plan``, the plan.

    Arguments:
        shards: How many, or ``day``, ``month`` or ``pages``: one for each (``--count``, ``--by``).
        kwargs: Those of :class:`AshoreOperator` but ``stage``.

    """

    def __init__(self, *, shards: int | str, **kwargs: Any) -> None:
        """Reads the pipeline file; nothing else is looked at before the task runs."""
        super().__init__(stage=SHARDS, **kwargs)
        self.shards = shards

    def command(self) -> list[str]:
        """Gives the command, which prints the plan."""
        option = "--count" if isinstance(self.shards, int) else "--by"
        words = [word for word in super().command() if word != "--json"]  # a plan is JSON as it is
        return [*words, option, str(self.shards)]

    def execute(self, context: Any) -> Any:
        """Plans the shards and gives their numbers; raises what the exit code means."""
        with tempfile.TemporaryDirectory(prefix="ashore-shards.") as folder:
            plan = Path(folder) / "plan.json"
            # The plan has many lines, of which the hook would give the last.
            self.run_process(["sh", "-c", 'exec "$@" >"$0"', str(plan), *self.command()], context)
            made: dict[str, Any] = json.loads(plan.read_text(encoding="utf-8"))
        context["ti"].xcom_push(key=_PLAN, value=made)
        return [shard["index"] for shard in made["shards"]]


class LandShard(AshoreOperator):
    """Runs ``ashore extract --shard`` for one shard of a plan; a retry goes on where the try before was.

    Arguments:
        plan: What :class:`PlanShards` gave.
        index: Which shard.
        home: The folder in which the command runs; default as for :class:`AshoreOperator`.
        kwargs: Those of :class:`AshoreOperator` but ``stage``.

    """

    template_fields = (*AshoreOperator.template_fields, "plan")

    def __init__(self, *, plan: Mapping[str, Any], index: int, home: str | None = None, **kwargs: Any) -> None:
        """Reads the pipeline file; nothing else is looked at before the task runs."""
        super().__init__(stage=STAGES[0], **kwargs)
        self.plan = plan
        self.index = index
        if home is not None:
            self.home = home

    def variables(self, context: Mapping[str, Any]) -> dict[str, str]:
        """Gives the variables of this run; the window is the plan's."""
        variables = super().variables(context)
        return {name: value for name, value in variables.items() if name not in _WINDOW}

    def execute(self, context: Any) -> dict[str, Any]:
        """Lands the shard and gives what it counted; raises what the exit code means."""
        with tempfile.TemporaryDirectory(prefix="ashore-shards.") as folder:
            plan = Path(folder) / "plan.json"
            plan.write_text(json.dumps(self.plan), encoding="utf-8")
            words = [*self.command(), "--shard", str(plan), "--index", str(self.index)]
            return report_of(self.run_process(words, context).output)


_WINDOW = ("ASHORE_START_DATE", "ASHORE_END_DATE", "ASHORE_WIDEN")


def add_landing(pipeline: str | Path, shards: int | str, **options: Any) -> list[Any]:
    """Adds the tasks that land a window in shards, each after the other, to the DAG or group around the call."""
    plan = PlanShards(task_id="shards", pipeline=pipeline, shards=shards, **options)
    # A worker makes the mapped tasks again, where no caller's file tells where a relative path begins.
    at = Path(plan.home) / plan.pipeline
    land = LandShard.partial(
        task_id="extract", pipeline=at, home=plan.home, plan=XComArg(plan, key=_PLAN), **options
    ).expand(index=plan.output)
    join = AshoreOperator(task_id="join", stage=JOIN, pipeline=pipeline, **options)
    chain(plan, land, join)
    return [plan, land, join]
