"""The calls of the REST API, each with the real engine behind it."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from doors import APPROVAL, BROKEN_SCRIPT, PAYMENT, Browser, deploy, start

from engine import Engine

Machine = Callable[..., Callable[..., Any]]
SignIn = Callable[[str], Browser]


def upload(**files: bytes) -> dict[str, Any]:
    return {
        "data": {"files": [(io.BytesIO(content), f"{name}.bpmn") for name, content in files.items()]},
        "content_type": "multipart/form-data",
    }


def test_a_diagram_is_deployed_started_approved_and_ends(as_person: SignIn) -> None:
    ada, ben = as_person("ada"), as_person("ben")

    deployed = ada.post("/deployments", **upload(approval=APPROVAL))
    assert deployed.status_code == 201
    assert [each["key"] for each in deployed.json["definitions"]] == ["approval"]

    started = ada.post("/process-instances", {"definition_key": "approval", "variables": {"amount": 12}})
    assert started.status_code == 201
    instance = started.json["id"]

    [task] = ben.get("/user-tasks?view=claimable").json["items"]
    assert (task["name"], task["assignee"], task["process_instance_id"]) == ("Approve", None, instance)
    assert ben.get("/user-tasks/count").json == {"mine": 0, "claimable": 1}
    assert ben.post(f"/user-tasks/{task['id']}/claim").json["assignee"] == "ben"
    assert ben.get(f"/user-tasks/{task['id']}").json["variables"]["amount"] == 12
    assert ben.get("/user-tasks/count").json == {"mine": 1, "claimable": 0}

    completed = ben.post(f"/user-tasks/{task['id']}/complete", {"variables": {"approved": True}})
    assert (completed.status_code, completed.json["state"]) == (200, "completed")
    assert ada.get(f"/process-instances/{instance}").json["state"] == "completed"
    activities = ada.get(f"/process-instances/{instance}/activities").json["items"]
    assert [each["element_id"] for each in activities] == ["start", "approve", "end"]
    variables = ada.get(f"/process-instances/{instance}/variables").json["items"]
    assert {each["name"]: each["value"] for each in variables} == {"amount": 12, "approved": True}
    events = ada.get(f"/process-instances/{instance}/events").json
    assert events["items"][0]["kind"] == "instance.started"
    assert ada.get(f"/process-instances/{instance}/events?after={events['next_cursor']}").json["items"] == []


def test_the_same_file_again_makes_no_new_version(as_person: SignIn) -> None:
    ada = as_person("ada")
    ada.post("/deployments", **upload(approval=APPROVAL))

    again = ada.post("/deployments", **upload(approval=APPROVAL))

    assert (again.status_code, again.json["created"]) == (200, False)
    assert [each["version"] for each in ada.get("/process-definitions?latest=false").json["items"]] == [1]


def test_a_definition_gives_its_xml_and_statistics(as_person: SignIn, engine: Engine) -> None:
    deploy(engine, APPROVAL)
    start(engine, "approval")
    ada = as_person("ada")
    [definition] = ada.get("/process-definitions?key=approval").json["items"]

    xml = ada.get(f"/process-definitions/{definition['id']}/xml")
    statistics = ada.get(f"/process-definitions/{definition['id']}/statistics").json

    assert xml.mimetype == "application/xml"
    assert xml.data == APPROVAL
    assert ada.get(f"/process-definitions/{definition['id']}").json == definition
    assert {each["element_id"]: each["active"] for each in statistics["elements"]}["approve"] == 1


def test_a_draft_is_saved_changed_checked_and_deleted(as_person: SignIn) -> None:
    ada = as_person("ada")
    draft = ada.post("/drafts", {"name": "Approval", "xml": APPROVAL.decode()})
    assert draft.status_code == 201
    address = f"/drafts/{draft.json['id']}"

    changed = ada.call("PUT", address, json={"name": "Approval 2", "xml": "<broken", "version": draft.json["version"]})
    assert changed.status_code == 200
    outdated = ada.call("PUT", address, json={"name": "Mine", "xml": "", "version": draft.json["version"]})
    assert (outdated.status_code, outdated.json["type"]) == (409, "urn:signalbox:problem:version_conflict")
    assert [each["name"] for each in ada.get("/drafts").json["items"]] == ["Approval 2"]
    assert ada.get(address).json["xml"] == "<broken"
    assert ada.post(f"{address}/check").json["deployable"] is False
    assert ada.call("DELETE", address).status_code == 204
    assert ada.get(address).status_code == 404


def test_a_diagram_is_checked_as_xml_and_as_json(as_person: SignIn) -> None:
    ada = as_person("ada")

    as_xml = ada.call("POST", "/check", data=APPROVAL, content_type="application/xml")
    as_json = ada.post("/check", {"xml": APPROVAL.decode()})

    assert as_xml.json == as_json.json == {"deployable": True, "problems": []}


def test_a_job_is_fetched_extended_failed_and_completed(machine: Machine, engine: Engine) -> None:
    deploy(engine, PAYMENT)
    instance = start(engine, "payment", amount=5)
    worker = machine("worker")
    fetch = {"worker_id": "w", "topics": [{"name": "payment"}], "lock_seconds": 30}

    [job] = worker("POST", "/jobs/fetch", json=fetch).json["items"]
    assert (job["topic"], job["variables"], job["retries"]) == ("payment", {"amount": 5}, 2)
    address = f"/jobs/{job['id']}"
    extended = worker("POST", f"{address}/extend", json={"token": job["token"], "lock_seconds": 90}).json
    assert extended["lock_expires_at"] > job["lock_expires_at"]
    failed = worker("POST", f"{address}/fail", json={"token": job["token"], "message": "The bank is closed"}).json
    assert failed["retries"] == 1

    [job] = worker("POST", "/jobs/fetch", json=fetch).json["items"]
    assert worker("POST", f"{address}/unlock", json={"token": job["token"]}).json["state"] == "unlocked"
    [job] = worker("POST", "/jobs/fetch", json=fetch).json["items"]
    completed = {"token": job["token"], "variables": {"paid": True}}
    assert worker("POST", f"{address}/complete", json=completed).json["state"] == "completed"
    assert worker("POST", f"{address}/complete", json=completed).json["state"] == "completed", "the same answer again"
    operator = machine("operator")
    assert operator("GET", f"/process-instances/{instance.id}").json["state"] == "completed"


def test_an_operator_finds_and_retries_what_is_stuck(machine: Machine, engine: Engine) -> None:
    deploy(engine, PAYMENT, BROKEN_SCRIPT)
    start(engine, "payment")
    broken = start(engine, "broken")
    worker, operator = machine("worker"), machine("operator")
    fetch = {"worker_id": "w", "topics": [{"name": "payment"}]}
    [job] = worker("POST", "/jobs/fetch", json=fetch).json["items"]
    worker("POST", f"/jobs/{job['id']}/fail", json={"token": job["token"], "message": "no", "retries": 0})

    incidents = {each["kind"]: each for each in operator("GET", "/incidents").json["items"]}
    assert incidents["job_failed"]["message"] == "no"
    assert operator("GET", f"/jobs/{job['id']}").json["state"] == "failed"
    assert [each["id"] for each in operator("GET", "/jobs?state=failed").json["items"]] == [job["id"]]
    assert operator("POST", f"/jobs/{job['id']}/retry", json={"retries": 2}).json["state"] == "available"

    [script] = operator("GET", f"/incidents?process_instance_id={broken.id}").json["items"]
    assert script["element_id"] == "sum"
    assert operator("GET", "/process-instances?incidents=true").json["items"][0]["id"] == broken.id
    operator("POST", f"/process-instances/{broken.id}/variables", json={"variables": {"missing": 1}})
    assert operator("POST", f"/incidents/{script['id']}/retry").json["state"] == "resolved"
    assert operator("GET", f"/process-instances/{broken.id}").json["state"] == "completed"


def test_an_instance_is_suspended_resumed_and_cancelled(as_person: SignIn, machine: Machine, engine: Engine) -> None:
    deploy(engine, APPROVAL)
    instance = start(engine, "approval")
    operator = machine("operator")
    address = f"/process-instances/{instance.id}"

    assert operator("POST", f"{address}/suspend").json["state"] == "suspended"
    [task] = operator("GET", f"/user-tasks?process_instance_id={instance.id}").json["items"]
    assert as_person("ben").post(f"/user-tasks/{task['id']}/claim").status_code == 409
    assert operator("POST", f"{address}/resume").json["state"] == "active"
    assert operator("DELETE", f"{address}?reason=not+needed").json["state"] == "cancelled"
    assert operator("POST", f"{address}/resume").status_code == 409


def test_tasks_are_handed_on_and_given_back(as_person: SignIn, machine: Machine, engine: Engine) -> None:
    deploy(engine, APPROVAL)
    start(engine, "approval")
    operator, ben, cleo = machine("operator"), as_person("ben"), as_person("cleo")
    [task] = ben.get("/user-tasks").json["items"]
    address = f"/user-tasks/{task['id']}"

    assert operator("POST", f"{address}/assign", json={"assignee": "ben"}).json["assignee"] == "ben"
    taken = cleo.post(f"{address}/claim")
    assert (taken.status_code, taken.json["assignee"]) == (409, "ben")
    assert taken.json["type"] == "urn:signalbox:problem:already_claimed"
    assert ben.post(f"{address}/unclaim").json["assignee"] is None
    assert cleo.post(f"{address}/claim").json["assignee"] == "cleo"


def test_a_message_nobody_waits_for_is_not_found(machine: Machine) -> None:
    answer = machine("operator")("POST", "/messages", json={"name": "paid", "business_key": "E-1"})

    assert answer.status_code == 404
    assert "paid" in answer.json["detail"]


def test_people_and_tokens_are_made_and_removed(as_person: SignIn, nobody: Any) -> None:
    root = as_person("root")

    made = root.post("/users", {"name": "eve", "password": "long enough", "roles": ["participant"]})
    assert made.status_code == 201
    assert root.post("/users", {"name": "eve", "password": "long enough"}).status_code == 409
    assert "eve" in [each["name"] for each in root.get("/users").json["items"]]
    assert root.post("/users/eve/password", {"password": "another one"}).status_code == 200
    assert nobody.post("/api/v1/session", json={"name": "eve", "password": "another one"}).status_code == 200

    token = root.post("/tokens", {"name": "mailer", "roles": ["worker"]})
    assert token.status_code == 201
    bearer = {"Authorization": f"Bearer {token.json['secret']}"}
    fetch = {"worker_id": "w", "topics": [{"name": "mail"}]}
    assert nobody.post("/api/v1/jobs/fetch", json=fetch, headers=bearer).status_code == 200
    assert [each["name"] for each in root.get("/tokens").json["items"]] == ["mailer"]
    assert root.call("DELETE", f"/tokens/{token.json['token']['id']}").status_code == 204
    assert nobody.post("/api/v1/jobs/fetch", json=fetch, headers=bearer).status_code == 401


def test_lists_go_on_where_a_page_ended(machine: Machine, engine: Engine) -> None:
    deploy(engine, APPROVAL)
    ids = [start(engine, "approval").id for _ in range(3)]
    operator = machine("operator")

    first = operator("GET", "/process-instances?limit=2").json
    rest = operator("GET", f"/process-instances?limit=2&cursor={first['next_cursor']}").json

    assert [each["id"] for each in [*first["items"], *rest["items"]]] == list(reversed(ids))
    assert rest["next_cursor"] is None


def test_deployments_are_listed(as_person: SignIn) -> None:
    ada = as_person("ada")
    ada.post("/deployments", data={"name": "first", "files": (io.BytesIO(APPROVAL), "a.bpmn")})

    [deployment] = ada.get("/deployments").json["items"]

    assert (deployment["name"], deployment["deployed_by"]) == ("first", "ada")
