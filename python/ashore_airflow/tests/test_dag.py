"""What a DAG looks like that was built from a pipeline file."""

import datetime
import importlib.util
import itertools
import pathlib
import types

import pytest
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, CronDataIntervalTimetable

import ashore_airflow
from ashore_airflow.stage import STAGES

ROOT = pathlib.Path(__file__).resolve().parents[3]
SPACEX = ROOT / "dags" / "spacex.py"


def imported(path):
    specification = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def context(params, **values):
    run = types.SimpleNamespace(
        data_interval_start=datetime.datetime(2022, 1, 1, tzinfo=datetime.timezone.utc),
        data_interval_end=datetime.datetime(2022, 1, 2, tzinfo=datetime.timezone.utc),
        run_type="scheduled",
    )
    return {"run_id": "manual__1", "params": params, "dag_run": run, **values}


@pytest.fixture(scope="module")
def spacex():
    return imported(SPACEX).spacex


def test_it_is_daily_in_utc_without_catch_up_one_run_at_a_time(spacex):
    assert spacex.dag_id == "spacex"
    assert isinstance(spacex.timetable, CronDataIntervalTimetable)
    assert spacex.timetable.expression == "0 0 * * *"
    assert str(spacex.timetable.timezone) in ("UTC", "Timezone('UTC')")
    assert (spacex.catchup, spacex.max_active_runs) == (False, 1)


def test_it_belongs_to_the_file_that_asked_for_it(spacex):
    assert spacex.fileloc == str(SPACEX)


def test_it_has_one_task_a_stage_in_order(spacex):
    assert [stage.task_id for stage in spacex.topological_sort()] == list(STAGES)
    for before, after in itertools.pairwise(STAGES):
        assert spacex.get_task(before).downstream_task_ids == {after}


@pytest.mark.parametrize("stage", STAGES)
def test_values_come_by_the_environment_never_in_the_command(spacex, stage):
    operator = spacex.get_task(stage)
    command = ["setpriv", "--pdeathsig", "TERM", "ashore", stage, "pipelines/spacex.yaml", "--json"]
    assert operator.command() == command + (["--skip-unchanged"] if stage == "load" else [])
    assert operator.home == str(ROOT)
    variables = operator.variables(context({"start_date": "2022-01-01"}))
    assert variables["ASHORE_RUN_ID"] == "manual__1"
    assert variables.get("ASHORE_START_DATE") == ("2022-01-01" if stage == "extract" else None)


def test_a_failure_is_tried_again_with_back_off(spacex):
    for stage in STAGES:
        operator = spacex.get_task(stage)
        assert (operator.retries, operator.retry_exponential_backoff) == (3, 2.0)
        assert operator.max_retry_delay == datetime.timedelta(hours=1)


def test_the_published_tables_are_assets_of_the_last_task(spacex):
    assert [asset.name for asset in spacex.get_task("load").outlets] == ["spacex.launches", "spacex.cores"]
    assert [asset.uri for asset in spacex.get_task("load").outlets] == [
        "ashore://spacex/launches", "ashore://spacex/cores"]  # fmt: skip
    assert not any(spacex.get_task(stage).outlets for stage in STAGES[:-1])


def test_the_dates_are_validated(spacex):
    spacex.params["start_date"] = "2006-03-01"
    spacex.params.validate()
    with pytest.raises(ValueError, match="start_date"):
        spacex.params["start_date"] = "2006-13-01"
    spacex.params["start_date"] = None


def test_any_pipeline_will_do(tmp_path):
    (tmp_path / "shop.yaml").write_text("name: shop\ntables: {orders: {}}\n")
    built = ashore_airflow.dag(
        tmp_path / "shop.yaml", dag_id="hourly_shop", schedule="0 * * * *", data_dir="shop", retries=1,
        environment={"ASHORE_TO": "duckdb:other.duckdb"})  # fmt: skip
    load = built.get_task("load")
    assert (built.dag_id, built.timetable.expression, load.retries) == ("hourly_shop", "0 * * * *", 1)
    variables = load.variables(context({}))
    assert (variables["ASHORE_DATA_DIR"], variables["ASHORE_TO"]) == ("shop", "duckdb:other.duckdb")
    assert [asset.name for asset in load.outlets] == ["shop.orders"]


def test_a_single_task_runs_all_stages(tmp_path):
    (tmp_path / "shop.yaml").write_text("name: shop\ntables: {orders: {}}\n")
    built = ashore_airflow.dag(
        tmp_path / "shop.yaml", single_task=True, pool="small", queue="here",
        execution_timeout=datetime.timedelta(minutes=5))  # fmt: skip
    assert [task.task_id for task in built.tasks] == ["run"]
    run = built.get_task("run")
    assert run.command() == ["setpriv", "--pdeathsig", "TERM", "ashore", "run", str(tmp_path / "shop.yaml"),
                             "--json", "--skip-unchanged"]  # fmt: skip
    assert (run.pool, run.queue, run.execution_timeout) == ("small", "here", datetime.timedelta(minutes=5))
    assert (run.retries, [asset.name for asset in run.outlets]) == (3, ["shop.orders"])
    variables = run.variables(context({}))
    assert (variables["ASHORE_START_DATE"], variables["ASHORE_END_DATE"], variables["ASHORE_WIDEN"]) == (
        "2022-01-01T00:00:00Z", "2022-01-02T00:00:00Z", "true")  # fmt: skip


def test_shards_are_planned_mapped_and_joined_before_the_other_stages(tmp_path):
    (tmp_path / "shop.yaml").write_text("name: shop\ntables: {orders: {}}\n")
    built = ashore_airflow.dag(tmp_path / "shop.yaml", shards=3, pool="small", data_dir="s3://bucket/shop")
    assert [task.task_id for task in built.topological_sort()] == ["shards", "extract", "join", *STAGES[1:]]
    plan, extract, join = (built.get_task(name) for name in ("shards", "extract", "join"))
    assert plan.command()[3:] == ["ashore", "shards", str(tmp_path / "shop.yaml"), "--count", "3"]
    assert plan.variables(context({}))["ASHORE_WIDEN"] == "true"
    assert extract.is_mapped
    assert extract.partial_kwargs["pipeline"] == tmp_path / "shop.yaml"
    assert extract.partial_kwargs["pool"] == join.pool == "small"
    assert join.command()[3:] == ["ashore", "join", str(tmp_path / "shop.yaml"), "--json"]
    days = ashore_airflow.dag(tmp_path / "shop.yaml", dag_id="days", shards="day")
    assert days.get_task("shards").command()[-2:] == ["--by", "day"]
    with pytest.raises(ValueError, match="leave one of them out"):
        ashore_airflow.dag(tmp_path / "shop.yaml", shards=3, single_task=True)


def test_each_stage_gets_the_options_of_tasks(tmp_path):
    (tmp_path / "shop.yaml").write_text("name: shop\ntables: {orders: {}}\n")
    built = ashore_airflow.dag(tmp_path / "shop.yaml", pool="small", queue="here")
    assert {(task.pool, task.queue) for task in built.tasks} == {("small", "here")}


def test_a_helper_module_may_build_the_dag(tmp_path):
    helpers, dags = tmp_path / "company" / "lib", tmp_path / "project" / "dags"
    (tmp_path / "project" / "pipelines").mkdir(parents=True)
    helpers.mkdir(parents=True)
    dags.mkdir()
    (tmp_path / "project" / "pipelines" / "shop.yaml").write_text("name: shop\ntables: {orders: {}}\n")
    (helpers / "company_dags.py").write_text(
        "import ashore_airflow\n\ndef daily(path):\n    return ashore_airflow.dag(path, retries=9)\n"
    )
    (dags / "shop.py").write_text(
        f"import sys\nsys.path.insert(0, {str(helpers)!r})\nimport company_dags\n"
        "shop = company_dags.daily('pipelines/shop.yaml')\n"
    )
    built = imported(dags / "shop.py").shop
    assert built.fileloc == str(dags / "shop.py")
    assert built.get_task("load").home == str(tmp_path / "project")


def test_tasks_in_a_dag_of_ones_own(tmp_path):
    (tmp_path / "shop.yaml").write_text("name: shop\ntables: {orders: {}}\n")
    with DAG("own", schedule=None) as own:
        before, after = EmptyOperator(task_id="before"), EmptyOperator(task_id="after")
        before >> ashore_airflow.task_group(tmp_path / "shop.yaml", group_id="shop", retries=7) >> after
        ashore_airflow.AshoreOperator(
            task_id="month", pipeline=tmp_path / "shop.yaml", window_start="{{ ds }}", window_end="2022-02-01"
        )
    assert [task.task_id for task in own.topological_sort() if task.task_id.startswith("shop.")] == [
        f"shop.{stage}" for stage in STAGES]  # fmt: skip
    assert own.get_task("shop.extract").upstream_task_ids == {"before"}
    assert own.get_task("shop.load").downstream_task_ids == {"after"}
    assert own.get_task("shop.audit").retries == 7
    month = own.get_task("month")
    assert month.template_fields == ("environment", "data_dir", "window_start", "window_end")
    variables = month.variables(context({"start_date": "1999-01-01"}))
    assert (variables["ASHORE_START_DATE"], variables["ASHORE_END_DATE"], variables["ASHORE_WIDEN"]) == (
        "{{ ds }}", "2022-02-01", "")  # fmt: skip


def test_a_stage_that_is_none_is_refused(tmp_path):
    with pytest.raises(ValueError, match="no stage 'compact'"):
        ashore_airflow.AshoreOperator(task_id="x", pipeline=SPACEX, stage="compact")


def test_a_missing_pipeline_file_names_where_it_was_looked_for(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no pipeline file pipelines/none\.yaml in any of"):
        ashore_airflow.dag("pipelines/none.yaml")


def test_a_file_that_is_no_pipeline_says_so(tmp_path):
    (tmp_path / "list.yaml").write_text("[1, 2]\n")
    with pytest.raises(ValueError, match="no pipeline file"):
        ashore_airflow.dag(tmp_path / "list.yaml")
