"""The frozen view of a checked diagram that everyone outside `bpmn` sees.

A definition is parsed once per version, shared by all its instances and threads, and never changed by running.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bpmn.effects import FormField
from bpmn.evaluation import Expression
from bpmn.events import Definition
from bpmn.problems import Problem


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow (BPMN 2.0.2, 8.4.13). `condition` is None where it is always taken or where it is the default."""

    id: str
    source: str
    target: str
    name: str | None = None
    condition: Expression | None = None
    is_default: bool = False


@dataclass(frozen=True, slots=True)
class Element:
    """A flow node. `incoming` and `outgoing` are flow ids in document order; `parent` is the enclosing sub-process;
    `repeats`: a loop or multi-instance, whose runs are activity instances beside the whole of it."""

    id: str
    kind: str
    name: str | None = None
    lane: str | None = None
    parent: str | None = None
    incoming: tuple[str, ...] = ()
    outgoing: tuple[str, ...] = ()
    repeats: bool = False


@dataclass(frozen=True, slots=True)
class StartPoint:
    """An element at which an event from outside starts an instance."""

    element_id: str
    events: tuple[Definition, ...]
    parallel_multiple: bool = False


@dataclass(frozen=True)
class ProcessDefinition:
    """One executable process of a document."""

    key: str
    name: str
    elements: Mapping[str, Element]
    flows: Mapping[str, Flow]
    start_fields: tuple[FormField, ...] = ()
    initiator: str | None = None
    loop_limit: int | None = None
    start_points: tuple[StartPoint, ...] = ()
    #: The data stores that its activities read and write, by their names in the configuration.
    stores: frozenset[str] = frozenset()
    #: Message name → correlation key → where its value stands in the payload (8.4.2); see `message_keys`.
    message_paths: Mapping[str, tuple[tuple[str, Expression], ...]] = field(default_factory=dict)
    #: Where its timers count days and months, by its name in the tz database; None: where the step's clock stands.
    time_zone: str | None = None
    # The graph that runs it: SpiffWorkflow's specs, opaque outside `bpmn`.
    spec: Any = field(default=None, repr=False, compare=False)
    sub_specs: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def starts_by_call(self) -> bool:
        """Whether people and call activities can start it: it has a start event without an event definition, or
        elements that nothing leads to (13.4.1)."""
        return bool(self.spec.starts)

    @property
    def none_starts(self) -> tuple[str, ...]:
        """Its start events without an event definition, in document order: one of them begins an instance (10.5.2)."""
        return tuple(spec.bpmn_id for spec in self.spec.starts if spec.kind == "start_event")


@dataclass(frozen=True, slots=True)
class Document:
    """A checked file: its executable processes, and the warnings found."""

    definitions: tuple[ProcessDefinition, ...]
    problems: tuple[Problem, ...] = ()
