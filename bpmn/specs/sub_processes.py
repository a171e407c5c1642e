"""Sub-processes: activities with a scope of their own (BPMN 2.0.2, 13.3.4, 13.3.5, 13.5.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.specs import defaults
from SpiffWorkflow.util.task import TaskState

from bpmn import effects, listeners, propagation
from bpmn.events import Cancel, Compensation, Definition
from bpmn.sandbox import decides
from bpmn.specs.base import TokenSpec
from bpmn.specs.events import CatchingSpec, StartEvent

if TYPE_CHECKING:
    from bpmn.evaluation import Expression
    from bpmn.scopes import SubExecution
    from bpmn.token import Token


class SubProcess(TokenSpec, defaults.SubWorkflowTask):
    kind = "sub_process"

    def work(self, my_task: Token) -> bool | None:
        execution = my_task.execution
        if my_task.undoes:
            return self._undo(my_task)
        execution.open_scope(my_task)
        return None

    def _undo(self, my_task: Token) -> bool | None:
        """Compensate what a completed run of it did: by its compensation handler inside, else activity by activity."""
        execution = my_task.execution
        scope = execution.attach_scope(my_task)
        for spec in scope.spec.event_sub_processes:
            if any(isinstance(event, Compensation) for event in spec.listens_for):
                execution.compensation.adopt(my_task.memo["undo_of"], scope.number)
                propagation.begin_event_sub_process(scope, spec, None, {})
                return None
        if execution.compensation.begin(my_task, my_task.memo["undo_of"]):
            return None
        execution.close_scope(scope)
        return True

    def compensated(self, my_task: Token) -> None:
        execution = my_task.execution
        scope = execution.subprocesses.get(my_task.id)
        if scope is not None:
            execution.close_scope(scope)
        execution.go_on(my_task)

    def scope_completed(self, my_task: Token, scope: SubExecution) -> None:
        """Its last token is gone."""
        execution = my_task.execution
        if my_task.memo.get("undo"):
            return
        if "undo_of" not in my_task.memo and self.compensated_by is None and self._can_be_undone(execution, scope):
            execution.compensation.record(my_task, scope.variables)
        execution.close_scope(scope)
        execution.go_on(my_task)

    def _can_be_undone(self, execution: Any, scope: SubExecution) -> bool:
        return bool(execution.compensation.holds(scope.number)) or any(
            isinstance(event, Compensation) for spec in scope.spec.event_sub_processes for event in spec.listens_for
        )

    def _on_cancel(self, my_task: Token) -> None:
        my_task.execution.cancel_scope(my_task)
        super()._on_cancel(my_task)


class Transaction(SubProcess, defaults.TransactionSubprocess):
    """A cancel end event undoes what its activities did and leaves by the cancel boundary event (13.3.5)."""

    kind = "transaction"

    def cancel_transaction(self, scope: SubExecution) -> None:
        """Stop all that runs inside, undo what completed, then leave."""
        execution = scope.top_workflow
        owner = scope.owner
        execution.cancel_tokens(scope)
        owner.remember(cancelling=True)
        if not execution.compensation.begin(owner, scope.number):
            self.compensated(owner)

    def compensated(self, my_task: Token) -> None:
        if not my_task.memo.get("cancelling"):
            super().compensated(my_task)
            return
        catcher = next(
            (spec for spec in self.boundary for event in spec.listens_for if isinstance(event, Cancel)), None
        )
        if catcher is not None:
            host = my_task.execution.index[my_task.owner] if my_task.turn is not None else my_task
            propagation.begin_boundary(host, catcher, None, {})
        else:
            my_task.cancel()

    def scope_completed(self, my_task: Token, scope: SubExecution) -> None:
        if not my_task.memo.get("cancelling"):
            super().scope_completed(my_task, scope)


class AdHocSubProcess(SubProcess):
    """Its activities are started by people or the API, as often as they like, until its completion condition holds
    or someone completes it; events that nothing leads to are awaited all the while (13.3.5)."""

    kind = "ad_hoc_sub_process"
    opens_wait = True
    completion: Expression | None = None
    cancel_remaining = True
    sequential = False

    def work(self, my_task: Token) -> bool | None:
        if my_task.undoes:
            return self._undo(my_task)
        if self.completion is not None and self.holds_now(my_task, 0):
            return True
        execution = my_task.execution
        scope = execution.attach_scope(my_task)
        my_task.remember(open=True)
        scope.idle_allowed = True
        startable = tuple(spec.bpmn_id for spec in scope.spec.starts)
        execution.emit(effects.OpenAdHoc(my_task.id, self.bpmn_id, startable, self.sequential))
        execution.begin_event_sub_processes(scope)
        for event in scope.spec.awaited:
            listeners.place(scope.task_tree._add_child(event))
        return None

    def holds_now(self, my_task: Token, active: int) -> bool:
        """Whether the completion condition is true while so many activities run. Raises `EvaluationFailed`."""
        assert self.completion is not None
        facts = {"numberOfActiveActivities": active}
        return decides(my_task, self.completion, facts, what="completion condition")

    def scope_completed(self, my_task: Token, scope: SubExecution) -> None:
        """Idle is not completed: only the condition or someone's word completes it."""
        if my_task.memo.get("closing"):
            super().scope_completed(my_task, scope)

    def activity_completed(self, my_task: Token, scope: SubExecution) -> None:
        """After each activity inside: is that all? Raises `EvaluationFailed`; then it is asked again at a retry."""
        if self.completion is None or my_task.memo.get("closing") or my_task.has_state(TaskState.ERROR):
            return
        if self.holds_now(my_task, scope.alive):
            self.finish(my_task, scope)

    def finish(self, my_task: Token, scope: SubExecution) -> None:
        """Start nothing more; complete when what runs has ended (at once, if the rest is cancelled)."""
        execution = my_task.execution
        my_task.remember(closing=True)
        execution.emit(effects.CloseWait(my_task.id))
        for token in list(scope.tasks.values()):
            if token.passive and token.task_spec in scope.spec.awaited:
                token.cancel()
        if self.cancel_remaining:
            execution.cancel_tokens(scope)
        execution.emptied.append(scope)


class EventSubProcess(SubProcess, CatchingSpec, defaults.EventSubprocess):
    """Lies in its scope as a passive token until its start event occurs.

    The stock parser looks `triggeredByEvent` up in the wrong namespace, so this class is never used by it; and its
    interrupting start does not interrupt.
    """

    kind = "event_sub_process"
    listens_itself = False
    start_id: str
    interrupting = True
    listens_for: tuple[Definition, ...] = ()

    def begins_with(self, start: StartEvent) -> None:
        """Its start event says what it listens for; part of parsing."""
        self.start_id = start.bpmn_id
        self.listens_for = start.listens_for
        self.parallel_multiple = start.parallel_multiple
        self.interrupting = start.interrupting

    @property
    def listening_element(self) -> str:
        return self.start_id

    def occurred(self, my_task: Token, slot: int) -> None:
        if not self.interrupting:
            listeners.again(my_task, slot)
        propagation.begin_event_sub_process(my_task.workflow, self, None, {})
