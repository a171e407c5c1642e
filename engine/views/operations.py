"""What operators watch and repair: jobs, incidents and the stream of events."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

import bpmn
from engine import rights
from engine.actors import Actor, Role
from engine.errors import Invalid, NotFound
from engine.queries import GetJob, ListDataStores, ListEvents, ListIncidents, ListJobs
from engine.reading import Reading
from engine.records import DataStore, DataStores, Event, EventPage, Incident, Job, Page
from engine.store import data_stores, events
from engine.store import reading_operations as store
from engine.store.rows import Row
from engine.views import paging
from engine.views.user_tasks import seer


# --- jobs ------------------------------------------------------------------------------------------------------------
def list_jobs(query: ListJobs, actor: Actor, reading: Reading) -> Page[Job]:
    """Newest first."""
    rows = store.external_jobs(
        reading.connection,
        actor.tenant_id,
        topic=query.topic,
        instance_id=query.process_instance_id,
        state=query.state,
        now=reading.clock.now(),
        before=paging.text(query.cursor, "jobs"),
        limit=query.limit + 1,
    )
    return paging.page(rows, query.limit, lambda row: job_record(row, reading.clock.now()), "jobs", lambda row: row.id)


def get_job(query: GetJob, actor: Actor, reading: Reading) -> Job:
    """One job that is not done yet."""
    row = store.external_job(reading.connection, actor.tenant_id, query.id)
    if row is None:
        raise NotFound(f"There is no job {query.id[:80]!r}; a job that is done is gone.")
    return job_record(row, reading.clock.now())


def job_record(row: Any, now: datetime) -> Job:
    """The record of a job as stored; a lock that has expired is none."""
    locked = row.lock_token is not None and row.lock_expires_at > now
    return Job(
        id=row.id,
        topic=row.topic,
        state="failed" if row.retries <= 0 else "locked" if locked else "available",
        retries=row.retries,
        process_instance_id=row.instance_id,
        definition_key=row.definition_key,
        element_id=row.element_id,
        worker_id=row.worker_id if locked else None,
        lock_expires_at=row.lock_expires_at if locked else None,
        due_at=row.due_at,
        created_at=row.created_at,
        error_message=row.error_message,
        error_detail=row.error_detail,
    )


# --- data stores -----------------------------------------------------------------------------------------------------
def list_data_stores(query: ListDataStores, actor: Actor, reading: Reading) -> DataStores:
    """By name: those that the configuration names, written or not, and those that still hold something."""
    items = {
        name: DataStore(name=name, value=None, version=0, changed_at=None, changed_by=None)
        for name in reading.data_stores
    }
    for row in data_stores.listed(reading.connection, actor.tenant_id):
        items[row.name] = DataStore(
            name=row.name,
            value=msgspec.json.decode(row.value),
            version=row.version,
            changed_at=row.changed_at,
            changed_by=row.changed_by,
        )
    return DataStores(items=[items[name] for name in sorted(items)])


# --- incidents -------------------------------------------------------------------------------------------------------
def list_incidents(query: ListIncidents, actor: Actor, reading: Reading) -> Page[Incident]:
    """Newest first."""
    rows = store.incidents(
        reading.connection,
        actor.tenant_id,
        instance_id=query.process_instance_id,
        definition_key=query.definition_key,
        state=query.state,
        before=paging.text(query.cursor, "incidents"),
        limit=query.limit + 1,
    )
    return paging.page(rows, query.limit, lambda row: _incident(row, reading), "incidents", lambda row: row.id)


def _incident(row: Row[Any], reading: Reading) -> Incident:
    return incident_record(row, reading.definitions.get(row.definition_id))


def incident_record(row: Any, definition: bpmn.ProcessDefinition) -> Incident:
    """The record of an incident as stored."""
    element = definition.elements.get(row.element_id)
    return Incident(
        id=row.id,
        kind=row.kind,
        message=row.message,
        detail=row.detail,
        process_instance_id=row.instance_id,
        definition_key=row.definition_key,
        element_id=row.element_id,
        element_name=None if element is None else element.name,
        job_id=row.job_id,
        # a dead end has no place from which to run again
        retryable=row.token is not None,
        state=row.state,
        created_at=row.created_at,
        resolved_at=row.resolved_at,
        resolved_by=row.resolved_by,
    )


# --- events ----------------------------------------------------------------------------------------------------------
def list_events(query: ListEvents, actor: Actor, reading: Reading) -> EventPage:
    """What happened since a cursor. Events of transactions that are not finished, and all behind them, come later:
    so no reader that goes on from `next_cursor` misses one."""
    end = events.end(reading.connection)
    after = end if query.after == "now" else query.after or events.START
    if events.parse_cursor(after) > events.parse_cursor(end):
        # Cursors only grow with the stream, so this one was given out by another database, or before a restore.
        raise Invalid(
            "The cursor lies behind the end of the stream. Read anew: without a cursor, or from `now`.",
            errors=[{"field": "after", "message": "lies behind the end of the stream"}],
            resync=True,
        )
    concern = store.Concern(seer(actor), rights.oversees_instances(actor), Role.STARTER in actor.roles)
    rows = store.stream(
        reading.connection,
        concern,
        after=after,
        instance_id=query.process_instance_id,
        definition_key=query.definition_key,
        limit=query.limit,
    )
    items = [_event(row) for row in rows]
    # Fewer than asked for: all up to the end was looked at, and need not be again.
    return EventPage(items=items, next_cursor=items[-1].cursor if len(items) == query.limit else end)


def _event(row: Row[Any]) -> Event:
    return Event(
        cursor=events.format_cursor(row.xid, row.seq),
        kind=row.kind,
        at=row.at,
        process_instance_id=row.instance_id,
        definition_key=row.definition_key,
        element_id=row.element_id,
        subject_id=row.subject_id,
        version=row.version,
        data=msgspec.json.decode(row.data),
    )
