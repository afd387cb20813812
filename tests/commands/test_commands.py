"""Every command with its exit code and its stdout, against a file in expected/.

ASHORE_WRITE_EXPECTED=1 writes those files anew; read what changed before you commit it.
"""
import os
import pathlib
import re
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import harness  # noqa: E402

EXPECTED = pathlib.Path(__file__).resolve().parent / "expected"
BAD = """\
version: 1
name: shop
source: {url: "https://shop.example"}
extract:
  request: {path: /orders, methd: GET}
  items: {at: /orders}
tables:
  orders: {from: items, key: [order_id], columns: {order_id: {path: /id, type: strin}}}
"""
EVERYTHING = ["run", "extract", "transform", "merge", "audit", "publish", "load", "plan", "replay", "reconcile", "rollback",
              "quarantine", "answers", "status", "runs", "report", "recover", "vacuum", "validate", "serve-api", "version", "doctor",
              "embed", "completion", "man", "shards", "join"]

# In this order, on one data folder: name of the file, exit code, command line.
STORY = [
    ("validate", 0, "validate"),
    ("validate_a_bad_file", 2, "validate {bad}"),
    ("status_before", 0, "status {data}"),
    ("plan", 0, "plan {data} {source} --start-date 2022-11-01 --end-date 2022-12-01"),
    ("extract", 0, "extract {data} {source} --run-id by-hand"),
    ("join_without_shards", 2, "join {data} {source} --run-id in-parts"),
    ("shards_of_an_open_window", 2, "shards {data} --count 2"),
    ("transform", 0, "transform {data} --run-id by-hand"),
    ("merge", 0, "merge {data} {source} --run-id by-hand"),
    ("audit", 0, "audit {data} --run-id by-hand"),
    ("publish", 0, "publish {data} {source} --run-id by-hand"),
    ("load", 0, "load {data}"),
    ("run_again", 0, "run {data} {source} --run-id again"),
    ("run_again_skipped", 99, "run {data} {source} --run-id skipped --skip-unchanged"),
    ("run_of_a_window", 0, "run {data} {source} --run-id window --start-date 2022-11-01 --end-date 2022-12-01 --force"),
    ("status", 0, "status {data}"),
    ("status_as_json", 0, "status {data} --json"),
    ("runs", 0, "runs {data}"),
    ("report", 0, "report again {data}"),
    ("answers", 0, "answers {data}"),
    ("answers_as_json", 0, "answers {data} --format json"),
    ("answers_as_csv", 0, "answers {data} --format csv"),
    ("replay", 0, "replay {data}"),
    ("reconcile", 0, "reconcile {data} {source}"),
    ("quarantine_list", 0, "quarantine list {data}"),
    ("embed_no_such_table", 2, "embed table launchs {data}"),
    ("recover", 0, "recover {data}"),
    ("vacuum", 0, "vacuum --dry-run {data}"),
    ("doctor", 0, "doctor {data} {source}"),
    ("version", 0, "version"),
    ("an_unknown_command", 2, "fetch"),
    ("an_unknown_option", 2, "run --colour"),
]


class Story:
    """Runs command lines as a user would, with a clock that stands still."""

    def __init__(self, folder, url):
        self.folder, self.url = folder, url
        (folder / "bad.yaml").write_text(BAD)

    def run(self, line):
        words = line.format(bad=self.folder / "bad.yaml", data=f"--data-dir {self.folder}/resources",
                            source=f"--source-url {self.url}").split()
        return subprocess.run([str(harness.BINARY), *words], cwd=harness.ROOT, capture_output=True, text=True,
                              timeout=harness.SECONDS_MAX,
                              env={**harness.environment(self.folder), "ASHORE_TEST_TIME": "2024-01-01T00:00:00Z"})

    def plain(self, text):
        """Without what differs from machine to machine."""
        text = text.replace(str(self.folder), "FOLDER").replace(str(harness.BINARY.parent), "BUILD")
        text = text.replace(self.url, "http://127.0.0.1:PORT").replace(str(harness.ROOT), "ROOT")
        text = re.sub(r"(compiler|libcurl|Arrow) [0-9.]+", r"\1 VERSION", text)
        text = re.sub(r'"(table_id|id)": ?"[0-9a-f-]{36}"', r'"\1": "ID"', text)
        return "".join(line.rstrip() + "\n" for line in text.splitlines())


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    with harness.stand_in_api() as url:
        yield Story(tmp_path_factory.mktemp("story"), url)


def compare(name, text):
    path = EXPECTED / f"{name}.txt"
    if os.environ.get("ASHORE_WRITE_EXPECTED"):
        path.write_text(text)
    assert path.exists(), f"{path} is absent: write it with ASHORE_WRITE_EXPECTED=1"
    assert text == path.read_text()


def test_the_story_of_every_command(story):
    """One test, because each command stands on those before it."""
    for name, code, line in STORY:
        done = story.run(line)
        assert done.returncode == code, f"{line}: exit {done.returncode}: {done.stderr}"
        # A command that fails says why on stderr, and nothing on stdout.
        said = done.stdout if code in (0, 99) else done.stdout + done.stderr
        compare(name, f"$ ashore {line}\n" + story.plain(said))


@pytest.mark.parametrize("command", ["", *EVERYTHING])
def test_help(story, command):
    done = story.run(f"{command} --help")
    assert done.returncode == 0
    compare(f"help_{command or 'of_all'}".replace("-", "_"), story.plain(done.stdout))


def test_every_command_has_a_case(story):
    """What --help lists is what is told above."""
    listed = re.findall(r"^  ([a-z-]+) {2,}[A-Z]", story.run("--help").stdout.split("Subcommands:")[1], re.MULTILINE)
    assert sorted(listed) == sorted(EVERYTHING)


def test_serve_api_says_where_it_is_on_its_first_line():
    with harness.stand_in_api() as url:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", url)


@pytest.mark.parametrize("program", [path.name for path in (harness.BINARY, harness.BINARY.with_name("ashore-lambda")) if path.exists()])
def test_no_library_is_looked_for_in_the_current_folder(program, tmp_path):
    path = harness.BINARY.with_name(program)
    needed = [line.split()[0] for line in subprocess.run(["ldd", path], capture_output=True, text=True, check=True).stdout.splitlines()
              if "=>" in line]
    assert len(needed) > 5
    for library in needed:
        (tmp_path / library).write_text("not a library")
    done = subprocess.run([path, "version"], cwd=tmp_path, capture_output=True, text=True)
    assert "shared librar" not in done.stderr, done.stderr
    assert program != "ashore" or done.returncode == 0, done.stderr
