"""Scopes as SpiffWorkflow's workflow containers: who lives and waits in one, and its variables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.util.task import TaskState

from bpmn.joins import Join
from bpmn.specs.base import ProcessSpec
from bpmn.token import Token
from bpmn.variables import Scope

ROOT = 1  # the number of the instance's own scope and of its root token


class TokenScope:
    """What a scope's workflow container adds: its variables, and who lives and waits in it."""

    number: int
    variables: Scope
    tasks: dict[int, Token]
    task_tree: Token
    spec: ProcessSpec
    top_workflow: Any

    def _found(self, number: int, variables: Scope) -> None:
        self.number = number
        self.variables = variables
        self.waiting: dict[str, Join] = {}  # by element
        self.idle = 0  # tokens that do not keep the scope alive: passive ones and those at joins
        self.task_tree = Token(self, self.spec.start, state=TaskState.COMPLETED, id=number)

    @property
    def owner(self) -> Token | None:
        """The token of the sub-process whose content this is; None for the instance."""
        return None

    @property
    def alive(self) -> int:
        """Tokens that will still do something by themselves or by an answer they wait for."""
        return len(self.tasks) - 1 - self.idle

    def arrive(self, token: Token) -> bool:
        """A token reached a parallel join: True if it is the one that fires."""
        spec = token.task_spec
        join = self.waiting.get(spec.name)
        filled = join.queues if join is not None else {}
        if len(filled) + (token.flow not in filled) < len(spec.incoming):
            self.hold(token)
            return False
        self.consume(spec, [flow for flow in spec.incoming if flow != token.flow], keep_last=False)
        return True

    def gather(self, token: Token, quantity: int) -> bool:
        """A token reached an activity that needs several (startQuantity): True if it is the last one needed."""
        spec = token.task_spec
        join = self.waiting.get(spec.name)
        held = [waiting for queue in join.queues.values() for waiting in queue] if join is not None else []
        if len(held) + 1 < quantity:
            self.hold(token)
            return False
        del self.waiting[spec.name]
        for consumed in held:
            self.idle -= 1
            self.remove(consumed)
        return True

    def hold(self, token: Token) -> None:
        """Keep a token at its join."""
        if not token.has_state(TaskState.WAITING):
            token._set_state(TaskState.WAITING)
        self.waiting.setdefault(token.task_spec.name, Join()).hold(token)
        self.idle += 1
        if getattr(token.task_spec, "waits_for_reachable", False):
            self.top_workflow.undecided[(self.number, token.task_spec.name)] = self

    def consume(self, spec: Any, flows: Sequence[str], keep_last: bool = True) -> list[Token]:
        """Take one token of each of these flows; all but the last (or all) of them are gone."""
        join = self.waiting[spec.name]
        taken = join.take(flows)
        self.idle -= len(taken)
        for token in taken[: len(taken) - 1 if keep_last else None]:
            self.remove(token)
        if not join.queues:
            del self.waiting[spec.name]
            self.top_workflow.undecided.pop((self.number, spec.name), None)
        return taken

    def remove(self, token: Token) -> None:
        """The token is finished; nothing of it stays in the live state."""
        if self.tasks.pop(token.id, None) is not None:
            self.top_workflow.token_removed(token)


class SubExecution(TokenScope, BpmnSubWorkflow):
    """The scope of one running sub-process; its number is that of the sub-process's token."""

    def __init__(self, spec: ProcessSpec, owner: Token):
        self._owner = owner
        self._top = owner.workflow.top_workflow
        BpmnSubWorkflow.__init__(self, spec, owner.id, self._top, deserializing=True)
        variables = owner.local  # by identity: an empty scope is false
        if variables is None:
            variables = Scope(owner.id, owner.workflow.variables, self._top.changed_variables)
        self._found(owner.id, variables)

    @property
    def owner(self) -> Token:
        return self._owner

    @property
    def parent_workflow(self) -> Any:
        return self._owner.workflow

    def _calculate_depth(self) -> int:
        return int(self._owner.workflow.depth) + 1
