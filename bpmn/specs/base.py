"""How a token meets an element, and the graph that elements form.

`TokenSpec` stands first in the order of every spec class of SpiffWorkflow that we use. It replaces what the stock
hooks get wrong together: prediction of future tasks (walks the tree), copying of data, joins found by walking
ancestors (wrong in loops, and surplus tokens are lost), one token per branch. A kind's own class holds only what
differs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec
from SpiffWorkflow.specs import WorkflowSpec
from SpiffWorkflow.specs.base import TaskSpec
from SpiffWorkflow.util.task import TaskState

from bpmn import effects, iterations, listeners, stores
from bpmn.failures import NoFlowTaken
from bpmn.sandbox import evaluate, holds
from bpmn.stores import Store
from bpmn.variables import Scope

if TYPE_CHECKING:
    from bpmn.definition import Flow
    from bpmn.evaluation import Expression
    from bpmn.iterations import Loop
    from bpmn.token import Token


class TokenSpec(BpmnTaskSpec):
    """Arrive, enter, work, choose, leave. Immutable once parsed."""

    kind: str = ""
    incoming: tuple[str, ...] = ()
    outgoing: tuple[Flow, ...] = ()
    #: It lies on a cycle of flows, so it is counted against the loop limit.
    in_loop = False
    #: Events attached to it.
    boundary: tuple[Any, ...] = ()
    #: The activity that compensates it.
    compensated_by: Any = None
    #: Standard loop or multi-instance.
    loop: Loop | None = None
    #: Variables of its own: name → expression over its surroundings; what of it goes out: name → expression over it.
    maps_in: tuple[tuple[str, Expression], ...] = ()
    maps_out: tuple[tuple[str | Store, Expression], ...] = ()
    #: Data stores whose values its inputs use.
    reads_stores: tuple[Store, ...] = ()
    #: Variables that exist in it only (BPMN properties, outputs), empty at first.
    declares: tuple[str, ...] = ()
    #: Tokens needed on its incoming flows to start it, tokens it sends out (13.3.2).
    start_quantity = 1
    completion_quantity = 1

    # -- arriving
    def _predict(self, my_task: Token, seen: Any = None, looked_ahead: int = 0, mask: int = 0) -> None:
        """Nothing: the future is not part of the state."""

    def _update(self, my_task: Token) -> None:
        if self._update_hook(my_task):
            my_task._ready()

    def _update_hook(self, my_task: Token) -> bool:
        return self.start_quantity < 2 or bool(my_task.workflow.gather(my_task, self.start_quantity))

    def _on_ready(self, my_task: Token) -> None:
        my_task.execution.enter(my_task)

    # -- working
    def _run_hook(self, my_task: Token) -> bool | None:
        if self.loop is not None and my_task.turn is None and not my_task.undoes:
            result = iterations.begin(my_task)
        else:
            if self.maps_in or self.maps_out or self.declares:
                self._open_variables(my_task)
            result = self.work(my_task)
        if result is None and my_task.turn is None and self.boundary and not my_task.undoes:
            my_task._set_state(TaskState.STARTED)  # an event attached to it may occur at once and end it
            listeners.arm_boundary(my_task)
        return result

    def work(self, my_task: Token) -> bool | None:
        """What the element does: True when it is done, None when it waits."""
        return True

    def _open_variables(self, my_task: Token) -> None:
        """Its own variables, in front of those around it (10.4.2)."""
        held = {store.variable: stores.read(my_task, store) for store in self.reads_stores}
        values = [(name, evaluate(my_task, value, held, what=f"input {name}")) for name, value in self.maps_in]
        if my_task.local is None:
            my_task.local = Scope(my_task.id, my_task.workflow.variables, my_task.execution.changed_variables)
        for name in self.declares:
            my_task.local.define(name, None)
        for name, value in values:
            my_task.local.define(name, value)

    def take(self, my_task: Token, variables: Mapping[str, Any]) -> None:
        """What a person, machine or script answers: into its own variables if it says what goes out, else around."""
        for name, value in variables.items():
            if self.maps_out and my_task.local is not None:
                my_task.local.define(name, value)
            else:
                my_task.data[name] = value

    def give_out(self, my_task: Token) -> None:
        """Its results, before it leaves; of a turn whose result is collected, into the turn. Raises
        `EvaluationFailed`."""
        own = my_task.local
        assert own is not None
        assert own.parent is not None
        collected = my_task.turn is not None and self.loop is not None and self.loop.output is not None
        for target, _ in self.maps_out:
            if isinstance(target, Store):
                stores.read(my_task, target)  # it must be there before anything is written
        results = [
            (name, evaluate(my_task, value, what=f"output {name.name if isinstance(name, Store) else name}"))
            for name, value in self.maps_out
        ]
        for name, value in results:
            if isinstance(name, Store):
                stores.write(my_task, name, value)
            elif collected:
                own.define(name, value)
            else:
                own.parent[name] = value

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
            raise NoFlowTaken(no_flow(self))
        return chosen

    def _on_complete(self, my_task: Token) -> None:
        execution = my_task.workflow.top_workflow
        if my_task.id in execution.owned:
            listeners.disarm(my_task)
        self._on_complete_hook(my_task)
        if (
            self.compensated_by is not None
            and "undo_of" not in my_task.memo
            and (my_task.turn is None) == (self.loop is None)
        ):
            execution.compensation.record(my_task, my_task.data)
        for flow in my_task.leaving:
            target = my_task.workflow.spec.task_specs[flow.target]
            for _ in range(self.completion_quantity):
                child = my_task._add_child(target, TaskState.FUTURE, flow.id)
                self.sends(my_task, child)
                target._update(child)
        execution._task_completed_notify(my_task)

    def sends(self, my_task: Token, child: Token) -> None:
        """A token goes on to the next element."""

    def compensated(self, my_task: Token) -> None:
        """All that this token had undone is undone."""
        my_task.execution.go_on(my_task)

    def _on_complete_hook(self, my_task: Token) -> None:
        if my_task.entered:
            my_task.execution.emit(
                effects.ActivityEnded(my_task.id, "completed", self.detail(my_task), self.bpmn_id or "")
            )

    def detail(self, my_task: Token) -> dict[str, Any] | None:
        """What history keeps of this activity instance besides its times."""
        return None

    def _on_cancel(self, my_task: Token) -> None:
        listeners.disarm(my_task)
        my_task.execution.cancel_owned(my_task)
        before = my_task.cancelled_from
        is_body = self.loop is not None and my_task.turn is None  # its turns wait, not it
        waited = self.opens_wait and not is_body and before & (TaskState.STARTED | TaskState.WAITING)
        if waited or before & TaskState.ERROR:
            my_task.execution.emit(effects.CloseWait(my_task.id))
        if my_task.entered:
            my_task.execution.emit(effects.ActivityEnded(my_task.id, "cancelled", None, self.bpmn_id or ""))

    #: It opens something in the world while it waits, to be closed when it is cancelled.
    opens_wait = False


def no_flow(spec: TokenSpec) -> str:
    """The words for a choice that found no way out."""
    tried = ", ".join(f"{f.id} ({f.condition.source})" for f in spec.outgoing if f.condition is not None)
    return f"No outgoing flow of {spec.name} holds and there is no default flow. Tried: {tried}."


class RootSpec(TokenSpec):
    """The root of a scope's tokens; not an element of the diagram."""

    def _connect_notify(self, taskspec: TaskSpec) -> None:
        raise AssertionError("the root has no inputs")


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
        #: Where tokens begin when the scope opens: its none start events, else what has no incoming flow.
        self.starts: tuple[TokenSpec, ...] = ()
        #: Data objects and properties: variables of the scope, empty at first.
        self.declares: tuple[str, ...] = ()
        self.event_sub_processes: tuple[Any, ...] = ()
        #: Of an ad-hoc sub-process: the events that may occur in it as often as they like.
        self.awaited: tuple[Any, ...] = ()
