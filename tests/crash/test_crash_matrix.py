"""A run killed, or failing, at every one of its outside calls: readers see old or new, and the next run heals.

A change that is killed, with DuckDB, is tried at every point. Of the other kinds every
ASHORE_CRASH_STEP-th is (7 if unset); `make crash-matrix` tries them all.
"""
import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import harness  # noqa: E402
import matrix  # noqa: E402


STEP = int(os.environ.get("ASHORE_CRASH_STEP", "7"))


def disturb(destination, base_items, items, kind, step):
    with matrix.folder_in_memory() as folder, harness.Server(matrix.answer(items)) as server:
        base = matrix.make_base(folder, destination, base_items) if base_items else None
        made = matrix.Matrix(folder, server.url, destination, base)
        numbers = range(1, len(made.calls) + 1, step)
        wrong = made.disturb_all(kind, numbers)
        print(f"{destination.name}, {kind}: {len(numbers)} of {len(made.calls)} points tried, "
              f"{len(numbers) - len(wrong)} healed", file=sys.stderr)
        assert not wrong, f"{len(wrong)} of {len(numbers)} points:\n" + "\n".join(wrong[:20])
        assert len(made.calls) > 200, "the points are counted"


@pytest.mark.parametrize("kind", ["kill", "fail"])
def test_a_change_is_healed_wherever_it_was_cut(destination, kind):
    is_whole = kind == "kill" and destination.name == "duckdb"
    disturb(destination, matrix.EARLIER, matrix.LATER, kind, 1 if is_whole else STEP)


def test_a_first_run_is_healed_wherever_it_was_killed(destination):
    disturb(destination, None, matrix.EARLIER, "kill", STEP)
