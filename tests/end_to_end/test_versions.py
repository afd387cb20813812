"""After each of many versions every reader sees the rows of a plain dict, each in its own partition."""
import datetime
import json
import random

import harness
import pytest

SEED = 20_240_301
VERSIONS = 120
DAYS = 6
ITEMS_MAX = 14


class Source:
    """A small API whose items move, change and grow in number from version to version."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.items = [harness.reading(number) for number in range(5)]

    def answer(self, request):
        return harness.Reply(json.dumps(harness.page_of(self.items, request, size=100)))

    def step(self):
        """A row moved, updated or added, and up to two more changes."""
        before = model(self.items)["readings"]
        while model(self.items)["readings"] == before:
            rows = [self.move, self.update] + [self.add] * (len(self.items) < ITEMS_MAX)
            more = self.random.choices([*rows, self.change_parts], k=self.random.randint(0, 2))
            for change in [self.random.choice(rows), *more]:
                change()

    def pick(self):
        index = self.random.randrange(len(self.items))
        self.items[index] = dict(self.items[index])
        return self.items[index]

    def move(self):
        item = self.pick()
        day = int(item["at"][8:10])
        other = self.random.choice([one for one in range(1, DAYS + 1) if one != day])
        item["at"] = f"2024-03-{other:02}{item['at'][10:]}"

    def update(self):
        item = self.pick()
        item["amount"] += self.random.randint(1, 9)
        item["note"] = self.random.choice([None, "", f"note {self.random.random()}", "Größe 1 – 東京"])

    def change_parts(self):
        item = self.pick()
        item["parts"] = [{"id": f"p{part}", "weight": self.random.randrange(1 << 40)}
                         for part in range(self.random.randint(0, 3))]

    def add(self):
        number = len(self.items)
        day = self.random.randint(1, DAYS)
        self.items.append(harness.reading(number, at=f"2024-03-{day:02}T{number:02}:00:00Z"))


def day_of(item):
    return datetime.date.fromisoformat(item["at"][:10])


def model(items):
    """What the tables must hold, from the items alone."""
    readings = [{"reading_id": item["id"], "taken_at": datetime.datetime.fromisoformat(item["at"].replace("Z", "+00:00")),
                 "day": day_of(item), "amount": item["amount"], "note": item["note"],
                 "extra": json.dumps(item["extra"])} for item in items]
    parts = [{"part_id": part["id"], "weight": part["weight"], "reading_id": item["id"], "day": day_of(item)}
             for item in items for part in item["parts"]]
    return {"readings": harness.ordered(readings), "parts": harness.ordered(parts)}


def by_partition(rows):
    found = {}
    for row in rows:
        found.setdefault(f"day={row['day']}", []).append(row)
    return found


@pytest.fixture
def made_up(tmp_path):
    pipeline = tmp_path / "readings.yaml"
    pipeline.write_text(harness.READINGS.replace("size: 3", "size: 100"))
    return harness.Ashore(tmp_path, pipeline)


def assert_equals_model(ashore, expected, version, before):
    readers = list(harness.READERS)
    if version % 10:  # every tenth version is read by all, the others by one in turn
        readers = [readers[version % len(readers)]]
    for table, rows in expected.items():
        folder = ashore.table(table)
        for reader in readers:
            assert harness.READERS[reader](folder) == rows, f"version {version}, {reader}, {table}"
        partitions, files = by_partition(rows), harness.partition_of_files(folder)
        assert set(files) == set(partitions), f"version {version}, {table}"
        assert all(len(names) == 1 for names in files.values()), f"version {version}, {table}: {files}"
        rows_before, files_before = before.get(table, ({}, {}))
        for name, held in partitions.items():
            is_same = rows_before.get(name) == held
            assert (files_before.get(name) == files[name]) == is_same, f"version {version}, {table}, {name}"
        before[table] = partitions, files


def test_after_each_of_120_versions_all_readers_see_the_rows_of_a_plain_dict(made_up):
    print(f"seed {SEED}")
    source, before = Source(SEED), {}
    with harness.Server(source.answer) as server:
        for version in range(VERSIONS):
            if version:
                source.step()
            report = made_up.run("--source-url", server.url)
            assert report["tables"]["readings"]["rejected"] == 0
            assert_equals_model(made_up, model(source.items), version, before)
    expected = model(source.items)
    for table in expected:
        assert harness.read_with_all(made_up.table(table)) == expected[table]
        assert harness.rows_in_duckdb(made_up.warehouse(), table) == expected[table]
    assert len(harness.names_in(made_up.table("readings") / "_delta_log")) == VERSIONS
