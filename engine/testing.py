"""What tests of and with the engine need: a clock that stands still, and an engine of one's own."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from engine import Engine, Settings, migrate, open_engine


class ManualClock:
    """Tells the time it was set to, until it is advanced."""

    def __init__(self, start: datetime = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)):
        self._now = start

    def now(self) -> datetime:
        """The time it was set to."""
        return self._now

    def advance(self, by: timedelta | None = None, **amount: float) -> None:
        """Let time pass, e.g. `advance(seconds=61)`."""
        self._now += by if by is not None else timedelta(**amount)


@contextmanager
def temporary_engine(**settings: Any) -> Iterator[Engine]:
    """An engine on SQLite in a folder of its own that goes away with it. Nothing runs in the background."""
    with tempfile.TemporaryDirectory(prefix="signalbox-") as folder:
        file = Path(folder) / "signalbox.sqlite3"
        shutil.copyfile(empty_sqlite(), file)
        engine = open_engine(msgspec.convert({"database_url": f"sqlite:///{file}", **settings}, Settings))
        try:
            yield engine
        finally:
            engine.close()


@cache
def empty_sqlite() -> Path:
    """A migrated database without content, made once a process, to be copied."""
    folder = tempfile.mkdtemp(prefix="signalbox-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    file = Path(folder) / "empty.sqlite3"
    migrate(Settings(database_url=f"sqlite:///{file}"))
    return file
