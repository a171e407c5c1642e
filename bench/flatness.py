"""Whether a step costs what it changes, and not what the instance has behind or beside it: user tasks in a loop, one
after the other, and side by side."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from itertools import pairwise

from bench import ours
from engine import Engine, commands, queries

_HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="urn:signalbox:bench">'
    '<bpmn:process id="{key}" isExecutable="true">'
)
_TAIL = "</bpmn:process></bpmn:definitions>"


@dataclass(frozen=True, slots=True)
class Flatness:
    """Processor milliseconds of completing one user task: among the first, and among the last."""

    steps: int
    first: float
    last: float


def measure(engine: Engine, steps: int) -> dict[str, Flatness]:
    """The three shapes with so many user tasks each."""
    shapes = {"loop": _loop(), "chain": _chain(steps), "parallel": _parallel(steps)}
    words = {
        "loop": "a loop, turn after turn",
        "chain": "a chain of tasks",
        "parallel": "parallel branches to one join",
    }
    found = {}
    for key, xml in shapes.items():
        file = commands.UploadedFile(name=f"{key}.bpmn", content=xml.encode())
        engine.execute(commands.Deploy(files=(file,)), ours.PERSON)
        instance = engine.execute(commands.StartProcessInstance(definition_key=key), ours.PERSON).id
        found[words[key]] = _complete_all(engine, instance, steps, again=key == "loop")
        assert engine.read(queries.GetProcessInstance(id=instance), ours.PERSON).state == "completed"
    return found


def _complete_all(engine: Engine, instance: str, steps: int, *, again: bool) -> Flatness:
    taken: list[float] = []
    while len(taken) < steps:
        for task in engine.read(queries.ListUserTasks(process_instance_id=instance, limit=200), ours.PERSON).items:
            variables = {"again": len(taken) + 1 < steps} if again else {}
            begun = time.thread_time()
            engine.execute(commands.CompleteUserTask(id=task.id, variables=variables), ours.PERSON)
            taken.append((time.thread_time() - begun) * 1000)
    part = max(1, steps // 10)
    # Neither the first step, which fills caches, nor the last, which ends the instance, stands for the others.
    return Flatness(steps, statistics.median(taken[1 : part + 1]), statistics.median(taken[-part - 1 : -1]))


def _flow(name: str, source: str, target: str, condition: str = "") -> str:
    inside = (
        f'<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">{condition}</bpmn:conditionExpression>'
        if condition
        else ""
    )
    return f'<bpmn:sequenceFlow id="{name}" sourceRef="{source}" targetRef="{target}">{inside}</bpmn:sequenceFlow>'


def _loop() -> str:
    return (
        _HEAD.format(key="loop")
        + '<bpmn:startEvent id="start"/><bpmn:exclusiveGateway id="merge"/><bpmn:userTask id="turn"/>'
        + '<bpmn:exclusiveGateway id="more" default="out"/><bpmn:endEvent id="end"/>'
        + _flow("in", "start", "merge")
        + _flow("work", "merge", "turn")
        + _flow("ask", "turn", "more")
        + _flow("back", "more", "merge", "again")
        + _flow("out", "more", "end")
        + _TAIL
    )


def _chain(steps: int) -> str:
    names = ["start", *(f"task_{number}" for number in range(steps)), "end"]
    nodes = "".join(f'<bpmn:userTask id="{name}"/>' for name in names[1:-1])
    flows = "".join(_flow(f"to_{after}", before, after) for before, after in pairwise(names))
    return f'{_HEAD.format(key="chain")}<bpmn:startEvent id="start"/>{nodes}<bpmn:endEvent id="end"/>{flows}{_TAIL}'


def _parallel(steps: int) -> str:
    branches = "".join(
        f'<bpmn:userTask id="task_{number}"/>'
        + _flow(f"to_{number}", "split", f"task_{number}")
        + _flow(f"from_{number}", f"task_{number}", "join")
        for number in range(steps)
    )
    return (
        _HEAD.format(key="parallel")
        + '<bpmn:startEvent id="start"/><bpmn:parallelGateway id="split"/><bpmn:parallelGateway id="join"/>'
        + '<bpmn:endEvent id="end"/>'
        + _flow("in", "start", "split")
        + _flow("out", "join", "end")
        + branches
        + _TAIL
    )
