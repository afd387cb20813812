"""The same as pandas_script.py with dlt, as its guide has it: two resources with keys, merged into DuckDB."""

import os
import pathlib
import sys

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"

import dlt  # noqa: E402  (it reads the environment as it is imported)
import duckdb  # noqa: E402
from dlt.sources.helpers import requests  # noqa: E402


def pages(url, limit):
    page = 1
    while True:
        body = {"query": {}, "options": {"sort": {"date_utc": "asc", "_id": "asc"}, "pagination": True, "page": page, "limit": limit}}
        answer = requests.post(url + "/v5/launches/query", json=body).json()
        yield answer["docs"]
        if not answer["hasNextPage"]:
            return
        page += 1


@dlt.source(max_table_nesting=0)
def spacex(url):
    @dlt.resource(primary_key="id", write_disposition="merge")
    def launches():
        yield from pages(url, 10)

    @dlt.transformer(data_from=launches, primary_key=["core", "launch_id"], write_disposition="merge")
    def cores(documents):
        yield [{**core, "launch_id": document["id"], "date_utc": document["date_utc"]}
               for document in documents for core in document["cores"] if core["core"]]

    return launches, cores


def main(url, folder):
    database = folder / "warehouse.duckdb"
    pipeline = dlt.pipeline("spacex", pipelines_dir=str(folder / "dlt"), destination=dlt.destinations.duckdb(str(database)),
                            dataset_name="main_rows", progress=None)
    pipeline.run(spacex(url))
    with duckdb.connect(str(database)) as connection:
        print(*(connection.execute(f"SELECT count(*) FROM main_rows.{name}").fetchone()[0] for name in ("launches", "cores")))


if __name__ == "__main__":
    main(sys.argv[1], pathlib.Path(sys.argv[2]))
