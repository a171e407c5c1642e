"""Incidents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from engine.store import instances
from engine.store.database import Connection
from engine.store.portions import chunks
from engine.store.tables import incident, process_instance

_i = incident.c

_find = (
    select(
        incident,
        *instances.JOINED,
    )
    .join(process_instance, process_instance.c.id == _i.instance_id)
    .where(_i.id == bindparam("id"))
)


def find(connection: Connection, incident_id: str) -> Any | None:
    """The incident with its instance."""
    return connection.execute(_find, {"id": incident_id}).one_or_none()


def add(connection: Connection, incidents: Sequence[Mapping[str, Any]]) -> None:
    """Open incidents."""
    connection.execute(insert(incident), incidents)


def open_of_tokens(connection: Connection, instance_id: str, tokens: Iterable[int]) -> list[Any]:
    """Open incidents at these places of an instance."""
    found: list[Any] = []
    base = select(incident).where(_i.instance_id == instance_id, _i.state == "open")
    for chunk in chunks(map(str, tokens)):
        found += connection.execute(base.where(_i.token.in_([int(token) for token in chunk]))).all()
    return found


def open_of_instance(connection: Connection, instance_id: str) -> list[Any]:
    """All open incidents of an instance."""
    return list(connection.execute(select(incident).where(_i.instance_id == instance_id, _i.state == "open")))


def open_of_job(connection: Connection, job_id: str, instance_id: str) -> list[Any]:
    """Open incidents of a job."""
    statement = select(incident).where(_i.instance_id == instance_id, _i.state == "open", _i.job_id == job_id)
    return list(connection.execute(statement))


def resolve(connection: Connection, incident_id: str, at: datetime, by: str) -> bool:
    """Close an open incident; False when it is not open."""
    statement = (
        update(incident)
        .where(_i.id == incident_id, _i.state == "open")
        .values(state="resolved", resolved_at=at, resolved_by=by)
    )
    return connection.execute(statement).rowcount == 1
