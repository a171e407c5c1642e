"""A stage over the whole engine: everything is asked for by commands and seen by queries, as the doors do it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from engine import Engine
from engine import commands as c
from engine import queries as q
from engine import records as r
from engine.actors import Actor, Role
from engine.errors import NotFound
from engine.testing import ManualClock
from tests.diagrams.scenario import Scenario, Variant
from tests.support.scene import MACHINE, ROOT, House

#: What a person or worker holds, which can end with an error or escalate.
WORK = ("user_task", "job")
_ROOT_SCOPE = 1
_OPENED = ("user_task.created", "job.created")
_ENDED = {"activity.completed": "", "activity.cancelled": "-"}


class EngineStage:
    """See `tests.diagrams.stage.Stage`. The engine is empty, and its clock stands where the scenario begins."""

    def __init__(self, engine: Engine, clock: ManualClock, variant: Variant, scenario: Scenario):
        self._house = House(engine)
        self._clock = clock
        for name, value in scenario.stores.items():
            self._house.execute(c.SetDataStore(name=name, value=value), ROOT)
        deployments = [self._house.deploy(path.read_bytes()) for path in variant.files]
        self._main = deployments[len(variant.before)]
        self._house.settle()

    # -- stimuli ------------------------------------------------------------------------------------------------------
    @property
    def now(self) -> datetime:
        """The time of the engine."""
        return self._clock.now()

    def start(self, process: str | None, element: str | None, variables: Mapping[str, Any]) -> None:
        """By key, or the first process of the file."""
        which: dict[str, Any] = {"definition_key": process, "start_element_id": element or None}
        if process is None:
            which = {"definition_id": self._main.definitions[0].id, "start_element_id": element or None}
        self._do(c.StartProcessInstance(variables=dict(variables), **which))

    def until(self, moment: datetime) -> None:
        """The clock moves from one due time to the next."""
        engine, moment = self._house.engine, moment.astimezone(UTC)
        while (due := engine.next_due()) is not None and due <= moment:
            self._clock.advance(due - self.now)
            self._house.settle()
        self._clock.advance(moment - self.now)
        self._house.settle()

    def complete(self, place: str, variables: Mapping[str, Any]) -> None:
        """A person completes a user task."""
        task = self._find(place, "user_task").id
        self._do(c.CompleteUserTask(id=task, variables=dict(variables)), self._who_may(task))

    def finish_job(self, place: str, variables: Mapping[str, Any]) -> None:
        """A worker fetches a job and completes it."""
        job = self._fetch(self._find(place, "job"))
        self._do(c.CompleteJob(id=job.id, token=job.token, variables=dict(variables)), MACHINE)

    def fail(self, place: str, code: str | None, variables: Mapping[str, Any]) -> None:
        """A worker or person says that it went wrong as drawn."""
        found = self._find(place, *WORK)
        if found.kind == "user_task":
            command = c.EndUserTaskWithError(id=found.id, code=code, variables=dict(variables))
            self._do(command, self._who_may(found.id))
            return
        job = self._fetch(found)
        self._do(c.EndJobWithError(id=job.id, token=job.token, code=code, variables=dict(variables)), MACHINE)

    def escalate(self, place: str, code: str | None) -> None:
        """A person escalates."""
        task = self._find(place, "user_task").id
        self._do(c.EscalateUserTask(id=task, code=code), self._who_may(task))

    def message(self, name: str, keys: Mapping[str, Any], variables: Mapping[str, Any]) -> bool:
        """A message from outside, which is not kept."""
        try:
            self._do(c.CorrelateMessage(name=name, keys=dict(keys), variables=dict(variables)))
        except NotFound:
            return False
        return True

    def signal(self, name: str, variables: Mapping[str, Any]) -> None:
        """A signal from outside."""
        self._do(c.BroadcastSignal(name=name, variables=dict(variables)))

    def begin(self, place: str, element: str, variables: Mapping[str, Any]) -> None:
        """Somebody starts an activity of an ad-hoc sub-process."""
        self._do(c.StartActivity(id=self._find(place, "ad_hoc").id, element_id=element, variables=dict(variables)))

    def done(self, place: str) -> None:
        """Somebody says that an ad-hoc sub-process is done."""
        self._do(c.CompleteAdHoc(id=self._find(place, "ad_hoc").id))

    def set(self, variables: Mapping[str, Any], scope: str | None) -> None:
        """An operator changes variables of the first instance."""
        first = self._instances[0].id
        number = _ROOT_SCOPE
        if scope is not None:
            history = self._house.read(q.GetActivities(id=first), ROOT).items
            number = next(one.id for one in history if one.element_id == scope and one.state == "active")
        self._do(c.SetVariables(id=first, variables=dict(variables), scope_id=number))

    def retry(self, place: str) -> None:
        """What an incident was about is repaired."""
        found = [one for each, one in self._open_incidents() if each == place]
        assert found, f"nothing is to be repaired at {place}, but at {', '.join(self.incidents) or 'no place'}"
        self._do(c.RetryIncident(id=min(found, key=lambda one: one.id).id))

    def cancel(self) -> None:
        """The first instance is ended by hand."""
        self._do(c.CancelProcessInstance(id=self._instances[0].id))

    # -- looking ------------------------------------------------------------------------------------------------------
    @property
    def trace(self) -> Sequence[str]:
        """As the stream of events tells it."""
        found, bodies = [], set()
        prefixes = {instance.id: prefix for prefix, instance in self._named()}
        for event in self._stream():
            place = (event.process_instance_id, event.subject_id)
            if event.kind == "activity.started" and event.data["kind"] == "multi_instance_body":
                bodies.add(place)
            elif event.kind in _ENDED:
                prefix = prefixes[event.process_instance_id or ""]
                found.append(f"{_ENDED[event.kind]}{prefix}{event.element_id}{'*' if place in bodies else ''}")
        return found

    @property
    def waiting(self) -> Sequence[str]:
        """What is waited for, and what is to be repaired. A call shows by what it called."""
        waits = [place for place, one in self._open_waits() if one.kind != "call"]
        return sorted([*waits, *self.incidents])

    @property
    def incidents(self) -> Sequence[str]:
        """Where something is to be repaired."""
        return sorted(place for place, _ in self._open_incidents())

    @property
    def state(self) -> str:
        """Of the first instance."""
        return self._instances[0].state

    @property
    def variables(self) -> Mapping[str, Any]:
        """Of the first instance."""
        listed = self._house.read(q.GetVariables(id=self._instances[0].id), ROOT).items
        return {one.name: one.value for one in listed if one.scope_id == _ROOT_SCOPE}

    @property
    def stores(self) -> Mapping[str, Any]:
        """Those that hold something."""
        listed = self._house.read(q.ListDataStores(), ROOT).items
        return {one.name: one.value for one in listed if one.version}

    # -- instances, waits and incidents -------------------------------------------------------------------------------
    def _do(self, command: c.Command, by: Actor = ROOT) -> None:
        self._house.execute(command, by)
        self._house.settle()

    def _who_may(self, task_id: str) -> Actor:
        """The person whose task it is, or to whom it is offered."""
        task: r.UserTask = self._house.read(q.GetUserTask(id=task_id), ROOT)
        name = task.assignee or next(iter(task.candidate_users), "somebody")
        return Actor(name=name, roles=frozenset({Role.PARTICIPANT}), groups=frozenset(task.candidate_groups))

    @property
    def _instances(self) -> list[r.ProcessInstance]:
        return self._house.instances(limit=200)

    def _named(self) -> Iterator[tuple[str, r.ProcessInstance]]:
        for number, instance in enumerate(self._instances):
            yield f"{instance.definition_key}/" if number else "", instance

    def _open_waits(self) -> Iterator[tuple[str, r.Waiting]]:
        for prefix, instance in self._named():
            for one in self._house.read(q.GetWaiting(id=instance.id), ROOT).items:
                yield prefix + one.element_id, one

    def _open_incidents(self) -> Iterator[tuple[str, r.Incident]]:
        for prefix, instance in self._named():
            for one in self._house.incidents(instance):
                yield prefix + one.element_id, one

    def _find(self, place: str, *kinds: str) -> r.Waiting:
        """The oldest that waits so at that place."""
        found = [one for each, one in self._open_waits() if each == place and one.kind in kinds]
        assert found, f"{place} does not wait so; {', '.join(self.waiting) or 'nothing'} waits"
        if len(found) == 1:
            return found[0]
        opened = [event.subject_id for event in self._stream() if event.kind in _OPENED]
        return min(found, key=lambda one: opened.index(one.id))

    def _fetch(self, wait: r.Waiting) -> r.LockedJob:
        """Lock that very job; the others of its topic are given back."""
        assert wait.name is not None
        jobs = {job.id: job for job in self._house.fetch(wait.name, at_most=100)}
        wanted = jobs.pop(wait.id)
        for other in jobs.values():
            self._house.execute(c.UnlockJob(id=other.id, token=other.token), MACHINE)
        return wanted

    def _stream(self) -> Iterator[r.Event]:
        after = None
        while (page := self._house.read(q.ListEvents(after=after, limit=1_000), ROOT)).items:
            yield from page.items
            after = page.next_cursor
