"""What hostile or careless callers send to messages, signals, errors, ad-hoc activities and data stores gets a clear
problem, on both databases, and never a failure of the server."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from doors import START, deploy, diagram, make_token, start

from api import create_app
from api.config import Config
from engine import Engine, Settings, open_engine
from engine import commands as c
from engine import queries as q
from engine.actors import Actor, Role
from engine.errors import NotFound

Call = Callable[..., Any]

LONG = "x" * 256
NUL = "a\x00b"
SURROGATE = "\ud800"
#: Texts that a database may not be able to store, or that are too long for where they go.
TEXTS = [LONG, "x" * 100_000, NUL, SURROGATE, ""]
DEEP: Any = []
for _ in range(80):
    DEEP = [DEEP]

HEARS = diagram(
    START + '<intermediateCatchEvent id="hear"><messageEventDefinition messageRef="paid"/></intermediateCatchEvent>'
    '<endEvent id="end"/>',
    *("start", "hear", "end"),
    key="hears",
).replace(b"<process ", b'<message id="paid" name="paid"/><process ')
WORKS = diagram(
    START + '<serviceTask id="pay" signalbox:topic="pay"/><userTask id="ask"/><endEvent id="end"/>',
    *("start", "ask", "end"),
    key="works",
).replace(b"</process>", b'<sequenceFlow id="also" sourceRef="start" targetRef="pay"/></process>')
CHOOSES = diagram(
    START + '<adHocSubProcess id="choose"><manualTask id="one"/></adHocSubProcess><endEvent id="end"/>',
    *("start", "choose", "end"),
    key="chooses",
)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    opened = open_engine(Settings(database_url=database_url, data_stores=("prices",)))
    yield opened
    opened.close()


@pytest.fixture
def as_machine(engine: Engine) -> Callable[..., Call]:
    """A machine with a token of these roles."""
    app = create_app(engine, Config())
    app.testing = False  # a failure is answered as in earnest, not raised into the test
    app.config["PROPAGATE_EXCEPTIONS"] = False

    def with_roles(*roles: str) -> Call:
        headers = {"Authorization": f"Bearer {make_token(engine, *roles)}", "Content-Type": "application/json"}
        client = app.test_client()

        def call(method: str, path: str, body: Any = None) -> Any:
            data = None if body is None else json.dumps(body)
            return client.open(f"/api/v1{path}", method=method, headers=headers, data=data)

        return call

    return with_roles


@pytest.fixture
def call(as_machine: Callable[..., Call]) -> Call:
    return as_machine("administrator", "worker")


def clear(answer: Any, *also: int) -> None:
    """A refusal in words (or one of these), and no failure of ours."""
    assert answer.status_code in (400, 404, 409, 413, 422, *also), (answer.status_code, answer.text[:300])
    if answer.status_code >= 400:
        assert answer.json["type"].startswith("urn:signalbox:problem:")
        assert answer.json["detail"]


@pytest.mark.parametrize("kept", [0, 60])
@pytest.mark.parametrize("text", TEXTS)
def test_texts_in_a_message(call: Call, engine: Engine, text: str, kept: int) -> None:
    deploy(engine, HEARS)
    bodies = [
        {"name": text},
        {"name": "paid", "message_id": text},
        {"name": "other", "message_id": text},
        {"name": "other", "business_key": text},
        {"name": "other", "process_instance_id": text},
        {"name": "other", "keys": {text: 1}},
        {"name": "other", "keys": {"order": text}},
        {"name": "other", "variables": {text: 1}},
        {"name": "other", "variables": {"text": text}},
    ]
    for body in bodies:
        clear(call("POST", "/messages", {"time_to_live_seconds": kept, **body}), 200)


@pytest.mark.parametrize(
    "keys",
    [
        {f"key{n}": n for n in range(9)},
        {f"key{n}": n for n in range(5_000)},
        {"order": DEEP},
        {"order": {"a": [1, {"b": None}]}},
        {"order": 10**400},
        {"order": 1e308 * 10},
        {"order": "x" * 900_000},
        [],
        "order",
        None,
    ],
    ids=["nine", "many", "deep", "object", "huge number", "infinity", "large", "list", "text", "null"],
)
@pytest.mark.parametrize("kept", [0, 60])
def test_keys_of_a_message(call: Call, engine: Engine, keys: Any, kept: int) -> None:
    deploy(engine, HEARS)
    start(engine, "hears")
    answer = call("POST", "/messages", {"name": "other", "keys": keys, "time_to_live_seconds": kept})
    clear(answer, 200)


@pytest.mark.parametrize("seconds", [-1, 1e400, "soon", 1e12, None])
def test_how_long_a_message_lives(call: Call, seconds: Any) -> None:
    clear(call("POST", "/messages", {"name": "other", "time_to_live_seconds": seconds}))


@pytest.mark.parametrize("text", TEXTS)
def test_texts_in_a_signal(call: Call, text: str) -> None:
    clear(call("POST", "/signals", {"name": text}), 200)
    clear(call("POST", "/signals", {"name": "bell", "variables": {"a": text}}), 200)
    clear(call("POST", "/signals", {"name": "bell", "variables": {"a": DEEP}}))


@pytest.mark.parametrize("text", TEXTS)
def test_texts_in_errors_and_escalations(call: Call, engine: Engine, text: str) -> None:
    deploy(engine, WORKS)
    for body in ({"code": text}, {"code": "a", "message": text}, {"code": "a", "variables": {"a": text}}):
        instance = start(engine, "works").id
        (job,) = call("POST", "/jobs/fetch", {"worker_id": "w", "topics": [{"name": "pay"}]}).json["items"]
        clear(call("POST", f"/jobs/{job['id']}/error", {"token": text, **body}))
        clear(call("POST", f"/jobs/{job['id']}/error", {"token": job["token"], **body}), 200)
        instance = start(engine, "works").id
        call("POST", "/jobs/fetch", {"worker_id": "w", "topics": [{"name": "pay"}]})
        (task,) = call("GET", f"/user-tasks?process_instance_id={instance}").json["items"]
        clear(call("POST", f"/user-tasks/{task['id']}/escalate", {"code": body["code"]}), 200)
        clear(call("POST", f"/user-tasks/{task['id']}/error", body), 200)


@pytest.mark.parametrize("text", [*TEXTS, "nobody.3", "../etc"])
def test_ids_that_nobody_has(call: Call, text: str) -> None:
    id = quote(text.encode("utf-8", "surrogatepass"), safe="") or "%20"
    for path, body in [
        (f"/jobs/{id}/error", {"token": "t", "code": "c"}),
        (f"/user-tasks/{id}/error", {"code": "c"}),
        (f"/user-tasks/{id}/escalate", {}),
        (f"/ad-hoc/{id}/start", {"element_id": "one"}),
        (f"/ad-hoc/{id}/complete", {}),
    ]:
        clear(call("POST", path, body), 405)
    clear(call("GET", f"/process-instances/{id}/waiting"), 405)
    clear(call("PUT", f"/data-stores/{id}", {"value": 1}), 405)


def test_ad_hoc_activities(call: Call, engine: Engine) -> None:
    deploy(engine, CHOOSES)
    instance = start(engine, "chooses")
    (open_one,) = call("GET", f"/process-instances/{instance.id}/waiting").json["items"]
    for text in [*TEXTS, "start", "choose", "end"]:
        clear(call("POST", f"/ad-hoc/{open_one['id']}/start", {"element_id": text}))
    clear(call("POST", f"/ad-hoc/{open_one['id']}/start", {"element_id": "one", "variables": {LONG: 1}}))
    clear(call("POST", f"/ad-hoc/{open_one['id']}/start", {"element_id": "one", "variables": {"a": DEEP}}))
    assert call("POST", f"/ad-hoc/{open_one['id']}/start", {"element_id": "one"}).status_code == 200


@pytest.mark.parametrize("value", [DEEP, "x" * 2_000_000, NUL, SURROGATE, 10**400, {LONG: 1, NUL: 2}, None])
def test_values_of_a_data_store(call: Call, value: Any) -> None:
    clear(call("PUT", "/data-stores/prices", {"value": value}), 200)
    assert call("GET", "/data-stores").status_code == 200


def test_others_see_and_change_nothing(call: Call, engine: Engine) -> None:
    deploy(engine, HEARS)
    deploy(engine, CHOOSES)
    waits, chooses = start(engine, "hears"), start(engine, "chooses")
    (open_one,) = call("GET", f"/process-instances/{chooses.id}/waiting").json["items"]
    stranger = Actor(name="eve", tenant_id="elsewhere", roles=frozenset({Role.ADMINISTRATOR, Role.WORKER}))
    for command in (
        c.CorrelateMessage(name="paid"),
        c.CorrelateMessage(name="paid", process_instance_id=waits.id),
        c.StartActivity(id=open_one["id"], element_id="one"),
        c.CompleteAdHoc(id=open_one["id"]),
    ):
        with pytest.raises(NotFound):
            engine.execute(command, stranger)
    for query in (q.GetWaiting(id=waits.id), q.GetProcessInstance(id=waits.id)):
        with pytest.raises(NotFound):
            engine.read(query, stranger)
    assert engine.execute(c.BroadcastSignal(name="bell"), stranger).receivers == 0
    engine.execute(c.SetDataStore(name="prices", value=9), stranger)
    assert [one["value"] for one in call("GET", "/data-stores").json["items"]] == [None]


def test_who_has_not_the_role_is_forbidden(as_machine: Callable[..., Call], engine: Engine) -> None:
    deploy(engine, CHOOSES)
    start(engine, "chooses")
    analyst, worker = as_machine("analyst"), as_machine("worker")
    for who, method, path, body in [
        (analyst, "POST", "/messages", {"name": "paid"}),
        (analyst, "POST", "/signals", {"name": "bell"}),
        (analyst, "POST", "/jobs/none/error", {"token": "t", "code": "c"}),
        (worker, "POST", "/user-tasks/none/error", {"code": "c"}),
        (worker, "POST", "/user-tasks/none/escalate", {}),
        (worker, "PUT", "/data-stores/prices", {"value": 1}),
    ]:
        answer = who(method, path, body)
        assert answer.status_code == 403, (path, answer.text)
