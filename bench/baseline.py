"""Process P the plain way: SpiffWorkflow as it comes, the whole state as JSON to SQLite at both wait states, reloaded
before the user task is completed. Scripts go through the same sandbox; there is no history, no event, no inbox."""

from __future__ import annotations

import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import Any

from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.script_engine.python_environment import BasePythonScriptEngineEnvironment
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow

from bench import process_p
from bench.process_p import Timed
from bpmn.scripts import read_expression, read_script

read_expression = lru_cache(read_expression)
read_script = lru_cache(read_script)


class Sandboxed(BasePythonScriptEngineEnvironment):  # type: ignore[misc]
    """Hands scripts and conditions to the evaluator, with the variables they mention."""

    def __init__(self, evaluator: Timed) -> None:
        super().__init__()
        self._evaluator = evaluator

    def evaluate(self, expression: str, context: dict[str, Any], external_context: Any = None) -> Any:
        read = read_expression(expression)
        return self._evaluator.evaluate(read, _mentioned(read.reads, context), now=datetime.now(UTC), seed=1)

    def execute(self, script: str, context: dict[str, Any], external_context: Any = None) -> bool:
        read = read_script(script)
        context.update(self._evaluator.execute(read, _mentioned(read.reads, context), now=datetime.now(UTC), seed=1))
        return True


def _mentioned(names: frozenset[str], context: dict[str, Any]) -> dict[str, Any]:
    return {name: context[name] for name in names if name in context}


class Saved:
    """A table of whole workflows as JSON, in a database with the settings of ours. Threads take turns at it, which is
    quicker than letting SQLite make them wait for one another."""

    def __init__(self, folder: Path) -> None:
        self._numbers = count(1)
        self._serializer = BpmnWorkflowSerializer()
        self._rows = sqlite3.connect(folder / "baseline.sqlite3", isolation_level=None, check_same_thread=False)
        self._turn = threading.Lock()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "cache_size=-4000", "wal_autocheckpoint=4000"):
            self._rows.execute(f"PRAGMA {pragma}")
        self._rows.execute("CREATE TABLE workflow (id INTEGER PRIMARY KEY, state TEXT NOT NULL)")

    def add(self, workflow: BpmnWorkflow) -> int:
        """Store a new one, by the number that is returned."""
        number = next(self._numbers)
        state = self._serializer.serialize_json(workflow)
        with self._turn:
            self._rows.execute("INSERT INTO workflow VALUES (?, ?)", (number, state))
        return number

    def save(self, number: int, workflow: BpmnWorkflow) -> None:
        """Write it again, all of it."""
        state = self._serializer.serialize_json(workflow)
        with self._turn:
            self._rows.execute("UPDATE workflow SET state = ? WHERE id = ?", (state, number))

    def load(self, number: int, scripts: PythonScriptEngine) -> BpmnWorkflow:
        """Restore it."""
        with self._turn:
            (state,) = self._rows.execute("SELECT state FROM workflow WHERE id = ?", (number,)).fetchone()
        workflow = self._serializer.deserialize_json(state)
        workflow.script_engine = scripts
        return workflow

    def close(self) -> None:
        """Close the database."""
        self._rows.close()


class Baseline:
    """The specification, parsed once, and the saved workflows."""

    def __init__(self, evaluator: Timed, folder: Path) -> None:
        parser = BpmnParser()
        parser.add_bpmn_file(str(process_p.FILE))
        self._spec = parser.get_spec(process_p.KEY)
        self._scripts = PythonScriptEngine(environment=Sandboxed(evaluator))
        self._rows = Saved(folder)

    def one_instance(self) -> dict[str, Any]:
        """Start, save; load, complete the user task, save. → the variables at the end."""
        workflow = BpmnWorkflow(self._spec, script_engine=self._scripts)
        workflow.task_tree.data.update(process_p.GIVEN)
        workflow.do_engine_steps()
        number = self._rows.add(workflow)

        workflow = self._rows.load(number, self._scripts)
        (task,) = [
            task for task in workflow.get_tasks(state=TaskState.READY) if task.task_spec.bpmn_id == process_p.TASK
        ]
        task.data.update(process_p.DECIDED)
        task.run()
        workflow.do_engine_steps()
        assert workflow.is_completed()
        self._rows.save(number, workflow)
        variables: dict[str, Any] = workflow.data
        return variables

    def close(self) -> None:
        """Close the database."""
        self._rows.close()


@contextmanager
def opened(evaluator: Timed, *, within: str | None = None) -> Iterator[Baseline]:
    """The baseline on a new database, in the folder `within` or the system's for temporary files."""
    with tempfile.TemporaryDirectory(prefix="signalbox-bench-", dir=within) as folder:
        baseline = Baseline(evaluator, Path(folder))
        try:
            yield baseline
        finally:
            baseline.close()


def check(baseline: Baseline) -> None:
    """One more instance, and whether it came to its right end."""
    assert process_p.RESULT.items() <= baseline.one_instance().items()
