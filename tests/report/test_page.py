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
    """Gives the orders that its server has at the moment."""

    def do_GET(self):
        body = json.dumps({"data": self.server.orders}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


# Hostile text in every place that a page shows: names, keys, values, paths, items.
HOSTILE_ORDERS = [{"id": HOSTILE, "name": HOSTILE, "amount": 1, HOSTILE: HOSTILE},
                  {"id": "o2", "name": "tea", "amount": HOSTILE, HOSTILE: 1}]


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
    view = found["views"]["light"]
    assert view["headings"] == ["History", "What changed", "Checks", "Answers", "How it went", "Files"]
    assert view["plots"] == 6, "five of the history, one of the months"
    assert "Nothing changed; 19 of 19 checks passed; loaded into 1 destination" in view["text"]
    assert "401 rows added" in view["text"].split("The run before")[1].split("\n")[0]
    first = look(tmp_path, "one")
    hold_to_promises(first)
    assert "205 launches added; 196 cores added; 19 of 19 checks passed" in first["views"]["light"]["text"]
    assert "This is the first run." in first["views"]["light"]["text"]
    assert "Answers" in first["views"]["light"]["headings"], "the run itself asked the questions"


def test_the_page_of_a_day_with_changes_says_what_changed(tmp_path):
    pipeline = tmp_path / "shop.yaml"
    pipeline.write_text(SHOP.replace("    key: [order_id]\n", "    key: [order_id]\n    missing: delete\n    partition: {by: name}\n")
                        .replace("{name: [tea]}", "{name: [tea, rope, sail]}"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Shop) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        before = [("o1", "tea", 1), ("o2", "tea", 2), ("o3", "rope", 3), ("o4", "rope", 4)]
        server.orders = [{"id": key, "name": name, "amount": amount} for key, name, amount in before]
        assert ashore(tmp_path, "run", str(pipeline), "--source-url", url, "--run-id", "monday").returncode == 0
        after = [("o1", "tea", 111), ("o2", "rope", 2), ("o3", "rope", 3), ("o5", "sail", 5), ("o6", "sail", "many")]
        server.orders = [{"id": key, "name": name, "amount": amount} for key, name, amount in after]
        done = ashore(tmp_path, "run", str(pipeline), "--source-url", url, "--run-id", "tuesday")
        assert done.returncode == 0, done.stderr[-2000:]
        server.shutdown()
    found = look(tmp_path, "tuesday")
    hold_to_promises(found)
    text = found["views"]["light"]["text"]
    assert "1 orders added, 1 changed, 1 moved, 1 gone; " in text
    assert "4 rows added" in text.split("The run before")[1].split("\n")[0]
    assert "wrong_type in amount: 1 row" in text
    for example in ("o1\tamount\t1\t111", "o2\tname\ttea\trope", "o5", "o4"):
        assert example in text, example


def test_the_page_of_a_run_that_failed(tmp_path):
    pipeline = tmp_path / "shop.yaml"
    pipeline.write_text(SHOP.replace("  items: {at", "  retry: {attempts: 2, first_wait: 1ms, wait_max: 5ms}\n  items: {at"))
    done = ashore(tmp_path, "run", str(pipeline), "--source-url", "http://127.0.0.1:1", "--run-id", "down")
    assert done.returncode == 1, done.stderr[-2000:]
    found = look(tmp_path, "down")
    hold_to_promises(found)
    assert "The run failed: extract: " in found["views"]["phone"]["text"]


def test_hostile_text_of_a_blocked_run_stays_text(tmp_path):
    pipeline = tmp_path / "shop.yaml"
    pipeline.write_text(SHOP)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    server.orders = HOSTILE_ORDERS
    threading.Thread(target=server.serve_forever, daemon=True).start()
    done = ashore(tmp_path, "run", str(pipeline), "--source-url", f"http://127.0.0.1:{server.server_port}", "--run-id", "blocked")
    server.shutdown()
    assert done.returncode == 3, done.stderr[-2000:]
    found = look(tmp_path, "blocked")
    hold_to_promises(found)
    view = found["views"]["light"]
    assert {"Checks", "Rejected rows", "Drift"} <= set(view["headings"])
    assert "Nothing was published: check accepted_values" in view["text"]
    assert "blocked" in view["text"] and "failed" in view["text"] and "alert(1)" in view["text"]
