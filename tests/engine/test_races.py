"""Races: who loses starts over and nothing is half done; no lock is held while scripts compute."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from scene import BEN, CLEO, ROOT, House, diagram, flow, line, script_task, service_task, user_task

from bpmn import EvaluationFailed, Expression, Script
from engine import Engine, Settings, open_engine
from engine import commands as c
from engine.errors import AlreadyClaimed, Conflict, EngineError, LockLost, Unavailable
from engine.testing import ManualClock


class ObservedEvaluator:
    """Computes by calling back, so that a test can look around or interfere while a script runs."""

    def __init__(self, during: Callable[[Mapping[str, Any]], dict[str, Any]]):
        self.during = during

    def evaluate(self, expression: Expression, variables: Mapping[str, Any], *, now: datetime, seed: int) -> Any:
        raise AssertionError("no conditions in these diagrams")

    def execute(self, script: Script, variables: Mapping[str, Any], *, now: datetime, seed: int) -> dict[str, Any]:
        return self.during(variables)


def all_at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What each call answered or raised, in their order, begun together."""
    together = threading.Barrier(len(calls))
    answers: list[Any] = [None] * len(calls)

    def run(number: int) -> None:
        together.wait()
        try:
            answers[number] = calls[number]()
        except EngineError as error:
            answers[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_others_write_while_a_script_computes(database_url: str) -> None:
    deployed: list[int] = []

    def during(variables: Mapping[str, Any]) -> dict[str, Any]:
        # A lock held now would make this wait for itself until the database gives up.
        deployed.append(other.deploy(diagram(line(user_task()), key="bill")).definitions[0].version)
        return {"done": True}

    engine = open_engine(Settings(database_url=database_url), evaluator=ObservedEvaluator(during))
    elsewhere = open_engine(Settings(database_url=database_url, database_wait_seconds=1))
    house, other = House(engine), House(elsewhere)

    instance = house.start(line(script_task("calculate", "done = True")))

    assert instance.state == "completed"
    assert deployed == [1]
    engine.close()
    elsewhere.close()


def test_a_step_that_lost_its_race_is_computed_anew_from_the_new_state(database_url: str) -> None:
    """Between reading and writing, another process changes the instance: its change must not be lost."""
    seen: list[Any] = []

    def during(variables: Mapping[str, Any]) -> dict[str, Any]:
        seen.append(variables["amount"])
        if len(seen) == 1:
            other.execute(c.SetVariables(id=instance.id, variables={"amount": 2}), ROOT)
        return {"total": variables["amount"] * 10}

    engine = open_engine(Settings(database_url=database_url), evaluator=ObservedEvaluator(during))
    elsewhere = open_engine(Settings(database_url=database_url))
    house, other = House(engine), House(elsewhere)
    instance = house.start(line(user_task(), script_task("calculate", "total = amount * 10")), amount=1)

    house.complete(house.task(instance))

    assert seen == [1, 2]
    assert house.variables(instance) == {"amount": 2, "total": 20}
    assert house.happened(instance).count("user_task.completed approve") == 1
    engine.close()
    elsewhere.close()


def test_a_task_given_to_somebody_else_meanwhile_is_not_completed(database_url: str) -> None:
    def during(variables: Mapping[str, Any]) -> dict[str, Any]:
        other.execute(c.AssignUserTask(id=task.id, assignee="cleo"), ROOT)
        return {}

    engine = open_engine(Settings(database_url=database_url), evaluator=ObservedEvaluator(during))
    elsewhere = open_engine(Settings(database_url=database_url))
    house, other = House(engine), House(elsewhere)
    instance = house.start(line(user_task(candidateGroups="approvers"), script_task("calculate", "x = 1")))
    task = house.task(instance)

    with pytest.raises(AlreadyClaimed):
        house.complete(task, BEN)

    assert (house.task(instance).state, house.task(instance).assignee) == ("open", "cleo")
    engine.close()
    elsewhere.close()


def test_a_job_taken_over_meanwhile_is_not_completed_by_who_lost_it(database_url: str, clock: ManualClock) -> None:
    taken_over: list[Any] = []

    def during(variables: Mapping[str, Any]) -> dict[str, Any]:
        if not taken_over:
            clock.advance(seconds=61)
            taken_over.extend(other.fetch(worker="other"))
        return {"by": variables["by"]}

    engine = open_engine(Settings(database_url=database_url), clock=clock, evaluator=ObservedEvaluator(during))
    elsewhere = open_engine(Settings(database_url=database_url), clock=clock)
    house, other = House(engine), House(elsewhere)
    instance = house.start(line(service_task(), script_task("calculate", "by = by")))
    (job,) = house.fetch(lock_seconds=60)

    with pytest.raises(LockLost):
        house.done(job, by="late")

    assert house.done(taken_over[0], by="other").state == "completed"
    assert house.variables(instance) == {"by": "other"}
    engine.close()
    elsewhere.close()


def test_whoever_loses_again_and_again_is_told(database_url: str) -> None:
    def during(variables: Mapping[str, Any]) -> dict[str, Any]:
        other.execute(c.SetVariables(id=instance.id, variables={"amount": 2}), ROOT)
        return {}

    engine = open_engine(Settings(database_url=database_url, start_over_limit=3), evaluator=ObservedEvaluator(during))
    elsewhere = open_engine(Settings(database_url=database_url))
    house, other = House(engine), House(elsewhere)
    instance = house.start(line(user_task(), script_task("calculate", "x = amount")), amount=1)

    with pytest.raises(Conflict, match="try again"):
        house.complete(house.task(instance))

    assert house.task(instance).state == "open"
    engine.close()
    elsewhere.close()


def test_a_sandbox_that_does_not_answer_is_no_failure_of_the_script(database_url: str) -> None:
    answering = False

    def during(variables: Mapping[str, Any]) -> dict[str, Any]:
        if not answering:
            raise EvaluationFailed("The sandbox does not answer.", kind="unavailable")
        return {"x": 1}

    engine = open_engine(Settings(database_url=database_url), evaluator=ObservedEvaluator(during))
    house = House(engine)
    instance = house.start(line(user_task(), script_task("calculate", "x = 1")))

    with pytest.raises(Unavailable):
        house.complete(house.task(instance))

    assert house.task(instance).state == "open"
    assert house.incidents(instance) == []
    answering = True
    house.complete(house.task(instance))
    assert house.variables(instance) == {"x": 1}
    engine.close()


def test_of_many_who_complete_a_task_one_does(house: House) -> None:
    instance = house.start(line(user_task(candidateGroups="approvers")))
    task = house.task(instance)

    answers = all_at_once(
        *[lambda actor=actor: house.complete(task, actor, by=actor.name) for actor in [BEN, CLEO] * 4]
    )

    (winner,) = {answer.completed_by for answer in answers if not isinstance(answer, EngineError)}
    assert house.variables(instance) == {"by": winner}
    assert sum(isinstance(answer, Conflict) for answer in answers) == 7
    assert house.happened(instance).count("user_task.completed approve") == 1


def test_of_many_who_claim_a_task_one_holds_it(house: House) -> None:
    task = house.task(house.start(line(user_task(candidateGroups="approvers"))))

    answers = all_at_once(
        *[lambda actor=actor: house.execute(c.ClaimUserTask(id=task.id), actor) for actor in [BEN, CLEO] * 3]
    )

    holders = {answer.assignee for answer in answers if not isinstance(answer, EngineError)}
    assert len(holders) == 1
    assert sum(isinstance(answer, Conflict) for answer in answers) == 3


def test_a_job_completed_many_times_at_once_is_done_once(house: House) -> None:
    instance = house.start(line(service_task()))
    (job,) = house.fetch()

    answers = all_at_once(*[lambda n=n: house.done(job, by=n) for n in range(6)])

    assert [answer.state for answer in answers] == ["completed"] * 6
    assert house.happened(instance).count("job.completed charge") == 1


def test_a_job_completed_while_its_instance_is_cancelled_leaves_one_outcome(house: House) -> None:
    house.start(line(service_task()))
    house.fetch()
    for _ in range(10):
        instance = house.start()
        (job,) = house.fetch()
        cancel = c.CancelProcessInstance(id=instance.id)
        all_at_once(partial(house.done, job), partial(house.execute, cancel, ROOT))
        ended = [what for what in house.happened(instance) if what in ("instance.completed", "instance.cancelled")]
        assert ended == [f"instance.{house.instance(instance).state}"]


def test_two_engines_move_one_instance_together(database_url: str) -> None:
    """As two processes do: nothing but the database is shared."""
    engines = [open_engine(Settings(database_url=database_url)) for _ in range(2)]
    houses = [House(engine) for engine in engines]
    fork = "".join(flow("fork", f"charge{n}") + flow(f"charge{n}", "join") for n in range(24))
    body = (
        '<bpmn:startEvent id="start"/><bpmn:parallelGateway id="fork"/><bpmn:parallelGateway id="join"/>'
        '<bpmn:endEvent id="end"/>' + flow("start", "fork") + flow("join", "end") + fork
    ) + "".join(service_task(f"charge{n}") for n in range(24))
    instance = houses[0].start(body)
    jobs = houses[0].fetch(at_most=100)

    def work(number: int) -> list[str]:
        return [houses[number].done(job, **{job.element_id: number}).state for job in jobs[number::2]]

    answers = all_at_once(lambda: work(0), lambda: work(1))

    assert answers == [["completed"] * 12] * 2
    assert houses[0].instance(instance).state == "completed"
    assert len(houses[0].variables(instance)) == 24
    assert houses[0].instance(instance).version == 25
    for engine in engines:
        engine.close()


def test_a_step_costs_the_same_however_many_wait_beside_it(house: House, engine: Engine) -> None:
    """Only changed rows are written: completing one of many parallel jobs touches a handful of rows."""
    wide = "".join(
        service_task(f"charge{n}") + flow("fork", f"charge{n}") + flow(f"charge{n}", "join") for n in range(60)
    )
    body = (
        '<bpmn:startEvent id="start"/><bpmn:parallelGateway id="fork"/><bpmn:parallelGateway id="join"/>'
        '<bpmn:endEvent id="end"/>' + flow("start", "fork") + flow("join", "end") + wide
    )
    house.start(body)
    jobs = house.fetch(at_most=100)
    counts = []
    for job in jobs[:20]:
        before = len(house.events())
        house.done(job)
        counts.append(len(house.events()) - before)
    assert len(set(counts[1:])) == 1


def test_an_engine_started_over_keeps_no_turn(house: House) -> None:
    """A command that failed must let the next one in at once."""
    instance = house.start(line(user_task()))
    with pytest.raises(EngineError):
        house.execute(c.SetVariables(id=instance.id, variables={"x": 1}, scope_id=99), ROOT)
    began = time.monotonic()
    house.complete(house.task(instance))
    assert time.monotonic() - began < 2
