"""What the reading modules of the store answer with: rows by column name, for `engine.views` to make records of."""

from __future__ import annotations

from typing import Any

from sqlalchemy import RowMapping, Select

from engine.store.database import Connection

__all__ = ["Row", "one", "several"]

Row = RowMapping


def one(connection: Connection, query: Select[*tuple[Any, ...]]) -> Row | None:
    """The only row, if there is one."""
    return connection.execute(query).mappings().one_or_none()


def several(connection: Connection, query: Select[*tuple[Any, ...]]) -> list[Row]:
    """All rows."""
    return list(connection.execute(query).mappings())
