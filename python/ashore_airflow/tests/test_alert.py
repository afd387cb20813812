"""The webhook: its url, its message, and that nothing about it can hurt the task."""

import http.server
import json
import logging
import threading
import types

import pytest
from airflow.sdk import BaseHook, Connection
from airflow.sdk.exceptions import AirflowNotFoundException

from ashore_airflow import alert

CONTEXT = {
    "task_instance": types.SimpleNamespace(
        dag_id="shop", task_id="load", run_id="r1", try_number=2, log_url="http://x/log"
    ),
    "exception": ValueError("refused"),
}


@pytest.mark.parametrize(
    ("values", "url"),
    [
        ({"conn_type": "http", "host": "127.0.0.1", "port": 80, "schema": "hook"}, "http://127.0.0.1:80/hook"),
        ({"conn_type": "https", "host": "hooks.example"}, "https://hooks.example"),
        ({"conn_type": "http", "host": "hooks.example", "schema": "https"}, "https://hooks.example"),
        ({"conn_type": "http", "host": "https://hooks.example/services", "password": "/T0/B0/x"},
         "https://hooks.example/services/T0/B0/x"),
    ],
)  # fmt: skip
def test_a_connection_names_the_url(values, url):
    assert alert.url_of(Connection(conn_id="c", **values)) == url


@pytest.fixture
def receiver():
    """A server that keeps what is posted."""
    posts = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            posts.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield types.SimpleNamespace(port=server.server_port, posts=posts)
        server.shutdown()


def connect(monkeypatch, **values):
    found = Connection(conn_id=alert.CONNECTION, **values)
    monkeypatch.setattr(BaseHook, "get_connection", classmethod(lambda cls, name: found))


def test_a_failure_is_posted(monkeypatch, receiver):
    connect(monkeypatch, conn_type="http", host="127.0.0.1", port=receiver.port, schema="hook", password="secret")
    alert.post_failure(CONTEXT)
    [(path, message)] = receiver.posts
    assert path == "/hook/secret"
    assert message["text"] == "shop failed at load: refused"
    assert (message["run_id"], message["try_number"], message["log_url"]) == ("r1", 2, "http://x/log")


def test_without_a_connection_nothing_happens(monkeypatch):
    def missing(cls, name):
        raise AirflowNotFoundException(name)

    monkeypatch.setattr(BaseHook, "get_connection", classmethod(missing))
    alert.post_failure(CONTEXT)


def test_a_receiver_that_is_down_is_logged_without_its_secret(monkeypatch, receiver, caplog):
    connect(monkeypatch, conn_type="http", host="127.0.0.1", port=1, password="secret")
    with caplog.at_level(logging.WARNING):
        alert.post_failure(CONTEXT)
    assert "did not take the failure" in caplog.text
    assert "secret" not in caplog.text
