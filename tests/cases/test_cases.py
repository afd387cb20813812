"""Runs each case folder of tests/cases over real HTTP: as it is, with one-row batches, with 1 and 8 threads, and with outside calls failing.

Of the outside calls that a case makes, ASHORE_CASE_FAULTS (3 if unset, "all" for each, "1/5" for a fifth, another one each day) fail in turn, each once.
"""

import datetime
import http.server
import json
import os
import pathlib
import random
import subprocess
import threading

import duckdb
import pytest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BINARY = pathlib.Path(os.environ.get("ASHORE_BINARY", ROOT / "build/release/ashore"))
CASES = sorted(path.parent for path in HERE.glob("*/pipeline.yaml"))


def read_json(path, default):
    return json.loads(path.read_text()) if path.exists() else default


def fits(expect, request):
    """What of a request is not as expected, or None."""
    for key in ("method", "path"):
        if key in expect and expect[key] != request[key]:
            return f"{key}: {request[key]!r}, expected {expect[key]!r}"
    for name, value in expect.get("headers", {}).items():
        if request["headers"].get(name.lower()) != value:
            return f"header {name}: {request['headers'].get(name.lower())!r}, expected {value!r}"
    for name in expect.get("no_headers", []):
        if name.lower() in request["headers"]:
            return f"header {name} is there"
    if "body" in expect and json.loads(request["body"] or "null") != expect["body"]:
        return f"body: {request['body']!r}, expected {expect['body']!r}"
    return None


class ScriptedServer:
    """Answers requests by the files of a folder and keeps what did not fit.

    The answer of number `lost`, from 1, is given to the next request again: the client loses it on its way, and a
    source that is asked the same once more says the same.
    """

    def __init__(self, folder, lost=None):
        self.lost = lost
        answers = [read_json(path, {}) for path in sorted(folder.glob("*.json"))]
        self.matching = [answer for answer in answers if answer.get("match")]
        self.in_order = [answer for answer in answers if not answer.get("match")]
        self.requests, self.mistakes, self.lock = [], [], threading.Lock()
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                length = int(self.headers.get("Content-Length", 0))
                request = {"method": self.command, "path": self.path, "body": self.rfile.read(length).decode(),
                           "headers": {name.lower(): value for name, value in self.headers.items()}}
                status, headers, body = server.answer_to(request)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value.replace("{url}", server.url))
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = answer

            def log_message(self, *arguments):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"

    def answer_to(self, request):
        with self.lock:
            self.requests.append(request)
            for answer in self.matching:
                if fits(answer["expect"], request) is None:
                    return self.parts_of(answer)
            if not self.in_order:
                self.mistakes.append(f"unexpected request: {request['method']} {request['path']} {request['body']}")
                return 500, {}, b"the case has no answer for this"
            answer = self.in_order[0] if len(self.requests) == self.lost else self.in_order.pop(0)
            mistake = fits(answer.get("expect", {}), request)
            if mistake:
                self.mistakes.append(f"request {len(self.requests)}: {mistake}")
            return self.parts_of(answer)

    def parts_of(self, answer):
        body = answer["text"] if "text" in answer else json.dumps(answer.get("body"), ensure_ascii=False)
        headers = {"Content-Type": "application/json", **answer.get("headers", {})}
        return answer.get("status", 200), headers, body.replace("{url}", self.url).encode()

    def __enter__(self):
        threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *arguments):
        self.http.shutdown()
        self.http.server_close()


def contains(actual, expected):
    if isinstance(expected, dict):
        return isinstance(actual, dict) and all(key in actual and contains(actual[key], value)
                                                for key, value in expected.items())
    return actual == expected


def cell_text(value):
    """As a person writes it; texts that would read as something else, or run into the next column, as JSON."""
    if value is None:
        return "null"
    if not isinstance(value, str):
        return json.dumps(value)
    is_plain = value and value == value.strip() and value.isprintable() and "|" not in value and not value.startswith('"')
    try:
        json.loads(value)
        is_plain = is_plain and value[0] in "[{"
    except ValueError:
        pass
    return value if is_plain else json.dumps(value, ensure_ascii=False)


def table_text(folder, table):
    """A loaded table as text: a line of names, then one per row, columns aligned and sorted by all of them."""
    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as database:
        database.execute("SET TimeZone = 'UTC'")
        names = [row[0] for row in database.execute(f'DESCRIBE "{table}"').fetchall()]
        texts = ", ".join(f'CASE WHEN typeof("{name}") IN (\'BIGINT\', \'INTEGER\', \'BOOLEAN\', \'DOUBLE\') '
                          f'THEN to_json("{name}") ELSE to_json(CAST("{name}" AS VARCHAR)) END' for name in names)
        rows = database.execute(f'SELECT {texts} FROM "{table}" ORDER BY ALL').fetchall()
    lines = [names, *([cell_text(None if cell is None else json.loads(cell)) for cell in row] for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(names))]
    return "".join(" | ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() + "\n" for line in lines)


def assert_tables(case, folder, when=""):
    """Each expected/<table>.txt is that table. ASHORE_WRITE_EXPECTED=1 writes those that are there anew."""
    for path in sorted((case / "expected").glob("*.txt")):
        found = table_text(folder, path.stem)
        if os.environ.get("ASHORE_WRITE_EXPECTED"):
            path.write_text(found)
        assert found == path.read_text(), f"{path.stem} {when}"


def run_case(case, folder, environment, *arguments):
    result = read_json(case / "expected/result.json", {})
    with ScriptedServer(case / "responses") as server:
        process = subprocess.run(
            [BINARY, "run", case / "pipeline.yaml", "--source-url", server.url, "--data-dir", folder, "--json",
             "--run-id", "case", *result.get("arguments", []), *arguments],
            env={"PATH": os.environ["PATH"], **result.get("environment", {}), **environment},
            capture_output=True, text=True, timeout=60)
    assert process.returncode == result.get("exit_code", 0), process.stderr
    assert server.mistakes == []
    for words in result.get("stderr", []):
        assert words in process.stderr, process.stderr
    if "requests" in result:
        assert len(server.requests) == result["requests"]
    if "report" in result:
        report = json.loads(process.stdout.splitlines()[-1])
        assert contains(report, result["report"]), report
    return result, process


def assert_no_secret(secret, folder, process):
    assert secret not in process.stdout + process.stderr
    for path in folder.rglob("*"):
        if path.is_file():
            assert secret.encode() not in path.read_bytes(), path


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case, tmp_path):
    listings = []
    for name, environment, arguments in (("whole", {}, ()), ("row by row", {"ASHORE_BATCH_ROWS": "1"}, ()),
                                         ("one thread", {}, ("--threads", "1")), ("eight threads", {}, ("--threads", "8"))):
        folder = tmp_path / name
        result, process = run_case(case, folder, environment, *arguments)
        assert_tables(case, folder, name)
        if result.get("exit_code", 0) != 0:
            assert not list(folder.glob("stage/*/_delta_log/*.json"))
        for table, lines in result.get("quarantine", {}).items():
            written = (folder / "quarantine/case" / f"{table}.jsonl").read_text().splitlines()
            assert [json.loads(line) for line in written] == lines
        if "secret" in result:
            assert_no_secret(result["secret"], folder, process)
        listings.append(sorted(str(path.relative_to(folder)) for path in folder.glob("stage/**/*.parquet")))
    assert all(listing == listings[0] for listing in listings), "any batch and any number of threads gives the same files"


# The error that an outside call of this kind gives; EIO for all others.
ERRORS = {"http": "ECONNRESET", "connect": "ECONNRESET", "sql": "ECONNRESET", "begin": "ECONNRESET",
          "commit": "ECONNRESET", "append": "ECONNRESET", "rollback": "ECONNRESET", "write": "ENOSPC", "create": "ENOSPC"}


def run_plainly(case, folder, plan=None, lost=None):
    """Runs a case in a folder of its own or of an earlier run; what came of it is the caller's to judge."""
    result = read_json(case / "expected/result.json", {})
    variables = {"ASHORE_TEST_FAULTS": plan} if plan else {}
    with ScriptedServer(case / "responses", lost) as server:
        return subprocess.run(
            [BINARY, "run", case / "pipeline.yaml", "--source-url", server.url, "--data-dir", folder, "--threads", "1",
             "--run-id", "case", *result.get("arguments", [])],
            env={"PATH": os.environ["PATH"], **result.get("environment", {}), **variables},
            capture_output=True, text=True, timeout=60)


def chosen_calls(case, folder):
    """Numbers, from 1, and kinds of outside calls of the case, by chance that its name fixes.

    Where the call is an HTTP answer, also which one it is, from 1: it was given and is lost.
    """
    trace = folder / "trace"
    run_plainly(case, folder / "traced", f"trace:{trace}")
    calls, answers = [], 0
    for number, line in enumerate(trace.read_text().splitlines(), 1):
        is_answer = " http answer " in f"{line} "
        answers += is_answer
        calls.append((number, line.split(" ")[1], answers if is_answer else None))
    wanted = os.environ.get("ASHORE_CASE_FAULTS", "3")
    if wanted.startswith("1/"):
        parts = int(wanted[2:])
        return [call for call in calls if call[0] % parts == datetime.date.today().toordinal() % parts]
    return calls if wanted == "all" else random.Random(case.name).sample(calls, min(int(wanted), len(calls)))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case_is_healed_when_an_outside_call_failed(case, tmp_path):
    """The run that was hit ends well, or fails with a message; the next one ends as if nothing had been."""
    expected = read_json(case / "expected/result.json", {}).get("exit_code", 0)
    for number, kind, lost in chosen_calls(case, tmp_path):
        folder = tmp_path / f"call-{number}"
        plan = f"fail:{number}:{ERRORS.get(kind, 'EIO')}"
        hit = run_plainly(case, folder, plan, lost)
        assert hit.returncode in (0, 1, 2, expected), f"{plan} ({kind}): exit {hit.returncode}: {hit.stderr}"
        assert hit.returncode == 0 or hit.stderr.strip(), f"{plan} ({kind}) says nothing"
        healed = run_plainly(case, folder)
        assert healed.returncode == expected, f"after {plan} ({kind}): exit {healed.returncode}: {healed.stderr}"
        assert_tables(case, folder, f"after {plan} ({kind})")
        if expected != 0:
            assert not list(folder.glob("stage/*/_delta_log/*.json")), f"after {plan} ({kind})"
        whole = tmp_path / "traced"
        files = [sorted(str(path.relative_to(root)) for path in root.glob("stage/*/**/*.parquet"))
                 for root in (whole, folder)]
        assert files[0] == files[1], f"after {plan} ({kind})"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_says_in_its_first_line_what_it_shows(case):
    assert (case / "pipeline.yaml").read_text().startswith("# ")


def test_there_are_cases():
    assert len(CASES) >= 20
