"""read_by_duckdb.py TABLE FILE: the rows of a Delta table on S3, read by DuckDB's own reader, as a Parquet file."""
import os
import pathlib
import sys
import urllib.parse

import duckdb
import duckdb_extension_delta
import duckdb_extension_httpfs

with duckdb.connect() as connection:
    for package in (duckdb_extension_httpfs, duckdb_extension_delta):
        (extension,) = pathlib.Path(package.__file__).parent.rglob("*.duckdb_extension")
        connection.execute(f"LOAD '{extension}'")
    endpoint = urllib.parse.urlsplit(os.environ["AWS_ENDPOINT_URL_S3"])
    connection.execute(f"""
        CREATE SECRET (TYPE s3, KEY_ID '{os.environ["AWS_ACCESS_KEY_ID"]}',
                       SECRET '{os.environ["AWS_SECRET_ACCESS_KEY"]}', REGION '{os.environ["AWS_REGION"]}',
                       ENDPOINT '{endpoint.netloc}', URL_STYLE 'path', USE_SSL false)""")
    connection.execute(f"COPY (SELECT * FROM delta_scan('{sys.argv[1]}')) TO '{sys.argv[2]}' (FORMAT parquet)")
