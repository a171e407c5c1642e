"""Waiting for events: what opens when a token waits, and what happens when the event occurs (BPMN 2.0.2, 13.5).

A listener is a token that waits for the events of its element: a catch event or receive task itself, or a passive
token owned by whom it listens for: the activity of a boundary event, the scope of an event sub-process, the
event-based gateway before a catch event. `slot` tells several events of one element apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from bpmn import conversations, effects, timers
from bpmn.evaluation import EvaluationFailed
from bpmn.events import Conditional, Definition, Escalation, Message, Signal, Timer
from bpmn.events import Error as ErrorEvent
from bpmn.sandbox import decides
from bpmn.templates import fill

if TYPE_CHECKING:
    from bpmn.token import Token

_WAITED_FOR = (Message, Signal, Timer, Conditional)


def waits(events: tuple[Definition, ...]) -> bool:
    """Whether anything must be opened for these events; errors and the like come by themselves."""
    return any(isinstance(event, _WAITED_FOR) for event in events)


def listen(token: Token) -> None:
    """Open what the token's element waits for: all of it, or nothing. Raises `EvaluationFailed`."""
    execution = token.execution
    events = list(enumerate(token.task_spec.listens_for))
    for effect in [_opening(token, slot, event) for slot, event in events]:
        if isinstance(effect, effects.OpenSignalSubscription):
            token.remember(signals={**token.memo.get("signals", {}), str(effect.slot): effect.name})
            execution.signals.setdefault(effect.name, {})[token.id] = effect.slot
        if effect is not None:
            execution.emit(effect)
    for slot, event in events:  # last: a condition that holds already may end the waiting
        if isinstance(event, Conditional) and not token.over:
            execution.conditions.add((token.id, slot))
            check_condition(token, slot)


def _opening(token: Token, slot: int, event: Definition) -> effects.Effect | None:
    element = token.task_spec.listening_element
    match event:
        case Message():
            keys = conversations.awaited(token, event)
            return effects.OpenMessageSubscription(token.id, element, fill(event.name.source, token.data), keys, slot)
        case Signal():
            return effects.OpenSignalSubscription(token.id, element, fill(event.name.source, token.data), slot)
        case Timer():
            return effects.OpenTimer(token.id, element, timers.first(token, event, slot).due, slot)
    return None


def check_condition(listener: Token, slot: int) -> None:
    """A conditional event occurs when its condition becomes true; what cannot be evaluated, or is neither true nor
    false, is not true yet."""
    event: Conditional = listener.task_spec.listens_for[slot]
    try:
        holds = decides(listener, event.condition, what="condition")
    except EvaluationFailed:
        holds = False
    held = listener.memo.get("held", [])
    if holds != (slot in held):
        listener.remember(held=sorted({*held, slot}) if holds else [other for other in held if other != slot])
        if holds:
            occur(listener, slot, {})


def forget(token: Token) -> None:
    """The token goes on: what else it listened for is closed."""
    if token.passive or "occurred" in token.memo:
        return
    _unlist(token)
    events = token.task_spec.listens_for
    # A timer that was due is gone by itself; a subscription stays until it is closed.
    opened = (Message, Signal, Timer) if len(events) > 1 else (Message, Signal)
    if any(isinstance(event, opened) for event in events):
        token.execution.emit(effects.CloseWait(token.id))


def closed(listener: Token) -> None:
    """A listener is being cancelled: nothing is waited for any more."""
    if listener.passive:
        listener.workflow.idle -= 1
        if listener.cancelled_from & TaskState.ERROR:
            return  # it opened nothing but an incident
    elif not listener.cancelled_from & (TaskState.STARTED | TaskState.WAITING):
        return
    _unlist(listener)
    if any(isinstance(event, Message | Signal | Timer) for event in listener.task_spec.listens_for):
        listener.execution.emit(effects.CloseWait(listener.id))


def _unlist(token: Token) -> None:
    execution = token.execution
    execution.conditions.difference_update((token.id, slot) for slot in range(len(token.task_spec.listens_for)))
    for name in token.memo.get("signals", {}).values():
        execution.signals.get(name, {}).pop(token.id, None)


def restored(token: Token) -> None:
    """Put a stored listener back into the indexes."""
    execution = token.execution
    if token.has_state(TaskState.ERROR):
        return
    for slot, event in enumerate(token.task_spec.listens_for):
        if isinstance(event, Conditional):
            execution.conditions.add((token.id, slot))
    for slot, name in token.memo.get("signals", {}).items():
        execution.signals.setdefault(name, {})[token.id] = int(slot)


def arm_boundary(host: Token) -> None:
    """The activity waits now: listen for the events attached to it."""
    for spec in host.task_spec.boundary:
        if waits(spec.listens_for) and not host.over:
            listener = host._add_child(spec, TaskState.FUTURE, owner=host.id)
            listener.flow = None
            place(listener)


def place(listener: Token) -> None:
    """Set up a passive token. What it cannot read is an incident of its own; whom it listens for goes on."""
    execution = listener.execution
    listener.passive = True
    listener.workflow.idle += 1
    if listener.owner is not None:
        execution.owned.add(listener.owner, listener)
    listen_again(listener)


def listen_again(listener: Token) -> None:
    """A passive token waits."""
    listener._set_state(TaskState.WAITING)
    listener.execution._guard(listener, listen)


def disarm(host: Token) -> None:
    """The activity is over: nobody listens for it."""
    for listener in host.execution.owned.of(host.id):
        if listener.passive:
            listener.cancel()


def occur(token: Token, slot: int, payload: Mapping[str, Any]) -> None:
    """An event that `token` listens for occurred."""
    spec = token.task_spec
    event = spec.listens_for[slot]
    take_payload(token, event, payload)
    if spec.parallel_multiple:
        fired = sorted({*token.memo.get("fired", []), slot})
        token.remember(fired=fired)
        if len(fired) < len(spec.listens_for):
            return
        token.remember(fired=[])
    spec.occurred(token, slot)


def caught(token: Token) -> None:
    """A catch event or receive task has what it waited for: it goes on, or its event-based gateway does."""
    if token.passive:
        gateway = token.execution.index[token.owner]
        gateway.task_spec.chosen(gateway, token)
    else:
        token.execution.go_on(token)


def again(token: Token, slot: int) -> None:
    """A non-interrupting listener stays; a repeating timer gets its next time (10.5.5.10): each of them, if all events
    were awaited."""
    events = token.task_spec.listens_for
    for number in range(len(events)) if token.task_spec.parallel_multiple else (slot,):
        event = events[number]
        following = timers.following(token, event, number) if isinstance(event, Timer) else None
        if following is not None:
            token.execution.emit(effects.OpenTimer(token.id, token.task_spec.listening_element, following.due, number))


def take_payload(token: Token, event: Definition, payload: Mapping[str, Any]) -> None:
    """Store what came with the event, where the drawing says so; else its names as variables."""
    variable = getattr(event, "variable", None)
    if isinstance(event, ErrorEvent | Escalation):
        if variable:
            token.data[variable] = dict(payload)
    elif variable:
        token.data[variable] = dict(payload)
    else:
        token.task_spec.take(token, payload)
