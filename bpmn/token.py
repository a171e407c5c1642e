"""The token: SpiffWorkflow's Task over a scope instead of its own copy of all data.

Faults of the stock Task that this answers (SpiffWorkflow 3.2.0): every task copies the variables of its parent
(`_inherit_data`), keeps all its ancestors alive so that a step costs what the instance has behind it, and reads the
wall clock at each change of state. A token knows its scope, its number and the flow that brought it; the tree below
the scope's root is flat, and who is finished leaves it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

if TYPE_CHECKING:
    from bpmn.definition import Flow
    from bpmn.variables import Scope


class Token(Task):
    """One token in one scope (`workflow`). Its number is also that of its activity instance."""

    def __init__(
        self,
        workflow: Any,
        task_spec: Any,
        parent: Task | None = None,
        state: int = TaskState.FUTURE,
        id: int | None = None,
        flow: str | None = None,
    ):
        # Everything Task.__init__ sets, without its random UUID, its wall clock and its growing list of children.
        self.id = id if id is not None else workflow.top_workflow.next_number()
        self.workflow = workflow
        self.task_spec = task_spec
        self._parent = parent.id if parent is not None else None
        self._children: list[Any] = []
        self._state = state
        self.triggered = False
        self.thread_id = 0
        self.internal_data: dict[str, Any] = {}
        self.last_state_change = 0.0
        #: The sequence flow it came by; a join is keyed by it.
        self.flow = flow
        #: Waits for an event that may never come and does not keep its scope alive.
        self.passive = False
        #: It was entered, so history knows its activity instance.
        self.entered = False
        #: The element did its work; what failed, if anything, was choosing the way out.
        self.done = False
        self.leaving: list[Flow] = []
        workflow.tasks[self.id] = self

    @property
    def data(self) -> Scope:
        """The variables its scope shows."""
        scope: Scope = self.workflow.variables
        return scope

    def _set_state(self, value: int) -> None:
        self._state = value
        self.workflow.top_workflow.token_changed(self)

    def _add_child(self, task_spec: Any, state: int = TaskState.FUTURE, flow: str | None = None) -> Token:
        return Token(self.workflow, task_spec, self.workflow.task_tree, state, flow=flow)

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
        self.leaving = self.task_spec.select(self)
        super().complete()

    def cancel(self) -> None:
        """End it without going on; what it had opened is closed."""
        if self.has_state(TaskState.FINISHED_MASK & ~TaskState.ERROR):
            return
        self.task_spec._on_cancel(self)
        self._set_state(TaskState.CANCELLED)
        self.workflow.remove(self)
