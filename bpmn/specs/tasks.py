"""Tasks (BPMN 2.0.2, 13.3.3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.specs import defaults

from bpmn import effects, listeners, propagation
from bpmn.evaluation import BpmnErrorRaised
from bpmn.extensions import Assignment, External
from bpmn.sandbox import evaluate
from bpmn.specs.base import TokenSpec
from bpmn.templates import fill, fill_list

if TYPE_CHECKING:
    from bpmn.effects import FormField
    from bpmn.evaluation import Expression, Script
    from bpmn.events import Definition, Message, Text
    from bpmn.token import Token


class Task(TokenSpec, defaults.NoneTask):
    """The stock class waits for a person; nobody is asked."""

    kind = "task"


class ManualTask(TokenSpec, defaults.ManualTask):
    """As `Task`: the engine is not told when a manual task is done."""

    kind = "manual_task"


class UserTask(TokenSpec, defaults.UserTask):
    kind = "user_task"
    opens_wait = True
    assignment: Assignment = Assignment()
    fields: tuple[FormField, ...] = ()

    def work(self, my_task: Token) -> None:
        seen = my_task.data
        assignment = self.assignment
        my_task.execution.emit(
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
    opens_wait = True
    external: External = External()

    def work(self, my_task: Token) -> None:
        seen = my_task.data
        my_task.execution.emit(
            effects.OpenJob(
                token=my_task.id,
                activity=my_task.id,
                element_id=self.bpmn_id,
                topic=self.external.topic,
                retries=self.external.retries,
                headers={name: fill(value, seen) for name, value in self.external.headers},
            )
        )


class BusinessRuleTask(ServiceTask):
    """As a job of its topic, until decisions are evaluated here."""

    kind = "business_rule_task"


class ScriptTask(TokenSpec, defaults.ScriptTask):
    kind = "script_task"
    program: Script
    declared: frozenset[str] | None = None

    def work(self, my_task: Token) -> bool | None:
        try:
            result: bool | None = defaults.ScriptTask._run_hook(self, my_task)
        except BpmnErrorRaised as raised:
            propagation.throw_error(my_task, raised.code, raised.message, raised.variables)
            return None
        return result

    def _run_hook(self, my_task: Token) -> bool | None:
        return TokenSpec._run_hook(self, my_task)


class SendTask(TokenSpec, defaults.SendTask):
    kind = "send_task"
    message: Message

    def work(self, my_task: Token) -> bool:
        propagation.throw(my_task, self.message)
        return True


class ReceiveTask(TokenSpec, defaults.ReceiveTask):
    kind = "receive_task"
    listens_for: tuple[Definition, ...] = ()
    parallel_multiple = False
    #: Its one data output, which is the message as a whole where no part of it has that name (10.4.1).
    whole: str | None = None

    @property
    def listening_element(self) -> str:
        """The element that the subscription names."""
        return str(self.bpmn_id)

    def take(self, my_task: Token, variables: Mapping[str, Any]) -> None:
        """The payload; one that came before the task has its variables, behind an event-based gateway or at the start
        of the instance, waits for them."""
        if my_task.local is None and (self.maps_out or self.declares):
            my_task.remember(payload=dict(variables))
            return
        if self.whole is not None and self.whole not in variables:
            variables = {self.whole: dict(variables)}
        super().take(my_task, variables)

    def work(self, my_task: Token) -> bool | None:
        if my_task.memo.get("occurred") or not self.listens_for:
            if "payload" in my_task.memo:
                self.take(my_task, my_task.memo["payload"])
            return True
        listeners.listen(my_task)
        return None

    def occurred(self, my_task: Token, slot: int) -> None:
        """The message came, here or behind an event-based gateway."""
        listeners.caught(my_task)

    def _on_complete_hook(self, my_task: Token) -> None:
        if self.loop is None or my_task.turn is not None:  # the whole of a loop listens for nothing, its turns do
            listeners.forget(my_task)
        super()._on_complete_hook(my_task)

    def _on_cancel(self, my_task: Token) -> None:
        listeners.closed(my_task)
        super()._on_cancel(my_task)


class CallActivity(TokenSpec, defaults.CallActivity):
    """Starts another process, whose instance has variables of its own; in and out go by the mappings (10.3.6)."""

    kind = "call_activity"
    opens_wait = True
    called: Text
    binding: str = "latest"  # latest, deployment, version
    version: int | None = None
    business_key: Text | None = None
    inputs: tuple[tuple[str, Expression], ...] = ()
    outputs: tuple[tuple[str, Expression], ...] = ()
    all_in = False
    all_out = False

    def work(self, my_task: Token) -> None:
        seen = my_task.data
        key = self.called
        called = evaluate(my_task, key.expression, what="called element") if key.expression else fill(key.source, seen)
        variables = dict(seen) if self.all_in else {}
        variables.update((name, evaluate(my_task, value, what=f"input {name}")) for name, value in self.inputs)
        my_task.execution.emit(
            effects.CallProcess(
                token=my_task.id,
                activity=my_task.id,
                element_id=self.bpmn_id,
                key=str(called),
                binding=self.binding,
                version=self.version,
                business_key=fill(self.business_key.source, seen) if self.business_key else None,
                variables=variables,
            )
        )
