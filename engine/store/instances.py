"""Process instances: their row, their live state and their history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from engine.store.batch import Batch, PerDialect, Query
from engine.store.database import Connection
from engine.store.portions import chunks
from engine.store.tables import activity_instance, execution_row, process_instance, variable

_p, _a, _r, _v = process_instance.c, activity_instance.c, execution_row.c, variable.c

_columns = (
    _p.id, _p.tenant_id, _p.definition_id, _p.definition_key, _p.business_key, _p.state, _p.version, _p.incidents,
    _p.started_at, _p.started_by, _p.ended_at, _p.parent_id, _p.parent_token, _p.parent_element_id,
)  # fmt: skip
_find = Query(select(*_columns).where(_p.id == bindparam("id")))
#: The same for a join with what belongs to an instance, and how to pick them from its rows, in their order.
JOINED = tuple(column.label(f"of_instance_{column.name}") for column in _columns)
joined = attrgetter(*(column.name for column in JOINED))
_rows = Query(select(_r.row_id, _r.body).where(_r.instance_id == bindparam("id")))
_variables = Query(select(_v.scope_id, _v.name, _v.value).where(_v.instance_id == bindparam("id")))
_insert = Batch(insert(process_instance), [column.name for column in _p])
_insert_activities = Batch(insert(activity_instance), [column.name for column in _a])
_here = (_p.id == bindparam("b_id")) & (_p.version == bindparam("b_version"))
_move = Batch(update(process_instance).where(_here).values(version=_p.version + 1))
_end = Batch(
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
_delete_rows = Batch(delete(execution_row).where(_r.instance_id == bindparam("b_id"), _r.row_id == bindparam("b_row")))
_delete_variables = Batch(
    delete(variable).where(
        _v.instance_id == bindparam("b_id"), _v.scope_id == bindparam("b_scope"), _v.name == bindparam("b_name")
    )
)
_of_activity = (_a.instance_id == bindparam("b_id")) & (_a.activity_id == bindparam("b_activity"))
_end_activities = Batch(
    update(activity_instance)
    .where(_of_activity)
    .values(state=bindparam("b_state"), ended_at=bindparam("b_ended_at"), detail=bindparam("b_detail"))
)
_mark_activity = update(activity_instance).where(_of_activity).values(state=bindparam("b_state"))


def _upsert_rows(dialect: Any) -> Any:
    statement = dialect.insert(execution_row)
    return statement.on_conflict_do_update(
        index_elements=["instance_id", "row_id"], set_={"body": statement.excluded.body}
    )


def _upsert_variables(dialect: Any) -> Any:
    statement = dialect.insert(variable)
    return statement.on_conflict_do_update(
        index_elements=["instance_id", "scope_id", "name"], set_={"value": statement.excluded.value}
    )


_save_rows = Batch(PerDialect(_upsert_rows), [column.name for column in _r])
_save_variables = Batch(PerDialect(_upsert_variables), [column.name for column in _v])


def find(connection: Connection, instance_id: str) -> Any | None:
    """The stored columns, in their order."""
    return _find.one(connection, {"id": instance_id})


def rows(connection: Connection, instance_id: str) -> dict[str, str]:
    """The live state as the execution saved it."""
    return dict(_rows.all(connection, {"id": instance_id}))


def variables(connection: Connection, instance_id: str) -> dict[tuple[int, str], str]:
    """(scope, name) → JSON text."""
    return {(scope, name): value for scope, name, value in _variables.all(connection, {"id": instance_id})}


def add(connection: Connection, values: Mapping[str, Any]) -> None:
    """Store a new instance."""
    _insert.run(connection, [values])


def move(connection: Connection, instance_id: str, version: int, state: str, ended_at: datetime | None) -> bool:
    """Go from `version` to the next; False when the instance is not at that version any more."""
    here = {"b_id": instance_id, "b_version": version}
    if ended_at is None:
        return _move.run(connection, [here]) == 1
    return _end.run(connection, [{**here, "b_state": state, "b_ended_at": ended_at}]) == 1


def change(connection: Connection, instance_id: str, version: int, state: str) -> bool:
    """Set the state and go to the next version; False when the instance is not at `version` any more."""
    statement = (
        update(process_instance)
        .where(_p.id == instance_id, _p.version == version)
        .values(version=_p.version + 1, state=state)
    )
    return connection.execute(statement).rowcount == 1


def hold(connection: Connection, instance_id: str, version: int) -> bool:
    """Keep the instance at this version until the end of the transaction; False when it is not at it any more."""
    # Weaker than a lock for a key's change: who writes what refers to the instance need not wait.
    statement = select(_p.id).where(_p.id == instance_id, _p.version == version).with_for_update(key_share=True)
    return connection.execute(statement).one_or_none() is not None


def definitions_of(connection: Connection, instance_ids: Iterable[str]) -> dict[str, tuple[str, str]]:
    """The definition (id, key) of each of these instances."""
    found: dict[str, tuple[str, str]] = {}
    for chunk in chunks(instance_ids):
        statement = select(_p.id, _p.definition_id, _p.definition_key).where(_p.id.in_(chunk))
        found.update({row.id: (row.definition_id, row.definition_key) for row in connection.execute(statement)})
    return found


def called_by(connection: Connection, parent_id: str) -> list[Any]:
    """The running instances that an instance called: (id, definition_id, definition_key, parent_token,
    parent_element_id, state), oldest first."""
    columns = (_p.id, _p.definition_id, _p.definition_key, _p.parent_token, _p.parent_element_id, _p.state)
    statement = select(*columns).where(_p.parent_id == parent_id, _p.ended_at.is_(None)).order_by(_p.id)
    return list(connection.execute(statement))


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
    bodies, gone = [], []
    for row_id, body in changed_rows.items():
        if body is not None:
            bodies.append({"instance_id": instance_id, "row_id": row_id, "body": body})
        elif not new:
            gone.append({"b_id": instance_id, "b_row": row_id})
    if bodies:
        _save_rows.run(connection, bodies)
    if gone:
        _delete_rows.run(connection, gone)
    values, lost = [], []
    for (scope, name), value in changed_variables.items():
        if value is not None:
            values.append({"instance_id": instance_id, "scope_id": scope, "name": name, "value": value})
        elif not new:
            lost.append({"b_id": instance_id, "b_scope": scope, "b_name": name})
    if values:
        _save_variables.run(connection, values)
    if lost:
        _delete_variables.run(connection, lost)


def add_activities(connection: Connection, values: Sequence[Mapping[str, Any]]) -> None:
    """Write activity instances into the history."""
    _insert_activities.run(connection, values)


def end_activities(connection: Connection, values: Sequence[Mapping[str, Any]]) -> None:
    """Close activity instances of earlier steps: b_id, b_activity, b_state, b_ended_at, b_detail."""
    _end_activities.run(connection, values)


def mark_activity(connection: Connection, instance_id: str, activity_id: int, state: str) -> None:
    """An open activity instance is failed, or goes on."""
    connection.execute(_mark_activity, {"b_id": instance_id, "b_activity": activity_id, "b_state": state})


def open_activity(connection: Connection, instance_id: str, activity_id: int) -> str | None:
    """The element of an activity instance that has not ended."""
    statement = select(_a.element_id).where(
        _a.instance_id == instance_id, _a.activity_id == activity_id, _a.ended_at.is_(None)
    )
    return connection.execute(statement).scalar_one_or_none()
