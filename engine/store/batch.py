"""Statements of the step path, compiled once and run over rows by the driver itself.

SQLAlchemy builds them, so they are written once for both databases; what it would do anew for every row of every call
(look parameters up by name, convert each by its type) is done here once, or not at all where the driver needs nothing.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from importlib import import_module
from operator import itemgetter
from sqlite3 import Error
from typing import Any, NamedTuple

from sqlalchemy import Dialect, Executable, Select
from sqlalchemy.exc import MultipleResultsFound
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

from engine.store.columns import UtcDateTime
from engine.store.database import Connection
from engine.store.sqlite import SqliteConnection, told

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
        if not isinstance(connection, SqliteConnection):
            compiled = self._compiled.get(connection.dialect.name) or self._compile(connection)
            values = [compiled.parameters(row) for row in rows]
            return connection.exec_driver_sql(compiled.text, values if len(values) > 1 else values[0]).rowcount
        # The driver itself: it is quicker than what SQLAlchemy does around each call of it.
        text, parameters = self._compiled.get("sqlite") or self._compile(connection)
        try:
            if len(rows) == 1:
                cursor = connection.driver.execute(text, parameters(rows[0]))
            else:
                cursor = connection.driver.executemany(text, map(parameters, rows))
        except Error as failure:
            raise told(connection, text, list(map(parameters, rows)), failure) from failure
        changed: int = cursor.rowcount
        return changed

    def _compile(self, connection: Connection) -> _Compiled:
        name = connection.dialect.name
        statement: Any = self._statement[name] if isinstance(self._statement, Mapping) else self._statement
        compiled: SQLCompiler = statement.compile(dialect=connection.dialect, column_keys=self._columns)
        if name == "sqlite":
            made = _Compiled(*_expanded(compiled))
        else:
            fixed = {key: bind.value for key, bind in compiled.binds.items() if not bind.required}
            made = _Compiled(str(compiled), lambda row: fixed | dict(row))
        self._compiled[name] = made
        return made


class Query:
    """A select with parameters, compiled once; its rows have the columns as attributes."""

    def __init__(self, statement: Select[*tuple[Any, ...]]):
        self.statement = statement
        self._compiled: _CompiledQuery | None = None

    def one(self, connection: Connection, parameters: Row) -> Any | None:
        """The only row, if there is one."""
        found = self.all(connection, parameters)
        if len(found) > 1:
            raise MultipleResultsFound(f"{len(found)} rows where one was looked for")
        return found[0] if found else None

    def all(self, connection: Connection, parameters: Row) -> list[Any]:
        """All rows."""
        if not isinstance(connection, SqliteConnection):
            return list(connection.execute(self.statement, parameters))
        text, parameters_of, row = self._compiled or self._compile(connection)
        values = parameters_of(parameters)
        try:
            found = connection.driver.execute(text, values).fetchall()
        except Error as failure:
            raise told(connection, text, values, failure) from failure
        return list(map(row, found))

    def _compile(self, connection: Connection) -> _CompiledQuery:
        dialect = connection.dialect
        compiled: SQLCompiler = self.statement.compile(dialect=dialect)
        columns = list(self.statement.selected_columns)
        row = _row_of([str(column.key) for column in columns])
        readers = [(place, _reader(column.type, dialect)) for place, column in enumerate(columns)]
        made = _CompiledQuery(*_expanded(compiled), _converted(row, [one for one in readers if one[1] is not None]))
        self._compiled = made
        return made


class _CompiledQuery(NamedTuple):
    text: str
    parameters: Callable[[Row], Any]
    row: Callable[[Sequence[Any]], Any]


def _row_of(names: Sequence[str]) -> Callable[[Sequence[Any]], Any]:
    make: Callable[[Sequence[Any]], Any] = getattr(namedtuple("Row", names), "_make")  # noqa: B009
    return make


def _converted(row: Callable[[Any], Any], readers: Sequence[tuple[int, Any]]) -> Callable[[Sequence[Any]], Any]:
    if not readers:
        return row

    def converted(stored: Sequence[Any]) -> Any:
        values = list(stored)
        for place, read in readers:
            if values[place] is not None:
                values[place] = read(values[place])
        return row(values)

    return converted


def _reader(kind: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    """What makes a value of what SQLite stores; None where it is the same."""
    if isinstance(kind, UtcDateTime):
        return lambda text: datetime.fromisoformat(text).replace(tzinfo=UTC)
    return kind.dialect_impl(dialect).result_processor(dialect, None)


def _expanded(compiled: SQLCompiler) -> tuple[str, Callable[[Row], Any]]:
    """The statement, lists that stand in it written out, and what makes SQLite's parameters of a row."""
    binds = compiled.binds
    given = {key: None for key, bind in binds.items() if bind.required}
    state = compiled.construct_expanded_state(given)
    # Values that stand in the statement itself, such as the 1 of `version + 1`.
    fixed = {key: value for key, value in state.parameters.items() if key not in given}
    order = list(state.positiontup or ())
    moments = [place for place, key in enumerate(order) if key in binds and isinstance(binds[key].type, UtcDateTime)]
    return state.statement, _positional(order, moments, {key: fixed[key] for key in order if key in fixed})


def _positional(order: Sequence[str], moments: Sequence[int], fixed: Row) -> Callable[[Row], Any]:
    """Parameters as a tuple; SQLite keeps times as text, in the form that SQLAlchemy reads."""
    pick: Callable[[Row], Any] = itemgetter(*order) if len(order) > 1 else lambda row: tuple(row[key] for key in order)
    if not moments and not fixed:
        return pick
    if len(moments) == 1 and not fixed:
        (only,) = moments

        def with_moment(row: Row) -> list[Any]:
            values = list(pick(row))
            if values[only] is not None:
                values[only] = _text(values[only])
            return values

        return with_moment

    def parameters(row: Row) -> list[Any]:
        values = list(pick({**fixed, **row} if fixed else row))
        for place in moments:
            if values[place] is not None:
                values[place] = _text(values[place])
        return values

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
