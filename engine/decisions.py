"""What a command handler decides, from what it has read. The loop in `engine.engine` carries it out.

A handler never writes while it decides and never calls another handler: whatever must follow is in the decision.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.store import instances
from engine.work import UnitOfWork

if TYPE_CHECKING:
    from bpmn.triggers import Trigger
    from engine.reading import Reading


class Raced(Exception):
    """Somebody else changed what a decision rests on; the command starts over from its reading."""


class InstanceRow(NamedTuple):
    """A process instance as stored, in the order of the table's columns."""

    id: str
    tenant_id: str
    definition_id: str
    definition_key: str
    business_key: str | None
    state: str
    version: int  # 0: not stored yet
    incidents: int
    started_at: datetime
    started_by: str
    ended_at: datetime | None
    parent_id: str | None = None  # the instance that called it,
    parent_token: int | None = None  # and where that waits
    parent_element_id: str | None = None

    @classmethod
    def of(cls, row: Any) -> InstanceRow:
        """The instance that a row of something in it was read with."""
        return cls(*instances.joined(row))


def _nothing(work: UnitOfWork, instance: InstanceRow) -> None:
    """Most moves have nothing of their own to write."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Nothing is to be done; this is the answer."""

    record: Any


@dataclass(frozen=True, slots=True)
class Write:
    """One short write transaction. `write` raises `Raced` when it finds its ground changed; `then` makes the answer
    of what it returned, after the commit and with no lock held."""

    write: Callable[[UnitOfWork], Any]
    then: Callable[[Reading, Any], Any] | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """Take a step in a process instance, then write it all in one transaction.

    `settle` writes what belongs to the trigger itself (the task completed, the job done under its token) and comes
    before the effects of the step; `answer` makes the record from the instance as it stands after them.
    """

    instance: InstanceRow
    trigger: Trigger
    answer: Callable[[InstanceRow], Any]
    settle: Callable[[UnitOfWork, InstanceRow], None] = _nothing
    halt: bool = False  # take in the trigger, but run nothing (the instance is suspended)
    ending: Mapping[str, Any] = field(default_factory=dict)  # told with the event, if the instance ends
    then: Callable[[Reading, Any], Any] | None = None  # makes the answer after the commit, of what `answer` made
    lapsed: Callable[[UnitOfWork], Any] | None = None  # what to write if nothing waits there any more (else: Conflict)


Decision = Answer | Write | Move
