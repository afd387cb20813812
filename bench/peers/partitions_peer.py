"""What people write to get thousands of small partitions out of pages: `polars|duckdb|pandas PAGES FOLDER`; prints seconds.
With `whole` as a fourth word: one file a table.

Eleven columns of launches and eight of cores, hive Parquet by day; nothing is deduplicated, checked, synced or made atomic.
The time is from the first page to the last file, without the interpreter's start and imports.
"""

import json
import pathlib
import sys
import time

LAUNCHES = ["launch_id", "flight_number", "name", "date_utc", "date_local", "date_precision", "success", "upcoming", "rocket", "launchpad"]
CORES = ["core_id", "flight", "reused", "landing_attempt", "landing_success", "landing_type", "launch_id"]


def documents_of(pages):
    return [document for page in sorted(pages.glob("page-*.json")) for document in json.loads(page.read_bytes())["docs"]]


def launch_rows(documents):
    return [{"launch_id": one["id"], **{name: one[name] for name in LAUNCHES[1:]}} for one in documents]


def core_rows(documents):
    return [{"core_id": core["core"], **{name: core[name] for name in CORES[1:-1]}, "launch_id": one["id"], "date_utc": one["date_utc"]}
            for one in documents for core in one["cores"] if core["core"] is not None]


def by_polars(pages, folder, is_whole):
    import polars

    begin = time.perf_counter()
    documents = documents_of(pages)
    moment = polars.col("date_utc").str.to_datetime("%+", time_unit="us", time_zone="UTC")
    day = polars.col("date_utc").str.slice(0, 10).alias("p_creation_date")
    launches = polars.DataFrame(launch_rows(documents), infer_schema_length=None).with_columns(day).with_columns(moment)
    cores = polars.DataFrame(core_rows(documents), infer_schema_length=None).with_columns(day).drop("date_utc")
    for name, table in (("launches", launches), ("cores", cores)):
        by_day = polars.PartitionBy(str(folder / name), key="p_creation_date", include_key=False)
        table.lazy().sink_parquet(folder / name / "all.parquet" if is_whole else by_day, mkdir=True)
    return time.perf_counter() - begin


def duckdb_tables(database, pages):
    """Reads the pages into a table; the name of each table to write and the query that makes it. Ten times as fast as read_json()
    with the same types as `columns`.
    """
    database.execute("SET TimeZone = 'UTC'")
    core = {"core": "VARCHAR", "flight": "INTEGER", "reused": "BOOLEAN", "landing_attempt": "BOOLEAN", "landing_success": "BOOLEAN",
            "landing_type": "VARCHAR"}
    document = {"id": "VARCHAR", "flight_number": "INTEGER", "name": "VARCHAR", "date_utc": "TIMESTAMPTZ", "date_local": "VARCHAR",
                "date_precision": "VARCHAR", "success": "BOOLEAN", "upcoming": "BOOLEAN", "rocket": "VARCHAR", "launchpad": "VARCHAR",
                "cores": [core]}
    database.execute(f"CREATE TABLE documents AS SELECT unnest(from_json(json, '{json.dumps({'docs': [document]})}').docs) AS d "
                     f"FROM read_json_objects('{pages}/page-*.json')")
    launches = ", ".join(["d.id AS launch_id", *(f"d.{name} AS {name}" for name in LAUNCHES[1:])])
    day = "CAST(d.date_utc AS DATE) AS p_creation_date"
    cores = ", ".join(["c.core AS core_id", *(f"c.{name} AS {name}" for name in CORES[1:-1]), "d.id AS launch_id"])
    return (("launches", f"SELECT {launches}, {day} FROM documents"),
            ("cores", f"SELECT {cores}, {day} FROM (SELECT d, unnest(d.cores) AS c FROM documents) WHERE c.core IS NOT NULL"))


def by_duckdb(pages, folder, is_whole):
    import duckdb

    begin = time.perf_counter()
    with duckdb.connect() as database:
        for name, query in duckdb_tables(database, pages):
            (folder / name).mkdir()
            place = f"'{folder / name}/all.parquet' (FORMAT parquet)" if is_whole else (
                f"'{folder / name}' (FORMAT parquet, PARTITION_BY p_creation_date)")
            database.execute(f"COPY ({query}) TO {place}")
    return time.perf_counter() - begin


def by_pandas(pages, folder, is_whole):
    import pandas

    begin = time.perf_counter()
    documents = documents_of(pages)
    launches = pandas.DataFrame(launch_rows(documents))
    launches["p_creation_date"] = launches["date_utc"].str[:10]
    launches["date_utc"] = pandas.to_datetime(launches["date_utc"], utc=True)
    cores = pandas.DataFrame(core_rows(documents))
    cores["p_creation_date"] = cores.pop("date_utc").str[:10]
    for name, table in (("launches", launches), ("cores", cores)):
        if is_whole:
            (folder / name).mkdir()
            table.to_parquet(folder / name / "all.parquet")
        else:
            table.to_parquet(folder / name, partition_cols=["p_creation_date"], max_partitions=100_000)
    return time.perf_counter() - begin


if __name__ == "__main__":
    write = {"polars": by_polars, "duckdb": by_duckdb, "pandas": by_pandas}[sys.argv[1]]
    print(write(pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]), sys.argv[4:] == ["whole"]))
