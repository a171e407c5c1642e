"""Reading: deployments, process definitions and what their instances amount to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, func, or_, select

from engine.store.database import Connection
from engine.store.rows import Row, one, several
from engine.store.tables import activity_instance, deployment, deployment_file, incident, process_definition
from engine.store.tables import process_instance as instance

_d = process_definition.c


def deployments(connection: Connection, tenant_id: str, before: str | None, limit: int) -> list[Row[Any]]:
    """Newest first."""
    query = select(deployment).where(deployment.c.tenant_id == tenant_id)
    if before is not None:
        query = query.where(deployment.c.id < before)
    return several(connection, query.order_by(deployment.c.id.desc()).limit(limit))


def definitions_of(connection: Connection, deployment_ids: Sequence[str]) -> list[Row[Any]]:
    """The definitions of these deployments, by key."""
    query = select(process_definition).where(_d.deployment_id.in_(deployment_ids))
    return several(connection, query.order_by(_d.key, _d.version))


def definitions(
    connection: Connection, tenant_id: str, key: str | None, after: tuple[str, int] | None, limit: int
) -> list[Row[Any]]:
    """All versions: by key, the newest version first."""
    query = select(process_definition).where(_d.tenant_id == tenant_id)
    if key is not None:
        query = query.where(_d.key == key)
    if after is not None:
        query = query.where(or_(_d.key > after[0], and_(_d.key == after[0], _d.version < after[1])))
    return several(connection, query.order_by(_d.key, _d.version.desc()).limit(limit))


def latest_definitions(
    connection: Connection, tenant_id: str, key: str | None, after: tuple[str, int] | None, limit: int
) -> list[Row[Any]]:
    """The latest version of each key, by key."""
    other = process_definition.alias()
    newest = (
        select(func.max(other.c.version))
        .where(other.c.tenant_id == _d.tenant_id, other.c.key == _d.key)
        .scalar_subquery()
    )
    query = select(process_definition).where(_d.tenant_id == tenant_id, _d.version == newest)
    if key is not None:
        query = query.where(_d.key == key)
    if after is not None:
        query = query.where(_d.key > after[0])
    return several(connection, query.order_by(_d.key).limit(limit))


def definition(connection: Connection, tenant_id: str, definition_id: str) -> Row[Any] | None:
    """One definition, without its file."""
    return one(connection, select(process_definition).where(_d.tenant_id == tenant_id, _d.id == definition_id))


def source(connection: Connection, tenant_id: str, definition_id: str) -> bytes | None:
    """The file it was deployed in, byte by byte."""
    f = deployment_file.c
    query = (
        select(f.content)
        .join(process_definition, and_(f.deployment_id == _d.deployment_id, f.name == _d.file_name))
        .where(_d.tenant_id == tenant_id, _d.id == definition_id)
    )
    content: bytes | None = connection.execute(query).scalar()
    return None if content is None else bytes(content)


def instances_by_state(connection: Connection, definition_id: str) -> dict[str, int]:
    """How many instances it has in each state."""
    query = (
        select(instance.c.state, func.count().label("number"))
        .where(instance.c.definition_id == definition_id)
        .group_by(instance.c.state)
    )
    return {row.state: row.number for row in connection.execute(query)}


def activities_by_state(connection: Connection, definition_id: str) -> list[Row[Any]]:
    """element_id, state, number: how many activity instances."""
    a = activity_instance.c
    query = (
        select(a.element_id, a.state, func.count().label("number"))
        .where(a.definition_id == definition_id)
        .group_by(a.element_id, a.state)
    )
    return several(connection, query)


def repetitions_by_state(connection: Connection, definition_id: str, element_ids: Sequence[str]) -> list[Row[Any]]:
    """element_id, state, number: of the activity instances of these elements those that stand for all their runs."""
    a = activity_instance.c
    query = (
        select(a.element_id, a.state, func.count().label("number"))
        .where(a.definition_id == definition_id, a.element_id.in_(element_ids), a.kind == "multi_instance_body")
        .group_by(a.element_id, a.state)
    )
    return several(connection, query)


def open_incidents_by_element(connection: Connection, tenant_id: str, definition_id: str) -> dict[str, int]:
    """How many incidents are open at each element."""
    i = incident.c
    query = (
        select(i.element_id, func.count().label("number"))
        .where(i.tenant_id == tenant_id, i.state == "open", i.definition_id == definition_id)
        .group_by(i.element_id)
    )
    return {row.element_id: row.number for row in connection.execute(query)}
