"""Diagrams that are not deployed yet."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from engine.store.database import Connection
from engine.store.rows import Row, one, several
from engine.store.tables import draft

_IN_LISTS = [column for column in draft.c if column.name != "xml"]


def find(connection: Connection, tenant_id: str, draft_id: str) -> Row[Any] | None:
    """The draft with its XML."""
    query = select(draft).where(draft.c.tenant_id == tenant_id, draft.c.id == draft_id)
    return one(connection, query)


def newest(connection: Connection, tenant_id: str, before: str | None, limit: int) -> list[Row[Any]]:
    """Newest first, without their XML."""
    query = select(*_IN_LISTS).where(draft.c.tenant_id == tenant_id)
    if before is not None:
        query = query.where(draft.c.id < before)
    return several(connection, query.order_by(draft.c.id.desc()).limit(limit))


def add(connection: Connection, tenant_id: str, draft_id: str, name: str, xml: str, by: str, now: datetime) -> None:
    connection.execute(
        insert(draft).values(
            id=draft_id,
            tenant_id=tenant_id,
            name=name,
            xml=xml,
            version=1,
            created_at=now,
            updated_at=now,
            updated_by=by,
        )
    )


def replace(
    connection: Connection, tenant_id: str, draft_id: str, version: int, name: str, xml: str, by: str, now: datetime
) -> bool:
    """False where `version` is not the current one, or the draft is gone."""
    result = connection.execute(
        update(draft)
        .where(draft.c.tenant_id == tenant_id, draft.c.id == draft_id, draft.c.version == version)
        .values(name=name, xml=xml, version=version + 1, updated_at=now, updated_by=by)
    )
    return result.rowcount == 1


def remove(connection: Connection, tenant_id: str, draft_id: str) -> bool:
    """False where there was none."""
    result = connection.execute(delete(draft).where(draft.c.tenant_id == tenant_id, draft.c.id == draft_id))
    return result.rowcount == 1
