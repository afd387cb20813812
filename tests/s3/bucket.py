"""The binary with its data folder on the strict S3 server of scripts/with_s3, and readers of what it published there."""
import hashlib
import http.client
import http.server
import json
import os
import pathlib
import random
import subprocess
import threading
import urllib.parse
import uuid

import deltalake
import pandas
import polars
import pyarrow.fs
import pyarrow.parquet

import harness

VARIABLES = ("AWS_ENDPOINT_URL_S3", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
HERE = pathlib.Path(__file__).resolve().parent
DUCKDB_PYTHON = harness.ROOT / ".deps" / "s3-venv" / "bin" / "python"


def bucket():
    return os.environ["ASHORE_TEST_S3_BUCKET"]


def aws_variables(**others):
    return {**{name: os.environ[name] for name in VARIABLES}, "AWS_EC2_METADATA_DISABLED": "true", **others}


class Ashore(harness.Ashore):
    """As harness.Ashore, with a prefix of its own in the bucket; loads go to a DuckDB file of this machine."""

    def __init__(self, folder, pipeline=harness.SPACEX, prefix=None, others=None):
        super().__init__(folder, pipeline)
        self.prefix = prefix or f"data-{uuid.uuid4().hex[:12]}/lake"
        self.data = f"s3://{bucket()}/{self.prefix}"
        self.others = others or {}

    def start(self, name, *arguments, variables=None):
        given = {**aws_variables(**self.others), "ASHORE_TO": f"duckdb:{self.warehouse()}", **(variables or {})}
        return super().start(name, *arguments, variables=given)

    def warehouse(self):
        return self.folder / "warehouse.duckdb"

    def table(self, name):
        return f"{self.data}/stage/{name}"

    def objects(self, folder=""):
        """Path below the data folder to size, by another client."""
        client = other_client()
        base = f"{bucket()}/{self.prefix}"
        found = client.get_file_info(pyarrow.fs.FileSelector(f"{base}/{folder}".rstrip("/"), allow_not_found=True,
                                                             recursive=True))
        return {info.path[len(base) + 1:]: info.size for info in found if info.is_file}

    def read(self, path):
        with other_client().open_input_stream(f"{bucket()}/{self.prefix}/{path}") as stream:
            return stream.read()

    def write(self, path, text):
        with other_client().open_output_stream(f"{bucket()}/{self.prefix}/{path}") as stream:
            stream.write(text)

    def remove(self, path):
        other_client().delete_file(f"{bucket()}/{self.prefix}/{path}")

    def delta(self, table):
        return deltalake.DeltaTable(self.table(table), storage_options=delta_options())

    def rows(self, table):
        """By delta-rs."""
        return harness.ordered(self.delta(table).to_pyarrow_table().to_pylist())

    def versions(self, table):
        return sorted(path for path in self.objects(f"stage/{table}/_delta_log") if path.endswith(".json"))

    def published_files(self, table):
        """Path below the table to sha256 of every file of the newest version."""
        prefix = f"stage/{table}/"
        paths = [urllib.parse.unquote(path) for path in self.delta(table).get_add_actions(flatten=True)["path"].to_pylist()]
        return {path: hashlib.sha256(self.read(prefix + path)).hexdigest() for path in paths}


def other_client():
    endpoint = urllib.parse.urlsplit(os.environ["AWS_ENDPOINT_URL_S3"])
    return pyarrow.fs.S3FileSystem(access_key=os.environ["AWS_ACCESS_KEY_ID"],
                                   secret_key=os.environ["AWS_SECRET_ACCESS_KEY"], scheme=endpoint.scheme,
                                   endpoint_override=endpoint.netloc, region=os.environ["AWS_REGION"])


def delta_options():
    return {"AWS_ENDPOINT_URL": os.environ["AWS_ENDPOINT_URL_S3"], "AWS_ALLOW_HTTP": "true",
            "AWS_REGION": os.environ["AWS_REGION"], "AWS_ACCESS_KEY_ID": os.environ["AWS_ACCESS_KEY_ID"],
            "AWS_SECRET_ACCESS_KEY": os.environ["AWS_SECRET_ACCESS_KEY"]}


# ---------------------------------------------------------------- readers


def read_with_delta_rs(ashore, table):
    return ashore.rows(table)


def read_with_pandas(ashore, table):
    frame = ashore.delta(table).to_pandas(types_mapper=pandas.ArrowDtype)
    return harness.ordered(frame.to_dict("records"))


def read_with_polars(ashore, table):
    frame = polars.scan_delta(ashore.table(table), storage_options=delta_options()).collect()
    return harness.ordered(frame.to_dicts())


def read_with_duckdb(ashore, table):
    """delta_scan, by a DuckDB that has the extension."""
    file = ashore.folder / f"{table}.by-duckdb.parquet"
    done = subprocess.run([DUCKDB_PYTHON, HERE / "read_by_duckdb.py", ashore.table(table), file], capture_output=True,
                          text=True, env={**os.environ, **aws_variables()}, timeout=harness.SECONDS_MAX)
    assert done.returncode == 0, done.stderr
    return harness.ordered(pyarrow.parquet.read_table(file).to_pylist())


READERS = {"delta-rs": read_with_delta_rs, "pandas": read_with_pandas, "polars": read_with_polars,
           "duckdb": read_with_duckdb}


# ---------------------------------------------------------------- a network that fails


class BadNetwork:
    """Between the binary and the server: `decide(number, method, path)` gives "pass", "slow down" (503), "cut" (the
    request goes and no answer comes) or "refuse" (nothing goes)."""

    def __init__(self, decide):
        self.requests = []
        self.lock = threading.Lock()
        self.target = urllib.parse.urlsplit(os.environ["AWS_ENDPOINT_URL_S3"]).netloc
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.handler_of(decide))
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def handler_of(outer, decide):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def respond(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                with outer.lock:
                    outer.requests.append((self.command, self.path))
                    number = len(outer.requests)
                fate = decide(number, self.command, self.path)
                if fate == "refuse":
                    self.close_connection = True
                    return
                if fate == "slow down":
                    self.answer(503, {}, b"<Error><Code>SlowDown</Code><Message>Reduce your rate.</Message></Error>")
                    return
                connection = http.client.HTTPConnection(outer.target, timeout=30)
                # The signature covers the name that the client asked for.
                headers = {name: value for name, value in self.headers.items() if name.lower() != "expect"}
                connection.request(self.command, self.path, body or None, headers)
                answer = connection.getresponse()
                text = answer.read()
                connection.close()
                if fate == "cut":
                    self.close_connection = True
                    return
                kept = {name: value for name, value in answer.getheaders()
                        if name.lower() not in ("transfer-encoding", "connection", "content-length")}
                length = answer.getheader("Content-Length") if self.command == "HEAD" else None
                self.answer(answer.status, kept, text, length)

            def answer(self, status, headers, body, length=None):
                self.send_response_only(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", length or str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_PUT = do_DELETE = do_HEAD = do_POST = respond

            def log_message(self, *_):
                """Says nothing."""

        return Handler

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


class Together:
    """Holds requests that are chosen back until ENOUGH of them are under way, for five seconds at most."""

    ENOUGH = 8

    def __init__(self, is_chosen):
        self.is_chosen, self.now, self.most, self.changed = is_chosen, 0, 0, threading.Condition()

    def decide(self, number, method, path):
        if self.is_chosen(method, path):
            with self.changed:
                self.now += 1
                self.most = max(self.most, self.now)
                self.changed.notify_all()
                self.changed.wait_for(lambda: self.most >= self.ENOUGH, timeout=5)
                self.now -= 1
        return "pass"

    def highest(self):
        """How many were under way at once since the last call."""
        with self.changed:
            most, self.most = self.most, 0
        return most


def often(seed, share):
    """Decides by chance, the same for the same seed and order; commits are not spared."""
    chance = random.Random(seed)
    lock = threading.Lock()

    def decide(number, method, path):
        with lock:
            return chance.choice(["slow down", "cut", "refuse"]) if chance.random() < share else "pass"

    return decide


def source_of(*numbers, **fields):
    """The answer of a harness.Server with these readings."""
    items = [harness.reading(number, **fields) for number in numbers]
    return lambda request: harness.Reply(json.dumps(harness.page_of(items, request)))
