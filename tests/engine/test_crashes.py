"""Workers and engines are killed and stopped at any moment: nothing is lost, nothing happens twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter

from scene import ROOT, House, diagram, flow, line, script_task, service_task

from engine import Settings, open_engine
from engine import queries as q

CRASHES = 7
INSTANCES_EACH = 12

# Long enough to compute that the two branches of an instance meet while they do.
WEIGH = "_sum = 0\nfor _number in range(20000):\n    _sum = _sum + _number"

WORKER = """
import sys, time
from engine import Settings, open_engine
from engine import commands as c
from engine.actors import Actor, Role
from engine.errors import EngineError
settings = Settings(database_url=sys.argv[1], step_elements=5, job_lease_seconds=1, sweep_seconds=0.2)
engine = open_engine(settings)
engine.start_background()
root = Actor(name="root", roles=frozenset({Role.ADMINISTRATOR}))
topics = tuple(c.Topic(name=name, lock_seconds=1) for name in ("one", "two", "three"))
print("ready", flush=True)
while True:
    try:
        fetched = engine.execute(c.FetchJobs(worker_id=sys.argv[2], topics=topics, max_jobs=1), root).items
        for job in fetched:
            variables = {job.element_id: job.variables.get(job.element_id, 0) + 1}
            engine.execute(c.CompleteJob(id=job.id, token=job.token, variables=variables), root)
        if not fetched:
            engine.wait_for_jobs([topic.name for topic in topics], 0.2)
    except EngineError:
        time.sleep(0.01)  # somebody else was quicker, or the database was busy: that is what errors are for
"""


def drawing() -> bytes:
    """Two branches with jobs and scripts of their own, and one job after both."""
    milestones = [f'<bpmn:manualTask id="step{n}"/>' for n in range(8)]
    tail = line(service_task("three", "three"), *milestones, script_task("total", "total = one + two + three"))
    tail = tail.replace('<bpmn:startEvent id="start"/>', "").replace('sourceRef="start"', 'sourceRef="join"')
    return diagram(
        '<bpmn:startEvent id="start"/><bpmn:parallelGateway id="fork"/><bpmn:parallelGateway id="join"/>'
        + service_task("one", "one")
        + service_task("two", "two")
        + flow("start", "fork")
        + flow("fork", "one")
        + flow("fork", "two")
        + script_task("weigh", WEIGH)
        + script_task("count", WEIGH)
        + flow("one", "weigh")
        + flow("weigh", "join")
        + flow("two", "count")
        + flow("count", "join")
        + tail
    )


def test_killed_and_stopped_again_and_again_every_instance_ends_exactly_once(database_url: str) -> None:
    engine = open_engine(Settings(database_url=database_url))
    house = House(engine)
    house.deploy(drawing())
    instances = []
    chance = random.Random(7)

    def begin(name: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", WORKER, database_url, name]
        worker = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
        return worker

    def kill(worker: subprocess.Popen[str]) -> None:
        assert worker.poll() is None, "a worker died of itself"
        os.kill(worker.pid, signal.SIGKILL)
        worker.communicate()

    workers = [begin(f"worker {number}") for number in range(3)]
    try:
        for crash in range(CRASHES):
            instances += [house.start() for _ in range(INSTANCES_EACH)]
            time.sleep(chance.uniform(0, 0.1))  # in the middle of it, at no moment in particular
            worker = workers.pop(0)
            if crash % 3:
                kill(worker)
                workers.append(begin(f"worker {crash + 3}"))
            else:
                # Longer than its locks last: when it goes on, what it was about to write is somebody else's.
                worker.send_signal(signal.SIGSTOP)
                time.sleep(1.3)
                worker.send_signal(signal.SIGCONT)
                workers.append(worker)
        deadline = time.monotonic() + 90
        while {house.instance(instance).state for instance in instances} != {"completed"}:
            assert time.monotonic() < deadline, "some instance never ended"
            time.sleep(0.1)
    finally:
        for worker in workers:
            kill(worker)

    for instance in instances:
        assert house.variables(instance) == {"one": 1, "two": 1, "three": 1, "total": 3}
        told = Counter(house.happened(instance))
        assert told["instance.completed"] == told["job.completed one"] == told["job.completed three"] == 1
        activities = house.read(q.GetActivities(id=instance.id), ROOT).items
        assert Counter(activity.element_id for activity in activities) == Counter(
            ["start", "fork", "one", "two", "weigh", "count", "join", "three", "total", "end"]
            + [f"step{n}" for n in range(8)]
        )
        assert {activity.state for activity in activities} == {"completed"}
    assert house.read(q.ListJobs(), ROOT).items == []
    engine.close()
