"""A tiny API for the tutorial: voyages of an imaginary ferry, by pages that each name the next one."""
import argparse
import http.server
import json
import urllib.parse

TOKEN = "harbour"
PAGE_SIZE = 2


def leg(number, start, end, *tickets):
    fares = [{"code": code, "fare": fare, "child": child} for code, fare, child in tickets]
    return {"number": number, "from": start, "to": end, "tickets": fares}


VOYAGES = [
    {"id": "v1", "ship": "Gannet", "departs": "2024-05-30T06:00:00Z", "weather": {"wind": 4}, "legs": [
        leg(1, "Aven", "Brock", ("A1", 12.50, False), ("A2", 6.25, True)),
        leg(2, "Brock", "Cairn", ("A3", 9.00, False))]},
    {"id": "v2", "ship": "Gannet", "departs": "2024-05-31T06:00:00Z", "weather": {"wind": 9}, "legs": []},
    {"id": "v3", "ship": "Puffin", "departs": "2024-06-01T07:30:00+02:00", "weather": None, "legs": [
        leg(1, "Cairn", "Aven", ("B1", 20.00, False))]},
    {"id": "v4", "ship": "Puffin", "departs": "2024-06-02T07:30:00+02:00", "weather": {"wind": 2}, "legs": [
        leg(1, "Aven", "Cairn", ("C1", 20.00, False), ("C2", 10.00, True)),
        leg(2, "Cairn", "Aven")]},
    {"id": "v5", "ship": "Gannet", "departs": "2024-06-03T06:00:00Z", "weather": {"wind": 5}, "legs": [
        leg(1, "Aven", "Brock", ("D1", 12.50, False))]},
]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            return self.reply(401, {"error": "say Authorization: Bearer " + TOKEN})
        if url.path != "/v1/voyages":
            return self.reply(404, {"error": "only /v1/voyages is here"})
        start = int(urllib.parse.parse_qs(url.query).get("after", ["0"])[0])
        end = start + PAGE_SIZE
        following = f"/v1/voyages?after={end}" if end < len(VOYAGES) else None
        return self.reply(200, {"voyages": VOYAGES[start:end], "links": {"next": following}})

    def reply(self, status, document):
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Says nothing."""


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8765, help="0 takes a free one")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", parser.parse_args().port), Handler)
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()
