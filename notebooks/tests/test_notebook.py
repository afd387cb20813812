"""answers.ipynb is run from top to bottom, as Jupyter would, against both databases; its outputs are read and held to the facts."""
import copy
import os
import pathlib
import re
import subprocess
import uuid

import duckdb
import nbclient
import nbformat
import psycopg
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
NOTEBOOK = ROOT / "notebooks" / "answers.ipynb"
ASHORE = os.environ.get("ASHORE_BINARY", str(ROOT / "build/release/ashore"))
PLOTS = 4
# Facts of the embedded API's documents, which are those of the real API's final state.
FACTS = [
    "205 launches",
    "One core has flown 14 times",
    "25 times a core flew again in less than 50 days, by 9 different cores",
    "48 months had more than one launch, 45 of them if only past launches count",
    "Most are in 2022-11: 9, but 9 of these were still announced and 6 rest on placeholder dates",
    "13 of 205 launches have a placeholder date",
    "188 (4 launches)",
    "198 (2 launches)",
    "18 launches are still announced for a day that is past",
]


class Warehouse:
    """A database that a run has loaded: the environment that names it, and SQL to damage it."""

    def __init__(self, kind, folder):
        self.kind = kind
        self.folder = folder
        self.environment = {}
        to = "duckdb:warehouse.duckdb"
        if kind == "postgresql":
            server = os.environ["ASHORE_TEST_POSTGRES"]
            name = f"notebook_{uuid.uuid4().hex[:12]}"
            with psycopg.connect(server, autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {name}")
            self.url = to = server.rsplit("/", 1)[0] + "/" + name
            self.environment["DATABASE_URL"] = self.url
        self.environment["ASHORE_DATA_DIR"] = str(folder)
        subprocess.run([ASHORE, "run", "pipelines/spacex.yaml", "--source-url", "embedded:", "--data-dir", folder, "--to", to],
                       cwd=ROOT, check=True, capture_output=True)

    def execute(self, sql):
        if self.kind == "postgresql":
            with psycopg.connect(self.url, autocommit=True) as connection:
                connection.execute(sql)
        else:
            with duckdb.connect(str(self.folder / "warehouse.duckdb")) as connection:
                connection.execute(sql)


@pytest.fixture(params=["duckdb", "postgresql"])
def warehouse(request, tmp_path):
    return Warehouse(request.param, tmp_path / "resources")


def run(environment):
    """The notebook with the outputs of a whole run, in a kernel with this environment."""
    notebook = copy.deepcopy(nbformat.read(NOTEBOOK, as_version=4))
    kernel_environment = {name: value for name, value in os.environ.items()
                          if not name.startswith("PG") and name not in ("DATABASE_URL", "ASHORE_DATA_DIR")}
    client = nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3",
                                     resources={"metadata": {"path": str(NOTEBOOK.parent)}})
    client.execute(env=kernel_environment | environment)
    return notebook


def outputs(notebook):
    return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


def said(notebook):
    """All sentences of the executed cells, without the marks of Markdown."""
    texts = [output.data["text/markdown"] for output in outputs(notebook) if "text/markdown" in output.get("data", {})]
    return re.sub(r"[*`]", "", "\n".join(texts))


def missing_facts(notebook):
    text = said(notebook)
    return [fact for fact in FACTS if fact not in text]


def test_it_answers_from_both_databases(warehouse):
    notebook = run(warehouse.environment)
    assert missing_facts(notebook) == []
    assert ("PostgreSQL" if warehouse.kind == "postgresql" else "DuckDB") in said(notebook)
    images = [output for output in outputs(notebook) if "image/png" in output.get("data", {})]
    assert len(images) == PLOTS
    assert [output for output in outputs(notebook) if output.output_type == "stream"] == []  # no warnings
    november = [output.data["text/plain"] for output in outputs(notebook) if "2022-11" in output.get("data", {}).get("text/plain", "")]
    assert any(re.search(r"2022-11\s+9\s+9\s+6", table) for table in november)


def test_a_wrong_table_is_seen(warehouse):
    warehouse.execute("DELETE FROM cores WHERE core_id = '5e9e28a7f3591817f23b2663'")
    warehouse.execute("DELETE FROM launches WHERE p_creation_date = DATE '2022-11-01'")
    missing = missing_facts(run(warehouse.environment))
    assert "One core has flown 14 times" in missing
    assert any("2022-11: 9" in fact for fact in missing)


def test_without_a_warehouse_it_says_what_to_do(tmp_path):
    with pytest.raises(nbclient.exceptions.CellExecutionError) as failure:
        run({"ASHORE_DATA_DIR": str(tmp_path)})
    assert "make run" in str(failure.value)


def test_it_only_reads(warehouse):
    notebook = copy.deepcopy(nbformat.read(NOTEBOOK, as_version=4))
    assert not re.search(r"\b(INSERT|UPDATE|DELETE|CREATE|DROP|ALTER)\b", "".join(cell.source for cell in notebook.cells))
    attempt = nbformat.v4.new_code_cell("CONNECTION.execute('DELETE FROM cores')")
    setup = next(index for index, cell in enumerate(notebook.cells) if cell.cell_type == "code")
    notebook.cells = [notebook.cells[setup], attempt]
    with pytest.raises(nbclient.exceptions.CellExecutionError, match="(?i)read.only"):
        nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3",
                                resources={"metadata": {"path": str(NOTEBOOK.parent)}}).execute(env=dict(os.environ) | warehouse.environment)
