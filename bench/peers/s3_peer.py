"""What people write to get partitioned tables out of pages onto S3: `deltars|duckdb PAGES s3://BUCKET/PREFIX`; prints seconds.

The columns and rows of partitions_peer.py; nothing is deduplicated or checked. The time is from the first page to the
last object, without the interpreter's start and imports.
"""

import os
import pathlib
import sys
import time
import urllib.parse

from partitions_peer import core_rows, documents_of, duckdb_tables, launch_rows

ENDPOINT = os.environ["AWS_ENDPOINT_URL_S3"]


def by_deltars(pages, folder):
    import deltalake
    import polars

    options = {"AWS_ENDPOINT_URL": ENDPOINT, "AWS_ALLOW_HTTP": "true", "AWS_REGION": os.environ["AWS_REGION"],
               "AWS_ACCESS_KEY_ID": os.environ["AWS_ACCESS_KEY_ID"], "AWS_SECRET_ACCESS_KEY": os.environ["AWS_SECRET_ACCESS_KEY"],
               "aws_conditional_put": "etag"}
    begin = time.perf_counter()
    documents = documents_of(pages)
    moment = polars.col("date_utc").str.to_datetime("%+", time_unit="us", time_zone="UTC")
    day = polars.col("date_utc").str.slice(0, 10).str.to_date().alias("p_creation_date")
    launches = polars.DataFrame(launch_rows(documents), infer_schema_length=None).with_columns(day).with_columns(moment)
    cores = polars.DataFrame(core_rows(documents), infer_schema_length=None).with_columns(day).drop("date_utc")
    for name, table in (("launches", launches), ("cores", cores)):
        deltalake.write_deltalake(f"{folder}/{name}", table.to_arrow(), partition_by=["p_creation_date"], storage_options=options)
    return time.perf_counter() - begin


def by_duckdb(pages, folder):
    import duckdb
    import duckdb_extension_httpfs

    begin = time.perf_counter()
    with duckdb.connect() as database:
        (extension,) = pathlib.Path(duckdb_extension_httpfs.__file__).parent.rglob("*.duckdb_extension")
        database.execute(f"LOAD '{extension}'")
        database.execute(f"""
            CREATE SECRET (TYPE s3, KEY_ID '{os.environ["AWS_ACCESS_KEY_ID"]}', SECRET '{os.environ["AWS_SECRET_ACCESS_KEY"]}',
                           REGION '{os.environ["AWS_REGION"]}', ENDPOINT '{urllib.parse.urlsplit(ENDPOINT).netloc}',
                           URL_STYLE 'path', USE_SSL false)""")
        for name, query in duckdb_tables(database, pages):
            database.execute(f"COPY ({query}) TO '{folder}/{name}' (FORMAT parquet, PARTITION_BY p_creation_date)")
    return time.perf_counter() - begin


if __name__ == "__main__":
    print({"deltars": by_deltars, "duckdb": by_duckdb}[sys.argv[1]](pathlib.Path(sys.argv[2]), sys.argv[3]))
