"""Connections to a SQLite file, each kept open and handed from one transaction to the next.

SQLAlchemy's own pool and transactions do a good deal around each `BEGIN` and `COMMIT` that SQLite does not need; here
the driver is told to begin and end directly, which halves what a short read costs. To SQLAlchemy each connection is in
one transaction that never ends.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import suppress
from typing import Any

from sqlalchemy import URL, Connection, create_engine, event
from sqlalchemy.exc import DBAPIError, SQLAlchemyError, TimeoutError
from sqlalchemy.pool import NullPool


class SqliteConnection(Connection):
    """A connection that knows the driver's own."""

    driver: Any


class SqliteConnections:
    """As many connections to one file as are needed at a time, up to a bound; a few of them stay open."""

    def __init__(self, address: URL, *, kept: int, most: int, wait_seconds: float):
        self.engine = create_engine(
            address, poolclass=NullPool, connect_args={"check_same_thread": False, "timeout": wait_seconds}
        )
        event.listen(self.engine, "connect", _prepare)
        self._kept = kept
        self._most = most
        self._wait_seconds = wait_seconds
        self._idle: list[SqliteConnection] = []
        self._open = 0
        self._changed = threading.Condition()

    def take(self) -> SqliteConnection:
        """A connection outside any transaction. Raises SQLAlchemy's `TimeoutError` when all stay in use."""
        with self._changed:
            if self._idle:
                return self._idle.pop()
            deadline = time.monotonic() + self._wait_seconds
            while self._open >= self._most:
                if not self._changed.wait(deadline - time.monotonic()) and self._open >= self._most:
                    raise TimeoutError(f"all {self._most} connections are in use")
                if self._idle:
                    return self._idle.pop()
            self._open += 1
        try:
            connection = SqliteConnection(self.engine)
            connection.driver = connection.connection.driver_connection
            return connection
        except BaseException:
            self._forget()
            raise

    def give_back(self, connection: SqliteConnection) -> None:
        """Take back what was not committed, and keep the connection for the next."""
        try:
            if connection.driver.in_transaction:
                run(connection, "ROLLBACK")
        except (SQLAlchemyError, sqlite3.Error):
            self.discard(connection)
            return
        with self._changed:
            if len(self._idle) < self._kept:
                self._idle.append(connection)
                self._changed.notify()
                return
        self.discard(connection)

    def discard(self, connection: SqliteConnection) -> None:
        """Close a connection that is not needed or whose state is not known any more."""
        with suppress(SQLAlchemyError, sqlite3.Error):
            connection.invalidate()
            connection.close()
        self._forget()

    def _forget(self) -> None:
        with self._changed:
            self._open -= 1
            self._changed.notify()

    def close(self) -> None:
        """Close what is not in use; the rest is closed when it comes back."""
        self._kept = 0
        with self._changed:
            idle, self._idle = self._idle, []
        for connection in idle:
            self.discard(connection)
        self.engine.dispose()


def run(connection: SqliteConnection, statement: str) -> None:
    """Let the driver run a statement; failures are SQLAlchemy's."""
    try:
        connection.driver.execute(statement)
    except sqlite3.Error as failure:
        raise told(connection, statement, None, failure) from failure


def told(connection: Connection, statement: str, values: Any, failure: sqlite3.Error) -> Exception:
    """The driver's failure as SQLAlchemy would have raised it."""
    found: Exception = DBAPIError.instance(statement, values, failure, sqlite3.Error, dialect=connection.dialect)
    return found


def _prepare(connection: Any, _record: Any) -> None:
    # None: the driver begins no transaction of its own accord.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA cache_size=-4000")
    # The pages that every step changes are then copied into the file once in 16 MB of log, not in 4.
    cursor.execute("PRAGMA wal_autocheckpoint=4000")
    cursor.close()
