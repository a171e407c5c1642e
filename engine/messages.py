"""Messages: point to point, by name and all correlation keys; kept until their time to live ends when nobody waits yet,
and correlated once for each id of their sender (BPMN 2.0.2, 8.4.2 and 10.5.5.7).

Who waits in a running instance goes before a start event, one with more keys before one with fewer, and the one that
has waited longest before the others.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec

import bpmn
from bpmn import triggers
from engine import commands, correlation, mailbox, new_instances, own_jobs, states
from engine import variables as values
from engine.actors import Actor
from engine.decisions import Answer, Decision, InstanceRow, Move, Raced, Write
from engine.errors import Conflict, NotFound
from engine.ids import new_id
from engine.mailbox import Message, decode_keys, of_row
from engine.reading import Reading
from engine.records import Correlation
from engine.settings import Settings
from engine.store import jobs, messages, subscriptions
from engine.store.database import Connection
from engine.work import UnitOfWork, json_text

_outcome = msgspec.json.Decoder(Correlation).decode

Settle = Callable[[UnitOfWork, InstanceRow], None]


# --- from outside ----------------------------------------------------------------------------------------------------
def correlate(
    command: commands.CorrelateMessage, actor: Actor, reading: Reading, settings: Settings, evaluator: bpmn.Evaluator
) -> Decision:
    """Hand the message to the one place that waits for it, or keep it for so long. A message without correlation keys
    has those that the drawings of its receivers find in its variables (correlationPropertyRetrievalExpression)."""
    values.checked(command.variables, settings)
    keys = command.keys or _keys_in(command, actor, reading, evaluator)
    message = Message(
        actor.tenant_id,
        command.name,
        command.variables,
        keys,
        command.process_instance_id,
        command.business_key,
        command.message_id,
    )
    known = _known(reading, message)
    if known is not None:
        return Answer(known)
    receivers = _receivers(reading.connection, message)
    if not receivers:
        if command.time_to_live_seconds > 0:
            return _keep(message, timedelta(seconds=command.time_to_live_seconds))
        sought = f" with {message.words}" if message.words else ""
        raise NotFound(f"nothing waits for a message {command.name!r}{sought}")
    if _is_ambiguous(receivers):
        sought = f" with {message.words}" if message.words else ""
        raise Conflict(
            f"more than one process instance waits for a message {command.name!r}{sought}; "
            "name the process instance, its business key or its correlation keys"
        )
    if receivers[0].instance_id is not None and receivers[0].of_instance_state == states.SUSPENDED:
        raise Conflict(f"the process instance {receivers[0].instance_id} waits for this message, but is suspended")
    remembered = timedelta(seconds=settings.job_result_seconds)

    def settle(work: UnitOfWork, after: InstanceRow) -> None:
        if message.sender_id is not None:
            _remember(work, message, _outcome_for(message, receivers[0], after), remembered)

    return _hand_to(receivers[0], message, actor.name, reading, settle)


def _keys_in(
    command: commands.CorrelateMessage, actor: Actor, reading: Reading, evaluator: bpmn.Evaluator
) -> dict[str, Any]:
    keys: dict[str, Any] = {}
    for definition_id in subscriptions.definitions_awaiting(reading.connection, actor.tenant_id, command.name):
        definition = reading.definitions.get(definition_id)
        if definition.message_paths:
            keys |= bpmn.message_keys(definition, command.name, command.variables, evaluator, reading.clock.now())
    return keys


def _known(reading: Reading, message: Message) -> Correlation | None:
    """What became of the message when it came with the same id before."""
    if message.sender_id is None:
        return None
    row = messages.of_sender(reading.connection, message.tenant_id, message.name, message.sender_id)
    if row is None:
        return None
    if row.outcome is not None:
        return _outcome(row.outcome)
    return _buffered(message, row.id) if row.expires_at > reading.clock.now() else None


# --- from an instance ------------------------------------------------------------------------------------------------
def deliver(row: Any, reading: Reading) -> Decision:
    """A message that an instance sent: now, or when somebody begins to wait for it."""
    carried = own_jobs.decode(row.headers)
    message = Message(row.tenant_id, carried["name"], carried["variables"], carried["keys"])
    receivers = _receivers(reading.connection, message)
    if receivers:
        return _hand_to(receivers[0], message, SENDER, reading, lambda work, after: own_jobs.remove(work, row))
    span = timedelta(seconds=carried["time_to_live_seconds"])
    return _keep(message, span, lambda work: own_jobs.remove(work, row))


#: Who starts an instance by a message that no person sent.
SENDER = new_instances.SYSTEM_NAME


def hand_over(row: Any, reading: Reading) -> Decision:
    """A message that has waited, to a place that waits for it now."""
    connection = reading.connection
    kept = messages.find(connection, own_jobs.decode(row.headers)["message"])
    receiver = subscriptions.find(connection, own_jobs.decode(row.headers)["subscription"])
    if receiver is None or kept is None or kept.state != messages.WAITING:
        return own_jobs.done(row) if receiver is None else _next_one(row, receiver)
    message = of_row(kept)

    def settle(work: UnitOfWork, after: InstanceRow) -> None:
        own_jobs.remove(work, row)
        if kept.message_id is None:
            taken = messages.remove_waiting(work.connection, kept.id)
        else:
            outcome = json_text(_outcome_for(message, receiver, after))
            taken = messages.correlated(work.connection, kept.id, outcome)
        if not taken:
            raise Raced
        rows = mailbox.offer(work, [receiver])  # a place that goes on waiting takes the next one as well
        if rows:
            jobs.add_own(work.connection, rows)

    if receiver.instance_id is None:
        return _hand_to(receiver, message, SENDER, reading, settle)
    return _hand_to(_with_instance(connection, receiver), message, SENDER, reading, settle, lapsed=row)


def _next_one(row: Any, receiver: Any) -> Write:
    """Another was quicker with that message; there may be one more."""

    def write(work: UnitOfWork) -> None:
        own_jobs.remove(work, row)
        rows = mailbox.offer(work, [receiver])
        if rows:
            jobs.add_own(work.connection, rows)

    return Write(write)


# --- finding ---------------------------------------------------------------------------------------------------------
def _receivers(connection: Connection, message: Message) -> list[Any]:
    """Who waits for it, the best first; start events only if no running instance waits."""
    named = message.instance_id is not None and not message.keys
    hashes = None if named else correlation.satisfied_hashes(message.keys)
    found = [
        row
        for row in subscriptions.of_instances(
            connection, message.tenant_id, message.name, hashes, message.instance_id, message.business_key
        )
        if row.of_instance_state in states.RUNNING
        and (named or correlation.satisfies(message.keys, decode_keys(row.keys)))
    ]
    if found or message.instance_id is not None:
        return sorted(found, key=lambda row: (-len(decode_keys(row.keys)), row.id))
    return subscriptions.starts(connection, message.tenant_id, subscriptions.MESSAGE, message.name)


def _is_ambiguous(receivers: list[Any]) -> bool:
    """Whether another instance waits for it just as well."""
    first, *others = receivers
    return any(
        other.instance_id != first.instance_id and len(decode_keys(other.keys)) == len(decode_keys(first.keys))
        for other in others
    )


def _with_instance(connection: Connection, subscription: Any) -> Any:
    rows = subscriptions.of_instances(
        connection, subscription.tenant_id, subscription.name, None, subscription.instance_id, None
    )
    return next(row for row in rows if row.id == subscription.id)


# --- what is done ----------------------------------------------------------------------------------------------------
def _hand_to(
    receiver: Any, message: Message, by: str, reading: Reading, also: Settle, lapsed: Any | None = None
) -> Move:
    """The step in which the receiver has the message. `lapsed`: the job that has nothing to do if the place is gone."""

    def settle(work: UnitOfWork, after: InstanceRow) -> None:
        also(work, after)
        work.emit(
            "message.correlated",
            tenant_id=after.tenant_id,
            instance_id=after.id,
            definition_key=after.definition_key,
            element_id=receiver.element_id,
            subject_id=receiver.id,
            version=after.version,
            data={"name": message.name},
        )

    def answer(after: InstanceRow) -> Correlation:
        return _outcome_for(message, receiver, after)

    if receiver.instance_id is None:
        definition = reading.definitions.row(receiver.definition_id)
        instance = new_instances.begin(reading, definition, by, message.business_key)
        trigger: triggers.Trigger = triggers.Start(
            message.variables, None if by == SENDER else by, receiver.element_id, receiver.slot, message.keys
        )
        return Move(instance, trigger, answer, settle)
    instance = InstanceRow.of(receiver)
    return Move(
        instance,
        triggers.MessageReceived(receiver.token, message.variables, receiver.slot, message.keys),
        answer,
        settle,
        halt=own_jobs.halts(instance),
        lapsed=None if lapsed is None else lambda work: own_jobs.remove(work, lapsed),
    )


def _outcome_for(message: Message, receiver: Any, after: InstanceRow) -> Correlation:
    state = "started" if receiver.instance_id is None else "correlated"
    return Correlation(
        name=message.name, state=state, process_instance_id=after.id, element_id=receiver.element_id, message_id=None
    )


def _buffered(message: Message, row_id: str) -> Correlation:
    return Correlation(
        name=message.name, state="buffered", process_instance_id=None, element_id=None, message_id=row_id
    )


def _keep(message: Message, span: timedelta, also: Callable[[UnitOfWork], None] | None = None) -> Write:
    """Nobody waits: keep it for so long. Who begins to wait meanwhile is not missed."""

    def write(work: UnitOfWork) -> Correlation:
        messages.one_at_a_time(work.connection, message.tenant_id, [message.name])
        if _receivers(work.connection, message):
            raise Raced
        if also is not None:
            also(work)
        row_id = _add(work, message, messages.WAITING, span, None)
        work.emit(
            "message.buffered",
            tenant_id=message.tenant_id,
            subject_id=row_id,
            data={"name": message.name, "keys": dict(message.keys), "expires_at": (work.now + span).isoformat()},
        )
        return _buffered(message, row_id)

    return Write(write)


def _remember(work: UnitOfWork, message: Message, outcome: Correlation, span: timedelta) -> None:
    _add(work, message, messages.CORRELATED, span, outcome)


def _add(work: UnitOfWork, message: Message, state: str, span: timedelta, outcome: Correlation | None) -> str:
    """Raises `Raced` if the same id came at the same time."""
    row_id = new_id()
    added = messages.add(
        work.connection,
        {
            "id": row_id,
            "tenant_id": message.tenant_id,
            "name": message.name,
            "message_id": message.sender_id,
            "state": state,
            "key_hash": correlation.hash_of(message.keys),
            "key_count": len(message.keys),
            "keys": json_text(message.keys),
            "instance_id": message.instance_id,
            "business_key": message.business_key,
            "variables": json_text(message.variables) if outcome is None else "{}",
            "created_at": work.now,
            "expires_at": work.now + span,
            "outcome": None if outcome is None else json_text(outcome),
        },
        work.now,
    )
    if not added:
        raise Raced
    return row_id
