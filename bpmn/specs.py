"""The spec classes: SpiffWorkflow's, each with `TokenSpec` first in its order.

`TokenSpec` replaces what the stock hooks get wrong together: prediction of future tasks (walks the tree), copying of
data, joins found by walking ancestors (wrong in loops, and surplus tokens are lost), one token per branch. A kind's
own class holds only what differs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.specs import defaults
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec
from SpiffWorkflow.specs import WorkflowSpec
from SpiffWorkflow.specs.base import TaskSpec
from SpiffWorkflow.util.task import TaskState

from bpmn import effects
from bpmn.extensions import Assignment, External
from bpmn.failures import NoFlowTaken
from bpmn.sandbox import holds
from bpmn.templates import fill, fill_list

if TYPE_CHECKING:
    from bpmn.definition import Flow
    from bpmn.effects import FormField
    from bpmn.evaluation import Script
    from bpmn.token import Token


class TokenSpec(BpmnTaskSpec):
    """How a token meets an element: arrive, enter, work, choose, leave. Immutable once parsed."""

    kind: str = ""
    incoming: tuple[str, ...] = ()
    outgoing: tuple[Flow, ...] = ()
    #: It lies on a cycle of flows, so it is counted against the loop limit.
    in_loop = False

    # -- arriving
    def _predict(self, my_task: Token, seen: Any = None, looked_ahead: int = 0, mask: int = 0) -> None:
        """Nothing: the future is not part of the state."""

    def _update(self, my_task: Token) -> None:
        if self._update_hook(my_task):
            my_task._ready()

    def _update_hook(self, my_task: Token) -> bool:
        return True

    def _on_ready(self, my_task: Token) -> None:
        my_task.workflow.top_workflow.enter(my_task)

    # -- working
    def _run_hook(self, my_task: Token) -> bool | None:
        return True

    def _on_error(self, my_task: Token) -> None:
        """Nothing here: the execution turns the exception into an incident."""

    # -- leaving
    def select(self, my_task: Token) -> list[Flow]:
        """The flows to take: the unconditional and those whose condition holds, else the default (13.2.1)."""
        chosen = []
        default = None
        conditional = False
        for flow in self.outgoing:
            if flow.is_default:
                default = flow
            elif flow.condition is None:
                chosen.append(flow)
            else:
                conditional = True
                if holds(my_task, flow):
                    chosen.append(flow)
        if not chosen and default is not None:
            chosen.append(default)
        if not chosen and conditional:
            raise NoFlowTaken(_no_flow(self))
        return chosen

    def _on_complete(self, my_task: Token) -> None:
        execution = my_task.workflow.top_workflow
        self._on_complete_hook(my_task)
        for flow in my_task.leaving:
            target = my_task.workflow.spec.task_specs[flow.target]
            child = my_task._add_child(target, TaskState.FUTURE, flow.id)
            target._update(child)
        execution._task_completed_notify(my_task)

    def _on_complete_hook(self, my_task: Token) -> None:
        if my_task.entered:
            my_task.workflow.top_workflow.emit(
                effects.ActivityEnded(my_task.id, "completed", self.detail(my_task), self.bpmn_id)
            )

    def detail(self, my_task: Token) -> dict[str, Any] | None:
        """What history keeps of this activity instance besides its times."""
        return None

    def _on_cancel(self, my_task: Token) -> None:
        execution = my_task.workflow.top_workflow
        if my_task.has_state(TaskState.STARTED | TaskState.ERROR) or my_task.passive:
            execution.emit(effects.CloseWait(my_task.id))
        if my_task.entered:
            execution.emit(effects.ActivityEnded(my_task.id, "cancelled", None, self.bpmn_id))


def _no_flow(spec: TokenSpec) -> str:
    tried = ", ".join(f"{f.id} ({f.condition.source})" for f in spec.outgoing if f.condition is not None)
    return f"No outgoing flow of {spec.name} holds and there is no default flow. Tried: {tried}."


class ProcessSpec(BpmnProcessSpec):
    """The graph of a process or sub-process.

    The stock class names its internal nodes `Start`, `End` and `<id>.EndJoin`, which collide with elements drawn with
    those ids; ours has one internal node whose name no XML id can have.
    """

    def __init__(self, name: str, description: str | None = None, filename: str | None = None):
        WorkflowSpec.__init__(self, name=name, filename=filename)
        self.bpmn_start_events: list[Any] = []
        self.start = RootSpec(self, "(root)")
        self.end = None
        self.description = description
        self.svg = None
        self.io_specification = None
        self.data_objects: dict[str, Any] = {}
        self.data_stores: dict[str, Any] = {}
        self.correlation_keys: dict[str, Any] = {}
        self.start_element: StartEvent | None = None
        self.event_sub_processes: tuple[EventSubProcess, ...] = ()


class RootSpec(TokenSpec):
    """The root of a scope's tokens; not an element of the diagram."""

    def _connect_notify(self, taskspec: TaskSpec) -> None:
        raise AssertionError("the root has no inputs")


class Task(TokenSpec, defaults.NoneTask):
    """The stock class waits for a person; nobody is asked (BPMN 2.0.2, 13.3.3)."""

    kind = "task"


class ManualTask(TokenSpec, defaults.ManualTask):
    """As `Task`: the engine is not told when a manual task is done."""

    kind = "manual_task"


class UserTask(TokenSpec, defaults.UserTask):
    kind = "user_task"
    assignment: Assignment = Assignment()
    fields: tuple[FormField, ...] = ()

    def _run_hook(self, my_task: Token) -> None:
        seen = my_task.data
        assignment = self.assignment
        my_task.workflow.top_workflow.emit(
            effects.OpenUserTask(
                token=my_task.id,
                activity=my_task.id,
                element_id=self.bpmn_id,
                name=fill(self.bpmn_name or self.bpmn_id, seen),
                documentation=fill(self.documentation, seen) if self.documentation else None,
                assignee=fill(assignment.assignee, seen).strip() or None,
                candidate_users=fill_list(assignment.candidate_users, seen),
                candidate_groups=fill_list(assignment.candidate_groups, seen),
                priority=assignment.priority,
                fields=self.fields,
            )
        )


class ServiceTask(TokenSpec, defaults.ServiceTask):
    kind = "service_task"
    external: External = External()

    def _run_hook(self, my_task: Token) -> None:
        seen = my_task.data
        my_task.workflow.top_workflow.emit(
            effects.OpenJob(
                token=my_task.id,
                activity=my_task.id,
                element_id=self.bpmn_id,
                topic=self.external.topic,
                retries=self.external.retries,
                headers={name: fill(value, seen) for name, value in self.external.headers},
            )
        )


class ScriptTask(TokenSpec, defaults.ScriptTask):
    kind = "script_task"
    program: Script
    declared: frozenset[str] | None = None

    def _run_hook(self, my_task: Token) -> bool | None:
        result: bool | None = defaults.ScriptTask._run_hook(self, my_task)
        return result


class StartEvent(TokenSpec, defaults.StartEvent):
    kind = "start_event"
    message: str | None = None
    interrupting = True


class EndEvent(TokenSpec, defaults.EndEvent):
    kind = "end_event"


class IntermediateThrowEvent(TokenSpec, defaults.IntermediateThrowEvent):
    kind = "intermediate_throw_event"


class ExclusiveGateway(TokenSpec, defaults.ExclusiveGateway):
    kind = "exclusive_gateway"

    def select(self, my_task: Token) -> list[Flow]:
        """The first flow, in document order, whose condition holds, else the default (13.4.2)."""
        default = None
        for flow in self.outgoing:
            if flow.is_default or flow.condition is None:
                default = flow
            elif holds(my_task, flow):
                return [flow]
        if default is not None:
            return [default]
        if self.outgoing:
            raise NoFlowTaken(_no_flow(self))
        return []

    def detail(self, my_task: Token) -> dict[str, Any] | None:
        if len(self.outgoing) < 2:
            return None
        flow = my_task.leaving[0]
        names = sorted(set().union(*(f.condition.reads for f in self.outgoing if f.condition is not None)))
        values = {name: my_task.data[name] for name in names if name in my_task.data}
        return {"flow_id": flow.id, "condition": flow.condition.source if flow.condition else None, "values": values}


class ParallelGateway(TokenSpec, defaults.ParallelGateway):
    """Waits for a token on each incoming *flow*; each firing consumes one of each, surplus tokens stay (13.4.1).

    The stock class keys by source element (of two flows from one source it awaits one) and drops surplus tokens.
    """

    kind = "parallel_gateway"

    def _update_hook(self, my_task: Token) -> bool:
        return len(self.incoming) < 2 or bool(my_task.workflow.arrive(my_task))


class SubProcess(TokenSpec, defaults.SubWorkflowTask):
    kind = "sub_process"

    def _run_hook(self, my_task: Token) -> None:
        my_task.workflow.top_workflow.open_scope(my_task)

    def _on_cancel(self, my_task: Token) -> None:
        execution = my_task.workflow.top_workflow
        execution.cancel_scope(my_task)
        if my_task.has_state(TaskState.ERROR):
            execution.emit(effects.CloseWait(my_task.id))
        if my_task.entered:
            execution.emit(effects.ActivityEnded(my_task.id, "cancelled", None, self.bpmn_id))


class EventSubProcess(SubProcess, defaults.EventSubprocess):
    """Lies in its scope as a passive token until its start event occurs.

    The stock parser looks `triggeredByEvent` up in the wrong namespace, so this class is never used by it; and its
    interrupting start does not interrupt.
    """

    kind = "event_sub_process"
    start: StartEvent

    def _on_cancel(self, my_task: Token) -> None:
        if my_task.passive:
            TokenSpec._on_cancel(self, my_task)
        else:
            super()._on_cancel(my_task)
