"""A run on S3 that is killed, at each of its requests and at any instant: readers see old or new, and the next run heals."""
import concurrent.futures
import os
import pathlib
import random
import subprocess
import sys
import time
import uuid

import pytest

import bucket
import harness
import matrix

TABLES = ("readings", "parts")
INSTANTS = int(os.environ.get("ASHORE_S3_INSTANTS", "100"))
SEED = int(os.environ.get("ASHORE_CRASH_SEED", str(random.SystemRandom().randrange(1_000_000))))


class Trials:
    """Runs over the same published base, each with a prefix and a database of its own."""

    def __init__(self, folder, earlier, later):
        self.folder, self.earlier, self.later = folder, earlier, later
        self.pipeline = {}
        for name, url in (("earlier", earlier), ("later", later)):
            self.pipeline[name] = folder / f"{name}.yaml"
            self.pipeline[name].write_text(matrix.PIPELINE.replace("http://127.0.0.1:9", url))
        before, after = self.base(), self.base()
        after.pipeline = self.pipeline["later"]
        after.run()
        self.old, self.new = self.rows(before), self.rows(after)
        assert self.old != self.new

    def base(self):
        folder = self.folder / uuid.uuid4().hex[:12]
        folder.mkdir()
        ashore = bucket.Ashore(folder, self.pipeline["earlier"])
        ashore.run()
        ashore.pipeline = self.pipeline["later"]
        return ashore

    @staticmethod
    def rows(ashore):
        return {table: ashore.rows(table) for table in TABLES}

    def judge(self, ashore, what):
        """What is wrong after a run was cut and another went through, or nothing."""
        cut = self.rows(ashore)
        for table in TABLES:
            if cut[table] not in (self.old[table], self.new[table]):
                return f"{what}: '{table}' is neither old nor new"
        ashore.run()
        if self.rows(ashore) != self.new:
            return f"{what}: not healed"
        for table in TABLES:
            if harness.rows_in_duckdb(ashore.warehouse(), table) != self.new[table]:
                return f"{what}: '{table}' is other in the destination"
            if len(ashore.versions(table)) != 2:
                return f"{what}: '{table}' has {len(ashore.versions(table))} versions"
        return None

    def kill_at(self, number):
        ashore = self.base()
        process = ashore.start("run", variables={"ASHORE_TEST_FAULTS": f"kill:{number}"})
        process.communicate(timeout=harness.SECONDS_MAX)
        return self.judge(ashore, f"killed at call {number}")

    def kill_after(self, seconds):
        ashore = self.base()
        process = ashore.start("run")
        try:
            process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
        return self.judge(ashore, f"killed after {seconds:.3f} s")

    def calls(self):
        """How many outside calls a run makes."""
        trace = self.folder / "trace"
        ashore = self.base()
        ashore.good("run", variables={"ASHORE_TEST_FAULTS": f"trace:{trace}"})
        return len(trace.read_text().splitlines())


@pytest.fixture(scope="module")
def trials(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trials")
    with harness.Server(matrix.answer(matrix.EARLIER)) as earlier, harness.Server(matrix.answer(matrix.LATER)) as later:
        yield Trials(pathlib.Path(folder), earlier.url, later.url)


def try_all(trial, arguments):
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return [found for found in pool.map(trial, arguments) if found]


def test_a_run_killed_at_each_of_its_calls_is_healed(trials):
    calls = trials.calls()
    step = int(os.environ.get("ASHORE_CRASH_STEP", "7"))
    numbers = list(range(1 + SEED % step, calls + 1, step))
    wrong = try_all(trials.kill_at, numbers)
    print(f"S3: killed at {len(numbers)} of {calls} calls, {len(numbers) - len(wrong)} healed (ASHORE_CRASH_SEED={SEED})",
          file=sys.stderr)
    assert not wrong, "\n".join(wrong[:10])


def test_a_run_killed_at_any_instant_is_healed(trials):
    started = time.monotonic()
    trials.base().run()
    whole = time.monotonic() - started
    chance = random.Random(SEED)
    wrong = try_all(trials.kill_after, [chance.uniform(0, whole) for _ in range(INSTANTS)])
    print(f"S3: killed at {INSTANTS} instants, {INSTANTS - len(wrong)} healed (ASHORE_CRASH_SEED={SEED})", file=sys.stderr)
    assert not wrong, "\n".join(wrong[:10])
