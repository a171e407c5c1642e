"""Events (BPMN 2.0.2, 10.5 and 13.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from SpiffWorkflow.bpmn.specs import defaults
from SpiffWorkflow.util.task import TaskState

from bpmn import listeners, propagation
from bpmn.compensation import scope_meant
from bpmn.events import Cancel, Compensation, Definition, Error, Link, Terminate
from bpmn.specs.base import TokenSpec

if TYPE_CHECKING:
    from bpmn.definition import Flow
    from bpmn.token import Token


class CatchingSpec(TokenSpec):
    """An element that waits for events."""

    listens_for: tuple[Definition, ...] = ()
    parallel_multiple = False

    @property
    def listening_element(self) -> str:
        """The element that a subscription or timer names."""
        return str(self.bpmn_id)

    def occurred(self, my_task: Token, slot: int) -> None:
        """One of its events occurred (all of them, if parallel multiple)."""
        listeners.caught(my_task)

    #: The token that goes on is the one that listened; else a passive one listened for it.
    listens_itself = True

    def _on_complete_hook(self, my_task: Token) -> None:
        if self.listens_itself:
            listeners.forget(my_task)
        super()._on_complete_hook(my_task)

    def _on_cancel(self, my_task: Token) -> None:
        if my_task.passive or self.listens_itself:
            listeners.closed(my_task)
        super()._on_cancel(my_task)


class StartEvent(TokenSpec, defaults.StartEvent):
    """Its token begins when its event has occurred, so it passes at once."""

    kind = "start_event"
    listens_for: tuple[Definition, ...] = ()
    parallel_multiple = False
    interrupting = True


class IntermediateCatchEvent(CatchingSpec, defaults.IntermediateCatchEvent):
    kind = "intermediate_catch_event"

    def occurred(self, my_task: Token, slot: int) -> None:
        if not my_task.passive or my_task.owner is not None:
            listeners.caught(my_task)
            return
        # Awaited by an ad-hoc sub-process, where it may occur again (13.3.5).
        listeners.again(my_task, slot)
        token = my_task.workflow.task_tree._add_child(self)
        token.remember(occurred=True)
        self._update(token)

    def work(self, my_task: Token) -> bool | None:
        if my_task.memo.get("occurred") or not self.listens_for or isinstance(self.listens_for[0], Link):
            return True
        listeners.listen(my_task)
        return None


class BoundaryEvent(CatchingSpec, defaults.BoundaryEvent):
    """Attached to an activity. Its passive token listens; another one leaves when it occurs, so that a
    non-interrupting one occurs as often as its event does (13.5.3). The stock class is armed once."""

    kind = "boundary_event"
    interrupting = True
    listens_itself = False

    def occurred(self, my_task: Token, slot: int) -> None:
        host = my_task.execution.index[my_task.owner]
        if not self.interrupting:
            listeners.again(my_task, slot)
        propagation.begin_boundary(host, self, None, {})


class ThrowingSpec(TokenSpec):
    """An element that throws events."""

    throws: tuple[Definition, ...] = ()

    def work(self, my_task: Token) -> bool | None:
        return self.throw_from(my_task, 0)

    def throw_from(self, my_task: Token, start: int) -> bool | None:
        """Throw the events from this one on; compensation waits for its handlers."""
        for position, event in enumerate(self.throws[start:], start):
            if isinstance(event, Compensation):
                if self._compensate(my_task, event, position):
                    return None
            elif isinstance(event, Error):
                self._fail(my_task, event)
                return None
            elif isinstance(event, Terminate):
                self._leave(my_task)
                my_task.execution.terminate(my_task.workflow)
                return None
            elif isinstance(event, Cancel):
                self._leave(my_task)
                my_task.workflow.owner.task_spec.cancel_transaction(my_task.workflow)
                return None
            else:
                propagation.throw(my_task, event)
                if my_task.over:
                    return None
        return True

    def _leave(self, my_task: Token) -> None:
        """The event itself is over, whatever becomes of its scope."""
        my_task.execution.go_on(my_task)

    def _fail(self, my_task: Token, event: Error) -> None:
        propagation.throw_error(my_task, event.code, event.message, leave=lambda: self._leave(my_task))

    def _compensate(self, my_task: Token, event: Compensation, position: int) -> bool:
        """True while handlers run that the event waits for. One that does not wait goes on at once; another token
        stays for it until they are done, so that its scope is not over before (Table 10.88)."""
        execution = my_task.execution
        scope = scope_meant(my_task, event.activity)
        if scope is None:
            return False
        if event.wait:
            my_task.remember(position=position)
            started: bool = execution.compensation.begin(my_task, scope.number, event.activity)
            return started
        left = my_task._add_child(self)
        left.remember(stays=True)
        left._set_state(TaskState.STARTED)
        if not execution.compensation.begin(left, scope.number, event.activity):
            left.cancel()
        return False

    def select(self, my_task: Token) -> list[Flow]:
        """Nothing follows the token that only stays."""
        return [] if "stays" in my_task.memo else super().select(my_task)

    def compensated(self, my_task: Token) -> None:
        execution = my_task.execution
        if "stays" in my_task.memo or self.throw_from(my_task, my_task.memo["position"] + 1):
            execution.go_on(my_task)


class IntermediateThrowEvent(ThrowingSpec, defaults.IntermediateThrowEvent):
    kind = "intermediate_throw_event"


class EndEvent(ThrowingSpec, defaults.EndEvent):
    kind = "end_event"

    def select(self, my_task: Token) -> list[Flow]:
        """Nothing follows."""
        return []
