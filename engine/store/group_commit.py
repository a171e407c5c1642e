"""Group commit for SQLite: writers who queue in one process share a transaction, and with it one wait for the disk.

A SQLite file has one writer at a time, and each commit waits until the disk has it. So whoever finishes while others
queue does not commit but hands the open transaction on; the last one, or the one at whom it is full, commits for all.
Nobody returns before that commit, so what a caller was told is on the disk. Each one's part is a savepoint: an
exception takes back that part alone.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import NamedTuple

from sqlalchemy.exc import DBAPIError

from engine.errors import Unavailable
from engine.store.sqlite import SqliteConnection, SqliteConnections, run

#: A shared transaction is handed on no more often, and no longer: who came first must not wait for ever.
MOST_MEMBERS = 32
LONGEST_SECONDS = 0.01


class _Shared:
    """One transaction, and those who wait for its commit."""

    def __init__(self, connections: SqliteConnections):
        self._connections = connections
        self.connection = connections.take()
        try:
            run(self.connection, "BEGIN IMMEDIATE")
        except BaseException:
            connections.give_back(self.connection)
            raise
        self.members = 0
        self.began = time.monotonic()
        self.failure: BaseException | None = None
        self._over: threading.Event | None = None

    def full(self) -> bool:
        return self.members >= MOST_MEMBERS or time.monotonic() - self.began > LONGEST_SECONDS

    def hand_on(self) -> None:
        """Another will commit it."""
        if self._over is None:
            self._over = threading.Event()

    def commit(self) -> None:
        """For all members; a failure is theirs, not the committer's alone."""
        try:
            run(self.connection, "COMMIT")
        except BaseException as failure:
            # It may still be open, as after a constraint that is checked at the end: this connection is done with.
            self._finish(failure, self._connections.discard)
        else:
            self._finish(None, self._connections.give_back)

    def break_off(self, failure: BaseException | None) -> None:
        """Nothing of it stays: giving a connection back takes back what was not committed."""
        self._finish(failure, self._connections.give_back)

    def _finish(self, failure: BaseException | None, leave: Callable[[SqliteConnection], None]) -> None:
        self.failure = failure
        try:
            leave(self.connection)
        finally:
            if self._over is not None:
                self._over.set()

    def wait(self) -> None:
        """Return when it is committed; raise if it could not be."""
        if self._over is not None:
            self._over.wait()
        if self.failure is not None:
            raise Unavailable("the database could not commit; try again") from self.failure


class Part(NamedTuple):
    """What one writer does of a shared transaction."""

    shared: _Shared
    first: bool

    @property
    def connection(self) -> SqliteConnection:
        """The connection in the transaction."""
        return self.shared.connection


class GroupCommit:
    """The writers of one process and one SQLite file."""

    def __init__(self, connections: SqliteConnections, wait_seconds: float):
        self._connections = connections
        self._wait_seconds = wait_seconds
        self._changed = threading.Condition()
        self._busy = False
        self._queue = 0
        self._shared: _Shared | None = None

    def begin(self) -> Part:
        """A part of the write transaction, when it is this writer's turn; every part must be ended."""
        self._enter()
        try:
            shared = self._shared
            if shared is None:
                shared = self._shared = _Shared(self._connections)
                return Part(shared, True)
            run(shared.connection, "SAVEPOINT part")
            return Part(shared, False)
        except BaseException:
            self._leave()
            raise

    def end(self, part: Part, failure: BaseException | None) -> None:
        """Return when it is committed, alone or with others; with a failure, take this part back."""
        shared = part.shared
        try:
            if failure is not None:
                self._take_back(shared, failure)
                return
            try:
                if not part.first:
                    run(shared.connection, "RELEASE part")
                shared.members += 1
            except BaseException as late:
                self._take_back(shared, late)
                raise
        finally:
            self._leave()
        shared.wait()

    def _take_back(self, shared: _Shared, failure: BaseException) -> None:
        """Undo one part; where SQLite has undone the whole by itself, the others' parts are lost with it."""
        if shared.members:
            try:
                run(shared.connection, "ROLLBACK TO part")
                run(shared.connection, "RELEASE part")
                return
            except DBAPIError as lost:
                failure = lost
        self._shared = None
        shared.break_off(failure)

    def _take(self) -> bool:
        """Whether it is our turn now."""
        free = not self._busy
        self._busy = True
        return free

    def _enter(self) -> None:
        free = False
        with self._changed:
            if self._take():
                return
            self._queue += 1
            try:
                free = self._changed.wait_for(self._take, self._wait_seconds)
            finally:
                self._queue -= 1
                if not free and not self._busy and not self._queue and self._shared is not None:
                    # Interrupted just when the transaction was handed to us: nobody else will commit it.
                    self._shared.commit()
                    self._shared = None
        if not free:
            raise Unavailable("the database is busy; try again")

    def _leave(self) -> None:
        with self._changed:
            shared = self._shared
            if shared is None or (self._queue and not shared.full()):
                if shared is not None:
                    shared.hand_on()
                self._busy = False
                self._changed.notify()
                return
            self._shared = None
        # Still busy: nobody begins the next transaction before this one has reached the disk.
        shared.commit()
        with self._changed:
            self._busy = False
            self._changed.notify()
