"""What the matrix cannot number: SIGKILL at any instant, the shipped pipeline, the backend's end around COMMIT.

The seed is printed; ASHORE_CRASH_SEED repeats it. ASHORE_CRASH_SAMPLES says how many instants and points are tried
(`make test`: few; `.ci/run`: 200 of each).
"""
import concurrent.futures
import os
import random
import socket
import subprocess
import sys
import threading
import urllib.parse

import psycopg
import pytest

import harness
import matrix

SAMPLES = int(os.environ.get("ASHORE_CRASH_SAMPLES", "16"))
SEED = int(os.environ.get("ASHORE_CRASH_SEED", str(random.SystemRandom().randrange(1_000_000))))


def say(words):
    print(f"{words} (ASHORE_CRASH_SEED={SEED})", file=sys.stderr)


def test_a_run_killed_at_any_instant_is_healed(destination):
    with matrix.folder_in_memory() as folder, harness.Server(matrix.answer(matrix.LATER)) as server:
        base = matrix.make_base(folder, destination, matrix.EARLIER)
        made = matrix.Matrix(folder, server.url, destination, base)
        whole = min(made.seconds_of_a_run() for _ in range(3))
        chance = random.Random(SEED)
        instants = [chance.uniform(0, whole * 1.2) for _ in range(max(SAMPLES // 2, 1))]
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            wrong = [found for found in pool.map(made.kill_after, instants) if found]
    say(f"{destination.name}: killed at {len(instants)} instants of {whole:.3f} s, {len(instants) - len(wrong)} healed")
    assert not wrong, "\n".join(wrong[:10])


def test_the_shipped_pipeline_is_healed_wherever_it_was_killed():
    text = harness.SPACEX.read_text()
    destination = matrix.DuckDb()
    with matrix.folder_in_memory() as folder:
        with harness.independent_api(harness.recorded("launches_v4_2022-09-17.json")) as url:
            base = matrix.make_base_from(folder, destination, url, text)
        with harness.independent_api(harness.recorded("launches_v5_final.json")) as url:
            made = matrix.Matrix(folder, url, destination, base, text, ("launches", "cores"))
            points = random.Random(SEED).sample(range(1, len(made.calls) + 1), min(SAMPLES, len(made.calls)))
            wrong = made.disturb_all("kill", sorted(points))
    say(f"shipped pipeline: killed at {len(points)} of {len(made.calls)} points, {len(points) - len(wrong)} healed")
    assert not wrong, "\n".join(wrong[:10])


# ---------------------------------------------------------------- COMMIT


class Wire:
    """A way to PostgreSQL that ends when COMMIT goes by: before it, with it, or before its answer comes back."""

    def __init__(self, url, moment):
        self.parts = urllib.parse.urlsplit(url)
        self.moment = moment
        self.cuts = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        port = self.listener.getsockname()[1]
        self.url = url.replace(f"{self.parts.hostname}:{self.parts.port}", f"127.0.0.1:{port}")

    def __enter__(self):
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *arguments):
        self.listener.close()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection((self.parts.hostname, self.parts.port))
            threading.Thread(target=self.pump, args=(server, client), daemon=True).start()
            threading.Thread(target=self.watch, args=(client, server), daemon=True).start()

    @staticmethod
    def pump(source, target):
        try:
            while chunk := source.recv(65536):
                target.sendall(chunk)
        except OSError:
            pass
        Wire.end(source, target)

    @staticmethod
    def end(*sockets):
        for each in sockets:
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            each.close()

    def watch(self, client, server):
        try:
            while chunk := client.recv(65536):
                if b"\0\0\0\x0bCOMMIT\0" in chunk and self.cuts == 0:
                    self.cuts += 1
                    self.cut(chunk, client, server)
                    return
                server.sendall(chunk)
        except OSError:
            pass
        self.end(client, server)

    def cut(self, chunk, client, server):
        backends = ("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()")
        with psycopg.connect(self.parts.geturl(), autocommit=True) as connection:
            if self.moment == "before":
                connection.execute(backends)
            if self.moment == "during":
                server.sendall(chunk)
                connection.execute(backends)
            if self.moment == "after":
                client.shutdown(socket.SHUT_RDWR)
                server.sendall(chunk)
                # The answer has come: the backend is done with it.
                server.settimeout(harness.SECONDS_MAX)
                try:
                    server.recv(1)
                except OSError:
                    pass
        self.end(client, server)


@pytest.mark.parametrize("moment", ["before", "during", "after"])
def test_a_backend_that_ends_around_commit_loses_and_doubles_nothing(tmp_path, moment):
    database = harness.Database()
    pipeline = tmp_path / "readings.yaml"
    pipeline.write_text(matrix.PIPELINE)
    ashore = harness.Ashore(tmp_path, pipeline)
    try:
        with harness.Server(matrix.answer(matrix.EARLIER)) as server, Wire(database.url, moment) as wire:
            cut = ashore("run", "--source-url", server.url, "--to", wire.url)
            assert wire.cuts == 1, "no COMMIT went by"
        # While COMMIT is under way either may be first.
        assert cut.code == 1 or (cut.code == 0 and moment == "during"), cut.stderr
        assert "load" in cut.stderr and "postgresql://" in cut.stderr, "says which destination"
        held = database.query("SELECT count(*) FROM pg_tables WHERE tablename = 'readings'")[0][0]
        assert moment == "during" or held == (1 if moment == "after" else 0), "COMMIT was cut where the test says"
        ashore.good("load", "--to", database.url)
        assert database.query("SELECT count(*), count(DISTINCT reading_id) FROM readings") == [(6, 6)]
        assert database.query("SELECT table_name, count(*) FROM _ashore_loads GROUP BY 1 ORDER BY 1") == [
            ("parts", 1), ("readings", 1)]
        assert ashore("load", "--to", database.url, "--skip-unchanged").code == 99
    finally:
        database.drop()


# ---------------------------------------------------------------- two at once


def test_two_data_folders_never_mix_in_one_database(tmp_path):
    database = harness.Database()
    pipeline = tmp_path / "readings.yaml"
    pipeline.write_text(matrix.PIPELINE)
    folders = [harness.Ashore(tmp_path, pipeline, data=name) for name in ("one", "two")]
    try:
        with harness.Server(matrix.answer(matrix.EARLIER)) as first, harness.Server(matrix.answer(matrix.LATER)) as second:
            processes = [ashore.start("run", "--source-url", server.url, "--to", database.url)
                         for ashore, server in zip(folders, (first, second))]
            ends = [process.communicate(timeout=harness.SECONDS_MAX) for process in processes]
        codes = [process.returncode for process in processes]
        assert sorted(codes) == [0, 2], ends
        loser = codes.index(2)
        assert "--adopt" in ends[loser][1], "says whose table it is and the way out"
        rows = database.query("SELECT reading_id FROM readings ORDER BY 1")
        winner = [matrix.EARLIER, matrix.LATER][1 - loser]
        assert [row[0] for row in rows] == sorted(item["id"] for item in winner)
    finally:
        database.drop()


def test_a_lock_dies_with_its_process(tmp_path):
    pipeline = tmp_path / "readings.yaml"
    pipeline.write_text(matrix.PIPELINE)
    ashore = harness.Ashore(tmp_path, pipeline)
    asked, over = threading.Event(), threading.Event()

    def hang(request):
        asked.set()
        over.wait(harness.SECONDS_MAX)
        return matrix.answer(matrix.EARLIER)(request)

    with harness.Server(hang) as silent, harness.Server(matrix.answer(matrix.EARLIER)) as good:
        holder = ashore.start("run", "--source-url", silent.url)
        assert asked.wait(harness.SECONDS_MAX)
        second = ashore("run", "--source-url", good.url)
        assert second.code == 1 and f"process {holder.pid}" in second.stderr, second.stderr
        holder.kill()
        holder.communicate()
        over.set()
        ashore.good("run", "--source-url", good.url)
