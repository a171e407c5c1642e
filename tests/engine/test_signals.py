"""Signals reach everybody who waits, in instances and at start events, once."""

from __future__ import annotations

from events import OUTSIDE, boundary, catch, signal, start, throw
from scene import ROOT, STRANGER, House, diagram, line, user_task

from engine import commands as c

HEAR = line(catch("hear", signal("alarm")))


def test_a_signal_reaches_all_who_wait(house: House) -> None:
    house.deploy(diagram(HEAR, outside=OUTSIDE))
    waiting = [house.start() for _ in range(3)]
    assert house.signal("alarm", level=3).receivers == 3
    assert house.settle() == 3
    assert [house.instance(one).state for one in waiting] == ["completed"] * 3
    assert house.variables(waiting[0]) == {"level": 3}
    assert house.signal("alarm").receivers == 0, "and nobody who comes later"


def test_a_signal_starts_processes(house: House) -> None:
    house.deploy(diagram(start("come", signal("alarm"), user_task()), outside=OUTSIDE))
    house.deploy(diagram(start("go", signal("alarm"), user_task()), "other", outside=OUTSIDE))
    assert house.signal("alarm", level=1).receivers == 2
    house.settle()
    assert sorted(one.definition_key for one in house.instances()) == ["order", "other"]


def test_an_instance_tells_all_others_and_itself_once(house: House) -> None:
    shout = diagram(line(throw("shout", signal("alarm", {"level": "2"})), user_task()), "shouter", outside=OUTSIDE)
    house.deploy(diagram(HEAR, outside=OUTSIDE), shout)
    waits = house.start()
    house.execute(c.StartProcessInstance(definition_key="shouter"), ROOT)
    late = house.start()
    house.settle()
    assert house.variables(waits) == {"level": 2}
    assert house.instance(late).state == "completed", "it waited when the signal was spread"


def test_a_place_that_is_gone_by_then_is_passed_by(house: House) -> None:
    house.deploy(diagram(HEAR, outside=OUTSIDE))
    waits = house.start()
    house.signal("alarm")
    house.execute(c.CancelProcessInstance(id=waits.id), ROOT)
    house.settle()
    assert house.instance(waits).state == "cancelled"
    assert house.engine.due_jobs() == []


def test_a_boundary_event_hears_every_signal(house: House) -> None:
    body = line(user_task()) + boundary("hear", "approve", signal("alarm"), interrupting=False)
    house.deploy(diagram(body, outside=OUTSIDE))
    instance = house.start()
    for _ in range(2):
        house.signal("alarm")
        house.settle()
    assert house.happened(instance).count("activity.completed hear_end") == 2


def test_signals_stay_in_their_tenant(house: House) -> None:
    house.deploy(diagram(HEAR, outside=OUTSIDE))
    house.start()
    assert house.execute(c.BroadcastSignal(name="alarm"), STRANGER).receivers == 0
