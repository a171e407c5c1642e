"""Shapes of 300 beside SpiffWorkflow as it comes, both saved to SQLite after every element: its whole state as JSON,
ours as the rows that changed. The same drawings, the same evaluator, the same settings of the database."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow

from bench import drawings, process_p, shapes
from bench.baseline import Baseline, Sandboxed, Saved
from bench.interpreter import Interpreter
from bench.ours import opened
from bench.process_p import Timed

SHAPES = ("linear", "loop")


class Beside(NamedTuple):
    """Milliseconds of one instance, ours and theirs: by the wall, of the processor, and of both in the evaluator."""

    shape: str
    size: int
    ours: shapes.Cost
    theirs: shapes.Cost

    @property
    def by_processor(self) -> float:
        """How many times less processor time the engine takes, evaluation left out on both sides."""
        return (self.theirs.processor - self.theirs.evaluation) / (self.ours.processor - self.ours.evaluation)

    @property
    def by_wall(self) -> float:
        """The same by the wall, commits included."""
        return (self.theirs.wall - self.theirs.evaluation) / (self.ours.wall - self.ours.evaluation)


class Stock:
    """A drawing on stock SpiffWorkflow."""

    def __init__(self, name: str, size: int, evaluator: Timed, rows: Saved):
        parser = BpmnParser()
        parser.add_bpmn_str(drawings.SHAPES[name](size))
        self._spec = parser.get_spec(drawings.KEY)
        self._scripts = PythonScriptEngine(environment=Sandboxed(evaluator))
        self._variables = drawings.variables(size)
        self._size = size
        self._rows = rows

    def one_instance(self) -> None:
        """From start to end, saved after every element."""
        workflow = BpmnWorkflow(self._spec, script_engine=self._scripts)
        workflow.task_tree.data.update(self._variables)
        number = self._rows.add(workflow)

        def save(_task: Any) -> None:
            self._rows.save(number, workflow)

        workflow.do_engine_steps(did_complete_task=save)
        assert workflow.is_completed()
        assert workflow.data["i"] == self._size, workflow.data


@contextmanager
def saved(within: str | None) -> Iterator[Saved]:
    """A new database for the whole states."""
    with TemporaryDirectory(prefix="signalbox-bench-", dir=within) as folder:
        rows = Saved(Path(folder))
        try:
            yield rows
        finally:
            rows.close()


def measure(
    evaluator: Timed, size: int, rounds: int, within: str | None, names: Sequence[str] = SHAPES
) -> list[Beside]:
    """Medians of the rounds, the two sides taking turns, with both files in the folder `within`."""
    found = []
    with opened(evaluator, within=within) as engine, saved(within) as rows:
        saver = shapes.Saver(engine)
        for name in names:
            shape, stock = shapes.Shape(name, size, engine), Stock(name, size, evaluator, rows)
            taken: list[tuple[shapes.Cost, shapes.Cost]] = []
            for _ in range(rounds):
                keep = saver.new()
                ours = _timed(lambda: shapes.walk(shape, evaluator, keep, elements=1), evaluator)  # noqa: B023
                taken.append((ours, _timed(stock.one_instance, evaluator)))
            found.append(Beside(name, size, _median([one for one, _ in taken]), _median([one for _, one in taken])))
    return found


def process(evaluator: Timed, instances: int, rounds: int, within: str | None) -> Beside:
    """Process P saved at its wait states and reloaded in between, by the interpreter alone and by the stock library:
    medians of the rounds, the two taking turns; figures of one instance."""
    taken: list[tuple[shapes.Cost, shapes.Cost]] = []
    with opened(evaluator, within=within) as engine, TemporaryDirectory(dir=within) as folder:
        alone, plain = Interpreter(engine, evaluator), Baseline(evaluator, Path(folder))
        assert process_p.RESULT.items() <= alone.one_instance(alone.new()).items()
        for _ in range(rounds):
            rows = [alone.new() for _ in range(instances)]
            ours = _timed(lambda: [alone.one_instance(row) for row in rows], evaluator)  # noqa: B023
            theirs = _timed(lambda: [plain.one_instance() for _ in range(instances)], evaluator)
            taken.append((_each(ours, instances), _each(theirs, instances)))
        plain.close()
    return Beside("process P", 1, _median([one for one, _ in taken]), _median([one for _, one in taken]))


def _each(cost: shapes.Cost, count: int) -> shapes.Cost:
    return shapes.Cost(cost.wall / count, cost.processor / count, cost.evaluation / count)


def _timed(one: Callable[[], object], evaluator: Timed) -> shapes.Cost:
    inside = evaluator.processor_seconds
    wall, processor = time.perf_counter(), time.thread_time()
    one()
    wall, processor = time.perf_counter() - wall, time.thread_time() - processor
    return shapes.Cost(wall * 1000, processor * 1000, (evaluator.processor_seconds - inside) * 1000)


def _median(costs: Sequence[shapes.Cost]) -> shapes.Cost:
    return shapes.Cost(
        statistics.median(cost.wall for cost in costs),
        statistics.median(cost.processor for cost in costs),
        statistics.median(cost.evaluation for cost in costs),
    )
