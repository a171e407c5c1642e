"""Where process P spends its time: `python -m bench.profile [instances]`.

First the parts of an instance as a table, measured with two clock readings a part and no profiler, with the database in
memory, where the disk says nothing; then cProfile's top entries, whose own cost weighs on whatever makes many calls.
"""

from __future__ import annotations

import cProfile
import pstats
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack, closing
from typing import Any
from unittest.mock import patch

import bpmn
from bench import ours, shapes
from bench.process_p import Timed
from engine import Engine
from engine.evaluators import CompiledFirst, SandboxEvaluator
from engine.store.batch import Batch, Query
from engine.store.group_commit import GroupCommit

#: What is timed, from the inside out; what one part spends in another counts for that other alone.
PARTS: tuple[tuple[str, Any, str], ...] = (
    ("scripts and conditions", CompiledFirst, "execute"),
    ("scripts and conditions", CompiledFirst, "evaluate"),
    ("the step: tokens, variables, rows", bpmn.Execution, "step"),
    ("selects", Query, "all"),
    ("begin and commit", GroupCommit, "begin"),
    ("begin and commit", GroupCommit, "end"),
    ("the engine: commands, effects, records", Engine, "execute"),
    ("the engine: commands, effects, records", Engine, "read"),
)


class Clock:
    """Adds up the processor time of parts that lie inside one another."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._inside: list[float] = []

    def timing(self, part: str, act: Callable[..., Any]) -> Callable[..., Any]:
        """The function, timed as that part."""

        def timed(*given: Any, **named: Any) -> Any:
            self._inside.append(0.0)
            begun = time.perf_counter()
            try:
                return act(*given, **named)
            finally:
                taken = time.perf_counter() - begun
                self.seconds[part] += taken - self._inside.pop()
                if self._inside:
                    self._inside[-1] += taken

        return timed


def split(instances: int) -> dict[str, float]:
    """Microseconds of an instance, by part."""
    clock = Clock()
    with ExitStack() as stack:
        evaluator = CompiledFirst(stack.enter_context(closing(SandboxEvaluator())))
        engine = stack.enter_context(ours.opened(Timed(evaluator), within=shapes.in_memory()))
        for part, owner, name in PARTS:
            stack.enter_context(patch.object(owner, name, clock.timing(part, getattr(owner, name))))
        stack.enter_context(patch.object(Batch, "run", _by_table(clock)))
        _run(engine, 50)
        clock.seconds.clear()
        _run(engine, instances)
    return {part: seconds / instances * 1e6 for part, seconds in clock.seconds.items()}


def _by_table(clock: Clock) -> Callable[..., Any]:
    """Writes, by what they write."""
    run = Batch.run
    timings: dict[int, Callable[..., Any]] = {}

    def timed(batch: Batch, connection: Any, rows: Any) -> Any:
        if id(batch) not in timings:
            statement = batch._statement["sqlite"] if isinstance(batch._statement, dict) else batch._statement
            timings[id(batch)] = clock.timing(f"writing {getattr(statement, 'table', '')}", run)
        return timings[id(batch)](batch, connection, rows)

    return timed


def _run(engine: Engine, instances: int) -> None:
    for _ in range(instances):
        ours.one_instance(engine)


def main(instances: int = 300) -> None:
    """Print both."""
    parts = split(instances)
    total = sum(parts.values())
    print(f"| part | µs of {total:.0f} | share |\n|---|--:|--:|")
    for part, microseconds in sorted(parts.items(), key=lambda item: -item[1]):
        print(f"| {part} | {microseconds:.0f} | {microseconds / total * 100:.0f} % |")
    with closing(SandboxEvaluator()) as sandbox, ours.opened(Timed(CompiledFirst(sandbox))) as engine:
        _run(engine, 20)
        profile = cProfile.Profile()
        profile.enable()
        _run(engine, instances)
        profile.disable()
    statistics = pstats.Stats(profile)
    statistics.sort_stats("tottime").print_stats(35)
    statistics.sort_stats("cumtime").print_stats(70)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
