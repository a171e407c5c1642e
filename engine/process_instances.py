"""Process instances: start, cancel, suspend, resume, set variables."""

from __future__ import annotations

from typing import Any

import bpmn
from bpmn import triggers
from engine import commands, forms, new_instances, own_jobs, states
from engine import variables as values
from engine.actors import Actor
from engine.decisions import Answer, Decision, InstanceRow, Move, Raced, Write
from engine.errors import Conflict, Invalid, NotFound
from engine.reading import Reading
from engine.records import ProcessInstance, Variable, VariableList
from engine.settings import Settings
from engine.store import deployments, instances, jobs
from engine.views.process_instances import instance_record
from engine.work import UnitOfWork

ROOT_SCOPE = 1


def of_actor(reading: Reading, instance_id: str, actor: Actor) -> InstanceRow:
    """The instance of that id in the actor's tenant, or `NotFound`."""
    row = instances.find(reading.connection, instance_id)
    if row is None or row.tenant_id != actor.tenant_id:
        raise NotFound(f"there is no process instance {instance_id}")
    return InstanceRow(*row)


def record(definition: Any, instance: InstanceRow) -> ProcessInstance:
    """The instance as the doors show it, with the name and version of its definition's row."""
    return instance_record(instance, definition.version, definition.name)


def start(command: commands.StartProcessInstance, actor: Actor, reading: Reading, settings: Settings) -> Decision:
    """A new instance of the latest version of a key, of a given version, or of a definition id."""
    values.checked(command.variables, settings)
    definition = _definition(command, actor, reading)
    # A start form's fields are checked as declared; integrations may send more than the form asks people for.
    fields = forms.form_fields(reading.definitions.get(definition.id).start_fields)
    names = {field.name for field in fields}
    forms.check(fields, {name: value for name, value in command.variables.items() if name in names})
    if not reading.definitions.get(definition.id).starts_by_call:
        raise Conflict(f"the process {definition.key} has no start event that people can start; it begins by events")
    element_id = _start_event(command, reading.definitions.get(definition.id))
    instance = new_instances.begin(reading, definition, actor.name, command.business_key)
    trigger = triggers.Start(command.variables, actor.name, element_id)
    return Move(instance, trigger, lambda after: record(definition, after))


def _start_event(command: commands.StartProcessInstance, definition: bpmn.ProcessDefinition) -> str | None:
    """The start event that is named; None where there is one at most. Raises `Invalid`."""
    named, there = command.start_element_id, definition.none_starts
    if named is None and len(there) > 1:
        words = f"the process {definition.key} has several start events ({', '.join(there)}); name one"
        raise Invalid(words, errors=[{"field": "start_element_id", "message": "is required here"}])
    if named is not None and named not in there:
        known = ", ".join(there) or "none"
        words = f"the process {definition.key} has no start event {named!r} that people can start; there are: {known}"
        raise Invalid(words, errors=[{"field": "start_element_id", "message": "is no start event to start at"}])
    return named


def _definition(command: commands.StartProcessInstance, actor: Actor, reading: Reading) -> Any:
    key, connection = command.definition_key, reading.connection
    if (key is None) == (command.definition_id is None):
        raise Invalid("give either definition_key or definition_id")
    if command.definition_id is not None:
        if command.version is not None:
            raise Invalid("a version goes with definition_key; a definition_id names one version already")
        found, what = deployments.definition(connection, command.definition_id), command.definition_id
    elif command.version is not None:
        found = deployments.of_version(connection, actor.tenant_id, str(key), command.version)
        what = f"{key} version {command.version}"
    else:
        found, what = deployments.latest(connection, actor.tenant_id, str(key)), str(key)
    if found is None or found.tenant_id != actor.tenant_id:
        raise NotFound(f"there is no process definition {what}")
    return found


def cancel(command: commands.CancelProcessInstance, actor: Actor, reading: Reading) -> Decision:
    """End the instance at once, whatever it waits for."""
    instance = of_actor(reading, command.id, actor)
    states.after(states.PROCESS_INSTANCE, instance.state, "cancelled", _words(instance))
    definition = reading.definitions.row(instance.definition_id)
    if instance.parent_id is not None:
        raise Conflict(
            f"{_words(instance)} is called by the process instance {instance.parent_id}, which waits for it; "
            "cancel that one"
        )

    def settle(work: UnitOfWork, after: InstanceRow) -> None:
        jobs.remove(work.connection, [jobs.continuation_id(after.id)])

    return Move(
        instance,
        triggers.Cancel(),
        lambda after: record(definition, after),
        settle,
        ending={"reason": command.reason, "by": actor.name},
    )


def suspend(command: commands.SuspendProcessInstance, actor: Actor, reading: Reading) -> Decision:
    """Nothing in it moves until it is resumed."""
    return _change(reading, command.id, actor, "suspended")


def resume(command: commands.ResumeProcessInstance, actor: Actor, reading: Reading) -> Decision:
    """Let it go on."""
    return _change(reading, command.id, actor, "resumed")


def _change(reading: Reading, instance_id: str, actor: Actor, verb: str) -> Decision:
    instance = of_actor(reading, instance_id, actor)
    state = states.after(states.PROCESS_INSTANCE, instance.state, verb, _words(instance))
    definition = reading.definitions.row(instance.definition_id)
    if state == instance.state:
        return Answer(record(definition, instance))

    def write(work: UnitOfWork) -> ProcessInstance:
        if not instances.change(work.connection, instance.id, instance.version, state):
            raise Raced
        after = instance._replace(state=state, version=instance.version + 1)
        held = jobs.suspend(work.connection, instance.id, state == states.SUSPENDED)
        if state == states.ACTIVE:
            work.topics.update(job.topic for job in held if job.kind == jobs.EXTERNAL)
            work.own_jobs += [job.id for job in held if job.kind != jobs.EXTERNAL]
        work.emit(
            f"instance.{verb}",
            tenant_id=instance.tenant_id,
            instance_id=instance.id,
            definition_key=instance.definition_key,
            subject_id=instance.id,
            version=after.version,
            data={"by": actor.name},
        )
        return record(definition, after)

    return Write(write)


def set_variables(command: commands.SetVariables, actor: Actor, reading: Reading, settings: Settings) -> Decision:
    """An operator repairs variables, also while the instance is suspended."""
    values.checked(command.variables, settings)
    instance = of_actor(reading, command.id, actor)
    states.after(states.PROCESS_INSTANCE, instance.state, "changed", _words(instance))
    scope, element = command.scope_id, None
    if scope is not None and scope != ROOT_SCOPE:
        element = instances.open_activity(reading.connection, instance.id, scope)
        if element is None:
            raise NotFound(f"there is no scope {scope} in the process instance {instance.id} (any more)")
    listed = VariableList(
        items=[
            Variable(scope_id=scope or ROOT_SCOPE, scope_element_id=element, name=name, value=value)
            for name, value in command.variables.items()
        ]
    )
    return Move(
        instance,
        triggers.SetVariables(command.variables, scope),
        lambda after: listed,
        halt=own_jobs.halts(instance),
    )


def _words(instance: InstanceRow) -> str:
    return f"the process instance {instance.id}"
