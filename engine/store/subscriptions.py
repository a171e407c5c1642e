"""Subscriptions: what instances, and the start events of definitions, wait for from outside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select

from engine.store import instances
from engine.store.batch import Batch
from engine.store.database import Connection
from engine.store.portions import chunks
from engine.store.tables import process_instance, subscription

MESSAGE, SIGNAL, AD_HOC = "message", "signal", "ad_hoc"

_s, _p = subscription.c, process_instance.c

_insert = Batch(insert(subscription), [column.name for column in _s])
_at = delete(subscription).where(_s.instance_id == bindparam("b_instance"), _s.token == bindparam("b_token"))
_of_definition = delete(subscription).where(_s.definition_id == bindparam("b_definition"))


def add(connection: Connection, subscriptions: Sequence[Mapping[str, Any]]) -> None:
    """Open subscriptions."""
    _insert.run(connection, subscriptions)


def of_instances(
    connection: Connection,
    tenant_id: str,
    name: str,
    key_hashes: Iterable[str] | None,
    instance_id: str | None,
    business_key: str | None,
) -> list[Any]:
    """Message subscriptions of running instances, the oldest first, with their instance. `key_hashes`: those of the
    keys that the message satisfies; None: the instance is named, and keys are not asked for."""
    statement = (
        select(subscription, *instances.JOINED)
        .join(process_instance, _p.id == _s.instance_id)
        .where(_s.tenant_id == tenant_id, _s.kind == MESSAGE, _s.name == name)
        .order_by(_s.id)
    )
    if key_hashes is not None:
        statement = statement.where(_s.key_hash.in_(list(key_hashes)))
    if instance_id is not None:
        statement = statement.where(_s.instance_id == instance_id)
    if business_key is not None:
        statement = statement.where(_p.business_key == business_key)
    return list(connection.execute(statement.limit(100)))


def definitions_awaiting(connection: Connection, tenant_id: str, name: str, limit: int = 20) -> list[str]:
    """The definitions that have somebody waiting for a message of this name, the newest first."""
    definition = func.coalesce(_p.definition_id, _s.definition_id)
    statement = (
        select(definition)
        .select_from(subscription)
        .outerjoin(process_instance, _p.id == _s.instance_id)
        .where(_s.tenant_id == tenant_id, _s.kind == MESSAGE, _s.name == name)
        .distinct()
        .order_by(definition.desc())
        .limit(limit)
    )
    return list(connection.execute(statement).scalars())


def starts(connection: Connection, tenant_id: str, kind: str, name: str) -> list[Any]:
    """The start events of definitions that begin with this message or signal."""
    statement = select(subscription).where(
        _s.tenant_id == tenant_id, _s.kind == kind, _s.name == name, _s.definition_id.is_not(None)
    )
    return list(connection.execute(statement.order_by(_s.id)))


def to_signal(connection: Connection, tenant_id: str, name: str) -> list[Any]:
    """Everybody who waits for a signal, in instances and definitions, oldest first."""
    statement = select(subscription).where(_s.tenant_id == tenant_id, _s.kind == SIGNAL, _s.name == name)
    return list(connection.execute(statement.order_by(_s.id)))


def find(connection: Connection, subscription_id: str) -> Any | None:
    """The subscription of that id, while it waits."""
    return connection.execute(select(subscription).where(_s.id == subscription_id)).one_or_none()


def of_instance(connection: Connection, instance_id: str) -> list[Any]:
    """What an instance waits for, oldest first."""
    statement = select(subscription).where(_s.instance_id == instance_id).order_by(_s.token, _s.slot)
    return list(connection.execute(statement))


def tokens_among(connection: Connection, instance_id: str, tokens: Iterable[int]) -> set[int]:
    """At which of these places the instance has a subscription."""
    found: set[int] = set()
    for chunk in chunks(map(str, tokens)):
        wanted = [int(token) for token in chunk]
        statement = select(_s.token).where(_s.instance_id == instance_id, _s.token.in_(wanted))
        found.update(connection.execute(statement).scalars())
    return found


def remove_at(connection: Connection, instance_id: str, tokens: Iterable[int]) -> None:
    """Delete what waited at these places."""
    connection.execute(_at, [{"b_instance": instance_id, "b_token": token} for token in tokens])


def remove_starts(connection: Connection, definition_id: str) -> None:
    """A definition begins with nothing from outside any more: a newer version does."""
    connection.execute(_of_definition, {"b_definition": definition_id})
