"""An execution: the tokens and variables of one process instance, moved by triggers, one step at a time.

SpiffWorkflow's workflow containers hold the tokens; what they lack is here: a ready queue and an index instead of
walks over the tree, scopes as sub-workflows that know how many tokens live in them, listeners as passive tokens, and
effects instead of side effects. Nothing here reads a clock, draws a random number or talks to anyone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Literal

from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from bpmn import deciding, effects, iterations, listeners, propagation, state, triggers
from bpmn.answers import ANSWERS
from bpmn.compensation import CompensationLog
from bpmn.definition import ProcessDefinition
from bpmn.entries import Entries
from bpmn.evaluation import EvaluationFailed
from bpmn.failures import FAILURES, TooManyTokens, UncaughtError, incident_kind
from bpmn.joins import Reset
from bpmn.kept_rows import KeptRows
from bpmn.ownership import Ownership
from bpmn.problems import NotWaiting
from bpmn.sandbox import ENGINE
from bpmn.scopes import ROOT, SubExecution, TokenScope
from bpmn.specs.sub_processes import AdHocSubProcess
from bpmn.step import Step, StepContext
from bpmn.token import Token
from bpmn.variables import Changed, Scope


class Execution(TokenScope, BpmnWorkflow):
    """One process instance. Use it for steps until one raises; then throw it away and restore."""

    def __init__(self, definition: ProcessDefinition):
        self.definition = definition
        self.effects: list[effects.Effect] = []
        self.changed_variables = Changed()
        self.ready: deque[Token] = deque()
        self.index: dict[int, Token] = {}
        self.touched: dict[int, Token] = {}
        self.owned = Ownership()
        self.signals: dict[str, dict[int, int]] = {}  # name → listener → slot
        self.conditions: set[tuple[int, int]] = set()  # listener, slot
        self.undecided: dict[tuple[int, str], TokenScope] = {}  # joins that wait for what can still come
        self.resetting: dict[tuple[int, str], Reset] = {}  # complex gateways that fired
        self.compensation = CompensationLog(self)
        self.kept = KeptRows()
        self.conversation: dict[str, Any] = {}  # correlation property → its value in the instance's conversation
        self.written: dict[str, Any] = {}  # data stores that this step has written
        self.stored: set[str] = set()  # row ids that the store holds
        self.emptied: list[TokenScope] = []
        self.entries = Entries()
        self.told: dict[str, str] = {}  # joins that an incident was raised for → its kind
        self.last_number = ROOT
        self.life: Literal["active", "completed", "cancelled", "failed"] = "active"
        self.context: StepContext | None = None
        #: Too many tokens: the others stay ready, each would be one more incident of the same kind.
        self.standing = False
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
        self.standing = False
        self.effects = []
        if self.life != "active":
            raise NotWaiting(f"The instance is {self.life}.")
        ANSWERS[type(trigger)](self, trigger)
        paused = self._run(context)
        asked, self.effects = self.effects, []  # nothing of it stays behind in an instance that is kept
        step = Step(
            effects=asked,
            rows=state.changed_rows(self),
            variables=dict(self.changed_variables),
            paused=paused,
            state=self.life,
        )
        self.changed_variables.clear()
        self.touched.clear()
        self.written.clear()
        self.context = None
        return step

    @property
    def now(self) -> datetime:
        """The step's time."""
        assert self.context is not None
        return self.context.now

    def _run(self, context: StepContext) -> bool:
        """True if it was cut short."""
        ran = 0
        while True:
            self._settle()
            if not self.ready:
                if deciding.look_again(self):
                    continue
                return False
            if ran >= context.limits.elements or (ran % 16 == 15 and context.pause()):
                return True
            token = self.ready.popleft()
            if token.has_state(TaskState.READY):
                ran += 1
                self._guard(token, self._advance)
                if self.standing:
                    return False

    def _advance(self, token: Token) -> None:
        self._count(token)
        token.run()

    def _guard(self, token: Token, act: Callable[[Token], Any]) -> None:
        """Do something with a token; what its element fails with becomes an incident."""
        try:
            act(token)
        except FAILURES as failure:
            self._fail(token, failure)

    def go_on(self, token: Token) -> None:
        """What the token waited for is here: complete it."""
        self._guard(token, Token.complete)

    def _count(self, token: Token) -> None:
        spec = token.task_spec
        assert self.context is not None
        most = self.context.limits.tokens
        if len(spec.outgoing) > 1 and len(self.index) + len(spec.outgoing) > most:
            raise TooManyTokens(spec.name, len(self.index), most)
        if not spec.in_loop or token.turn is not None:
            return
        self.entries.add(spec.name, self.loop_limit)

    @property
    def loop_limit(self) -> int:
        """How often one element may be entered in this instance."""
        assert self.context is not None
        return self.definition.loop_limit or self.context.limits.entries

    def _fail(self, token: Token, failure: Exception) -> None:
        """The token stays where it is, in error, and keeps its scope open until someone retries or cancels."""
        if token.over:
            raise AssertionError(f"{token.task_spec.name} failed after its end") from failure
        if not token.has_state(TaskState.ERROR):
            token.error()
        if isinstance(failure, UncaughtError):
            propagation.stop_siblings(token)
        elif isinstance(failure, TooManyTokens):
            self.standing = True
        spec = token.task_spec
        body = spec.loop is not None and token.turn is None  # its turns run the script, not it
        kind = incident_kind(failure, spec.kind == "script_task" and not token.done and not body)
        detail = failure.detail if isinstance(failure, EvaluationFailed) else None
        activity = token.id if token.entered else None  # a listener is none
        self.emit(effects.RaiseIncident(token.id, activity, token.task_spec.bpmn_id, kind, str(failure), detail))

    def _settle(self) -> None:
        """Complete the scopes whose last token is gone, and look at the conditions that something waits for."""
        while True:
            if self.told and self.life == "active":
                deciding.settle_told(self)
            while self.emptied:
                scope = self.emptied.pop()
                if scope.alive == 0 and self.life == "active" and self._is_open(scope):
                    self._scope_is_idle(scope)
            fresh = self.changed_variables.fresh
            if not fresh or self.life != "active":
                return
            if not self.conditions:
                fresh.clear()
                return
            self.changed_variables.fresh = set()
            for number, slot in sorted(self.conditions):
                listener = self.index.get(number)
                if listener is not None and not fresh.isdisjoint(listener.task_spec.listens_for[slot].condition.reads):
                    listeners.check_condition(listener, slot)

    def _scope_is_idle(self, scope: TokenScope) -> None:
        if scope.waiting:
            if not any(number == scope.number for number, _ in self.undecided):
                deciding.dead_end(self, scope)
        elif any(number == scope.number for number, _ in self.resetting):
            pass  # their reset may send tokens
        elif scope.owner is not None:
            scope.owner.task_spec.scope_completed(scope.owner, scope)
        else:
            self.cancel_tokens(scope)  # the event sub-processes that never began
            self._end("completed")

    def _end(
        self, outcome: Literal["completed", "cancelled", "failed"], error: effects.ErrorPropagated | None = None
    ) -> None:
        assert self.context is not None
        self.life = outcome
        self.ready.clear()
        handed = dict(self.variables) if self.context.called else None
        self.emit(effects.InstanceEnded(outcome, handed, error))

    # -- scopes -------------------------------------------------------------------------------------------------------
    def begin_scope(self, scope: TokenScope) -> None:
        """A scope opens: its data objects exist, its event sub-processes listen, its start events get tokens."""
        self.declare(scope)
        self.begin_event_sub_processes(scope)
        begun = [token.task_spec for token in scope.tasks.values() if not token.passive]
        if any(spec in begun for spec in scope.spec.event_sub_processes if spec.interrupting):
            return  # what it waits for was there already: it takes the place of all else
        for spec in scope.spec.starts:
            token = scope.task_tree._add_child(spec)
            spec._update(token)
        if not scope.spec.starts:
            self.emptied.append(scope)

    def declare(self, scope: TokenScope) -> None:
        """The variables that the scope has of its own, unless it was given them."""
        for name in scope.spec.declares:
            if not scope.variables.defines(name):
                scope.variables.define(name, None)

    def begin_event_sub_processes(self, scope: TokenScope) -> None:
        """Those of the scope that wait for something from now on."""
        for spec in scope.spec.event_sub_processes:
            if listeners.waits(spec.listens_for) and self._is_open(scope):
                listeners.place(scope.task_tree._add_child(spec))

    def open_scope(self, owner: Token) -> None:
        """Begin the content of a sub-process."""
        scope = self.attach_scope(owner)
        owner._set_state(TaskState.STARTED)
        self.begin_scope(scope)

    def attach_scope(self, owner: Token) -> SubExecution:
        """The (empty) scope below a sub-process's token."""
        scope = SubExecution(self.subprocess_specs[owner.task_spec.spec], owner)
        self.subprocesses[owner.id] = scope
        return scope

    def close_scope(self, scope: TokenScope) -> None:
        """End what is left in a sub-process's scope."""
        if self.subprocesses.pop(scope.number, None) is not None:
            self.cancel_tokens(scope)
            deciding.forget_resets(self, scope)
            if scope.owner is not None and scope.owner.local is None:
                scope.variables.discard()

    def cancel_scope(self, owner: Token) -> None:
        """End everything inside a sub-process that is being cancelled; what it did cannot be undone any more."""
        scope = self.subprocesses.get(owner.id)
        if scope is not None:
            self.close_scope(scope)
            self.compensation.forget(scope.number)

    def cancel_tokens(self, scope: TokenScope, spared: set[int] | frozenset[int] = frozenset()) -> None:
        """End the tokens of a scope."""
        for token in list(scope.tasks.values()):
            if token is not scope.task_tree and token.id not in spared and token.owner not in spared:
                token.cancel()
        for element in list(scope.waiting):
            self.undecided.pop((scope.number, element), None)
        scope.waiting.clear()
        scope.idle = sum(1 for token in scope.tasks.values() if token.passive)

    def terminate(self, scope: TokenScope) -> None:
        """End a scope at once; what is around it goes on (13.5.5, terminate)."""
        self.cancel_tokens(scope)
        self.emptied.append(scope)

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

    def cancel_owned(self, owner: Token) -> None:
        """End its turns and handlers."""
        for token in self.owned.of(owner.id):
            token.cancel()
        for name in [f"c{owner.id}", *(f"r{owner.id}.{turn}" for turn in range(owner.memo.get("total", 0)))]:
            self.kept.drop(name)

    # -- what the specs and tokens call -------------------------------------------------------------------------------
    def next_number(self) -> int:
        """A number for a new token."""
        self.last_number += 1
        return self.last_number

    def emit(self, effect: effects.Effect) -> None:
        """Ask the world for something."""
        self.effects.append(effect)

    def token_touched(self, token: Token) -> None:
        """Something about the token must be stored."""
        self.touched[token.id] = token

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
        self.owned.remove(token)
        if token.local is not None:
            token.local.discard()
        self.emptied.append(token.workflow)

    def enter(self, token: Token) -> None:
        """A token reached an element that will now run: an activity instance begins."""
        if token.entered:
            return
        token.entered = True
        scope = token.workflow.number
        around = token.owner if token.turn is not None else None if scope == ROOT else scope
        looping = token.task_spec.loop is not None and token.turn is None and not token.undoes
        self.emit(
            effects.ActivityStarted(
                activity=token.id,
                element_id=token.task_spec.bpmn_id,
                kind="multi_instance_body" if looping else token.task_spec.kind,
                parent=around,
                flow_id=token.flow,
            )
        )

    def _task_completed_notify(self, task: Token) -> None:
        task.workflow.remove(task)
        if task.turn is not None and task.owner is not None:
            self._guard(self.index[task.owner], iterations.turn_ended)
        elif "undo_of" in task.memo and task.owner is not None:
            self._guard(self.index[task.owner], self.compensation.handled)
        owner = task.workflow.owner
        if owner is not None and isinstance(owner.task_spec, AdHocSubProcess) and self._is_open(task.workflow):
            self._guard(owner, lambda owner: owner.task_spec.activity_completed(owner, task.workflow))

    # -- looking ------------------------------------------------------------------------------------------------------
    def joins(self) -> list[tuple[str, int, dict[str, int]]]:
        """The joins at which something arrived and something is missing: element, scope, tokens by incoming flow."""
        found = []
        for scope in self.all_scopes():
            for element, join in scope.waiting.items():
                incoming = scope.spec.task_specs[element].incoming
                found.append((element, scope.number, {flow: len(join.queues.get(flow, ())) for flow in incoming}))
        return found

    def scopes(self) -> dict[int, str | None]:
        """Open scopes: number → element id of the sub-process (None: the instance)."""
        return {
            scope.number: None if scope.owner is None else scope.owner.task_spec.bpmn_id for scope in self.all_scopes()
        }

    def visible_variables(self, token: int) -> dict[str, Any]:
        """What an activity at that token sees; the instance's own variables if the token is gone."""
        found = self.index.get(token)
        return dict(found.data if found is not None else self.variables)
