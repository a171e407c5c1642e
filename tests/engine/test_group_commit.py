"""Group commit: threads of one process share a transaction of SQLite, and nobody is told of what is not committed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from engine.errors import Unavailable
from engine.store.database import Database


class Ledger:
    """A table of numbers in a SQLite file, and how often it was committed."""

    def __init__(self, file: Path):
        self.file = file
        self.database = Database(f"sqlite:///{file}", wait_seconds=5)
        self.commits = 0
        event.listen(self.database._engine, "connect", self._listen)
        with self.database.write() as connection:
            connection.execute(text("CREATE TABLE number (n INTEGER PRIMARY KEY)"))
        self.commits = 0

    def _listen(self, connection: Any, _record: object) -> None:
        connection.set_trace_callback(self._count)

    def _count(self, statement: str) -> None:
        self.commits += statement == "COMMIT"

    def add(self, number: int, *, then: Callable[[], object] = lambda: None) -> None:
        with self.database.write() as connection:
            connection.execute(text("INSERT INTO number VALUES (:n)"), {"n": number})
            then()

    def numbers(self) -> list[int]:
        """What another connection sees."""
        with self.database.read() as connection:
            return list(connection.execute(text("SELECT n FROM number ORDER BY n")).scalars())

    def waiting(self) -> int:
        """How many queue to write."""
        assert self.database._group is not None
        return self.database._group._queue


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(tmp_path / "ledger.sqlite3")
    yield ledger
    ledger.database.close()


class Writers:
    """Threads that write, and what became of each."""

    def __init__(self) -> None:
        self.outcomes: dict[object, str] = {}
        self._threads: list[threading.Thread] = []

    def begin(self, name: object, write: Callable[[], object]) -> None:
        def run() -> None:
            try:
                write()
                self.outcomes[name] = "done"
            except Exception as error:
                self.outcomes[name] = type(error).__name__

        thread = threading.Thread(target=run)
        thread.start()
        self._threads.append(thread)

    def join(self) -> dict[object, str]:
        for thread in self._threads:
            thread.join(20)
            assert not thread.is_alive()
        return self.outcomes


def until(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.002)


@pytest.fixture(autouse=True)
def no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Handed on however long the test looks at it in between."""
    monkeypatch.setattr("engine.store.group_commit.LONGEST_SECONDS", 10)


def queue_behind(ledger: Ledger, writers: Writers, *others: Callable[[], object]) -> None:
    """One writer holds the file until all the others queue behind it."""

    def hold() -> None:
        for number, other in enumerate(others, 1):
            writers.begin(number, other)
            until(lambda number=number: ledger.waiting() == number)  # type: ignore[misc]

    writers.begin(0, lambda: ledger.add(0, then=hold))
    until(lambda: len(writers._threads) == len(others) + 1)


def test_writers_who_queue_share_a_commit(ledger: Ledger) -> None:
    writers = Writers()
    queue_behind(ledger, writers, *[lambda n=n: ledger.add(n) for n in range(1, 9)])

    assert set(writers.join().values()) == {"done"}
    assert ledger.numbers() == list(range(9))
    assert ledger.commits == 1


def test_nobody_is_told_before_the_commit(ledger: Ledger) -> None:
    writers, seen = Writers(), []

    def second() -> None:
        # The first one has handed its transaction on: it must not have returned, and nobody may see its number.
        seen.append((writers.outcomes.get(0), ledger.numbers()))

    queue_behind(ledger, writers, lambda: ledger.add(1, then=second))

    writers.join()
    assert seen == [(None, [])]
    assert ledger.numbers() == [0, 1]


def test_who_fails_takes_back_its_own_part_alone(ledger: Ledger) -> None:
    writers = Writers()

    def fail() -> None:
        raise ZeroDivisionError

    queue_behind(ledger, writers, lambda: ledger.add(1), lambda: ledger.add(2, then=fail), lambda: ledger.add(3))

    assert writers.join() == {0: "done", 1: "done", 2: "ZeroDivisionError", 3: "done"}
    assert ledger.numbers() == [0, 1, 3]


def test_the_last_of_a_group_may_fail_and_the_others_are_committed(ledger: Ledger) -> None:
    writers = Writers()

    def fail() -> None:
        raise ZeroDivisionError

    queue_behind(ledger, writers, lambda: ledger.add(1), lambda: ledger.add(2, then=fail))

    assert writers.join() == {0: "done", 1: "done", 2: "ZeroDivisionError"}
    assert ledger.numbers() == [0, 1]


def test_the_first_may_fail_and_the_next_begins_anew(ledger: Ledger) -> None:
    writers = Writers()

    def hold_and_fail() -> None:
        writers.begin(1, lambda: ledger.add(1))
        until(lambda: ledger.waiting() == 1)
        raise ZeroDivisionError

    writers.begin(0, lambda: ledger.add(0, then=hold_and_fail))
    until(lambda: len(writers._threads) == 2)

    assert writers.join() == {0: "ZeroDivisionError", 1: "done"}
    assert ledger.numbers() == [1]


def test_when_sqlite_takes_the_whole_back_nobody_is_told_it_was_done(ledger: Ledger) -> None:
    """As a full disk does: the parts of those who had finished are lost with the one that failed."""
    writers = Writers()

    def lose_everything() -> None:
        group = ledger.database._group
        assert group is not None
        assert group._shared is not None
        group._shared.connection.exec_driver_sql("ROLLBACK")
        raise ZeroDivisionError

    queue_behind(ledger, writers, lambda: ledger.add(1), lambda: ledger.add(2, then=lose_everything))

    assert writers.join() == {0: "Unavailable", 1: "Unavailable", 2: "ZeroDivisionError"}
    assert ledger.numbers() == []
    ledger.add(4)
    assert ledger.numbers() == [4]


def test_a_commit_that_fails_is_everybodys_failure(ledger: Ledger) -> None:
    writers = Writers()
    with ledger.database.write() as connection:
        connection.execute(text("CREATE TABLE child (n INTEGER REFERENCES number DEFERRABLE INITIALLY DEFERRED)"))

    def orphan() -> None:
        with ledger.database.write() as connection:
            connection.execute(text("INSERT INTO child VALUES (99)"))  # noticed at the commit

    queue_behind(ledger, writers, lambda: ledger.add(1), orphan)

    assert set(writers.join().values()) == {"Unavailable"}
    assert ledger.numbers() == []
    ledger.add(4)
    assert ledger.numbers() == [4]


def test_a_group_is_bounded(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.store.group_commit.MOST_MEMBERS", 3)
    writers = Writers()
    queue_behind(ledger, writers, *[lambda n=n: ledger.add(n) for n in range(1, 7)])

    assert set(writers.join().values()) == {"done"}
    assert ledger.commits == 3
    assert ledger.numbers() == list(range(7))


def test_who_queues_too_long_gives_up_and_the_others_go_on(ledger: Ledger) -> None:
    assert ledger.database._group is not None
    ledger.database._group._wait_seconds = 0.05
    with ledger.database.write() as connection:
        connection.execute(text("INSERT INTO number VALUES (1)"))
        with pytest.raises(Unavailable):
            ledger.add(2)
    assert ledger.numbers() == [1]


def test_a_lone_writer_commits_at_once(ledger: Ledger) -> None:
    for number in range(3):
        ledger.add(number)
    assert ledger.commits == 3
