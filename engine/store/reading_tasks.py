"""Reading: user tasks, as far as they concern who asks. `sees` and `claimable` say in SQL what `engine.rights` says of
one task; a test holds the two together."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, not_, or_, select, true

from engine.store.batch import Query
from engine.store.database import Connection
from engine.store.rows import Row, one, several
from engine.store.tables import process_definition, process_instance, user_task, user_task_candidate

_t, _c = user_task.c, user_task_candidate.c


class Seer(NamedTuple):
    """Who asks."""

    tenant_id: str
    name: str
    groups: frozenset[str]
    oversees: bool  # sees all of the tenant


def sees(seer: Seer) -> ColumnElement[bool]:
    """The tasks that exist for the actor."""
    if seer.oversees:
        return true()
    offered_to_all = and_(_t.assignee.is_(None), _nobody_named())
    return or_(_t.assignee == seer.name, _named(seer), offered_to_all)


def claimable(seer: Seer) -> ColumnElement[bool]:
    """The tasks nobody holds that are offered to the actor."""
    return and_(_t.assignee.is_(None), or_(_named(seer), _nobody_named()))


def _named(seer: Seer) -> ColumnElement[bool]:
    by_name = and_(_c.kind == "user", _c.name == seer.name)
    by_group = and_(_c.kind == "group", _c.name.in_(sorted(seer.groups)))
    return exists().where(_c.task_id == _t.id, or_(by_name, by_group) if seer.groups else by_name)


def _nobody_named() -> ColumnElement[bool]:
    return not_(exists().where(_c.task_id == _t.id))


_every_task = (
    select(
        user_task,
        process_instance.c.business_key,
        process_instance.c.state.label("instance_state"),
        process_definition.c.name.label("definition_name"),
    )
    .join(process_instance, process_instance.c.id == _t.instance_id)
    .join(process_definition, process_definition.c.id == _t.definition_id)
)


def task(connection: Connection, seer: Seer, task_id: str) -> Row[Any] | None:
    """One task, with its instance's business key and state and its definition's name."""
    return one(connection, _every_task.where(_t.tenant_id == seer.tenant_id, _t.id == task_id, sees(seer)))


def tasks(
    connection: Connection,
    seer: Seer,
    *,
    view: str,
    state: str,
    instance_id: str | None,
    definition_key: str | None,
    before: str | None,
    limit: int,
) -> list[Any]:
    """Newest first."""
    given = {"instance_id": instance_id, "definition_key": definition_key, "before": before}
    query = _list(seer, view, frozenset(name for name, value in given.items() if value is not None))
    return query.all(connection, {**given, "tenant_id": seer.tenant_id, "state": state, "limit": limit})


@lru_cache(100)
def _list(seer: Seer, view: str, given: frozenset[str]) -> Query:
    """The inbox is read again and again; putting this statement together takes longer than carrying it out."""
    query = _every_task.where(
        _t.tenant_id == bindparam("tenant_id"), _t.state == bindparam("state"), _in_view(seer, view)
    )
    if "instance_id" in given:
        query = query.where(_t.instance_id == bindparam("instance_id"))
    if "definition_key" in given:
        query = query.where(_t.definition_key == bindparam("definition_key"))
    if "before" in given:
        query = query.where(_t.id < bindparam("before"))
    return Query(query.order_by(_t.id.desc()).limit(bindparam("limit")))


def _in_view(seer: Seer, view: str) -> ColumnElement[bool]:
    if view == "mine":
        return _t.assignee == seer.name
    return claimable(seer) if view == "claimable" else sees(seer)


def count(connection: Connection, seer: Seer, view: str) -> int:
    """How many open tasks there are in a view."""
    query = select(func.count()).select_from(user_task)
    found = query.where(_t.tenant_id == seer.tenant_id, _t.state == "open", _in_view(seer, view))
    return connection.execute(found).scalar_one()


_candidates = (
    select(user_task_candidate)
    .where(_c.task_id.in_(bindparam("task_ids", expanding=True)))
    .order_by(_c.task_id, _c.kind, _c.name)
)
_candidates_of_one = Query(select(user_task_candidate).where(_c.task_id == bindparam("id")).order_by(_c.kind, _c.name))


def candidates(connection: Connection, task_ids: Sequence[str]) -> list[Any]:
    """task_id, kind and name of all candidates of these tasks."""
    if len(task_ids) == 1:
        return _candidates_of_one.all(connection, {"id": task_ids[0]})
    return several(connection, _candidates, {"task_ids": task_ids})
