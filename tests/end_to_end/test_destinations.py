"""Several destinations are loaded at once, and one that waits holds up no other."""
import time

import psycopg
import pytest

import harness
from harness import READINGS, Server, reading, source_of


@pytest.fixture
def two_databases():
    made = [harness.Database(), harness.Database()]
    yield made
    for database in made:
        database.drop()


def versions(database):
    return dict(database.query("SELECT table_name, version FROM _ashore_loads"))


def test_a_destination_that_waits_for_a_lock_holds_up_no_other(tmp_path, two_databases):
    items = [reading(n) for n in range(6)]
    urls = {"FIRST": two_databases[0].url, "SECOND": two_databases[1].url}
    with Server(source_of(items)) as server:
        path = tmp_path / "readings.yaml"
        destinations = '{postgresql: "${FIRST}"}, {postgresql: "${SECOND}"}'
        path.write_text(READINGS.replace("http://127.0.0.1:9", server.url).replace("{duckdb: warehouse.duckdb}", destinations))
        ashore = harness.Ashore(tmp_path, path)
        ashore.run(variables=urls)
        items[0] = reading(0, note="another")
        # Whichever is loaded first waits; the other must go on.
        for blocked, free in (two_databases, reversed(two_databases)):
            items[0]["note"] += "!"
            before = versions(free)["readings"]
            with psycopg.connect(blocked.url) as holder:
                holder.execute("LOCK TABLE readings IN ACCESS EXCLUSIVE MODE")
                with ashore.start("run", variables=urls) as process:
                    end = time.monotonic() + 30
                    while versions(free)["readings"] == before and process.poll() is None:
                        assert time.monotonic() < end, "the other destination waits, too"
                    assert process.poll() is None, process.stderr.read()
                    assert versions(blocked)["readings"] == before
                    holder.rollback()
                    assert process.wait(timeout=60) == 0
            assert versions(blocked) == versions(free)
    assert two_databases[0].rows("readings") == two_databases[1].rows("readings")
