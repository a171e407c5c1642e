"""User tasks and their candidates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import String, bindparam, select, update

from engine.store import instances
from engine.store.batch import Batch, PerDialect, Query
from engine.store.database import Connection
from engine.store.portions import chunks
from engine.store.tables import process_definition, process_instance, user_task, user_task_candidate

_t, _c = user_task.c, user_task_candidate.c

_find = Query(
    select(
        user_task,
        *instances.JOINED,
        process_instance.c.state.label("instance_state"),
        process_instance.c.business_key,
        process_definition.c.name.label("definition_name"),
    )
    .join(process_instance, process_instance.c.id == _t.instance_id)
    .join(process_definition, process_definition.c.id == _t.definition_id)
    .where(_t.id == bindparam("id"))
)
_candidates = Query(select(_c.kind, _c.name).where(_c.task_id == bindparam("id")).order_by(_c.kind, _c.name))
_GIVEN = [column.name for column in _t if column.name != "completed_by"]


def _open_again(dialect: Any) -> Any:
    """A task that ended with an error nobody caught is opened anew when its incident is resolved."""
    statement = dialect.insert(user_task)
    given = {name: statement.excluded[name] for name in _GIVEN if name != "id"}
    return statement.on_conflict_do_update(index_elements=["id"], set_=given)


_insert = Batch(PerDialect(_open_again), _GIVEN)
_insert_candidates = Batch(
    PerDialect(lambda dialect: dialect.insert(user_task_candidate).on_conflict_do_nothing()),
    [column.name for column in _c],
)
_cancel = (
    update(user_task)
    .where(_t.id == bindparam("b_id"), _t.state == "open")
    .values(state="cancelled", ended_at=bindparam("b_ended_at"))
)


class Candidates(NamedTuple):
    """To whom an unclaimed task is offered."""

    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


def find(connection: Connection, task_id: str) -> Any | None:
    """The task with its instance and its definition's name."""
    return _find.one(connection, {"id": task_id})


def candidates(connection: Connection, task_id: str) -> Candidates:
    """Candidates in the order of their names."""
    found = _candidates.all(connection, {"id": task_id})
    return Candidates(
        tuple(name for kind, name in found if kind == "user"), tuple(name for kind, name in found if kind == "group")
    )


def add(connection: Connection, tasks: Sequence[Mapping[str, Any]], offered: Sequence[Mapping[str, Any]]) -> None:
    """Open tasks, with their candidates."""
    _insert.run(connection, tasks)
    if offered:
        _insert_candidates.run(connection, offered)


def assign(connection: Connection, task_id: str, assignee: str | None, *, holder: str | None) -> bool:
    """Give an open task held by `holder` to `assignee`; False when it is not open or held by somebody else."""
    statement = (
        update(user_task)
        .where(_t.id == task_id, _t.state == "open", _t.assignee.is_not_distinct_from(holder))
        .values(assignee=assignee)
    )
    return connection.execute(statement).rowcount == 1


_complete = Batch(
    update(user_task)
    .where(
        _t.id == bindparam("b_id"),
        _t.state == "open",
        _t.assignee.is_not_distinct_from(bindparam("b_holder", type_=String)),
    )
    .values(
        state="completed",
        assignee=bindparam("b_assignee"),
        completed_by=bindparam("b_by"),
        ended_at=bindparam("b_at"),
    )
)


def complete(
    connection: Connection, task_id: str, *, holder: str | None, assignee: str | None, by: str, at: datetime
) -> bool:
    """Close an open task held by `holder`; False when it is not open or held by somebody else."""
    values = {"b_id": task_id, "b_holder": holder, "b_assignee": assignee, "b_by": by, "b_at": at}
    return _complete.run(connection, [values]) == 1


def open_among(connection: Connection, task_ids: Iterable[str]) -> list[Any]:
    """Those of these tasks that are open."""
    found: list[Any] = []
    for chunk in chunks(task_ids):
        found += connection.execute(select(user_task).where(_t.id.in_(chunk), _t.state == "open")).all()
    return found


def cancel(connection: Connection, task_ids: Sequence[str], at: datetime) -> None:
    """Close open tasks that nobody needs to do any more."""
    connection.execute(_cancel, [{"b_id": task_id, "b_ended_at": at} for task_id in task_ids])


def open_of_instance(connection: Connection, instance_id: str) -> list[Any]:
    """The open tasks of an instance: id, token, element_id, name."""
    statement = select(_t.id, _t.token, _t.element_id, _t.name).where(_t.instance_id == instance_id, _t.state == "open")
    return list(connection.execute(statement))
