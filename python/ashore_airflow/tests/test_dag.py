"""What a DAG looks like that was built from a pipeline file."""

import datetime
import importlib.util
import itertools
import pathlib

import pytest
from airflow.sdk import CronDataIntervalTimetable

import ashore_airflow
from ashore_airflow.stage import STAGES

ROOT = pathlib.Path(__file__).resolve().parents[3]
SPACEX = ROOT / "dags" / "spacex.py"


@pytest.fixture(scope="module")
def spacex():
    specification = importlib.util.spec_from_file_location("spacex_dag", SPACEX)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module.spacex


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
    command = operator.python_callable()
    assert command.startswith(f'exec setpriv --pdeathsig TERM ashore {stage} "$ASHORE_PIPELINE" --json')
    assert "{" not in command
    assert operator.env["ASHORE_RUN_ID"] == "{{ run_id }}"
    assert operator.env["ASHORE_PIPELINE"] == "pipelines/spacex.yaml"
    assert operator.cwd == str(ROOT)
    assert ("ASHORE_START_DATE" in operator.env) == (stage == "extract")


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
    assert (load.env["ASHORE_DATA_DIR"], load.env["ASHORE_TO"]) == ("shop", "duckdb:other.duckdb")
    assert [asset.name for asset in load.outlets] == ["shop.orders"]


def test_a_missing_pipeline_file_names_where_it_was_looked_for(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no pipeline file pipelines/none\.yaml in any of"):
        ashore_airflow.dag("pipelines/none.yaml")


def test_a_file_that_is_no_pipeline_says_so(tmp_path):
    (tmp_path / "list.yaml").write_text("[1, 2]\n")
    with pytest.raises(ValueError, match="no pipeline file"):
        ashore_airflow.dag(tmp_path / "list.yaml")
