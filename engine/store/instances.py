"""Process instances: their row, their live state and their history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from engine.store.database import Connection
from engine.store.tables import activity_instance, execution_row, process_instance, variable

_p, _a, _r, _v = process_instance.c, activity_instance.c, execution_row.c, variable.c

_find = select(
    _p.id, _p.tenant_id, _p.definition_id, _p.definition_key, _p.business_key, _p.state, _p.version, _p.incidents,
    _p.started_at, _p.started_by, _p.ended_at,
).where(_p.id == bindparam("id"))  # fmt: skip
_rows = select(_r.row_id, _r.body).where(_r.instance_id == bindparam("id"))
_variables = select(_v.scope_id, _v.name, _v.value).where(_v.instance_id == bindparam("id"))
_insert = insert(process_instance)
_insert_activities = insert(activity_instance)
_here = (_p.id == bindparam("b_id")) & (_p.version == bindparam("b_version"))
_move = update(process_instance).where(_here).values(version=_p.version + 1)
_end = (
    update(process_instance)
    .where(_here)
    .values(version=_p.version + 1, state=bindparam("b_state"), ended_at=bindparam("b_ended_at"))
)
_incidents = (
    update(process_instance)
    .where(_p.id == bindparam("b_id"))
    .values(incidents=_p.incidents + bindparam("b_change"))
    .returning(_p.incidents)
)
_delete_rows = delete(execution_row).where(_r.instance_id == bindparam("b_id"), _r.row_id == bindparam("b_row"))
_delete_variables = delete(variable).where(
    _v.instance_id == bindparam("b_id"), _v.scope_id == bindparam("b_scope"), _v.name == bindparam("b_name")
)
_of_activity = (_a.instance_id == bindparam("b_id")) & (_a.activity_id == bindparam("b_activity"))
_end_activities = (
    update(activity_instance)
    .where(_of_activity)
    .values(state=bindparam("b_state"), ended_at=bindparam("b_ended_at"), detail=bindparam("b_detail"))
)
_mark_activity = update(activity_instance).where(_of_activity).values(state=bindparam("b_state"))


def _upserts(dialect: Any) -> tuple[Any, Any]:
    rows, variables = dialect.insert(execution_row), dialect.insert(variable)
    return (
        rows.on_conflict_do_update(index_elements=["instance_id", "row_id"], set_={"body": rows.excluded.body}),
        variables.on_conflict_do_update(
            index_elements=["instance_id", "scope_id", "name"], set_={"value": variables.excluded.value}
        ),
    )


_UPSERTS = {"sqlite": _upserts(sqlite), "postgresql": _upserts(postgresql)}


def find(connection: Connection, instance_id: str) -> Any | None:
    """The stored columns, in their order."""
    return connection.execute(_find, {"id": instance_id}).one_or_none()


def rows(connection: Connection, instance_id: str) -> dict[str, str]:
    """The live state as the execution saved it."""
    return {row.row_id: row.body for row in connection.execute(_rows, {"id": instance_id})}


def variables(connection: Connection, instance_id: str) -> dict[tuple[int, str], str]:
    """(scope, name) → JSON text."""
    return {(row.scope_id, row.name): row.value for row in connection.execute(_variables, {"id": instance_id})}


def add(connection: Connection, values: Mapping[str, Any]) -> None:
    """Store a new instance."""
    connection.execute(_insert, values)


def move(connection: Connection, instance_id: str, version: int, state: str, ended_at: datetime | None) -> bool:
    """Go from `version` to the next; False when the instance is not at that version any more."""
    here = {"b_id": instance_id, "b_version": version}
    if ended_at is None:
        return connection.execute(_move, here).rowcount == 1
    return connection.execute(_end, {**here, "b_state": state, "b_ended_at": ended_at}).rowcount == 1


def change(connection: Connection, instance_id: str, version: int, state: str) -> bool:
    """Set the state and go to the next version; False when the instance is not at `version` any more."""
    statement = (
        update(process_instance)
        .where(_p.id == instance_id, _p.version == version)
        .values(version=_p.version + 1, state=state)
    )
    return connection.execute(statement).rowcount == 1


def count_incidents(connection: Connection, instance_id: str, change: int) -> int:
    """Add to the number of open incidents; the number then."""
    left: int = connection.execute(_incidents, {"b_id": instance_id, "b_change": change}).scalar_one()
    return left


def save(
    connection: Connection,
    instance_id: str,
    changed_rows: Mapping[str, str | None],
    changed_variables: Mapping[tuple[int, str], str | None],
    *,
    new: bool,
) -> None:
    """Write what a step changed of the live state, and no more; None deletes."""
    upsert_rows, upsert_variables = _UPSERTS[connection.dialect.name]
    bodies, gone = [], []
    for row_id, body in changed_rows.items():
        if body is not None:
            bodies.append({"instance_id": instance_id, "row_id": row_id, "body": body})
        elif not new:
            gone.append({"b_id": instance_id, "b_row": row_id})
    if bodies:
        connection.execute(upsert_rows, bodies)
    if gone:
        connection.execute(_delete_rows, gone)
    values, lost = [], []
    for (scope, name), value in changed_variables.items():
        if value is not None:
            values.append({"instance_id": instance_id, "scope_id": scope, "name": name, "value": value})
        elif not new:
            lost.append({"b_id": instance_id, "b_scope": scope, "b_name": name})
    if values:
        connection.execute(upsert_variables, values)
    if lost:
        connection.execute(_delete_variables, lost)


def add_activities(connection: Connection, values: Sequence[Mapping[str, Any]]) -> None:
    """Write activity instances into the history."""
    connection.execute(_insert_activities, values)


def end_activities(connection: Connection, values: Sequence[Mapping[str, Any]]) -> None:
    """Close activity instances of earlier steps: b_id, b_activity, b_state, b_ended_at, b_detail."""
    connection.execute(_end_activities, values)


def mark_activity(connection: Connection, instance_id: str, activity_id: int, state: str) -> None:
    """An open activity instance is failed, or goes on."""
    connection.execute(_mark_activity, {"b_id": instance_id, "b_activity": activity_id, "b_state": state})


def open_activity(connection: Connection, instance_id: str, activity_id: int) -> str | None:
    """The element of an activity instance that has not ended."""
    statement = select(_a.element_id).where(
        _a.instance_id == instance_id, _a.activity_id == activity_id, _a.ended_at.is_(None)
    )
    return connection.execute(statement).scalar_one_or_none()
