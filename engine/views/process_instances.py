"""Process instances: how they stand, what happened in them, what they wait for and what they know."""

from __future__ import annotations

from typing import Any

import msgspec

import bpmn
from engine import rights
from engine.actors import Actor
from engine.errors import NotFound
from engine.queries import GetActivities, GetProcessInstance, GetVariables, ListProcessInstances
from engine.reading import Reading
from engine.records import (
    Activities,
    ActivityInstance,
    AwaitedFlow,
    Join,
    Page,
    ProcessInstance,
    Variable,
    VariableList,
)
from engine.store import instances as live
from engine.store import reading_instances as store
from engine.store.rows import Row
from engine.views import paging

_ENDED = ("completed", "cancelled", "failed")


def list_process_instances(query: ListProcessInstances, actor: Actor, reading: Reading) -> Page[ProcessInstance]:
    """Newest first."""
    rows = store.instances(
        reading.connection,
        actor.tenant_id,
        started_by=_own_only(actor),
        definition_key=query.definition_key,
        definition_id=query.definition_id,
        business_key=query.business_key,
        parent_id=query.parent_id,
        state=query.state,
        incidents=query.incidents,
        before=paging.text(query.cursor, "process-instances"),
        limit=query.limit + 1,
    )
    return paging.page(rows, query.limit, _record, "process-instances", lambda row: row.id)


def get_process_instance(query: GetProcessInstance, actor: Actor, reading: Reading) -> ProcessInstance:
    """One instance."""
    return _record(found(reading, actor, query.id))


def get_activities(query: GetActivities, actor: Actor, reading: Reading) -> Activities:
    """A page of the history, oldest first; and, whatever the page, what joins wait for now."""
    instance = found(reading, actor, query.id)
    definition = reading.definitions.get(instance.definition_id)
    after = paging.number(query.cursor, "activities")
    rows = store.activities(reading.connection, query.id, after, query.limit + 1)
    rows, following = paging.cut(rows, query.limit, "activities", lambda row: row.activity_id)
    execution = _execution(instance, definition, reading)
    return Activities(
        items=[_activity(row, definition) for row in rows],
        joins=[] if execution is None else _joins(execution, definition),
        next_cursor=following,
    )


def get_variables(query: GetVariables, actor: Actor, reading: Reading) -> VariableList:
    """The variables of every scope, the instance's own first."""
    instance = found(reading, actor, query.id)
    execution = _execution(instance, reading.definitions.get(instance.definition_id), reading)
    scopes = {} if execution is None else execution.scopes()
    return VariableList(
        items=[
            Variable(
                scope_id=row.scope_id,
                scope_element_id=scopes.get(row.scope_id),
                name=row.name,
                value=msgspec.json.decode(row.value),
            )
            for row in store.variables(reading.connection, query.id)
        ]
    )


def instance_record(row: Any, definition_version: int, definition_name: str) -> ProcessInstance:
    """The record of an instance as stored."""
    return ProcessInstance(
        id=row.id,
        definition_id=row.definition_id,
        definition_key=row.definition_key,
        definition_version=definition_version,
        definition_name=definition_name,
        business_key=row.business_key,
        state=row.state,
        version=row.version,
        started_at=row.started_at,
        started_by=row.started_by,
        ended_at=row.ended_at,
        incidents=row.incidents,
        parent_id=row.parent_id,
        parent_element_id=row.parent_element_id,
    )


def _record(row: Row[Any]) -> ProcessInstance:
    return instance_record(row, row.definition_version, row.definition_name)


def found(reading: Reading, actor: Actor, instance_id: str) -> Row[Any]:
    """The instance, if it is there for the actor; else `NotFound`."""
    row = store.instance(reading.connection, actor.tenant_id, instance_id, _own_only(actor))
    if row is None:
        raise NotFound(f"There is no process instance {instance_id[:80]!r}.")
    return row


def _own_only(actor: Actor) -> str | None:
    """Whose instances the actor sees; None: everybody's."""
    return None if rights.oversees_instances(actor) else actor.name


def _execution(instance: Row[Any], definition: bpmn.ProcessDefinition, reading: Reading) -> bpmn.Execution | None:
    """The live state, where there is one; what only looks at its shape needs no variables."""
    if instance.state in _ENDED:
        return None
    return bpmn.Execution.restore(definition, live.rows(reading.connection, instance.id), {})


def _activity(row: Row[Any], definition: bpmn.ProcessDefinition) -> ActivityInstance:
    return ActivityInstance(
        id=row.activity_id,
        element_id=row.element_id,
        element_name=_name(definition, row.element_id),
        kind=row.kind,
        parent=row.parent,
        flow_id=row.flow_id,
        state=row.state,
        started_at=row.started_at,
        ended_at=row.ended_at,
        detail=None if row.detail is None else msgspec.json.decode(row.detail),
    )


def _joins(execution: bpmn.Execution, definition: bpmn.ProcessDefinition) -> list[Join]:
    return [
        Join(
            element_id=element_id,
            element_name=_name(definition, element_id),
            scope_id=scope_id,
            flows=[_awaited(definition, flow_id, arrived) for flow_id, arrived in flows.items()],
        )
        for element_id, scope_id, flows in execution.joins()
    ]


def _awaited(definition: bpmn.ProcessDefinition, flow_id: str, arrived: int) -> AwaitedFlow:
    source_id = definition.flows[flow_id].source
    return AwaitedFlow(flow_id=flow_id, source_id=source_id, source_name=_name(definition, source_id), arrived=arrived)


def _name(definition: bpmn.ProcessDefinition, element_id: str) -> str | None:
    element = definition.elements.get(element_id)
    return None if element is None else element.name
