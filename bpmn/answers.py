"""What each trigger does to an execution, before it runs on. One function a trigger; each raises `NotWaiting` when the
place it names does not wait (any more)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from bpmn import conversations, iterations, listeners, propagation, triggers
from bpmn.events import Message
from bpmn.problems import NotWaiting
from bpmn.sandbox import evaluate
from bpmn.scopes import ROOT
from bpmn.specs.events import StartEvent
from bpmn.specs.gateways import EventBasedGateway
from bpmn.specs.sub_processes import AdHocSubProcess
from bpmn.specs.tasks import CallActivity, ServiceTask, UserTask

if TYPE_CHECKING:
    from bpmn.execution import Execution
    from bpmn.token import Token

_WAITS = TaskState.STARTED | TaskState.WAITING


def _find(execution: Execution, number: int, classes: Any, wanted: int) -> Token:
    token = execution.index.get(number)
    if token is None or not isinstance(token.task_spec, classes) or not token.has_state(wanted):
        raise NotWaiting(f"Nothing waits at token {number}.")
    return token


def _write(token: Token, variables: Mapping[str, Any]) -> None:
    for name, value in variables.items():
        token.data[name] = value


def start(execution: Execution, trigger: triggers.Start) -> None:
    """The instance begins."""
    if execution.last_number != ROOT:
        raise NotWaiting("The instance has begun already.")
    definition = execution.definition
    if definition.initiator and trigger.initiator is not None:
        execution.variables.define(definition.initiator, trigger.initiator)
    if trigger.element_id is None:
        for name, value in trigger.variables.items():
            execution.variables.define(name, value)
        execution.begin_scope(execution)
        return
    spec = execution.spec.task_specs.get(trigger.element_id)
    events = getattr(spec, "listens_for", ())
    if trigger.slot >= len(events) and not (isinstance(spec, StartEvent) and not events):
        raise NotWaiting(f"There is no start event {trigger.element_id}.")
    execution.declare(execution)
    token = execution.task_tree._add_child(spec)
    token.memo["occurred"] = True
    if events:
        event = events[trigger.slot]
        if isinstance(event, Message):
            conversations.received(token, event, trigger.variables, trigger.keys)
        listeners.take_payload(token, event, trigger.variables)
    else:
        _write(token, trigger.variables)
    execution.begin_event_sub_processes(execution)  # whose keys and conditions read what came
    if token.over:
        return
    spec._update(token)
    for other in _awaited_with(execution, trigger.element_id):
        other._update(execution.task_tree._add_child(other))


def _awaited_with(execution: Execution, element_id: str) -> list[Any]:
    """The other events of a parallel instantiating gateway: the instance waits for each of them (13.4.4)."""
    specs = execution.spec.task_specs
    for gateway in specs.values():
        if isinstance(gateway, EventBasedGateway) and gateway.instantiate and gateway.parallel:
            targets = [flow.target for flow in gateway.outgoing]
            if element_id in targets:
                return [specs[target] for target in targets if target != element_id]
    return []


def user_task_completed(execution: Execution, trigger: triggers.UserTaskCompleted) -> None:
    """A person is done."""
    token = _find(execution, trigger.token, UserTask, TaskState.STARTED)
    token.task_spec.take(token, trigger.variables)
    execution.go_on(token)


def job_completed(execution: Execution, trigger: triggers.JobCompleted) -> None:
    """A machine is done."""
    token = _find(execution, trigger.token, ServiceTask, TaskState.STARTED)
    token.task_spec.take(token, trigger.variables)
    execution.go_on(token)


def called_process_ended(execution: Execution, trigger: triggers.CalledProcessEnded) -> None:
    """The called process completed: its variables come back as mapped."""
    token = _find(execution, trigger.token, CallActivity, TaskState.STARTED)

    def take(token: Token) -> None:
        spec: CallActivity = token.task_spec
        if spec.all_out:
            _write(token, trigger.variables)
        for name, value in spec.outputs:
            token.data[name] = evaluate(token, value, trigger.variables, what=f"output {name}")
        token.complete()

    execution._guard(token, take)


def occurred(
    execution: Execution, trigger: triggers.MessageReceived | triggers.SignalReceived | triggers.TimerDue
) -> None:
    """What a listener waits for happened outside."""
    token = _find(execution, trigger.token, object, _WAITS)
    if trigger.slot >= len(getattr(token.task_spec, "listens_for", ())):
        raise NotWaiting(f"Nothing waits at token {trigger.token}.")
    payload = {} if isinstance(trigger, triggers.TimerDue) else trigger.variables
    event = token.task_spec.listens_for[trigger.slot]
    if isinstance(trigger, triggers.MessageReceived) and isinstance(event, Message):
        conversations.received(token, event, payload, trigger.keys)
    execution._guard(token, lambda token: listeners.occur(token, trigger.slot, payload))


def error_thrown(execution: Execution, trigger: triggers.ErrorThrown) -> None:
    """Work ended with a BPMN error."""
    token = _find(execution, trigger.token, (UserTask, ServiceTask, CallActivity), TaskState.STARTED)
    execution._guard(
        token,
        lambda token: propagation.throw_error(token, trigger.code, trigger.message, trigger.variables),
    )


def escalation_thrown(execution: Execution, trigger: triggers.EscalationThrown) -> None:
    """Work escalates and goes on."""
    token = _find(execution, trigger.token, (UserTask, ServiceTask, CallActivity), TaskState.STARTED)
    propagation.throw_escalation(token, trigger.code)


def start_activity(execution: Execution, trigger: triggers.StartActivity) -> None:
    """Someone starts an activity of an ad-hoc sub-process."""
    owner = _find(execution, trigger.token, AdHocSubProcess, TaskState.STARTED)
    scope = execution.scope(owner.id)
    spec: AdHocSubProcess = owner.task_spec
    startable = {inner.bpmn_id: inner for inner in scope.spec.starts}
    if trigger.element_id not in startable or owner.memo.get("closing"):
        raise NotWaiting(f"{trigger.element_id} cannot be started in {spec.bpmn_id}.")
    if spec.sequential and scope.alive:
        raise NotWaiting(f"In {spec.bpmn_id} one activity runs at a time.")
    for name, value in trigger.variables.items():
        scope.variables[name] = value
    token = scope.task_tree._add_child(startable[trigger.element_id])
    token.task_spec._update(token)


def complete_ad_hoc(execution: Execution, trigger: triggers.CompleteAdHoc) -> None:
    """Someone says that it is done."""
    owner = _find(execution, trigger.token, AdHocSubProcess, TaskState.STARTED)
    owner.task_spec.finish(owner, execution.scope(owner.id))


def retry(execution: Execution, trigger: triggers.Retry) -> None:
    """An incident was resolved: the element goes on from where it failed."""
    token = _find(execution, trigger.token, object, TaskState.ERROR)
    execution.entries.begin_anew(token.task_spec.name, execution.loop_limit)
    if token.passive:
        listeners.listen_again(token)
    elif token.done:
        execution.go_on(token)
    elif "open" in token.memo:
        token._set_state(TaskState.WAITING)
        token._set_state(TaskState.STARTED)
        execution._guard(token, lambda owner: owner.task_spec.activity_completed(owner, execution.scope(owner.id)))
    elif token.turn is None and "total" in token.memo:
        token._set_state(TaskState.WAITING)
        token._set_state(TaskState.STARTED)
        execution._guard(token, iterations.proceed)
    else:
        token._set_state(TaskState.READY)


def set_variables(execution: Execution, trigger: triggers.SetVariables) -> None:
    """An operator's hand."""
    scope = execution.scope(trigger.scope or ROOT)
    for name, value in trigger.variables.items():
        scope.variables.define(name, value)


def go_on(execution: Execution, trigger: triggers.Continue) -> None:
    """The step that was cut short."""


def cancel(execution: Execution, trigger: triggers.Cancel) -> None:
    """End it all."""
    execution.ready.clear()
    execution.cancel_tokens(execution)
    execution._end("cancelled")


ANSWERS: Mapping[type, Callable[[Any, Any], None]] = {
    triggers.Start: start,
    triggers.UserTaskCompleted: user_task_completed,
    triggers.JobCompleted: job_completed,
    triggers.CalledProcessEnded: called_process_ended,
    triggers.MessageReceived: occurred,
    triggers.SignalReceived: occurred,
    triggers.TimerDue: occurred,
    triggers.ErrorThrown: error_thrown,
    triggers.EscalationThrown: escalation_thrown,
    triggers.StartActivity: start_activity,
    triggers.CompleteAdHoc: complete_ad_hoc,
    triggers.Retry: retry,
    triggers.SetVariables: set_variables,
    triggers.Continue: go_on,
    triggers.Cancel: cancel,
}
