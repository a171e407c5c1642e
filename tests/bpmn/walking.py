"""A walk through one process instance, told in the words of the diagram.

Every walk runs on a live execution. In the other modes a second track runs beside it, on what was stored alone, and
both must ask the world for exactly the same:

- `restored`: stored and restored before every step;
- `cut short`: besides, each step ends after one element and is continued from the store;
- `repeated`: besides, each step runs twice from the same stored state, as after a crash.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from bpmn import Evaluator, Execution, Limits, ProcessDefinition, Step, StepContext, effects, triggers
from tests.bpmn.evaluating import PlainEvaluator

MODES = ("straight", "restored", "cut short", "repeated")
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
_FROZEN = Limits(elements=0)
_Name = TypeVar("_Name")


@dataclass
class Store:
    """What the database would hold of one instance."""

    rows: dict[str, str] = field(default_factory=dict)
    variables: dict[tuple[int, str], str] = field(default_factory=dict)
    shared: dict[str, Any] = field(default_factory=dict)  # the data stores

    def keep(self, step: Step) -> None:
        self.shared.update((e.store, e.value) for e in step.effects if isinstance(e, effects.WriteStore))
        _keep(self.rows, step.rows)
        _keep(self.variables, step.variables)

    def copy(self) -> Store:
        return Store(dict(self.rows), dict(self.variables), dict(self.shared))


def _keep(held: dict[_Name, str], changes: Mapping[_Name, str | None]) -> None:
    for name, text in changes.items():
        if text is None:
            held.pop(name, None)
        else:
            json.loads(text)
            held[name] = text


class Walk:
    """One instance, and everything it asked for so far."""

    def __init__(
        self,
        definition: ProcessDefinition,
        mode: str = "straight",
        *,
        evaluator: Evaluator | None = None,
        limits: Limits | None = None,
        stores: dict[str, Any] | None = None,
    ):
        self.definition = definition
        self.mode = mode
        self.context = StepContext(evaluator=evaluator or PlainEvaluator(), now=NOW, seed=7, limits=limits or Limits())
        self.live = Execution.new(definition)
        self.store = Store(shared=dict(stores or {}))
        self.effects: list[effects.Effect] = []
        self.last: list[effects.Effect] = []
        self.state = "active"
        self.open: dict[int, effects.Effect] = {}  # token → the task, job, subscription or incident there
        self.behind: dict[int, effects.Effect] = {}  # token → an ad-hoc sub-process that an incident stands before
        self.listeners: set[int] = set()
        self.thrown: list[effects.ThrowMessage | effects.BroadcastSignal] = []
        self.dead_ends: list[effects.RaiseIncident] = []
        self.activities: dict[int, effects.ActivityStarted] = {}
        self.outcomes: dict[int, str] = {}
        self.details: dict[str, Any] = {}

    # -- moving -------------------------------------------------------------------------------------------------------
    def start(self, initiator: str | None = None, /, **variables: Any) -> Walk:
        return self.do(triggers.Start(variables, initiator))

    def complete(self, element: str, /, **variables: Any) -> Walk:
        """A person completes the (oldest) user task of that element."""
        return self.do(triggers.UserTaskCompleted(self.token(element, effects.OpenUserTask), variables))

    def finish_job(self, element: str, /, **variables: Any) -> Walk:
        return self.do(triggers.JobCompleted(self.token(element, effects.OpenJob), variables))

    def message(self, name: str, /, **variables: Any) -> Walk:
        """A message reaches the (oldest) subscription of that name."""
        tokens = [t for t, e in self.open.items() if isinstance(e, effects.OpenMessageSubscription) and e.name == name]
        return self.do(triggers.MessageReceived(min(tokens), variables))

    def due(self, element: str) -> Walk:
        """The (oldest) timer of that element is due, and the clock stands at that time."""
        token = self.token(element, effects.OpenTimer)
        timer = self.open[token]
        assert isinstance(timer, effects.OpenTimer)
        self.context = replace(self.context, now=timer.due)
        del self.open[token]
        return self.do(triggers.TimerDue(token, timer.slot))

    def signal(self, name: str, /, **variables: Any) -> Walk:
        """A signal from outside reaches every subscription of that name."""
        found = [
            (t, e) for t, e in self.open.items() if isinstance(e, effects.OpenSignalSubscription) and e.name == name
        ]
        for token, subscription in found:
            if token in self.open:
                self.do(triggers.SignalReceived(token, variables, subscription.slot))
        return self

    def fail(self, element: str, code: str | None, /, **variables: Any) -> Walk:
        """The (oldest) job, user task or called process of that element ends with a BPMN error."""
        token = self.token(element, effects.OpenJob | effects.OpenUserTask | effects.CallProcess)
        return self.do(triggers.ErrorThrown(token, code, "it went wrong", variables))

    def answer(self, element: str, /, **variables: Any) -> Walk:
        """The called process completed."""
        return self.do(triggers.CalledProcessEnded(self.token(element, effects.CallProcess), variables))

    def begin(self, ad_hoc: str, element: str, /, **variables: Any) -> Walk:
        """Somebody starts an activity of an ad-hoc sub-process."""
        return self.do(triggers.StartActivity(self.token(ad_hoc, effects.OpenAdHoc), element, variables))

    def done(self, ad_hoc: str) -> Walk:
        """Somebody says that an ad-hoc sub-process is done."""
        return self.do(triggers.CompleteAdHoc(self.token(ad_hoc, effects.OpenAdHoc)))

    def retry(self, element: str) -> Walk:
        return self.do(triggers.Retry(self.token(element, effects.RaiseIncident)))

    def set(self, scope: int | None = None, /, **variables: Any) -> Walk:
        return self.do(triggers.SetVariables(variables, scope))

    def cancel(self) -> Walk:
        return self.do(triggers.Cancel())

    def do(self, trigger: triggers.Trigger) -> Walk:
        """One trigger, carried to its end."""
        before = self.store.copy()
        paid = self._carry(self.live, self.store, trigger, self.context.limits)
        self.last = [effect for step in paid for effect in step.effects]
        self.state = paid[-1].state
        if self.mode != "straight":
            self._compare(before, trigger, paid)
        self.effects += self.last
        if isinstance(trigger, triggers.Retry):
            del self.open[trigger.token]
            if trigger.token in self.behind:
                self.open[trigger.token] = self.behind.pop(trigger.token)
        for effect in self.last:
            self._note(effect)
        if self.state == "active":
            self._check_saving_again()
        else:
            assert self.store.rows == {}, "an ended instance leaves no rows"
            assert not self.open, "an ended instance waits for nothing"
        return self

    def _carry(self, execution: Execution, store: Store, trigger: triggers.Trigger, limits: Limits) -> list[Step]:
        context = replace(self.context, limits=limits)
        steps = [execution.step(trigger, replace(context, stores=dict(store.shared)))]
        store.keep(steps[-1])
        while steps[-1].paused:
            steps.append(execution.step(triggers.Continue(), replace(context, stores=dict(store.shared))))
            store.keep(steps[-1])
        return steps

    def _compare(self, before: Store, trigger: triggers.Trigger, expected: list[Step]) -> None:
        """The same trigger on what was stored before it: the same effects, and the same stored state after it."""
        limits = replace(self.context.limits, elements=1) if self.mode == "cut short" else self.context.limits
        store = before.copy()
        steps: list[Step] = []
        wanted: triggers.Trigger = trigger
        while True:
            context = replace(self.context, limits=limits, stores=dict(store.shared))
            step = self._restored(store).step(wanted, context)
            if self.mode == "repeated":
                again = self._restored(store).step(wanted, context)
                assert again == step, "a repeated step does what it did"
            store.keep(step)
            steps.append(step)
            if not step.paused:
                break
            wanted = triggers.Continue()
        assert [e for step in steps for e in step.effects] == self.last
        assert steps[-1].state == self.state
        assert store == self.store
        if self.mode != "cut short":
            assert steps == expected, "an execution that was stored writes what a live one writes"

    def _restored(self, store: Store) -> Execution:
        if not store.rows:
            return Execution.new(self.definition)
        return Execution.restore(self.definition, dict(store.rows), dict(store.variables))

    def _check_saving_again(self) -> None:
        """What is restored is what was stored, and looks like the live execution."""
        restored = self._restored(self.store)
        assert restored.joins() == self.live.joins()
        assert restored.scopes() == self.live.scopes()
        for token in [0, *self.open]:
            assert restored.visible_variables(token) == self.live.visible_variables(token)
        nothing = restored.step(triggers.SetVariables({}), replace(self.context, limits=_FROZEN))
        assert nothing.effects == []
        assert nothing.rows == {"i": self.store.rows["i"]}
        assert nothing.variables == {}

    def _note(self, effect: effects.Effect) -> None:
        match effect:
            case effects.OpenUserTask() | effects.OpenJob() | effects.CallProcess() | effects.OpenAdHoc():
                assert effect.token not in self.open
                self.open[effect.token] = effect
            case effects.OpenMessageSubscription() | effects.OpenSignalSubscription() | effects.OpenTimer():
                self.open[effect.token] = effect  # several events of one element: the last is shown
                self.listeners.add(effect.token)
            case effects.ThrowMessage() | effects.BroadcastSignal():
                self.thrown.append(effect)
            case effects.IncidentOver():
                over = [one for one in self.dead_ends if one.element_id == effect.element_id]
                assert over, "what is over was told"
                self.dead_ends.remove(over[0])
            case effects.RaiseIncident(token=None):
                self.dead_ends.append(effect)
            case effects.RaiseIncident():
                assert effect.token is not None
                if isinstance(self.open.get(effect.token), effects.OpenAdHoc):
                    self.behind[effect.token] = self.open[effect.token]
                self.open[effect.token] = effect
            case effects.CloseWait():
                if effect.token in self.listeners:  # its event may be over already
                    self.open.pop(effect.token, None)
                else:
                    del self.open[effect.token]
            case effects.ActivityStarted():
                assert effect.activity not in self.activities
                self.activities[effect.activity] = effect
                assert effect.parent is None or effect.parent not in self.outcomes, "inside a scope that is still open"
            case effects.ActivityEnded():
                assert effect.element_id == self.activities[effect.activity].element_id
                assert effect.activity not in self.outcomes, "an activity ends once"
                self.outcomes[effect.activity] = effect.state
                if effect.state == "completed":
                    self.open.pop(effect.activity, None)
                if effect.detail is not None:
                    self.details[effect.element_id] = effect.detail
            case effects.InstanceEnded():
                running = [a.element_id for n, a in self.activities.items() if n not in self.outcomes]
                assert running == [], "nothing runs on when the instance ends"

    # -- looking ------------------------------------------------------------------------------------------------------
    def token(self, element: str, kind: Any) -> int:
        tokens = [t for t, e in self.open.items() if isinstance(e, kind) and getattr(e, "element_id", "") == element]
        assert tokens, f"{element} does not wait; {self.waiting} do"
        return min(tokens)

    @property
    def waiting(self) -> list[str]:
        """Where user tasks and jobs are open."""
        return sorted(e.element_id for e in self.open.values() if isinstance(e, effects.OpenUserTask | effects.OpenJob))

    @property
    def listening(self) -> list[str]:
        """The names of the messages it can receive."""
        return sorted(e.name for e in self.open.values() if isinstance(e, effects.OpenMessageSubscription))

    @property
    def timers(self) -> list[str]:
        """The elements whose timers run."""
        return sorted(e.element_id for e in self.open.values() if isinstance(e, effects.OpenTimer))

    @property
    def incidents(self) -> list[tuple[str, str]]:
        """Element and kind of each open incident."""
        found = [e for e in self.open.values() if isinstance(e, effects.RaiseIncident)]
        return sorted((e.element_id, e.kind) for e in [*found, *self.dead_ends])

    def incident(self, element: str) -> effects.RaiseIncident:
        found = [e for e in [*self.open.values(), *self.dead_ends] if isinstance(e, effects.RaiseIncident)]
        return next(e for e in found if e.element_id == element)

    def opened(self, element: str) -> Any:
        """The newest task or job that was opened for that element."""
        found = [
            e for e in self.effects if isinstance(e, effects.OpenUserTask | effects.OpenJob) and e.element_id == element
        ]
        return found[-1]

    def outcome(self, element: str) -> list[str]:
        """What became of each activity instance of that element, in order of their start."""
        return [
            self.outcomes.get(number, "running")
            for number, activity in sorted(self.activities.items())
            if activity.element_id == element
        ]

    def ran(self, elements: Iterable[str] | None = None) -> dict[str, int]:
        """How often elements completed."""
        wanted = None if elements is None else set(elements)
        counted = Counter(self.activities[n].element_id for n, state in self.outcomes.items() if state == "completed")
        return {element: count for element, count in counted.items() if wanted is None or element in wanted}

    @property
    def variables(self) -> dict[str, Any]:
        """The stored variables of the instance's own scope."""
        return {name: json.loads(text) for (scope, name), text in self.store.variables.items() if scope == 1}

    def scope_of(self, element: str) -> int:
        """The number of the open scope of that sub-process."""
        return next(number for number, owner in self.live.scopes().items() if owner == element)
