"""Messages that wait for their receiver, and what is done when somebody begins to wait for one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec

import bpmn
from engine import correlation, own_jobs
from engine.store import deployments, instances, messages
from engine.store.database import Connection
from engine.work import UnitOfWork

#: How long a message that an instance sent waits for its receiver, unless the drawing says otherwise.
THROWN_SECONDS = 3_600.0

_LONGEST_SECONDS = 100 * 365 * 86_400.0

decode_keys = msgspec.json.Decoder(dict[str, Any]).decode


@dataclass(frozen=True, slots=True)
class Message:
    """What is to be correlated. `sender_id` is the id that its sender gave it."""

    tenant_id: str
    name: str
    variables: Mapping[str, Any]
    keys: Mapping[str, Any] = field(default_factory=dict)
    instance_id: str | None = None
    business_key: str | None = None
    sender_id: str | None = None

    @property
    def words(self) -> str:
        """What was looked for."""
        narrowed = {"process instance": self.instance_id, "business key": self.business_key}
        parts = [f"{key} {value!r}" for key, value in narrowed.items() if value is not None]
        parts += [f"the correlation keys {correlation.words(self.keys)}"] if self.keys else []
        return " and ".join(parts)


class Awaited(NamedTuple):
    """A subscription that is being stored."""

    id: str
    tenant_id: str
    kind: str
    name: str
    key_hash: str
    keys: str
    instance_id: str | None
    definition_id: str | None
    token: int
    slot: int
    element_id: str


def offer(work: UnitOfWork, opened: Sequence[Any]) -> list[dict[str, Any]]:
    """Job rows that hand messages that have waited to the subscriptions that are open from now on."""
    if not opened:
        return []
    connection = work.connection
    messages.one_at_a_time(connection, opened[0].tenant_id, [one.name for one in opened])
    rows = []
    for one in opened:
        wanted = decode_keys(one.keys)
        for kept in messages.waiting(connection, one.tenant_id, one.name, one.key_hash, len(wanted), work.now):
            if not _is_for(of_row(kept), one, connection):
                continue
            definition = _definition_of(connection, one)
            rows.append(
                own_jobs.note(
                    work,
                    own_jobs.BUFFERED,
                    tenant_id=one.tenant_id,
                    definition_id=definition[0],
                    definition_key=definition[1],
                    instance_id=one.instance_id,
                    token=one.token,
                    slot=one.slot,
                    element_id=one.element_id,
                    topic=one.name,
                    carries={"message": kept.id, "subscription": one.id},
                )
            )
            break
    return rows


def _is_for(message: Message, subscription: Any, connection: Connection) -> bool:
    if subscription.definition_id is None and not correlation.satisfies(message.keys, decode_keys(subscription.keys)):
        return False
    if message.instance_id is not None and message.instance_id != subscription.instance_id:
        return False
    if message.business_key is None or subscription.instance_id is None:
        return True
    row = instances.find(connection, subscription.instance_id)
    return row is not None and row.business_key == message.business_key


def _definition_of(connection: Connection, subscription: Any) -> tuple[str, str]:
    if subscription.instance_id is not None:
        return instances.definitions_of(connection, [subscription.instance_id])[subscription.instance_id]
    row = deployments.definition(connection, subscription.definition_id)
    assert row is not None  # the database holds on to it
    return row.id, row.key


def of_row(row: Any) -> Message:
    return Message(
        row.tenant_id,
        row.name,
        decode_keys(row.variables),
        decode_keys(row.keys),
        row.instance_id,
        row.business_key,
        row.message_id,
    )


def time_to_live(text: str | None) -> float:
    """Seconds of a drawing's ISO 8601 duration, or the default of a message that an instance sends."""
    return THROWN_SECONDS if text is None else min(bpmn.duration_seconds(text), _LONGEST_SECONDS)
