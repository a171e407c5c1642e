"""The one table from the kind of a job of our own to what is done, and how one is run or given up."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from bpmn import triggers
from engine import calls, incidents, messages, own_jobs, signals, states, timers
from engine.decisions import Answer, Decision, InstanceRow, Move, Write
from engine.reading import Reading
from engine.store import jobs

_log = logging.getLogger("engine")


def run(job_id: str, token: str, reading: Reading) -> Decision:
    """Do the job that was claimed under this token."""
    row = jobs.find(reading.connection, job_id)
    if row is None or row.lock_token != token:
        return Answer(None)
    if row.instance_id is not None and row.kind not in jobs.SENT:
        if row.of_instance_state not in states.RUNNING:
            return own_jobs.done(row)
        if row.of_instance_state == states.SUSPENDED and row.kind in _STAND_STILL:
            return own_jobs.hold_back(row)
    return HANDLERS[row.kind](row, reading)


def give_up(job_id: str, reading: Reading) -> Decision:
    """It was tried in vain too often: stop trying and tell a human."""
    row = jobs.find(reading.connection, job_id)
    if row is None or row.retries > 0 or row.lock_token is None:
        return Answer(None)
    return _stop(row, f"This could not be done in {jobs.ATTEMPTS} attempts ({row.kind}); the server's log says why.")


def refuse(job_id: str, token: str, words: str, reading: Reading) -> Decision:
    """It cannot be done as it is, however often it is tried: tell a human at once."""
    row = jobs.find(reading.connection, job_id)
    if row is None or row.lock_token != token:
        return Answer(None)
    return _stop(row, f"This could not be done ({row.kind}): {words}")


def _stop(row: Any, words: str) -> Write:
    if row.instance_id is None or row.of_instance_state not in states.RUNNING:
        _log.error("the %s job %s of %s is given up: %s", row.kind, row.id, row.definition_key, words)
        free = {"lock_token": None, "lock_expires_at": None, "retries": 0}
        return Write(lambda work: jobs.change(work.connection, row.id, row.lock_token, **free))
    return incidents.give_up_job(row, words)


def _go_on(row: Any, reading: Reading) -> Decision:
    """The next step of an instance whose step was cut short."""
    return Move(
        InstanceRow.of(row),
        triggers.Continue(),
        lambda after: None,
        lambda work, after: own_jobs.remove(work, row),
    )


#: In a suspended instance these wait until it is resumed; the others are taken in, and it goes on with them then.
_STAND_STILL = frozenset({own_jobs.CONTINUATION, own_jobs.TIMER, own_jobs.CALL})

HANDLERS: Mapping[str, Callable[[Any, Reading], Decision]] = {
    own_jobs.CONTINUATION: _go_on,
    own_jobs.TIMER: timers.fire,
    own_jobs.MESSAGE: messages.deliver,
    own_jobs.BUFFERED: messages.hand_over,
    own_jobs.BROADCAST: signals.spread,
    own_jobs.SIGNAL: signals.hand_over,
    own_jobs.CALL: calls.start,
    own_jobs.ANSWER: calls.take_answer,
    own_jobs.CANCEL: calls.cancel,
}
