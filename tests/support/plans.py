"""How the databases carry out what is asked of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from sqlalchemy import Connection, Engine
from sqlalchemy import event as hooks

from engine.store.batch import Query


@contextmanager
def statements() -> Iterator[list[tuple[str, Any]]]:
    """What is read of any database meanwhile: statements with their parameters."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        if re.match(r"\s*(SELECT|WITH)\b", statement):
            asked.append((statement, parameters))

    asks = Query.all

    def noted(query: Query, connection: Connection, parameters: Any) -> list[Any]:
        """What goes to the driver of SQLite itself, SQLAlchemy is not told of."""
        found = asks(query, connection, parameters)
        if query._compiled is not None and connection.dialect.name == "sqlite":
            asked.append((query._compiled.text, tuple(query._compiled.parameters(parameters))))
        return found

    hooks.listen(Engine, "before_cursor_execute", note)
    try:
        with patch.object(Query, "all", noted):
            yield asked
    finally:
        hooks.remove(Engine, "before_cursor_execute", note)


def plan_of(connection: Connection, statement: str, parameters: Any) -> str:
    """The plan in the database's own words."""
    explain = "EXPLAIN" if connection.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
    return "\n".join(str(row[-1]) for row in connection.exec_driver_sql(f"{explain} {statement}", parameters))


def rows_looked_at(connection: Connection, statement: str, parameters: Any) -> int:
    """How many rows PostgreSQL takes into its hands to answer, those it throws away included."""
    explained = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters)
    return _total(explained.scalar_one()[0]["Plan"])


def _total(node: dict[str, Any]) -> int:
    looked_at = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
    return int(looked_at * node["Actual Loops"]) + sum(_total(below) for below in node.get("Plans", []))
