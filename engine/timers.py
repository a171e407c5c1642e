"""Timers: jobs of our own with a time at which they are due, of instances and of start events."""

from __future__ import annotations

from typing import Any

import bpmn
from bpmn import triggers
from engine import new_instances, own_jobs
from engine.decisions import Decision, InstanceRow, Move
from engine.reading import Reading
from engine.store import deployments, jobs
from engine.work import UnitOfWork


def fire(row: Any, reading: Reading) -> Decision:
    """The timer is due."""
    if row.instance_id is None:
        return _start(row, reading)

    def settle(work: UnitOfWork, after: InstanceRow) -> None:
        own_jobs.remove(work, row)
        work.emit(
            "timer.fired",
            tenant_id=after.tenant_id,
            instance_id=after.id,
            definition_key=after.definition_key,
            element_id=row.element_id,
            subject_id=row.id,
            version=after.version,
            data={"due": row.due_at.isoformat()},
        )

    return Move(
        InstanceRow.of(row),
        triggers.TimerDue(row.token, row.slot),
        lambda after: None,
        settle,
        lapsed=lambda work: own_jobs.remove(work, row),
    )


def _start(row: Any, reading: Reading) -> Decision:
    """The timer of a start event is due: an instance begins, and a cycle goes on."""
    stored = reading.definitions.row(row.definition_id)
    definition = reading.definitions.get(row.definition_id)

    def settle(work: UnitOfWork, after: InstanceRow) -> None:
        # A newer version removes the timer; it would not see the next one if that were set at the same time.
        deployments.none_meanwhile(work.connection, row.tenant_id)
        own_jobs.remove(work, row)
        following = bpmn.next_start_timer(definition, own_jobs.decode(row.headers), work.now)
        if following is not None:
            again = of_start(work, stored, row.element_id, row.slot, following)
            jobs.add_own(work.connection, [again])

    return Move(
        new_instances.begin(reading, stored, new_instances.SYSTEM_NAME),
        triggers.Start({}, None, row.element_id, row.slot),
        lambda after: None,
        settle,
    )


def of_start(work: UnitOfWork, definition: Any, element_id: str, slot: int, timer: bpmn.StartTimer) -> dict[str, Any]:
    """The job row of a start event's timer; `definition` is the stored row."""
    return own_jobs.note(
        work,
        own_jobs.TIMER,
        tenant_id=definition.tenant_id,
        definition_id=definition.id,
        definition_key=definition.key,
        slot=slot,
        element_id=element_id,
        carries=timer.memory,
        due=timer.due,
    )
