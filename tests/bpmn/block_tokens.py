"""What the reference of `block_model` moves: tokens in areas, what is waited for, what can be undone."""

from __future__ import annotations

from collections import Counter, deque
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


class Moves:
    """How tokens move: each element runs when it is its turn."""

    def __init__(self) -> None:
        self.ran: Counter[str] = Counter()
        self.cancelled: Counter[str] = Counter()
        self.waits: list[Wait] = []
        self._ready: deque[Then] = deque()
        self._joins: list[tuple[Area, Then]] = []

    def _run(self) -> None:
        while True:
            if self._ready:
                self._ready.popleft()()
            elif self._joins:
                area, fire = self._joins.pop(0)
                if area.live:
                    fire()
            else:
                return

    def _visit(self, area: Area, name: str, work: Callable[[Token], None]) -> Token:
        """An element is reached: it runs when it is its turn."""
        token = Token(name, area)
        area.tokens.append(token)
        self._ready.append(lambda: work(token) if token.live else None)
        return token

    def _pass(self, area: Area, name: str, then: Then | None = None) -> None:
        """An element that is done at once."""
        self._visit(area, name, lambda token: self._done(token, then or (lambda: None)))

    def _done(self, token: Token, then: Then) -> None:
        self.ran[token.name] += 1
        self._gone(token)
        then()
        area = token.area
        area.tokens.remove(token)
        if area.live and not area.tokens and not area.held:
            self._close(area)
            area.over()

    def _close(self, area: Area) -> None:
        area.live = False
        self._deafen(area)

    def _deafen(self, area: Area) -> None:
        """Its event sub-processes listen no more."""
        for listener in area.listeners:
            self._gone(listener)
        area.listeners.clear()

    def _gone(self, token: Token) -> None:
        token.live = False
        token.watches.clear()
        self.waits = [wait for wait in self.waits if wait.token is not token]

    def _cancel(self, token: Token) -> None:
        if not token.live:
            return
        self._gone(token)
        self.cancelled[token.name] += 1
        token.area.tokens.remove(token)
        for part in token.parts:
            if isinstance(part, Token):
                self._cancel(part)
            else:
                self._close(part)
                for inner in list(part.tokens):
                    self._cancel(inner)

    def _clear(self, area: Area) -> None:
        """All that runs or listens in it ends."""
        self._deafen(area)
        for token in list(area.tokens):
            self._cancel(token)
        area.held = 0
        self._joins = [join for join in self._joins if join[0] is not area]
