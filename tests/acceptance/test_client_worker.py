"""The worker loop against a real server: locks, failures, back-off, a graceful end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from signalbox_client import (
    BpmnError,
    Client,
    Forbidden,
    JobFailed,
    LockedJob,
    LockLost,
    Unauthenticated,
    Unreachable,
    Worker,
)
from signalbox_client.lattice import draw, parse

Until = Callable[..., Any]


@pytest.fixture
def start(server: Any, request: pytest.FixtureRequest) -> Callable[..., str]:
    """Start an instance whose one job has a topic that only this test knows; the answer is the instance's id."""
    key = request.node.name.replace("_", "-")[:60]
    with server.person("ada") as ada:
        diagram = draw(parse({"id": key, "topic": key, "nodes": [{"id": "work", "data": ["result"]}]}))
        ada.deploy((f"{key}.bpmn", diagram.encode()))

    def begin() -> str:
        with server.person("ada") as ada:
            return str(ada.start(key).id)

    return begin


@pytest.fixture
def topic(request: pytest.FixtureRequest) -> str:
    """The topic of the jobs that `start` makes."""
    return str(request.node.name.replace("_", "-")[:60])


@pytest.fixture
def client(server: Any) -> Iterator[Client]:
    """A machine with the right to work on jobs."""
    with server.machine("worker") as machine:
        yield machine


@pytest.fixture(scope="module")
def operator(server: Any) -> Iterator[Client]:
    """Sees every instance and incident."""
    with server.person("root") as root:
        yield root


def test_what_the_function_returns_becomes_variables(
    client: Client, operator: Client, topic: str, start: Callable[[], str], until: Until
) -> None:
    worker = Worker(client, wait_seconds=2)
    worker.add(topic, lambda job: {"result": f"by {job.worker_id}"})
    instance = start()
    with worker:
        until(lambda: operator.instance(instance).state == "completed")
    assert operator.variables(instance) == {"result": f"by {worker.worker_id}"}


def test_an_exception_fails_the_job_until_an_incident_opens(
    client: Client, operator: Client, topic: str, start: Callable[[], str], until: Until
) -> None:
    attempts: list[int] = []

    def break_down(job: LockedJob) -> None:
        attempts.append(job.retries)
        raise ValueError("the printer is on fire")

    worker = Worker(client, wait_seconds=2)
    worker.add(topic, break_down)
    instance = start()
    with worker:
        (incident,) = until(lambda: list(operator.incidents(process_instance_id=instance)))
    assert attempts == [3, 2, 1]
    assert incident.message == "ValueError: the printer is on fire"
    assert "break_down" in (incident.detail or "")
    assert incident.element_name == "work"


def test_a_result_that_json_cannot_hold_fails_the_job(
    client: Client, operator: Client, topic: str, start: Callable[[], str], until: Until
) -> None:
    worker = Worker(client, wait_seconds=2)
    worker.add(topic, lambda job: {"result": {1, 2}})
    instance = start()
    with worker:
        (incident,) = until(lambda: list(operator.incidents(process_instance_id=instance)))
    assert "not JSON serializable" in incident.message


def test_a_result_that_the_server_refuses_fails_the_job(
    client: Client, operator: Client, topic: str, start: Callable[[], str], until: Until
) -> None:
    worker = Worker(client, wait_seconds=2)
    worker.add(topic, lambda job: {"result": "x" * 1_500_000})
    instance = start()
    with worker:
        (incident,) = until(lambda: list(operator.incidents(process_instance_id=instance)))
    assert incident.message.startswith("the result was refused: ")


def test_a_function_may_say_how_its_failure_is_treated(
    client: Client, operator: Client, topic: str, start: Callable[[], str], until: Until
) -> None:
    def give_up(job: LockedJob) -> None:
        raise JobFailed("no such customer", detail="number 7", retries=0)

    worker = Worker(client, wait_seconds=2)
    worker.add(topic, give_up)
    instance = start()
    with worker:
        (incident,) = until(lambda: list(operator.incidents(process_instance_id=instance)))
    assert (incident.message, incident.detail) == ("no such customer", "number 7")


def test_a_bpmn_error_goes_the_way_that_is_drawn(server: Any, client: Client, operator: Client, until: Until) -> None:
    drawn = (
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="tests" '
        'xmlns:signalbox="urn:signalbox:schema:1.0"><error id="broke" errorCode="no-money"/>'
        '<process id="pays" isExecutable="true"><startEvent id="start"/><endEvent id="end"/><endEvent id="other"/>'
        '<serviceTask id="pay" signalbox:topic="pays"/>'
        '<boundaryEvent id="oops" attachedToRef="pay"><errorEventDefinition errorRef="broke" '
        'signalbox:variable="error"/></boundaryEvent>'
        '<sequenceFlow id="a" sourceRef="start" targetRef="pay"/><sequenceFlow id="b" sourceRef="pay" targetRef="end"/>'
        '<sequenceFlow id="c" sourceRef="oops" targetRef="other"/></process></definitions>'
    )
    with server.person("ada") as ada:
        ada.deploy(("pays.bpmn", drawn.encode()))
        instance = ada.start("pays").id

    def pay(job: LockedJob) -> None:
        raise BpmnError("no-money", "the account is empty", {"left": 0})

    worker = Worker(client, wait_seconds=2)
    worker.add("pays", pay)
    with worker:
        until(lambda: operator.instance(instance).state == "completed")
    error = {"code": "no-money", "message": "the account is empty", "left": 0}
    assert operator.variables(instance) == {"error": error}
    ended = [one.element_id for one in operator.activities(instance).items]
    assert ended[-1] == "other"
    assert list(operator.incidents(process_instance_id=instance)) == []


def test_the_lock_is_kept_while_the_function_works(
    client: Client, operator: Client, topic: str, start: Callable[[], str], until: Until
) -> None:
    """The lock lasts a second, the work as long as it takes the lock to be moved past its first end twice."""
    runs: list[str] = []
    done = threading.Event()

    def work_long(job: LockedJob) -> dict[str, Any]:
        runs.append(job.id)
        assert done.wait(30)
        return {"result": "late"}

    worker = Worker(client, wait_seconds=1, lock_seconds=1)
    worker.add(topic, work_long)
    instance = start()
    with worker:
        until(lambda: runs)
        (first,) = operator.jobs(topic=topic)
        assert first.lock_expires_at is not None

        def lock_grew() -> bool:
            (now,) = operator.jobs(topic=topic)
            assert now.lock_expires_at is not None
            assert first.lock_expires_at is not None
            return (now.lock_expires_at - first.lock_expires_at).total_seconds() > 2

        until(lock_grew)
        done.set()
        until(lambda: operator.instance(instance).state == "completed")
    assert len(runs) == 1


def test_a_result_under_a_lost_lock_is_dropped(
    client: Client, operator: Client, topic: str, start: Callable[[], str], until: Until, server: Any
) -> None:
    """Somebody else's answer came first: the process goes on with that, and ours changes nothing."""
    begun, go_on = threading.Event(), threading.Event()

    def slow(job: LockedJob) -> dict[str, Any]:
        with server.machine("worker") as other:
            other.unlock_job(job)
            (again,) = other.fetch_jobs([topic], worker_id="faster", wait_seconds=5)
            assert again.id == job.id
            other.complete_job(again, {"result": "fast"})
            with pytest.raises(LockLost):
                other.extend_job(job, 60)
        begun.set()
        assert go_on.wait(30)
        return {"result": "slow"}

    worker = Worker(client, wait_seconds=1, concurrency=1)
    worker.add(topic, slow)
    instance = start()
    with worker:
        assert begun.wait(30)
        go_on.set()
    assert operator.instance(instance).state == "completed"
    assert operator.variables(instance) == {"result": "fast"}


def test_stopping_lets_running_work_finish_and_fetches_no_more(
    client: Client, operator: Client, topic: str, start: Callable[[], str], until: Until
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def work(job: LockedJob) -> dict[str, Any]:
        begun.set()
        assert go_on.wait(30)
        return {"result": "finished"}

    worker = Worker(client, wait_seconds=20, concurrency=1)
    worker.add(topic, work)
    first, second = start(), start()
    worker.start()
    assert begun.wait(30)
    stopping = threading.Thread(target=worker.stop)
    stopping.start()
    go_on.set()
    stopping.join(30)
    assert not stopping.is_alive()
    assert {operator.instance(first).state, operator.instance(second).state} == {"completed", "active"}


def test_work_that_does_not_end_in_time_is_given_back(
    client: Client, operator: Client, topic: str, start: Callable[[], str]
) -> None:
    begun, never = threading.Event(), threading.Event()

    def hang(job: LockedJob) -> None:
        begun.set()
        never.wait(60)

    worker = Worker(client, grace_seconds=0.1, wait_seconds=1)
    worker.add(topic, hang)
    start()
    worker.start()
    assert begun.wait(30)
    worker.stop()
    (job,) = operator.jobs(topic=topic)
    assert (job.state, job.retries) == ("available", 3)
    never.set()


def test_a_stopped_worker_leaves_no_poll_behind_that_takes_jobs(
    client: Client, topic: str, start: Callable[[], str]
) -> None:
    worker = Worker(client, wait_seconds=30)
    worker.add(topic, lambda job: {"result": "never"})
    worker.start()
    worker.stop()
    start()
    (job,) = client.fetch_jobs([topic], worker_id="the next one")
    assert job.worker_id == "the next one"


def test_a_worker_outlives_a_server_that_goes_away(
    client: Client, operator: Client, topic: str, start: Callable[[], str], until: Until, server: Any
) -> None:
    worker = Worker(client, wait_seconds=1, longest_pause_seconds=0.2)
    worker.add(topic, lambda job: {"result": "done"})
    with worker:
        port = server.address.rpartition(":")[2]
        server.stop()
        with pytest.raises(Unreachable):
            client.fetch_jobs([topic], worker_id="impatient")
        server.start(port)
        instance = start()
        until(lambda: operator.instance(instance).state == "completed")


def test_a_report_is_repeated_until_the_server_takes_it() -> None:
    """The answer of the first report gets lost; the second says the same with the same token."""
    reports: list[bytes] = []
    reported = threading.Event()
    job = {"id": "i.1", "token": "t", "topic": "pay", "worker_id": "w", "lock_expires_at": "2030-01-01T00:00:00Z"}
    job |= {"retries": 3, "process_instance_id": "i", "business_key": None, "definition_key": "p"}
    job |= {"definition_version": 1, "element_id": "pay", "headers": {}, "variables": {}}
    waiting = [job]

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/fetch"):
            return httpx.Response(200, json={"items": [waiting.pop()] if waiting else []})
        reports.append(request.content)
        if len(reports) == 1:
            raise httpx.ReadError("connection reset")
        if len(reports) == 2:
            return httpx.Response(503, json={"type": "urn:signalbox:problem:unavailable", "title": "Unavailable"})
        reported.set()
        return httpx.Response(200, json={"id": "i.1", "state": "completed"})

    client = Client("http://signalbox", token="t", transport=httpx.MockTransport(answer))
    worker = Worker(client, longest_pause_seconds=0.01)
    worker.add("pay", lambda job: {"paid": True})
    with client, worker:
        assert reported.wait(10)
    assert len(reports) == 3
    assert len(set(reports)) == 1


@pytest.mark.parametrize(("token", "refusal"), [("wrong", Unauthenticated), (None, Unauthenticated)])
def test_a_worker_without_a_valid_token_ends_with_the_reason(
    server: Any, token: str | None, refusal: type[Exception]
) -> None:
    with Client(server.address, token=token) as client:
        worker = Worker(client, wait_seconds=1)
        worker.add("pay", lambda job: None)
        with pytest.raises(refusal):
            worker.run()


def test_a_worker_whose_token_may_not_work_ends_with_the_reason(server: Any) -> None:
    with server.machine("analyst") as client:
        worker = Worker(client, wait_seconds=1)
        worker.add("pay", lambda job: None)
        with pytest.raises(Forbidden):
            worker.run()


def test_a_worker_needs_topics_and_each_only_once(client: Client) -> None:
    worker = Worker(client)
    with pytest.raises(RuntimeError, match="no topics"):
        worker.start()
    worker.handles("pay")(lambda job: None)
    with pytest.raises(ValueError, match="'pay' has a function already"):
        worker.add("pay", lambda job: None)
    with pytest.raises(ValueError, match="at least 1"):
        Worker(client, concurrency=0)
