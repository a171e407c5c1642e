"""Reading: process instances, their history and their variables."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select

from engine.store.database import Connection
from engine.store.rows import Row, one, several
from engine.store.tables import activity_instance, incident, process_definition, process_instance, variable

_p = process_instance.c


def _instances(tenant_id: str, started_by: str | None) -> Select[*tuple[Any, ...]]:
    query = (
        select(
            process_instance,
            process_definition.c.version.label("definition_version"),
            process_definition.c.name.label("definition_name"),
        )
        .join(process_definition, process_definition.c.id == _p.definition_id)
        .where(_p.tenant_id == tenant_id)
    )
    return query if started_by is None else query.where(_p.started_by == started_by)


def instance(connection: Connection, tenant_id: str, instance_id: str, started_by: str | None) -> Row[Any] | None:
    """One instance, with its definition's version and name. `started_by`: only if that person started it."""
    return one(connection, _instances(tenant_id, started_by).where(_p.id == instance_id))


def instances(
    connection: Connection,
    tenant_id: str,
    *,
    started_by: str | None,
    definition_key: str | None,
    definition_id: str | None,
    business_key: str | None,
    parent_id: str | None,
    state: str | None,
    incidents: bool | None,
    before: str | None,
    limit: int,
) -> list[Row[Any]]:
    """Newest first; None does not filter."""
    query = _instances(tenant_id, started_by)
    for column, wanted in (
        (_p.definition_key, definition_key),
        (_p.definition_id, definition_id),
        (_p.business_key, business_key),
        (_p.parent_id, parent_id),
        (_p.state, state),
    ):
        if wanted is not None:
            query = query.where(column == wanted)
    if incidents is True:
        # By way of the few that are open, not by looking through all instances.
        troubled = select(incident.c.instance_id).where(incident.c.tenant_id == tenant_id, incident.c.state == "open")
        query = query.where(_p.id.in_(troubled))
    elif incidents is False:
        query = query.where(_p.incidents == 0)
    if before is not None:
        query = query.where(_p.id < before)
    return several(connection, query.order_by(_p.id.desc()).limit(limit))


def activities(connection: Connection, instance_id: str, after: int | None, limit: int) -> list[Row[Any]]:
    """The history, oldest first."""
    a = activity_instance.c
    query = select(activity_instance).where(a.instance_id == instance_id)
    if after is not None:
        query = query.where(a.activity_id > after)
    return several(connection, query.order_by(a.activity_id).limit(limit))


def variables(connection: Connection, instance_id: str) -> list[Row[Any]]:
    """scope_id, name and value (JSON text) of all scopes, outermost first."""
    v = variable.c
    query = select(v.scope_id, v.name, v.value).where(v.instance_id == instance_id)
    return several(connection, query.order_by(v.scope_id, v.name))
