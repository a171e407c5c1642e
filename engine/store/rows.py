"""What the reading modules of the store answer with: rows whose columns are attributes, for `engine.views` to make
records of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, Select

from engine.store.database import Connection

__all__ = ["Row", "one", "several"]


def one(connection: Connection, query: Select[*tuple[Any, ...]]) -> Any | None:
    """The only row, if there is one."""
    return connection.execute(query).one_or_none()


def several(
    connection: Connection, query: Select[*tuple[Any, ...]], parameters: Mapping[str, Any] | None = None
) -> list[Any]:
    """All rows."""
    return list(connection.execute(query, parameters))
