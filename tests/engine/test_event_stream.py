"""The stream of events: what a reader sees, and that it sees all of it."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, select

from engine import errors, queries
from engine.actors import Actor, Role
from engine.reading import Reading
from engine.records import EventPage
from engine.store import events
from engine.store.database import Database
from engine.store.tables import event
from engine.testing import ManualClock
from engine.views.operations import list_events
from engine.work import UnitOfWork

CLOCK = ManualClock()
EVERYTHING = Actor(name="olga", roles=frozenset({Role.OPERATOR}))


def append(database: Database, connection: Connection, *subjects: str, tenant_id: str = "default") -> None:
    work = UnitOfWork(database, connection, CLOCK)
    for subject in subjects:
        work.emit("instance.started", tenant_id=tenant_id, subject_id=subject)
    work.finish()


def write(database: Database, *subjects: str, tenant_id: str = "default") -> None:
    with database.write() as connection:
        append(database, connection, *subjects, tenant_id=tenant_id)


def read(database: Database, after: str | None = None, limit: int = 1_000, actor: Actor = EVERYTHING) -> EventPage:
    with database.read() as connection:
        query = queries.ListEvents(after=after, limit=limit)
        return list_events(query, actor, Reading(connection, CLOCK, None, database.dialect))  # type: ignore[arg-type]


def subjects(page: EventPage) -> list[str | None]:
    return [one.subject_id for one in page.items]


@contextmanager
def open_transaction(database: Database) -> Iterator[Connection]:
    """A write transaction that stays open until the end of the block, on a connection of its own."""
    with database.write() as connection:
        yield connection


def test_a_reader_goes_on_where_it_stopped(database: Database) -> None:
    write(database, "a", "b")
    write(database, "c")

    first = read(database, limit=2)
    second = read(database, first.next_cursor)
    third = read(database, second.next_cursor)

    assert (subjects(first), subjects(second), subjects(third)) == (["a", "b"], ["c"], [])
    write(database, "d")
    assert subjects(read(database, third.next_cursor)) == ["d"]


def test_each_event_has_a_cursor_to_go_on_from(database: Database) -> None:
    write(database, *"abcdef")
    page = read(database)

    for number, one in enumerate(page.items):
        assert subjects(read(database, one.cursor)) == list("abcdef")[number + 1 :]


def test_now_is_the_end(database: Database) -> None:
    write(database, "a")
    end = read(database, "now")
    assert subjects(end) == []

    write(database, "b")

    assert subjects(read(database, end.next_cursor)) == ["b"]


def test_a_page_that_found_little_needs_not_be_searched_again(database: Database) -> None:
    write(database, "elsewhere", tenant_id="other")
    write(database, "a")
    write(database, "elsewhere too", tenant_id="other")

    page = read(database)

    assert subjects(page) == ["a"]
    with database.read() as connection:
        assert page.next_cursor == events.end(connection)


def test_another_tenants_events_are_not_there(database: Database) -> None:
    write(database, "theirs", tenant_id="other")
    write(database, "ours")

    assert subjects(read(database)) == ["ours"]
    theirs = Actor(name="xenia", tenant_id="other", roles=frozenset({Role.ADMINISTRATOR}))
    assert subjects(read(database, actor=theirs)) == ["theirs"]


@pytest.mark.parametrize(
    "cursor", ["", "x", "1", "1.", ".1", "-1.0", "1.0.0", "١.٢", "1e3.0", "9" * 70 + ".0", f"{2**63}.0"]
)
def test_what_is_no_cursor_is_refused(database: Database, cursor: str) -> None:
    with pytest.raises(errors.Invalid):
        read(database, cursor or "nothing")


def test_a_cursor_of_another_database_is_refused_and_not_waited_for(database: Database) -> None:
    write(database, "a")
    with pytest.raises(errors.Invalid) as refused:
        read(database, "4000000000000.7")
    assert refused.value.extra["resync"] is True


# --- late commits ----------------------------------------------------------------------------------------------------
# The reader that everybody writes first: remember the highest number seen, ask for what is above it.
def naive_read(connection: Connection, seen: int) -> tuple[list[str | None], int]:
    rows = connection.execute(select(event.c.seq, event.c.subject_id).where(event.c.seq > seen).order_by(event.c.seq))
    found = [(row.seq, row.subject_id) for row in rows]
    return [subject for _, subject in found], max([seen, *(seq for seq, _ in found)])


def test_a_naive_cursor_loses_an_event_that_commits_late_and_ours_does_not(database: Database) -> None:
    if database.dialect != "postgresql":
        return  # SQLite's writers queue: none can commit after one that began later
    naive_seen: list[str | None] = []
    our_seen: list[str | None] = []
    highest, cursor = 0, read(database).next_cursor

    with open_transaction(database) as slow:
        append(database, slow, "slow")
        write(database, "quick")  # began later, commits first, has the higher number

        with database.read() as connection:
            found, highest = naive_read(connection, highest)
        naive_seen += found
        page = read(database, cursor)
        our_seen, cursor = our_seen + subjects(page), page.next_cursor
        assert naive_seen == ["quick"]
        assert our_seen == []  # `quick` has to wait for what might still come before it

    with database.read() as connection:
        found, highest = naive_read(connection, highest)
    naive_seen += found
    our_seen += subjects(read(database, cursor))

    assert naive_seen == ["quick"]  # `slow` is lost for good
    assert our_seen == ["slow", "quick"]


def test_the_end_is_no_further_than_what_may_still_come(database: Database) -> None:
    if database.dialect != "postgresql":
        return
    with open_transaction(database) as slow:
        append(database, slow, "slow")
        write(database, "quick")
        cursor = read(database, "now").next_cursor

    assert subjects(read(database, cursor)) == ["slow", "quick"]


def test_a_transaction_that_rolls_back_leaves_no_gap_to_wait_in(database: Database) -> None:
    cursor = read(database).next_cursor

    def fail() -> None:
        with open_transaction(database) as doomed:
            append(database, doomed, "never")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    write(database, "after")

    assert subjects(read(database, cursor)) == ["after"]


def test_a_reader_beside_many_writers_sees_each_event_once_and_each_writers_in_order(database: Database) -> None:
    writers, each = 4, 40
    cursor = read(database).next_cursor
    seen: list[str] = []
    done = threading.Event()

    def write_some(writer: int) -> None:
        dice = random.Random(writer)
        for number in range(each):
            with open_transaction(database) as connection:
                append(database, connection, f"{writer}/{number}")
                threading.Event().wait(dice.random() * 0.003)  # some commit late, that is the point

    def read_along() -> None:
        nonlocal cursor
        while True:
            last_round = done.is_set()
            page = read(database, cursor, limit=7)
            seen.extend(str(one.subject_id) for one in page.items)
            cursor = page.next_cursor
            if last_round and not page.items:
                return

    run_together([*(lambda writer=writer: write_some(writer) for writer in range(writers))], read_along, done)

    assert len(seen) == writers * each
    assert len(set(seen)) == writers * each
    for writer in range(writers):
        own = [one for one in seen if one.startswith(f"{writer}/")]
        assert own == [f"{writer}/{number}" for number in range(each)]


def run_together(writing: list[Callable[[], None]], reading: Callable[[], None], done: threading.Event) -> None:
    reader = threading.Thread(target=reading)
    writers = [threading.Thread(target=one) for one in writing]
    for thread in (reader, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    reader.join(timeout=60)
    assert not reader.is_alive()
