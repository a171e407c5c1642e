"""Steps that are cut short go on as jobs of our own: by themselves, after a crash, and not for ever."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from scene import ADA, ROOT, House, diagram, flow, line, script_task, service_task, user_task

from engine import Engine, Settings, advance, effects, job_kinds, open_engine
from engine import commands as c
from engine import queries as q
from engine.evaluators import SandboxEvaluator
from engine.store import jobs
from engine.testing import ManualClock

CHAIN = line(*[f'<bpmn:manualTask id="step{n}"/>' for n in range(25)])


def loop(script: str = "turn = turn + 1", attributes: str = "") -> bytes:
    """A script that is run until `turn` reaches `turns`."""
    body = (
        '<bpmn:startEvent id="start"/><bpmn:exclusiveGateway id="again"/>'
        '<bpmn:exclusiveGateway id="enough" default="enough_again"/><bpmn:endEvent id="end"/>'
        + script_task("count", script)
        + flow("start", "again")
        + flow("again", "count")
        + flow("count", "enough")
        + flow("enough", "again")
        + flow("enough", "end", "turn == turns")
    )
    return diagram(body, attributes=attributes)


@pytest.fixture
def hasty(database_url: str, clock: ManualClock, sandbox: SandboxEvaluator) -> Iterator[Engine]:
    """An engine whose steps run ten elements at most."""
    engine = open_engine(
        Settings(database_url=database_url, step_elements=10, loop_limit=50), clock=clock, evaluator=sandbox
    )
    yield engine
    engine.close()


def until(what: Callable[[], bool], seconds: float = 20) -> None:
    """Wait for something that another thread or process brings about."""
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def test_a_step_cut_short_waits_as_a_job_and_goes_on_where_it_was(hasty: Engine) -> None:
    house = House(hasty)
    instance = house.start(CHAIN)
    assert instance.state == "active"
    steps = 0

    while due := hasty.due_jobs():
        assert due == [f"{instance.id}.0"]
        assert hasty.run_job(due[0])
        steps += 1

    assert steps == 2
    assert house.instance(instance).state == "completed"
    assert len(house.read(q.GetActivities(id=instance.id), ROOT).items) == 27


def test_the_background_goes_on_by_itself(database_url: str, sandbox: SandboxEvaluator) -> None:
    engine = open_engine(Settings(database_url=database_url, step_elements=5), evaluator=sandbox)
    house = House(engine)
    engine.start_background()

    instance = house.start(CHAIN)

    until(lambda: house.instance(instance).state == "completed")
    engine.close()


def test_a_continuation_is_claimed_once(hasty: Engine, clock: ManualClock) -> None:
    House(hasty).start(CHAIN)
    (job,) = hasty.due_jobs()
    with hasty.database.write() as connection:
        until_then = clock.now().replace(year=2027)
        assert jobs.claim(connection, job, "somebody else", clock.now(), clock.now(), until_then)

    assert not hasty.run_job(job)
    assert hasty.due_jobs() == []


def test_a_claim_whose_process_died_is_taken_over_after_its_lease(hasty: Engine, clock: ManualClock) -> None:
    house = House(hasty)
    instance = house.start(CHAIN)
    (job,) = hasty.due_jobs()
    with hasty.database.write() as connection:
        lease = timedelta(seconds=hasty.settings.job_lease_seconds)
        jobs.claim(connection, job, "dead", clock.now(), clock.now(), clock.now() + lease)
    clock.advance(seconds=hasty.settings.job_lease_seconds)

    while due := hasty.due_jobs():
        hasty.run_job(due[0])

    assert house.instance(instance).state == "completed"


def test_an_instance_that_loops_for_ever_ends_in_an_incident(hasty: Engine) -> None:
    house = House(hasty)
    house.deploy(loop())
    instance = house.execute(c.StartProcessInstance(definition_key="order", variables={"turn": 0, "turns": -1}), ADA)
    while due := hasty.due_jobs():
        hasty.run_job(due[0])

    (incident,) = house.incidents(instance)
    assert incident.kind == "loop_limit"
    assert house.variables(instance)["turn"] <= 50

    house.execute(c.SetVariables(id=instance.id, variables={"turns": house.variables(instance)["turn"] + 3}), ROOT)
    house.execute(c.RetryIncident(id=incident.id), ROOT)
    while due := hasty.due_jobs():
        hasty.run_job(due[0])
    assert house.instance(instance).state == "completed"


def test_a_suspended_instance_does_not_go_on_until_it_is_resumed(hasty: Engine) -> None:
    house = House(hasty)
    instance = house.start(CHAIN)
    house.execute(c.SuspendProcessInstance(id=instance.id), ROOT)
    before = house.states(instance)
    house.execute(c.SetVariables(id=instance.id, variables={"note": 1}), ROOT)
    assert house.states(instance) == before
    assert hasty.due_jobs() == []

    house.execute(c.ResumeProcessInstance(id=instance.id), ROOT)

    while due := hasty.due_jobs():
        hasty.run_job(due[0])
    assert house.instance(instance).state == "completed"
    assert house.variables(instance) == {"note": 1}


def test_an_instance_suspended_after_the_claim_stays_where_it_is(hasty: Engine, clock: ManualClock) -> None:
    house = House(hasty)
    instance = house.start(CHAIN)
    (job,) = hasty.due_jobs()
    with hasty.database.write() as connection:
        jobs.claim(connection, job, "token", clock.now(), clock.now(), clock.now() + timedelta(seconds=60))
    house.execute(c.SuspendProcessInstance(id=instance.id), ROOT)
    before = house.happened(instance)

    hasty._run(lambda reading: job_kinds.run(job, "token", reading))

    assert house.happened(instance) == before
    house.execute(c.ResumeProcessInstance(id=instance.id), ROOT)
    assert hasty.due_jobs() == [job]


def test_a_cancelled_instance_leaves_nothing_to_go_on_with(hasty: Engine) -> None:
    house = House(hasty)
    instance = house.start(CHAIN)
    house.execute(c.CancelProcessInstance(id=instance.id), ROOT)
    assert hasty.due_jobs() == []


def test_a_task_is_completed_while_a_branch_still_has_to_go_on(hasty: Engine) -> None:
    house = House(hasty)
    branch = "".join(
        f'<bpmn:manualTask id="step{n}"/>' + flow(f"step{n}", f"step{n + 1}" if n < 29 else "join") for n in range(30)
    )
    body = (
        '<bpmn:startEvent id="start"/><bpmn:parallelGateway id="fork"/><bpmn:parallelGateway id="join"/>'
        '<bpmn:endEvent id="end"/>'
        + user_task()
        + flow("start", "fork")
        + flow("fork", "approve")
        + flow("fork", "step0")
        + flow("approve", "join")
        + flow("join", "end")
        + branch
    )
    instance = house.start(body)

    house.complete(house.task(instance))

    while due := hasty.due_jobs():
        hasty.run_job(due[0])
    assert house.instance(instance).state == "completed"


def test_a_step_that_fails_through_a_fault_of_ours_ends_in_an_incident(
    hasty: Engine, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House(hasty)
    instance = house.start(CHAIN)
    (job,) = hasty.due_jobs()

    def broken(*_: object) -> None:
        raise ZeroDivisionError("a fault of ours")

    with monkeypatch.context() as patched:
        patched.setattr(advance, "compute", broken)
        for _ in range(20):
            with pytest.raises(ZeroDivisionError):
                hasty.run_job(job)
            clock.advance(seconds=hasty.settings.job_lease_seconds)
    assert hasty.due_jobs() == []

    assert hasty.give_up_jobs() == 1
    assert hasty.give_up_jobs() == 0
    (incident,) = house.incidents(instance)
    assert (incident.kind, incident.job_id, incident.retryable) == ("job_failed", job, True)

    house.execute(c.RetryIncident(id=incident.id), ROOT)
    while due := hasty.due_jobs():
        hasty.run_job(due[0])
    assert house.instance(instance).state == "completed"
    assert house.incidents(instance) == []


def test_what_a_failing_step_had_in_memory_is_not_used_again(
    engine: Engine, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    instance = house.start(line(user_task(), service_task()))
    task = house.task(instance)

    def broken(*_: object) -> None:
        raise ZeroDivisionError("a fault of ours")

    with monkeypatch.context() as patched:
        patched.setattr(effects, "apply", broken)
        with pytest.raises(ZeroDivisionError):
            house.complete(task)

    house.complete(task)
    (job,) = house.fetch()
    house.done(job)
    assert house.instance(instance).state == "completed"


SERVER = """
import sys
from engine import Settings, open_engine
from engine import commands as c
from engine.actors import Actor, Role
settings = Settings(
    database_url=sys.argv[1], step_elements=7, job_lease_seconds=1, sweep_seconds=0.2
)
engine = open_engine(settings)
engine.start_background()
root = Actor(name="root", roles=frozenset({Role.ADMINISTRATOR}))
for number in range(int(sys.argv[2])):
    engine.execute(c.StartProcessInstance(definition_key="order", variables={"turn": 0, "turns": 40}), root)
print("started", flush=True)
sys.stdin.read()
engine.close()
"""


def test_instances_go_on_after_kill_9_and_a_restart(database_url: str) -> None:
    engine = open_engine(Settings(database_url=database_url))
    house = House(engine)
    house.deploy(loop())

    def begin(instances: int) -> subprocess.Popen[str]:
        server = subprocess.Popen(
            [sys.executable, "-c", SERVER, database_url, str(instances)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert server.stdout is not None
        assert server.stdout.readline() == "started\n"
        return server

    def states() -> set[str]:
        return {one.state for one in house.read(q.ListProcessInstances(limit=200), ROOT).items}

    server = begin(6)
    for _ in range(3):
        os.kill(server.pid, signal.SIGKILL)
        server.communicate()
        server = begin(0)
    until(lambda: states() == {"completed"}, seconds=60)
    server.communicate()

    for instance in house.read(q.ListProcessInstances(limit=200), ROOT).items:
        assert house.variables(instance) == {"turn": 40, "turns": 40}
        activities = []
        cursor = None
        while True:
            page = house.read(q.GetActivities(id=instance.id, cursor=cursor), ROOT)
            activities += page.items
            cursor = page.next_cursor
            if cursor is None:
                break
        assert sum(activity.element_id == "count" for activity in activities) == 40
        assert {activity.state for activity in activities} == {"completed"}
    engine.close()
