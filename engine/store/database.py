"""Connections and transactions. Everything that knows a difference between SQLite and PostgreSQL in how to connect,
begin and fail stands here.

Reads see one snapshot. Writes on SQLite take the file's write lock at once (`BEGIN IMMEDIATE`); the threads of one
process queue for it in memory, as SQLite itself would let them sleep and poll, and share their commits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from types import TracebackType
from typing import Literal

from sqlalchemy import URL, Connection, create_engine, exc, text
from sqlalchemy.engine import make_url

from engine.clock import Clock, SystemClock
from engine.errors import Invalid, Unavailable
from engine.store.group_commit import GroupCommit
from engine.store.sqlite import SqliteConnections, run

__all__ = ["Connection", "Database", "Dialect"]

Dialect = Literal["sqlite", "postgresql"]


def driver_url(url: str) -> URL:
    """The URL with the driver we use; `ValueError` for a database we do not know."""
    address = make_url(url)
    match address.get_backend_name():
        case "postgresql":
            return address.set(drivername="postgresql+psycopg")
        case "sqlite":
            return address
        case other:
            raise ValueError(f"unknown database {other!r}: use sqlite:///path or postgresql://user@host/name")


class Database:
    """One database: `read()` and `write()` hand out a connection in a transaction."""

    def __init__(
        self,
        url: str,
        *,
        pool: int = 10,
        overflow: int = 30,
        wait_seconds: float = 10.0,
        lease_clock: Clock | None = None,
    ):
        """`lease_clock` replaces the database's own clock in what leases are compared with."""
        address = driver_url(url)
        self.dialect: Dialect = "sqlite" if address.get_backend_name() == "sqlite" else "postgresql"
        self._lease_clock = lease_clock
        self._group: GroupCommit | None = None
        self._files: SqliteConnections | None = None
        if self.dialect == "sqlite":
            self._files = SqliteConnections(address, kept=pool, most=pool + overflow, wait_seconds=wait_seconds)
            self._group = GroupCommit(self._files, wait_seconds)
            self._engine = self._files.engine
        else:
            self._engine = create_engine(
                address, pool_size=pool, max_overflow=overflow, pool_timeout=wait_seconds, pool_pre_ping=True
            )
            # One snapshot for all statements of a read: an instance's row, state and variables belong together.
            self._reader = self._engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            self._writer = self._engine.execution_options(isolation_level="READ COMMITTED")

    def read(self) -> AbstractContextManager[Connection]:
        """A connection that sees one snapshot and changes nothing."""
        return _Snapshot(self._files) if self._files is not None else _server(self._reader.connect)

    def write(self) -> AbstractContextManager[Connection]:
        """A connection in a write transaction: committed at the end, rolled back by an exception."""
        return _Shared(self._group) if self._group is not None else _server(self._writer.begin)

    def lease_now(self, connection: Connection) -> datetime:
        """The instant that leases are compared with: of the database, where several machines share one; on SQLite
        all processes share the machine, so its clock will do."""
        if self._lease_clock is not None:
            return self._lease_clock.now()
        if self.dialect == "postgresql":
            now: datetime = connection.exec_driver_sql("SELECT clock_timestamp()").scalar_one()
            return now
        return SystemClock().now()

    def ready(self) -> bool:
        """Whether the database answers."""
        try:
            with self.read() as connection:
                connection.execute(text("SELECT 1"))
                return True
        except Unavailable:
            return False

    def close(self) -> None:
        """Give all pooled connections back."""
        if self._files is not None:
            self._files.close()
        else:
            self._engine.dispose()


@contextmanager
def _server(opened: Callable[[], AbstractContextManager[Connection]]) -> Iterator[Connection]:
    """A transaction on PostgreSQL."""
    try:
        with opened() as connection:
            yield connection
    except Exception as failure:
        _translate(failure)
        raise


class _Snapshot:
    """A read on SQLite. A class, as are writes: generators would cost as much as the statements inside."""

    __slots__ = ("_connection", "_files")

    def __init__(self, files: SqliteConnections):
        self._files = files

    def __enter__(self) -> Connection:
        try:
            connection = self._connection = self._files.take()
            try:
                run(connection, "BEGIN")
            except BaseException:
                self._files.give_back(connection)
                raise
        except Exception as failure:
            _translate(failure)
            raise
        return connection

    def __exit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._files.give_back(self._connection)
        if failure is not None:
            _translate(failure)


class _Shared:
    """A write on SQLite, in a transaction that it may share with others."""

    __slots__ = ("_group", "_part")

    def __init__(self, group: GroupCommit):
        self._group = group

    def __enter__(self) -> Connection:
        try:
            self._part = self._group.begin()
        except Exception as failure:
            _translate(failure)
            raise
        return self._part.connection

    def __exit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._group.end(self._part, failure)
        except Exception as late:
            _translate(late)
            raise
        if failure is not None:
            _translate(failure)


class Interlocked(Unavailable):
    """Two transactions waited for each other, and the database ended this one: begun again it comes through."""


#: PostgreSQL's deadlock_detected and serialization_failure.
_INTERLOCKED = frozenset({"40P01", "40001"})


def _translate(failure: BaseException) -> None:
    """Raise failures of the database in the engine's words; broken constraints pass, as they are faults of ours."""
    match failure:
        case exc.OperationalError() if getattr(failure.orig, "sqlstate", None) in _INTERLOCKED:
            raise Interlocked(f"the database is busy: {_first_line(failure)}; try again") from failure
        case exc.OperationalError() | exc.InterfaceError() | exc.TimeoutError():
            raise Unavailable(f"the database does not answer: {_first_line(failure)}; try again") from failure
        case exc.DataError():
            raise Invalid(f"a value cannot be stored: {_first_line(failure)}") from failure
        case OverflowError():
            raise Invalid("a number is larger than the database stores") from failure
        case UnicodeEncodeError():
            raise Invalid("a text holds a character that cannot be stored (half of a surrogate pair)") from failure


def _first_line(failure: BaseException) -> str:
    original = getattr(failure, "orig", None) or failure
    return str(original).strip().split("\n")[0]
