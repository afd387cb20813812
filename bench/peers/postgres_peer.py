"""Loads tables into an empty PostgreSQL database as other tools do: `adbc URL NAME=FILE=KEY...` reads Parquet with pyarrow and
ingests it by ADBC; `sling URL NAME=FILE=KEY...` has Sling read CSV, told that texts are texts (it takes some for timestamps and loses
their offset) and that an empty one is null. The keys are made after, as neither makes them itself.
"""

import json
import os
import pathlib
import subprocess
import sys

import adbc_driver_postgresql.dbapi
import pyarrow.parquet

TEXTS = ("name", "date_local", "details")


def by_adbc(url, tables):
    with adbc_driver_postgresql.dbapi.connect(url) as connection, connection.cursor() as cursor:
        for name, file, key in tables:
            with pyarrow.parquet.ParquetFile(file) as rows:
                reader = pyarrow.RecordBatchReader.from_batches(rows.schema_arrow, rows.iter_batches(65_536))
                cursor.adbc_ingest(name, reader, mode="create")
            cursor.execute(f"ALTER TABLE {name} ADD PRIMARY KEY ({key})")
        connection.commit()


def by_sling(url, tables):
    import sling_linux_amd64

    program = pathlib.Path(sling_linux_amd64.__file__).parent / "bin/sling-linux-amd64"
    program.chmod(0o755)
    environment = {**os.environ, "TARGET": url + "?sslmode=disable", "SLING_DISABLE_TELEMETRY": "TRUE"}
    for name, file, _ in tables:
        with open(file) as rows:
            columns = rows.readline().strip().split(",")
        options = {"empty_as_null": True, "columns": {column: "text" for column in columns if column in TEXTS}}
        subprocess.run([program, "run", "--src-stream", f"file://{file}", "--tgt-conn", "TARGET", "--tgt-object", f"public.{name}",
                        "--mode", "full-refresh", "--src-options", json.dumps(options)], env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with adbc_driver_postgresql.dbapi.connect(url) as connection, connection.cursor() as cursor:
        for name, _, key in tables:
            cursor.execute(f"ALTER TABLE {name} ADD PRIMARY KEY ({key})")
        connection.commit()


if __name__ == "__main__":
    {"adbc": by_adbc, "sling": by_sling}[sys.argv[1]](sys.argv[2], [word.split("=") for word in sys.argv[3:]])
