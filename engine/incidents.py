"""Incidents: what a human must repair, and the retry that closes them."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from bpmn import triggers
from engine import commands, states
from engine.actors import Actor
from engine.decisions import Decision, InstanceRow, Move, Raced, Write
from engine.errors import Conflict, NotFound
from engine.ids import new_id
from engine.reading import Reading
from engine.store import incidents, instances, jobs
from engine.views.operations import incident_record
from engine.work import UnitOfWork, plain_text


def retry(command: commands.RetryIncident, actor: Actor, reading: Reading) -> Decision:
    """Run the failed element again, or give its job new retries."""
    row = incidents.find(reading.connection, command.id)
    if row is None or row.tenant_id != actor.tenant_id:
        raise NotFound(f"there is no incident {command.id}")
    words = f"the incident {row.id}"
    states.after(states.INCIDENT, row.state, "retried", words)
    if row.token is None:
        raise Conflict(
            f"{words} is a {row.kind}: there is nothing to try again; cancel the instance or change its data"
        )
    instance = InstanceRow.of(row)
    if instance.state != states.ACTIVE:
        raise Conflict(f"{words} cannot be retried: its process instance is {instance.state}")
    before = incident_record(row, reading.definitions.get(row.definition_id))
    if row.job_id is not None:
        return Write(lambda work: replace(before, **_retry_job(work, instance, row, actor)))
    resolved: dict[str, Any] = {}

    def settle(work: UnitOfWork, after: InstanceRow) -> None:
        resolved.update(close(work, after, row, actor.name))

    return Move(instance, triggers.Retry(row.token), lambda after: replace(before, **resolved), settle)


def _retry_job(work: UnitOfWork, instance: InstanceRow, row: Any, actor: Actor) -> dict[str, Any]:
    if not instances.change(work.connection, instance.id, instance.version, instance.state):
        raise Raced
    renew_job(work, row.job_id, 1)
    after = instance._replace(version=instance.version + 1)
    return close(work, after, row, actor.name)


def renew_job(work: UnitOfWork, job_id: str, retries: int) -> None:
    """Make a job without retries available again."""
    job = next(iter(jobs.among(work.connection, [job_id])), None)
    if job is None:
        raise Raced
    if job.kind != jobs.EXTERNAL:
        retries = jobs.ATTEMPTS
        work.own_jobs.append(job_id)
    else:
        work.topics.add(job.topic)
    jobs.change(
        work.connection,
        job_id,
        None,
        retries=retries,
        due_at=None,
        lock_token=None,
        lock_expires_at=None,
        worker_id=None,
    )


def close(work: UnitOfWork, instance: InstanceRow, row: Any, by: str) -> dict[str, Any]:
    """Resolve an open incident of an instance that is at this version now; what changed in its record."""
    if not incidents.resolve(work.connection, row.id, work.now, by):
        raise Raced
    instances.count_incidents(work.connection, row.instance_id, -1)
    if row.activity_id is not None:
        instances.mark_activity(work.connection, row.instance_id, row.activity_id, states.ACTIVE)
    _emit(work, "resolved", instance, row.element_id, row.id, {"kind": row.kind, "by": by})
    return {"state": states.RESOLVED, "resolved_at": work.now, "resolved_by": by}


def open_for_job(work: UnitOfWork, instance: InstanceRow, job: Any, message: str, detail: str | None) -> None:
    """A job has no retries left: somebody must look at it."""
    incident_id = new_id()
    incidents.add(
        work.connection,
        [
            {
                "id": incident_id,
                "tenant_id": job.tenant_id,
                "instance_id": job.instance_id,
                "definition_id": job.definition_id,
                "definition_key": job.definition_key,
                "element_id": job.element_id,
                "token": job.token,
                "activity_id": job.activity_id,
                "job_id": job.id,
                "kind": "job_failed",
                "message": plain_text(message, 4_000),
                "detail": plain_text(detail, 20_000) if detail else None,
                "state": states.OPEN,
                "created_at": work.now,
            }
        ],
    )
    instances.count_incidents(work.connection, job.instance_id, 1)
    if job.activity_id is not None:
        instances.mark_activity(work.connection, job.instance_id, job.activity_id, states.FAILED)
    data = {"kind": "job_failed", "message": plain_text(message, 4_000)}
    _emit(work, "opened", instance, job.element_id, incident_id, data)


def give_up_job(row: Any, message: str) -> Write:
    """A job of our own cannot be done: stop trying, and tell a human, who may have it tried again."""
    instance = InstanceRow.of(row)

    def write(work: UnitOfWork) -> None:
        if not instances.change(work.connection, instance.id, instance.version, instance.state):
            raise Raced
        free = {"lock_token": None, "lock_expires_at": None, "worker_id": None, "retries": 0}
        if not jobs.change(work.connection, row.id, row.lock_token, **free):
            raise Raced
        open_for_job(work, instance._replace(version=instance.version + 1), row, message, None)

    return Write(write)


def _emit(
    work: UnitOfWork, verb: str, instance: InstanceRow, element_id: str, incident_id: str, data: dict[str, Any]
) -> None:
    work.emit(
        f"incident.{verb}",
        tenant_id=instance.tenant_id,
        instance_id=instance.id,
        definition_key=instance.definition_key,
        element_id=element_id,
        subject_id=incident_id,
        version=instance.version,
        data=data,
    )
