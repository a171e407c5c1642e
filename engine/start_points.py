"""Start events that begin instances by themselves: the latest version of a process waits for their messages and
signals, and has their timers (BPMN 2.0.2, 10.5.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import bpmn
from bpmn import events as e
from bpmn.templates import fill
from engine import mailbox, timers
from engine.errors import Refused
from engine.records import Problem
from engine.store import deployments, jobs, subscriptions
from engine.work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Opening:
    """One event of a start event: a message or signal by name, or a timer."""

    element_id: str
    slot: int
    kind: str
    name: str = ""
    timer: bpmn.StartTimer | None = None


def openings(definition: bpmn.ProcessDefinition, evaluator: bpmn.Evaluator, now: datetime) -> list[Opening]:
    """What a definition waits for from its deployment on. Raises `Refused` for a timer without a time."""
    context = bpmn.StepContext(evaluator=evaluator, now=now)
    found = []
    for point in definition.start_points:
        for slot, event in enumerate(point.events):
            match event:
                case e.Message():
                    found.append(Opening(point.element_id, slot, subscriptions.MESSAGE, fill(event.name.source, {})))
                case e.Signal():
                    found.append(Opening(point.element_id, slot, subscriptions.SIGNAL, fill(event.name.source, {})))
                case e.Timer():
                    timer = _timer(definition, point.element_id, event, context)
                    found.append(Opening(point.element_id, slot, "timer", timer=timer))
    return found


def _timer(
    definition: bpmn.ProcessDefinition, element_id: str, event: e.Timer, context: bpmn.StepContext
) -> bpmn.StartTimer:
    try:
        return bpmn.start_timer(definition, element_id, event, context)
    except bpmn.EvaluationFailed as failure:
        _refuse("timer_syntax", failure.message, element_id)
        raise AssertionError from failure


def _refuse(code: str, message: str, element_id: str | None) -> None:
    problem = Problem(code=code, message=message, element_id=element_id, file=None)
    raise Refused(f"nothing was deployed: {message}", problems=[problem])


def replace(
    work: UnitOfWork, found: Mapping[str, Sequence[Opening]], versions: Sequence[tuple[Mapping[str, Any], Any]]
) -> None:
    """The new versions (their rows) begin instances from now on, and those before them (None: there was none) do not.
    Raises `Refused` if a message would begin two processes."""
    for _, before in versions:
        if before is not None:
            subscriptions.remove_starts(work.connection, before.id)
            jobs.remove(work.connection, jobs.timers_of_definition(work.connection, before.id))
    for row, _ in versions:
        _open(work, row, found[row["key"]])


def _open(work: UnitOfWork, definition: Mapping[str, Any], found: Sequence[Opening]) -> None:
    connection, tenant_id = work.connection, definition["tenant_id"]
    waits: list[dict[str, Any]] = []
    schedule = []
    stored = deployments.definition(connection, definition["id"])
    for number, one in enumerate(found):
        if one.timer is not None:
            schedule.append(timers.of_start(work, stored, one.element_id, one.slot, one.timer))
            continue
        if one.kind == subscriptions.MESSAGE:
            _check_alone(work, tenant_id, one)
        waits.append(
            {
                "id": f"{definition['id']}.start-{number}",
                "tenant_id": tenant_id,
                "kind": one.kind,
                "name": one.name[:255],
                "key_hash": "",
                "keys": "{}",
                "instance_id": None,
                "definition_id": definition["id"],
                "token": 0,
                "slot": one.slot,
                "element_id": one.element_id,
            }
        )
    if waits:
        subscriptions.add(connection, waits)
        awaited = [mailbox.Awaited(**row) for row in waits if row["kind"] == subscriptions.MESSAGE]
        schedule += mailbox.offer(work, awaited)
    if schedule:
        jobs.add_own(connection, schedule)


def _check_alone(work: UnitOfWork, tenant_id: str, one: Opening) -> None:
    for other in subscriptions.starts(work.connection, tenant_id, subscriptions.MESSAGE, one.name):
        row = deployments.definition(work.connection, other.definition_id)
        assert row is not None  # the database holds on to it
        _refuse(
            "message_starts_two",
            f"The message {one.name!r} starts the process {row.key} already, at {other.element_id}; a message has one "
            "receiver, so give this start event another one.",
            one.element_id,
        )
