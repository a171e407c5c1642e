"""Writes what a step asked for: user tasks, jobs, subscriptions, incidents, history and events.

Effects are gathered in their order and written table by table, each in one statement over many rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import bpmn
from bpmn import effects as e
from engine import own_jobs, states
from engine.decisions import InstanceRow
from engine.effects import awaiting, outgoing, stores
from engine.forms import form_fields
from engine.ids import new_id, wait_id
from engine.store import incidents, instances, jobs, subscriptions, user_tasks
from engine.store.data_stores import Stored
from engine.work import UnitOfWork, json_text, plain_text


def apply(
    work: UnitOfWork,
    definition: bpmn.ProcessDefinition,
    instance: InstanceRow,
    effects: Sequence[e.Effect],
    read_stores: Mapping[str, Stored] | None = None,
) -> InstanceRow:
    """Write the effects of a step that led to `instance`; the instance with its open incidents counted anew.
    `read_stores`: the data stores as the step read them. Raises `Raced` if it writes one and they are not so any
    more."""
    writing = Writing(work, definition, instance, read_stores or {})
    closed = {one.token for one in effects if type(one) is e.CloseWait}
    if closed:
        writing.find_waits(closed)
    for effect in effects:
        WRITERS[type(effect)](writing, effect)
    return writing.finish()


class Writing:
    """The rows of one step, by table."""

    def __init__(
        self,
        work: UnitOfWork,
        definition: bpmn.ProcessDefinition,
        instance: InstanceRow,
        read_stores: Mapping[str, Stored],
    ):
        self.read_stores = read_stores
        self.work = work
        self.definition = definition
        self.instance = instance
        self.activities: dict[int, dict[str, Any]] = {}
        self.ended: list[dict[str, Any]] = []
        self.failed: list[int] = []
        self.tasks: dict[int, dict[str, Any]] = {}
        self.candidates: list[dict[str, Any]] = []
        self.jobs: dict[int, dict[str, Any]] = {}
        self.own_jobs: dict[tuple[int, int] | str, dict[str, Any]] = {}  # by (token, slot), or their id
        self.subscriptions: dict[tuple[int, int], dict[str, Any]] = {}
        self.incidents: list[dict[str, Any]] = []
        # what earlier steps had opened and this one closes
        self.old_tasks: dict[int, Any] = {}
        self.old_jobs: dict[int, list[Any]] = {}
        self.old_subscriptions: set[int] = set()
        self.old_incidents: dict[int, list[Any]] = {}
        self.cancelled_tasks: list[str] = []
        self.cancelled_jobs: list[str] = []
        self.cancelled_subscriptions: list[int] = []
        self.cancelled_calls: set[int] = set()
        self.store_values: dict[str, Any] = {}
        self.resolved: list[Any] = []

    def emit(self, kind: str, element_id: str | None, subject_id: str, data: Mapping[str, Any] | None = None) -> None:
        instance = self.instance
        self.work.emit(
            kind,
            tenant_id=instance.tenant_id,
            instance_id=instance.id,
            definition_key=instance.definition_key,
            element_id=element_id,
            subject_id=subject_id,
            version=instance.version,
            data=data,
        )

    def common(self, token: int, element_id: str) -> dict[str, Any]:
        """The columns that name a wait and where it stands."""
        instance = self.instance
        return {
            "id": wait_id(instance.id, token),
            "tenant_id": instance.tenant_id,
            "instance_id": instance.id,
            "token": token,
            "element_id": element_id,
        }

    def find_waits(self, tokens: set[int]) -> None:
        """What earlier steps had opened at these tokens."""
        if self.instance.version == 1:
            return
        connection, instance_id = self.work.connection, self.instance.id
        ids = {wait_id(instance_id, token): token for token in sorted(tokens)}
        self.old_tasks = {row.token: row for row in user_tasks.open_among(connection, ids)}
        for job in jobs.at_tokens(connection, instance_id, tokens):
            self.old_jobs.setdefault(job.token, []).append(job)
        self.old_subscriptions = subscriptions.tokens_among(connection, instance_id, tokens)
        if self.instance.incidents:
            for row in incidents.open_of_tokens(connection, instance_id, tokens):
                self.old_incidents.setdefault(row.token, []).append(row)

    # --- what is opened ----------------------------------------------------------------------------------------------
    def activity_started(self, effect: e.ActivityStarted) -> None:
        self.activities[effect.activity] = {
            "instance_id": self.instance.id,
            "activity_id": effect.activity,
            "definition_id": self.instance.definition_id,
            "element_id": effect.element_id,
            "kind": effect.kind,
            "parent": effect.parent,
            "flow_id": effect.flow_id,
            "state": states.ACTIVE,
            "started_at": self.work.now,
            "ended_at": None,
            "detail": None,
        }
        data = {"kind": effect.kind, "flow_id": effect.flow_id, "parent": effect.parent}
        self.emit("activity.started", effect.element_id, str(effect.activity), data)

    def activity_ended(self, effect: e.ActivityEnded) -> None:
        detail = json_text(effect.detail) if effect.detail else None
        started = self.activities.get(effect.activity)
        if started is not None:
            started.update(state=effect.state, ended_at=self.work.now, detail=detail)
        else:
            self.ended.append(
                {
                    "b_id": self.instance.id,
                    "b_activity": effect.activity,
                    "b_state": effect.state,
                    "b_ended_at": self.work.now,
                    "b_detail": detail,
                }
            )
        self.emit(f"activity.{effect.state}", effect.element_id, str(effect.activity), effect.detail)

    def user_task_opened(self, effect: e.OpenUserTask) -> None:
        instance = self.instance
        row = self.common(effect.token, effect.element_id) | {
            "activity_id": effect.activity,
            "definition_id": instance.definition_id,
            "definition_key": instance.definition_key,
            "name": effect.name[:255],
            "documentation": effect.documentation,
            "assignee": effect.assignee,
            "priority": effect.priority,
            "state": states.OPEN,
            "fields": json_text(form_fields(effect.fields)) if effect.fields else "[]",
            "created_at": self.work.now,
            "ended_at": None,
        }
        self.tasks[effect.token] = row
        for kind, names in (("user", effect.candidate_users), ("group", effect.candidate_groups)):
            self.candidates += [{"task_id": row["id"], "kind": kind, "name": name} for name in dict.fromkeys(names)]
        data = task_data(effect.name, effect.assignee, effect.candidate_users, effect.candidate_groups)
        self.emit("user_task.created", effect.element_id, row["id"], data)

    def job_opened(self, effect: e.OpenJob) -> None:
        row = self.common(effect.token, effect.element_id) | {
            "activity_id": effect.activity,
            "definition_id": self.instance.definition_id,
            "definition_key": self.instance.definition_key,
            "kind": "external",
            "topic": effect.topic,
            "headers": json_text(effect.headers),
            "retries": effect.retries,
            "suspended": self.instance.state == states.SUSPENDED,
            "created_at": self.work.now,
        }
        self.jobs[effect.token] = row
        self.work.topics.add(effect.topic)
        self.emit("job.created", effect.element_id, row["id"], {"topic": effect.topic})

    def timer_set(self, effect: e.OpenTimer) -> None:
        job_id = wait_id(self.instance.id, effect.token, effect.slot)
        self.own_jobs[effect.token, effect.slot] = own_jobs.of_instance(
            self.work,
            own_jobs.TIMER,
            self.instance,
            job_id=job_id,
            token=effect.token,
            slot=effect.slot,
            element_id=effect.element_id,
            due=effect.due,
            suspended=self.instance.state == states.SUSPENDED,
        )
        self.emit("timer.created", effect.element_id, job_id, {"due": effect.due.isoformat()})

    def incident_raised(self, effect: e.RaiseIncident) -> None:
        row: dict[str, Any] = {
            "id": new_id(),
            "tenant_id": self.instance.tenant_id,
            "instance_id": self.instance.id,
            "definition_id": self.instance.definition_id,
            "definition_key": self.instance.definition_key,
            "element_id": effect.element_id,
            "token": effect.token,
            "activity_id": effect.activity,
            "job_id": None,
            "kind": effect.kind,
            "message": plain_text(effect.message, 4_000),
            "detail": plain_text(effect.detail, 20_000) if effect.detail else None,
            "state": states.OPEN,
            "created_at": self.work.now,
        }
        self.incidents.append(row)
        if effect.activity is not None:
            started = self.activities.get(effect.activity)
            if started is not None:
                started["state"] = states.FAILED
            else:
                self.failed.append(effect.activity)
        data = {"kind": effect.kind, "message": row["message"]}
        self.emit("incident.opened", effect.element_id, row["id"], data)

    # --- what is closed ----------------------------------------------------------------------------------------------
    def wait_closed(self, effect: e.CloseWait) -> None:
        token = effect.token
        if token in self.tasks:
            row = self.tasks[token]
            row.update(state=states.CANCELLED, ended_at=self.work.now)
            self.emit("user_task.cancelled", row["element_id"], row["id"], task_data(row["name"], row["assignee"]))
        elif token in self.old_tasks:
            task = self.old_tasks[token]
            self.cancelled_tasks.append(task.id)
            offered = user_tasks.candidates(self.work.connection, task.id)
            data = task_data(task.name, task.assignee, offered.users, offered.groups)
            self.emit("user_task.cancelled", task.element_id, task.id, data)
        if token in self.jobs:
            row = self.jobs.pop(token)
            self.emit("job.cancelled", row["element_id"], row["id"], {"topic": row["topic"]})
        for job in self.old_jobs.get(token, ()):
            self.cancelled_jobs.append(job.id)
            if job.kind == jobs.EXTERNAL:
                self.emit("job.cancelled", job.element_id, job.id, {"topic": job.topic})
            elif job.kind == own_jobs.TIMER:
                self.emit("timer.cancelled", job.element_id, job.id)
        if token in self.old_subscriptions:
            self.cancelled_subscriptions.append(token)
        self.cancelled_calls.add(token)
        for opened in [key for key in self.own_jobs if isinstance(key, tuple) and key[0] == token]:
            del self.own_jobs[opened]
        for awaited in [key for key in self.subscriptions if key[0] == token]:
            del self.subscriptions[awaited]
        self.resolve(token)

    def resolve(self, token: int) -> None:
        """What failed there is gone, and so is its incident."""
        for row in self.old_incidents.pop(token, ()):
            self.resolved.append(row)
            self.emit("incident.resolved", row.element_id, row.id, {"kind": row.kind})
        for opened in self.incidents:
            if opened["token"] == token and opened["state"] == states.OPEN:
                self.close_own(opened)

    def incident_over(self, effect: e.IncidentOver) -> None:
        """A dead end came to life, or its scope is gone."""
        for opened in self.incidents:
            if opened["token"] is None and opened["state"] == states.OPEN and opened["element_id"] == effect.element_id:
                self.close_own(opened)
                return
        known = {row.id for row in self.resolved}
        for row in incidents.open_of_instance(self.work.connection, self.instance.id):
            at_join = row.token is None and row.element_id == effect.element_id and row.kind == effect.kind
            if at_join and row.job_id is None and row.id not in known:
                self.resolved.append(row)
                self.emit("incident.resolved", row.element_id, row.id, {"kind": row.kind})
                return

    def close_own(self, opened: dict[str, Any]) -> None:
        """An incident of this very step that did not outlast it."""
        opened.update(state=states.RESOLVED, resolved_at=self.work.now, resolved_by=SYSTEM_NAME)
        self.emit("incident.resolved", opened["element_id"], opened["id"], {"kind": opened["kind"]})

    def instance_ended(self, effect: e.InstanceEnded) -> None:
        """Whatever is still open belongs to nobody: incidents without a place, such as dead ends."""
        outgoing.answer(self.work, self.instance, effect)
        if self.instance.incidents:
            known = {row.id for row in self.resolved}
            for row in incidents.open_of_instance(self.work.connection, self.instance.id):
                if row.id not in known:
                    self.resolved.append(row)
                    self.emit("incident.resolved", row.element_id, row.id, {"kind": row.kind})
        for opened in self.incidents:
            if opened["state"] == states.OPEN:
                self.close_own(opened)

    # --- all at once -------------------------------------------------------------------------------------------------
    def finish(self) -> InstanceRow:
        """Write what was gathered."""
        connection, now, instance_id = self.work.connection, self.work.now, self.instance.id
        if self.activities:
            instances.add_activities(connection, list(self.activities.values()))
        for activity in self.failed:
            instances.mark_activity(connection, instance_id, activity, states.FAILED)
        if self.ended:  # after the failed ones: what failed may have been cancelled in the same step
            instances.end_activities(connection, self.ended)
        if self.tasks:
            user_tasks.add(connection, list(self.tasks.values()), self.candidates)
        if self.jobs:
            jobs.add(connection, list(self.jobs.values()))
        if self.cancelled_tasks:
            user_tasks.cancel(connection, self.cancelled_tasks, now)
        if self.cancelled_jobs:
            jobs.remove(connection, self.cancelled_jobs)
        if self.cancelled_subscriptions:
            subscriptions.remove_at(connection, instance_id, self.cancelled_subscriptions)
        if self.store_values:
            stores.write(self)
        if self.cancelled_calls and _calls(self.definition):
            outgoing.end_children(self.work, self.instance, self.cancelled_calls)
        if self.subscriptions:
            awaiting.subscribe(self)
        if self.own_jobs:
            jobs.add_own(connection, list(self.own_jobs.values()))
        if not (self.incidents or self.resolved):
            return self.instance
        if self.incidents:
            incidents.add(connection, [{"resolved_at": None, "resolved_by": None} | row for row in self.incidents])
        for row in self.resolved:
            incidents.resolve(connection, row.id, now, SYSTEM_NAME)
        change = sum(row["state"] == states.OPEN for row in self.incidents) - len(self.resolved)
        if not change:
            return self.instance
        return self.instance._replace(incidents=instances.count_incidents(connection, instance_id, change))


def _calls(definition: bpmn.ProcessDefinition) -> bool:
    return any(element.kind == "call_activity" for element in definition.elements.values())


#: Who resolves what no person resolved.
SYSTEM_NAME = "signalbox"

WRITERS: dict[type, Callable[[Writing, Any], None]] = {
    e.ActivityStarted: Writing.activity_started,
    e.ActivityEnded: Writing.activity_ended,
    e.OpenUserTask: Writing.user_task_opened,
    e.OpenJob: Writing.job_opened,
    e.OpenMessageSubscription: awaiting.message_awaited,
    e.OpenSignalSubscription: awaiting.signal_awaited,
    e.OpenAdHoc: awaiting.activities_offered,
    e.OpenTimer: Writing.timer_set,
    e.CallProcess: outgoing.process_called,
    e.ThrowMessage: outgoing.message_thrown,
    e.BroadcastSignal: outgoing.signal_thrown,
    e.WriteStore: stores.store_written,
    e.PropagateEscalation: outgoing.escalation_propagated,
    e.RaiseIncident: Writing.incident_raised,
    e.IncidentOver: Writing.incident_over,
    e.CloseWait: Writing.wait_closed,
    e.InstanceEnded: Writing.instance_ended,
}


def task_data(
    name: str, assignee: str | None, candidate_users: Sequence[str] = (), candidate_groups: Sequence[str] = ()
) -> dict[str, Any]:
    """What events about a user task say, so that readers know whom it concerns."""
    return {
        "name": name,
        "assignee": assignee,
        "candidate_users": list(candidate_users),
        "candidate_groups": list(candidate_groups),
    }
