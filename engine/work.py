"""The unit of work: one write transaction and what is to be told after its commit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from engine.clock import Clock
from engine.store import events
from engine.store.database import Connection, Database, Dialect

_encode = msgspec.json.Encoder().encode


def json_text(value: Any) -> str:
    """A JSON value as text that every database stores and every reader reads."""
    try:
        return _encode(value).decode()
    except UnicodeEncodeError:
        # Half of a surrogate pair: no text that could be sent to anybody.
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace").decode()


def plain_text(text: str, limit: int) -> str:
    """Words from outside (a worker, a script) as text that every database stores, cut at `limit` characters."""
    return text[:limit].replace("\x00", "\ufffd").encode("utf-8", "replace").decode()


class UnitOfWork:
    """What a handler writes with. `connection` is inside the write transaction, `now` is the one instant of all that
    is written in it; events go through `emit`. Handlers never commit."""

    __slots__ = ("_database", "clock", "connection", "dialect", "due", "events", "now", "own_jobs", "topics")

    def __init__(self, database: Database, connection: Connection, clock: Clock):
        self._database = database
        self.connection = connection
        self.clock = clock
        self.dialect: Dialect = database.dialect
        self.now: datetime = clock.now()
        self.events: list[dict[str, Any]] = []
        self.topics: set[str] = set()  #: topics that may have a job to fetch after the commit
        self.own_jobs: list[str] = []  #: jobs of our own to run after the commit
        self.due: list[datetime] = []  #: when timers are due that were set in it

    def emit(
        self,
        kind: str,
        *,
        tenant_id: str,
        instance_id: str | None = None,
        definition_key: str | None = None,
        element_id: str | None = None,
        subject_id: str | None = None,
        version: int | None = None,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        """Add a line to the stream; it is written with the transaction or not at all."""
        self.events.append(
            {
                "tenant_id": tenant_id,
                "kind": kind,
                "at": self.now,
                "instance_id": instance_id,
                "definition_key": definition_key,
                "element_id": element_id,
                "subject_id": subject_id,
                "version": version,
                "data": json_text(data) if data else "{}",
            }
        )

    def lease_now(self) -> datetime:
        """The instant that leases are compared with."""
        return self._database.lease_now(self.connection)

    def finish(self) -> None:
        """Write the events; the last thing before the commit."""
        if self.events:
            events.append(self.connection, self.events)
