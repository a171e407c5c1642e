"""Bring a database's schema up to date, and say how it stands.

The revisions lie in the folder `migrations` beside the folder `engine`, in a checkout and in an installed wheel alike.
Alembic is imported only to migrate: a server that merely asks how the schema stands does not carry it.
"""

from __future__ import annotations

import threading
from functools import cache
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from engine.errors import Conflict, Unavailable

SchemaState = Literal["current", "missing", "older", "newer"]

# The key of PostgreSQL's advisory lock that keeps two migrations of one database apart.
_LOCK = 0x5160A1B0
# Alembic keeps its context in a module, so one process migrates one database at a time.
_ONE_AT_A_TIME = threading.Lock()


def migrations_folder() -> Path:
    """Where env.py and the revisions are."""
    folder = Path(__file__).resolve().parents[2] / "migrations"
    if not (folder / "env.py").is_file():
        raise FileNotFoundError(
            f"This installation has no migrations: {folder} is missing. Install signalbox-bpmn again."
        )
    return folder


@cache
def revisions() -> tuple[str, ...]:
    """The revisions this version knows, first to last; a revision's file name begins with its number."""
    found = sorted(path.name.partition("_")[0] for path in (migrations_folder() / "versions").glob("[0-9]*_*.py"))
    return tuple(found)


def schema_state(url: str) -> SchemaState:
    """How the schema of the database at `url` stands to this version of ours."""
    database = _open(url)
    try:
        with database.connect() as connection:
            return schema_state_of(connection)
    finally:
        database.dispose()


def schema_state_of(connection: Connection) -> SchemaState:
    """As `schema_state`, over a connection that is open already."""
    revision = _revision(connection)
    if revision is None:
        return "missing"
    if revision not in revisions():
        return "newer"
    return "current" if revision == revisions()[-1] else "older"


def migrate(url: str) -> None:
    """Build or upgrade the schema, all of it or nothing. Two that migrate at once do it one after the other."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    database = _open(url)
    try:
        with _ONE_AT_A_TIME, database.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            if schema_state_of(connection) == "newer":
                raise Conflict(
                    f"The database's schema (revision {_revision(connection)}) is newer than this version of Signalbox "
                    f"(which knows up to {revisions()[-1]}). Install the version that migrated it, or a later one."
                )
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            _rebase_events(connection)
    except OperationalError as failure:
        first = str(failure.orig).strip().partition("\n")[0]
        raise Unavailable(f"The database cannot be migrated: {first}. Nothing was changed.") from failure
    finally:
        database.dispose()


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return revision


def _rebase_events(connection: Connection) -> None:
    """A dump restored into another PostgreSQL cluster brings transaction numbers that cluster has yet to reach: the
    stream would hide those events. All of them are committed, so they may as well come first."""
    if connection.dialect.name == "postgresql":
        connection.execute(
            text("UPDATE event SET xid = 0 WHERE xid >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        )


def _open(url: str) -> Engine:
    # Not a `Database`: SQLite's foreign keys stay off here, or rebuilding a table to change a column of it would
    # delete all rows that refer to it.
    address = make_url(url)
    if address.get_backend_name() == "postgresql":
        address = address.set(drivername="postgresql+psycopg")
    patience = {"timeout": 60} if address.get_backend_name() == "sqlite" else {}  # another may be migrating
    database = create_engine(address, poolclass=NullPool, connect_args=patience)
    if database.dialect.name == "sqlite":
        event.listen(database, "connect", _leave_transactions_to_us)
        event.listen(database, "begin", _begin_immediately)
    return database


def _leave_transactions_to_us(connection: Any, _record: Any) -> None:
    # sqlite3 would otherwise run each CREATE TABLE in a transaction of its own
    connection.isolation_level = None


def _begin_immediately(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
