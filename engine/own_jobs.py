"""Jobs of our own: what a step asks for beyond its own instance or for later, noted in the step's transaction and run
after its commit, or after a crash. The one table from kind to what is done stands in `HANDLERS`.

Each is claimed with a token and a lease; what it does and its removal are one transaction, so it is done exactly once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from bpmn import triggers
from engine import calls, incidents, messages, signals, states, timers
from engine.decisions import Answer, Decision, InstanceRow, Move, Raced, Write
from engine.ids import new_id
from engine.reading import Reading
from engine.store import instances, jobs
from engine.work import UnitOfWork

Handler = Callable[[Any, Reading], Decision]


def run(job_id: str, token: str, reading: Reading) -> Decision:
    """Do the job that was claimed under this token."""
    row = jobs.find(reading.connection, job_id)
    if row is None or row.lock_token != token:
        return Answer(None)
    if row.instance_id is not None and row.kind not in SENT:
        state = row.of_instance_state
        if state not in states.RUNNING:
            return done(row)
        if row.suspended:
            # Suspended after the claim: give it back, so that it is there when the instance is resumed.
            free = {"lock_token": None, "lock_expires_at": None, "worker_id": None, "retries": row.retries + 1}
            return Write(lambda work: jobs.change(work.connection, job_id, token, **free))
    return HANDLERS[row.kind](row, reading)
