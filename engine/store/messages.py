"""Messages that wait for their receiver, and those whose id is remembered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zlib import crc32

from sqlalchemy import delete, or_, select, text, update

from engine.store.batch import PerDialect
from engine.store.database import Connection
from engine.store.tables import message

WAITING, CORRELATED = "waiting", "correlated"

_m = message.c


def one_at_a_time(connection: Connection, tenant_id: str, names: Sequence[str]) -> None:
    """Who buffers a message and who begins to wait for one of that name queue, so that neither misses the other.
    SQLite's writers queue anyway."""
    if connection.dialect.name == "postgresql":
        for key in sorted({crc32(f"message/{tenant_id}/{name}".encode()) for name in names}):
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


_insert = PerDialect(
    lambda dialect: (
        dialect.insert(message)
        .on_conflict_do_nothing(index_elements=["tenant_id", "name", "message_id"])
        .returning(_m.id)
    )
)


def add(connection: Connection, values: Mapping[str, Any], now: datetime) -> bool:
    """Keep a message; False when one of the same id of its sender is kept already."""
    if values["message_id"] is not None:
        same = (_m.tenant_id == values["tenant_id"], _m.name == values["name"], _m.message_id == values["message_id"])
        connection.execute(delete(message).where(*same, _m.expires_at <= now))
    return connection.execute(_insert[connection.dialect.name], dict(values)).one_or_none() is not None


def find(connection: Connection, row_id: str) -> Any | None:
    """The kept message of that row id."""
    return connection.execute(select(message).where(_m.id == row_id)).one_or_none()


def of_sender(connection: Connection, tenant_id: str, name: str, message_id: str) -> Any | None:
    """The kept message that came with that id of its sender."""
    statement = select(message).where(_m.tenant_id == tenant_id, _m.name == name, _m.message_id == message_id)
    return connection.execute(statement).one_or_none()


def waiting(
    connection: Connection, tenant_id: str, name: str, key_hash: str, key_count: int, now: datetime
) -> list[Any]:
    """Waiting messages of that name that may satisfy a subscription with these keys, oldest first: those with exactly
    the same keys, and those that carry more."""
    statement = (
        select(message)
        .where(
            _m.tenant_id == tenant_id,
            _m.name == name,
            _m.state == WAITING,
            _m.expires_at > now,
            or_(_m.key_hash == key_hash, _m.key_count > key_count),
        )
        .order_by(_m.id)
    )
    return list(connection.execute(statement))


def correlated(connection: Connection, row_id: str, outcome: str) -> bool:
    """A waiting message found its receiver; False when another was quicker."""
    statement = (
        update(message)
        .where(_m.id == row_id, _m.state == WAITING)
        .values(state=CORRELATED, outcome=outcome, variables="{}")
    )
    return connection.execute(statement).rowcount == 1


def remove_waiting(connection: Connection, row_id: str) -> bool:
    """Forget a waiting message that had no id of its sender; False when it does not wait any more."""
    return connection.execute(delete(message).where(_m.id == row_id, _m.state == WAITING)).rowcount == 1


def forget(connection: Connection, expired_before: datetime) -> int:
    """Drop messages whose time to live is over, and ids that nobody will repeat any more; how many."""
    return connection.execute(delete(message).where(_m.expires_at < expired_before)).rowcount
