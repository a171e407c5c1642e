"""User tasks: claim, give back, assign, complete."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from bpmn import triggers
from engine import commands, forms, rights, states
from engine import variables as values
from engine.actors import Actor
from engine.decisions import Answer, Decision, InstanceRow, Move, Raced, Write
from engine.effects import task_data
from engine.errors import AlreadyClaimed, Conflict, Forbidden, Invalid, NotFound
from engine.reading import Reading
from engine.records import FormField, UserTask
from engine.settings import Settings
from engine.store import user_tasks
from engine.store.user_tasks import Candidates
from engine.views.user_tasks import task_record
from engine.work import UnitOfWork

_fields = msgspec.json.Decoder(list[FormField]).decode


@dataclass(frozen=True, slots=True)
class _Task:
    """A user task the actor may see, as read."""

    row: Any
    offered: Candidates
    fields: list[FormField]

    def words(self) -> str:
        return f"the user task {self.row.name!r} ({self.row.id})"

    def record(self, **changes: Any) -> UserTask:
        return task_record(self.row, self.offered.users, self.offered.groups, self.fields, **changes)

    def emit(
        self, work: UnitOfWork, verb: str, assignee: str | None, version: int, more: dict[str, Any] | None = None
    ) -> None:
        row = self.row
        work.emit(
            f"user_task.{verb}",
            tenant_id=row.tenant_id,
            instance_id=row.instance_id,
            definition_key=row.definition_key,
            element_id=row.element_id,
            subject_id=row.id,
            version=version,
            data=task_data(row.name, assignee, self.offered.users, self.offered.groups) | (more or {}),
        )


def _find(reading: Reading, task_id: str, actor: Actor) -> _Task:
    """The task of that id, if it is there for the actor."""
    row = user_tasks.find(reading.connection, task_id)
    if row is not None and row.tenant_id == actor.tenant_id:
        offered = user_tasks.candidates(reading.connection, task_id)
        if rights.sees_task(actor, row.assignee, offered.users, offered.groups) or row.completed_by == actor.name:
            return _Task(row, offered, _fields(row.fields))
    raise NotFound(f"there is no user task {task_id}")


def _open(task: _Task, verb: str) -> None:
    """Raise `Conflict` unless the task is open and its instance runs."""
    states.after(states.USER_TASK, task.row.state, verb, task.words())
    if task.row.instance_state == states.SUSPENDED:
        raise Conflict(f"{task.words()} cannot be {verb}: its process instance is suspended", state=states.SUSPENDED)


def _may_hold(task: _Task, actor: Actor) -> None:
    """Raise unless the actor holds the task already or may take it."""
    holder = task.row.assignee
    if holder == actor.name:
        return
    if holder is not None:
        raise AlreadyClaimed(f"{task.words()} is held by {holder}", assignee=holder)
    if not rights.is_candidate(actor, task.offered.users, task.offered.groups):
        raise Forbidden(f"{actor.name} is not a candidate of {task.words()}")


def _assign(task: _Task, verb: str, assignee: str | None) -> Decision:
    """Hand the task to somebody else than holds it now."""
    holder = task.row.assignee
    if holder == assignee:
        return Answer(task.record())

    def write(work: UnitOfWork) -> UserTask:
        if not user_tasks.assign(work.connection, task.row.id, assignee, holder=holder):
            raise Raced
        task.emit(work, verb, assignee, task.row.of_instance_version)
        return task.record(assignee=assignee)

    return Write(write)


def claim(command: commands.ClaimUserTask, actor: Actor, reading: Reading) -> Decision:
    """Take a task that is offered to the actor."""
    task = _find(reading, command.id, actor)
    _open(task, "claimed")
    _may_hold(task, actor)
    return _assign(task, "claimed", actor.name)


def unclaim(command: commands.UnclaimUserTask, actor: Actor, reading: Reading) -> Decision:
    """Give back a task that the actor holds; who oversees tasks may free any."""
    task = _find(reading, command.id, actor)
    _open(task, "given back")
    holder = task.row.assignee
    if holder not in (None, actor.name) and not rights.oversees_tasks(actor):
        raise AlreadyClaimed(f"{task.words()} is held by {holder}", assignee=holder)
    return _assign(task, "unclaimed", None)


def assign(command: commands.AssignUserTask, actor: Actor, reading: Reading) -> Decision:
    """Give the task to anybody, or to nobody."""
    if command.assignee is not None and not 1 <= len(command.assignee) <= 255:
        fault = {"field": "assignee", "message": "must have 1 to 255 characters"}
        raise Invalid("the assignee must be named by 1 to 255 characters", errors=[fault])
    task = _find(reading, command.id, actor)
    _open(task, "assigned")
    return _assign(task, "assigned", command.assignee)


def complete(command: commands.CompleteUserTask, actor: Actor, reading: Reading, settings: Settings) -> Decision:
    """Fill in the form and let the instance go on; a candidate who completes claims in the same step."""
    task = _find(reading, command.id, actor)
    _open(task, "completed")
    holder = task.row.assignee
    _may_hold(task, actor)
    values.checked(command.variables, settings)
    forms.check(task.fields, command.variables)
    completed: dict[str, Any] = {}

    def settle(work: UnitOfWork, after: InstanceRow) -> None:
        closed = user_tasks.complete(
            work.connection, task.row.id, holder=holder, assignee=actor.name, by=actor.name, at=work.now
        )
        if not closed:
            raise Raced
        completed.update(state=states.COMPLETED, assignee=actor.name, completed_by=actor.name, ended_at=work.now)
        task.emit(work, "completed", actor.name, after.version)

    return Move(
        InstanceRow.of(task.row),
        triggers.UserTaskCompleted(task.row.token, command.variables),
        lambda after: task.record(**completed),
        settle,
    )


def end_with_error(
    command: commands.EndUserTaskWithError, actor: Actor, reading: Reading, settings: Settings
) -> Decision:
    """It cannot be done as drawn: the drawing catches the BPMN error, or the instance fails with an incident."""
    task = _find(reading, command.id, actor)
    _open(task, "ended with an error")
    _may_hold(task, actor)
    values.checked(command.variables, settings)
    ended: dict[str, Any] = {}

    def settle(work: UnitOfWork, after: InstanceRow) -> None:
        user_tasks.cancel(work.connection, [task.row.id], work.now)
        ended.update(state=states.CANCELLED, ended_at=work.now)
        task.emit(work, "failed", actor.name, after.version, {"code": command.code, "by": actor.name})

    return Move(
        InstanceRow.of(task.row),
        triggers.ErrorThrown(task.row.token, command.code, command.message, command.variables),
        lambda after: task.record(**ended),
        settle,
    )


def escalate(command: commands.EscalateUserTask, actor: Actor, reading: Reading) -> Decision:
    """Somebody else must know; what becomes of the task is the drawing's to say."""
    task = _find(reading, command.id, actor)
    _open(task, "escalated")
    _may_hold(task, actor)

    def settle(work: UnitOfWork, after: InstanceRow) -> None:
        task.emit(work, "escalated", task.row.assignee, after.version, {"code": command.code, "by": actor.name})

    return Move(
        InstanceRow.of(task.row),
        triggers.EscalationThrown(task.row.token, command.code),
        lambda after: None,
        settle,
        then=lambda reading, after: _find(reading, command.id, actor).record(),
    )
