"""The stream: in order, with nothing skipped, and whoever waits for it is woken."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from scene import MACHINE, ROOT, House, diagram, line, service_task, user_task
from sqlalchemy import text

from engine import Engine, Settings, open_engine
from engine import commands as c
from engine import queries as q
from engine.errors import Invalid
from engine.records import EventPage
from engine.store import events
from engine.store.database import Database
from engine.testing import ManualClock
from engine.work import UnitOfWork


@pytest.fixture
def elsewhere(database_url: str) -> Iterator[House]:
    """Another engine on the same database, as another process has it."""
    engine = open_engine(Settings(database_url=database_url))
    yield House(engine)
    engine.close()


def read_on(house: House, cursor: str) -> EventPage:
    page: EventPage = house.read(q.ListEvents(after=cursor), ROOT)
    return page


def tell(
    database: Database, clock: ManualClock, kind: str, *, before_commit: Callable[[], None] = lambda: None
) -> None:
    """Write one event in a transaction of its own."""
    with database.write() as connection:
        work = UnitOfWork(database, connection, clock)
        work.emit(kind, tenant_id="default", subject_id=kind)
        work.finish()
        before_commit()


def test_events_stand_in_the_order_of_what_happened_and_carry_the_version(house: House) -> None:
    instance = house.start(line(user_task(), service_task()))
    house.complete(house.task(instance))

    told = [(event.kind, event.version) for event in house.events(instance)]

    assert told[0] == ("instance.started", 1)
    assert told.index(("user_task.created", 1)) < told.index(("user_task.completed", 2))
    assert told.index(("user_task.completed", 2)) < told.index(("activity.completed", 2))
    assert told[-1] == ("job.created", 2)


def test_a_reader_gets_each_event_once(house: House) -> None:
    cursor = house.engine.events_cursor()
    house.start(line(user_task()))
    first = read_on(house, cursor)
    house.start()
    second = read_on(house, first.next_cursor)

    assert first.items
    assert second.items
    assert {event.cursor for event in first.items}.isdisjoint({event.cursor for event in second.items})
    assert read_on(house, second.next_cursor).items == []


def test_a_transaction_that_commits_late_is_not_skipped(
    database: Database, clock: ManualClock, house: House, database_kind: str
) -> None:
    """The trap of every stream read by sequence numbers: the lower number is committed after the higher one."""
    if database_kind == "sqlite":
        return  # writers queue, so numbers are given out in the order of commits; there is nothing to be late with
    cursor = house.engine.events_cursor()
    read: list[str] = []

    def meanwhile() -> None:
        tell(database, clock, "quick")
        nonlocal cursor
        page = read_on(house, cursor)
        read.extend(event.kind for event in page.items)
        cursor = page.next_cursor

    tell(database, clock, "late", before_commit=meanwhile)
    read += [event.kind for event in read_on(house, cursor).items]

    assert sorted(read) == ["late", "quick"]


def test_the_end_of_the_stream_is_behind_everything_committed(house: House) -> None:
    house.start(line(user_task()))
    cursor = house.engine.events_cursor()
    assert read_on(house, cursor).items == []
    with house.engine.database.read() as connection:
        assert not events.grown(connection, cursor)
        assert events.grown(connection, events.START)


@pytest.mark.parametrize("cursor", ["", "7", "x.y", "-1.5", "1.2.3", "1." + "9" * 40, "٣.1"])
def test_what_is_no_cursor_is_refused(house: House, cursor: str) -> None:
    with pytest.raises(Invalid):
        house.engine.wait_for_events(cursor, 0)


def test_events_of_a_rolled_back_transaction_are_never_there(
    database: Database, clock: ManualClock, house: House
) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        tell(database, clock, "never", before_commit=fail)
    assert house.events() == []


def test_on_postgresql_events_name_their_transaction(house: House, database_kind: str) -> None:
    house.start(line(user_task()))
    with house.engine.database.read() as connection:
        xids = set(connection.execute(text("SELECT xid FROM event")).scalars())
    assert (xids == {0}) == (database_kind == "sqlite")


class Waiting(threading.Thread):
    """Somebody who waits, and how long it took."""

    def __init__(self, wait: Callable[[], bool]):
        super().__init__()
        self.wait = wait
        self.answer: bool | None = None
        self.seconds = 0.0
        self.start()

    def run(self) -> None:
        began = time.monotonic()
        self.answer = self.wait()
        self.seconds = time.monotonic() - began

    def result(self) -> bool | None:
        self.join(20)
        return self.answer


def someone_waits(engine: Engine) -> None:
    """Until the thread that was begun really waits."""
    deadline = time.monotonic() + 5
    while not engine.wakeups._changed._waiters:  # type: ignore[attr-defined]
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.fixture
def no_looking_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits must be told; looking again by oneself would come too late."""
    monkeypatch.setattr("engine.wakeups.LOOK_AGAIN_SECONDS", 10)


@pytest.mark.usefixtures("no_looking_again")
def test_a_waiting_reader_is_woken_by_a_commit(house: House) -> None:
    house.deploy(diagram(line(user_task())))
    cursor = house.engine.events_cursor()
    reader = Waiting(lambda: house.engine.wait_for_events(cursor, 10))
    someone_waits(house.engine)

    house.start()

    assert reader.result() is True
    assert reader.seconds < 5


def test_a_reader_finds_what_another_process_wrote(house: House, elsewhere: House) -> None:
    cursor = house.engine.events_cursor()
    reader = Waiting(lambda: house.engine.wait_for_events(cursor, 10))
    someone_waits(house.engine)

    elsewhere.start(line(user_task()))

    assert reader.result() is True
    assert reader.seconds < 5


def test_waiting_for_nothing_ends_in_time(house: House) -> None:
    cursor = house.engine.events_cursor()
    began = time.monotonic()
    assert house.engine.wait_for_events(cursor, 0.2) is False
    assert house.engine.wait_for_jobs(["payments"], 0.2) is False
    assert 0.4 <= time.monotonic() - began < 3


@pytest.mark.usefixtures("no_looking_again")
def test_a_waiting_worker_is_woken_by_a_job_of_its_topic(house: House) -> None:
    house.start(line(user_task(), service_task()))
    instance = house.start()
    worker = Waiting(lambda: house.engine.wait_for_jobs(["payments"], 10))
    someone_waits(house.engine)

    house.complete(house.task(instance))

    assert worker.result() is True
    assert worker.seconds < 5
    assert len(house.fetch()) == 1


@pytest.mark.usefixtures("no_looking_again")
def test_a_waiting_worker_is_woken_by_an_unlocked_job(house: House) -> None:
    house.start(line(service_task()))
    (job,) = house.fetch()
    worker = Waiting(lambda: house.engine.wait_for_jobs(["payments", "other"], 10))
    someone_waits(house.engine)

    house.execute(c.UnlockJob(id=job.id, token=job.token), MACHINE)

    assert worker.result() is True
    assert worker.seconds < 5


def test_a_job_of_another_tenant_wakes_nobody(house: House) -> None:
    house.start(line(service_task()))
    assert house.engine.wait_for_jobs(["payments"], 0.1)
    assert not house.engine.wait_for_jobs(["payments"], 0.1, "elsewhere")


def test_a_worker_that_asks_for_a_job_that_is_there_does_not_wait(house: House) -> None:
    house.start(line(service_task()))
    began = time.monotonic()
    assert house.engine.wait_for_jobs(["payments"], 10)
    assert time.monotonic() - began < 1


def test_a_worker_finds_a_job_whose_lock_expired(house: House, clock: ManualClock) -> None:
    house.start(line(service_task()))
    house.fetch(lock_seconds=60)
    worker = Waiting(lambda: house.engine.wait_for_jobs(["payments"], 10))
    someone_waits(house.engine)

    clock.advance(seconds=61)

    assert worker.result() is True


@pytest.mark.usefixtures("no_looking_again")
def test_closing_lets_everybody_go(house: House) -> None:
    reader = Waiting(lambda: house.engine.wait_for_jobs(["payments"], 60))
    someone_waits(house.engine)
    house.engine.close()
    assert reader.result() is False
    assert reader.seconds < 10
