"""A trigger moves an instance: compute the step with no lock held, then write what came of it in one transaction.

The one place where `bpmn` runs. `compute` may be repeated as often as the race is lost; `apply` is all or nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, NamedTuple

import msgspec

import bpmn
from engine import effects, own_jobs, states
from engine.clock import Clock
from engine.decisions import InstanceRow, Move, Raced
from engine.errors import Invalid
from engine.executions import Live, LiveExecutions, load
from engine.reading import Reading
from engine.settings import Settings
from engine.store import data_stores, instances, jobs
from engine.store.data_stores import Stored
from engine.variables import MAX_NAME
from engine.work import UnitOfWork


class Prepared(NamedTuple):
    """All that a step reads from the store."""

    definition: bpmn.ProcessDefinition
    live: Live
    stores: Mapping[str, Stored]


@dataclass(frozen=True, slots=True)
class Computed:
    """A step that is computed and not yet written."""

    move: Move
    prepared: Prepared
    step: bpmn.Step


def prepare(reading: Reading, move: Move, kept: LiveExecutions) -> Prepared:
    """Read what the step needs; after this the connection can go."""
    instance = move.instance
    definition = reading.definitions.get(instance.definition_id)
    stores: Mapping[str, Stored] = {}
    if definition.stores:
        stores = data_stores.read(reading.connection, instance.tenant_id, definition.stores)
    if instance.version == 0:
        return Prepared(definition, Live(bpmn.Execution.new(definition), 0), stores)
    live = kept.take(instance.id, instance.version) or load(reading, instance)
    return Prepared(definition, live, stores)


def compute(move: Move, prepared: Prepared, evaluator: bpmn.Evaluator, clock: Clock, settings: Settings) -> Computed:
    """Run the instance to where every token waits, or until the step is cut short. Raises `bpmn.NotWaiting`."""
    seed = blake2b(f"{move.instance.id}:{move.instance.version}".encode(), digest_size=6)
    context = bpmn.StepContext(
        evaluator=evaluator,
        now=clock.now(),
        seed=int.from_bytes(seed.digest(), "big"),
        limits=bpmn.Limits(elements=0 if move.halt else settings.step_elements, entries=settings.loop_limit),
        pause=_after(settings.step_seconds),
        called=move.instance.parent_id is not None,
        stores={name: msgspec.json.decode(stored.value) for name, stored in prepared.stores.items()},
    )
    live = prepared.live
    step = live.execution.step(move.trigger, context)
    live.weight += sum(len(text) for text in step.rows.values() if text is not None)
    for (_, name), text in step.variables.items():
        if len(name) > MAX_NAME:
            raise Invalid(f"a variable's name has {len(name)} characters; at most {MAX_NAME} can be stored")
        live.weight += len(text or "")
    return Computed(move, prepared, step)


def _after(seconds: float) -> Callable[[], bool]:
    deadline = time.monotonic() + seconds
    return lambda: time.monotonic() >= deadline


def apply(work: UnitOfWork, computed: Computed) -> InstanceRow:
    """Write a step. Raises `Raced` if the instance is not at the version it was computed from."""
    move, step = computed.move, computed.step
    before = move.instance
    ended_at = None if step.state == states.ACTIVE else work.now
    after = before._replace(
        state=before.state if ended_at is None else step.state, version=before.version + 1, ended_at=ended_at
    )
    if before.version == 0:
        instances.add(work.connection, after._asdict())
        _emit_instance(work, after, "started", _beginning(after))
    elif not instances.move(work.connection, before.id, before.version, after.state, ended_at):
        raise Raced
    move.settle(work, after)
    instances.save(work.connection, before.id, step.rows, step.variables, new=before.version == 0)
    if step.variables and before.version:
        names = sorted({name for (_, name) in step.variables})
        _emit_instance(work, after, "changed", {"names": names[:100]}, noun="variables")
    after = effects.apply(work, computed.prepared.definition, after, step.effects, computed.prepared.stores)
    if ended_at is not None:
        _emit_instance(work, after, after.state, move.ending)
    elif step.paused:
        _continue_later(work, after)
    return after


def _beginning(instance: InstanceRow) -> dict[str, Any]:
    told: dict[str, Any] = {"business_key": instance.business_key, "started_by": instance.started_by}
    if instance.parent_id is not None:
        told |= {"parent_id": instance.parent_id, "parent_element_id": instance.parent_element_id}
    return told


def _emit_instance(
    work: UnitOfWork, instance: InstanceRow, verb: str, data: Mapping[str, Any], noun: str = "instance"
) -> None:
    work.emit(
        f"{noun}.{verb}",
        tenant_id=instance.tenant_id,
        instance_id=instance.id,
        definition_key=instance.definition_key,
        subject_id=instance.id,
        version=instance.version,
        data=data,
    )


def _continue_later(work: UnitOfWork, instance: InstanceRow) -> None:
    """The step was cut short: a job of our own goes on with it, after this commit or after a crash."""
    row = own_jobs.of_instance(
        work,
        own_jobs.CONTINUATION,
        instance,
        job_id=jobs.continuation_id(instance.id),
        suspended=instance.state == states.SUSPENDED,
    )
    jobs.add_own(work.connection, [row])
