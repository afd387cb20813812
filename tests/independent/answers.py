#!/usr/bin/env python3
"""Answers the three questions from a file of launches with the standard library alone.

    tests/independent/answers.py LAUNCHES.json

Shares no code with ashore: it is what ashore's answers are compared with.
"""
import collections
import datetime
import decimal
import json
import sys

DAY_MICROS = 86_400_000_000


def read(path):
    """The documents of a file that holds a JSON array of launches."""
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def instant(launch):
    return datetime.datetime.fromisoformat(launch["date_utc"].replace("Z", "+00:00"))


def core_rows(launches):
    """(core id, launch) for every core that is known, once per launch."""
    seen = {}
    for launch in launches:
        for core in launch["cores"]:
            if core["core"] is not None:
                seen[(core["core"], launch["id"])] = launch
    return [(core, launch) for (core, _), launch in seen.items()]


def max_core_reuse(launches):
    uses = collections.Counter(core for core, _ in core_rows(launches))
    most = max(uses.values(), default=0)
    return sorted([core, count] for core, count in uses.items() if count == most)


def text_of(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def days_between(earlier, later):
    """Exact days as text with three digits, rounded half up."""
    micros = (later - earlier) // datetime.timedelta(microseconds=1)
    exact = decimal.Decimal(micros) / DAY_MICROS
    return str(exact.quantize(decimal.Decimal("0.001"), decimal.ROUND_HALF_UP))


def quick_reuse(launches):
    flights = collections.defaultdict(list)
    for core, launch in core_rows(launches):
        flights[core].append((instant(launch), launch["id"]))
    rows = []
    for core, flown in flights.items():
        flown.sort()
        for (before, before_id), (after, after_id) in zip(flown, flown[1:]):
            if after - before < datetime.timedelta(days=50):
                rows.append((after, after_id, core, before_id, before))
    return [[core, before_id, after_id, text_of(before), text_of(after), days_between(before, after)]
            for after, after_id, core, before_id, before in sorted(rows)]


def busy_months(launches):
    months = collections.defaultdict(list)
    for launch in launches:
        months[instant(launch).strftime("%Y-%m")].append(launch)
    return [[month, len(found), sum(bool(one["upcoming"]) for one in found),
             sum(one["date_precision"] != "hour" for one in found)]
            for month, found in sorted(months.items()) if len(found) > 1]


COLUMNS = {
    "max_core_reuse": ["core_id", "uses"],
    "quick_reuse": ["core_id", "previous_launch_id", "launch_id", "previous_date_utc", "date_utc", "days"],
    "busy_months": ["month", "launches", "upcoming", "placeholders"],
}


def answers(launches):
    """The shape that `ashore answers --format json` prints."""
    rows = {"max_core_reuse": max_core_reuse, "quick_reuse": quick_reuse, "busy_months": busy_months}
    return {name: {"columns": COLUMNS[name], "rows": answer(launches)} for name, answer in rows.items()}


def summary(launches):
    """launches, core rows, most uses, quick reuses, cores among them, busy months."""
    most = max_core_reuse(launches)
    quick = quick_reuse(launches)
    return (len(launches), len(core_rows(launches)), most[0][1] if most else 0, len(quick),
            len({row[0] for row in quick}), len(busy_months(launches)))


if __name__ == "__main__":
    document = read(sys.argv[1])
    json.dump({"summary": summary(document), "answers": answers(document)}, sys.stdout, indent=1)
    print()
