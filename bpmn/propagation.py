"""Where thrown events go: errors and escalations outward through the scopes, signals to all listeners of the
instance and beyond, messages out (BPMN 2.0.2, 13.5.1 and 10.5.6)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bpmn import conversations, effects, listeners
from bpmn.events import Compensation, Definition, Error, Escalation, Link, Message, Signal
from bpmn.failures import UncaughtError
from bpmn.sandbox import evaluate
from bpmn.templates import fill

if TYPE_CHECKING:
    from bpmn.token import Token


@dataclass(frozen=True, slots=True)
class Catcher:
    """Who catches: the boundary event of an activity, or an event sub-process of a scope."""

    spec: Any
    event: Definition
    host: Token | None = None
    scope: Any = None

    def catch(self, payload: Mapping[str, Any]) -> None:
        """Begin the handling; interrupting ends what it interrupts."""
        if self.host is not None:
            begin_boundary(self.host, self.spec, self.event, payload)
        else:
            begin_event_sub_process(self.scope, self.spec, self.event, payload)


def throw(token: Token, event: Definition) -> None:
    """Throw an event from where the token stands; compensation, cancel and terminate are the specs' own business."""
    execution = token.execution
    match event:
        case Message():
            payload = _payload(token, event.payload)
            execution.emit(
                effects.ThrowMessage(
                    activity=token.id,
                    element_id=token.task_spec.bpmn_id,
                    name=fill(event.name.source, token.data),
                    keys=conversations.sent(token, event, payload),
                    variables=payload,
                    time_to_live=event.time_to_live,
                )
            )
        case Signal():
            name = fill(event.name.source, token.data)
            payload = _payload(token, event.payload)
            for number, slot in list(execution.signals.get(name, {}).items()):
                listener = execution.index.get(number)
                if listener is not None and not listener.over:
                    listeners.occur(listener, slot, payload)
            execution.emit(effects.BroadcastSignal(token.id, token.task_spec.bpmn_id, name, payload))
        case Error():
            throw_error(token, event.code, event.message)
        case Escalation():
            throw_escalation(token, event.code)
        case Link() | Compensation():
            pass
        case _:
            raise AssertionError(f"{event} is not thrown here")


def _payload(token: Token, entries: tuple[tuple[str, Any], ...]) -> dict[str, Any]:
    return {name: evaluate(token, value, what=f"payload {name}") for name, value in entries}


def throw_error(
    token: Token,
    code: str | None,
    message: str | None,
    variables: Mapping[str, Any] | None = None,
    leave: Callable[[], None] | None = None,
) -> None:
    """Find who catches an error thrown at the token, innermost first; an exact code goes before catch-all. `leave`
    is called before the catcher begins. What a called process does not catch ends it; its call activity may catch
    it. Raises `UncaughtError`."""
    catcher = find(token, Error, code)
    execution = token.execution
    if catcher is None and not execution.context.called:
        raise UncaughtError(code, message)
    if leave is not None:
        leave()
    if catcher is not None:
        catcher.catch({"code": code, "message": message, **(variables or {})})
    else:
        execution.cancel_tokens(execution)
        execution._end("failed", effects.ErrorPropagated(code, message))


def throw_escalation(token: Token, code: str | None) -> None:
    """An escalation that nobody catches goes unnoticed (10.5.1), or on to the call activity of a called process."""
    catcher = find(token, Escalation, code)
    if catcher is not None:
        catcher.catch({"code": code})
    elif token.execution.context.called:
        token.execution.emit(effects.PropagateEscalation(token.id, token.task_spec.bpmn_id, code))


def find(token: Token, kind: type[Error] | type[Escalation], code: str | None) -> Catcher | None:
    """The nearest catcher: events attached to the activity itself, event sub-processes of its scope, then outward."""
    current: Token | None = token
    while current is not None:
        if current.turn is not None and current.owner is not None:
            current = current.execution.index[current.owner]
            continue
        attached = () if current.undoes else current.task_spec.boundary
        found = _among(((spec, event) for spec in attached for event in spec.listens_for), kind, code)
        if found is not None:
            return Catcher(*found, host=current)
        scope = current.workflow
        if current.task_spec.kind != "event_sub_process":
            found = _among(
                ((spec, event) for spec in scope.spec.event_sub_processes for event in spec.listens_for), kind, code
            )
            if found is not None:
                return Catcher(*found, scope=scope)
        current = scope.owner
    return None


def _among(
    candidates: Iterable[tuple[Any, Definition]], kind: type[Error] | type[Escalation], code: str | None
) -> tuple[Any, Definition] | None:
    catch_all: tuple[Any, Definition] | None = None
    for spec, event in candidates:
        if isinstance(event, kind):
            wanted = event.code
            if wanted is not None and wanted == code:
                return spec, event
            if wanted is None and catch_all is None:
                catch_all = (spec, event)
    return catch_all


def begin_boundary(host: Token, spec: Any, event: Definition | None, payload: Mapping[str, Any]) -> None:
    """A boundary event occurs: interrupting ends its activity, else it runs beside it (13.5.3)."""
    token = host._add_child(spec)
    if event is not None:
        listeners.take_payload(token, event, payload)
    if spec.interrupting:
        host.cancel()
    token._ready()


def begin_event_sub_process(scope: Any, spec: Any, event: Definition | None, payload: Mapping[str, Any]) -> None:
    """The start event of an event sub-process occurs: interrupting ends all else in its scope (13.5.4)."""
    if spec.interrupting:
        scope.top_workflow.cancel_tokens(scope)
    token = scope.task_tree._add_child(spec)
    if event is not None:
        listeners.take_payload(token, event, payload)
    token._ready()


def stop_siblings(token: Token) -> None:
    """An error that nobody catches ends everything but the place where it was thrown (13.5.1)."""
    execution = token.execution
    spared: set[int] = set()
    scopes = []
    current: Token | None = token
    while current is not None:
        spared.add(current.id)
        if current.turn is not None:
            body = execution.index[current.owner]
            others = [other for other in execution.owned.of(body.id) if other.turn not in (None, current.turn)]
            for other in others:
                other.cancel()
            body.remember(active=1, ended=body.memo["ended"] + len(others))
            current = body
        elif current.owner is not None:
            current = execution.index.get(current.owner)
        else:
            scopes.append(current.workflow)
            current = current.workflow.owner
    for scope in scopes:
        execution.cancel_tokens(scope, spared)
