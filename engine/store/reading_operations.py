"""Reading: jobs, incidents and events, as operators look at them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select

from engine.store import events
from engine.store.database import Connection
from engine.store.reading_tasks import Seer, sees
from engine.store.rows import Row, one, several
from engine.store.tables import event, incident, job, process_instance, user_task

_j, _i, _e = job.c, incident.c, event.c


# --- jobs ------------------------------------------------------------------------------------------------------------
def _jobs(tenant_id: str) -> Select[*tuple[Any, ...]]:
    # continuations are the engine's own business
    return select(job).where(_j.tenant_id == tenant_id, _j.kind == "external")


def external_job(connection: Connection, tenant_id: str, job_id: str) -> Row[Any] | None:
    """One job that an outside worker does."""
    return one(connection, _jobs(tenant_id).where(_j.id == job_id))


def external_jobs(
    connection: Connection,
    tenant_id: str,
    *,
    topic: str | None,
    instance_id: str | None,
    state: str | None,
    now: datetime,
    before: str | None,
    limit: int,
) -> list[Row[Any]]:
    """Newest first. failed: no retries left; locked: a worker has it; available: the rest."""
    query = _jobs(tenant_id)
    if topic is not None:
        query = query.where(_j.topic == topic)
    if instance_id is not None:
        query = query.where(_j.instance_id == instance_id)
    locked = and_(_j.retries > 0, _j.lock_token.is_not(None), _j.lock_expires_at > now)
    if state == "failed":
        query = query.where(_j.retries <= 0)
    elif state == "locked":
        query = query.where(locked)
    elif state == "available":
        query = query.where(_j.retries > 0, or_(_j.lock_token.is_(None), _j.lock_expires_at <= now))
    if before is not None:
        query = query.where(_j.id < before)
    return several(connection, query.order_by(_j.id.desc()).limit(limit))


# --- incidents -------------------------------------------------------------------------------------------------------
def incidents(
    connection: Connection,
    tenant_id: str,
    *,
    instance_id: str | None,
    definition_key: str | None,
    state: str | None,
    before: str | None,
    limit: int,
) -> list[Row[Any]]:
    """Newest first."""
    query = select(incident).where(_i.tenant_id == tenant_id)
    for column, wanted in ((_i.instance_id, instance_id), (_i.definition_key, definition_key), (_i.state, state)):
        if wanted is not None:
            query = query.where(column == wanted)
    if before is not None:
        query = query.where(_i.id < before)
    return several(connection, query.order_by(_i.id.desc()).limit(limit))


# --- events ----------------------------------------------------------------------------------------------------------
class Concern(NamedTuple):
    """Whose events are read: all of the tenant's, or those of the tasks the actor sees and, for a starter, of the
    instances it started."""

    seer: Seer
    everything: bool
    starter: bool


def stream(
    connection: Connection,
    concern: Concern,
    *,
    after: str,
    instance_id: str | None,
    definition_key: str | None,
    limit: int,
) -> list[Row[Any]]:
    """What stands behind the cursor and is safe to read, in the order of the stream."""
    query = select(event).where(events.after(connection, after), _e.tenant_id == concern.seer.tenant_id)
    if not concern.everything:
        query = query.where(_concerns(concern))
    if instance_id is not None:
        query = query.where(_e.instance_id == instance_id)
    if definition_key is not None:
        query = query.where(_e.definition_key == definition_key)
    return several(connection, query.order_by(_e.xid, _e.seq).limit(limit))


def _concerns(concern: Concern) -> ColumnElement[bool]:
    of_task = and_(
        _e.kind.like("user\\_task.%", escape="\\"),
        exists().where(user_task.c.id == _e.subject_id, sees(concern.seer)),
    )
    of_own_instance = exists().where(
        process_instance.c.id == _e.instance_id, process_instance.c.started_by == concern.seer.name
    )
    news = _e.kind == "definition.deployed"
    return or_(news, of_task, of_own_instance) if concern.starter else or_(news, of_task)
