"""Process P: start, script, user task, exclusive gateway, parallel split of two scripts, join, end. What goes in, what
must come out, and how one run of many instances is measured."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
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
    """How one run went: instances, seconds by the wall and of this process' processor time, seconds in the sandbox."""

    instances: int
    wall: float
    cpu: float
    sandbox: float = 0.0

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

    def evaluate(self, expression: bpmn.Expression, variables: Mapping[str, Any], *, now: datetime, seed: int) -> Any:
        """The value of the expression."""
        begun = time.perf_counter()
        try:
            return self._evaluator.evaluate(expression, variables, now=now, seed=seed)
        finally:
            self.seconds += time.perf_counter() - begun

    def execute(self, script: bpmn.Script, variables: Mapping[str, Any], *, now: datetime, seed: int) -> dict[str, Any]:
        """The results of the script."""
        begun = time.perf_counter()
        try:
            values: dict[str, Any] = self._evaluator.execute(script, variables, now=now, seed=seed)
        finally:
            self.seconds += time.perf_counter() - begun
        return values


def measure(one: Callable[[], object], instances: int, *, threads: int = 1, timed: Timed | None = None) -> Rate:
    """Run `one` so many times, spread over threads."""
    before = timed.seconds if timed else 0.0
    wall, cpu = time.perf_counter(), time.process_time()
    if threads == 1:
        for _ in range(instances):
            one()
    else:
        with ThreadPoolExecutor(threads) as pool:
            for done in [pool.submit(one) for _ in range(instances)]:
                done.result()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return Rate(instances, wall, cpu, timed.seconds - before if timed else 0.0)


def median(rates: list[Rate]) -> Rate:
    """The run in the middle, by instances a second."""
    middle = statistics.median_low(rate.per_second for rate in rates)
    return next(rate for rate in rates if rate.per_second == middle)
