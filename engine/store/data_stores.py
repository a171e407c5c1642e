"""Data stores: named values that outlive the instances, each with a version."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select, update

from engine.store.batch import PerDialect
from engine.store.database import Connection
from engine.store.tables import data_store

_d = data_store.c


class Stored(NamedTuple):
    """A value as JSON text, and its version; 0: nobody has written it yet."""

    value: str = "null"
    version: int = 0


def read(connection: Connection, tenant_id: str, names: Iterable[str]) -> dict[str, Stored]:
    """These stores as they are now."""
    wanted = sorted(names)
    statement = select(_d.name, _d.value, _d.version).where(_d.tenant_id == tenant_id, _d.name.in_(wanted))
    found = {row.name: Stored(row.value, row.version) for row in connection.execute(statement)}
    return {name: found.get(name, Stored()) for name in wanted}


def listed(connection: Connection, tenant_id: str) -> list[Any]:
    """All that were ever written, by name."""
    return list(connection.execute(select(data_store).where(_d.tenant_id == tenant_id).order_by(_d.name)))


_insert = PerDialect(lambda dialect: dialect.insert(data_store).on_conflict_do_nothing().returning(_d.name))


def write(connection: Connection, tenant_id: str, name: str, value: str, version: int, at: datetime, by: str) -> bool:
    """Replace the value that has this version; False when it has another one by now."""
    values = {"value": value, "version": version + 1, "changed_at": at, "changed_by": by}
    if version == 0:
        row = {"tenant_id": tenant_id, "name": name, **values}
        return connection.execute(_insert[connection.dialect.name], row).one_or_none() is not None
    statement = (
        update(data_store).where(_d.tenant_id == tenant_id, _d.name == name, _d.version == version).values(values)
    )
    return connection.execute(statement).rowcount == 1


def hold(connection: Connection, tenant_id: str, name: str, version: int) -> bool:
    """Keep the store at this version until the end of the transaction; False when it is not at it any more."""
    statement = select(_d.version).where(_d.tenant_id == tenant_id, _d.name == name).with_for_update()
    found = connection.execute(statement).scalar_one_or_none()
    return (found or 0) == version
