"""The wheel, environments that have nothing but it, a source of recorded pages."""

import contextlib
import http.server
import json
import os
import pathlib
import subprocess
import threading

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
SHARED = pathlib.Path(os.environ.get("ASHORE_SHARED", ROOT.parent / "shared"))
PIPELINE = ROOT / "pipelines/spacex.yaml"


def made(folder):
    """A wheel made of a tree that was installed for it."""
    subprocess.run(["make", "-s", "install", f"PREFIX={folder / 'tree'}"], cwd=ROOT, check=True)
    subprocess.run([ROOT / "scripts/dist", folder / "tree", folder], cwd=ROOT, check=True, capture_output=True)
    [wheel] = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    return made(tmp_path_factory.mktemp("wheel"))


class Environment:
    """A virtual environment with the wheel and one version of pyarrow, and a folder to work in."""

    def __init__(self, folder, wheel, wheelhouse):
        subprocess.run(["/usr/bin/python3", "-m", "venv", folder], check=True)
        self.bin, self.wheelhouse = folder / "bin", wheelhouse
        subprocess.run(
            [
                self.bin / "pip",
                "install",
                "-q",
                "--disable-pip-version-check",
                "--no-index",
                "--find-links",
                ROOT / ".deps/wheelhouse" / wheelhouse,
                wheel,
            ],
            check=True,
        )

    def python(self, script, folder, *arguments, **variables):
        """Runs a script in a folder, nothing of this project or of this process's environment in reach."""
        clean = {"PATH": f"{self.bin}:/usr/bin:/bin", "HOME": str(folder), **variables}
        return subprocess.run(
            [self.bin / "python", "-I", "-c", script, *map(str, arguments)],
            cwd=folder,
            env=clean,
            capture_output=True,
            text=True,
            timeout=300,
        )

    def says(self, script, folder, *arguments, **variables):
        """The object that the script's last line prints as JSON."""
        done = self.python(script, folder, *arguments, **variables)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="session", params=["oldest", "newest"])
def environment(request, tmp_path_factory, wheel):
    """One with the oldest and one with the newest pyarrow that the wheel admits."""
    return Environment(tmp_path_factory.mktemp(request.param) / "venv", wheel, request.param)


@pytest.fixture(scope="session")
def newest(tmp_path_factory, wheel):
    return Environment(tmp_path_factory.mktemp("one") / "venv", wheel, "newest")


@pytest.fixture(scope="session")
def recorded_pages():
    """The 21 pages of the last documents, as files."""
    folder = SHARED / "data/spacex/query_pages"
    if not folder.exists():
        pytest.skip(f"the real data is absent: {folder}")
    return sorted(folder.glob("page_*.json"))


@contextlib.contextmanager
def serving(pages):
    """An API that answers the page that the request's body asks for."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            body = pages[asked["options"]["page"] - 1].read_bytes()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="session")
def landed(recorded_pages, wheel, tmp_path_factory):
    """A data folder into which the program ran the recorded pages, as recorded: ten items a page."""
    folder = tmp_path_factory.mktemp("landed")
    pipeline = folder / "spacex.yaml"
    pipeline.write_text(
        PIPELINE.read_text().replace("size: 100", "size: 10").replace("../schema", str(ROOT / "schema"))
    )
    with serving(recorded_pages) as url:
        subprocess.run(
            [
                wheel.parent / "tree/bin/ashore",
                "run",
                pipeline,
                "--source-url",
                url,
                "--run-id",
                "real",
                "--to",
                f"duckdb:{folder / 'w.duckdb'}",
            ],
            cwd=ROOT,
            check=True,
            capture_output=True,
            env={**os.environ, "ASHORE_DATA_DIR": str(folder / "data")},
        )
    return folder
