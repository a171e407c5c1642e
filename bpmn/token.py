"""The token: SpiffWorkflow's Task over a scope instead of its own copy of all data.

Faults of the stock Task that this answers (SpiffWorkflow 3.2.0): every task copies the variables of its parent
(`_inherit_data`), keeps all its ancestors alive so that a step costs what the instance has behind it, and reads the
wall clock at each change of state. A token knows its scope, its number and the flow that brought it; the tree below
the scope's root is flat, and who is finished leaves it.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from bpmn import iterations

if TYPE_CHECKING:
    from bpmn.definition import Flow
    from bpmn.variables import Scope

_OVER = TaskState.COMPLETED | TaskState.CANCELLED


class Token(Task):
    """One token in one scope (`workflow`). Its number is also that of its activity instance."""

    # Of the stock task, and the same in all of ours.
    _children: Any = ()
    triggered = False
    thread_id = 0
    internal_data: Any = MappingProxyType({})
    last_state_change = 0.0
    #: The sequence flow it came by; a join is keyed by it.
    flow: str | None
    #: The token it belongs to: a listener's activity, an iteration's body, a handler's thrower.
    owner: int | None = None
    #: Waits for an event that may never come and does not keep its scope alive.
    passive = False
    #: It was entered, so history knows its activity instance.
    entered = False
    #: The element did its work; what failed, if anything, was choosing the way out.
    done = False
    #: Which turn of a loop or multi-instance it is, from 0; None for everything else.
    turn: int | None = None
    #: Variables of its own (an iteration's, a mapped activity's), in front of its scope's.
    local: Scope | None = None
    #: What its element must remember between steps; JSON, stored with the token.
    memo: dict[str, Any]
    #: The flows it leaves by.
    leaving: Sequence[Flow] = ()
    cancelled_from = 0

    def __init__(
        self,
        workflow: Any,
        task_spec: Any,
        parent: Task | None = None,
        state: int = TaskState.FUTURE,
        id: int | None = None,
        flow: str | None = None,
        owner: int | None = None,
    ):
        # What Task.__init__ sets, without its random UUID, its wall clock and its growing list of children; and only
        # what differs from most tokens.
        self.id = id if id is not None else workflow.top_workflow.next_number()
        self.workflow = workflow
        self.task_spec = task_spec
        self._parent = parent.id if parent is not None else None
        self._state = state
        self.flow = flow
        if owner is not None:
            self.owner = owner
        self.memo = {}
        workflow.tasks[self.id] = self

    @property
    def execution(self) -> Any:
        """The process instance it belongs to."""
        return self.workflow.top_workflow

    @property
    def data(self) -> Scope:
        """The variables it sees."""
        if self.local is not None:
            return self.local
        scope: Scope = self.workflow.variables
        return scope

    @property
    def over(self) -> bool:
        """Completed or cancelled."""
        return bool(self.has_state(_OVER))

    @property
    def undoes(self) -> bool:
        """It stands for a sub-process that completed, whose content is undone now."""
        return "within" in self.memo

    def _set_state(self, value: int) -> None:
        if value == TaskState.STARTED and self.has_state(TaskState.FINISHED_MASK):
            # It did not wait after all: what its element threw interrupted the scope it stands in, or what it would
            # have waited for was there at once.
            return
        self._state = value
        self.workflow.top_workflow.token_changed(self)

    def remember(self, **facts: Any) -> None:
        """Change the memo."""
        self.memo.update(facts)
        self.workflow.top_workflow.token_touched(self)

    def _add_child(
        self, task_spec: Any, state: int = TaskState.FUTURE, flow: str | None = None, owner: int | None = None
    ) -> Token:
        return Token(self.workflow, task_spec, self.workflow.task_tree, state, flow=flow, owner=owner)

    def _inherit_data(self) -> None:
        """Nothing: the scope is shared."""

    def run(self) -> bool | None:
        """Execute the element, unless something ended the token meanwhile."""
        if self._state != TaskState.READY:
            return None
        result: bool | None = super().run()
        return result

    def complete(self) -> None:
        """Choose the ways out first: a choice that fails leaves the token where it can be tried again."""
        self.done = True
        if self.task_spec.maps_out and self.local is not None and not self.memo.get("given"):
            self.task_spec.give_out(self)
            self.remember(given=True)
        if self.turn is not None:
            iterations.keep_result(self)
        elif "undo_of" not in self.memo:
            self.leaving = self.task_spec.select(self)
        super().complete()

    def cancel(self) -> None:
        """End it without going on; what it had opened is closed."""
        if self.over:
            return
        self.cancelled_from = self._state
        self._state = TaskState.CANCELLED  # before its parts: none of them may come back to it
        self.task_spec._on_cancel(self)
        self._set_state(TaskState.CANCELLED)
        self.workflow.remove(self)
