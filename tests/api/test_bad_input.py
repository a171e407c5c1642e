"""What bad input gets: a clear problem, and nothing is lost."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from doors import APPROVAL, PAYMENT, START, Browser, deploy, diagram, start
from flask.testing import FlaskClient

from api import create_app
from api.config import Config
from engine import Engine, errors

Machine = Callable[..., Callable[..., Any]]
SignIn = Callable[[str], Browser]

XML_BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><definitions>&c;</definitions>'
)
FOREIGN_FILE = (
    b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t">'
    b'<process id="p" isExecutable="true"><documentation>&f;</documentation></process></definitions>'
)


def deployment(ada: Browser, content: bytes) -> Any:
    return ada.call(
        "POST",
        "/deployments",
        data={"files": (io.BytesIO(content), "drawn.bpmn")},
        content_type="multipart/form-data",
    )


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not xml at all",
        b"<definitions",
        b"\x00\x01\x02",
        XML_BOMB,
        FOREIGN_FILE,
        b"<a>" * 10_000 + b"</a>" * 10_000,
        b'<?xml version="1.0" encoding="UTF-16"?><definitions/>',
        diagram(START + '<adHocSubProcess id="odd"/><endEvent id="end"/>', "start", "odd", "end"),
        diagram(START + '<task id="twice"/><task id="twice"/><endEvent id="end"/>', "start", "twice", "end"),
    ],
    ids=[
        *("empty", "no xml", "cut off", "binary", "bomb", "foreign file", "deep", "wrong encoding"),
        *("unknown element", "one id twice"),
    ],
)
def test_a_file_that_cannot_run_is_refused_with_its_problems(as_person: SignIn, content: bytes) -> None:
    ada = as_person("ada")

    refused = deployment(ada, content)

    assert refused.status_code == 422, refused.text
    assert refused.json["type"] == "urn:signalbox:problem:deployment_refused"
    for problem in refused.json["problems"]:
        assert problem["message"]
        assert problem["code"]
        assert problem["file"] == "drawn.bpmn"
    assert any(problem["severity"] == "error" for problem in refused.json["problems"])
    assert "root:" not in refused.text, "the content of a file of the server"
    checked = ada.call("POST", "/check", data=content, content_type="application/xml").json
    assert checked["deployable"] is False


def test_all_problems_come_at_once_with_their_places(as_person: SignIn) -> None:
    content = diagram(
        START + '<adHocSubProcess id="odd"/>\n<serviceTask id="idle"/>\n<endEvent id="end"/>',
        *("start", "odd", "idle", "end"),
    )

    problems = deployment(as_person("ada"), content).json["problems"]

    assert {problem["element_id"] for problem in problems} >= {"odd", "idle"}
    assert all(problem["line"] for problem in problems)


def test_a_refused_file_changes_nothing(as_person: SignIn) -> None:
    ada = as_person("ada")
    files = [(io.BytesIO(APPROVAL), "good.bpmn"), (io.BytesIO(b"bad"), "bad.bpmn")]

    refused = ada.call("POST", "/deployments", data={"files": files}, content_type="multipart/form-data")

    assert refused.status_code == 422
    assert ada.get("/process-definitions").json["items"] == []


def test_a_deployment_needs_a_file(as_person: SignIn) -> None:
    ada = as_person("ada")

    assert ada.post("/deployments", data={}, content_type="multipart/form-data").status_code == 400
    assert ada.post("/deployments", {"files": []}).status_code == 415
    assert ada.call("POST", "/deployments", data=b"--x", content_type="multipart/form-data").status_code == 400


def test_a_file_beyond_the_limit_is_too_large(engine: Engine) -> None:
    ada = Browser(create_app(engine, Config(max_upload_bytes=2_000)).test_client(), "ada")

    answers = [
        deployment(ada, APPROVAL + b" " * 4_000),
        ada.call("POST", "/check", data=APPROVAL + b" " * 4_000, content_type="application/xml"),
        ada.post("/drafts", {"name": "d", "xml": " " * 4_000}),
    ]

    assert [answer.status_code for answer in answers] == [413, 413, 413]
    assert {answer.mimetype for answer in answers} == {"application/problem+json"}


@pytest.mark.parametrize(
    ("variables", "status"),
    [([1], 400), ("text", 400), (None, 400), (7, 400), ({"a": {"b": 1}}, 201)],
    ids=["list", "text", "null", "number", "object"],
)
def test_variables_must_be_an_object(machine: Machine, engine: Engine, variables: Any, status: int) -> None:
    deploy(engine, APPROVAL)

    answer = machine("operator")(
        "POST", "/process-instances", json={"definition_key": "approval", "variables": variables}
    )

    assert answer.status_code == status
    if status == 400:
        assert answer.json["errors"][0]["field"] == "variables"


def test_two_megabytes_of_variables_are_too_large(machine: Machine, engine: Engine) -> None:
    deploy(engine, APPROVAL)
    operator = machine("operator")

    for size in (1_100_000, 2_000_000):
        variables = {"text": "x" * size}
        answer = operator("POST", "/process-instances", json={"definition_key": "approval", "variables": variables})
        assert (answer.status_code, answer.json["type"]) == (413, "urn:signalbox:problem:too_large")
    assert operator("GET", "/process-instances").json["items"] == []


@pytest.mark.parametrize(("depth", "status"), [(60, 201), (70, 400), (100_000, 400)])
def test_variables_are_not_nested_without_end(machine: Machine, engine: Engine, depth: int, status: int) -> None:
    deploy(engine, APPROVAL)
    body = b'{"definition_key":"approval","variables":{"a":' + b"[" * depth + b"1" + b"]" * depth + b"}}"

    answer = machine("operator")("POST", "/process-instances", data=body, content_type="application/json")

    assert answer.status_code == status, answer.text


@pytest.mark.parametrize(
    "body",
    [b"{", b"[]", b"null", b'"text"', b"\xff\xfe", b'{"definition_key": NaN}', b'{"a": "\\ud800"}', b"{}{}"],
    ids=["cut off", "list", "null", "text", "no utf-8", "nan", "surrogate", "two"],
)
def test_a_body_that_is_no_json_object_is_not_valid(machine: Machine, body: bytes) -> None:
    answer = machine("operator")("POST", "/process-instances", data=body, content_type="application/json")

    assert (answer.status_code, answer.json["type"]) == (400, "urn:signalbox:problem:invalid")


def test_a_character_that_no_database_holds_is_not_valid(machine: Machine, engine: Engine) -> None:
    deploy(engine, APPROVAL)
    operator = machine("operator")
    nul, word = chr(0), chr(92) + "u0000"  # the character, and six characters that only look like its escape

    refused = operator("POST", "/process-instances", json={"definition_key": "approval", "business_key": nul})
    taken = operator("POST", "/process-instances", json={"definition_key": "approval", "variables": {"a": word}})

    assert refused.status_code == 400
    assert taken.status_code == 201
    assert operator("GET", "/process-instances?business_key=%00").status_code == 400
    assert operator("GET", "/process-instances/%00").status_code in (400, 404)


def test_a_body_of_another_kind_is_not_supported(machine: Machine) -> None:
    operator = machine("operator")

    answer = operator("POST", "/process-instances", data=b"definition_key=a", content_type="text/plain")

    assert answer.status_code == 415
    assert machine("analyst")("POST", "/check", data=b"<a/>", content_type="text/plain").status_code == 415


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/process-instances?limit=many", "limit"),
        ("/process-instances?limit=0", "limit"),
        ("/process-instances?limit=100000", "limit"),
        ("/process-instances?state=odd", "state"),
        ("/process-instances?colour=red", "colour"),
        ("/process-instances?state=active&state=completed", "state"),
        ("/process-instances?incidents=perhaps", "incidents"),
    ],
)
def test_a_wrong_parameter_is_named(machine: Machine, path: str, field: str) -> None:
    answer = machine("operator")("GET", path)

    assert answer.status_code == 400
    assert answer.json["errors"][0]["field"] == field


@pytest.mark.parametrize("path", ["/process-instances", "/user-tasks", "/incidents", "/jobs", "/process-definitions"])
def test_a_cursor_that_was_not_given_out_is_not_valid(machine: Machine, path: str) -> None:
    assert machine("operator")("GET", f"{path}?cursor=invented").status_code == 400


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"definition_key": 7}, "definition_key"),
        ({"definition_key": "a", "colour": "red"}, "colour"),
        ({"definition_key": "a", "business_key": "x" * 300}, "business_key"),
    ],
)
def test_a_wrong_field_is_named(machine: Machine, body: dict[str, Any], field: str) -> None:
    answer = machine("operator")("POST", "/process-instances", json=body)

    assert answer.status_code == 400
    assert answer.json["errors"][0]["field"] == field


def test_the_path_decides_not_the_body(machine: Machine, engine: Engine) -> None:
    deploy(engine, APPROVAL)
    instance = start(engine, "approval")

    answer = machine("operator")(
        "POST", f"/process-instances/{instance.id}/variables", json={"id": "another", "variables": {}}
    )

    assert answer.status_code == 400
    assert answer.json["errors"][0]["field"] == "id"


def test_a_task_cannot_be_completed_twice(as_person: SignIn, engine: Engine) -> None:
    deploy(engine, APPROVAL)
    start(engine, "approval")
    ben = as_person("ben")
    [task] = ben.get("/user-tasks").json["items"]
    done = {"variables": {"approved": True}}
    ben.post(f"/user-tasks/{task['id']}/complete", done)

    again = ben.post(f"/user-tasks/{task['id']}/complete", done)

    assert (again.status_code, again.json["type"]) == (409, "urn:signalbox:problem:conflict")


def test_a_task_of_somebody_else_cannot_be_completed(as_person: SignIn, engine: Engine) -> None:
    deploy(engine, APPROVAL)
    start(engine, "approval")
    ben, cleo, dan = as_person("ben"), as_person("cleo"), as_person("dan")
    [task] = ben.get("/user-tasks").json["items"]
    ben.post(f"/user-tasks/{task['id']}/claim")
    done = {"variables": {"approved": True}}

    taken = cleo.post(f"/user-tasks/{task['id']}/complete", done)
    unseen = dan.post(f"/user-tasks/{task['id']}/complete", done)

    assert (taken.status_code, taken.json["assignee"]) == (409, "ben")
    assert unseen.status_code in (403, 404)
    assert ben.get(f"/user-tasks/{task['id']}").json["state"] == "open"


def test_a_form_is_checked_field_by_field(as_person: SignIn, engine: Engine) -> None:
    deploy(engine, APPROVAL)
    start(engine, "approval")
    ben = as_person("ben")
    [task] = ben.get("/user-tasks").json["items"]

    missing = ben.post(f"/user-tasks/{task['id']}/complete", {"variables": {}})
    wrong = ben.post(f"/user-tasks/{task['id']}/complete", {"variables": {"approved": "perhaps"}})

    for answer in (missing, wrong):
        assert answer.status_code == 400
        assert "approved" in answer.json["errors"][0]["field"]


def test_a_job_needs_the_right_lock(machine: Machine, engine: Engine) -> None:
    deploy(engine, PAYMENT)
    start(engine, "payment")
    worker = machine("worker")
    fetch = {"worker_id": "w", "topics": [{"name": "payment"}]}
    [job] = worker("POST", "/jobs/fetch", json=fetch).json["items"]

    for verb, more in (("complete", {}), ("fail", {"message": "x"}), ("extend", {"lock_seconds": 9}), ("unlock", {})):
        answer = worker("POST", f"/jobs/{job['id']}/{verb}", json={"token": "guessed", **more})
        assert (answer.status_code, answer.json["type"]) == (409, "urn:signalbox:problem:lock_lost"), verb
    assert worker("POST", f"/jobs/{job['id']}/complete", json={"token": job["token"]}).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/process-instances/unknown"),
        ("DELETE", "/process-instances/unknown"),
        ("GET", "/process-instances/unknown/activities"),
        ("GET", "/process-instances/unknown/variables"),
        ("GET", "/process-definitions/unknown"),
        ("GET", "/process-definitions/unknown/xml"),
        ("GET", "/user-tasks/unknown"),
        ("POST", "/user-tasks/unknown/claim"),
        ("GET", "/jobs/unknown"),
        ("POST", "/incidents/unknown/retry"),
        ("GET", "/drafts/unknown"),
        ("DELETE", "/tokens/unknown"),
        ("GET", "/no-such-noun"),
    ],
)
def test_unknown_ids_are_not_found(machine: Machine, method: str, path: str) -> None:
    answer = machine("administrator")(method, path)

    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"
    assert answer.json["instance"] == f"/api/v1{path}"
    assert answer.json["request_id"] == answer.headers["X-Request-Id"]


def test_a_method_that_a_call_does_not_have_is_named(machine: Machine) -> None:
    answer = machine("operator")("PATCH", "/process-instances")

    assert answer.status_code == 405
    assert answer.json["title"] == "Method Not Allowed"
    assert "GET" in answer.headers["Allow"]


def test_an_unknown_process_cannot_be_started(machine: Machine) -> None:
    answer = machine("operator")("POST", "/process-instances", json={"definition_key": "unknown"})

    assert answer.status_code == 404
    assert "unknown" in answer.json["detail"]


def test_a_script_that_never_ends_or_eats_memory_becomes_an_incident(machine: Machine, engine: Engine) -> None:
    scripts = {"endless": "while True:\n    pass", "hungry": "x = [0]\nwhile True:\n    x = x + x"}
    for key, script in scripts.items():
        inside = f'{START}<scriptTask id="work"><script>{script}</script></scriptTask><endEvent id="end"/>'
        deploy(engine, diagram(inside, "start", "work", "end", key=key))
    operator = machine("operator")

    for key in scripts:
        started = operator("POST", "/process-instances", json={"definition_key": key})
        assert (started.status_code, started.json["incidents"]) == (201, 1), key
        [incident] = operator("GET", f"/incidents?process_instance_id={started.json['id']}").json["items"]
        assert incident["element_id"] == "work"
    assert operator("GET", "/process-instances").status_code == 200


def test_a_fault_of_the_server_says_no_more_than_its_request_id(
    as_person: SignIn, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = as_person("root")

    def break_down(*_: Any) -> Any:
        raise RuntimeError("password of the database")

    monkeypatch.setattr(engine, "read", break_down)
    answer = root.get("/users")

    assert (answer.status_code, answer.json["type"]) == (500, "urn:signalbox:problem:internal")
    assert "password" not in answer.text


def test_a_database_that_does_not_answer_is_unavailable(
    as_person: SignIn, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = as_person("root")

    def busy(*_: Any) -> Any:
        raise errors.Unavailable("the database is busy; try again")

    monkeypatch.setattr(engine, "read", busy)
    assert root.get("/users").status_code == 503


def test_an_answer_is_json_also_where_nobody_asked_for_it(nobody: FlaskClient) -> None:
    answer = nobody.get("/api/v1/users", headers={"Accept": "text/html"})

    assert json.loads(answer.data)["status"] == 401
