"""What tests of the whole binary share: runs of it, servers with scripted behaviour, readers of tables.

A run has a clean environment and its own data folder; servers listen on a free port of 127.0.0.1;
every reader gives the same rows in the same form, so that they can be compared with each other.
"""
import contextlib
import dataclasses
import datetime
import hashlib
import http.server
import json
import os
import pathlib
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import urllib.parse
import uuid

import deltalake
import duckdb
import pandas
import polars
import psycopg
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[1]
BINARY = pathlib.Path(os.environ.get("ASHORE_BINARY", ROOT / "build" / "release" / "ashore"))
RECORDED = pathlib.Path(os.environ.get("ASHORE_SHARED", ROOT.parent / "shared")) / "data" / "spacex"
SPACEX = ROOT / "pipelines" / "spacex.yaml"
INDEPENDENT = ROOT / "tests" / "independent"
SECONDS_MAX = 60  # of one process, or of a wait for one condition

sys.path.insert(0, str(INDEPENDENT))


def recorded(name):
    """The path of a recorded file; the test skips, saying so, where it is absent."""
    path = RECORDED / name
    if not path.exists():
        pytest.skip(f"recorded documents are absent: {name}")
    return path


# ---------------------------------------------------------------- the binary


@dataclasses.dataclass
class Outcome:
    code: int
    stdout: str
    stderr: str

    @property
    def report(self):
        """The last line of stdout: the report of a command with --json."""
        return json.loads(self.stdout.splitlines()[-1])

    def says(self, *words):
        """Asserts that each word stands in what stderr says, whatever its case."""
        missing = [word for word in words if word.lower() not in self.stderr.lower()]
        assert not missing, f"stderr does not say {missing}:\n{self.stderr}"


def environment(home):
    """Nothing of the tests' own environment but the path to programs."""
    return {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8"}


class Ashore:
    """The binary with one pipeline and one data folder."""

    def __init__(self, folder, pipeline=SPACEX, data="resources"):
        self.folder = pathlib.Path(folder)
        self.pipeline = pipeline
        self.data = self.folder / data

    def command(self, name, *arguments):
        return [str(BINARY), *name.split(), str(self.pipeline), "--data-dir", str(self.data), *map(str, arguments)]

    def start(self, name, *arguments, variables=None):
        """A process that is still running; the caller ends it."""
        return subprocess.Popen(self.command(name, *arguments), cwd=ROOT, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, encoding="utf-8",
                                env={**environment(self.folder), **(variables or {})})

    def __call__(self, name, *arguments, variables=None):
        with self.start(name, *arguments, variables=variables) as process:
            try:
                stdout, stderr = process.communicate(timeout=SECONDS_MAX)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        print(stderr, file=sys.stderr)  # shown where the test fails
        assert process.returncode >= 0, f"killed by signal {-process.returncode}: {stderr}"
        return Outcome(process.returncode, stdout, stderr)

    def good(self, name, *arguments, **keywords):
        """A call that must end well; gives its outcome."""
        outcome = self(name, *arguments, **keywords)
        assert outcome.code == 0, f"exit {outcome.code}: {outcome.stderr}"
        return outcome

    def run(self, *arguments, **keywords):
        """The report of a `run` that must end well."""
        return self.good("run", "--json", *arguments, **keywords).report

    def table(self, name):
        return self.data / "stage" / name

    def warehouse(self):
        return self.data / "warehouse.duckdb"

    def copy(self, folder):
        """The same data in another folder, as it is now."""
        other = Ashore(folder, self.pipeline)
        if self.data.exists():
            shutil.copytree(self.data, other.data, symlinks=True)
        return other


def validate(pipeline, *arguments, variables=None):
    """`ashore validate`, which knows no data folder."""
    done = subprocess.run([BINARY, "validate", pipeline, *arguments], capture_output=True, text=True,
                          env={**environment("/"), **(variables or {})}, timeout=SECONDS_MAX)
    return Outcome(done.returncode, done.stdout, done.stderr)


# ---------------------------------------------------------------- folders


def files_of(folder):
    """Path below the folder to (sha256, modification time in ns) of every file in it."""
    folder = pathlib.Path(folder)
    return {str(path.relative_to(folder)): (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
            for path in sorted(folder.rglob("*")) if path.is_file()}


def digests_of(folder):
    """Path below the folder to sha256 of every file in it."""
    return {path: digest for path, (digest, _) in files_of(folder).items()}


def names_in(folder):
    folder = pathlib.Path(folder)
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def partition_of_files(table):
    """Partition folder to its data files, as a plain listing shows them."""
    found = {}
    for path in sorted(pathlib.Path(table).glob("*/*.parquet")):
        found.setdefault(path.parent.name, []).append(path.name)
    return found


# ---------------------------------------------------------------- readers


def plain(name, value):
    """One form for one value, whatever the reader makes of it."""
    if value is None or value is pandas.NA or value is pandas.NaT:
        return None
    if isinstance(value, pandas.Timestamp):
        value = value.to_pydatetime()
    if isinstance(value, datetime.datetime):
        assert value.tzinfo is not None, f"{name} has no zone"
        return value.astimezone(datetime.timezone.utc)
    if name in PARTITION_COLUMNS and isinstance(value, str):
        return datetime.date.fromisoformat(value)
    return value


# Plain readers of hive folders take these from the folders' names, as text or as dates.
PARTITION_COLUMNS = {"p_creation_date", "day"}


def ordered(records):
    """Rows as dicts with plain values, sorted by their columns in name order."""
    rows = [{name: plain(name, value) for name, value in record.items()} for record in records]
    return sorted(rows, key=lambda row: [(row[name] is None, str(row[name])) for name in sorted(row)])


def read_with_pandas(table):
    return ordered(pandas.read_parquet(table, dtype_backend="pyarrow").to_dict("records"))


def read_with_polars(table):
    frame = polars.read_parquet(f"{table}/*/*.parquet", hive_partitioning=True)
    return ordered(frame.to_dicts())


def read_with_duckdb(table):
    query = f"SELECT * FROM read_parquet('{table}/*/*.parquet', hive_partitioning = true)"
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        return ordered(connection.sql(query).to_arrow_table().to_pylist())


def read_with_delta_rs(table):
    return ordered(deltalake.DeltaTable(str(table)).to_pyarrow_table().to_pylist())


READERS = {
    "pandas": read_with_pandas,
    "polars": read_with_polars,
    "duckdb": read_with_duckdb,
    "delta-rs": read_with_delta_rs,
}


def read_with_all(table):
    """The rows of a table, after all readers gave the same."""
    rows = read_with_delta_rs(table)
    for name, read in READERS.items():
        assert read(table) == rows, f"{name} reads other rows of {table.name}"
    return rows


# ---------------------------------------------------------------- databases


def rows_in_duckdb(path, table):
    with duckdb.connect(str(path), read_only=True) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        return ordered(connection.sql(f'SELECT * FROM main."{table}"').to_arrow_table().to_pylist())


def postgres_url():
    """The url of a throw-away cluster; the test skips, saying so, where there is none."""
    url = os.environ.get("ASHORE_TEST_POSTGRES")
    if not url:
        pytest.skip("ASHORE_TEST_POSTGRES is not set: run under scripts/with_postgres")
    return url


class Database:
    """A new PostgreSQL database of its own, dropped at the end."""

    def __init__(self):
        self.parts = urllib.parse.urlsplit(postgres_url())
        self.name = "e2e_" + uuid.uuid4().hex[:12]
        self.url = self.url_of()
        with psycopg.connect(postgres_url(), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{self.name}"')

    def url_of(self, user=None, password=None, name=None):
        user, password = user or self.parts.username, password or self.parts.password
        place = f"{user}:{password}@{self.parts.hostname}:{self.parts.port}"
        return f"postgresql://{place}/{name or self.name}"

    def query(self, text, *values):
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            cursor = connection.execute(text, values or None)
            return cursor.fetchall() if cursor.description else []

    def rows(self, table):
        """The rows of a table; json columns as the text they hold."""
        with psycopg.connect(self.url, row_factory=psycopg.rows.dict_row) as connection:
            psycopg.types.json.set_json_loads(lambda text: bytes(text).decode("utf-8"), connection)
            connection.execute("SET TimeZone = 'UTC'")
            return ordered(connection.execute(f'SELECT * FROM "{table}"').fetchall())

    def footprint(self):
        """Every row of every table with the transaction that wrote it and where it lies."""
        tables = self.query("SELECT table_name FROM information_schema.tables"
                            " WHERE table_schema = 'public' ORDER BY 1")
        return {name: self.query(f'SELECT xmin::text, ctid::text, t::text FROM "{name}" t ORDER BY 2')
                for (name,) in tables}

    def drop(self):
        with psycopg.connect(postgres_url(), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')


# ---------------------------------------------------------------- servers


@dataclasses.dataclass
class Request:
    number: int  # of this server, from 1
    method: str
    path: str
    headers: dict
    body: bytes

    @property
    def json(self):
        return json.loads(self.body or b"{}")


@dataclasses.dataclass
class Reply:
    body: bytes | str = b""
    status: int = 200
    headers: dict = dataclasses.field(default_factory=dict)


class Server:
    """An HTTP server on a free port: `answer` makes a Reply of each Request."""

    def __init__(self, answer, tls=None):
        self.requests = []
        self.lock = threading.Lock()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.handler_of(answer))
        self.server.daemon_threads = True
        if tls:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
            self.server.handle_error = lambda *_: None  # clients that refuse us are what we want
        port = self.server.server_address[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def handler_of(outer, answer):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def respond(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                with outer.lock:
                    request = Request(len(outer.requests) + 1, self.command, self.path, dict(self.headers), body)
                    outer.requests.append(request)
                reply = answer(request)
                bytes_out = reply.body.encode() if isinstance(reply.body, str) else reply.body
                self.send_response(reply.status)
                for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(bytes_out)))
                self.end_headers()
                with contextlib.suppress(ConnectionError):
                    self.wfile.write(bytes_out)

            do_GET = do_POST = respond

            def log_message(self, *_):
                """Says nothing: tests look at the requests."""

        return Handler

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


class RawServer:
    """A socket on a free port: `talk` gets each connection and the bytes of its request."""

    def __init__(self, talk):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        self.talk = talk
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with connection, contextlib.suppress(ConnectionError):
                self.talk(connection, connection.recv(65536))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()


def closed_ports(count):
    """Ports of 127.0.0.1 where nobody listens, all different."""
    with contextlib.ExitStack() as stack:
        listeners = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [listener.getsockname()[1] for listener in listeners]


def closed_port():
    """A port of 127.0.0.1 where nobody listens."""
    return closed_ports(1)[0]


def self_signed(folder):
    """A TLS context with a certificate that nobody vouches for."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=127.0.0.1"],
                   check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


@contextlib.contextmanager
def first_line_of(command, **keywords):
    """Runs a server that prints where it is; gives that line, ends the server."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **keywords) as process:
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


@contextlib.contextmanager
def independent_api(launches):
    """tests/independent/serve.py over a file of launches; gives its url."""
    with first_line_of([sys.executable, INDEPENDENT / "serve.py", launches]) as port:
        yield f"http://127.0.0.1:{int(port)}"


@contextlib.contextmanager
def stand_in_api(*arguments, home="/"):
    """`ashore serve-api`; gives its url."""
    command = [str(BINARY), "serve-api", *map(str, arguments)]
    with first_line_of(command, env=environment(home)) as url:
        yield url


# ---------------------------------------------------------------- a made-up source


READINGS = """\
version: 1
name: readings
source: {name: readings, url: "http://127.0.0.1:9"}
extract:
  request:
    method: POST
    path: /query
    body: {from: "${window.start}", to: "${window.end}", page: "${page}", limit: "${limit}"}
  window: {column: taken_at, format: iso_millis}
  pages: {by: number, size: 3, parallel: 2}
  items: {at: /items, id: /id, total: /total, page_count: /pages}
  retry: {attempts: 2, first_wait: 5ms, wait_max: 20ms, retry_after_max: 5s}
  limits: {body: 32MB, redirects: 3, request_timeout: 20s}
tables:
  readings:
    from: items
    key: [reading_id]
    columns:
      reading_id: {path: /id, type: string}
      taken_at: {path: /at, type: timestamp, required: true}
      day: {date_of: taken_at}
      amount: {path: /amount, type: int64}
      note: {path: /note, type: string}
      extra: {path: /extra, type: json}
    partition: {by: day}
    checks: [{unique: [reading_id]}]
  parts:
    from: readings
    each: /parts
    key: [part_id, reading_id]
    drop_when_null: [part_id]
    columns:
      part_id: {path: /id, type: string}
      weight: {path: /weight, type: int64}
      reading_id: {parent: reading_id}
      day: {parent: day}
    partition: {by: day}
    checks: [{references: {reading_id: readings.reading_id}}]
destinations: [{duckdb: warehouse.duckdb}]
"""


def reading(number, **fields):
    """One item of the made-up source."""
    item = {"id": f"r{number:03}", "at": f"2024-03-{1 + number % 3:02}T{number % 24:02}:00:00Z", "amount": number,
            "note": f"note {number}", "extra": {"n": number}, "parts": [{"id": f"p{number}", "weight": number}]}
    return {**item, **fields}


def page_of(items, request, size=3):
    """The envelope that the made-up source answers a request with."""
    page = int(request.json.get("page") or 1)
    return {"items": items[(page - 1) * size:page * size], "total": len(items),
            "pages": max(1, -(-len(items) // size)), "page": page}


def source_of(items):
    """`answer` of a Server that serves the items, all of them, page by page."""
    return lambda request: Reply(json.dumps(page_of(items, request)))


def ashore_of(folder, url):
    """The binary with the made-up pipeline, asking this url."""
    path = pathlib.Path(folder) / "readings.yaml"
    path.write_text(READINGS.replace("http://127.0.0.1:9", url))
    return Ashore(folder, path)
