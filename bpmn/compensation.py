"""Undoing what was done: handlers of completed activities, in reverse order, with the variables as they were when the
activity completed (BPMN 2.0.2, 13.5.5).

A completed activity that has a handler leaves a record in its scope; a sub-process that completes leaves one that
keeps the records inside it. A record is a row of its own and is used once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from bpmn.variables import Snapshot, encode

if TYPE_CHECKING:
    from bpmn.execution import Execution
    from bpmn.token import Token


class CompensationLog:
    """The records of one instance, by scope, in order of completion."""

    def __init__(self, execution: Execution):
        self._execution = execution
        self._by_scope: dict[int, dict[int, str]] = {}  # scope → record number → element

    def restore(self, number: int, text: str) -> None:
        """A stored record."""
        body = json.loads(text)
        self._by_scope.setdefault(body["w"], {})[number] = body["e"]

    def order(self) -> None:
        """After restoring: rows come in any order."""
        for scope, records in self._by_scope.items():
            self._by_scope[scope] = dict(sorted(records.items()))

    def record(self, token: Token, variables: Mapping[str, Any]) -> None:
        """The activity completed and can be undone."""
        number = self._execution.next_number()
        scope = token.workflow.number
        body = {"w": scope, "e": token.task_spec.name, "a": token.id, "v": dict(variables)}
        self._execution.kept.store(f"k{number}", encode(body))
        self._by_scope.setdefault(scope, {})[number] = token.task_spec.name

    def holds(self, scope: int) -> bool:
        """Whether anything done in the scope can be undone."""
        return bool(self._by_scope.get(scope))

    def adopt(self, old: int, new: int) -> None:
        """What was done in a closed scope is undone from the one that stands for it now."""
        records = self._by_scope.pop(old, None)
        if records:
            self._by_scope[new] = records
            for number in records:
                body = self._execution.kept.take(f"k{number}")
                self._execution.kept.store(f"k{number}", encode({**body, "w": new}))

    def forget(self, scope: int) -> None:
        """The scope is gone for good: what it did can no longer be undone."""
        for number in list(self._by_scope.get(scope, ())):
            self.forget(self._drop(scope, number)["a"])

    def _drop(self, scope: int, number: int) -> dict[str, Any]:
        records = self._by_scope[scope]
        del records[number]
        if not records:
            del self._by_scope[scope]
        body: dict[str, Any] = self._execution.kept.take(f"k{number}")
        return body

    # -- undoing
    def begin(self, thrower: Token, scope: int, activity: str | None = None) -> bool:
        """Compensate one activity of the scope or all of it; the thrower waits. False if there is nothing to undo."""
        wanted = [
            number
            for number, element in self._by_scope.get(scope, {}).items()
            if activity is None or element == activity
        ]
        thrower.remember(undo=wanted, undoing=scope)
        return self._next(thrower)

    def handled(self, thrower: Token) -> None:
        """A handler ended: the next one, or the thrower goes on."""
        if not self._next(thrower):
            thrower.task_spec.compensated(thrower)

    def _next(self, thrower: Token) -> bool:
        pending = list(thrower.memo["undo"])
        scope = thrower.memo["undoing"]
        while pending:
            number = pending.pop()
            if number in self._by_scope.get(scope, {}):
                thrower.remember(undo=pending)
                self._handle(thrower, self._drop(scope, number))
                return True
        thrower.remember(undo=[])
        return False

    def _handle(self, thrower: Token, body: dict[str, Any]) -> None:
        """Run the handler of one record as a token owned by the thrower, in the scope where its activity stood."""
        execution = self._execution
        workflow = execution.subprocesses.get(thrower.id) or execution.scope(thrower.memo["undoing"])
        done = workflow.spec.task_specs[body["e"]]
        handler = workflow.task_tree._add_child(done.compensated_by or done, TaskState.FUTURE, owner=thrower.id)
        handler.local = Snapshot.of(handler.id, workflow.variables, execution.changed_variables, body["v"])
        handler.remember(undo_of=body["a"])
        if done.compensated_by is None:
            handler.remember(within=True)  # not by a handler, but by undoing what was done inside
        execution.owned.add(thrower.id, handler)
        handler._ready()


def scope_meant(token: Token, activity: str | None) -> Any:
    """The scope that a compensation thrown at the token means, or None: the one that holds the activity; without one
    its own, and from inside an event sub-process the scope around that."""
    scope = token.workflow
    while scope is not None:
        owner = scope.owner
        inside_event = owner is not None and owner.task_spec.kind == "event_sub_process"
        if activity is None and not inside_event:
            return scope
        if activity is not None and activity in scope.spec.task_specs:
            return scope
        scope = owner.workflow if owner is not None else None
    return None
