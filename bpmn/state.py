"""Executions as rows: only what changed is written, and an execution is restored from its rows alone.

Row `i` holds the format version and the counters, `n` how often looping elements were entered, `t<number>` one token
that waits, `c<body>` the items of a multi-instance, `r<body>.<turn>` the result of one turn, `k<number>` a
compensation record, `g<scope>.<hash>` a complex gateway that has fired, `m` the values of the conversation. What is
not waiting has no row; scopes, joins and listeners follow from the tokens.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from bpmn import conversations, listeners
from bpmn.entries import Entries
from bpmn.joins import Reset
from bpmn.specs.sub_processes import SubProcess
from bpmn.token import Token
from bpmn.variables import Scope, Snapshot

if TYPE_CHECKING:
    from bpmn.execution import Execution

FORMAT = 1


class UnknownFormat(Exception):
    """The rows were written by a newer release."""


_dump = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _token_row(token: Token) -> str:
    row: dict[str, Any] = {"e": token.task_spec.name, "s": token._state, "w": token.workflow.number}
    if token.flow is not None:
        row["f"] = token.flow
    if token.owner is not None:
        row["o"] = token.owner
    if token.passive:
        row["p"] = 1
    if token.entered:
        row["a"] = 1
    if token.done:
        row["d"] = 1
    if token.turn is not None:
        row["r"] = token.turn
    if token.local is not None:
        row["l"] = 2 if isinstance(token.local, Snapshot) else 1
    if token.memo:
        row["m"] = token.memo
    return _dump(row)


def changed_rows(execution: Execution) -> dict[str, str | None]:
    """The rows to write (text) and to delete (None) after a step."""
    stored = execution.stored
    if execution.life != "active":
        gone: dict[str, str | None] = dict.fromkeys(stored)
        stored.clear()
        return gone
    rows: dict[str, str | None] = {}
    for number, token in execution.touched.items():
        name = f"t{number}"
        if number in token.workflow.tasks:
            rows[name] = _token_row(token)
            stored.add(name)
        elif name in stored:
            rows[name] = None
            stored.discard(name)
    for name, text in execution.kept.changed.items():
        if text is not None:
            rows[name] = text
            stored.add(name)
        elif name in stored:
            rows[name] = None
            stored.discard(name)
    execution.kept.changed.clear()
    rows["i"] = _dump({"v": FORMAT, "n": execution.last_number, "x": execution.told})
    stored.add("i")
    if execution.entries.changed:
        rows["n"] = _dump(execution.entries.counts)
        stored.add("n")
        execution.entries.changed = False
    return rows


def restore(execution: Execution, rows: Mapping[str, str], variables: Mapping[tuple[int, str], str]) -> None:
    """Fill a new execution from its rows."""
    head = json.loads(rows["i"])
    if head["v"] > FORMAT:
        raise UnknownFormat(f"The state has format {head['v']}; this release reads up to {FORMAT}.")
    execution.stored = set(rows)
    execution.last_number = head["n"]
    told = head["x"]  # the first release stored places alone, of dead ends
    execution.told = dict.fromkeys(told, "dead_end") if isinstance(told, list) else told
    if "n" in rows:
        execution.entries = Entries(json.loads(rows["n"]))
    numbers = []
    for name, text in rows.items():
        match name[0]:
            case "t":
                numbers.append(int(name[1:]))
            case "c" | "r":
                execution.kept.restore(name, text)
            case "k":
                execution.kept.restore(name, text)
                execution.compensation.restore(int(name[1:]), text)
            case "m":
                execution.kept.restore(name, text)
                execution.conversation = conversations.restored(text)
            case "g":
                execution.kept.restore(name, text)
                scope, element, flows = json.loads(text)
                execution.resetting[(scope, element)] = Reset(flows)
    execution.compensation.order()
    locals_: dict[int, Scope] = {}
    # A scope's number is smaller than those of the tokens in it, so owners come first.
    for number in sorted(numbers):
        token = _restore_token(execution, number, json.loads(rows[f"t{number}"]))
        if token.local is not None:
            locals_[number] = token.local
    for (number, name), text in variables.items():
        if number in locals_:
            locals_[number].load(name, text)
        elif number == execution.number or number in execution.subprocesses:
            execution.scope(number).variables.load(name, text)
    execution.touched.clear()
    execution.emptied.clear()


def _restore_token(execution: Execution, number: int, row: dict[str, Any]) -> Token:
    scope = execution.scope(row["w"])
    spec: Any = scope.spec.task_specs[row["e"]]
    token = Token(scope, spec, scope.task_tree, row["s"], id=number, flow=row.get("f"), owner=row.get("o"))
    if "p" in row:
        token.passive = True
    if "a" in row:
        token.entered = True
    if "d" in row:
        token.done = True
    if "r" in row:
        token.turn = row["r"]
    if "m" in row:
        token.memo = row["m"]
    execution.index[number] = token
    if token.owner is not None:
        execution.owned.add(token.owner, token)
    if "l" in row:
        outer = scope.variables if token.turn is None or token.owner is None else execution.index[token.owner].data
        kind = Snapshot if row["l"] == 2 else Scope
        token.local = kind(number, outer, execution.changed_variables)
    if token.passive:
        scope.idle += 1
        listeners.restored(token)
    elif token.has_state(TaskState.READY):
        execution.ready.append(token)
    elif token.has_state(TaskState.ERROR) and "open" in token.memo:
        execution.attach_scope(token)  # an ad-hoc sub-process whose completion condition failed
    elif token.has_state(TaskState.STARTED):
        if isinstance(spec, SubProcess) and (spec.loop is None or token.turn is not None or token.undoes):
            execution.attach_scope(token)
        elif getattr(spec, "listens_for", ()):
            listeners.restored(token)
    elif token.has_state(TaskState.WAITING):
        scope.hold(token)
    return token
