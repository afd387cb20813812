"""A run killed, or failing, at every one of its outside calls: readers see old or new, and the next run heals."""
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import harness  # noqa: E402
import matrix  # noqa: E402


@pytest.fixture(params=["duckdb", "postgresql"])
def destination(request):
    if request.param == "duckdb":
        yield matrix.DuckDb()
        return
    database = harness.Database()
    yield matrix.PostgreSql(database)
    database.drop()


def disturb(destination, base_items, items, kind):
    with matrix.folder_in_memory() as folder, harness.Server(matrix.answer(items)) as server:
        base = matrix.make_base(folder, destination, base_items) if base_items else None
        made = matrix.Matrix(folder, server.url, destination, base)
        wrong = made.disturb_all(kind)
        print(f"{destination.name}: {len(made.calls)} points, {len(made.calls) - len(wrong)} healed", file=sys.stderr)
        assert not wrong, f"{len(wrong)} of {len(made.calls)} points:\n" + "\n".join(wrong[:20])
        assert len(made.calls) > 200, "the points are counted"


@pytest.mark.parametrize("kind", ["kill", "fail"])
def test_a_change_is_healed_wherever_it_was_cut(destination, kind):
    disturb(destination, matrix.EARLIER, matrix.LATER, kind)


def test_a_first_run_is_healed_wherever_it_was_killed(destination):
    disturb(destination, None, matrix.EARLIER, "kill")
