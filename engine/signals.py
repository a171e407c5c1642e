"""Signals: broadcast by name to everybody who waits at that moment, and to start events (BPMN 2.0.2, 10.5.5.9)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bpmn import triggers
from engine import commands, new_instances, own_jobs
from engine import variables as values
from engine.actors import Actor
from engine.decisions import Decision, InstanceRow, Move, Write
from engine.reading import Reading
from engine.records import SignalBroadcast
from engine.settings import Settings
from engine.store import deployments, instances, jobs, subscriptions
from engine.work import UnitOfWork


def broadcast(command: commands.BroadcastSignal, actor: Actor, reading: Reading, settings: Settings) -> Decision:
    """From outside. Who waits is found and noted in one transaction; each goes on by a job of its own."""
    values.checked(command.variables, settings)

    def write(work: UnitOfWork) -> SignalBroadcast:
        count = _note_receivers(work, actor.tenant_id, command.name, command.variables, None)
        work.emit(
            "signal.broadcast",
            tenant_id=actor.tenant_id,
            subject_id=command.name,
            data={"name": command.name, "receivers": count, "by": actor.name},
        )
        return SignalBroadcast(name=command.name, receivers=count)

    return Write(write)


def spread(row: Any, reading: Reading) -> Decision:
    """Thrown by an instance, whose own listeners have had it in the step."""
    carried = own_jobs.decode(row.headers)

    def write(work: UnitOfWork) -> None:
        own_jobs.remove(work, row)
        count = _note_receivers(work, row.tenant_id, carried["name"], carried["variables"], row.instance_id)
        work.emit(
            "signal.broadcast",
            tenant_id=row.tenant_id,
            instance_id=row.instance_id,
            definition_key=row.definition_key,
            element_id=row.element_id,
            subject_id=carried["name"],
            data={"name": carried["name"], "receivers": count},
        )

    return Write(write)


def _note_receivers(
    work: UnitOfWork, tenant_id: str, name: str, variables: Mapping[str, Any], thrower: str | None
) -> int:
    found = [
        one
        for one in subscriptions.to_signal(work.connection, tenant_id, name)
        if one.instance_id is None or one.instance_id != thrower
    ]
    owners = instances.definitions_of(work.connection, [one.instance_id for one in found if one.instance_id])
    rows = []
    for one in found:
        definition_id, definition_key = owners.get(one.instance_id) or _of_start(work, one)
        rows.append(
            own_jobs.note(
                work,
                own_jobs.SIGNAL,
                tenant_id=tenant_id,
                definition_id=definition_id,
                definition_key=definition_key,
                instance_id=one.instance_id,
                token=one.token,
                slot=one.slot,
                element_id=one.element_id,
                topic=name,
                carries={"name": name, "variables": dict(variables)},
            )
        )
    if rows:
        jobs.add_own(work.connection, rows)
    return len(rows)


def _of_start(work: UnitOfWork, subscription: Any) -> tuple[str, str]:
    row = deployments.definition(work.connection, subscription.definition_id)
    assert row is not None  # the database holds on to it
    return row.id, row.key


def hand_over(row: Any, reading: Reading) -> Decision:
    """To one who waited when the signal was broadcast."""
    carried = own_jobs.decode(row.headers)

    def settle(work: UnitOfWork, after: InstanceRow) -> None:
        own_jobs.remove(work, row)
        work.emit(
            "signal.received",
            tenant_id=after.tenant_id,
            instance_id=after.id,
            definition_key=after.definition_key,
            element_id=row.element_id,
            subject_id=carried["name"],
            version=after.version,
            data={"name": carried["name"]},
        )

    if row.instance_id is None:
        definition = reading.definitions.row(row.definition_id)
        return Move(
            new_instances.begin(reading, definition, new_instances.SYSTEM_NAME),
            triggers.Start(carried["variables"], None, row.element_id, row.slot),
            lambda after: None,
            settle,
        )
    instance = InstanceRow.of(row)
    return Move(
        instance,
        triggers.SignalReceived(row.token, carried["variables"], row.slot),
        lambda after: None,
        settle,
        halt=own_jobs.halts(instance),
        lapsed=lambda work: own_jobs.remove(work, row),
    )
