"""Effects of one step written together: also what is opened and closed again in the same breath."""

from __future__ import annotations

import pytest
from scene import ROOT, House, diagram, line, user_task

import bpmn
from bpmn import effects as e
from engine import Engine, effects
from engine import queries as q
from engine.decisions import InstanceRow
from engine.store import instances, jobs, subscriptions
from engine.work import UnitOfWork


class Stage:
    """An instance that effects are applied to by hand."""

    def __init__(self, engine: Engine, house: House):
        self.engine = engine
        self.house = house
        house.deploy(diagram(line(user_task())))
        self.instance = house.start()
        (self.definition,) = bpmn.parse(diagram(line(user_task()))).definitions

    def apply(self, *asked: e.Effect) -> InstanceRow:
        with self.engine.database.write() as connection:
            row = instances.find(connection, self.instance.id)
            assert row is not None
            work = UnitOfWork(self.engine.database, connection, self.engine.clock)
            after = effects.apply(work, self.definition, InstanceRow(*row)._replace(version=7), asked)
            work.finish()
        return after

    def told(self) -> list[str]:
        return [event.kind for event in self.house.events(self.instance) if event.version == 7]


@pytest.fixture
def stage(engine: Engine, house: House) -> Stage:
    return Stage(engine, house)


def test_a_task_that_did_not_outlast_its_step_is_history_at_once(stage: Stage) -> None:
    stage.apply(
        e.ActivityStarted(50, "again", "user_task"),
        e.OpenUserTask(50, 50, "again", "Again", candidate_groups=("approvers", "approvers")),
        e.CloseWait(50),
        e.ActivityEnded(50, "cancelled", None, "again"),
    )

    task = stage.house.read(q.GetUserTask(id=f"{stage.instance.id}.50"), ROOT)
    assert (task.state, task.candidate_groups) == ("cancelled", ["approvers"])
    assert task.ended_at is not None
    assert stage.told() == ["activity.started", "user_task.created", "user_task.cancelled", "activity.cancelled"]
    assert stage.house.states(stage.instance)["again"] == "cancelled"


def test_jobs_and_subscriptions_that_did_not_outlast_their_step_are_not_there(stage: Stage) -> None:
    stage.apply(
        e.OpenJob(51, 51, "charge", "payments"),
        e.OpenMessageSubscription(52, "begin", "reminder"),
        e.CloseWait(51),
        e.CloseWait(52),
    )

    with stage.engine.database.read() as connection:
        assert jobs.among(connection, [f"{stage.instance.id}.51"]) == []
        assert subscriptions.of_instance(connection, stage.instance.id) == []
    assert stage.told() == ["job.created", "job.cancelled"]


def test_an_incident_that_did_not_outlast_its_step_is_resolved_at_once(stage: Stage) -> None:
    after = stage.apply(
        e.ActivityStarted(53, "share", "script_task"),
        e.RaiseIncident(53, 53, "share", "script_failed", "no \x00 people", "line 1\ud800"),
        e.CloseWait(53),
        e.ActivityEnded(53, "cancelled", None, "share"),
    )

    assert after.incidents == 0
    assert stage.house.incidents(stage.instance) == []
    assert stage.told() == ["activity.started", "incident.opened", "incident.resolved", "activity.cancelled"]


def test_the_end_of_the_instance_resolves_what_failed_in_its_last_step(stage: Stage) -> None:
    after = stage.apply(
        e.RaiseIncident(None, None, "join", "dead_end", "nothing can arrive"), e.InstanceEnded("cancelled")
    )
    assert after.incidents == 0
    assert stage.house.incidents(stage.instance) == []


def test_incidents_are_counted(stage: Stage) -> None:
    first = stage.apply(e.RaiseIncident(4, 4, "approve", "script_failed", "a"))
    second = stage.apply(e.RaiseIncident(None, None, "join", "dead_end", "b"))
    third = stage.apply(e.CloseWait(4))
    assert [first.incidents, second.incidents, third.incidents] == [1, 2, 1]


def test_values_that_a_gateway_read_can_be_read_whatever_they_hold(stage: Stage) -> None:
    stage.apply(
        e.ActivityStarted(54, "choose", "exclusive_gateway"),
        e.ActivityEnded(54, "completed", {"flow_id": "f", "condition": "x", "values": {"x": "\ud800"}}, "choose"),
    )
    activities = stage.house.read(q.GetActivities(id=stage.instance.id), ROOT).items
    (chosen,) = [activity for activity in activities if activity.element_id == "choose"]
    assert chosen.detail == {"flow_id": "f", "condition": "x", "values": {"x": "?"}}
