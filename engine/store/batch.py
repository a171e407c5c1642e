"""Statements of the step path, compiled once and run over rows by the driver itself.

SQLAlchemy builds them, so they are written once for both databases; what it would do anew for every row of every call
(look parameters up by name, convert each by its type) is done here once, or not at all where the driver needs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from importlib import import_module
from operator import itemgetter
from sqlite3 import Error
from typing import Any, NamedTuple

from sqlalchemy import Executable
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler

from engine.store.database import Connection
from engine.store.tables import UtcDateTime

Row = Mapping[str, Any]


class PerDialect(dict[str, Executable]):
    """A statement that each database words in its own way, by the name of its dialect. It is built, and the dialect
    imported, when it is first asked for: a server on SQLite never carries PostgreSQL's."""

    def __init__(self, build: Callable[[Any], Executable]):
        """`build` makes the statement with a dialect's module, whose `insert` knows about conflicts."""
        super().__init__()
        self._build = build

    def __missing__(self, name: str) -> Executable:
        self[name] = self._build(import_module(f"sqlalchemy.dialects.{name}"))
        return self[name]


class _Compiled(NamedTuple):
    text: str
    parameters: Callable[[Row], Any]


class Batch:
    """A statement with parameters, to be run over any number of rows at once."""

    def __init__(self, statement: Executable | Mapping[str, Executable], columns: Sequence[str] | None = None):
        """`statement`: one for all, or one a dialect. `columns`: those an insert fills (None: all parameters)."""
        self._statement = statement
        self._columns = list(columns) if columns is not None else None
        self._compiled: dict[str, _Compiled] = {}

    def run(self, connection: Connection, rows: Sequence[Row]) -> int:
        """Run it over the rows; how many it changed, as far as the driver tells."""
        dialect = connection.dialect
        compiled = self._compiled.get(dialect.name) or self._compile(connection)
        values = [compiled.parameters(row) for row in rows]
        if dialect.name != "sqlite":
            return connection.exec_driver_sql(compiled.text, values if len(values) > 1 else values[0]).rowcount
        # The driver itself: it is quicker than what SQLAlchemy does around each call of it.
        driver: Any = connection.connection.driver_connection
        try:
            cursor = (
                driver.executemany(compiled.text, values)
                if len(values) > 1
                else driver.execute(compiled.text, values[0])
            )
        except Error as failure:
            raise DBAPIError.instance(compiled.text, values, failure, Error, dialect=dialect) from failure
        changed: int = cursor.rowcount
        return changed

    def _compile(self, connection: Connection) -> _Compiled:
        name = connection.dialect.name
        statement: Any = self._statement[name] if isinstance(self._statement, Mapping) else self._statement
        compiled: SQLCompiler = statement.compile(dialect=connection.dialect, column_keys=self._columns)
        # Values that stand in the statement itself, such as the 1 of `version + 1`.
        fixed = {key: bind.value for key, bind in compiled.binds.items() if not bind.required}
        if name == "sqlite":
            order: list[str] = list(compiled.positiontup or ())
            moments = [place for place, key in enumerate(order) if isinstance(compiled.binds[key].type, UtcDateTime)]
            made = _Compiled(str(compiled), _positional(order, moments, fixed))
        else:
            made = _Compiled(str(compiled), lambda row: fixed | dict(row))
        self._compiled[name] = made
        return made


def _positional(order: Sequence[str], moments: Sequence[int], fixed: Row) -> Callable[[Row], Any]:
    """Parameters as a tuple; SQLite keeps times as text, in the form that SQLAlchemy reads."""
    pick = itemgetter(*order)
    if len(order) == 1:
        return lambda row: (pick(row),)
    if not moments and not fixed:
        return pick

    def parameters(row: Row) -> tuple[Any, ...]:
        values = list(pick({**fixed, **row} if fixed else row))
        for place in moments:
            if values[place] is not None:
                values[place] = _text(values[place])
        return tuple(values)

    return parameters


_last: tuple[datetime | None, str] = (None, "")


def _text(moment: datetime) -> str:
    """Most rows of a transaction carry the same instant, so the last one is remembered."""
    global _last
    known, text = _last
    if known is not moment:
        if moment.utcoffset():
            raise ValueError("times are written in UTC")
        text = moment.replace(tzinfo=None).isoformat(" ", "microseconds")
        _last = (moment, text)
    return text
