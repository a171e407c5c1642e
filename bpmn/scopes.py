"""Scopes as SpiffWorkflow's workflow containers: who lives and waits in one, and its variables."""

from __future__ import annotations

from collections import deque
from typing import Any

from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.util.task import TaskState

from bpmn.specs import ProcessSpec
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
        #: element id → flow id → tokens that wait there, in order of arrival.
        self.waiting: dict[str, dict[str, deque[Token]]] = {}
        self.idle = 0  # tokens that do not keep the scope alive: passive ones and those at joins
        self.task_tree = Token(self, self.spec.start, state=TaskState.COMPLETED, id=number)

    @property
    def alive(self) -> int:
        """Tokens that will still do something by themselves or by an answer they wait for."""
        return len(self.tasks) - 1 - self.idle

    def arrive(self, token: Token) -> bool:
        """A token reached a join: True if it is the one that fires."""
        spec = token.task_spec
        queues = self.waiting.setdefault(spec.name, {})
        others = [flow for flow in spec.incoming if flow != token.flow]
        if all(queues.get(flow) for flow in others):
            for flow in others:
                consumed = queues[flow].popleft()
                if not queues[flow]:
                    del queues[flow]
                self.idle -= 1
                self.remove(consumed)
            if not queues:
                del self.waiting[spec.name]
            return True
        token._set_state(TaskState.WAITING)
        self.hold(token)
        return False

    def hold(self, token: Token) -> None:
        """Keep a token at its join."""
        queues = self.waiting.setdefault(token.task_spec.name, {})
        queues.setdefault(token.flow or "", deque()).append(token)
        self.idle += 1

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
        self._found(owner.id, Scope(owner.id, owner.workflow.variables, self._top.changed_variables))

    @property
    def owner(self) -> Token:
        """The token of the sub-process itself, in the scope around."""
        return self._owner

    @property
    def parent_workflow(self) -> Any:
        return self._owner.workflow

    def _calculate_depth(self) -> int:
        return int(self._owner.workflow.depth) + 1
