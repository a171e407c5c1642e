"""Jobs of our own: what a step asks for beyond its own instance, or for later. They are noted in the step's
transaction and run after its commit, or after a crash; what a job does and its removal are one transaction, so it is
done exactly once. `engine.job_kinds` holds the table from kind to what is done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from engine import states
from engine.decisions import InstanceRow, Raced, Write
from engine.ids import new_id
from engine.store import instances, jobs
from engine.work import UnitOfWork, json_text

CONTINUATION = "continuation"  # go on with a step that was cut short
TIMER = "timer"  # a timer is due, of an instance or of a start event
MESSAGE = "message"  # find the receiver of a message that an instance sent
BUFFERED = "buffered"  # hand a message that waited to whom begins to wait for it
BROADCAST = "broadcast"  # find everybody who waits for a signal that an instance broadcast
SIGNAL = "signal"  # hand a signal to one who waits for it
CALL = "call"  # start a called process
ANSWER = "answer"  # tell a call activity how its process ended, or that it escalates
CANCEL = "cancel"  # end a process whose call activity was cancelled

decode = msgspec.json.Decoder(dict[str, Any]).decode


def note(
    work: UnitOfWork,
    kind: str,
    *,
    tenant_id: str,
    definition_id: str,
    definition_key: str,
    instance_id: str | None = None,
    job_id: str | None = None,
    token: int = 0,
    slot: int = 0,
    activity: int | None = None,
    element_id: str = "",
    topic: str = "",
    carries: Mapping[str, Any] | None = None,
    due: datetime | None = None,
    suspended: bool = False,
) -> dict[str, Any]:
    """The row of a job of our own; it is run after the commit, or when it is due. `carries` is what it needs to know;
    `topic` a word for people (the name of a message or process)."""
    row: dict[str, Any] = {
        "id": job_id or new_id(),
        "tenant_id": tenant_id,
        "instance_id": instance_id,
        "token": token,
        "slot": slot,
        "activity_id": activity,
        "definition_id": definition_id,
        "definition_key": definition_key,
        "element_id": element_id,
        "kind": kind,
        "topic": topic[:255],
        "headers": json_text(carries) if carries else "{}",
        "retries": jobs.ATTEMPTS,
        "due_at": due,
        "suspended": suspended,
        "created_at": work.now,
    }
    if due is None:
        work.own_jobs.append(row["id"])
    else:
        work.due.append(due)
    return row


def of_instance(work: UnitOfWork, kind: str, instance: InstanceRow, **more: Any) -> dict[str, Any]:
    """As `note`, for a job of this instance."""
    return note(
        work,
        kind,
        tenant_id=instance.tenant_id,
        definition_id=instance.definition_id,
        definition_key=instance.definition_key,
        instance_id=instance.id,
        **more,
    )


def remove(work: UnitOfWork, row: Any) -> None:
    """The fence: the job is done, by whom holds it. Raises `Raced` if somebody else does by now."""
    if not jobs.remove_held(work.connection, row.id, row.lock_token):
        raise Raced


def done(row: Any) -> Write:
    """There is nothing to do (any more)."""
    return Write(lambda work: remove(work, row))


def hold_back(row: Any) -> Write:
    """Suspended after it was claimed: give it back, so that it is there when the instance is resumed. Resumed
    meanwhile, it must not stay behind."""

    def write(work: UnitOfWork) -> None:
        instance = InstanceRow.of(row)
        if not instances.hold(work.connection, instance.id, instance.version):
            raise Raced
        free = {"lock_token": None, "lock_expires_at": None, "worker_id": None, "retries": row.retries + 1}
        jobs.change(work.connection, row.id, row.lock_token, suspended=True, **free)

    return Write(write)


def give_way(row: Any) -> Write:
    """Another must be done first, which hints at this one then: give it back untouched."""
    free = {"lock_token": None, "lock_expires_at": None, "worker_id": None, "retries": row.retries + 1}
    return Write(lambda work: jobs.change(work.connection, row.id, row.lock_token, **free))


def halts(instance: InstanceRow) -> bool:
    """Whether the instance takes things in but does not run now."""
    return instance.state == states.SUSPENDED
