"""Races around calls, tasks and data stores, what the database ends of them, and jobs that cannot be done."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

import pytest
from events import OUTSIDE, boundary, call, catch, escalation, message, signal, throw
from moments import Moments
from rivals import as_shop, at_once, left, together
from scene import BEN, ROOT, House, diagram, flow, line, service_task, user_task

from engine import commands as c
from engine.decisions import Write
from engine.errors import AlreadyClaimed
from engine.store import data_stores, instances
from engine.testing import ManualClock
from engine.work import UnitOfWork

ROUNDS = 8


# --- calls -----------------------------------------------------------------------------------------------------------
def test_a_call_that_is_made_while_it_is_cancelled_leaves_no_child_running(houses: tuple[House, House]) -> None:
    house, other = houses
    house.deploy(
        diagram(line(call("ask", "sub")) + boundary("stop", "ask", signal("alarm")), outside=OUTSIDE),
        diagram(line(user_task()), "sub"),
    )
    for _ in range(ROUNDS):
        instance = house.start()
        at_once(house.settle, lambda id=instance.id: other.execute(c.CancelProcessInstance(id=id), ROOT))
        together(houses)
        assert house.instance(instance).state == "cancelled"
    assert {child.state for child in house.instances(definition_key="sub")} <= {"cancelled"}
    assert left(house, "job") == 0


def test_a_child_that_ends_while_its_call_is_cancelled_is_heard_or_not(houses: tuple[House, House]) -> None:
    house, other = houses
    house.deploy(
        diagram(line(call("ask", "sub", allOut="true")) + boundary("stop", "ask", signal("alarm")), outside=OUTSIDE),
        diagram(line(service_task()), "sub"),
    )
    for _ in range(ROUNDS):
        instance = house.start()
        house.settle()
        (job,) = house.fetch()
        at_once(lambda job=job: house.done(job, answer=1), lambda: (other.signal("alarm"), other.settle()))
        together(houses)
        told = Counter(house.happened(instance))
        assert house.instance(instance).state == "completed"
        assert told["activity.completed ask"] + told["activity.cancelled ask"] == 1
        assert told["instance.completed"] == 1
    assert left(house, "job") == left(house, "user_task") == 0


def test_a_child_that_ends_while_its_parent_is_suspended_is_heard(houses: tuple[House, House]) -> None:
    house, other = houses
    house.deploy(diagram(line(call("ask", "sub"))), diagram(line(service_task()), "sub"))
    for _ in range(ROUNDS):
        instance = house.start()
        house.settle()
        (job,) = house.fetch()
        at_once(
            lambda job=job: (house.done(job), house.settle()),
            lambda id=instance.id: other.execute(c.SuspendProcessInstance(id=id), ROOT),
            other.settle,
        )
        if house.instance(instance).state == "suspended":
            house.execute(c.ResumeProcessInstance(id=instance.id), ROOT)
        together(houses)
        assert house.instance(instance).state == "completed"


SHOUTS = (
    '<bpmn:startEvent id="start"/><bpmn:endEvent id="shout">'
    + escalation("late")
    + "</bpmn:endEvent>"
    + flow("start", "shout")
)


def test_what_a_child_escalates_is_heard_before_its_end(house: House) -> None:
    """Both are told in one step; whoever is free may take the end first."""
    house.deploy(
        diagram(line(call("ask", "sub")) + boundary("heard", "ask", escalation(), interrupting=False), outside=OUTSIDE),
        diagram(SHOUTS, "sub", outside=OUTSIDE),
    )
    instance = house.start()
    (made,) = house.engine.due_jobs()
    house.engine.run_job(made)

    for job_id in reversed(house.engine.due_jobs()):
        house.engine.run_job(job_id)
    house.settle()

    assert house.instance(instance).state == "completed"
    assert house.states(instance)["heard_end"] == "completed"
    assert left(house, "job") == 0


# --- user tasks ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("command", [c.EndUserTaskWithError, c.EscalateUserTask])
def test_a_task_handed_on_meanwhile_is_not_ended_by_who_had_it(
    command: type[Any], houses: tuple[House, House], monkeypatch: pytest.MonkeyPatch
) -> None:
    house, other = houses
    instance = house.start(line(user_task(candidateGroups="approvers")))
    task = house.task(instance)
    moments = Moments()

    def hand_on() -> None:
        moments.before = lambda: None
        other.execute(c.AssignUserTask(id=task.id, assignee="cleo"), ROOT)

    moments.before = hand_on
    moments.watch(house.engine, monkeypatch)

    with pytest.raises(AlreadyClaimed):
        house.execute(command(id=task.id, code="broke"), BEN)

    assert (house.task(instance).state, house.task(instance).assignee) == ("open", "cleo")
    assert not any("failed" in what or "escalated" in what for what in house.happened(instance))


# --- data stores -----------------------------------------------------------------------------------------------------
def test_of_two_that_write_what_the_other_found_empty_one_is_told(house: House, clock: ManualClock) -> None:
    database, tenant, empty = house.engine.database, "default", []

    def fill_first() -> None:
        with database.write() as connection:
            data_stores.write(connection, tenant, "first", "1", 0, clock.now(), "two")
            empty.append(data_stores.hold(connection, tenant, "second", 0))

    other = threading.Thread(target=fill_first)
    with database.write() as connection:
        assert data_stores.hold(connection, tenant, "first", 0)
        other.start()
        other.join(0.3)
        assert data_stores.write(connection, tenant, "second", "1", 0, clock.now(), "one")
    other.join()

    assert empty == [False]


# --- what the database ends ------------------------------------------------------------------------------------------
def test_two_that_wait_for_each_other_both_come_through(house: House) -> None:
    """PostgreSQL ends one of two transactions that lock two instances in turn; it is begun again. SQLite queues them,
    so there they do not meet."""
    house.deploy(diagram(line(user_task())))
    one, two = house.start().id, house.start().id
    engine: Any = house.engine
    both = threading.Barrier(2)
    met: set[str] = set()

    def lock(first: str, second: str) -> None:
        def write(work: UnitOfWork) -> None:
            for id in (first, second):
                row = instances.find(work.connection, id)
                assert row is not None
                instances.change(work.connection, id, row.version, "active")
                if work.dialect == "postgresql" and first not in met:
                    met.add(first)
                    both.wait(10)

        engine._run(lambda reading: Write(write))

    assert at_once(lambda: lock(one, two), lambda: lock(two, one)) == [None, None]
    assert [one.version for one in house.instances()] == [3, 3]


# --- what cannot be done ---------------------------------------------------------------------------------------------
def test_what_a_job_of_ours_is_refused_is_an_incident_at_once(house: House) -> None:
    """A name that no table takes is known only when the called process begins."""
    gives = f'<signalbox:in name="{"x" * 300}" value="1"/>'
    house.deploy(diagram(line(call("ask", "sub", gives))), diagram(line(user_task()), "sub"))
    instance = house.start()
    assert house.settle() == 1
    (incident,) = house.incidents(instance)
    assert incident.element_id == "ask"
    assert "300 characters; at most" in incident.message


def test_long_names_are_cut_alike_by_who_sends_and_who_waits(house: House) -> None:
    long = "".join(f'<bpmn:{kind} id="l{kind}" name="{"x" * 300}"/>' for kind in ("message", "signal"))
    sends = line(throw("tell", message("lmessage")), throw("shout", signal("lsignal")))
    waits = line(catch("hear", message("lmessage")), catch("too", signal("lsignal")))
    house.deploy(diagram(sends, "shop", outside=long), diagram(waits, outside=long))
    instance = house.start()
    as_shop(house, "shop")
    house.settle()
    assert house.waiting(instance) in ([], ["signal too"])  # the signal may have been too early
    assert left(house, "job") == left(house, "message") == 0
