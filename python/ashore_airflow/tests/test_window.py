"""Which window a run asks for, whatever started it."""

import datetime
import types

import pytest

from ashore_airflow.window import Window, window


def moment(text):
    return datetime.datetime.fromisoformat(text)


def run(run_type, first=None, after=None, run_after="2022-01-02T03:04:05+00:00"):
    return types.SimpleNamespace(
        run_type=types.SimpleNamespace(value=run_type),
        data_interval_start=first and moment(first),
        data_interval_end=after and moment(after),
        run_after=moment(run_after),
    )


DAY = ("2022-01-01T00:00:00+00:00", "2022-01-02T00:00:00+00:00")
NO_DATES = {"start_date": None, "end_date": None}


def test_a_scheduled_run_widens_its_interval():
    assert window(NO_DATES, run("scheduled", *DAY)) == Window("2022-01-01T00:00:00Z", "2022-01-02T00:00:00Z", "true")


def test_a_backfill_takes_its_interval_as_it_is():
    assert window(NO_DATES, run("backfill", *DAY)) == Window("2022-01-01T00:00:00Z", "2022-01-02T00:00:00Z", "")


def test_a_trigger_without_dates_does_what_the_scheduled_run_of_its_day_does():
    assert window({}, run("manual")) == window(NO_DATES, run("scheduled", *DAY))


def test_the_day_of_a_trigger_is_a_day_in_utc():
    late = run("manual", run_after="2022-01-02T23:30:00-05:00")
    assert window({}, late) == Window("2022-01-02T00:00:00Z", "2022-01-03T00:00:00Z", "true")


@pytest.mark.parametrize("run_type", ["manual", "scheduled", "backfill"])
def test_dates_are_taken_as_they_are(run_type):
    params = {"start_date": "2006-03-01", "end_date": "2024-05-16"}
    assert window(params, run(run_type, *DAY)) == Window("2006-03-01", "2024-05-16", "")


def test_one_date_leaves_the_other_end_open():
    assert window({"start_date": "2022-01-01", "end_date": None}, run("manual")) == Window("2022-01-01", "", "")
    assert window({"start_date": "", "end_date": "2022-01-01"}, run("manual")) == Window("", "2022-01-01", "")
