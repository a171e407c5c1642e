"""Message subscriptions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, insert, select

from engine.store import instances
from engine.store.database import Connection
from engine.store.tables import message_subscription, process_instance
from engine.store.user_tasks import chunks

_s, _p = message_subscription.c, process_instance.c

_delete = delete(message_subscription).where(_s.id == bindparam("b_id"))


def add(connection: Connection, subscriptions: Sequence[Mapping[str, Any]]) -> None:
    """Open subscriptions."""
    connection.execute(insert(message_subscription), subscriptions)


def find_match(
    connection: Connection, tenant_id: str, name: str, instance_id: str | None, business_key: str | None
) -> list[Any]:
    """The oldest subscription of this name and keys that runs, and one more to see whether it is the only instance."""
    statement = (
        select(message_subscription, *instances.JOINED)
        .join(process_instance, _p.id == _s.instance_id)
        .where(_s.tenant_id == tenant_id, _s.name == name)
        .order_by(_s.id)
    )
    if instance_id is not None:
        statement = statement.where(_s.instance_id == instance_id)
    if business_key is not None:
        statement = statement.where(_p.business_key == business_key)
    return list(connection.execute(statement.limit(2)))


def among(connection: Connection, ids: Iterable[str]) -> list[str]:
    """Those of these subscriptions that exist."""
    found: list[str] = []
    for chunk in chunks(ids):
        found += connection.execute(select(_s.id).where(_s.id.in_(chunk))).scalars()
    return found


def remove(connection: Connection, ids: Sequence[str]) -> None:
    """Delete subscriptions; one that is gone already is no fault."""
    connection.execute(_delete, [{"b_id": subscription_id} for subscription_id in ids])


def exists(connection: Connection, subscription_id: str) -> bool:
    """Whether it still waits."""
    return connection.execute(select(_s.id).where(_s.id == subscription_id)).one_or_none() is not None
