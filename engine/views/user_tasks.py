"""The inbox: the tasks that concern whoever asks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

import bpmn
from engine import rights
from engine.actors import Actor
from engine.errors import NotFound
from engine.queries import CountUserTasks, GetUserTask, ListUserTasks
from engine.reading import Reading
from engine.records import FormField, Page, UserTask, UserTaskCounts
from engine.store import instances as live
from engine.store import reading_tasks as store
from engine.store.rows import Row
from engine.views import paging

_fields = msgspec.json.Decoder(list[FormField])


def list_user_tasks(query: ListUserTasks, actor: Actor, reading: Reading) -> Page[UserTask]:
    """Newest first."""
    rows = store.tasks(
        reading.connection,
        seer(actor),
        view=query.view,
        state=query.state,
        instance_id=query.process_instance_id,
        definition_key=query.definition_key,
        before=paging.text(query.cursor, "user-tasks"),
        limit=query.limit + 1,
    )
    rows, following = paging.cut(rows, query.limit, "user-tasks", lambda row: row.id)
    candidates = _candidates([row.id for row in rows], reading)
    return Page(items=[_record(row, candidates) for row in rows], next_cursor=following)


def get_user_task(query: GetUserTask, actor: Actor, reading: Reading) -> UserTask:
    """One task; while it is open, with the variables that it sees."""
    row = store.task(reading.connection, seer(actor), query.id)
    if row is None:
        raise NotFound(f"There is no user task {query.id[:80]!r}.")
    task = _record(row, _candidates([query.id], reading))
    return msgspec.structs.replace(task, variables=_visible_variables(row, reading))


def count_user_tasks(_query: CountUserTasks, actor: Actor, reading: Reading) -> UserTaskCounts:
    """How much waits for the actor."""
    return UserTaskCounts(
        mine=store.count(reading.connection, seer(actor), "mine"),
        claimable=store.count(reading.connection, seer(actor), "claimable"),
    )


def seer(actor: Actor) -> store.Seer:
    """The actor as the store's filters know it."""
    return store.Seer(actor.tenant_id, actor.name, actor.groups, rights.oversees_tasks(actor))


def task_record(
    row: Any, users: Sequence[str], groups: Sequence[str], fields: list[FormField], **changed: Any
) -> UserTask:
    """The record of a task as stored, with what a command has `changed` of it."""
    record = UserTask(
        id=row.id,
        process_instance_id=row.instance_id,
        definition_id=row.definition_id,
        definition_key=row.definition_key,
        definition_name=row.definition_name,
        business_key=row.business_key,
        element_id=row.element_id,
        name=row.name,
        documentation=row.documentation,
        assignee=row.assignee,
        candidate_users=list(users),
        candidate_groups=list(groups),
        priority=row.priority,
        state=row.state,
        created_at=row.created_at,
        ended_at=row.ended_at,
        completed_by=row.completed_by,
        fields=fields,
        suspended=row.state == "open" and row.instance_state == "suspended",
    )
    return msgspec.structs.replace(record, **changed) if changed else record


def _record(row: Row[Any], candidates: dict[tuple[str, str], list[str]]) -> UserTask:
    users, groups = (candidates.get((row.id, kind), []) for kind in ("user", "group"))
    return task_record(row, users, groups, _fields.decode(row.fields))


def _candidates(task_ids: list[str], reading: Reading) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for row in store.candidates(reading.connection, task_ids):
        found.setdefault((row.task_id, row.kind), []).append(row.name)
    return found


def _visible_variables(row: Row[Any], reading: Reading) -> dict[str, Any] | None:
    # Once the task has ended, its place is gone; what the instance learned later is not this task's to show.
    if row.state != "open":
        return None
    definition = reading.definitions.get(row.definition_id)
    rows = live.rows(reading.connection, row.instance_id)
    variables = live.variables(reading.connection, row.instance_id)
    return bpmn.Execution.restore(definition, rows, variables).visible_variables(row.token)
