"""Messages: correlated point to point, now or not at all."""

from __future__ import annotations

from bpmn import triggers
from engine import commands, states
from engine import variables as values
from engine.actors import Actor
from engine.decisions import Decision, InstanceRow, Move
from engine.errors import Conflict, Invalid, NotFound
from engine.reading import Reading
from engine.records import Correlation
from engine.settings import Settings
from engine.store import messages
from engine.work import UnitOfWork


def correlate(command: commands.CorrelateMessage, actor: Actor, reading: Reading, settings: Settings) -> Decision:
    """Hand the message to the one place that waits for it."""
    values.checked(command.variables, settings)
    if command.process_instance_id is None and command.business_key is None:
        raise Invalid("a message needs a process_instance_id or a business_key to find whom it is for")
    found = messages.find_match(
        reading.connection, actor.tenant_id, command.name, command.process_instance_id, command.business_key
    )
    where = " and ".join(
        f"{key} {value!r}"
        for key, value in (
            ("process instance", command.process_instance_id),
            ("business key", command.business_key),
        )
        if value is not None
    )
    if not found:
        raise NotFound(f"nothing waits for a message {command.name!r} with {where}")
    if len({row.instance_id for row in found}) > 1:
        raise Conflict(f"more than one process instance waits for a message {command.name!r} with {where}")
    match = found[0]
    instance = InstanceRow.of(match)
    if instance.state == states.SUSPENDED:
        raise Conflict(f"the process instance {match.instance_id} waits for this message, but is suspended")

    def settle(work: UnitOfWork, after: InstanceRow) -> None:
        work.emit(
            "message.correlated",
            tenant_id=after.tenant_id,
            instance_id=after.id,
            definition_key=after.definition_key,
            element_id=match.element_id,
            subject_id=match.id,
            version=after.version,
            data={"name": command.name},
        )

    answer = Correlation(name=command.name, process_instance_id=match.instance_id, element_id=match.element_id)
    return Move(
        instance,
        triggers.MessageReceived(match.token, command.variables),
        lambda after: answer,
        settle,
    )
