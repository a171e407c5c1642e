"""Jobs: external work that machines fetch, complete, fail, extend and give back, each under the token of its lock."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec

from bpmn import triggers
from engine import commands, incidents, states
from engine import variables as values
from engine.actors import Actor
from engine.decisions import Answer, Decision, InstanceRow, Move, Raced, Write
from engine.errors import Conflict, LockLost, NotFound
from engine.executions import LiveExecutions, load
from engine.reading import Reading
from engine.records import Job, JobOutcome, LockedJob, LockedJobs
from engine.settings import Settings
from engine.store import incidents as stored_incidents
from engine.store import instances, jobs
from engine.store.database import Connection
from engine.views.operations import job_record
from engine.work import UnitOfWork, json_text, plain_text

_outcome = msgspec.json.Decoder(JobOutcome).decode
_headers = msgspec.json.Decoder(dict[str, str]).decode

LeaseNow = Callable[[Connection], datetime]


def fetch(
    command: commands.FetchJobs, actor: Actor, reading: Reading, lease_now: LeaseNow, kept: LiveExecutions
) -> Decision:
    """Lock up to `max_jobs` jobs of the topics for a worker. With nothing to do no lock is taken at all."""
    topics = {topic.name: topic for topic in command.topics}
    names = sorted(topics)
    if not jobs.any_available(reading.connection, actor.tenant_id, names, lease_now(reading.connection)):
        return Answer(LockedJobs(items=[]))

    def write(work: UnitOfWork) -> dict[str, str]:
        now = work.lease_now()
        claimed: dict[str, str] = {}
        locks = []
        for row in jobs.claimable(work.connection, actor.tenant_id, names, command.max_jobs, now):
            seconds = topics[row.topic].lock_seconds or command.lock_seconds
            claimed[row.id] = secrets.token_hex(16)
            locks.append(
                {
                    "b_id": row.id,
                    "b_token": claimed[row.id],
                    "b_worker": command.worker_id,
                    "b_until": now + timedelta(seconds=seconds),
                }
            )
            _emit(work, "locked", row, actor, {"topic": row.topic, "worker_id": command.worker_id})
        if locks:
            jobs.lock(work.connection, locks)
        return claimed

    def then(after: Reading, claimed: dict[str, str]) -> LockedJobs:
        return LockedJobs(items=_locked(after, claimed, topics, kept))

    return Write(write, then)


def _locked(
    reading: Reading, claimed: dict[str, str], topics: dict[str, commands.Topic], kept: LiveExecutions
) -> list[LockedJob]:
    """What the worker is told. A job that was cancelled or lost since it was locked is left out."""
    found = jobs.locked(reading.connection, claimed)
    live: dict[str, Any] = {}
    items = []
    for job_id, token in claimed.items():
        row = found.get(job_id)
        if row is None or row.lock_token != token:
            continue
        if row.instance_id not in live:
            instance = InstanceRow.of(row)
            held = kept.take(instance.id, instance.version) or load(reading, instance)
            live[instance.id] = (instance.version, held)
        seen = live[row.instance_id][1].execution.visible_variables(row.token)
        wanted = topics[row.topic].variables
        if wanted is not None:
            seen = {name: seen[name] for name in wanted if name in seen}
        items.append(
            LockedJob(
                id=row.id,
                token=token,
                topic=row.topic,
                worker_id=row.worker_id,
                lock_expires_at=row.lock_expires_at,
                retries=row.retries,
                process_instance_id=row.instance_id,
                business_key=row.of_instance_business_key,
                definition_key=row.definition_key,
                definition_version=row.definition_version,
                element_id=row.element_id,
                headers=_headers(row.headers),
                variables=seen,
            )
        )
    for instance_id, (version, execution) in live.items():
        kept.keep(instance_id, version, execution)
    return items


def complete(command: commands.CompleteJob, actor: Actor, reading: Reading, settings: Settings) -> Decision:
    """The work is done; the instance goes on with its results."""
    values.checked(command.variables, settings)
    row = _held(reading, command.id, command.token, actor, "completed")
    if isinstance(row, Answer):
        return row
    instance = InstanceRow.of(row)
    if instance.state == states.SUSPENDED:
        raise Conflict(f"the job {row.id} cannot be completed: its process instance is suspended")
    outcome = JobOutcome(id=row.id, state=states.COMPLETED)

    def settle(work: UnitOfWork, after: InstanceRow) -> None:
        if not jobs.remove_held(work.connection, row.id, command.token):
            raise Raced
        _remember(work, row, outcome)
        _emit(work, "completed", row, actor, {"topic": row.topic, "worker_id": row.worker_id}, after.version)

    return Move(instance, triggers.JobCompleted(row.token, command.variables), lambda after: outcome, settle)


def fail(command: commands.FailJob, actor: Actor, reading: Reading) -> Decision:
    """The work failed. Retries are spent; with none left a human must look at it."""
    row = _held(reading, command.id, command.token, actor, "failed")
    if isinstance(row, Answer):
        return row
    retries = max(row.retries - 1, 0) if command.retries is None else command.retries
    before = InstanceRow.of(row)
    outcome = JobOutcome(id=row.id, state=states.FAILED, retries=retries)

    def write(work: UnitOfWork) -> JobOutcome:
        version = before.version
        if retries == 0:
            version += 1
            if not instances.change(work.connection, before.id, before.version, before.state):
                raise Raced
        wait = timedelta(seconds=command.retry_after_seconds)
        changed = jobs.change(
            work.connection,
            row.id,
            command.token,
            retries=retries,
            due_at=work.lease_now() + wait if wait else None,
            lock_token=None,
            lock_expires_at=None,
            worker_id=None,
            error_message=plain_text(command.message, 4_000),
            error_detail=plain_text(command.detail, 20_000) if command.detail else None,
        )
        if not changed:
            raise Raced
        _remember(work, row, outcome)
        data = {"topic": row.topic, "retries": retries, "message": plain_text(command.message, 4_000)}
        _emit(work, "failed", row, actor, data, version)
        if retries == 0:
            after = before._replace(version=version)
            incidents.open_for_job(work, after, row, command.message, command.detail)
        else:
            work.topics.add(row.topic)
        return outcome

    return Write(write)


def end_with_error(command: commands.EndJobWithError, actor: Actor, reading: Reading, settings: Settings) -> Decision:
    """The work ended with a BPMN error: the drawing catches it, or the instance fails with an incident."""
    values.checked(command.variables, settings)
    row = _held(reading, command.id, command.token, actor, ENDED_WITH_ERROR)
    if isinstance(row, Answer):
        return row
    instance = InstanceRow.of(row)
    if instance.state == states.SUSPENDED:
        raise Conflict(f"the job {row.id} cannot end with an error: its process instance is suspended")
    outcome = JobOutcome(id=row.id, state=ENDED_WITH_ERROR)

    def settle(work: UnitOfWork, after: InstanceRow) -> None:
        if not jobs.remove_held(work.connection, row.id, command.token):
            raise Raced
        _remember(work, row, outcome)
        data = {"topic": row.topic, "worker_id": row.worker_id, "code": command.code}
        _emit(work, "error", row, actor, data, after.version)

    trigger = triggers.ErrorThrown(row.token, command.code, command.message, command.variables)
    return Move(instance, trigger, lambda after: outcome, settle)


#: How a job stands that ended with a BPMN error.
ENDED_WITH_ERROR = "error"


def extend(command: commands.ExtendJob, actor: Actor, reading: Reading) -> Decision:
    """The worker needs more time."""
    row = _held(reading, command.id, command.token, actor, "locked")
    if isinstance(row, Answer):
        return row

    def write(work: UnitOfWork) -> JobOutcome:
        until = work.lease_now() + timedelta(seconds=command.lock_seconds)
        if not jobs.change(work.connection, row.id, command.token, lock_expires_at=until):
            raise Raced
        return JobOutcome(id=row.id, state="locked", retries=row.retries, lock_expires_at=until)

    return Write(write)


def unlock(command: commands.UnlockJob, actor: Actor, reading: Reading) -> Decision:
    """The worker gives the job back untouched."""
    row = _held(reading, command.id, command.token, actor, "unlocked")
    if isinstance(row, Answer):
        return row
    outcome = JobOutcome(id=row.id, state="unlocked", retries=row.retries)

    def write(work: UnitOfWork) -> JobOutcome:
        free = {"lock_token": None, "lock_expires_at": None, "worker_id": None}
        if not jobs.change(work.connection, row.id, command.token, **free):
            raise Raced
        _remember(work, row, outcome)
        _emit(work, "unlocked", row, actor, {"topic": row.topic})
        work.topics.add(row.topic)
        return outcome

    return Write(write)


def retry(command: commands.RetryJob, actor: Actor, reading: Reading) -> Decision:
    """An operator gives the job new retries; its incident is resolved."""
    row = jobs.find(reading.connection, command.id)
    if row is None or row.tenant_id != actor.tenant_id or row.kind != "external":
        raise NotFound(f"there is no job {command.id} (any more)")
    before = InstanceRow.of(row)

    def write(work: UnitOfWork) -> Job:
        if not instances.change(work.connection, before.id, before.version, before.state):
            raise Raced
        after = before._replace(version=before.version + 1)
        if row.retries == 0:
            incidents.renew_job(work, row.id, command.retries)
            for opened in stored_incidents.open_of_job(work.connection, row.id, row.instance_id):
                incidents.close(work, after, opened, actor.name)
        else:
            jobs.change(work.connection, row.id, None, retries=command.retries, due_at=None)
            work.topics.add(row.topic)
        changed = jobs.find(work.connection, row.id)
        assert changed is not None  # this transaction holds the instance, so nobody ends its jobs
        return job_record(changed, work.now)

    return Write(write)


def _held(reading: Reading, job_id: str, token: str, actor: Actor, intent: str) -> Any:
    """The job locked under this token; or the answer this token was given already for the same intent."""
    row = jobs.find(reading.connection, job_id)
    mine = row is not None and row.tenant_id == actor.tenant_id and row.kind == "external"
    if mine and row.lock_token == token:  # type: ignore[union-attr]
        return row
    given = [one for one in jobs.results(reading.connection, job_id) if one.tenant_id == actor.tenant_id]
    for one in given:
        outcome = _outcome(one.outcome)
        if one.lock_token == token and outcome.state == intent:
            return Answer(outcome)
    if mine or given:
        raise LockLost(f"the job {job_id} is not locked under this token (any more)")
    raise NotFound(f"there is no job {job_id} (any more)")


def _remember(work: UnitOfWork, row: Any, outcome: JobOutcome) -> None:
    jobs.add_result(
        work.connection,
        {
            "job_id": row.id,
            "tenant_id": row.tenant_id,
            "lock_token": row.lock_token,
            "outcome": json_text(outcome),
            "at": work.now,
        },
    )


def _emit(
    work: UnitOfWork, verb: str, row: Any, actor: Actor, data: dict[str, Any], version: int | None = None
) -> None:
    work.emit(
        f"job.{verb}",
        tenant_id=actor.tenant_id,
        instance_id=row.instance_id,
        definition_key=row.definition_key,
        element_id=row.element_id,
        subject_id=row.id,
        version=version,
        data=data,
    )
