"""The examples, each deployed, started and brought to its end through the HTTP API, with the Python client's worker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from signalbox_client import BpmnError, Client, Conflict, Invalid, JobFailed, LockedJob, Worker
from signalbox_client.lattice import draw, read

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"

Until = Callable[..., Any]


@pytest.fixture(scope="module", autouse=True)
def deployed(server: Any) -> None:
    """All examples, deployed by the analyst."""
    with server.person("ada") as ada:
        deployment = ada.deploy(*sorted(EXAMPLES.glob("*/*.bpmn")), name="examples")
    keys = {definition.key for definition in deployment.definitions}
    assert keys == {"expense-approval", "sign-up-onboarding", "branch-office", "order-fulfilment", "billing"}
    assert not deployment.problems


@pytest.fixture(scope="module")
def ada(server: Any) -> Iterator[Client]:
    """The analyst, who starts processes."""
    with server.person("ada") as client:
        yield client


@pytest.fixture(scope="module")
def cleo(server: Any) -> Iterator[Client]:
    """An approver, who also minds the budget."""
    with server.person("cleo") as client:
        yield client


@pytest.fixture(scope="module")
def operator(server: Any) -> Iterator[Client]:
    """Sees every instance."""
    with server.person("root") as client:
        yield client


@pytest.fixture
def worker(server: Any) -> Iterator[Worker]:
    """An outside worker that the test gives its topics and starts; stopped after the test."""
    with server.machine("worker") as client:
        working = Worker(client, concurrency=4, wait_seconds=5, grace_seconds=5, longest_pause_seconds=0.5)
        yield working
        working.stop()


def is_at(client: Client, instance_id: str) -> set[str]:
    """The elements at which the instance waits."""
    return {each.element_id for each in client.activities(instance_id).items if each.state == "active"}


# --- expense approval ------------------------------------------------------------------------------------------------
@pytest.fixture
def paying(worker: Worker) -> list[str]:
    """What the finance system paid: its worker runs."""
    paid: list[str] = []

    @worker.handles("pay", variables=("amount", "purpose"))
    def pay(job: LockedJob) -> dict[str, Any]:
        assert job.headers == {"account": "expenses"}
        paid.append(f"{job.variables['amount']} for {job.variables['purpose']}")
        return {"payment": f"P-{len(paid)}"}

    worker.start()
    return paid


def test_a_small_expense_is_paid_without_asking(ada: Client, operator: Client, paying: list[str], until: Until) -> None:
    instance = ada.start("expense-approval", {"amount": 18.5, "purpose": "lunch"})
    until(lambda: operator.instance(instance.id).state == "completed")
    assert paying == ["18.5 for lunch"]
    assert {each.element_id for each in operator.activities(instance.id).items} >= {"size", "pay", "paid"}
    assert "approve" not in {each.element_id for each in operator.activities(instance.id).items}


def test_a_large_expense_is_paid_after_an_approval(
    ada: Client, cleo: Client, operator: Client, paying: list[str], until: Until
) -> None:
    instance = ada.start("expense-approval", {"amount": 240, "purpose": "a train ride"}, business_key="E-7")
    (task,) = cleo.user_tasks("claimable", process_instance_id=instance.id)
    assert (task.name, task.candidate_groups, task.business_key) == ("Approve the expense", ["approvers"], "E-7")
    assert [field.name for field in task.fields] == ["amount", "purpose", "decision", "comment"]
    assert paying == []

    cleo.claim(task.id)
    assert (cleo.user_task(task.id).variables or {})["purpose"] == "a train ride"
    cleo.complete_user_task(task.id, {"decision": "approve", "comment": "good trip"})

    until(lambda: operator.instance(instance.id).state == "completed")
    assert paying == ["240 for a train ride"]
    variables = operator.variables(instance.id)
    assert (variables["requester"], variables["comment"], variables["payment"]) == ("ada", "good trip", "P-1")


def test_a_rejected_expense_is_not_paid(ada: Client, cleo: Client, operator: Client, paying: list[str]) -> None:
    instance = ada.start("expense-approval", {"amount": 9_000, "purpose": "a yacht"})
    (task,) = cleo.user_tasks("claimable", process_instance_id=instance.id)
    cleo.complete_user_task(task.id, {"decision": "reject"})
    assert operator.instance(instance.id).state == "completed"
    assert "refused" in {each.element_id for each in operator.activities(instance.id).items}
    assert paying == []


def test_a_decision_must_be_one_of_those_offered(ada: Client, cleo: Client) -> None:
    instance = ada.start("expense-approval", {"amount": 101, "purpose": "a lamp"})
    (task,) = cleo.user_tasks("claimable", process_instance_id=instance.id)
    with pytest.raises(Invalid) as wrong:
        cleo.complete_user_task(task.id, {"decision": "perhaps"})
    assert wrong.value.errors[0]["field"].endswith("decision")
    cleo.complete_user_task(task.id, {"decision": "reject"})
    with pytest.raises(Conflict):
        cleo.complete_user_task(task.id, {"decision": "approve"})


# --- sign-up onboarding ----------------------------------------------------------------------------------------------
def test_a_sign_up_is_welcomed_recorded_and_announced(
    ada: Client, operator: Client, worker: Worker, until: Until
) -> None:
    mails: list[tuple[str, str]] = []
    customers: dict[str, str] = {}
    messages: list[str] = []

    @worker.handles("send-mail")
    def send_mail(job: LockedJob) -> dict[str, Any]:
        mails.append((job.headers["template"], job.variables["email"]))
        return {"mail_id": "M-1"}

    @worker.handles("create-customer")
    def create_customer(job: LockedJob) -> dict[str, Any]:
        # The CRM is down at the first attempt; the job's id keeps the second from making another customer.
        if job.retries == 5:
            raise JobFailed("the CRM is down", retry_after_seconds=0.1)
        customers[job.id] = job.variables["name"]
        return {"customer_number": "C-1"}

    @worker.handles("post-chat-message")
    def post_chat_message(job: LockedJob) -> None:
        messages.append(f"{job.headers['channel']}: {job.variables['name']}, {job.variables['customer_number']}")

    worker.start()
    instance = ada.start("sign-up-onboarding", {"name": "Grace", "email": "grace@example.org"})
    until(lambda: operator.instance(instance.id).state == "completed")
    assert mails == [("welcome", "grace@example.org")]
    assert list(customers.values()) == ["Grace"]
    assert messages == ["#new-customers: Grace, C-1"]
    assert [each.element_id for each in operator.activities(instance.id).items if each.kind == "service_task"] == [
        "welcome",
        "customer",
        "announce",
    ]


# --- the lattice -----------------------------------------------------------------------------------------------------
LATTICE = read((EXAMPLES / "lattice" / "lattice.json").read_bytes())
PROJECTS = {project.id: project for project in LATTICE.projects}


def test_the_lattice_diagram_is_the_one_that_its_data_gives() -> None:
    assert (EXAMPLES / "lattice" / "lattice.bpmn").read_text() == draw(LATTICE)


def waits_for(client: Client, instance_id: str) -> dict[str, set[str]]:
    """For each project that waits: the names of the projects it still waits for."""
    return {
        join.element_id.removeprefix("join_"): set(join.waiting_for)
        for join in client.activities(instance_id).joins
        if join.element_id.startswith("join_")
    }


def expected_waits(done: set[str]) -> dict[str, set[str]]:
    """What the graph says: a project of which something is there and something is not waits for the rest."""
    waiting = {}
    for project in LATTICE.projects:
        missing = set(project.requires) - done
        if missing and missing != set(project.requires):
            waiting[project.id] = {PROJECTS[id].name for id in missing}
    return waiting


def test_each_project_waits_for_all_its_inputs_and_says_for_which(ada: Client, cleo: Client, server: Any) -> None:
    with server.machine("worker") as machine, server.person("root") as operator:
        instance = ada.start("branch-office", business_key="Lisbon")
        done: set[str] = set()
        while len(done) < len(PROJECTS):
            begun = is_at(operator, instance.id) & set(PROJECTS)
            ready = {id for id, project in PROJECTS.items() if set(project.requires) <= done}
            assert begun == ready - done, "exactly the projects with all their inputs have begun"
            assert waits_for(operator, instance.id) == expected_waits(done)
            done.add(finish_one(instance.id, begun, cleo, machine))
        assert operator.instance(instance.id).state == "completed"
        variables = operator.variables(instance.id)
        assert variables["keys"] == "keys of building, made from room_plan, network_plan, budget"


def finish_one(instance_id: str, begun: set[str], cleo: Client, machine: Client) -> str:
    """Finish one project that has begun: the last by name, so that layers overlap; its id."""
    id = max(begun)
    project = PROJECTS[id]
    if project.group:
        (task,) = cleo.user_tasks("claimable", process_instance_id=instance_id)
        cleo.complete_user_task(task.id, {name: f"{name} of {id}" for name in project.data})
        return id
    jobs = machine.fetch_jobs(["project"], worker_id="test", max_jobs=20)
    (mine,) = [job for job in jobs if job.element_id == id and job.process_instance_id == instance_id]
    inputs = [name for name in mine.headers["inputs"].split(", ") if name]
    assert set(inputs) <= set(mine.variables), "the data of every upstream project is there"
    made = f", made from {', '.join(inputs)}" if inputs else ""
    machine.complete_job(mine, {name: f"{name} of {id}{made}" for name in project.data})
    for job in jobs:
        if job is not mine:
            machine.unlock_job(job)
    return id


# --- order fulfilment ------------------------------------------------------------------------------------------------
def test_an_order_comes_by_message_is_billed_paid_and_packed(
    cleo: Client, operator: Client, worker: Worker, until: Until
) -> None:
    worker.handles("reserve-goods")(lambda job: {})
    worker.start()
    order = {"order_id": "O-7", "customer": "Grace", "amount": 120}
    instance_id = operator.correlate("order placed", variables=order).process_instance_id

    def task(key: str) -> Any:
        return next((one for one in cleo.user_tasks("claimable") if one.definition_key == key), None)

    until(lambda: task("billing"))
    cleo.complete_user_task(task("billing").id, {"bill_number": "B-1"})
    until(lambda: "await_payment" in is_at(operator, instance_id))
    assert operator.variables(instance_id)["bill_number"] == "B-1"
    operator.correlate("payment received", keys={"order": "O-7"}, variables={"paid": 120})
    cleo.complete_user_task(task("order-fulfilment").id, {"parcel": "P-1"})
    assert operator.instance(instance_id).state == "completed"


def test_an_order_that_cannot_be_reserved_is_declined(
    cleo: Client, operator: Client, worker: Worker, until: Until
) -> None:
    @worker.handles("reserve-goods")
    def reserve(job: LockedJob) -> dict[str, Any]:
        raise BpmnError("out-of-stock", "no unicorns left")

    worker.start()
    order = {"order_id": "O-8", "customer": "Alan", "amount": 1}
    instance_id = operator.correlate("order placed", variables=order).process_instance_id
    until(lambda: is_at(operator, instance_id) == {"decline"})
