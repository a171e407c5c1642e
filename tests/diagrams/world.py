"""A stage over bare executions: the instances of one variant, and what goes between them.

What an engine does with the effects is done here in the plainest way, in memory and at once: called processes are
started and answer, messages are matched by name and all keys or kept until their time to live ends, signals reach
everybody, timers are due in their order when the clock moves.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import isodate

import bpmn
from bpmn import effects, events, triggers
from tests.bpmn.evaluating import PlainEvaluator
from tests.bpmn.walking import Walk
from tests.diagrams.instances import Deployed, Instance, Letter, Wait
from tests.diagrams.scenario import Scenario
from tests.diagrams.start_clocks import StartClock

#: How long a message thrown by a process waits for its receiver, unless its drawing says otherwise.
THROWN_LIVES = timedelta(hours=1)
#: More reactions to one stimulus than this are an endless conversation.
MOST_REACTIONS = 1_000


class World:
    """See `tests.diagrams.stage.Stage`."""

    def __init__(self, deployed: list[Deployed], main: int, scenario: Scenario, mode: str):
        """`main`: the number of the deployment that the scenario is about."""
        now = scenario.now
        self.deployed = deployed
        self.mode = mode
        self.zone = now.tzinfo
        self.now = now.astimezone(UTC)
        self.main = main
        self.instances: list[Instance] = []
        self.trace: list[str] = []
        self.stores = dict(scenario.stores)
        self.kept: list[tuple[datetime, Letter]] = []
        self._order = count()
        self._reactions: deque[Callable[[], object]] = deque()
        self._clocks: list[StartClock] = []
        if scenario.start == "":
            self._clocks = [
                StartClock.wind(deployed, element, slot, event, now)
                for deployed, element, slot, event in self._start_points()
                if isinstance(event, events.Timer)
            ]

    # -- stimuli ------------------------------------------------------------------------------------------------------
    def start(self, process: str | None, element: str | None, variables: Mapping[str, Any]) -> None:
        """Somebody starts an instance."""
        self._begin(self._newest(process), triggers.Start(variables, None, element))
        self._react()

    def until(self, moment: datetime) -> None:
        """The clock moves; what is due on the way happens when it is due."""
        while (due := self._next_due()) is not None and due <= moment:
            self.now = max(self.now, due)
            self._ring()
        self.now = moment.astimezone(UTC)

    def complete(self, place: str, variables: Mapping[str, Any]) -> None:
        """A person completes a user task."""
        instance, token = self._find(place, effects.OpenUserTask)
        self._do(instance, triggers.UserTaskCompleted(token, variables))

    def finish_job(self, place: str, variables: Mapping[str, Any]) -> None:
        """A worker completes a job."""
        instance, token = self._find(place, effects.OpenJob)
        self._do(instance, triggers.JobCompleted(token, variables))

    def fail(self, place: str, code: str | None, variables: Mapping[str, Any]) -> None:
        """A job, user task or called process ends with a BPMN error."""
        instance, token = self._find(place, effects.OpenJob | effects.OpenUserTask | effects.CallProcess)
        self._do(instance, triggers.ErrorThrown(token, code, None, variables))

    def escalate(self, place: str, code: str | None) -> None:
        """A job, user task or called process escalates."""
        instance, token = self._find(place, effects.OpenJob | effects.OpenUserTask | effects.CallProcess)
        self._do(instance, triggers.EscalationThrown(token, code))

    def message(self, name: str, keys: Mapping[str, Any], variables: Mapping[str, Any]) -> bool:
        """A message from outside: matched now or not at all. What its payload says of its keys counts as well."""
        told: dict[str, Any] = {}
        for each in self.deployed:
            told |= bpmn.message_keys(each.definition, name, variables, PlainEvaluator(), self.now)
        found = self._deliver(Letter(name, keys, variables, told))
        self._react()
        return found

    def signal(self, name: str, variables: Mapping[str, Any]) -> None:
        """A signal from outside."""
        self._broadcast(name, variables, None)
        self._react()

    def begin(self, place: str, element: str, variables: Mapping[str, Any]) -> None:
        """Somebody starts an activity of an ad-hoc sub-process."""
        instance, token = self._find(place, effects.OpenAdHoc)
        self._do(instance, triggers.StartActivity(token, element, variables))

    def done(self, place: str) -> None:
        """Somebody says that an ad-hoc sub-process is done."""
        instance, token = self._find(place, effects.OpenAdHoc)
        self._do(instance, triggers.CompleteAdHoc(token))

    def set(self, variables: Mapping[str, Any], scope: str | None) -> None:
        """An operator changes variables of the first instance."""
        instance = self.instances[0]
        number = None if scope is None else instance.walk.scope_of(scope)
        self._do(instance, triggers.SetVariables(variables, number))

    def retry(self, place: str) -> None:
        """What an incident was about is repaired."""
        instance, token = self._find(place, effects.RaiseIncident)
        instance.close(token)
        self._do(instance, triggers.Retry(token))

    def cancel(self) -> None:
        """The first instance is ended by hand."""
        self._do(self.instances[0], triggers.Cancel())

    # -- looking ------------------------------------------------------------------------------------------------------
    @property
    def state(self) -> str:
        """Of the first instance."""
        return self.instances[0].walk.state

    @property
    def variables(self) -> Mapping[str, Any]:
        """Of the first instance."""
        return self.instances[0].walk.variables

    @property
    def waiting(self) -> list[str]:
        """Every place at which something or somebody outside is waited for; a call shows by what it called."""
        found = [
            instance.prefix + wait.element_id
            for instance in self.instances
            for _, _, wait in instance.open()
            if not isinstance(wait, effects.CallProcess)
        ]
        return sorted([*found, *(i.prefix + element for i in self.instances for element in i.dead_ends)])

    @property
    def incidents(self) -> list[str]:
        """Every place that is to be repaired."""
        found = [
            instance.prefix + wait.element_id
            for instance in self.instances
            for _, _, wait in instance.open()
            if isinstance(wait, effects.RaiseIncident)
        ]
        return sorted([*found, *(i.prefix + element for i in self.instances for element in i.dead_ends)])

    def _find(self, place: str, kind: Any) -> tuple[Instance, int]:
        found = [
            (order, token, instance)
            for instance in self.instances
            for order, (token, _), wait in instance.open()
            if isinstance(wait, kind) and instance.prefix + wait.element_id == place
        ]
        assert found, f"{place} does not wait so; {', '.join(self.waiting) or 'nothing'} waits"
        _, token, instance = min(found, key=lambda entry: entry[0])
        return instance, token

    def _newest(self, key: str | None) -> Deployed:
        if key is None:
            return next(each for each in self.deployed if each.deployment == self.main)
        return max((each for each in self.deployed if each.definition.key == key), key=lambda each: each.version)

    # -- instances ----------------------------------------------------------------------------------------------------
    def _begin(self, deployed: Deployed, start: triggers.Start, caller: tuple[Instance, int] | None = None) -> None:
        prefix = f"{deployed.definition.key}/" if self.instances else ""
        instance = Instance(deployed, Walk(deployed.definition, self.mode), prefix, caller)
        instance.walk.context = replace(instance.walk.context, called=caller is not None)
        self.instances.append(instance)
        self._step(instance, start)

    def _do(self, instance: Instance, trigger: triggers.Trigger) -> None:
        self._step(instance, trigger)
        self._react()

    def _step(self, instance: Instance, trigger: triggers.Trigger) -> None:
        walk = instance.walk
        walk.context = replace(walk.context, now=self.now.astimezone(self.zone))
        walk.store.shared = dict(self.stores)
        walk.do(trigger)
        for effect in walk.last:
            self._note(instance, effect)

    def _react(self) -> None:
        """Until nobody has anything more to say, and no timer is due."""
        for _ in range(MOST_REACTIONS):
            if self._reactions:
                self._reactions.popleft()()
                continue
            due = self._next_due()
            if due is None or due > self.now:
                return
            self._ring()
        raise AssertionError("they talk without end")

    def _note(self, instance: Instance, effect: effects.Effect) -> None:
        match effect:
            case effects.ActivityEnded():
                body = instance.walk.activities[effect.activity].kind == "multi_instance_body"
                sign = "-" if effect.state == "cancelled" else ""
                self.trace.append(f"{sign}{instance.prefix}{effect.element_id}{'*' if body else ''}")
                if effect.state == "completed":
                    instance.close(effect.activity)
            case effects.CloseWait():
                for _, (token, _), wait in instance.open():
                    if token == effect.token and isinstance(wait, effects.CallProcess):
                        self._reactions.append(lambda: self._end_called(instance, effect.token))
                instance.close(effect.token)
            case effects.ThrowMessage():
                letter = Letter(effect.name, effect.keys, effect.variables)
                self._reactions.append(lambda: self._deliver(letter, self._lives_until(effect.time_to_live)))
            case effects.BroadcastSignal():
                self._reactions.append(lambda: self._broadcast(effect.name, effect.variables, instance))
            case effects.RaiseIncident(token=None):
                instance.dead_ends.append(effect.element_id)
            case effects.IncidentOver():
                instance.dead_ends.remove(effect.element_id)
            case effects.PropagateEscalation():
                self._reactions.append(lambda: self._escalate(instance, effect.code))
            case effects.InstanceEnded():
                assert not instance.waits, "an ended instance waits for nothing"
                instance.dead_ends.clear()
                self._reactions.append(lambda: self._answer(instance, effect))
            case effects.WriteStore():
                self.stores[effect.store] = effect.value
            case effects.ActivityStarted():
                pass
            case wait:
                assert wait.token is not None
                place = (wait.token, getattr(wait, "slot", 0))
                instance.waits[place] = (next(self._order), wait)
                self._reactions.append(lambda: self._opened(instance, place, wait))

    def _opened(self, instance: Instance, place: tuple[int, int], wait: Wait) -> None:
        if not instance.holds(place, wait):
            return
        match wait:
            case effects.CallProcess():
                self._begin(self._called(instance, wait), triggers.Start(wait.variables), (instance, place[0]))
            case effects.OpenMessageSubscription():
                for entry in list(self.kept):
                    lives_until, letter = entry
                    if lives_until >= self.now and letter.fits(wait):
                        self.kept.remove(entry)
                        self._step(instance, triggers.MessageReceived(place[0], letter.payload, place[1], letter.keys))
                        return

    # -- called processes ---------------------------------------------------------------------------------------------
    def _called(self, caller: Instance, call: effects.CallProcess) -> Deployed:
        found = [each for each in self.deployed if each.definition.key == call.key]
        if call.binding == "version":
            found = [each for each in found if each.version == call.version]
        elif call.binding == "deployment":
            found = [each for each in found if each.deployment == caller.deployed.deployment]
        assert found, f"{call.element_id} calls {call.key}, which is not there"
        return found[-1]

    def _answer(self, called: Instance, end: effects.InstanceEnded) -> None:
        """The caller takes what was handed back, or the error that ended the called process."""
        if called.caller is None or not called.caller[0].calls(called.caller[1]):
            return
        caller, token = called.caller
        if end.state == "completed":
            self._step(caller, triggers.CalledProcessEnded(token, end.variables or {}))
        elif end.error is not None:
            self._step(caller, triggers.ErrorThrown(token, end.error.code, end.error.message))

    def _escalate(self, called: Instance, code: str | None) -> None:
        if called.caller is not None and called.caller[0].calls(called.caller[1]):
            self._step(called.caller[0], triggers.EscalationThrown(called.caller[1], code))

    def _end_called(self, caller: Instance, token: int) -> None:
        for instance in self.instances:
            called = instance.caller is not None and instance.caller[0] is caller and instance.caller[1] == token
            if called and instance.walk.state == "active":
                self._step(instance, triggers.Cancel())

    # -- messages and signals -----------------------------------------------------------------------------------------
    def _lives_until(self, time_to_live: str | None) -> datetime:
        if time_to_live is None:
            return self.now + THROWN_LIVES
        span: timedelta = isodate.parse_duration(time_to_live)
        return self.now + span

    def _deliver(self, letter: Letter, lives_until: datetime | None = None) -> bool:
        """To who waits for it with the most keys, the oldest of them; else to a process that it starts, else it is kept
        as long as it lives."""
        waiting = [
            (-len(wait.keys), order, place, instance)
            for instance in self.instances
            for order, place, wait in instance.open()
            if isinstance(wait, effects.OpenMessageSubscription) and letter.fits(wait)
        ]
        if waiting:
            _, _, (token, slot), instance = min(waiting, key=lambda entry: entry[:2])
            self._step(instance, triggers.MessageReceived(token, letter.payload, slot, letter.keys))
            return True
        for deployed, element, slot, event in self._start_points():
            if isinstance(event, events.Message) and event.name.source == letter.name:
                self._begin(deployed, triggers.Start(letter.payload, None, element, slot, letter.keys))
                return True
        if lives_until is not None:
            self.kept.append((lives_until, letter))
        return False

    def _broadcast(self, name: str, payload: Mapping[str, Any], thrower: Instance | None) -> None:
        """To everybody who waits (inside the throwing instance it has arrived already), and to start events."""
        waiting = [
            (order, place, wait, instance)
            for instance in self.instances
            if instance is not thrower
            for order, place, wait in instance.open()
            if isinstance(wait, effects.OpenSignalSubscription) and wait.name == name
        ]
        for _, place, wait, instance in sorted(waiting, key=lambda entry: entry[0]):
            if instance.holds(place, wait):
                self._step(instance, triggers.SignalReceived(place[0], payload, place[1]))
        for deployed, element, slot, event in self._start_points():
            if isinstance(event, events.Signal) and event.name.source == name:
                self._begin(deployed, triggers.Start(payload, None, element, slot))

    def _start_points(self) -> Iterator[tuple[Deployed, str, int, events.Definition]]:
        for deployed in {each.definition.key: each for each in self.deployed}.values():  # of each the latest
            for point in deployed.definition.start_points:
                for slot, event in enumerate(point.events):
                    yield deployed, point.element_id, slot, event

    # -- time ---------------------------------------------------------------------------------------------------------
    def _next_due(self) -> datetime | None:
        return min((due for due, *_ in self._timers()), default=None)

    def _timers(self) -> Iterator[tuple[datetime, int, Instance | None, Any]]:
        """When due, order of opening, whose and where; of start events none's, and the clock."""
        for clock in self._clocks:
            yield clock.due, 0, None, clock
        for instance in self.instances:
            for order, place, wait in instance.open():
                if isinstance(wait, effects.OpenTimer):
                    yield wait.due, order, instance, place

    def _ring(self) -> None:
        """What is due next is due."""
        _, _, instance, place = min(self._timers(), key=lambda entry: entry[:2])
        if instance is not None:
            del instance.waits[place]
            self._do(instance, triggers.TimerDue(*place))
            return
        clock: StartClock = place
        self._clocks.remove(clock)
        following = clock.following(self.now)
        if following is not None:
            self._clocks.append(following)
        self._begin(clock.deployed, triggers.Start({}, None, clock.element, clock.slot))
        self._react()
