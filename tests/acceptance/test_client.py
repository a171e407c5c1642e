"""The client's calls against a real server: each verb, pages, refusals as typed problems."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
import pytest

from signalbox_client import (
    Client,
    Conflict,
    Forbidden,
    Invalid,
    LockLost,
    NotFound,
    Problem,
    Unauthenticated,
    Unavailable,
    Unreachable,
)

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
APPROVAL = EXAMPLES / "expense-approval" / "expense-approval.bpmn"
LARGE = {"amount": 240, "purpose": "a train ride"}


@pytest.fixture(scope="module")
def ada(server: Any) -> Iterator[Client]:
    """The analyst; the approval is deployed."""
    with server.person("ada") as client:
        client.deploy(APPROVAL)
        yield client


@pytest.fixture(scope="module")
def root(server: Any) -> Iterator[Client]:
    """The administrator."""
    with server.person("root") as client:
        yield client


@pytest.fixture(scope="module")
def ben(server: Any) -> Iterator[Client]:
    """An approver."""
    with server.person("ben") as client:
        yield client


def test_deploying_the_same_again_makes_no_new_version(ada: Client) -> None:
    again = ada.deploy(APPROVAL, name="once more")
    assert not again.created
    (definition,) = ada.definitions("expense-approval")
    assert [each.id for each in again.definitions] == [definition.id]
    assert definition.version == 1
    assert [field.name for field in definition.start_fields or []] == ["amount", "purpose", "spent_on"]
    assert ada.definition(definition.id) == definition
    assert ada.definition_xml(definition.id) == APPROVAL.read_bytes()


def test_a_refused_diagram_names_element_and_line(ada: Client) -> None:
    broken = APPROVAL.read_text().replace('targetRef="paid"', 'targetRef="nowhere"')
    assert not ada.check(broken).deployable
    with pytest.raises(Invalid) as refused:
        ada.deploy(("broken.bpmn", broken.encode()))
    assert refused.value.code == "deployment_refused"
    (first, *_) = refused.value.problems
    assert first["line"] > 1
    assert "broken.bpmn" in str(refused.value)
    assert ada.check(APPROVAL.read_bytes()).deployable


def test_lists_are_read_page_by_page(ada: Client, root: Client) -> None:
    started = [ada.start("expense-approval", LARGE, business_key="many").id for _ in range(60)]
    listed = [instance.id for instance in root.instances(business_key="many", state="active")]
    assert len(listed) == 60
    assert set(listed) == set(started)
    assert len(list(islice(root.user_tasks("all"), 55))) == 55


def test_a_task_goes_through_the_hands_of_people(ada: Client, ben: Client, root: Client, server: Any) -> None:
    instance = ada.start("expense-approval", LARGE)
    (task,) = ben.user_tasks("claimable", process_instance_id=instance.id)
    assert ben.claim(task.id).assignee == "ben"
    with server.person("cleo") as cleo:
        with pytest.raises(Conflict) as held:
            cleo.complete_user_task(task.id, {"decision": "approve"})
        assert held.value.code == "already_claimed"
        assert held.value.extra["assignee"] == "ben"
    assert ben.unclaim(task.id).assignee is None
    assert root.assign(task.id, "cleo").assignee == "cleo"
    assert root.assign(task.id, None).assignee is None
    done = ben.complete_user_task(task.id, {"decision": "reject", "comment": "no"})
    assert (done.state, done.completed_by) == ("completed", "ben")
    assert root.variables(instance.id)["comment"] == "no"


def test_an_instance_is_suspended_resumed_changed_and_cancelled(ada: Client, ben: Client, root: Client) -> None:
    instance = ada.start("expense-approval", LARGE)
    (task,) = ben.user_tasks("claimable", process_instance_id=instance.id)
    assert root.suspend(instance.id).state == "suspended"
    with pytest.raises(Conflict):
        ben.claim(task.id)
    assert root.resume(instance.id).state == "active"
    root.set_variables(instance.id, {"amount": 250})
    assert root.variables(instance.id)["amount"] == 250
    assert root.cancel(instance.id, "typed wrongly").state == "cancelled"
    assert not list(ben.user_tasks("claimable", process_instance_id=instance.id))


def test_a_job_is_fetched_extended_given_back_failed_and_retried(ada: Client, root: Client, server: Any) -> None:
    instance = ada.start("expense-approval", {"amount": 5, "purpose": "tea"})
    with server.machine("worker") as machine:
        (job,) = machine.fetch_jobs([{"name": "pay", "variables": ["amount"]}], worker_id="till")
        assert (job.variables, job.headers) == ({"amount": 5}, {"account": "expenses"})
        assert machine.extend_job(job, 120).state == "locked"
        assert machine.unlock_job(job).state == "unlocked"
        with pytest.raises(LockLost):
            machine.complete_job(job)
        (job,) = machine.fetch_jobs(["pay"], worker_id="till")
        assert machine.fail_job(job, "no change", detail="till 3", retries=0).retries == 0
        (failed,) = root.jobs(state="failed", process_instance_id=instance.id)
        assert failed.error_message == "no change"
        (incident,) = root.incidents(process_instance_id=instance.id)
        assert (incident.kind, incident.job_id, incident.retryable) == ("job_failed", job.id, True)
        assert root.retry_job(failed.id, retries=2).retries == 2
        assert not list(root.incidents(process_instance_id=instance.id))
        (job,) = machine.fetch_jobs(["pay"], worker_id="till", wait_seconds=5)
        assert machine.complete_job(job, {"payment": "P-1"}).state == "completed"
        assert machine.complete_job(job, {"payment": "P-1"}).state == "completed"
    assert root.instance(instance.id).state == "completed"


def test_events_are_read_on_from_a_cursor(ada: Client, root: Client) -> None:
    start = root.events("now").next_cursor
    instance = ada.start("expense-approval", LARGE)
    kinds = [event.kind for event in root.events(start, process_instance_id=instance.id).items]
    assert kinds[0] == "instance.started"
    assert "user_task.created" in kinds
    followed = islice(root.follow(start, process_instance_id=instance.id), len(kinds))
    assert [event.kind for event in followed] == kinds


def test_a_message_that_nobody_waits_for_is_not_found(root: Client) -> None:
    with pytest.raises(NotFound, match="order paid"):
        root.correlate("order paid", {"sum": 3}, business_key="nobody")


EVENTS = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="tests" '
    'xmlns:signalbox="urn:signalbox:schema:1.0"><bpmn:message id="paid" name="invoice paid"/>'
    '<bpmn:signal id="bell" name="closing time"/><bpmn:error id="broke" errorCode="no-money"/>'
    '<bpmn:process id="{key}" isExecutable="true"><bpmn:startEvent id="start"/>{body}<bpmn:endEvent id="end"/>'
    '<bpmn:sequenceFlow id="in" sourceRef="start" targetRef="it"/>'
    '<bpmn:sequenceFlow id="out" sourceRef="it" targetRef="end"/></bpmn:process></bpmn:definitions>'
)
AWAITS = (
    '<bpmn:receiveTask id="it" name="Money" messageRef="paid"><bpmn:extensionElements>'
    '<signalbox:correlation key="invoice" value="invoice"/></bpmn:extensionElements></bpmn:receiveTask>'
)
HEARS = (
    '<bpmn:intermediateCatchEvent id="it"><bpmn:signalEventDefinition signalRef="bell"/></bpmn:intermediateCatchEvent>'
)
ASKS = (
    '<bpmn:userTask id="it"/><bpmn:boundaryEvent id="oops" attachedToRef="it"><bpmn:errorEventDefinition '
    'errorRef="broke" signalbox:variable="error"/></bpmn:boundaryEvent><bpmn:endEvent id="other"/>'
    '<bpmn:sequenceFlow id="away" sourceRef="oops" targetRef="other"/>'
)
CHOICE = (
    '<bpmn:adHocSubProcess id="it"><bpmn:manualTask id="call"/><bpmn:manualTask id="visit"/></bpmn:adHocSubProcess>'
)


def deploy_events(ada: Client, key: str, body: str) -> None:
    ada.deploy((f"{key}.bpmn", EVENTS.format(key=key, body=body).encode()))


def test_a_message_finds_its_receiver_by_its_keys_and_is_taken_once(ada: Client, root: Client) -> None:
    deploy_events(ada, "awaits", AWAITS)
    seven, eight = ada.start("awaits", {"invoice": 7}), ada.start("awaits", {"invoice": 8})
    (waits,) = root.waiting(eight.id)
    assert (waits.kind, waits.name, waits.element_name, waits.keys) == (
        "message",
        "invoice paid",
        "Money",
        {"invoice": 8},
    )

    first = root.correlate("invoice paid", {"sum": 3}, keys={"invoice": 8}, message_id="bank-1")
    again = root.correlate("invoice paid", {"sum": 3}, keys={"invoice": 8}, message_id="bank-1")

    assert first == again
    assert (first.state, first.process_instance_id) == ("correlated", eight.id)
    assert root.instance(seven.id).state == "active"
    root.cancel(seven.id)


def test_a_message_that_comes_too_early_is_kept_if_asked_to(ada: Client, root: Client, until: Any) -> None:
    deploy_events(ada, "awaits", AWAITS)
    kept = root.correlate("invoice paid", keys={"invoice": 9}, time_to_live_seconds=60)
    assert (kept.state, kept.process_instance_id, kept.element_id) == ("buffered", None, None)
    assert kept.message_id
    instance = ada.start("awaits", {"invoice": 9})
    until(lambda: root.instance(instance.id).state == "completed")


def test_a_signal_reaches_all_who_wait(ada: Client, root: Client, until: Any) -> None:
    deploy_events(ada, "hears", HEARS)
    instances = [ada.start("hears") for _ in range(2)]
    told = root.broadcast("closing time", {"hour": 17})
    assert (told.name, told.receivers) == ("closing time", 2)
    for instance in instances:
        until(lambda id=instance.id: root.instance(id).state == "completed")


def test_a_task_that_ends_with_an_error_goes_the_way_that_is_drawn(ada: Client, root: Client) -> None:
    deploy_events(ada, "asks", ASKS)
    instance = ada.start("asks")
    (task,) = root.user_tasks(process_instance_id=instance.id)
    assert root.escalate_user_task(task.id, "late").state == "open"
    assert root.end_user_task_with_error(task.id, "no-money", variables={"why": "poor"}).state == "cancelled"
    assert root.instance(instance.id).state == "completed"
    assert root.variables(instance.id) == {"error": {"code": "no-money", "message": None, "why": "poor"}}


def test_activities_of_an_ad_hoc_sub_process_are_started_by_programs(ada: Client, root: Client) -> None:
    deploy_events(ada, "chooses", CHOICE)
    instance = ada.start("chooses")
    (choice,) = root.waiting(instance.id)
    assert (choice.kind, choice.startable) == ("ad_hoc", ["call", "visit"])
    assert root.start_activity(choice.id, "visit", {"street": 1}).state == "active"
    assert root.complete_ad_hoc(choice.id).state == "completed"
    with pytest.raises(NotFound):
        root.start_activity(choice.id, "call")


def test_a_data_store_that_is_not_configured_is_not_found(root: Client) -> None:
    assert root.data_stores() == []
    with pytest.raises(NotFound, match="data_stores"):
        root.set_data_store("price list 2026", [1, 2])


def test_people_and_tokens_are_made_by_an_administrator(root: Client, ben: Client, server: Any) -> None:
    made = root.create_user("dora", "a long password", display_name="Dora", roles=["participant"], groups=["approvers"])
    assert (made.display_name, made.groups) == ("Dora", ["approvers"])
    assert "dora" in {user.name for user in root.users()}
    with Client(server.address) as dora:
        assert dora.sign_in("dora", "a long password").name == "dora"
        assert dora.who_am_i().name == "dora"
        dora.sign_out()
        with pytest.raises(Unauthenticated):
            dora.who_am_i()
    token = root.create_token("mailer", ["worker"], expires_in_seconds=3_600)
    with Client(server.address, token=token.secret) as machine:
        assert machine.fetch_jobs(["send-mail"], worker_id="mailer") == []
    with pytest.raises(Forbidden):
        ben.create_user("eve", "a long password")


def test_refusals_are_told_apart(ada: Client, server: Any) -> None:
    with pytest.raises(NotFound) as missing:
        ada.instance("nothing")
    assert missing.value.request_id
    with pytest.raises(Invalid):
        ada.start("expense-approval", {"amount": "many", "purpose": "a yacht"})
    with pytest.raises(NotFound):
        ada.start("no-such-process")
    with Client(server.address) as nobody:
        assert nobody.healthy()
        with pytest.raises(Unauthenticated):
            list(nobody.instances())
        with pytest.raises(Unauthenticated):
            nobody.sign_in("ada", "wrong")


def test_no_answer_is_unreachable_and_a_strange_answer_is_a_problem() -> None:
    with Client("http://127.0.0.1:1") as client:
        assert not client.healthy()
        with pytest.raises(Unreachable, match=r"http://127\.0\.0\.1:1"):
            client.instance("x")

    def proxy(request: httpx.Request) -> httpx.Response:
        status = 502 if request.url.path.endswith("/x") else 418
        return httpx.Response(status, text="<html>Bad gateway</html>")

    with Client("http://proxy", transport=httpx.MockTransport(proxy)) as client:
        with pytest.raises(Unavailable, match="Bad gateway"):
            client.instance("x")
        with pytest.raises(Problem) as teapot:
            client.instance("y")
        assert (teapot.value.status, teapot.value.code) == (418, "unknown")


def test_a_server_that_is_no_signalbox_is_recognised() -> None:
    answer = httpx.MockTransport(lambda request: httpx.Response(200, json={"id": "x"}))
    with Client("http://elsewhere", transport=answer) as client, pytest.raises(ValueError, match="is it a Signalbox"):
        client.instance("x")
