"""Thousands of small partitions on S3: ashore from the API to published tables there, beside delta-rs and DuckDB that write the same
rows and columns of the same pages to the same server. Counts requests as the server logs them. Prints Markdown.

    make bench-s3     (scripts/with_s3 bench/s3_bench.py [--launches N] [--rounds N])
"""

import argparse
import collections
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import uuid

import deltalake
import pyarrow.dataset
import pyarrow.fs
from partitions_bench import ASHORE, ROOT, STAGES, ashore_run, pipeline_file
from peers.partitions_peer import CORES, LAUNCHES

PYTHON = {"deltars": pathlib.Path(sys.executable), "duckdb": ROOT / ".deps/s3-venv/bin/python"}
BUCKET = os.environ["ASHORE_TEST_S3_BUCKET"]
LOG = pathlib.Path(os.environ["ASHORE_TEST_S3_LOG"])


def requests_since(offset):
    """How many requests of each kind the server has logged since its log was that long."""
    with LOG.open("rb") as log:
        log.seek(offset)
        return collections.Counter(re.findall(r" s3_(\w+) ", log.read().decode(errors="replace")))


def client():
    endpoint = os.environ["AWS_ENDPOINT_URL_S3"].removeprefix("http://")
    return pyarrow.fs.S3FileSystem(access_key=os.environ["AWS_ACCESS_KEY_ID"], secret_key=os.environ["AWS_SECRET_ACCESS_KEY"],
                                   endpoint_override=endpoint, scheme="http", region=os.environ["AWS_REGION"])


def fetch_pages(prefix, folder):
    """The landed pages, as files."""
    store = client()
    for found in store.get_file_info(pyarrow.fs.FileSelector(f"{BUCKET}/{prefix}/raw/spacex", recursive=True)):
        if "/page-" in found.path:
            with store.open_input_file(found.path) as page:
                (folder / pathlib.PurePosixPath(found.path).name).write_bytes(page.read())


def rows_of(table, columns):
    """The rows as plain values, in order, whatever forms the writer chose."""
    def plain(value):
        return value.isoformat()[:19] if hasattr(value, "hour") else str(value) if hasattr(value, "day") else value
    values = [[plain(value) for value in table.column(name).to_pylist()] for name in [*columns, "p_creation_date"]]
    return sorted(zip(*values, strict=True), key=str)


def read_delta(folder):
    options = {"AWS_ENDPOINT_URL": os.environ["AWS_ENDPOINT_URL_S3"], "AWS_ALLOW_HTTP": "true"}
    return deltalake.DeltaTable(folder, storage_options=options).to_pyarrow_table()


def read_hive(prefix):
    return pyarrow.dataset.dataset(f"{BUCKET}/{prefix}", filesystem=client(), format="parquet", partitioning="hive").to_table()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--launches", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    server = subprocess.Popen([ASHORE, "serve-api", "--synthetic", str(arguments.launches)], stdout=subprocess.PIPE, text=True)
    seconds = {name: [] for name in ("ashore", *PYTHON)}
    requests = {}
    try:
        url = server.stdout.readline().strip()
        for number in range(arguments.rounds):
            with tempfile.TemporaryDirectory() as scratch:
                scratch = pathlib.Path(scratch)
                pipeline, checks, queries = pipeline_file(scratch)
                prefix = uuid.uuid4().hex
                offset = LOG.stat().st_size
                report = ashore_run(pipeline, url, f"s3://{BUCKET}/{prefix}")
                requests["ashore"] = requests_since(offset)
                seconds["ashore"].append(sum(report["stages"][stage] for stage in STAGES))
                pages = scratch / "pages"
                pages.mkdir()
                fetch_pages(prefix, pages)
                for kind, python in PYTHON.items():
                    offset = LOG.stat().st_size
                    done = subprocess.run([python, ROOT / "bench/peers/s3_peer.py", kind, pages, f"s3://{BUCKET}/{prefix}-{kind}"],
                                          check=True, stdout=subprocess.PIPE, text=True)
                    requests[kind] = requests_since(offset)
                    seconds[kind].append(float(done.stdout.splitlines()[-1]))
                for name, columns in (("launches", LAUNCHES), ("cores", CORES)) if number == 0 else ():
                    ours = rows_of(read_delta(f"s3://{BUCKET}/{prefix}/stage/{name}"), columns)
                    assert rows_of(read_delta(f"s3://{BUCKET}/{prefix}-deltars/{name}"), columns) == ours, name
                    assert rows_of(read_hive(f"{prefix}-duckdb/{name}"), columns) == ours, name
    finally:
        server.terminate()
        server.wait()
    print(f"{arguments.launches:,} launches, eleven and eight columns, to a strict S3 server on this machine. Minimum (median) of "
          f"{arguments.rounds} rounds, in turn. ashore: from landed pages on S3 to published tables, with {checks} checks, {queries} of "
          "them queries; its requests include landing the pages and a load into memory. delta-rs commits without checks, DuckDB "
          "writes plain files. All wrote the same rows, compared value by value.\n")
    print("| | seconds | to ashore, pair by pair | requests |\n|---|---|---|---|")
    for name, runs in seconds.items():
        ratio = statistics.median(peer / own for peer, own in zip(runs, seconds["ashore"], strict=True))
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in requests[name].most_common())
        print(f"| {name} | {min(runs):.2f} ({statistics.median(runs):.2f}) | {ratio:.2f} | {sum(requests[name].values()):,}: {kinds} |")
    print("\nashore's own count: " + ", ".join(f"{count:,} {kind}" for kind, count in report["store_requests"].items()) + ".")


if __name__ == "__main__":
    main()
