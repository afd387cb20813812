"""A run's page in a real Chromium: drawn, silent, alone, readable; whatever the source says stays text.

`make report-test` installs what this needs; without ASHORE_PAGE_TESTS=1 it is skipped, since it needs a browser.
"""
import http.server
import json
import os
import pathlib
import shutil
import subprocess
import sys
import threading

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import harness  # noqa: E402

pytestmark = pytest.mark.skipif(not os.environ.get("ASHORE_PAGE_TESTS"), reason="needs a browser: make report-test")

LOOK = pathlib.Path(__file__).resolve().parent / "look.mjs"
HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"
SHOP = """\
version: 1
name: shop
source: {name: shop, url: "http://127.0.0.1:1"}
extract:
  request: {method: GET, path: /orders}
  pages: {by: none}
  items: {at: /data, id: /id}
tables:
  orders:
    from: items
    key: [order_id]
    rejected_max_rows: 5
    columns:
      order_id: {path: /id, type: string, required: true}
      name: {path: /name, type: string}
      amount: {path: /amount, type: int64}
    checks:
      - accepted_values: {name: [tea]}
destinations: [{duckdb: warehouse.duckdb}]
"""


class Shop(http.server.BaseHTTPRequestHandler):
    """Two orders with hostile text in every place that a page shows: names, keys, values, paths, items."""

    def do_GET(self):
        orders = [{"id": HOSTILE, "name": HOSTILE, "amount": 1, HOSTILE: HOSTILE},
                  {"id": "o2", "name": "tea", "amount": HOSTILE, HOSTILE: 1}]
        body = json.dumps({"data": orders}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def ashore(folder, *arguments):
    return subprocess.run([str(harness.BINARY), *arguments, "--data-dir", str(folder / "data")],
                          cwd=harness.ROOT, capture_output=True, text=True, timeout=120)


def look(folder, run_id):
    page = folder / "data" / "runs" / run_id / "report.html"
    pictures = folder / "pictures"
    pictures.mkdir(exist_ok=True)
    modules = harness.ROOT.resolve() / ".deps" / "node"
    done = subprocess.run(["node", str(LOOK), str(modules), shutil.which("chromium"), str(page), str(pictures)],
                          capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def hold_to_promises(found):
    assert found["console"] == []
    assert found["requests"] == []
    assert [entry for entry in found["axe"] if entry["impact"] in ("serious", "critical")] == []
    for name, view in found["views"].items():
        assert view["width"] <= view["screen"], name
        assert view["scripts"] == 3, name
    assert found["views"]["paper"]["nav"] == "none"
    assert found["first_focus"] == "Skip to the content"


def test_the_page_of_the_shipped_pipeline(tmp_path):
    for run_id in ("one", "two"):
        done = ashore(tmp_path, "run", "--source-url", "embedded:", "--run-id", run_id)
        assert done.returncode == 0, done.stderr[-2000:]
    assert ashore(tmp_path, "report").stdout.strip().endswith("runs/two/report.html")
    found = look(tmp_path, "two")
    hold_to_promises(found)
    assert found["views"]["light"]["headings"] == ["Stages", "Rows", "Checks", "Answers", "History", "Files"]
    assert found["views"]["light"]["plots"] > 5
    assert "unchanged" in found["views"]["light"]["text"]


def test_the_page_of_a_run_that_failed(tmp_path):
    pipeline = tmp_path / "shop.yaml"
    pipeline.write_text(SHOP.replace("  items: {at", "  retry: {attempts: 2, first_wait: 1ms, wait_max: 5ms}\n  items: {at"))
    done = ashore(tmp_path, "run", str(pipeline), "--source-url", "http://127.0.0.1:1", "--run-id", "down")
    assert done.returncode == 1, done.stderr[-2000:]
    found = look(tmp_path, "down")
    hold_to_promises(found)
    assert "failed" in found["views"]["phone"]["text"]


def test_hostile_text_of_a_held_run_stays_text(tmp_path):
    pipeline = tmp_path / "shop.yaml"
    pipeline.write_text(SHOP)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    done = ashore(tmp_path, "run", str(pipeline), "--source-url", f"http://127.0.0.1:{server.server_port}", "--run-id", "held")
    server.shutdown()
    assert done.returncode == 3, done.stderr[-2000:]
    found = look(tmp_path, "held")
    hold_to_promises(found)
    view = found["views"]["light"]
    assert {"Checks", "Rejected rows", "Drift"} <= set(view["headings"])
    assert "held" in view["text"] and "failed" in view["text"] and "alert(1)" in view["text"]
