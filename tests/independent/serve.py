#!/usr/bin/env python3
"""Serves a file of launches by the API's query rules, with the standard library alone.

    tests/independent/serve.py LAUNCHES.json [PORT]

Shares no code with ashore's simulator. Binds 127.0.0.1; the first line of stdout is the port.
Knows: POST /v4|v5/launches/query with query (fields by equality, $gte $gt $lte $lt $eq $in),
options (sort, page, limit, pagination, select as an object of 1) and GET /v4|v5/launches.
"""
import http.server
import json
import math
import re
import sys

OPERATORS = {
    "$eq": lambda stored, asked: stored == asked,
    "$in": lambda stored, asked: stored in asked,
    "$gte": lambda stored, asked: same_kind(stored, asked) and stored >= asked,
    "$gt": lambda stored, asked: same_kind(stored, asked) and stored > asked,
    "$lte": lambda stored, asked: same_kind(stored, asked) and stored <= asked,
    "$lt": lambda stored, asked: same_kind(stored, asked) and stored < asked,
}


class BadRequest(Exception):
    """What a client is told with status 400."""


def same_kind(left, right):
    numbers = (int, float)
    if isinstance(left, str) and isinstance(right, str):
        return True
    return isinstance(left, numbers) and isinstance(right, numbers)


def stored_name(field):
    return "id" if field == "_id" else field


def check_ids(condition):
    wanted = condition if isinstance(condition, dict) else {"$eq": condition}
    for value in wanted.values():
        for one in value if isinstance(value, list) else [value]:
            if not re.fullmatch("[0-9a-fA-F]{24}", str(one)):
                raise BadRequest(f"Cast to ObjectId failed for value {one!r}")


def matches(document, query):
    for field, condition in query.items():
        if field.startswith("$"):
            raise BadRequest(f"unknown operator {field}")
        if field == "_id":
            check_ids(condition)
        if stored_name(field) not in document:
            continue
        tests = condition if isinstance(condition, dict) else {"$eq": condition}
        for operator, asked in tests.items():
            if operator not in OPERATORS:
                raise BadRequest(f"unknown operator {operator}")
            if not OPERATORS[operator](document[stored_name(field)], asked):
                return False
    return True


def sort_key(document, field):
    value = document.get(stored_name(field))
    if value is None:
        return (0, 0)
    return (2, value.encode()) if isinstance(value, str) else (1, value)


def ordered(documents, sort):
    documents = sorted(documents, key=lambda document: document["id"])
    if isinstance(sort, str):
        sort = {name.lstrip("-"): -1 if name.startswith("-") else 1 for name in sort.split()}
    for field, direction in reversed(list(sort.items())):
        downwards = direction in (-1, "-1", "desc", "descending")
        documents.sort(key=lambda document: sort_key(document, field), reverse=downwards)
    return documents


def answer(documents, body):
    options = body.get("options", {})
    found = [document for document in documents if matches(document, body.get("query", {}))]
    found = ordered(found, options.get("sort", {}))
    total, limit, page = len(found), int(options.get("limit", 10)), max(1, int(options.get("page", 1)))
    envelope = {"docs": found, "totalDocs": total}
    if "page" not in options:
        envelope["offset"] = 0
    pages = 1
    if options.get("pagination", True):
        pages = max(1, math.ceil(total / limit))
        envelope["docs"] = found[(page - 1) * limit:page * limit]
    else:
        limit, page = total, 1
    if options.get("select"):
        keep = {*options["select"], "id"}
        envelope["docs"] = [{key: value for key, value in document.items() if key in keep}
                            for document in envelope["docs"]]
    envelope.update(limit=limit, totalPages=pages, page=page, pagingCounter=(page - 1) * limit + 1,
                    hasPrevPage=page > 1, hasNextPage=page < pages,
                    prevPage=page - 1 if page > 1 else None, nextPage=page + 1 if page < pages else None)
    return envelope


def handler_of(documents):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def reply(self, status, text, kind):
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def reply_json(self, value):
            text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
            self.reply(200, text, "application/json; charset=utf-8")

        def do_GET(self):
            if re.fullmatch("/v[45]/launches/?", self.path):
                self.reply_json(documents)
            else:
                self.reply(404, "Not Found", "text/plain; charset=utf-8")

        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if not re.fullmatch("/v[45]/launches/query/?", self.path):
                return self.reply(404, "Not Found", "text/plain; charset=utf-8")
            try:
                self.reply_json(answer(documents, json.loads(body or b"{}")))
            except (BadRequest, ValueError) as error:
                self.reply(400, str(error), "text/plain; charset=utf-8")

        def log_message(self, *_):
            """Says nothing: stdout carries the port, tests read the rest from ashore."""

    return Handler


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        documents = json.load(file)
    port = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler_of(documents))
    server.daemon_threads = True
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
