"""The least --memory there is: more rows than fit arrive all the same, in the files and in DuckDB."""
import duckdb

import harness

LAUNCHES = 5_000


def test_the_least_memory_is_enough_for_any_window(tmp_path):
    ashore = harness.Ashore(tmp_path)
    with harness.stand_in_api("--synthetic", LAUNCHES, "--per-day", 100) as url:
        report = ashore.run("--source-url", url, "--memory", "16MB")
    assert report["status"] == "published"
    assert report["tables"]["launches"]["inserted"] == LAUNCHES
    with duckdb.connect(str(ashore.data / "warehouse.duckdb"), read_only=True) as database:
        for table in ("launches", "cores"):
            count, = database.execute(f"SELECT count(*) FROM {table}").fetchone()
            assert count == report["tables"][table]["inserted"]
