"""A loopback API of orders for the benches: an order a row, so many a day, of which some change between runs."""

import datetime
import http.server
import threading
import urllib.parse

EPOCH = datetime.date(2010, 1, 1)
PAGE = 100_000
PIPELINE = """version: 1
name: orders
source: {name: orders, url: "%s"}
extract:
  request: {path: /orders, query: {page: "${page}", limit: "${limit}", start: "${window.start}", end: "${window.end}"}}
  window: {column: day, format: iso_millis}
  pages: {by: number, size: %d}
  items: {at: /items, total: /total, id: /order_id}
tables:
  orders:
    from: items
    key: [order_id]
    columns:
      order_id: {path: /order_id, type: int64, required: true}
      day: {path: /day, type: date, required: true}
      amount: {path: /amount, type: int64}
      note: {path: /note, type: string}
    partition: {by: day}
    checks: [{not_null: [day]}]
"""


class Orders:
    """What the server knows: its orders, and which of them were changed how often."""

    def __init__(self, days, per_day):
        self.days, self.per_day = days, per_day
        self.changes = {}  # by day: how often, and that each order whose number is divisible by this was
        self.made = {}  # pages by first and last day and number, so that what a run waits for is not their making

    def change(self, first, days, every):
        """Changes each `every`th order of some days once more."""
        for day in range(first, first + days):
            times, _ = self.changes.get(day, (0, 1))
            self.changes[day] = (times + 1, every)
        self.made.clear()

    def page(self, first, last, number):
        place = (first, last, number)
        if place not in self.made:
            ids = range(first * self.per_day, last * self.per_day)
            items = ",".join(self.order(one) for one in ids[(number - 1) * PAGE:number * PAGE])
            self.made[place] = f'{{"total":{len(ids)},"items":[{items}]}}'.encode()
        return self.made[place]

    def make_all(self):
        for number in range(1, -(-self.days * self.per_day // PAGE) + 1):
            self.page(0, self.days, number)

    def order(self, one):
        day = one // self.per_day
        times, every = self.changes.get(day, (0, 1))
        changes = times if one % every == 0 else 0
        return (f'{{"order_id":{one},"day":"{date_of(day)}","amount":{one % 997 + 1000 * changes},"note":"order {one}"}}')

    def serve(self):
        orders = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
                day = lambda key, other: ((datetime.date.fromisoformat(query[key][:10]) - EPOCH).days
                                          if query.get(key) else other)
                body = orders.page(day("start", 0), day("end", orders.days), int(query["page"]))
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"


def date_of(day):
    return EPOCH + datetime.timedelta(days=day)


def window_of(first, days):
    """The arguments of a run that asks for some days."""
    return "--start-date", str(date_of(first)), "--end-date", str(date_of(first + days))
