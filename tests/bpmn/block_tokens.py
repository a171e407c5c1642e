"""What the reference of `block_model` moves: tokens in areas, what is waited for, what can be undone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.bpmn.random_blocks import Block

Then = Callable[[], None]


@dataclass(eq=False)
class Record:
    """Something that completed and can be undone; `inside`: of a sub-process, what was done in it."""

    block: Block
    variables: dict[str, Any]
    inside: list[Record] | None = None
    name: str = ""  # of an event sub-process


@dataclass(eq=False)
class Area:
    """The inside of the process or of one run of a sub-process; `by_event`: of one that an event began."""

    host: Token | None
    over: Then
    by_event: bool = False
    listeners: list[Token] = field(default_factory=list)  # of its event sub-processes
    tokens: list[Token] = field(default_factory=list)
    held: int = 0  # tokens at inclusive joins
    records: list[Record] = field(default_factory=list)
    live: bool = True


@dataclass(eq=False)
class Watch:
    """An event attached to an activity that runs."""

    name: str
    kind: str
    interrupting: bool
    left: int
    happen: Then


@dataclass(eq=False)
class Token:
    """One run of one element."""

    name: str
    area: Area
    live: bool = True
    body: Token | None = None  # of a turn: the multi-instance
    watches: list[Watch] = field(default_factory=list)
    parts: list[Token | Area] = field(default_factory=list)  # what ends with it


@dataclass(eq=False)
class Wait:
    """Something that somebody outside can bring about. `kind`: user, service, or that of an event."""

    kind: str
    name: str
    token: Token
    happen: Then
