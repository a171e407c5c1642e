"""Continuations: jobs of our own that go on with a step that was cut short, now or after a crash."""

from __future__ import annotations

from bpmn import triggers
from engine import incidents, states
from engine.decisions import Answer, Decision, InstanceRow, Move, Raced, Write
from engine.reading import Reading
from engine.store import instances, jobs
from engine.work import UnitOfWork


def go_on(job_id: str, token: str, reading: Reading) -> Decision:
    """Take the next step of the instance, under the token the job was claimed with."""
    row = jobs.find(reading.connection, job_id)
    if row is None or row.lock_token != token:
        return Answer(None)
    instance = InstanceRow.of(row)
    if instance.state not in (states.ACTIVE, states.SUSPENDED):
        return Write(lambda work: jobs.remove_held(work.connection, job_id, token))
    if instance.state == states.SUSPENDED:
        # Suspended after the claim: give it back, so that it is there when the instance is resumed.
        free = {"lock_token": None, "lock_expires_at": None, "worker_id": None}
        return Write(lambda work: jobs.change(work.connection, job_id, token, **free))

    def settle(work: UnitOfWork, after: InstanceRow) -> None:
        if not jobs.remove_held(work.connection, job_id, token):
            raise Raced

    return Move(instance, triggers.Continue(), lambda after: None, settle)


def give_up(job_id: str, reading: Reading) -> Decision:
    """It was tried in vain too often: stop trying and tell a human."""
    row = jobs.find(reading.connection, job_id)
    if row is None or row.retries > 0 or row.lock_token is None:
        return Answer(None)
    instance = InstanceRow.of(row)

    def write(work: UnitOfWork) -> None:
        if not instances.change(work.connection, instance.id, instance.version, instance.state):
            raise Raced
        if not jobs.change(work.connection, job_id, row.lock_token, lock_token=None, lock_expires_at=None):
            raise Raced
        after = instance._replace(version=instance.version + 1)
        message = f"The instance could not go on in {jobs.CONTINUATION_ATTEMPTS} attempts; the server's log says why."
        incidents.open_for_job(work, after, row, message, None)

    return Write(write)
