"""Process P: start, script, user task, exclusive gateway, parallel split of two scripts, join, end. What goes in, what
must come out, and how one run of many instances is measured."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import bpmn

FILE = Path(__file__).with_name("process_p.bpmn")
KEY = "process_p"
TASK = "approve"
GIVEN = {"item": "paper", "unit_price": 12.5, "quantity": 4}
DECIDED = {"approved": True}
RESULT = {"message": "Approved: 4 of paper", "booking": {"account": "4711", "amount": 59.5}}


@dataclass(frozen=True, slots=True)
class Rate:
    """How one run went: instances, seconds by the wall and of this process' processor time, and of both in the
    sandbox."""

    instances: int
    wall: float
    cpu: float
    sandbox: float = 0.0
    sandbox_cpu: float = 0.0

    @property
    def per_second(self) -> float:
        """Completed instances in a second."""
        return self.instances / self.wall

    @property
    def milliseconds(self) -> float:
        """Wall time of one instance, where one runs after the other."""
        return self.wall / self.instances * 1000

    @property
    def cpu_milliseconds(self) -> float:
        """Processor time of one instance in this process (workers and clients are other processes)."""
        return self.cpu / self.instances * 1000

    @property
    def sandbox_milliseconds(self) -> float:
        """Time of one instance spent waiting for the evaluator."""
        return self.sandbox / self.instances * 1000


class Timed:
    """An evaluator that adds up the time it takes (exact with one thread)."""

    def __init__(self, evaluator: Any) -> None:
        self._evaluator = evaluator
        self.seconds = 0.0
        self.processor_seconds = 0.0

    def evaluate(self, expression: bpmn.Expression, variables: Mapping[str, Any], *, now: datetime, seed: int) -> Any:
        """The value of the expression."""
        with self._timing():
            return self._evaluator.evaluate(expression, variables, now=now, seed=seed)

    def execute(self, script: bpmn.Script, variables: Mapping[str, Any], *, now: datetime, seed: int) -> dict[str, Any]:
        """The results of the script."""
        with self._timing():
            values: dict[str, Any] = self._evaluator.execute(script, variables, now=now, seed=seed)
        return values

    @contextmanager
    def _timing(self) -> Iterator[None]:
        begun, processor = time.perf_counter(), time.thread_time()
        try:
            yield
        finally:
            self.seconds += time.perf_counter() - begun
            self.processor_seconds += time.thread_time() - processor


def measure(one: Callable[[], object], instances: int, *, threads: int = 1, timed: Timed | None = None) -> Rate:
    """Run `one` so many times, spread over threads."""
    before = (timed.seconds, timed.processor_seconds) if timed else (0.0, 0.0)
    wall, cpu = time.perf_counter(), time.process_time()
    if threads == 1:
        for _ in range(instances):
            one()
    else:
        with ThreadPoolExecutor(threads) as pool:
            for done in [pool.submit(one) for _ in range(instances)]:
                done.result()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    inside = (timed.seconds - before[0], timed.processor_seconds - before[1]) if timed else before
    return Rate(instances, wall, cpu, *inside)


def median(rates: list[Rate]) -> Rate:
    """The runs' medians, each figure by itself."""
    each = zip(*(astuple(rate) for rate in rates), strict=True)
    instances, *seconds = (statistics.median(values) for values in each)
    return Rate(int(instances), *seconds)
