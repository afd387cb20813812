"""A blocked run is judged again after its checks were corrected, or published in spite of them, on the record;
the shipped pipeline's own checks pass on every recorded state and catch what was made wrong."""
import copy
import json

import deltalake
import pytest

import harness

ORDERS = """\
version: 1
name: shop
source: {name: shop, url: "http://127.0.0.1:9"}
extract:
  request: {path: /orders}
  items: {at: /data, id: /id}
  retry: {attempts: 1}
tables:
  orders:
    from: items
    key: [order_id]
    columns:
      order_id: {path: /id, type: string}
      total: {path: /total, type: int64}
    checks: [CHECKS]
destinations: [{duckdb: warehouse.duckdb}]
"""
GOOD = [{"id": "a", "total": 1}, {"id": "b", "total": 2}]
STRANGE = [*GOOD, {"id": "c", "total": -7}]
STRICT = "{range: {total: {min: 0}}}, {sql: 'SELECT * FROM orders WHERE total < -5', name: deep}, {unique: [order_id]}"


class Shop(harness.Ashore):
    """A pipeline whose checks can be written anew, over a source that can change its mind."""

    def __init__(self, folder):
        super().__init__(folder, folder / "shop.yaml")
        self.say(STRICT)

    def say(self, checks, **changes):
        text = ORDERS.replace("CHECKS", checks)
        for old, new in changes.items():
            text = text.replace(old, new)
        self.pipeline.write_text(text)

    def run_on(self, items, run_id):
        with harness.Server(lambda _: harness.Reply(json.dumps({"data": items}))) as server:
            return self("run", "--json", "--source-url", server.url, "--run-id", run_id)

    def file(self, run_id, name):
        return json.loads((self.data / "runs" / run_id / name).read_text())

    def totals(self):
        rows = deltalake.DeltaTable(str(self.table("orders"))).to_pyarrow_table().to_pylist()
        return sorted(row["total"] for row in rows)

    def commit_info(self, version):
        path = self.table("orders") / "_delta_log" / f"{version:020}.json"
        return json.loads(path.read_text().splitlines()[0])["commitInfo"]


@pytest.fixture
def held(tmp_path):
    """A shop with two orders published, and a run that is blocked because of a third."""
    shop = Shop(tmp_path)
    assert shop.run_on(GOOD, "first").code == 0
    outcome = shop.run_on(STRANGE, "second")
    assert outcome.code == 3
    outcome.says("orders", "range: {total: {min: 0}}", "order_id=c, total=-7", "at least 0", "sql: deep")
    assert outcome.report["status"] == "blocked"
    assert shop.totals() == [1, 2]
    assert shop.file("second", "verdict.json")["passed"] is False
    return shop


def test_a_blocked_run_is_audited_again_by_corrected_checks_and_published(held):
    assert held("publish", "--run-id", "second").code == 3
    held.say("{range: {total: {min: -10}}}")
    unjudged = held("publish", "--run-id", "second")
    assert unjudged.code == 2
    unjudged.says("changed since", "ashore audit --run-id second")
    held.good("audit", "--run-id", "second")
    assert held.file("second", "verdict.json")["passed"] is True
    report = held.good("publish", "--run-id", "second", "--json").report
    assert [check["check"] for check in report["checks"]] == ["range: {total: {min: -10}}"]
    assert held.totals() == [-7, 1, 2]
    assert "ashoreOverrides" not in held.commit_info(1)
    held.good("load", "--run-id", "second")


def test_checks_may_be_corrected_several_times(held):
    held.say("{range: {total: {min: -1}}}")
    assert held("audit", "--run-id", "second").code == 3
    held.say(STRICT)
    assert held("audit", "--run-id", "second").code == 3
    held.say("")
    held.good("audit", "--run-id", "second")
    held.good("publish", "--run-id", "second")
    assert held.totals() == [-7, 1, 2]


def test_a_file_that_differs_in_more_than_its_checks_judges_nothing(held):
    held.say("", **{"type: int64": "type: int32"})
    refused = held("audit", "--run-id", "second")
    assert refused.code == 2
    refused.says("changed in more than its checks", "transform", "--run-id second")
    assert held.file("second", "verdict.json")["passed"] is False
    held.say("")
    held.good("audit", "--run-id", "second")


def test_overridden_checks_are_published_and_recorded_for_ever(held):
    still = held("publish", "--run-id", "second", "--override", "range", "--reason", "a refund, ticket 17")
    assert still.code == 3
    still.says("sql: deep", "--override")
    assert held.totals() == [1, 2]
    report = held.good("publish", "--run-id", "second", "--override", "orders.sql: deep", "--override", "range",
                       "--reason", 'seen by "finance"', "--json").report
    assert report["status"] == "published"
    assert held.totals() == [-7, 1, 2]
    reasons = {"range: {total: {min: 0}}": "a refund, ticket 17", "sql: deep": 'seen by "finance"'}
    written = {check["check"]: check["overridden"]["reason"] for check in report["checks"] if "overridden" in check}
    assert written == reasons
    for name, checks in (("verdict.json", "checks"), ("report.json", "checks"), ("overrides.json", "overrides")):
        kept = {check["check"]: check["overridden"]["reason"] for check in held.file("second", name)[checks]
                if "overridden" in check}
        assert kept == reasons, name
    assert held.file("second", "verdict.json")["passed"] is False
    overrides = [{"table": "orders", "check": check, "reason": reason} for check, reason in reasons.items()]
    assert held.commit_info(1)["ashoreOverrides"] == overrides
    history = deltalake.DeltaTable(str(held.table("orders"))).history()
    assert len(history) == 2
    held.good("load", "--run-id", "second")


def test_an_override_is_not_handed_on_to_the_next_verdict(held):
    held("publish", "--run-id", "second", "--override", "range", "--reason", "once")
    assert held("audit", "--run-id", "second").code == 3
    assert not any("overridden" in check for check in held.file("second", "verdict.json")["checks"])
    assert len(held.file("second", "overrides.json")["overrides"]) == 1
    assert held("publish", "--run-id", "second", "--override", "deep", "--reason", "once").code == 3


@pytest.mark.parametrize("arguments, words", [
    (["--override", "unique", "--reason", "x"], ["no failed check", "orders.range: {total: {min: 0}}", "orders.sql: deep"]),
    (["--override", "", "--reason", "x"], ["--override", "empty"]),
    (["--override", "range"], ["--reason"]),
    (["--reason", "x"], ["--override"]),
    (["--override", "range", "--reason", " "], ["reason"]),
])
def test_an_override_needs_a_failed_check_and_a_reason(held, arguments, words):
    refused = held("publish", "--run-id", "second", *arguments)
    assert refused.code == 2
    refused.says(*words)
    assert not (held.data / "runs/second/overrides.json").exists()
    assert held.totals() == [1, 2]


# ---------------------------------------------------------------- the shipped pipeline's checks


def failed(report):
    return {check["check"]: check["severity"] for check in report["checks"] if not check["passed"]}


@pytest.mark.parametrize("name", ["launches_v5_final.json", "launches_v4_2022-09-17.json",
                                  "recorded/v4_launches__2026-03-21T194407Z.json",
                                  "recorded/v4_launches_past__2026-03-21T194408Z.json",
                                  "recorded/v4_launches_upcoming__2026-03-21T194409Z.json"])
def test_every_check_passes_on_every_recorded_state(ashore, name):
    with harness.independent_api(harness.recorded(name)) as url:
        report = ashore.run("--source-url", url)
    assert failed(report) == {}
    assert len(report["checks"]) >= 15


def test_every_check_passes_on_one_state_after_another_and_on_windows(ashore, earlier_api, final_api):
    for arguments in (["--source-url", earlier_api, "--start-date", "2022-01-01"],
                      ["--source-url", final_api, "--end-date", "2022-06-01"],
                      ["--source-url", final_api]):
        assert failed(ashore.run(*arguments)) == {}


def wrong(documents, change):
    changed = copy.deepcopy(documents)
    change(changed)
    return changed


def flown(documents):
    """A launch whose first core has flown several times."""
    return next(item for item in documents if item["cores"][0]["core"] and item["cores"][0]["flight"] > 2)


def set_core(**values):
    return lambda documents: flown(documents)["cores"][0].update(values)


@pytest.mark.parametrize("change, check, severity", [
    (set_core(flight=0), "range: {flight: {min: 1}}", "fail"),
    (set_core(flight=-3), "range: {flight: {min: 1}}", "fail"),
    (set_core(flight=1), "sql: flights_in_order", "warn"),
    (set_core(landing_attempt=False, landing_success=True), "sql: flags_that_disagree", "warn"),
    (set_core(reused=False), "sql: flags_that_disagree", "warn"),
    (set_core(landing_type="Roof"), "accepted_values: {landing_type: [ASDS, RTLS, Ocean]}", "warn"),
    (set_core(core="no-object-id"), 'matches: {core_id: [0-9a-f]{24}}', "warn"),
    (lambda documents: documents[9].update(date_utc="1970-01-01T00:00:00.000Z"), "range: {date_utc", "warn"),
    (lambda documents: documents[9].update(upcoming=True), "sql: outcome_before_launch", "warn"),
    (lambda documents: documents[9].update(date_precision="decade"), "accepted_values: {date_precision", "warn"),
    (lambda documents: documents[9].update(flight_number=0), "range: {flight_number", "warn"),
    (lambda documents: documents[9].update(id="X" * 24), 'matches: {launch_id: [0-9a-f]{24}}', "warn"),
    (lambda documents: documents[9].update(name=None), "not_null: [name, flight_number]", "warn"),
])
def test_what_was_made_wrong_is_caught(ashore, tmp_path, change, check, severity):
    documents = json.loads(harness.recorded("launches_v5_final.json").read_text())
    served = tmp_path / "wrong.json"
    served.write_text(json.dumps(wrong(documents, change)))
    with harness.independent_api(served) as url:
        outcome = ashore("run", "--json", "--source-url", url)
    assert outcome.code == (3 if severity == "fail" else 0)
    found = failed(outcome.report)
    assert [kind for name, kind in found.items() if name.startswith(check)] == [severity], found
    if severity == "fail":
        assert not (ashore.data / "stage/launches/_delta_log").exists()
