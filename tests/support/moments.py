"""Moments of a write transaction, so that tests can interfere in them or crash there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from engine import Engine
from engine.store.database import Connection


class Moments:
    """What happens around each write transaction of one engine, from `watch` on."""

    def __init__(self) -> None:
        self.writes = 0
        self.before: Callable[[], object] = lambda: None  # decided, not begun
        self.inside: Callable[[], object] = lambda: None  # all is written, nothing committed
        self.after: Callable[[], object] = lambda: None  # committed, nobody told yet

    def watch(self, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
        write = engine.database.write

        @contextmanager
        def watched() -> Iterator[Connection]:
            self.before()
            with write() as connection:
                yield connection
                self.writes += 1
                self.inside()
            self.after()

        monkeypatch.setattr(engine.database, "write", watched)
