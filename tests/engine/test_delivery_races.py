"""Races between those who deliver something and those who wait for it: nothing is lost, nothing comes twice, and who
loses changes nothing. Two engines share nothing but the database, as two processes do."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

import pytest
from events import OUTSIDE, boundary, call, catch, message, signal, start, throw, timer
from moments import Moments
from rivals import as_shop, at_once, left, together
from scene import ROOT, House, diagram, line, user_task

from engine import commands as c
from engine.errors import Conflict, EngineError, NotFound, Refused
from engine.testing import ManualClock

ROUNDS = 8


AWAIT = diagram(line(catch("await", message("paid", {"order": "order"}))), outside=OUTSIDE)
SEND = diagram(line(throw("tell", message("paid", {"order": "order"}, {"from": "sender"}))), "shop", outside=OUTSIDE)


# --- suspended and resumed -------------------------------------------------------------------------------------------
def test_a_timer_whose_instance_is_resumed_while_it_is_given_back_is_not_left_behind(
    houses: tuple[House, House], clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, other = houses
    instance = house.start(line(catch("later", timer("duration", "PT1M"))))
    clock.advance(minutes=2)
    (job_id,) = house.engine.due_jobs()
    moments = Moments()

    def suspend_and_resume() -> None:
        # Claimed; when it looks the instance is suspended, and when it gives the timer back it is not any more.
        if moments.writes == 1:
            moments.before = resume
            other.execute(c.SuspendProcessInstance(id=instance.id), ROOT)

    def resume() -> None:
        moments.before = lambda: None
        other.execute(c.ResumeProcessInstance(id=instance.id), ROOT)

    moments.after = suspend_and_resume
    moments.watch(house.engine, monkeypatch)

    house.engine.run_job(job_id)
    clock.advance(minutes=1)
    together(houses)

    assert house.instance(instance).state == "completed"


def test_the_end_of_a_called_process_is_not_held_back_by_its_suspension(house: House) -> None:
    house.deploy(diagram(line(call("ask", "sub"))), diagram(line(user_task()), "sub"))
    instance = house.start()
    house.settle()
    (child,) = house.instances(parent_id=instance.id)
    house.execute(c.CancelProcessInstance(id=instance.id), ROOT)
    house.execute(c.SuspendProcessInstance(id=child.id), ROOT)

    house.settle()

    assert house.instance(child).state == "cancelled"


@pytest.mark.parametrize("round", range(3))
def test_suspended_and_resumed_while_timers_fire(houses: tuple[House, House], clock: ManualClock, round: int) -> None:
    house, other = houses
    house.deploy(diagram(line(catch("later", timer("duration", "PT1M")), catch("again", timer("duration", "PT0S")))))
    instances = [house.start() for _ in range(ROUNDS)]
    clock.advance(minutes=2)

    def steer() -> None:
        for instance in instances:
            try:
                other.execute(c.SuspendProcessInstance(id=instance.id), ROOT)
                other.execute(c.ResumeProcessInstance(id=instance.id), ROOT)
            except Conflict:
                pass  # it has ended by then

    assert not any(isinstance(answer, Exception) for answer in at_once(house.settle, steer, other.settle))
    clock.advance(minutes=1)
    together(houses)

    for instance in instances:
        assert house.instance(instance).state == "completed"
        told = Counter(house.happened(instance))
        assert (told["timer.fired later"], told["timer.fired again"]) == (1, 1)


# --- deployments -----------------------------------------------------------------------------------------------------
def hourly(body: str) -> bytes:
    return diagram(start("tick", timer("cycle", "R/PT1H"), body), "nightly")


def test_a_start_timer_that_fires_while_a_new_version_is_deployed_is_the_new_ones_from_then_on(
    houses: tuple[House, House], clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, other = houses
    house.deploy(hourly(user_task("first")))
    clock.advance(hours=1)
    (job_id,) = house.engine.due_jobs()
    moments = Moments()
    deploying = threading.Thread(target=lambda: other.deploy(hourly(user_task("second"))))

    def deploy() -> None:
        if moments.writes == 2:  # claimed, and the first instance is written but not committed
            deploying.start()
            deploying.join(0.5)

    moments.inside = deploy
    moments.watch(house.engine, monkeypatch)

    house.engine.run_job(job_id)
    deploying.join()
    for _ in range(3):
        clock.advance(hours=1)
        together(houses)

    assert Counter(one.definition_version for one in house.instances(definition_key="nightly")) == {1: 1, 2: 3}


def test_two_deployments_at_once_leave_one_version_that_begins_instances(
    houses: tuple[House, House], clock: ManualClock
) -> None:
    house, other = houses
    for number in range(ROUNDS // 2):
        at_once(
            lambda n=number: house.deploy(hourly(user_task(f"a{n}"))),
            lambda n=number: other.deploy(hourly(user_task(f"b{n}"))),
        )
    assert left(house, "job") == 1
    clock.advance(hours=1)
    together(houses)
    (begun,) = house.instances(definition_key="nightly")
    assert begun.definition_version == ROUNDS // 2 * 2


def test_two_processes_that_begin_with_one_message_are_not_both_deployed(houses: tuple[House, House]) -> None:
    house, other = houses
    begins = start("come", message("ordered"), user_task())

    answers = at_once(
        lambda: house.deploy(diagram(begins, "one", outside=OUTSIDE)),
        lambda: other.deploy(diagram(begins, "two", outside=OUTSIDE)),
    )

    assert sorted(isinstance(answer, Refused) for answer in answers) == [False, True]
    assert left(house, "subscription") == 1


# --- messages --------------------------------------------------------------------------------------------------------
def test_a_message_and_its_receiver_that_come_at_the_same_time_find_each_other(houses: tuple[House, House]) -> None:
    house, other = houses
    house.deploy(AWAIT)
    instances: list[Any] = []
    for order in range(ROUNDS):
        began, sent = at_once(
            lambda order=order: house.start(order=order),
            lambda order=order: other.message("paid", {"order": order}, time_to_live_seconds=60),
        )
        assert sent.state in ("correlated", "buffered")
        instances.append(began)
    together(houses)
    assert [house.instance(instance).state for instance in instances] == ["completed"] * ROUNDS
    assert left(house, "message") == left(house, "subscription") == left(house, "job") == 0


def test_a_process_that_sends_and_one_that_waits_find_each_other(houses: tuple[House, House]) -> None:
    house, other = houses
    house.deploy(AWAIT, SEND)
    for order in range(ROUNDS):
        at_once(
            lambda order=order: house.start(order=order),
            lambda order=order: (as_shop(other, "shop", order=order, sender=1), other.settle()),
        )
    together(houses)
    assert {one.state for one in house.instances()} == {"completed"}
    assert left(house, "message") == left(house, "subscription") == left(house, "job") == 0


def test_of_two_messages_for_one_place_one_comes_in(houses: tuple[House, House]) -> None:
    house, other = houses
    house.deploy(AWAIT)
    for order in range(ROUNDS):
        instance = house.start(order=order)
        answers = at_once(
            *[
                lambda who=who, order=order: who.message("paid", {"order": order}, variables={"by": order})
                for who in (house, other, house, other)
            ]
        )
        assert Counter(type(answer) for answer in answers)[NotFound] == 3
        assert house.happened(instance).count("message.correlated await") == 1


def test_a_message_that_waited_is_taken_by_one_of_two(houses: tuple[House, House]) -> None:
    house, other = houses
    house.deploy(AWAIT)
    for _ in range(ROUNDS):
        house.message("paid", {"order": 7}, time_to_live_seconds=60)
        at_once(lambda: house.start(order=7), lambda: other.start(order=7))
        together(houses)
        assert len(house.instances(state="active")) == 1
        house.message("paid", {"order": 7})
    assert left(house, "message") == left(house, "job") == 0


def test_a_place_that_goes_on_waiting_has_every_message_once(houses: tuple[House, House]) -> None:
    house, other = houses
    body = line(user_task()) + boundary("note", "approve", message("paid", {"order": "order"}), interrupting=False)
    house.deploy(diagram(body, outside=OUTSIDE))

    def send(who: House, numbers: range) -> None:
        for number in numbers:
            who.message("paid", {"order": 7}, time_to_live_seconds=600, variables={f"n{number}": True})

    answers = at_once(lambda: send(house, range(10)), lambda: send(other, range(10, 20)), lambda: house.start(order=7))
    assert answers[:2] == [None, None]
    together(houses)
    instance = answers[2]
    assert house.happened(instance).count("message.correlated note") == 20
    assert left(house, "message") == left(house, "job") == 0


def test_the_same_id_at_once_is_one_message(houses: tuple[House, House]) -> None:
    house, other = houses
    house.deploy(diagram(start("come", message("ordered"), user_task()), "shop", outside=OUTSIDE), AWAIT)
    for number in range(ROUNDS):
        answers = at_once(
            *[lambda who=who, n=number: who.message("ordered", message_id=f"m{n}") for who in (house, other) * 3]
        )
        assert len({answer.process_instance_id for answer in answers}) == 1
    for number in range(ROUNDS):
        answers = at_once(
            *[
                lambda who=who, n=number: who.message("paid", {"order": n}, message_id=f"k{n}", time_to_live_seconds=60)
                for who in (house, other) * 3
            ]
        )
        assert len({answer.message_id for answer in answers}) == 1
    assert len(house.instances(definition_key="shop")) == ROUNDS


# --- signals ---------------------------------------------------------------------------------------------------------
def test_a_signal_reaches_each_that_waits_once_while_others_come_and_go(houses: tuple[House, House]) -> None:
    house, other = houses
    house.deploy(diagram(line(catch("hear", signal("alarm"))), outside=OUTSIDE))
    waiting = [house.start() for _ in range(ROUNDS)]

    def come_and_go() -> None:
        for _ in range(ROUNDS):
            other.execute(c.CancelProcessInstance(id=other.start().id), ROOT)

    answers = at_once(lambda: house.signal("alarm"), come_and_go, other.settle)
    assert not any(isinstance(answer, Exception) for answer in answers)
    together(houses)
    for instance in waiting:
        assert house.instance(instance).state == "completed"
        assert house.happened(instance).count("signal.received hear") == 1
    assert left(house, "subscription") == left(house, "job") == 0


# --- timers ----------------------------------------------------------------------------------------------------------
def test_a_timer_fires_or_is_cancelled_and_not_both(houses: tuple[House, House], clock: ManualClock) -> None:
    house, other = houses
    house.deploy(diagram(line(user_task()) + boundary("late", "approve", timer("duration", "PT1M"))))
    instances = [house.start() for _ in range(ROUNDS)]
    tasks = [house.task(instance) for instance in instances]
    clock.advance(minutes=2)

    def complete() -> None:
        for task in tasks:
            try:
                other.complete(task)
            except EngineError:
                pass  # the timer was quicker

    at_once(house.settle, complete)
    together(houses)
    for instance in instances:
        told = Counter(house.happened(instance))
        assert house.instance(instance).state == "completed"
        assert told["timer.fired late"] + told["user_task.completed approve"] == 1
    assert left(house, "job") == 0


def test_a_timer_that_repeats_fires_each_time_once(houses: tuple[House, House], clock: ManualClock) -> None:
    house, _ = houses
    body = line(user_task()) + boundary("remind", "approve", timer("cycle", "R5/PT1M"), interrupting=False)
    instance = house.start(body)
    for _ in range(7):
        clock.advance(minutes=1)
        together(houses)
    assert house.happened(instance).count("timer.fired remind") == 5
    assert left(house, "job") == 0
