"""Loads of two large tables into PostgreSQL: ashore beside psql's binary \\copy of the very same rows, ADBC from Python and Sling, and
beside a naive upsert where nothing has changed. Prints Markdown.

    make bench-postgres     (scripts/with_postgres bench/postgres_bench.py [--launches N] [--rounds N])

The tables are the shipped ones with all columns and their keys, one file each. Each side is a process of its own and begins with an
empty database; the server does not sync. Rows are proven the same by PostgreSQL (EXCEPT ALL both ways, as values of ashore's
types: Sling guesses its own).
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import tempfile

import psycopg
import yaml
from run_bench import ASHORE, ROOT, measure

URL = os.environ["ASHORE_TEST_POSTGRES"]
KEYS = {"launches": "launch_id", "cores": "core_id, launch_id"}
PEERS = {"adbc": "ADBC from Python, keys made after", "sling": "Sling from CSV, keys made after"}


def database(name):
    """The url of a new, empty database."""
    with psycopg.connect(URL, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name}")
    return URL.rsplit("/", 1)[0] + "/" + name


def psql(url, *statements):
    return measure(["psql", "-q", "-v", "ON_ERROR_STOP=1", url, *(word for one in statements for word in ("-c", one))])[1]


def ask(url, query):
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(query).fetchall()


def pipeline_file(folder):
    """The shipped pipeline without partitions, one file a table, and without its questions: no peer answers any."""
    pipeline = yaml.safe_load((ROOT / "pipelines/spacex.yaml").read_text())
    del pipeline["questions"]
    for table in pipeline["tables"].values():
        table.pop("partition", None)
    path = folder / "pipeline.yaml"
    path.write_text(yaml.safe_dump(pipeline, sort_keys=False))
    return path


def load(pipeline, data, url, *arguments):
    return measure([ASHORE, "load", pipeline, "--data-dir", data, "--to", url, "--log-level", "error", *arguments])[1]


def peer(kind, url, files):
    words = [f"{table}={file}={KEYS[table]}" for table, file in files.items()]
    return measure([ROOT / ".deps/peers-venv/bin/python", ROOT / "bench/peers/postgres_peer.py", kind, url, *words])[1]


def same_rows(right, shapes, copies):
    """Whether a database holds the rows of binary copies of both tables."""
    for table, copy in copies.items():
        psql(right, f"CREATE TABLE other_{table} ({shapes[table]})", f"\\copy other_{table} FROM '{copy}' (FORMAT binary)")
        # A document is the same in any order of its keys.
        casts = [f"{name}::{'jsonb' if kind == 'json' else kind}" for name, kind in (part.split(" ", 1) for part in shapes[table].split(", "))]
        values = {place: f"SELECT ROW({', '.join(casts)})::text FROM {place}" for place in (table, f"other_{table}")}
        for one, two in ((table, f"other_{table}"), (f"other_{table}", table)):
            if ask(right, f"SELECT count(*) FROM ({values[one]} EXCEPT ALL {values[two]}) AS rest") != [(0,)]:
                return False
        psql(right, f"DROP TABLE other_{table}")
    return True


def line(name, runs, base):
    ratio = statistics.median(run["wall"] / own["wall"] for run, own in zip(runs, base, strict=True))
    return (f"| {name} | {min(run['wall'] for run in runs):.2f} ({statistics.median(run['wall'] for run in runs):.2f}) | {ratio:.2f} "
            f"| {min(run['cpu'] for run in runs):.2f} | {max(run['peak_mb'] for run in runs):.0f} MB | {max(run['anonymous_mb'] for run in runs):.0f} MB |")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--launches", type=int, default=300_000)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    sides = {name: [] for name in ("ashore", "copy", "copy_key_after", *PEERS, "full", "upsert")}
    with tempfile.TemporaryDirectory(dir="/dev/shm") as scratch:
        scratch = pathlib.Path(scratch)
        pipeline, data = pipeline_file(scratch), scratch / "data"
        server = subprocess.Popen([ASHORE, "serve-api", "--synthetic", str(arguments.launches)], stdout=subprocess.PIPE, text=True)
        try:
            url = server.stdout.readline().strip()
            measure([ASHORE, "run", pipeline, "--source-url", url, "--data-dir", data, "--to", "duckdb::memory:", "--memory", "2GB",
                     "--log-level", "error"])
        finally:
            server.terminate()
            server.wait()
        for number in range(arguments.rounds):
            ours, theirs, third = database("bench_ashore"), database("bench_copy"), database("bench_after")
            sides["ashore"].append(load(pipeline, data, ours))
            copies = {table: scratch / f"{table}.binary" for table in KEYS}
            shapes = {}
            for table, copy in copies.items():
                psql(ours, f"\\copy {table} TO '{copy}' (FORMAT binary)")
                columns = ask(ours, "SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a WHERE a.attrelid = "
                                    f"'{table}'::regclass AND a.attnum > 0 ORDER BY a.attnum")
                shapes[table] = ", ".join(f'"{name}" {kind}' for name, kind in columns)
            for side, place, has_key in (("copy", theirs, True), ("copy_key_after", third, False)):
                statements = []
                for table, copy in copies.items():
                    key = f", PRIMARY KEY ({KEYS[table]})" if has_key else ""
                    statements += [f"CREATE TABLE {table} ({shapes[table]}{key})", f"\\copy {table} FROM '{copy}' (FORMAT binary)"]
                    statements += [] if has_key else [f"ALTER TABLE {table} ADD PRIMARY KEY ({KEYS[table]})"]
                sides[side].append(psql(place, *statements))
            parquet = {table: next((data / "stage" / table).glob("*.parquet")) for table in KEYS}
            texts = {table: scratch / f"{table}.csv" for table in KEYS}
            for table, file in texts.items():
                psql(ours, f"\\copy {table} TO '{file}' (FORMAT csv, HEADER)")
            for kind, files in (("adbc", parquet), ("sling", texts)):
                place = database(f"bench_{kind}")
                sides[kind].append(peer(kind, place, files))
                assert number > 0 or same_rows(place, shapes, copies), f"{kind} loaded other rows"
            sides["full"].append(load(pipeline, data, ours, "--full"))
            statements = []
            for table, copy in copies.items():
                names = [part.split('"')[1] for part in shapes[table].split(", ")]
                changes = ", ".join(f'"{name}" = excluded."{name}"' for name in names if name not in KEYS[table].split(", "))
                statements += [f"CREATE TEMPORARY TABLE new_{table} (LIKE {table})", f"\\copy new_{table} FROM '{copy}' (FORMAT binary)",
                               f"INSERT INTO {table} SELECT * FROM new_{table} ON CONFLICT ({KEYS[table]}) DO UPDATE SET {changes}"]
            sides["upsert"].append(psql(theirs, *statements))
            if number == 0:
                assert same_rows(theirs, shapes, copies), "the sides hold other rows"
                rows = {table: ask(ours, f"SELECT count(*) FROM {table}")[0][0] for table in KEYS}
        dead = {name: ask(place, "SELECT sum(n_dead_tup) FROM pg_stat_user_tables WHERE relname IN ('launches', 'cores')")[0][0]
                for name, place in (("ashore", ours), ("upsert", theirs))}
    print(f"{rows['launches']:,} launches and {rows['cores']:,} cores, all columns, with their keys. Minimum (median) of "
          f"{arguments.rounds} rounds, in turn; CPU seconds and memory are the client's.\n")
    head = "| | seconds | to ashore, pair by pair | CPU | peak RSS | peak anonymous |\n|---|---|---|---|---|---|"
    print(f"First load:\n\n{head}")
    print(line("ashore load", sides["ashore"], sides["ashore"]))
    print(line("psql `\\copy` binary into tables with keys", sides["copy"], sides["ashore"]))
    print(line("psql `\\copy` binary, keys made after", sides["copy_key_after"], sides["ashore"]))
    for kind, label in PEERS.items():
        print(line(label, sides[kind], sides["ashore"]))
    print(f"\nThe same rows again:\n\n{head}")
    print(line("ashore load --full", sides["full"], sides["full"]))
    print(line("`\\copy` binary and INSERT … ON CONFLICT DO UPDATE", sides["upsert"], sides["full"]))
    print(f"\nDead rows after it: ashore {dead['ashore'] or 0:,}, upsert {dead['upsert'] or 0:,}.")


if __name__ == "__main__":
    main()
