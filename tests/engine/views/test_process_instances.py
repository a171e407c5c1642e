"""Process instances: the list, the history, what joins wait for, the variables."""

from __future__ import annotations

from typing import Any

import pytest

from engine import Engine, commands, errors, queries
from engine.actors import Actor
from engine.records import Activities, ProcessInstance, VariableList
from engine.testing import ManualClock


def start(service: Engine, actor: Actor, key: str, **more: Any) -> ProcessInstance:
    command = commands.StartProcessInstance(definition_key=key, **more)
    started = service.execute(command, actor)
    assert isinstance(started, ProcessInstance)
    return started


def listed(service: Engine, actor: Actor, **more: Any) -> list[str]:
    page = service.read(queries.ListProcessInstances(**more), actor)
    return [one.id for one in page.items]


def complete(service: Engine, instance_id: str, element_id: str, actor: Actor) -> None:
    tasks = service.read(queries.ListUserTasks(process_instance_id=instance_id), actor).items
    task = next(one for one in tasks if one.element_id == element_id)
    service.execute(commands.CompleteUserTask(id=task.id), actor)


class TestList:
    def test_newest_first_and_as_the_command_told(self, service: Engine, analyst: Actor) -> None:
        first = start(service, analyst, "approval", variables={"amount": 1}, business_key="PO-1")
        second = start(service, analyst, "joined")

        page = service.read(queries.ListProcessInstances(), analyst)

        assert page.items == [second, first]
        assert page.next_cursor is None
        assert service.read(queries.GetProcessInstance(id=first.id), analyst) == first
        assert (first.definition_name, first.definition_version, first.started_by) == ("Approval", 1, "ada")

    def test_filters(self, service: Engine, analyst: Actor, operator: Actor, worker: Actor) -> None:
        plain = start(service, analyst, "approval", variables={"amount": 1}, business_key="PO-1").id
        suspended = start(service, analyst, "approval", variables={"amount": 1}).id
        service.execute(commands.SuspendProcessInstance(id=suspended), operator)
        cancelled = start(service, analyst, "joined").id
        service.execute(commands.CancelProcessInstance(id=cancelled), operator)
        failed = start(service, analyst, "mailing").id
        fail_mail(service, worker)

        assert listed(service, operator, state="active") == [failed, plain]
        assert listed(service, operator, state="suspended") == [suspended]
        assert listed(service, operator, state="cancelled") == [cancelled]
        assert listed(service, operator, state="completed") == []
        assert listed(service, operator, definition_key="approval") == [suspended, plain]
        definition_id = service.read(queries.GetProcessInstance(id=failed), operator).definition_id
        assert listed(service, operator, definition_id=definition_id) == [failed]
        assert listed(service, operator, business_key="PO-1") == [plain]
        assert listed(service, operator, incidents=True) == [failed]
        assert listed(service, operator, incidents=False) == [cancelled, suspended, plain]
        assert listed(service, operator, definition_key="approval", state="active") == [plain]

    def test_pages(self, service: Engine, analyst: Actor) -> None:
        started = [start(service, analyst, "joined").id for _ in range(5)][::-1]
        first = service.read(queries.ListProcessInstances(limit=2), analyst)
        second = service.read(queries.ListProcessInstances(limit=2, cursor=first.next_cursor), analyst)
        third = service.read(queries.ListProcessInstances(limit=2, cursor=second.next_cursor), analyst)

        assert [[one.id for one in page.items] for page in (first, second, third)] == [
            started[:2],
            started[2:4],
            started[4:],
        ]
        assert third.next_cursor is None

    def test_a_starter_finds_what_it_started_itself(self, service: Engine, analyst: Actor, starter: Actor) -> None:
        others = start(service, analyst, "joined").id
        own = start(service, starter, "joined").id

        assert listed(service, starter) == [own]
        for query in (queries.GetProcessInstance, queries.GetActivities, queries.GetVariables):
            service.read(query(id=own), starter)
            with pytest.raises(errors.NotFound):
                service.read(query(id=others), starter)

    def test_another_tenant_finds_nothing(self, service: Engine, analyst: Actor, stranger: Actor) -> None:
        instance_id = start(service, analyst, "joined").id

        assert listed(service, stranger) == []
        for query in (queries.GetProcessInstance, queries.GetActivities, queries.GetVariables):
            with pytest.raises(errors.NotFound):
                service.read(query(id=instance_id), stranger)

    def test_who_only_takes_part_may_not_ask(self, service: Engine, ben: Actor) -> None:
        with pytest.raises(errors.Forbidden):
            listed(service, ben)


class TestActivities:
    def test_the_history_oldest_first(self, service: Engine, analyst: Actor, ben: Actor, clock: ManualClock) -> None:
        instance = start(service, analyst, "approval", variables={"amount": 1})
        began = clock.now()
        clock.advance(minutes=3)
        (task,) = service.read(queries.ListUserTasks(), ben).items
        service.execute(commands.CompleteUserTask(id=task.id, variables={"approved": True}), ben)

        history = service.read(queries.GetActivities(id=instance.id), analyst)

        told = [(one.element_id, one.element_name, one.kind, one.flow_id, one.state) for one in history.items]
        assert told == [
            ("begin", None, "start_event", None, "completed"),
            ("decide", "Decide", "user_task", "f1", "completed"),
            ("finish", None, "end_event", "f2", "completed"),
        ]
        assert (history.items[1].started_at, history.items[1].ended_at) == (began, clock.now())
        assert history.joins == []
        assert service.read(queries.GetProcessInstance(id=instance.id), analyst).state == "completed"

    def test_a_join_tells_what_it_still_waits_for(self, service: Engine, analyst: Actor, operator: Actor) -> None:
        instance = start(service, analyst, "joined")
        assert activities(service, instance, analyst).joins == []

        complete(service, instance.id, "left", operator)

        (join,) = activities(service, instance, analyst).joins
        assert (join.element_id, join.element_name) == ("join", "Both there")
        assert [(flow.flow_id, flow.source_id, flow.source_name, flow.arrived) for flow in join.flows] == [
            ("f3", "left", "Left", 1),
            ("f4", "inner", "Inner", 0),
        ]

        service.execute(commands.SuspendProcessInstance(id=instance.id), operator)
        assert activities(service, instance, analyst).joins == [join]
        service.execute(commands.ResumeProcessInstance(id=instance.id), operator)
        complete(service, instance.id, "right", operator)
        assert activities(service, instance, analyst).joins == []

    def test_what_happened_inside_names_the_activity_it_was_inside_of(self, service: Engine, analyst: Actor) -> None:
        history = activities(service, start(service, analyst, "joined"), analyst).items
        (inner,) = (one for one in history if one.element_id == "inner")
        (right,) = (one for one in history if one.element_id == "right")

        assert right.parent == inner.id
        assert inner.parent is None
        assert inner.state == right.state == "active"

    def test_an_activity_with_an_open_incident_is_failed(
        self, service: Engine, analyst: Actor, operator: Actor, worker: Actor
    ) -> None:
        instance = start(service, analyst, "mailing")
        fail_mail(service, worker)

        assert {one.element_id: one.state for one in activities(service, instance, operator).items}["mail"] == "failed"
        assert service.read(queries.GetProcessInstance(id=instance.id), operator).incidents == 1

    def test_pages_follow_one_another_and_each_tells_the_joins(
        self, service: Engine, analyst: Actor, operator: Actor
    ) -> None:
        instance = start(service, analyst, "joined")
        complete(service, instance.id, "left", operator)
        everything = activities(service, instance, analyst)

        first = service.read(queries.GetActivities(id=instance.id, limit=2), analyst)
        rest = service.read(queries.GetActivities(id=instance.id, cursor=first.next_cursor), analyst)

        assert first.items + rest.items == everything.items
        assert first.joins == rest.joins == everything.joins
        assert rest.next_cursor is None


class TestVariables:
    def test_the_variables_of_each_scope(self, service: Engine, analyst: Actor, operator: Actor) -> None:
        instance = start(service, analyst, "joined", variables={"b": [1, {"x": None}], "a": "ä"})
        inner = next(one.id for one in activities(service, instance, analyst).items if one.element_id == "inner")
        scope = next(number for number in range(2, 50) if set_in_scope(service, instance.id, number, operator))
        assert inner

        variables = service.read(queries.GetVariables(id=instance.id), analyst)

        assert isinstance(variables, VariableList)
        assert [(one.scope_id, one.scope_element_id, one.name, one.value) for one in variables.items] == [
            (1, None, "a", "ä"),
            (1, None, "b", [1, {"x": None}]),
            (scope, "inner", "deep", True),
        ]

    def test_they_outlive_the_instance(self, service: Engine, analyst: Actor, ben: Actor) -> None:
        instance = start(service, analyst, "approval", variables={"amount": 1})
        (task,) = service.read(queries.ListUserTasks(), ben).items
        service.execute(commands.CompleteUserTask(id=task.id, variables={"approved": True}), ben)

        variables = service.read(queries.GetVariables(id=instance.id), analyst).items

        assert {(one.scope_id, one.name): one.value for one in variables} == {(1, "amount"): 1, (1, "approved"): True}


def activities(service: Engine, instance: ProcessInstance, actor: Actor) -> Activities:
    found = service.read(queries.GetActivities(id=instance.id), actor)
    assert isinstance(found, Activities)
    return found


def set_in_scope(service: Engine, instance_id: str, scope: int, actor: Actor) -> bool:
    try:
        service.execute(commands.SetVariables(id=instance_id, variables={"deep": True}, scope_id=scope), actor)
    except (errors.NotFound, errors.Conflict, errors.Invalid):
        return False
    return True


def fail_mail(service: Engine, worker: Actor) -> None:
    fetch = commands.FetchJobs(worker_id="w", topics=(commands.Topic(name="mail"),))
    (job,) = service.execute(fetch, worker).items
    service.execute(commands.FailJob(id=job.id, token=job.token, message="no route to host"), worker)
