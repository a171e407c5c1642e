"""Timers are jobs with a due time: of instances, and of start events."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from events import boundary, catch, start, timer
from scene import ROOT, House, diagram, line, user_task

from engine import Settings, open_engine
from engine import commands as c
from engine import queries as q
from engine.errors import Refused
from engine.evaluators import SandboxEvaluator
from engine.testing import ManualClock

HOUR = catch("pause", timer("duration", "PT1H"))


def test_an_instance_waits_for_its_time_and_goes_on(house: House, clock: ManualClock) -> None:
    instance = house.start(line(HOUR))
    assert house.waiting(instance) == ["timer pause"]
    assert house.settle() == 0
    clock.advance(minutes=59)
    assert house.settle() == 0

    clock.advance(minutes=1)
    assert house.settle() == 1
    assert house.instance(instance).state == "completed"
    assert "timer.fired pause" in house.happened(instance)


def test_a_time_that_has_passed_is_due_at_once(house: House) -> None:
    instance = house.start(line(catch("pause", timer("date", "2020-01-01T00:00:00Z"))))
    house.settle()
    assert house.instance(instance).state == "completed"


def test_a_reminder_repeats_and_ends_with_its_task(house: House, clock: ManualClock) -> None:
    body = line(user_task()) + boundary("remind", "approve", timer("cycle", "R3/PT1H"), interrupting=False)
    instance = house.start(body)
    for _ in range(2):
        clock.advance(hours=1)
        assert house.settle() == 1
    assert house.happened(instance).count("activity.completed remind_end") == 2

    house.complete(house.task(instance))
    clock.advance(hours=5)
    assert house.settle() == 0
    assert house.instance(instance).state == "completed"
    assert "timer.cancelled remind" in house.happened(instance)


def test_a_deadline_ends_its_task(house: House, clock: ManualClock) -> None:
    instance = house.start(line(user_task()) + boundary("late", "approve", timer("duration", "P1D")))
    clock.advance(days=1)
    house.settle()
    assert house.states(instance)["approve"] == "cancelled"
    assert house.instance(instance).state == "completed"


def test_a_suspended_instance_takes_its_time_when_it_is_resumed(house: House, clock: ManualClock) -> None:
    instance = house.start(line(HOUR))
    house.execute(c.SuspendProcessInstance(id=instance.id), ROOT)
    clock.advance(hours=2)
    assert house.settle() == 0

    house.execute(c.ResumeProcessInstance(id=instance.id), ROOT)
    house.settle()
    assert house.instance(instance).state == "completed"


def test_a_process_starts_by_the_clock_again_and_again(house: House, clock: ManualClock) -> None:
    house.deploy(diagram(start("nightly", timer("cycle", "0 2 * * *"), user_task())))
    assert house.instances() == []
    for day in range(1, 4):
        clock.advance(days=1)
        assert house.settle() == 1
        assert len(house.instances()) == day
    (first, *_) = house.instances()
    assert first.started_at == datetime(2026, 1, 6, 9, 0, tzinfo=UTC), "when it was found due"
    assert first.started_by == "signalbox"


def test_a_new_version_takes_over_the_clock(house: House, clock: ManualClock) -> None:
    house.deploy(diagram(start("hourly", timer("cycle", "R/PT1H"), user_task())))
    clock.advance(minutes=30)
    house.deploy(diagram(start("hourly", timer("cycle", "R/PT2H"), user_task())))
    clock.advance(minutes=119)
    assert house.settle() == 0
    clock.advance(minutes=1)
    assert house.settle() == 1
    assert [one.definition_version for one in house.instances()] == [2]

    house.deploy(diagram(line(user_task())))
    clock.advance(days=1)
    assert house.settle() == 0, "a version that starts by hand starts by hand only"


def test_a_start_timer_without_a_time_is_refused(house: House) -> None:
    with pytest.raises(Refused, match="whenever"):
        house.deploy(diagram(start("begin", timer("date", "whenever"), user_task())))
    assert house.read(q.ListDefinitions(), ROOT).items == []


def test_timers_fire_by_themselves_within_a_second_and_after_a_restart(
    database_url: str, sandbox: SandboxEvaluator
) -> None:
    """The real clock: a timer set by a process that dies is found by the next one."""
    settings = Settings(database_url=database_url, sweep_seconds=3_600)
    engine = open_engine(settings, evaluator=sandbox)
    house = House(engine)
    left = house.start(line(catch("pause", timer("duration", "PT0.3S"))))
    engine.close()

    engine = open_engine(settings, evaluator=sandbox)
    house = House(engine)
    engine.start_background()
    _until_ended(house, left.id)
    soon = house.start()
    _until_ended(house, soon.id)
    lateness = house.instance(soon).ended_at - soon.started_at - timedelta(seconds=0.3)  # type: ignore[operator]
    assert lateness < timedelta(seconds=30), "it did not wait for the next sweep"
    engine.close()


def _until_ended(house: House, instance_id: str) -> None:
    cursor = None
    while house.read(q.GetProcessInstance(id=instance_id), ROOT).state == "active":
        page = house.read(q.ListEvents(after=cursor, process_instance_id=instance_id), ROOT)
        cursor = page.next_cursor
        assert house.engine.wait_for_events(cursor, 20) or page.items, "it did not fire"


def test_each_timer_fires_at_its_own_time(house: House, clock: ManualClock) -> None:
    house.deploy(diagram(line(HOUR)))
    began = clock.now()
    for _ in range(20):
        house.start()
        clock.advance(minutes=1)
    clock.advance(minutes=41)  # an hour and a minute after the first began
    assert house.settle() == 2
    assert house.engine.next_due() == began + timedelta(hours=1, minutes=2)
