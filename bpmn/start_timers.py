"""Timers at start events: they begin instances, so nothing of an instance is there yet (BPMN 2.0.2, 10.5.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bpmn import timers
from bpmn.evaluation import EvaluationFailed
from bpmn.events import Timer
from bpmn.templates import fill

if TYPE_CHECKING:
    from bpmn.definition import ProcessDefinition
    from bpmn.step import StepContext


@dataclass(frozen=True, slots=True)
class StartTimer:
    """When it is due next. `memory` (JSON) is what `next_start_timer` needs to find the time after that."""

    due: datetime
    memory: dict[str, Any]


def start_timer(definition: ProcessDefinition, element_id: str, event: Timer, context: StepContext) -> StartTimer:
    """The first time of a start event's timer, from now. Raises `EvaluationFailed`."""
    if event.text.expression is not None:
        text = str(context.evaluator.evaluate(event.text.expression, {}, now=context.now, seed=context.seed))
    else:
        text = fill(event.text.source, {}).strip()
    now = timers.local(context.now, definition.time_zone)
    try:
        found = timers.schedule(event.kind, text, now)
    except timers.NotATime as fault:
        raise EvaluationFailed(f"The timer of {element_id}: {fault}") from None
    return StartTimer(
        found.due,
        {"kind": event.kind, "text": text, "turn": found.turn, "since": now.astimezone(UTC).isoformat()},
    )


def next_start_timer(definition: ProcessDefinition, memory: dict[str, Any], now: datetime) -> StartTimer | None:
    """The time after the one that was due; None if there is none."""
    if memory["kind"] != "cycle":
        return None
    here = timers.local(now, definition.time_zone)
    since = datetime.fromisoformat(memory["since"]).astimezone(here.tzinfo)
    found = timers.after(memory["text"], since, memory["turn"], here)
    return None if found is None else StartTimer(found.due, {**memory, "turn": found.turn})
