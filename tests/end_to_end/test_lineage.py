"""Lineage as a receiver of OpenLineage gets it, judged by the models of its Python client."""

import enum
import importlib
import json
import pkgutil
import signal
import types
import typing

import attr
import harness
import openlineage.client.generated as generated
from openlineage.client.event_v2 import RunEvent

MODULES = [importlib.import_module(f"{generated.__name__}.{module.name}") for module in pkgutil.iter_modules(generated.__path__)]
# The published schemas by their urls.
FACETS = {kind._get_schema(): kind for module in MODULES for kind in vars(module).values()
          if isinstance(kind, type) and attr.has(kind) and hasattr(kind, "_get_schema")}
PARENT = "airflow/spacex.daily.run/01941f29-7c00-7ae7-8b25-9a2e2e1c3f00"


def built(kind, value):
    """The value as the client's model of it; a key that it lacks or does not know is an error."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        [inner] = [each for each in arguments if each is not type(None)]
        return None if value is None else built(inner, value)
    if origin is list:
        return [built(arguments[0], each) for each in value]
    if origin is dict:
        return {key: built(arguments[1], each) for key, each in value.items()}
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return kind(value)
    if isinstance(kind, type) and attr.has(kind):
        value = dict(value)
        if "_schemaURL" in value:
            kind = FACETS[value.pop("_schemaURL")]
            assert value.pop("_producer").startswith("urn:ashore:")
            if kind.__name__ == "RunFacet":  # one of our own: any fields
                return value
        if kind is RunEvent:
            assert FACETS[value.pop("schemaURL")] is kind
        hints = typing.get_type_hints(kind)
        return kind(**{key: built(hints[key], each) for key, each in value.items()})
    assert kind in (typing.Any, object) or isinstance(value, kind), f"{value!r} is no {kind}"
    return value


class Receiver(harness.Server):
    """Takes events at the path where clients send them."""

    def __init__(self, status=201):
        super().__init__(lambda _: harness.Reply(status=status))

    @property
    def events(self):
        assert {(request.method, request.path) for request in self.requests} <= {("POST", "/api/v1/lineage")}
        for request in self.requests:
            built(RunEvent, request.json)
        return [request.json for request in self.requests]


def kinds(events):
    return [event["eventType"] for event in events]


def test_a_run_tells_what_it_read_and_wrote(ashore):
    with Receiver() as receiver:
        ashore.run("--source-url", "embedded:", "--start-date", "2006-01-01", "--run-id", "one",
                   variables={"OPENLINEAGE_URL": receiver.url, "OPENLINEAGE_NAMESPACE": "house", "OPENLINEAGE_API_KEY": "k3y",
                              "OPENLINEAGE_PARENT_ID": PARENT})
        events = receiver.events
        assert {request.headers["Authorization"] for request in receiver.requests} == {"Bearer k3y"}
    assert kinds(events) == ["START", *["RUNNING"] * 6, "COMPLETE"]
    assert len({event["run"]["runId"] for event in events}) == 1
    end = events[-1]
    assert (end["job"]["namespace"], end["job"]["name"]) == ("house", "spacex")
    assert end["run"]["facets"]["parent"]["job"] == {"namespace": "airflow", "name": "spacex.daily.run"}
    assert end["run"]["facets"]["nominalTime"]["nominalStartTime"] == "2006-01-01T00:00:00Z"
    assert (end["inputs"][0]["namespace"], end["inputs"][0]["name"]) == ("ashore", "embedded/v5/launches/query")
    checks = [len(each["inputFacets"]["dataQualityAssertions"]["assertions"]) for each in end["inputs"][1:]]
    assert sum(checks) == 19
    outputs = {(each["namespace"], each["name"]): each for each in end["outputs"]}
    launches = outputs["file", str(ashore.table("launches"))]
    assert launches["outputFacets"]["outputStatistics"]["rowCount"] == 205
    fields = {field["name"]: field["type"] for field in launches["facets"]["schema"]["fields"]}
    assert fields["date_utc"] == "timestamp"
    origins = launches["facets"]["columnLineage"]["fields"]
    assert set(origins) == set(fields)
    assert [(each["name"], each["field"]) for each in origins["webcast"]["inputFields"]] == [("embedded/v5/launches/query", "/links/webcast")]
    cores = outputs["file", str(ashore.table("cores"))]["facets"]["columnLineage"]["fields"]
    assert cores["landpad"]["inputFields"][0]["field"] == "/cores/*/landpad"
    assert cores["p_creation_date"]["inputFields"][0]["field"] == "/date_utc"
    loaded = outputs[f"duckdb://{ashore.warehouse()}", "main.cores"]
    assert loaded["facets"]["columnLineage"]["fields"]["core_id"]["inputFields"][0]["name"] == str(ashore.table("cores"))


def test_stages_by_hand_make_a_chain(ashore, tmp_path):
    path = tmp_path / "lineage.jsonl"
    for stage in ("extract", "transform", "merge", "audit", "publish", "load"):
        ashore.good(stage, "--run-id", "one", *(["--source-url", "embedded:"] if stage in ("extract", "merge", "publish") else []),
                    variables={"OPENLINEAGE_URL": f"file:{path}"})
    events = [json.loads(line) for line in path.read_text().splitlines()]
    for event in events:
        built(RunEvent, event)
    ends = [event for event in events if event["eventType"] == "COMPLETE"]
    assert [event["job"]["name"] for event in ends] == [f"spacex.{stage}" for stage in
                                                       ("extract", "transform", "merge", "audit", "publish", "load")]
    written, read = ({(each["namespace"], each["name"]) for event in ends for each in event[key]} for key in ("outputs", "inputs"))
    assert len(written) == 1 + 2 + 2
    assert {each for each in read if each not in written} == {("ashore", "embedded/v5/launches/query")}
    assert len({event["run"]["runId"] for event in ends}) == 6


def test_what_fails_is_told_with_its_message(ashore):
    with Receiver() as receiver:
        outcome = ashore("run", "--source-url", f"http://127.0.0.1:{harness.closed_port()}", variables={"OPENLINEAGE_URL": receiver.url})
        assert outcome.code == 1
        assert kinds(receiver.events) == ["START", "FAIL"]
        assert "no answer" in receiver.events[-1]["run"]["facets"]["errorMessage"]["message"]


def test_what_is_stopped_is_aborted(ashore):
    with Receiver() as receiver, harness.stand_in_api("--latency", "60s", home=ashore.folder) as url:
        process = ashore.start("run", "--source-url", url, "--log-format", "json", variables={"OPENLINEAGE_URL": receiver.url})
        assert "RunStarted" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=harness.SECONDS_MAX)
        assert process.returncode == 130
        assert kinds(receiver.events) == ["START", "ABORT"]


def test_a_dead_receiver_is_said_once_and_the_run_goes_on(ashore):
    url = f"http://127.0.0.1:{harness.closed_port()}"
    outcome = ashore.good("run", "--source-url", "embedded:", variables={"OPENLINEAGE_URL": url})
    assert outcome.stderr.count("OpenLineage") == 1
    with Receiver(status=503) as receiver:
        outcome = ashore.good("run", "--source-url", "embedded:", variables={"OPENLINEAGE_URL": receiver.url})
        assert outcome.stderr.count("OpenLineage") == 1
        assert "503" in outcome.stderr
        assert len(receiver.requests) == 1


def test_it_is_off_when_it_is_not_asked_for(ashore):
    with Receiver() as receiver:
        ashore.good("run", "--source-url", "embedded:", variables={"OPENLINEAGE_URL": receiver.url, "OPENLINEAGE_DISABLED": "true"})
        assert receiver.requests == []


def test_wrong_variables_are_named(ashore):
    for variables, words in (({"OPENLINEAGE_URL": "lineage.example"}, ("OPENLINEAGE_URL",)),
                             ({"OPENLINEAGE_URL": "http://u:secret@h"}, ("OPENLINEAGE_URL", "OPENLINEAGE_API_KEY")),
                             ({"OPENLINEAGE_URL": "file:x", "OPENLINEAGE_PARENT_ID": "a/b/c"}, ("OPENLINEAGE_PARENT_ID", "UUID"))):
        outcome = ashore("run", "--source-url", "embedded:", variables=variables)
        assert outcome.code == 2
        outcome.says(*words)
        assert "secret" not in outcome.stderr
