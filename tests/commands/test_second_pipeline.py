"""The tutorial's own commands, copied from it, bring its API ashore; other readers see the rows that its server has."""
import pathlib
import re
import runpy
import shlex
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import harness  # noqa: E402

TUTORIAL = harness.ROOT / "docs" / "second-pipeline.md"
EXAMPLE = harness.ROOT / "docs" / "examples" / "ferry"


def commands():
    blocks = re.findall(r"```sh\n(.*?)```", TUTORIAL.read_text(), re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.startswith("ashore ")]


@pytest.fixture
def tutorial(tmp_path):
    """Runs a command of the tutorial; gives its outcome."""
    with harness.first_line_of([sys.executable, EXAMPLE / "serve.py", "--port", "0"]) as url:
        def run(line, token="harbour"):
            words = [str(tmp_path / "ferry") if word == "ferry" else word for word in shlex.split(line)[1:]]
            return harness.subprocess.run([str(harness.BINARY), *words], cwd=harness.ROOT, capture_output=True,
                                          text=True, timeout=harness.SECONDS_MAX,
                                          env={**harness.environment(tmp_path), "FERRY_URL": url,
                                               "FERRY_TOKEN": token})
        run.data = tmp_path / "ferry"
        yield run


def test_the_tutorials_commands_give_what_it_shows(tutorial):
    shown = TUTORIAL.read_text()
    assert len(commands()) == 4
    said = {}
    for line in commands():
        done = tutorial(line)
        assert done.returncode == 0, f"{line}: {done.stderr}"
        said[line.split()[1]] = done.stdout
    tables = re.search(r"  table   rows in.*?(?=```)", shown, re.DOTALL).group(0)
    assert tables in said["run"]
    answer = re.search(r"What each ship took.*?(?=```)", shown, re.DOTALL).group(0)
    assert said["answers"].strip() == answer.strip()


def test_every_reader_sees_the_servers_rows(tutorial):
    voyages = runpy.run_path(str(EXAMPLE / "serve.py"))["VOYAGES"]
    assert tutorial(commands()[2]).returncode == 0
    stage = tutorial.data / "stage"
    legs = [(voyage["id"], leg["number"]) for voyage in voyages for leg in voyage["legs"]]
    for name in ("polars", "duckdb", "delta-rs"):
        read = harness.READERS[name]
        rows = read(stage / "legs")
        assert sorted((row["voyage_id"], row["leg"]) for row in rows) == legs, name
    fares = {ticket["code"]: ticket["fare"] for voyage in voyages for leg in voyage["legs"] for ticket in leg["tickets"]}
    tickets = harness.read_with_delta_rs(stage / "tickets")
    assert {row["code"]: float(row["fare"]) for row in tickets} == fares
    assert harness.names_in(stage / "voyages") == ["_delta_log", "month=2024-05-01", "month=2024-06-01"]


def test_a_wrong_token_is_refused_and_not_shown(tutorial):
    done = tutorial(commands()[2], token="sesame-77")
    assert done.returncode == 2
    assert "401" in done.stderr and "sesame-77" not in done.stderr + done.stdout
    for path in tutorial.data.rglob("*"):
        assert not path.is_file() or b"sesame-77" not in path.read_bytes(), path
