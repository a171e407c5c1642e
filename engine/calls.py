"""Called processes: a call activity waits for an instance of its own, its child (BPMN 2.0.2, 10.3.6)."""

from __future__ import annotations

from typing import Any

from bpmn import triggers
from engine import incidents, own_jobs, states
from engine.decisions import Decision, InstanceRow, Move, Raced
from engine.new_instances import begin
from engine.reading import Reading
from engine.store import deployments, instances, jobs
from engine.store.database import Connection
from engine.work import UnitOfWork


def start(row: Any, reading: Reading) -> Decision:
    """Start the called process, as the call activity binds it."""
    wanted = own_jobs.decode(row.headers)
    parent = InstanceRow.of(row)
    definition = _called(reading, parent, wanted)
    if isinstance(definition, str):
        return incidents.give_up_job(row, definition)
    child = begin(
        reading,
        definition,
        parent.started_by,
        wanted["business_key"],
        parent_id=parent.id,
        parent_token=row.token,
        parent_element_id=row.element_id,
    )

    def settle(work: UnitOfWork, after: InstanceRow) -> None:
        # Whoever ends the call meanwhile changes its instance: either that sees the child, or this starts over.
        if not instances.hold(work.connection, parent.id, parent.version):
            raise Raced
        own_jobs.remove(work, row)

    return Move(child, triggers.Start(wanted["variables"], parent.started_by), lambda after: None, settle)


def _called(reading: Reading, parent: InstanceRow, wanted: dict[str, Any]) -> Any:
    """The definition's row, or why there is none."""
    connection, key = reading.connection, wanted["key"]
    what = f"the process {key!r}"
    if wanted["binding"] == "version":
        what = f"version {wanted['version']} of {what}"
        found = deployments.of_version(connection, parent.tenant_id, key, wanted["version"])
    elif wanted["binding"] == "deployment":
        of_parent = reading.definitions.row(parent.definition_id)
        what = f"{what} in the deployment {of_parent.deployment_id}"
        found = deployments.in_deployment(connection, of_parent.deployment_id, key)
    else:
        found = deployments.latest(connection, parent.tenant_id, key)
    if found is None:
        return f"{what} is called and not deployed; deploy it and retry."
    if not reading.definitions.get(found.id).starts_by_call:
        return f"{what} is called, but has no start event without an event definition; it begins by events only."
    several = reading.definitions.get(found.id).none_starts
    if len(several) > 1:
        return f"{what} is called, but has several start events ({', '.join(several)}); a called process has one."
    return found


def take_answer(row: Any, reading: Reading) -> Decision:
    """The call activity hears of its child: of all that it did in its order, and of its end last."""
    carried = own_jobs.decode(row.headers)
    told = _answers(reading.connection, row, carried["child"])
    if told and told[0].id != row.id:
        return own_jobs.give_way(row)
    trigger: triggers.Trigger
    match carried["outcome"]:
        case states.COMPLETED:
            trigger = triggers.CalledProcessEnded(row.token, carried["variables"])
        case states.FAILED:
            trigger = triggers.ErrorThrown(row.token, carried["code"], carried["message"])
        case _:
            trigger = triggers.EscalationThrown(row.token, carried["code"])
    instance = InstanceRow.of(row)

    def remove(work: UnitOfWork) -> None:
        own_jobs.remove(work, row)
        work.own_jobs += [one.id for one in _answers(work.connection, row, carried["child"])[:1]]

    return Move(
        instance,
        trigger,
        lambda after: None,
        lambda work, after: remove(work),
        halt=own_jobs.halts(instance),
        lapsed=remove,
    )


def _answers(connection: Connection, row: Any, child: str) -> list[Any]:
    """What the call activity has still to hear of this child, first to last: by the child's version, since clocks of
    several machines differ."""
    found = [one for one in jobs.at_tokens(connection, row.instance_id, [row.token]) if one.kind == own_jobs.ANSWER]
    same = [one for one in found if own_jobs.decode(one.headers)["child"] == child]
    return sorted(same, key=lambda one: (one.slot, one.id))


def cancel(row: Any, reading: Reading) -> Decision:
    """The call activity is gone; so is what it called."""
    carried = own_jobs.decode(row.headers)
    instance = InstanceRow.of(row)

    def settle(work: UnitOfWork, after: InstanceRow) -> None:
        own_jobs.remove(work, row)
        jobs.remove(work.connection, [jobs.continuation_id(after.id)])

    reason = f"its call activity {carried['element_id']} was cancelled"
    return Move(instance, triggers.Cancel(), lambda after: None, settle, ending={"reason": reason, "by": "signalbox"})
