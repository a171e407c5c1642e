"""What an instance waits for now: people, machines, times, messages, signals and called processes."""

from __future__ import annotations

from typing import Any

import msgspec

import bpmn
from engine.actors import Actor
from engine.queries import GetWaiting
from engine.reading import Reading
from engine.records import Waiting, WaitingList
from engine.store import instances, jobs, subscriptions, user_tasks
from engine.views.operations import job_record
from engine.views.process_instances import found

_decode = msgspec.json.Decoder(dict[str, Any]).decode


def get_waiting(query: GetWaiting, actor: Actor, reading: Reading) -> WaitingList:
    """In the order in which the waits began."""
    instance = found(reading, actor, query.id)
    definition = reading.definitions.get(instance.definition_id)
    connection = reading.connection
    items: list[tuple[int, Waiting]] = []
    for task in user_tasks.open_of_instance(connection, query.id):
        items.append((task.token, _waiting(task.id, "user_task", task.element_id, definition, name=task.name)))
    for job in jobs.of_instance(connection, query.id):
        shown = _job(job, definition, reading)
        if shown is not None:
            items.append((job.token, shown))
    for row in subscriptions.of_instance(connection, query.id):
        items.append((row.token, _subscription(row, definition)))
    for child in instances.called_by(connection, query.id):
        called = _waiting(
            child.id,
            "call",
            child.parent_element_id,
            definition,
            name=child.definition_key,
            state=child.state,
            called_instance_id=child.id,
        )
        items.append((child.parent_token, called))
    return WaitingList(items=[item for _, item in sorted(items, key=lambda pair: (pair[0], pair[1].id))])


def _job(row: Any, definition: bpmn.ProcessDefinition, reading: Reading) -> Waiting | None:
    record = job_record(row, reading.clock.now())
    if row.kind == "external":
        return _waiting(row.id, "job", row.element_id, definition, name=row.topic, state=record.state)
    if row.kind == "timer":
        return _waiting(row.id, "timer", row.element_id, definition, due_at=row.due_at)
    if row.kind == "call":
        return _waiting(row.id, "call", row.element_id, definition, name=row.topic, state=record.state)
    return None  # on its way, and nothing that the drawing waits for


def _subscription(row: Any, definition: bpmn.ProcessDefinition) -> Waiting:
    carried = _decode(row.keys)
    if row.kind == subscriptions.AD_HOC:
        return _waiting(row.id, row.kind, row.element_id, definition, startable=carried["startable"])
    return _waiting(row.id, row.kind, row.element_id, definition, name=row.name, keys=carried)


def _waiting(id: str, kind: str, element_id: str, definition: bpmn.ProcessDefinition, **more: Any) -> Waiting:
    element = definition.elements.get(element_id)
    return Waiting(
        id=id, kind=kind, element_id=element_id, element_name=None if element is None else element.name, **more
    )
