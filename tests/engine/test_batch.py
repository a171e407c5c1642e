"""Statements run by the driver itself fail in the same words as all others, and say how many rows they changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import DatabaseError, IntegrityError, MultipleResultsFound

from engine.store.batch import Batch, Query
from engine.store.database import Connection, Database
from engine.store.tables import draft, job

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


class TestQuery:
    def test_rows_are_as_sqlalchemy_reads_them(self, two_drafts: Database) -> None:
        some = select(draft).where(draft.c.name == bindparam("name"), draft.c.id.in_(["d1", "d2", "d9"]))
        query = Query(some.order_by(draft.c.id))
        with two_drafts.read() as connection:
            found = query.all(connection, {"name": "n"})
            known = connection.execute(query.statement, {"name": "n"}).all()
            assert [one.created_at.tzinfo for one in found] == [UTC, UTC]
            assert [tuple(one) for one in found] == [tuple(one) for one in known]
            assert [one.updated_by for one in query.all(connection, {"name": "n"})] == ["ada", "ada"]

    def test_what_sqlite_has_no_type_for_comes_back_as_it_was(self, database: Database) -> None:
        moment = datetime(2026, 3, 29, 2, 30, tzinfo=UTC)
        texts = dict.fromkeys(("definition_id", "definition_key", "element_id", "topic", "kind"), "x")
        with database.write() as connection:
            values = {**texts, "id": "j1", "tenant_id": "default", "token": 1, "headers": "{}", "retries": 3}
            connection.execute(insert(job).values(**values, suspended=True, due_at=moment, created_at=moment))
        query = Query(select(job.c.suspended, job.c.due_at, job.c.worker_id).where(job.c.due_at <= bindparam("now")))
        with database.read() as connection:
            assert tuple(query.one(connection, {"now": moment}) or ()) == (True, moment, None)
            assert query.one(connection, {"now": moment - timedelta(microseconds=1)}) is None

    def test_one_means_one(self, two_drafts: Database) -> None:
        query = Query(select(draft.c.id).where(draft.c.name == bindparam("name")))
        with two_drafts.read() as connection:
            with pytest.raises(MultipleResultsFound):
                query.one(connection, {"name": "n"})
            assert query.one(connection, {"name": "nobody's"}) is None
