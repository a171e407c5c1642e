"""What an element costs as an instance grows: six shapes at several sizes, in memory, saved at every element, and in
the whole engine; what is written, kept and restored; what live instances weigh.

*Saved at every element* is the interpreter cut short after each element, its changed rows and variables written to
SQLite by the store's own statements, one version-checked transaction with one commit an element: to a file in memory,
where processor time shows what the engine does, and to the disk, where waiting for it is most of it.
"""

from __future__ import annotations

import gc
import os
import statistics
import time
import tracemalloc
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

import bpmn
from bench import drawings, ours
from bench.process_p import Timed
from bpmn import triggers
from engine import Engine, Settings, commands, queries
from engine.executions import Live, LiveExecutions
from engine.store import instances

_NOW = datetime(2026, 1, 1, tzinfo=UTC)
#: Small instances are measured several times over, to be measured as exactly as large ones.
_ELEMENTS_A_SAMPLE = 1_000
#: A step that is never cut short.
UNCUT = 10**9


@dataclass(slots=True)
class Cost:
    """Microseconds an element, by the wall and of this thread's processor time, evaluation included."""

    wall: float
    processor: float
    evaluation: float = 0.0


@dataclass(slots=True)
class Growth:
    """One shape at one size; the costs of several rounds, and what was written and kept."""

    shape: str
    size: int
    elements: int = 0
    memory: list[Cost] = field(default_factory=list)
    saved: list[Cost] = field(default_factory=list)
    durable: list[Cost] = field(default_factory=list)
    whole: list[Cost] = field(default_factory=list)
    bytes_a_step: float = 0.0
    rows_a_step: float = 0.0
    rows_at_most: int = 0
    rows_before_end: int = 0
    restore_milliseconds: float = 0.0

    def processor(self, which: str) -> float:
        """The median processor time of an element."""
        costs: list[Cost] = getattr(self, which)
        return statistics.median(cost.processor for cost in costs)

    def wall(self, which: str) -> float:
        """The median wall time of an element."""
        costs: list[Cost] = getattr(self, which)
        return statistics.median(cost.wall for cost in costs)


class Shape:
    """A parsed and deployed drawing of one size."""

    def __init__(self, name: str, size: int, engine: Engine):
        self.name = name
        self.size = size
        self.key = f"{name}_{size}".replace(" ", "_").replace("-", "_")
        content = drawings.SHAPES[name](size).replace(b'id="shape"', f'id="{self.key}"'.encode())
        (self.definition,) = bpmn.parse(content).definitions
        engine.execute(commands.Deploy(files=(commands.UploadedFile(f"{self.key}.bpmn", content),)), ours.PERSON)


def context(evaluator: Timed, elements: int) -> bpmn.StepContext:
    """A step that is cut short after so many elements."""
    return bpmn.StepContext(evaluator=evaluator, now=_NOW, limits=bpmn.Limits(elements=elements))


def walk(shape: Shape, evaluator: Timed, keep: Callable[[bpmn.Step], None], *, elements: int) -> None:
    """One instance from start to end, `keep` after each step."""
    execution = bpmn.Execution.new(shape.definition)
    around = context(evaluator, elements)
    step = execution.step(triggers.Start(drawings.variables(shape.size)), around)
    keep(step)
    while step.state == "active":
        step = execution.step(triggers.Continue(), around)
        keep(step)


def nothing(_step: bpmn.Step) -> None:
    """Keep nothing."""


class Saver:
    """Writes steps to the store as rows of one instance."""

    def __init__(self, engine: Engine):
        engine.execute(
            commands.Deploy(files=(commands.UploadedFile("holder.bpmn", _holder()),)),
            ours.PERSON,
        )
        self._database = engine.database
        self._engine = engine

    def new(self) -> Callable[[bpmn.Step], None]:
        """What saves the steps of one more instance."""
        started = commands.StartProcessInstance(definition_key="holder")
        instance = self._engine.execute(started, ours.PERSON).id
        version = 1

        def keep(step: bpmn.Step) -> None:
            nonlocal version
            with self._database.write() as connection:
                if not instances.move(connection, instance, version, step.state, None):
                    raise AssertionError("nobody else writes here")
                instances.save(connection, instance, step.rows, step.variables, new=False)
            version += 1

        return keep


def _holder() -> bytes:
    return drawings.diagram(drawings.chain([drawings.node("userTask", "wait")], ["wait"]), "holder")


def measure(evaluator: Timed, sizes: Sequence[int], rounds: int, long: Mapping[str, Sequence[int]]) -> list[Growth]:
    """Every shape at every size, one after the other in each round; `long`: more sizes of a shape, measured once and
    not to the disk."""
    with ours.opened(evaluator, within=in_memory()) as engine, ours.opened(evaluator) as durable:
        return _measure(Bench(evaluator, engine, Saver(engine), Saver(durable)), sizes, rounds, long)


def in_memory() -> str | None:
    """A folder in memory, where the system has one."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


class Bench(NamedTuple):
    """What is measured with."""

    evaluator: Timed
    engine: Engine
    saver: Saver
    durable: Saver


def _measure(bench: Bench, sizes: Sequence[int], rounds: int, long: Mapping[str, Sequence[int]]) -> list[Growth]:
    engine, evaluator = bench.engine, bench.evaluator
    found = [(Shape(name, size, engine), Growth(name, size)) for name in drawings.SHAPES for size in sizes]
    for shape, growth in found:
        look(shape, growth, evaluator)
    for number in range(rounds):
        for shape, growth in found:
            # Once to the disk: 30,000 commits take minutes where each takes milliseconds.
            _sample(shape, growth, bench, to_disk=number == 0)
    for name, more in long.items():
        for size in more:
            shape, growth = Shape(name, size, engine), Growth(name, size)
            look(shape, growth, evaluator)
            _sample(shape, growth, bench, to_disk=False)
            found.append((shape, growth))
    return [growth for _, growth in found]


def _sample(shape: Shape, growth: Growth, bench: Bench, *, to_disk: bool) -> None:
    times = max(1, _ELEMENTS_A_SAMPLE // growth.elements)

    def cost(one: Callable[[int], None]) -> Cost:
        return _timed(one, times, growth.elements, bench.evaluator)

    def saved(saver: Saver) -> Cost:
        keepers = [saver.new() for _ in range(times)]
        return cost(lambda turn: walk(shape, bench.evaluator, keepers[turn], elements=1))

    growth.memory.append(cost(lambda _: walk(shape, bench.evaluator, nothing, elements=UNCUT)))
    growth.saved.append(saved(bench.saver))
    growth.whole.append(cost(lambda _: _whole(shape, bench.engine)))
    if to_disk:
        growth.durable.append(saved(bench.durable))


def _timed(one: Callable[[int], None], times: int, elements: int, evaluator: Timed) -> Cost:
    gc.collect()
    inside = evaluator.processor_seconds
    wall, processor = time.perf_counter(), time.thread_time()
    for turn in range(times):
        one(turn)
    wall, processor = time.perf_counter() - wall, time.thread_time() - processor
    each = 1e6 / times / elements
    return Cost(wall * each, processor * each, (evaluator.processor_seconds - inside) * each)


def _whole(shape: Shape, engine: Engine) -> None:
    """By the engine's own commands: history, events and continuations as ever."""
    command = commands.StartProcessInstance(definition_key=shape.key, variables=drawings.variables(shape.size))
    instance = engine.execute(command, ours.PERSON)
    while engine.read(queries.GetProcessInstance(id=instance.id), ours.PERSON).state == "active":
        for job_id in engine.due_jobs():
            engine.run_job(job_id)


def look(shape: Shape, growth: Growth, evaluator: Timed) -> None:
    """Count what a walk writes and keeps, and restore it halfway; not timed."""
    rows: dict[str, str] = {}
    values: dict[tuple[int, str], str] = {}
    written, changed, kept = [], [], []

    def keep(step: bpmn.Step) -> None:
        texts = [*step.rows.values(), *step.variables.values()]
        written.append(sum(len(text.encode()) for text in texts if text is not None))
        changed.append(len(texts))
        _update(rows, step.rows)
        _update(values, step.variables)
        kept.append(len(rows) + len(values))
        middle.append((len(rows), dict(rows), dict(values))) if len(written) == half else None

    middle: list[tuple[int, dict[str, str], dict[tuple[int, str], str]]] = []
    steps = 0

    def count(_step: bpmn.Step) -> None:
        nonlocal steps
        steps += 1

    walk(shape, evaluator, count, elements=1)
    half = steps // 2
    walk(shape, evaluator, keep, elements=1)
    growth.elements = steps
    growth.bytes_a_step, growth.rows_a_step = statistics.mean(written), statistics.mean(changed)
    growth.rows_at_most, growth.rows_before_end = max(kept), kept[-2]
    ((_, at_half, known),) = middle
    taken = []
    for _ in range(5):
        begun = time.perf_counter()
        bpmn.Execution.restore(shape.definition, at_half, known)
        taken.append(time.perf_counter() - begun)
    growth.restore_milliseconds = statistics.median(taken) * 1000


def _update(kept: dict[Any, str], changed: Mapping[Any, str | None]) -> None:
    for name, text in changed.items():
        if text is None:
            kept.pop(name, None)
        else:
            kept[name] = text


class Held(NamedTuple):
    """Megabytes that live instances hold, all of them in memory at once, and those of them that the engine keeps."""

    all: float
    kept: float


def held(name: str, size: int, count: int, evaluator: Timed) -> Held:
    """What so many live instances hold in memory at their fullest, the shared definition not counted."""
    (definition,) = bpmn.parse(drawings.SHAPES[name](size)).definitions
    # At its fullest: everything that can be side by side is.
    around = context(evaluator, 3 if "parallel" in name else size)
    start = triggers.Start(drawings.variables(size))
    bpmn.Execution.new(definition).step(start, around)
    gc.collect()
    tracemalloc.start()
    live = []
    kept = LiveExecutions(Settings().execution_cache)
    for number in range(count):
        execution = bpmn.Execution.new(definition)
        step = execution.step(start, around)
        if step.state != "active":
            raise AssertionError(f"{name} has ended already")
        one = Live(execution, sum(len(text or "") for text in (*step.rows.values(), *step.variables.values())))
        kept.keep(str(number), 1, one)
        live.append(one)
    del execution, step, one
    everything = _traced()
    live.clear()
    after = _traced()
    tracemalloc.stop()
    return Held(everything, after)


def _traced() -> float:
    gc.collect()
    return tracemalloc.get_traced_memory()[0] / 1e6
