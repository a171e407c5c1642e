"""An execution: the tokens and variables of one process instance, moved by triggers, one step at a time.

SpiffWorkflow's workflow containers hold the tokens; what they lack is here: a ready queue and an index instead of
walks over the tree, scopes as sub-workflows that know how many tokens live in them, event sub-processes as passive
tokens, and effects instead of side effects. Nothing here reads a clock, draws a random number or talks to anyone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from bpmn import effects, state, triggers
from bpmn.definition import ProcessDefinition
from bpmn.evaluation import EvaluationFailed
from bpmn.failures import FAILURES, LoopLimitReached, TooManyTokens, incident_kind
from bpmn.problems import NotWaiting
from bpmn.sandbox import ENGINE
from bpmn.scopes import ROOT, SubExecution, TokenScope
from bpmn.specs import EventSubProcess, ServiceTask, UserTask
from bpmn.step import Step, StepContext
from bpmn.token import Token
from bpmn.variables import Changed, Scope


class Execution(TokenScope, BpmnWorkflow):
    """One process instance. Use it for steps until one raises; then throw it away and restore."""

    def __init__(self, definition: ProcessDefinition):
        self.definition = definition
        self.effects: list[effects.Effect] = []
        self.changed_variables: Changed = {}
        self.ready: deque[Token] = deque()
        self.index: dict[int, Token] = {}
        self.touched: dict[int, Token] = {}
        self.stored: set[str] = set()  # row ids that the store holds
        self.emptied: list[TokenScope] = []
        self.entries: dict[str, int] = {}
        self.entries_changed = False
        self.dead_ends: set[str] = set()
        self.last_number = ROOT
        self.life: Literal["active", "completed", "cancelled"] = "active"
        self.context: StepContext | None = None
        BpmnWorkflow.__init__(self, definition.spec, definition.sub_specs, ENGINE, deserializing=True)
        self._found(ROOT, Scope(ROOT, None, self.changed_variables))

    # -- made and kept ------------------------------------------------------------------------------------------------
    @classmethod
    def new(cls, definition: ProcessDefinition) -> Execution:
        """An instance that has not begun; its first trigger is `Start`."""
        return cls(definition)

    @classmethod
    def restore(
        cls, definition: ProcessDefinition, rows: Mapping[str, str], variables: Mapping[tuple[int, str], str]
    ) -> Execution:
        """The instance as its rows tell it. Raises `state.UnknownFormat` for rows of a newer release."""
        execution = cls(definition)
        state.restore(execution, rows, variables)
        return execution

    # -- one step -----------------------------------------------------------------------------------------------------
    def step(self, trigger: triggers.Trigger, context: StepContext) -> Step:
        """Apply the trigger and run until every token waits, or the limits cut it short. Raises `NotWaiting`."""
        self.context = context
        self.effects = []
        self._apply(trigger)
        paused = self._run(context)
        step = Step(
            effects=self.effects,
            rows=state.changed_rows(self),
            variables=dict(self.changed_variables),
            paused=paused,
            state=self.life,
        )
        self.changed_variables.clear()
        self.touched.clear()
        self.context = None
        return step

    def _apply(self, trigger: triggers.Trigger) -> None:
        if self.life != "active":
            raise NotWaiting(f"The instance is {self.life}.")
        match trigger:
            case triggers.Start():
                self._start(trigger)
            case triggers.UserTaskCompleted():
                self._answer(trigger.token, UserTask, trigger.variables)
            case triggers.JobCompleted():
                self._answer(trigger.token, ServiceTask, trigger.variables)
            case triggers.MessageReceived():
                self._occur(trigger.token, trigger.variables)
            case triggers.Retry():
                self._retry(trigger.token)
            case triggers.SetVariables():
                scope = self.scope(trigger.scope or ROOT)
                for name, value in trigger.variables.items():
                    scope.variables.define(name, value)
            case triggers.Continue():
                pass
            case triggers.Cancel():
                self.ready.clear()
                self._cancel_tokens(self)
                self._end("cancelled")

    def _run(self, context: StepContext) -> bool:
        """True if it was cut short."""
        ran = 0
        self._settle()
        while self.ready:
            if ran >= context.limits.elements or (ran % 16 == 15 and context.pause()):
                return True
            token = self.ready.popleft()
            if token.has_state(TaskState.READY):
                ran += 1
                if not self._advance(token):
                    return False
                self._settle()
        return False

    def _advance(self, token: Token) -> bool:
        """False if the instance must stand still until someone repairs it."""
        try:
            self._count(token)
            token.run()
        except FAILURES as failure:
            self._fail(token, failure)
            # With too many, the others stay ready: each would be one more incident of the same kind.
            return not isinstance(failure, TooManyTokens)
        return True

    def _count(self, token: Token) -> None:
        spec = token.task_spec
        assert self.context is not None
        if len(spec.outgoing) > 1 and len(self.index) + len(spec.outgoing) > self.context.limits.tokens:
            raise TooManyTokens(spec.name, len(self.index), self.context.limits.tokens)
        if not spec.in_loop:
            return
        count = self.entries.get(spec.name, 0) + 1
        limit = self._loop_limit()
        if count > limit:
            raise LoopLimitReached(spec.name, limit)
        self.entries[spec.name] = count
        self.entries_changed = True

    def _loop_limit(self) -> int:
        assert self.context is not None
        return self.definition.loop_limit or self.context.limits.entries

    def _fail(self, token: Token, failure: Exception) -> None:
        """The token stays where it is, in error, and keeps its scope open until someone retries or cancels."""
        if not token.has_state(TaskState.ERROR):
            token.error()
        self.emit(
            effects.RaiseIncident(
                token=token.id,
                activity=token.id,
                element_id=token.task_spec.bpmn_id,
                kind=incident_kind(failure, token.done),
                message=str(failure),
                detail=failure.detail if isinstance(failure, EvaluationFailed) else None,
            )
        )

    def _settle(self) -> None:
        """Complete the scopes whose last token is gone; say so where one can never complete."""
        while self.emptied:
            scope = self.emptied.pop()
            if scope.alive > 0 or self.life != "active" or not self._is_open(scope):
                continue
            if scope.waiting:
                self._dead_end(scope)
            elif isinstance(scope, SubExecution):
                owner = scope.owner
                self._close_scope(scope)
                try:
                    owner.complete()
                except FAILURES as failure:
                    self._fail(owner, failure)
            else:
                self._cancel_tokens(scope)  # the event sub-processes that never began
                self._end("completed")

    def _dead_end(self, scope: TokenScope) -> None:
        """Every token of the scope waits at a join for a flow on which nothing can come any more."""
        for element, missing in self._awaited(scope):
            place = f"{scope.number}:{element}"
            if place in self.dead_ends:
                continue
            self.dead_ends.add(place)
            flows = [self.definition.flows[flow] for flow in missing]
            words = ", ".join(f"{flow.id} (from {flow.source})" for flow in flows)
            self.emit(
                effects.RaiseIncident(
                    token=None,
                    activity=None,
                    element_id=element,
                    kind="dead_end",
                    message=f"The join {element} waits for {words}, but nothing can arrive there any more.",
                )
            )

    def _end(self, outcome: Literal["completed", "cancelled"]) -> None:
        self.life = outcome
        self.ready.clear()
        self.emit(effects.InstanceEnded(outcome))

    # -- triggers -----------------------------------------------------------------------------------------------------
    def _start(self, trigger: triggers.Start) -> None:
        if self.last_number != ROOT:
            raise NotWaiting("The instance has begun already.")
        for name, value in trigger.variables.items():
            self.variables.define(name, value)
        if self.definition.initiator and trigger.initiator is not None:
            self.variables.define(self.definition.initiator, trigger.initiator)
        self._begin(self)

    def _begin(self, scope: TokenScope) -> None:
        """A scope opens: its event sub-processes listen, its start event gets a token."""
        for spec in scope.spec.event_sub_processes:
            self._listen(scope, spec)
        if scope.spec.start_element is not None:
            token = scope.task_tree._add_child(scope.spec.start_element)
            token.task_spec._update(token)

    def _listen(self, scope: TokenScope, spec: EventSubProcess) -> None:
        token = scope.task_tree._add_child(spec)
        token.passive = True
        scope.idle += 1
        token._set_state(TaskState.WAITING)
        self.emit(effects.OpenMessageSubscription(token.id, spec.start.bpmn_id, spec.start.message or ""))

    def _find(self, number: int, spec_class: type, wanted: int) -> Token:
        token = self.index.get(number)
        if token is None or not isinstance(token.task_spec, spec_class) or not token.has_state(wanted):
            raise NotWaiting(f"Nothing waits at token {number}.")
        return token

    def _answer(self, number: int, spec_class: type, variables: Mapping[str, Any]) -> None:
        """What a token waited for has come."""
        token = self._find(number, spec_class, TaskState.STARTED)
        for name, value in variables.items():
            token.data[name] = value
        self._complete(token)

    def _complete(self, token: Token) -> None:
        try:
            token.complete()
        except FAILURES as failure:
            self._fail(token, failure)

    def _occur(self, number: int, variables: Mapping[str, Any]) -> None:
        """The start event of an event sub-process occurred (13.5.4)."""
        listener = self._find(number, EventSubProcess, TaskState.WAITING)
        scope = listener.workflow
        spec: EventSubProcess = listener.task_spec
        for name, value in variables.items():
            listener.data[name] = value
        if spec.start.interrupting:
            self._cancel_tokens(scope)
        token = scope.task_tree._add_child(spec)
        token._ready()

    def _retry(self, number: int) -> None:
        token = self._find(number, object, TaskState.ERROR)
        if self.entries.get(token.task_spec.name, 0) >= self._loop_limit():
            # All counts: the other elements of the loop have come as far, and would stop it again at once.
            self.entries.clear()
            self.entries_changed = True
        if token.done:
            self._complete(token)
        else:
            token._set_state(TaskState.READY)

    # -- scopes -------------------------------------------------------------------------------------------------------
    def open_scope(self, owner: Token) -> None:
        """Begin the content of a sub-process."""
        scope = self.attach_scope(owner)
        owner._set_state(TaskState.STARTED)
        self._begin(scope)

    def attach_scope(self, owner: Token) -> SubExecution:
        """The (empty) scope below a sub-process's token."""
        scope = SubExecution(self.subprocess_specs[owner.task_spec.spec], owner)
        self.subprocesses[owner.id] = scope
        return scope

    def _close_scope(self, scope: SubExecution) -> None:
        self._cancel_tokens(scope)
        scope.variables.discard()
        del self.subprocesses[scope.number]

    def cancel_scope(self, owner: Token) -> None:
        """End everything inside a sub-process that is being cancelled."""
        scope = self.subprocesses.get(owner.id)
        if scope is not None:
            self._close_scope(scope)

    def _cancel_tokens(self, scope: TokenScope) -> None:
        for token in list(scope.tasks.values()):
            if token is not scope.task_tree:
                token.cancel()
        scope.waiting.clear()
        scope.idle = 0

    def scope(self, number: int) -> TokenScope:
        """The scope of that number. Raises `NotWaiting` if it is not open."""
        if number == ROOT:
            return self
        found: TokenScope | None = self.subprocesses.get(number)
        if found is None:
            raise NotWaiting(f"There is no scope {number} (any more).")
        return found

    def _is_open(self, scope: TokenScope) -> bool:
        """Closing a scope removes tokens from it too, which must not close it again."""
        return scope is self or self.subprocesses.get(scope.number) is scope

    def all_scopes(self) -> Iterator[TokenScope]:
        """The instance's own scope, then those of its running sub-processes."""
        yield self
        yield from self.subprocesses.values()

    # -- what the specs and tokens call -------------------------------------------------------------------------------
    def next_number(self) -> int:
        """A number for a new token."""
        self.last_number += 1
        return self.last_number

    def emit(self, effect: effects.Effect) -> None:
        """Ask the world for something."""
        self.effects.append(effect)

    def token_changed(self, token: Token) -> None:
        """Every change of a token's state passes here."""
        self.touched[token.id] = token
        self.index[token.id] = token
        if token.has_state(TaskState.READY):
            self.ready.append(token)

    def token_removed(self, token: Token) -> None:
        """The token left its scope."""
        self.touched[token.id] = token
        self.index.pop(token.id, None)
        self.emptied.append(token.workflow)

    def enter(self, token: Token) -> None:
        """A token reached an element that will now run: an activity instance begins."""
        if token.entered:
            return
        token.entered = True
        scope = token.workflow.number
        self.emit(
            effects.ActivityStarted(
                activity=token.id,
                element_id=token.task_spec.bpmn_id,
                kind=token.task_spec.kind,
                parent=None if scope == ROOT else scope,
                flow_id=token.flow,
            )
        )

    def _task_completed_notify(self, task: Token) -> None:
        task.workflow.remove(task)

    # -- looking ------------------------------------------------------------------------------------------------------
    def joins(self) -> list[tuple[str, int, dict[str, int]]]:
        """The joins at which something arrived and something is missing: element, scope, tokens by incoming flow."""
        found = []
        for scope in self.all_scopes():
            for element, queues in scope.waiting.items():
                incoming = scope.spec.task_specs[element].incoming
                found.append((element, scope.number, {flow: len(queues.get(flow, ())) for flow in incoming}))
        return found

    def _awaited(self, scope: TokenScope) -> list[tuple[str, list[str]]]:
        return [
            (element, [flow for flow in scope.spec.task_specs[element].incoming if not queues.get(flow)])
            for element, queues in scope.waiting.items()
        ]

    def scopes(self) -> dict[int, str | None]:
        """Open scopes: number → element id of the sub-process (None: the instance)."""
        return {s.number: None if s is self else s.owner.task_spec.bpmn_id for s in self.all_scopes()}  # type: ignore[attr-defined]

    def visible_variables(self, token: int) -> dict[str, Any]:
        """What an activity at that token sees; the instance's own variables if the token is gone."""
        found = self.index.get(token)
        return dict(found.data if found is not None else self.variables)
