"""The event stream: appended to by every unit of work, read by cursor.

A cursor is `<xid>.<seq>`. On PostgreSQL sequence numbers are given out before the commit, so a reader that only
remembered the highest one would miss a transaction that commits late. Rows are therefore ordered by their writing
transaction, and readers stop before the oldest transaction still open. On SQLite writers queue, and xid is 0.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, exists, func, insert, literal_column, or_, select

from engine.errors import Invalid
from engine.store.batch import Batch
from engine.store.database import Connection
from engine.store.tables import event

START = "0.0"

_LAST_SEQ = 2**63 - 1
_append = Batch(
    {
        "sqlite": insert(event).values(xid=literal_column("0")),
        "postgresql": insert(event).values(xid=literal_column("pg_current_xact_id()::text::bigint")),
    },
    [column.name for column in event.c if column.name not in ("seq", "xid")],
)
_oldest_open = literal_column("pg_snapshot_xmin(pg_current_snapshot())::text::bigint", BigInteger)


def append(connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Write events of this transaction, in order."""
    _append.run(connection, rows)


def parse_cursor(cursor: str) -> tuple[int, int]:
    """The (xid, seq) of a cursor; `Invalid` for anything else."""
    xid, dot, seq = cursor.partition(".")
    if not (dot and xid.isascii() and xid.isdigit() and seq.isascii() and seq.isdigit() and len(cursor) <= 60):
        raise Invalid(f"{cursor[:60]!r} is no cursor of the event stream")
    position = int(xid), int(seq)
    if max(position) > _LAST_SEQ:
        raise Invalid(f"{cursor[:60]!r} is no cursor of the event stream")
    return position


def format_cursor(xid: int, seq: int) -> str:
    """The cursor of the event with this (xid, seq)."""
    return f"{xid}.{seq}"


def after(connection: Connection, cursor: str) -> ColumnElement[bool]:
    """The condition on `event`: behind the cursor, and safe to read."""
    xid, seq = parse_cursor(cursor)
    if connection.dialect.name == "sqlite":
        # xid is always 0; named so that the order by (xid, seq) is the table's own
        return and_(event.c.xid == 0, event.c.seq > seq)
    behind = or_(event.c.xid > xid, and_(event.c.xid == xid, event.c.seq > seq))
    return and_(event.c.xid >= xid, behind, event.c.xid < _oldest_open)


def end(connection: Connection) -> str:
    """The cursor behind everything that is safe to read now."""
    if connection.dialect.name == "sqlite":
        return format_cursor(0, connection.execute(select(func.coalesce(func.max(event.c.seq), 0))).scalar_one())
    return format_cursor(connection.execute(select(_oldest_open)).scalar_one() - 1, _LAST_SEQ)


def grown(connection: Connection, cursor: str) -> bool:
    """Whether something stands behind the cursor."""
    return bool(connection.execute(select(exists().where(after(connection, cursor)))).scalar_one())
