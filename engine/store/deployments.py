"""Deployments, their files and the process definitions in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from zlib import crc32

from sqlalchemy import bindparam, insert, select, text

from engine.store.batch import Query
from engine.store.database import Connection
from engine.store.tables import deployment, deployment_file, process_definition

_d = process_definition.c

_source = (
    select(process_definition, deployment_file.c.content)
    .join(
        deployment_file,
        (deployment_file.c.deployment_id == _d.deployment_id) & (deployment_file.c.name == _d.file_name),
    )
    .where(_d.id == bindparam("id"))
)
_by_id = Query(select(process_definition).where(_d.id == bindparam("id")))
_latest = Query(
    select(process_definition)
    .where(_d.tenant_id == bindparam("tenant"), _d.key == bindparam("key"))
    .order_by(_d.version.desc())
    .limit(1)
)
_of_version = Query(
    select(process_definition).where(
        _d.tenant_id == bindparam("tenant"), _d.key == bindparam("key"), _d.version == bindparam("version")
    )
)


def one_at_a_time(connection: Connection, tenant_id: str) -> None:
    """Deployments of a tenant queue, so that versions are given out without gaps; SQLite's writers queue anyway."""
    if connection.dialect.name == "postgresql":
        key = crc32(f"deployment/{tenant_id}".encode())
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


def none_meanwhile(connection: Connection, tenant_id: str) -> None:
    """No deployment of the tenant replaces a version until the end of the transaction: for who renews something of a
    version, lest a deployment at the same time does not see it. Many may do so at once."""
    if connection.dialect.name == "postgresql":
        key = crc32(f"deployment/{tenant_id}".encode())
        connection.execute(text("SELECT pg_advisory_xact_lock_shared(:key)"), {"key": key})


def definition(connection: Connection, definition_id: str) -> Any | None:
    """The definition of that id, without its file."""
    return _by_id.one(connection, {"id": definition_id})


def source(connection: Connection, definition_id: str) -> Any | None:
    """The definition of that id with the `content` of its file."""
    return connection.execute(_source, {"id": definition_id}).one_or_none()


def latest(connection: Connection, tenant_id: str, key: str) -> Any | None:
    """The latest version of a key."""
    return _latest.one(connection, {"tenant": tenant_id, "key": key})


def of_version(connection: Connection, tenant_id: str, key: str, version: int) -> Any | None:
    """That version of a key."""
    return _of_version.one(connection, {"tenant": tenant_id, "key": key, "version": version})


def in_deployment(connection: Connection, deployment_id: str, key: str) -> Any | None:
    """The version of a key that came with a deployment; or, where its file was deployed before, the latest one then."""
    of_deployment = select(process_definition).where(_d.deployment_id == deployment_id, _d.key == key)
    found = connection.execute(of_deployment).one_or_none()
    if found is not None:
        return found
    earlier = (
        select(process_definition)
        .where(
            _d.tenant_id == select(deployment.c.tenant_id).where(deployment.c.id == deployment_id).scalar_subquery(),
            _d.key == key,
            _d.deployment_id < deployment_id,
        )
        .order_by(_d.version.desc())
        .limit(1)
    )
    return connection.execute(earlier).one_or_none()


def find(connection: Connection, deployment_id: str) -> Any:
    """The deployment of that id, which must exist."""
    return connection.execute(select(deployment).where(deployment.c.id == deployment_id)).one()


def add(
    connection: Connection,
    values: Mapping[str, Any],
    files: Sequence[Mapping[str, Any]],
    definitions: Sequence[Mapping[str, Any]],
) -> None:
    """Store a deployment with its new files and definitions."""
    connection.execute(insert(deployment), values)
    connection.execute(insert(deployment_file), files)
    connection.execute(insert(process_definition), definitions)
