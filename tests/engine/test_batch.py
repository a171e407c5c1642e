"""Statements run by the driver itself fail in the same words as all others, and say how many rows they changed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import bindparam, insert, update
from sqlalchemy.exc import DatabaseError, IntegrityError

from engine.store.batch import Batch
from engine.store.database import Connection, Database
from engine.store.tables import draft

_insert = Batch(insert(draft), [column.name for column in draft.c])
_rename = Batch(update(draft).where(draft.c.id == bindparam("b_id")).values(name=bindparam("b_name")))


def row(number: int) -> dict[str, Any]:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    words = {"tenant_id": "default", "name": "n", "xml": "<x/>", "version": 1, "updated_by": "ada"}
    return {"id": f"d{number}", "created_at": moment, "updated_at": moment, **words}


@pytest.fixture
def two_drafts(database: Database) -> Database:
    with database.write() as connection:
        assert _insert.run(connection, [row(1), row(2)]) == 2
    return database


def _twice(connection: Connection) -> None:
    _insert.run(connection, [row(3)])
    _insert.run(connection, [row(3)])


def test_it_tells_how_many_rows_it_changed(two_drafts: Database) -> None:
    with two_drafts.write() as connection:
        assert _rename.run(connection, [{"b_id": "d1", "b_name": "other"}]) == 1
        assert _rename.run(connection, [{"b_id": "nobody", "b_name": "other"}]) == 0


def test_a_broken_constraint_is_named_as_one_and_nothing_of_it_stays(two_drafts: Database) -> None:
    with pytest.raises(IntegrityError), two_drafts.write() as connection:
        _twice(connection)
    with two_drafts.write() as connection:
        assert _insert.run(connection, [row(3)]) == 1


def test_many_rows_of_which_one_is_wrong_are_none(two_drafts: Database) -> None:
    with pytest.raises(DatabaseError), two_drafts.write() as connection:
        _insert.run(connection, [row(4), row(1)])
    with two_drafts.write() as connection:
        assert _insert.run(connection, [row(4)]) == 1
