"""The package in fresh environments: run, table, answers, transform; errors, stops, forks, threads."""

import contextlib
import json
import pathlib
import re
import shutil
import signal
import subprocess

import pyarrow.parquet
import pytest
from conftest import PIPELINE, ROOT

README = (ROOT / "python/ashore/README.md").read_text()

# Prints each table of transform() as Parquet files in the current folder, and how many rows they have.
TRANSFORM = """
import json, pathlib, sys
import ashore, pyarrow, pyarrow.parquet
text, *pages = [pathlib.Path(path).read_bytes() for path in sys.argv[1:]]
tables = ashore.transform(text, pages)
for name, batch in tables.items():
    pyarrow.parquet.write_table(pyarrow.Table.from_batches([batch]), name + ".parquet")
print(json.dumps({name: batch.num_rows for name, batch in tables.items()}))
"""


def test_the_readmes_examples_run(environment, tmp_path):
    examples = re.findall(r"```python\n(.+?)```", README, re.DOTALL)
    assert len(examples) >= 6
    done = environment.python("\n".join(examples), tmp_path)
    assert done.returncode == 0, done.stderr


def test_it_has_the_pyarrow_that_is_meant(environment, tmp_path):
    said = environment.says("import json, pyarrow; print(json.dumps(pyarrow.__version__))", tmp_path)
    assert said == {"oldest": "16.0.0", "newest": "26.0.1"}[environment.wheelhouse]


def test_the_command_is_on_the_path(environment, tmp_path):
    done = subprocess.run(
        [environment.bin / "ashore", "--version"], capture_output=True, text=True, cwd=tmp_path, env={}
    )
    assert re.fullmatch(r"ashore \d+\.\d+\.\d+\n", done.stdout)


def test_recorded_pages_give_the_rows_of_the_binary(environment, recorded_pages, landed, tmp_path):
    counts = environment.says(TRANSFORM, tmp_path, PIPELINE, *recorded_pages)
    assert counts == {"launches": 205, "cores": 196, "rejected": 0}
    for name, key in (("launches", ["launch_id"]), ("cores", ["core_id", "launch_id"])):
        ours = pyarrow.parquet.read_table(tmp_path / f"{name}.parquet")
        [part] = (landed / "data/runs/real/window" / name).glob("part-*.parquet")
        # transform() gives rows by key; a staged window has them by partition first.
        engines = pyarrow.parquet.read_table(part, partitioning=None)
        engines = engines.sort_by([(column, "ascending") for column in key])
        assert ours.column_names == engines.column_names
        for column in ours.column_names:
            assert ours.column(column).type == engines.column(column).type, column
            assert ours.column(column).to_pylist() == engines.column(column).to_pylist(), column


def test_a_published_table_has_the_rows_of_its_files(environment, landed, tmp_path):
    script = """
import json, sys, ashore, pyarrow.parquet
rows = ashore.table("launches", data_dir=sys.argv[1])
pyarrow.parquet.write_table(rows, "launches.parquet")
print(json.dumps([rows.num_rows, ashore.answers(sys.argv[2], to="duckdb:" + sys.argv[3])["max_core_reuse"].rows]))
"""
    counted, uses = environment.says(
        script, tmp_path, landed / "data", ROOT / "pipelines/spacex.yaml", landed / "w.duckdb"
    )
    assert (counted, uses[0][1]) == (205, 14)
    ours = pyarrow.parquet.read_table(tmp_path / "launches.parquet").to_pylist()
    [part] = (landed / "data/runs/real/window/launches").glob("part-*.parquet")
    engines = pyarrow.parquet.read_table(part, partitioning=None).to_pylist()
    assert sorted(ours, key=lambda row: row["launch_id"]) == sorted(engines, key=lambda row: row["launch_id"])


def test_bad_input_is_named(newest, landed, recorded_pages, tmp_path):
    data = shutil.copytree(landed / "data", tmp_path / "data")
    damaged = next((data / "stage/cores").rglob("*.parquet"))
    damaged.write_bytes(damaged.read_bytes()[:-20] + b"x" * 20)
    script = """
import ashore, json, pathlib, pickle, sys
pipeline, data, page = sys.argv[1:]
def pages():
    yield pathlib.Path(page).read_bytes()
    raise LookupError("no more pages")
calls = {
    "html": lambda: ashore.transform(pipeline, [pathlib.Path(page).read_bytes(), b"<html>"]),
    "yaml": lambda: ashore.transform(b"tables: {}", []),
    "file": lambda: ashore.transform("none.yaml", []),
    "pages": lambda: ashore.transform(pipeline, pages()),
    "table": lambda: ashore.table("launchs", data_dir=data),
    "column": lambda: ashore.table("launches", data_dir=data, columns=["nam"]),
    "version": lambda: ashore.table("launches", data_dir=data, version=7),
    "damage": lambda: ashore.table("cores", data_dir=data),
    "folder": lambda: ashore.table("cores", data_dir="elsewhere"),
    "naive": lambda: ashore.run(pipeline, start_date=__import__("datetime").datetime(2022, 1, 1)),
    "window": lambda: ashore.run(pipeline, start_date="2022-13-01"),
    "network": lambda: ashore.run(pipeline, source_url="http://127.0.0.1:1", data_dir="new"),
}
said = {}
for name, call in calls.items():
    try:
        call()
    except Exception as error:
        copy = pickle.loads(pickle.dumps(error))
        said[name] = [type(copy).__name__, str(copy), getattr(copy, "exit_code", None), getattr(copy, "report", None) is not None]
print(json.dumps(said))
"""
    said = newest.says(script, tmp_path, PIPELINE, data, recorded_pages[0])

    def expect(name, kind, code, *words):
        assert said[name][0] == kind, said[name]
        assert said[name][2] == code, said[name]
        for word in words:
            assert word in said[name][1], said[name]

    expect("html", "Failed", 2, "page-00002.json")
    expect("yaml", "Failed", 2, "pipeline.yaml:1:")
    expect("file", "FileNotFoundError", None, "none.yaml")
    expect("pages", "LookupError", None, "no more pages")
    expect("table", "Failed", 2, "launchs", "Did you mean 'launches'?")
    expect("column", "Failed", 2, "nam", "Did you mean 'name'?")
    expect("version", "Failed", 2, "7")
    expect("damage", "Failed", 2, damaged.name, "replay")
    expect("folder", "Failed", 2, "elsewhere", "--data-dir")
    expect("naive", "ValueError", None, "time zone")
    expect("window", "Failed", 2, "2022-13-01")
    expect("network", "Failed", 1, "127.0.0.1")
    assert said["network"][3], "a run that failed has its report"
    assert not (tmp_path / "elsewhere").exists()


def test_a_check_that_fails_blocks(newest, tmp_path):
    pipeline = tmp_path / "spacex.yaml"
    pipeline.write_text(PIPELINE.read_text().replace("- {unique: [launch_id]}", "- {row_count: {min: 1000}}"))
    script = """
import ashore, json, sys
try:
    ashore.run(sys.argv[1], source_url="embedded:", data_dir="data", to=["duckdb:w.duckdb"])
except ashore.Blocked as blocked:
    failed = [check.check for check in blocked.report.checks if not check.passed]
    print(json.dumps([blocked.exit_code, blocked.report.status, blocked.message, failed]))
"""
    code, status, message, failed = newest.says(script, tmp_path, pipeline)
    assert (code, status) == (3, "blocked")
    assert "row_count" in message
    assert failed == ["row_count: {min: 1000}"]


def test_forked_workers_and_threads_get_the_same_rows(newest, recorded_pages, tmp_path):
    script = """
import concurrent.futures, json, multiprocessing, pathlib, sys, threading
import ashore, pyarrow
text, *pages = [pathlib.Path(path).read_bytes() for path in sys.argv[1:]]
pyarrow.array([1, 2]).sum()  # pyarrow's threads run before the fork
def rows(_):
    return {name: batch.to_pylist() for name, batch in ashore.transform(text, pages).items()}
expected = rows(0)
with multiprocessing.get_context("fork").Pool(3) as pool:
    forked = pool.map(rows, range(6))
with concurrent.futures.ThreadPoolExecutor(4) as pool:
    threaded = list(pool.map(rows, range(8)))
print(json.dumps(all(each == expected for each in forked + threaded) and len(expected["cores"]) == 196))
"""
    assert newest.says(script, tmp_path, PIPELINE, *recorded_pages) is True


# Says what the run says, so that a test knows when it has begun; ends when it is interrupted.
A_RUN_THAT_WAITS = """
import logging, sys, ashore
class Told(logging.Handler):
    def emit(self, record):
        print(record.ashore["event"], flush=True)
logging.getLogger("ashore").addHandler(Told())
logging.getLogger("ashore").setLevel(logging.INFO)
try:
    ashore.run(ashore.SPACEX, source_url=sys.argv[1], data_dir="data", to=sys.argv[2])
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


@pytest.fixture
def slow_api(wheel):
    """An API that keeps its answers back."""
    command = [wheel.parent / "tree/bin/ashore", "serve-api", "--latency", "60s"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        yield process.stdout.readline().strip()
        process.terminate()


@contextlib.contextmanager
def waiting_run(environment, url, destination, folder):
    """A Python process whose run waits for its first page, and the program's process id."""
    python = subprocess.Popen(
        [environment.bin / "python", "-I", "-c", A_RUN_THAT_WAITS, url, destination],
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
        env={"PATH": "/usr/bin:/bin"},
        start_new_session=True,
    )
    with python:
        assert python.stdout.readline().strip() == "RunStarted"
        [program] = map(int, pathlib.Path(f"/proc/{python.pid}/task/{python.pid}/children").read_text().split())
        yield python, program


def test_interrupting_python_stops_the_program_and_waits_for_it(newest, slow_api, tmp_path):
    with waiting_run(newest, slow_api, "duckdb:w.duckdb", tmp_path) as (python, program):
        python.send_signal(signal.SIGINT)  # to Python alone, as a notebook's kernel gets it
        said = python.communicate(timeout=60)[0]
    assert said.split()[-1] == "interrupted"
    assert not pathlib.Path(f"/proc/{program}").exists()
    [report] = (tmp_path / "data/runs").glob("*/report.json")
    assert json.loads(report.read_text())["exit_code"] == 130


def test_a_destinations_password_is_on_no_command_line(newest, slow_api, tmp_path):
    with waiting_run(newest, slow_api, "postgresql://u:hidden@127.0.0.1:1/x", tmp_path) as (python, program):
        line = pathlib.Path(f"/proc/{program}/cmdline").read_bytes()
        python.send_signal(signal.SIGINT)
        python.communicate(timeout=60)
    assert b"--json" in line
    assert b"hidden" not in line
