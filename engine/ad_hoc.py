"""Ad-hoc sub-processes: people and programs say which of their activities begin, and when it is enough (BPMN 2.0.2,
13.3.5)."""

from __future__ import annotations

from typing import Any

from bpmn import triggers
from engine import commands, rights, states
from engine import variables as values
from engine.actors import Actor
from engine.decisions import Decision, InstanceRow, Move
from engine.errors import Conflict, NotFound
from engine.reading import Reading
from engine.settings import Settings
from engine.store import instances, subscriptions
from engine.views.process_instances import instance_record


def start(command: commands.StartActivity, actor: Actor, reading: Reading, settings: Settings) -> Decision:
    """An activity in it begins."""
    values.checked(command.variables, settings)
    row, instance = _open(command.id, actor, reading)
    trigger = triggers.StartActivity(row.token, command.element_id, command.variables)
    return _move(instance, trigger, reading)


def complete(command: commands.CompleteAdHoc, actor: Actor, reading: Reading) -> Decision:
    """Nothing more begins in it."""
    row, instance = _open(command.id, actor, reading)
    return _move(instance, triggers.CompleteAdHoc(row.token), reading)


def _open(ad_hoc_id: str, actor: Actor, reading: Reading) -> tuple[Any, InstanceRow]:
    row = subscriptions.find(reading.connection, ad_hoc_id)
    found = None if row is None or row.instance_id is None else instances.find(reading.connection, row.instance_id)
    if (
        row is None
        or found is None
        or row.kind != subscriptions.AD_HOC
        or row.tenant_id != actor.tenant_id
        or not rights.sees_instance(actor, found.started_by)
    ):
        raise NotFound(f"there is no open ad-hoc sub-process {ad_hoc_id[:80]!r}")
    instance = InstanceRow(*found)
    if instance.state == states.SUSPENDED:
        raise Conflict(f"the process instance {instance.id} is suspended", state=states.SUSPENDED)
    return row, instance


def _move(instance: InstanceRow, trigger: triggers.Trigger, reading: Reading) -> Move:
    definition = reading.definitions.row(instance.definition_id)
    return Move(instance, trigger, lambda after: instance_record(after, definition.version, definition.name))
