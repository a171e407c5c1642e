"""Jobs: external work and what the engine itself has to do, their locks, and what ended them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, exists, false, insert, or_, select, update

from engine.store import instances
from engine.store.batch import Batch, PerDialect, Query
from engine.store.database import Connection
from engine.store.portions import chunks
from engine.store.tables import job, job_result, process_definition, process_instance

#: A job of our own that was claimed so often in vain (crashes, faults of ours) becomes an incident.
ATTEMPTS = 20

EXTERNAL = "external"

_j, _o = job.c, job_result.c

_find = Query(
    select(job, *instances.JOINED)
    .outerjoin(process_instance, process_instance.c.id == _j.instance_id)
    .where(_j.id == bindparam("id"))
)
_insert = Batch(
    insert(job),
    ["id", "tenant_id", "instance_id", "token", "activity_id", "definition_id", "definition_key", "element_id", "kind",
     "topic", "headers", "retries", "suspended", "created_at"],
)  # fmt: skip
_OWN = ["id", "tenant_id", "instance_id", "token", "slot", "activity_id", "definition_id", "definition_key",
        "element_id", "kind", "topic", "headers", "retries", "due_at", "suspended", "created_at"]  # fmt: skip


def _set_anew(dialect: Any) -> Any:
    """A timer that is set again gets its new time; of a continuation one note is enough."""
    statement = dialect.insert(job)
    values = {name: statement.excluded[name] for name in ("due_at", "retries", "suspended")}
    return statement.on_conflict_do_update(
        index_elements=["id"],
        set_=values | {"lock_token": None, "lock_expires_at": None, "worker_id": None},
        where=_j.kind == "timer",
    )


_insert_own = Batch(PerDialect(_set_anew), _OWN)
_held = (_j.id == bindparam("b_id")) & (_j.lock_token == bindparam("b_token"))
_lock = Batch(
    update(job)
    .where(_j.id == bindparam("b_id"))
    .values(lock_token=bindparam("b_token"), worker_id=bindparam("b_worker"), lock_expires_at=bindparam("b_until"))
)
_delete_held = Batch(delete(job).where(_held))
_delete = Batch(delete(job).where(_j.id == bindparam("b_id")))
_result = select(_o.lock_token, _o.outcome, _o.tenant_id).where(_o.job_id == bindparam("id"))
_insert_result = Batch(insert(job_result), [column.name for column in _o])


def find(connection: Connection, job_id: str) -> Any | None:
    """The job with its instance, if it has one."""
    return _find.one(connection, {"id": job_id})


def add(connection: Connection, jobs: Sequence[Mapping[str, Any]]) -> None:
    """Open jobs."""
    _insert.run(connection, jobs)


def add_own(connection: Connection, jobs: Sequence[Mapping[str, Any]]) -> None:
    """Note what the engine itself has to do."""
    _insert_own.run(connection, jobs)


def _available(now: datetime, clock: datetime | None = None) -> Any:
    """`now`: the instant that leases are compared with; `clock`: the one that due times are."""
    return (
        (_j.suspended == false())
        & (_j.retries > 0)
        & or_(_j.due_at.is_(None), _j.due_at <= (clock or now))
        & or_(_j.lock_token.is_(None), _j.lock_expires_at <= now)
    )


def _of_topics(tenant_id: str, topics: Sequence[str], now: datetime) -> Any:
    return (_j.tenant_id == tenant_id) & (_j.kind == EXTERNAL) & _j.topic.in_(topics) & _available(now)


def any_available(connection: Connection, tenant_id: str, topics: Sequence[str], now: datetime) -> bool:
    """Whether a fetch of these topics would find a job."""
    return bool(connection.execute(select(exists().where(_of_topics(tenant_id, topics, now)))).scalar_one())


def claimable(connection: Connection, tenant_id: str, topics: Sequence[str], limit: int, now: datetime) -> list[Any]:
    """Jobs free to be locked, oldest first; rows that another transaction is locking are passed by."""
    statement = (
        select(_j.id, _j.topic, _j.instance_id, _j.definition_key, _j.element_id)
        .where(_of_topics(tenant_id, topics, now))
        .order_by(_j.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return list(connection.execute(statement))


def lock(connection: Connection, locks: Sequence[Mapping[str, Any]]) -> None:
    """Lock jobs that this transaction holds: b_id, b_token, b_worker, b_until."""
    _lock.run(connection, locks)


_locked = (
    select(
        job,
        *instances.JOINED,
        process_definition.c.version.label("definition_version"),
    )
    .join(process_instance, process_instance.c.id == _j.instance_id)
    .join(process_definition, process_definition.c.id == _j.definition_id)
)


def locked(connection: Connection, job_ids: Iterable[str]) -> dict[str, Any]:
    """Jobs with what their worker is told of their instance and definition."""
    return {row.id: row for row in connection.execute(_locked.where(_j.id.in_(list(job_ids))))}


def change(connection: Connection, job_id: str, token: str | None, **values: Any) -> bool:
    """Change a job held under `token` (None: whoever holds it); False when it is not."""
    where = _j.id == job_id
    if token is not None:
        where &= _j.lock_token == token
    return connection.execute(update(job).where(where).values(**values)).rowcount == 1


def remove_held(connection: Connection, job_id: str, token: str) -> bool:
    """The fence: delete the job under its token; False when somebody else holds it or it is gone."""
    return _delete_held.run(connection, [{"b_id": job_id, "b_token": token}]) == 1


def among(connection: Connection, job_ids: Iterable[str]) -> list[Any]:
    """Those of these jobs that exist."""
    found: list[Any] = []
    for chunk in chunks(job_ids):
        found += connection.execute(select(job).where(_j.id.in_(chunk))).all()
    return found


def remove(connection: Connection, job_ids: Sequence[str]) -> None:
    """Delete jobs whose work nobody needs any more."""
    if job_ids:
        _delete.run(connection, [{"b_id": job_id} for job_id in job_ids])


def at_tokens(connection: Connection, instance_id: str, tokens: Iterable[int]) -> list[Any]:
    """The jobs at these places of an instance."""
    found: list[Any] = []
    for chunk in chunks(map(str, tokens)):
        wanted = [int(token) for token in chunk]
        found += connection.execute(select(job).where(_j.instance_id == instance_id, _j.token.in_(wanted))).all()
    return found


#: What an instance has sent is on its way, whatever becomes of the instance.
SENT = ("message", "broadcast")
#: These run in a suspended instance too: what was sent, and its end.
NEVER_HELD = (*SENT, "cancel")


def suspend(connection: Connection, instance_id: str, suspended: bool) -> list[Any]:
    """Hold back or release what would move an instance: (id, kind, topic) of each job."""
    statement = (
        update(job)
        .where(_j.instance_id == instance_id, _j.kind.not_in(NEVER_HELD))
        .values(suspended=suspended)
        .returning(_j.id, _j.kind, _j.topic)
    )
    return list(connection.execute(statement))


# --- jobs of our own -------------------------------------------------------------------------------------------------
def continuation_id(instance_id: str) -> str:
    """An instance has at most one continuation; no execution gives out token 0."""
    return f"{instance_id}.0"


def due(connection: Connection, now: datetime, clock: datetime, limit: int) -> list[str]:
    """Ids of jobs of our own that somebody should run now, the longest due first."""
    statement = select(_j.id).where(_j.kind != EXTERNAL, _available(now, clock)).order_by(_j.due_at, _j.id).limit(limit)
    return list(connection.execute(statement).scalars())


def next_due(connection: Connection, clock: datetime) -> datetime | None:
    """When the next timer is due."""
    statement = (
        select(_j.due_at)
        .where(_j.kind == "timer", _j.due_at > clock, _j.suspended == false())
        .order_by(_j.due_at)
        .limit(1)
    )
    found: datetime | None = connection.execute(statement).scalar_one_or_none()
    return found


def claim(connection: Connection, job_id: str, token: str, now: datetime, clock: datetime, until: datetime) -> bool:
    """Lock a job of our own and spend one of its attempts; False when another was quicker."""
    statement = (
        update(job)
        .where(_j.id == job_id, _j.kind != EXTERNAL, _available(now, clock))
        .values(lock_token=token, lock_expires_at=until, worker_id="signalbox", retries=_j.retries - 1)
    )
    return connection.execute(statement).rowcount == 1


def exhausted(connection: Connection, now: datetime, limit: int) -> list[str]:
    """Ids of jobs of our own that were tried in vain too often and have not been reported yet."""
    statement = (
        select(_j.id)
        .where(_j.kind != EXTERNAL, _j.retries <= 0, _j.lock_token.is_not(None), _j.lock_expires_at <= now)
        .limit(limit)
    )
    return list(connection.execute(statement).scalars())


def timers_of_definition(connection: Connection, definition_id: str) -> list[str]:
    """The ids of the timers that start instances of a definition."""
    statement = select(_j.id).where(_j.definition_id == definition_id, _j.instance_id.is_(None), _j.kind == "timer")
    return list(connection.execute(statement).scalars())


def of_instance(connection: Connection, instance_id: str) -> list[Any]:
    """All jobs of an instance, in the order of their places."""
    return list(connection.execute(select(job).where(_j.instance_id == instance_id).order_by(_j.token, _j.slot)))


# --- what ended a job ------------------------------------------------------------------------------------------------
def results(connection: Connection, job_id: str) -> list[Any]:
    """(lock_token, outcome JSON, tenant_id) of what ended the job so far."""
    return list(connection.execute(_result, {"id": job_id}))


def add_result(connection: Connection, values: Mapping[str, Any]) -> None:
    """Remember the answer given to a token."""
    _insert_result.run(connection, [values])


def forget_results(connection: Connection, before: datetime) -> int:
    """Drop answers that nobody will ask for again; how many."""
    return connection.execute(delete(job_result).where(_o.at < before)).rowcount
