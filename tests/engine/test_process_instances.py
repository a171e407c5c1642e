"""Process instances: started, cancelled, suspended, resumed, their variables set."""

from __future__ import annotations

from typing import Any

import pytest
from scene import ADA, BEN, MACHINE, ROOT, STRANGER, House, diagram, flow, line, script_task, service_task, user_task

from engine import commands as c
from engine import queries as q
from engine.errors import Conflict, Forbidden, Invalid, NotFound, TooLarge

FORK = (
    '<bpmn:startEvent id="start"/><bpmn:parallelGateway id="fork"/><bpmn:parallelGateway id="join"/>'
    '<bpmn:endEvent id="end"/>'
    + user_task()
    + service_task()
    + flow("start", "fork")
    + flow("fork", "approve")
    + flow("fork", "charge")
    + flow("approve", "join")
    + flow("charge", "join")
    + flow("join", "end")
)


def test_an_instance_runs_to_where_it_waits(house: House) -> None:
    instance = house.start(line(script_task("double", "total = amount * 2"), user_task()), amount=21)

    assert (instance.state, instance.version, instance.started_by) == ("active", 1, "ada")
    assert house.variables(instance) == {"amount": 21, "total": 42}
    assert house.states(instance) == {"start": "completed", "double": "completed", "approve": "active"}
    assert house.happened(instance) == [
        "instance.started",
        "activity.started start",
        "activity.completed start",
        "activity.started double",
        "activity.completed double",
        "activity.started approve",
        "user_task.created approve",
    ]


def test_an_instance_that_waits_for_nobody_ends_in_its_first_step(house: House) -> None:
    instance = house.start(line(script_task("double", "total = amount * 2")), amount=21)

    assert (instance.state, instance.version) == ("completed", 1)
    assert instance.ended_at is not None
    assert house.variables(instance)["total"] == 42
    assert house.happened(instance)[-1] == "instance.completed"


def test_the_initiator_is_told_to_the_process(house: House) -> None:
    body = line(user_task()).replace('id="start"', 'id="start" signalbox:initiator="author"')
    assert house.variables(house.start(body)) == {"author": "ada"}


def test_a_start_form_is_held_against_its_fields_and_more_may_come_with_it(house: House) -> None:
    form = (
        "<bpmn:extensionElements><signalbox:form>"
        '<signalbox:field name="amount" label="Amount" type="number" required="true"/>'
        "</signalbox:form></bpmn:extensionElements>"
    )
    body = line(user_task()).replace(
        '<bpmn:startEvent id="start"/>', f'<bpmn:startEvent id="start">{form}</bpmn:startEvent>'
    )
    house.start(body, amount=5, source="import")

    for variables in ({}, {"amount": "five"}):
        with pytest.raises(Invalid) as invalid:
            house.start(**variables)
        assert invalid.value.extra["errors"][0]["field"] == "amount"


def deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    "variables",
    [
        {"x": float("nan")},
        {"x": [float("inf")]},
        {"x": deep(65)},
        {"x": deep(50_000)},
        {"": 1},
        {"x" * 256: 1},
        {"x\x00": 1},
        {"x": {1: 2}},
        {"x": {"a", "b"}},
        {"x": "\ud800"},
    ],
    ids=["nan", "infinity", "deep", "very deep", "no name", "long name", "nul", "key", "set", "surrogate"],
)
def test_variables_that_are_not_json_are_refused(house: House, variables: dict[str, Any]) -> None:
    house.start(line(user_task()))
    with pytest.raises(Invalid):
        house.start(**variables)


def test_variables_of_two_megabytes_are_too_large(house: House) -> None:
    house.start(line(user_task()), text="x" * 900_000)
    with pytest.raises(TooLarge):
        house.start(text="x" * 2_000_000)


def test_a_business_key_that_no_database_stores_is_refused_or_kept_exactly(house: House) -> None:
    house.start(line(user_task()))
    for key in ("half \ud800", "nul \x00"):
        command = c.StartProcessInstance(definition_key="order", business_key=key)
        try:
            started = house.execute(command, ADA)
        except Invalid:
            continue
        assert house.instance(started).business_key == key


def test_cancelling_closes_all_that_waits(house: House) -> None:
    instance = house.start(FORK)
    task = house.task(instance)
    (job,) = house.fetch()

    cancelled = house.execute(c.CancelProcessInstance(id=instance.id, reason="a mistake"), ROOT)

    assert cancelled.state == "cancelled"
    assert cancelled.ended_at is not None
    assert house.read(q.ListUserTasks(process_instance_id=instance.id), ROOT).items == []
    assert house.read(q.GetUserTask(id=task.id), ROOT).state == "cancelled"
    assert house.read(q.ListJobs(process_instance_id=instance.id), ROOT).items == []
    with pytest.raises(NotFound):
        house.done(job)
    with pytest.raises(Conflict):
        house.complete(task)
    assert set(house.states(instance).values()) == {"completed", "cancelled"}
    told = house.happened(instance)
    assert {"user_task.cancelled approve", "job.cancelled charge", "activity.cancelled approve"} <= set(told)
    assert house.events(instance)[-1].data == {"reason": "a mistake", "by": "root"}


def test_an_ended_instance_cannot_be_cancelled_again(house: House) -> None:
    instance = house.start(line(script_task("calculate", "x = 1")))
    with pytest.raises(Conflict) as conflict:
        house.execute(c.CancelProcessInstance(id=instance.id), ROOT)
    assert conflict.value.extra["state"] == "completed"


def test_while_suspended_nothing_moves(house: House) -> None:
    instance = house.start(FORK)
    task = house.task(instance)
    (held,) = house.fetch()

    suspended = house.execute(c.SuspendProcessInstance(id=instance.id), ROOT)

    assert suspended.state == "suspended"
    for command in (
        c.CompleteUserTask(id=task.id),
        c.ClaimUserTask(id=task.id),
        c.AssignUserTask(id=task.id, assignee="x"),
    ):
        with pytest.raises(Conflict):
            house.execute(command, ROOT)
    with pytest.raises(Conflict):
        house.done(held)
    house.execute(c.UnlockJob(id=held.id, token=held.token), MACHINE)
    assert house.fetch() == []


def test_a_resumed_instance_goes_on(house: House) -> None:
    instance = house.start(FORK)
    house.execute(c.SuspendProcessInstance(id=instance.id), ROOT)

    house.execute(c.ResumeProcessInstance(id=instance.id), ROOT)

    house.complete(house.task(instance))
    (job,) = house.fetch()
    house.done(job)
    assert house.instance(instance).state == "completed"
    assert {"instance.suspended", "instance.resumed"} <= set(house.happened(instance))


def test_suspending_twice_is_no_error_and_changes_nothing(house: House) -> None:
    instance = house.start(FORK)
    first = house.execute(c.SuspendProcessInstance(id=instance.id), ROOT)
    assert house.execute(c.SuspendProcessInstance(id=instance.id), ROOT) == first


def test_a_suspended_instance_can_be_cancelled(house: House) -> None:
    instance = house.start(FORK)
    house.execute(c.SuspendProcessInstance(id=instance.id), ROOT)
    assert house.execute(c.CancelProcessInstance(id=instance.id), ROOT).state == "cancelled"


def test_an_operator_repairs_variables_also_while_suspended(house: House) -> None:
    instance = house.start(FORK, amount=1)
    house.execute(c.SetVariables(id=instance.id, variables={"amount": 2}), ROOT)
    house.execute(c.SuspendProcessInstance(id=instance.id), ROOT)

    answer = house.execute(c.SetVariables(id=instance.id, variables={"note": ["a"]}), ROOT)

    assert [(one.name, one.value, one.scope_element_id) for one in answer.items] == [("note", ["a"], None)]
    assert house.variables(instance) == {"amount": 2, "note": ["a"]}
    assert house.instance(instance).state == "suspended"
    assert "variables.changed" in house.happened(instance)


def test_variables_of_a_sub_process_are_set_in_its_scope(house: House) -> None:
    inner = line(user_task()).replace('"start', '"begin').replace('"end', '"finish').replace("_end", "_finish")
    instance = house.start(line(f'<bpmn:subProcess id="check">{inner}</bpmn:subProcess>'))
    scope = next(a.id for a in house.read(q.GetActivities(id=instance.id), ROOT).items if a.element_id == "check")

    answer = house.execute(c.SetVariables(id=instance.id, variables={"local": 1}, scope_id=scope), ROOT)

    assert answer.items[0].scope_element_id == "check"
    assert house.variables(instance) == {}
    listed = house.read(q.GetVariables(id=instance.id), ROOT).items
    assert [(one.scope_element_id, one.name) for one in listed] == [("check", "local")]
    with pytest.raises(NotFound):
        house.execute(c.SetVariables(id=instance.id, variables={"local": 1}, scope_id=9_999), ROOT)


def test_variables_of_an_ended_instance_stay_as_they_are(house: House) -> None:
    instance = house.start(line(script_task("calculate", "x = 1")))
    with pytest.raises(Conflict):
        house.execute(c.SetVariables(id=instance.id, variables={"x": 2}), ROOT)


@pytest.mark.parametrize(
    "command",
    [
        c.CancelProcessInstance(id="nothing"),
        c.SuspendProcessInstance(id="nothing"),
        c.ResumeProcessInstance(id="nothing"),
        c.SetVariables(id="nothing", variables={}),
    ],
)
def test_an_unknown_instance_is_not_found(house: House, command: c.Command) -> None:
    with pytest.raises(NotFound):
        house.execute(command, ROOT)


def test_instances_of_other_tenants_are_not_there(house: House) -> None:
    instance = house.start(FORK)
    with pytest.raises(NotFound):
        house.execute(c.CancelProcessInstance(id=instance.id), STRANGER)


def test_a_participant_cannot_cancel(house: House) -> None:
    instance = house.start(FORK)
    with pytest.raises(Forbidden):
        house.execute(c.CancelProcessInstance(id=instance.id), BEN)


def test_a_repeated_activity_is_counted_by_its_runs(house: House) -> None:
    kind = "bpmn:multiInstanceLoopCharacteristics"
    loop = f"<{kind}><bpmn:loopCardinality>3</bpmn:loopCardinality></{kind}>"
    instance = house.start(line(user_task().replace("></bpmn:userTask>", f">{loop}</bpmn:userTask>")))
    (task, *_) = house.read(q.ListUserTasks(process_instance_id=instance.id), ROOT).items
    house.complete(task)
    statistics = house.read(q.GetDefinitionStatistics(id=instance.definition_id), ROOT)
    (found,) = [one for one in statistics.elements if one.element_id == "approve"]
    assert (found.active, found.completed) == (2, 1)


TWO_STARTS = (
    '<bpmn:startEvent id="by_phone"/><bpmn:startEvent id="by_mail"/><bpmn:endEvent id="end"/>'
    + user_task()
    + flow("by_phone", "approve")
    + flow("by_mail", "approve")
    + flow("approve", "end")
)


def test_of_several_start_events_one_is_named(house: House) -> None:
    house.deploy(diagram(TWO_STARTS))
    for named in (None, "approve", "nowhere"):
        with pytest.raises(Invalid, match="by_phone, by_mail"):
            house.execute(c.StartProcessInstance(definition_key="order", start_element_id=named), ADA)
    instance = house.execute(c.StartProcessInstance(definition_key="order", start_element_id="by_mail"), ADA)
    assert house.states(instance) == {"by_mail": "completed", "approve": "active"}
