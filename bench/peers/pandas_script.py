"""The script people write today: fetch pages, pandas to hive Parquet, load DuckDB; no checks, no keys, no syncs."""

import json
import pathlib
import sys
import urllib.request

import duckdb
import pandas


def fetch(url, limit):
    documents, page = [], 1
    while True:
        body = json.dumps({"query": {}, "options": {"sort": {"date_utc": "asc", "_id": "asc"},
                                                    "pagination": True, "page": page, "limit": limit}}).encode()
        request = urllib.request.Request(url + "/v5/launches/query", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request) as response:
            answer = json.load(response)
        documents += answer["docs"]
        if not answer["hasNextPage"]:
            return documents
        page += 1


def main(url, folder):
    documents = fetch(url, 10)
    launches = pandas.DataFrame(documents)
    for column in ("failures", "fairings", "links", "crew", "ships", "capsules", "payloads", "cores"):
        launches[column] = launches[column].map(json.dumps)
    launches["date_utc"] = pandas.to_datetime(launches["date_utc"])
    launches["p_creation_date"] = launches["date_utc"].dt.date.astype(str)
    cores = pandas.DataFrame([{**core, "launch_id": document["id"], "p_creation_date": document["date_utc"][:10]}
                              for document in documents for core in document["cores"] if core["core"]])
    for name, table in (("launches", launches), ("cores", cores)):
        table.to_parquet(folder / name, partition_cols=["p_creation_date"])
    with duckdb.connect(str(folder / "warehouse.duckdb")) as database:
        for name in ("launches", "cores"):
            database.execute(f"CREATE TABLE {name} AS SELECT * FROM read_parquet('{folder}/{name}/**/*.parquet', "
                             "hive_partitioning=true)")
        print(database.execute("SELECT count(*) FROM launches").fetchone()[0],
              database.execute("SELECT count(*) FROM cores").fetchone()[0])


if __name__ == "__main__":
    main(sys.argv[1], pathlib.Path(sys.argv[2]))
