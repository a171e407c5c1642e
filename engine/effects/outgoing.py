"""What a step asks of others: called processes, messages, signals, and what a call activity must hear of. Each is noted
as a job of our own in the step's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bpmn import effects as e
from engine import mailbox, own_jobs, states
from engine.decisions import InstanceRow
from engine.ids import wait_id
from engine.store import instances, jobs
from engine.work import UnitOfWork

if TYPE_CHECKING:
    from engine.effects.writing import Writing


def process_called(writing: Writing, effect: e.CallProcess) -> None:
    """A call activity waits for an instance of another process."""
    instance = writing.instance
    carries = {
        "key": effect.key,
        "binding": effect.binding,
        "version": effect.version,
        "business_key": effect.business_key or instance.business_key,
        "variables": dict(effect.variables),
    }
    writing.own_jobs[effect.token, 0] = own_jobs.of_instance(
        writing.work,
        own_jobs.CALL,
        instance,
        job_id=wait_id(instance.id, effect.token),
        token=effect.token,
        activity=effect.activity,
        element_id=effect.element_id,
        topic=effect.key,
        carries=carries,
        suspended=instance.state == states.SUSPENDED,
    )


def message_thrown(writing: Writing, effect: e.ThrowMessage) -> None:
    """A message to whom it is for."""
    carries = {
        "name": effect.name[:255],  # as subscriptions have it
        "keys": dict(effect.keys),
        "variables": dict(effect.variables),
        "time_to_live_seconds": mailbox.time_to_live(effect.time_to_live),
    }
    _send(writing, own_jobs.MESSAGE, effect, carries)
    told = {"name": effect.name, "keys": dict(effect.keys)}
    writing.emit("message.thrown", effect.element_id, effect.name[:255], told)


def signal_thrown(writing: Writing, effect: e.BroadcastSignal) -> None:
    """A signal to everybody outside of the instance."""
    _send(writing, own_jobs.BROADCAST, effect, {"name": effect.name[:255], "variables": dict(effect.variables)})


def _send(writing: Writing, kind: str, effect: e.ThrowMessage | e.BroadcastSignal, carries: Mapping[str, Any]) -> None:
    row = own_jobs.of_instance(
        writing.work, kind, writing.instance, element_id=effect.element_id, topic=effect.name, carries=carries
    )
    writing.own_jobs[row["id"]] = row


def escalation_propagated(writing: Writing, effect: e.PropagateEscalation) -> None:
    """The call activity hears of an escalation that its process did not catch."""
    answer(writing.work, writing.instance, effect)


def answer(work: UnitOfWork, child: InstanceRow, told: e.InstanceEnded | e.PropagateEscalation) -> None:
    """A child ended or escalates: note that its call activity must hear of it."""
    if child.parent_id is None:
        return
    found = instances.find(work.connection, child.parent_id)
    if found is None:
        return
    parent = InstanceRow(*found)
    carries: dict[str, Any]
    if isinstance(told, e.PropagateEscalation):
        carries = {"outcome": "escalated", "code": told.code}
    elif told.state == states.COMPLETED:
        carries = {"outcome": states.COMPLETED, "variables": dict(told.variables or {})}
    elif told.error is not None:
        carries = {"outcome": states.FAILED, "code": told.error.code, "message": told.error.message}
    else:
        return  # cancelled, because its call was
    row = own_jobs.of_instance(
        work,
        own_jobs.ANSWER,
        parent,
        token=child.parent_token,
        slot=child.version,
        activity=child.parent_token,
        element_id=child.parent_element_id,
        topic=child.definition_key,
        carries={"child": child.id, **carries},
    )
    jobs.add_own(work.connection, [row])


def end_children(work: UnitOfWork, parent: InstanceRow, tokens: set[int]) -> None:
    """Call activities were cancelled: note that their children must end."""
    rows = [
        own_jobs.note(
            work,
            own_jobs.CANCEL,
            tenant_id=parent.tenant_id,
            definition_id=child.definition_id,
            definition_key=child.definition_key,
            instance_id=child.id,
            carries={"element_id": child.parent_element_id, "parent": parent.id},
        )
        for child in instances.called_by(work.connection, parent.id)
        if child.parent_token in tokens
    ]
    if rows:
        jobs.add_own(work.connection, rows)
