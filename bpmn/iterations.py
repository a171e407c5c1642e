"""Loops: an activity that runs several times, one after another or side by side (BPMN 2.0.2, 13.3.6 and 13.3.7).

The token of the activity becomes the body; each turn is a token of its own with its own variables, owned by the body.
The body keeps counts of constant size; items and results are rows of their own, so the 1,000th turn costs what the
first cost.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from bpmn import propagation
from bpmn.evaluation import EvaluationFailed, Expression
from bpmn.sandbox import decides, evaluate
from bpmn.variables import Scope, encode

if TYPE_CHECKING:
    from bpmn.token import Token

MOST_TURNS = 100_000


@dataclass(frozen=True, slots=True)
class Loop:
    """Standard loop (`condition`, `test_before`, `maximum`) or multi-instance (`cardinality` or `collection`)."""

    standard: bool = False
    sequential: bool = False
    condition: Expression | None = None  # standard: goes on while true; multi-instance: completes when true
    test_before: bool = False
    maximum: int | None = None
    cardinality: Expression | None = None
    collection: Expression | None = None
    item: str | None = None
    output_collection: str | None = None
    output: Expression | None = None
    behavior: str = "all"  # which completed turns throw: none, one, all, complex
    events: tuple[tuple[Expression | None, Any], ...] = ()  # (when, event) thrown at completions; complex: several


def begin(body: Token) -> bool | None:
    """Start the turns: True if there is none to start."""
    loop: Loop = body.task_spec.loop
    if loop.standard:
        body.remember(done=0, active=0, total=0, ended=0)
        if loop.test_before and not _goes_on(body, loop):
            return True
        _start(body, 0)
        return None
    total = _count(body, loop)
    body.remember(done=0, active=0, total=total, ended=0)
    if total == 0:
        _collect(body, loop)
        return True
    for turn in range(1 if loop.sequential else total):
        _start(body, turn)
    return None


def _count(body: Token, loop: Loop) -> int:
    if loop.collection is not None:
        items = evaluate(body, loop.collection, what="collection")
        if isinstance(items, dict):
            items = list(items.values())
        if not isinstance(items, list):
            raise EvaluationFailed(
                f"The collection of {body.task_spec.name} ({loop.collection.source}) is no list.", kind="error"
            )
        _bound(body, len(items))
        body.execution.kept.store(f"c{body.id}", encode(items))
        return len(items)
    assert loop.cardinality is not None
    number = evaluate(body, loop.cardinality, what="cardinality")
    if isinstance(number, bool) or not isinstance(number, int | float) or number != int(number) or number < 0:
        raise EvaluationFailed(
            f"The cardinality of {body.task_spec.name} ({loop.cardinality.source}) is {number!r}, not a count."
        )
    _bound(body, int(number))
    return int(number)


def _bound(body: Token, number: int) -> None:
    most = MOST_TURNS if body.task_spec.loop.sequential else body.execution.context.limits.tokens
    if number > most:
        raise EvaluationFailed(f"{body.task_spec.name} would run {number:,} times; at most {most:,} are allowed.")


def _start(body: Token, turn: int) -> None:
    execution = body.execution
    token = body._add_child(body.task_spec, TaskState.FUTURE, owner=body.id)
    token.turn = turn
    execution.owned.add(body.id, token)
    loop: Loop = body.task_spec.loop
    token.local = Scope(token.id, body.data, execution.changed_variables)
    # The n-th instance has the number n (Table 10.30).
    token.local.define("loopCounter", turn + 1)
    if loop.collection is not None and loop.item is not None:
        token.local.define(loop.item, execution.kept.item(f"c{body.id}", turn))
    if loop.output is not None and loop.output.source.isidentifier() and not token.local.defines(loop.output.source):
        # The result of a turn is its own until it is collected.
        token.local.define(loop.output.source, None)
    body.remember(active=body.memo["active"] + 1)
    token._ready()


def keep_result(token: Token) -> None:
    """A turn is about to complete: keep its result until all are collected. Raises `EvaluationFailed`."""
    loop: Loop = token.task_spec.loop
    if loop.output_collection is not None and loop.output is not None:
        value = evaluate(token, loop.output, what="result of a turn")
        token.execution.kept.store(f"r{token.owner}.{token.turn}", encode(value))


def turn_ended(body: Token) -> None:
    """A turn completed. Raises `EvaluationFailed`; then `proceed` can be tried again."""
    body.remember(done=body.memo["done"] + 1, active=body.memo["active"] - 1)
    loop: Loop = body.task_spec.loop
    if not loop.standard:
        _throw(body, loop)
    if not body.over:
        proceed(body)


def proceed(body: Token) -> None:
    """Start the next turn, wait for others, or complete the activity."""
    loop: Loop = body.task_spec.loop
    memo = body.memo
    if loop.standard:
        if _goes_on(body, loop):
            _start(body, memo["done"])
        else:
            body.complete()
        return
    if memo["done"] < memo["total"] and loop.condition is not None and _met(body, loop.condition):
        body.remember(ended=memo["ended"] + memo["active"], active=0)
        for token in body.execution.owned.of(body.id):
            if token.turn is not None:
                token.cancel()
    elif memo["done"] + memo["active"] + memo["ended"] < memo["total"]:
        if loop.sequential:
            _start(body, memo["done"])
        return
    elif memo["active"] > 0:
        return
    _collect(body, loop)
    body.complete()


def _facts(body: Token) -> dict[str, Any]:
    """The instance attributes of Table 10.30, for conditions of the activity itself."""
    memo = body.memo
    return {
        "loopCounter": memo["done"],
        "numberOfInstances": memo["total"],
        "numberOfActiveInstances": memo["active"],
        "numberOfCompletedInstances": memo["done"],
        "numberOfTerminatedInstances": memo["ended"],
    }


def _met(body: Token, condition: Expression) -> bool:
    return decides(body, condition, _facts(body), what="completion condition")


def _goes_on(body: Token, loop: Loop) -> bool:
    if loop.maximum is not None and body.memo["done"] >= loop.maximum:
        return False
    if body.memo["done"] >= MOST_TURNS:
        raise EvaluationFailed(f"{body.task_spec.name} has run {MOST_TURNS:,} times, the limit of a loop.")
    if loop.condition is None:
        return loop.maximum is not None
    return decides(body, loop.condition, _facts(body), what="loop condition")


def _throw(body: Token, loop: Loop) -> None:
    """The events that the drawing asks for when a turn completes (10.3.7, behavior)."""
    if loop.behavior == "all" or not loop.events:
        return
    if loop.behavior == "one" and body.memo["done"] != 1:
        return
    for when, event in loop.events:
        if when is None or _met(body, when):
            propagation.throw(body, event)


def _collect(body: Token, loop: Loop) -> None:
    execution = body.execution
    if loop.output_collection is not None:
        results = [execution.kept.take(f"r{body.id}.{turn}") for turn in range(body.memo["total"])]
        body.data[loop.output_collection] = results
    if loop.collection is not None:
        execution.kept.take(f"c{body.id}")
