"""Process P by the interpreter alone, with its state saved to SQLite at both wait states and restored from it before
the user task is completed: what SpiffWorkflow with its state as JSON does in `bench.baseline`, and no more. The engine
adds history, events and the inbox to that (`bench.ours`)."""

from __future__ import annotations

import bpmn
from bench import ours, process_p, shapes
from bench.process_p import Timed
from bpmn import effects, triggers
from engine import Engine, commands
from engine.store import instances


class Interpreter:
    """The definition, parsed once, and rows for its instances."""

    def __init__(self, engine: Engine, evaluator: Timed):
        (self._definition,) = bpmn.parse(process_p.FILE.read_bytes()).definitions
        self._context = shapes.context(evaluator, 500)
        self._database = engine.database
        self._engine = engine

    def new(self) -> str:
        """The row of an instance, without any state."""
        started = commands.StartProcessInstance(definition_key=process_p.KEY, variables=process_p.GIVEN)
        instance = str(self._engine.execute(started, ours.PERSON).id)
        with self._database.write() as connection:
            for table in ("execution_row", "variable"):
                connection.exec_driver_sql(f"DELETE FROM {table} WHERE instance_id = ?", (instance,))
        return instance

    def one_instance(self, instance: str) -> dict[str, object]:
        """Start, save; restore, complete the user task, save. → the variables at the end."""
        step = bpmn.Execution.new(self._definition).step(triggers.Start(process_p.GIVEN), self._context)
        self._save(instance, 1, step)
        (token,) = [effect.token for effect in step.effects if isinstance(effect, effects.OpenUserTask)]

        with self._database.read() as connection:
            rows, variables = instances.rows(connection, instance), instances.variables(connection, instance)
        execution = bpmn.Execution.restore(self._definition, rows, variables)
        step = execution.step(triggers.UserTaskCompleted(token, process_p.DECIDED), self._context)
        self._save(instance, 2, step)
        assert step.state == "completed"
        return dict(execution.variables)

    def _save(self, instance: str, version: int, step: bpmn.Step) -> None:
        with self._database.write() as connection:
            if not instances.move(connection, instance, version, step.state, None):
                raise AssertionError("nobody else writes here")
            instances.save(connection, instance, step.rows, step.variables, new=False)
