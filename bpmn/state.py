"""Executions as rows: only what changed is written, and an execution is restored from its rows alone.

Row `i` holds the format version and the counters, `n` how often looping elements were entered, `t<number>` one token
that waits. What is not waiting has no row; scopes, joins and queues follow from the tokens.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from bpmn.specs import EventSubProcess, SubProcess
from bpmn.token import Token

if TYPE_CHECKING:
    from bpmn.execution import Execution

FORMAT = 1


class UnknownFormat(Exception):
    """The rows were written by a newer release."""


def _dump(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _token_row(token: Token) -> str:
    row: dict[str, Any] = {"e": token.task_spec.name, "s": token._state, "w": token.workflow.number}
    if token.flow is not None:
        row["f"] = token.flow
    if token.passive:
        row["p"] = 1
    if token.entered:
        row["a"] = 1
    if token.done:
        row["d"] = 1
    return _dump(row)


def changed_rows(execution: Execution) -> dict[str, str | None]:
    """The rows to write (text) and to delete (None) after a step."""
    if execution.life != "active":
        gone = dict.fromkeys(execution.stored)
        execution.stored.clear()
        return dict(gone)
    rows: dict[str, str | None] = {}
    for number, token in execution.touched.items():
        name = f"t{number}"
        if number in token.workflow.tasks:
            rows[name] = _token_row(token)
            execution.stored.add(name)
        elif name in execution.stored:
            rows[name] = None
            execution.stored.discard(name)
    rows["i"] = _dump({"v": FORMAT, "n": execution.last_number, "x": sorted(execution.dead_ends)})
    execution.stored.add("i")
    if execution.entries_changed:
        rows["n"] = _dump(execution.entries)
        execution.stored.add("n")
        execution.entries_changed = False
    return rows


def restore(execution: Execution, rows: Mapping[str, str], variables: Mapping[tuple[int, str], str]) -> None:
    """Fill a new execution from its rows."""
    head = json.loads(rows["i"])
    if head["v"] > FORMAT:
        raise UnknownFormat(f"The state has format {head['v']}; this release reads up to {FORMAT}.")
    execution.stored = set(rows)
    execution.last_number = head["n"]
    execution.dead_ends = set(head["x"])
    if "n" in rows:
        execution.entries = json.loads(rows["n"])
    # A scope's number is smaller than those of the tokens in it, so owners come first.
    for number in sorted(int(name[1:]) for name in rows if name[0] == "t"):
        _restore_token(execution, number, json.loads(rows[f"t{number}"]))
    for (scope, name), text in variables.items():
        if scope == execution.number or scope in execution.subprocesses:
            execution.scope(scope).variables.load(name, text)
    execution.touched.clear()


def _restore_token(execution: Execution, number: int, row: dict[str, Any]) -> None:
    scope = execution.scope(row["w"])
    spec = scope.spec.task_specs[row["e"]]
    token = Token(scope, spec, scope.task_tree, row["s"], id=number, flow=row.get("f"))
    token.passive = "p" in row
    token.entered = "a" in row
    token.done = "d" in row
    execution.index[number] = token
    if token.has_state(TaskState.READY):
        execution.ready.append(token)
    elif token.has_state(TaskState.STARTED) and isinstance(spec, SubProcess):
        execution.attach_scope(token)
    elif token.has_state(TaskState.WAITING):
        if token.passive and isinstance(spec, EventSubProcess):
            scope.idle += 1
        else:
            scope.hold(token)
