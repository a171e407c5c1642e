"""Connections: what is promised about durability, about waiting and about failing."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from scene import House, line, user_task
from sqlalchemy import text

from engine import Engine, Settings, migrate, open_engine
from engine.clock import SystemClock
from engine.errors import Invalid, Unavailable
from engine.store.database import Database, driver_url
from engine.testing import ManualClock, temporary_engine


def test_a_commit_on_sqlite_is_on_the_disk(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    with database.read() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000}
    database.close()


def test_a_read_sees_one_snapshot(database: Database, database_kind: str) -> None:
    with database.write() as connection:
        connection.execute(text("CREATE TABLE thing (n INTEGER)"))
    with database.read() as reading:
        before = reading.execute(text("SELECT count(*) FROM thing")).scalar_one()
        with database.write() as connection:
            connection.execute(text("INSERT INTO thing VALUES (1)"))
        assert reading.execute(text("SELECT count(*) FROM thing")).scalar_one() == before
    with database.read() as reading:
        assert reading.execute(text("SELECT count(*) FROM thing")).scalar_one() == 1


def test_an_exception_takes_everything_back(database: Database) -> None:
    with database.write() as connection:
        connection.execute(text("CREATE TABLE thing (n INTEGER)"))

    def fail() -> None:
        with database.write() as connection:
            connection.execute(text("INSERT INTO thing VALUES (1)"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with database.read() as reading:
        assert reading.execute(text("SELECT count(*) FROM thing")).scalar_one() == 0


def test_a_writer_who_waits_too_long_is_told_to_try_again(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'x.sqlite3'}"
    one, other = Database(url, wait_seconds=0.1), Database(url, wait_seconds=0.1)
    with one.write():
        with pytest.raises(Unavailable, match="try again"):  # a thread of the same process
            with one.write():
                pass
        with pytest.raises(Unavailable, match="try again"):  # as another process sees it
            with other.write():
                pass
    with other.write():
        pass
    one.close()
    other.close()


def test_who_finds_all_connections_in_use_waits_and_is_told_to_try_again(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'x.sqlite3'}", pool=1, overflow=1, wait_seconds=0.05)
    with database.read(), database.read():
        with pytest.raises(Unavailable, match="in use"), database.read():
            pass
    with database.read(), database.read() as connection:  # both came back, the one that was kept and the one made anew
        assert connection.execute(text("SELECT 1")).scalar_one() == 1
    database.close()


def test_a_connection_that_broke_is_not_handed_out_again(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'x.sqlite3'}", pool=1, overflow=0, wait_seconds=0.05)
    with database.read() as connection:
        held = connection.connection.dbapi_connection
        assert held is not None
        held.close()
    with database.read() as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1
    database.close()


def test_writers_of_one_process_queue_and_all_get_their_turn(database: Database) -> None:
    with database.write() as connection:
        connection.execute(text("CREATE TABLE thing (n INTEGER)"))
        connection.execute(text("INSERT INTO thing VALUES (0)"))

    def count() -> None:
        for _ in range(20):
            with database.write() as connection:
                connection.execute(text("UPDATE thing SET n = n + 1"))

    threads = [threading.Thread(target=count) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as reading:
        assert reading.execute(text("SELECT n FROM thing")).scalar_one() == 100


def test_a_database_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    for url in (f"sqlite:///{tmp_path}/no/such/folder/x.sqlite3", f"postgresql://nobody@/x?host={tmp_path}"):
        database = Database(url, wait_seconds=0.5)
        assert not database.ready()
        with pytest.raises(Unavailable):
            with database.read():
                pass
        database.close()


def test_other_databases_are_refused() -> None:
    with pytest.raises(ValueError, match="mysql"):
        driver_url("mysql://root@localhost/x")
    assert driver_url("postgresql://a@b/c").drivername == "postgresql+psycopg"


def test_half_of_a_surrogate_pair_is_refused_and_not_a_crash(database: Database) -> None:
    with pytest.raises(Invalid):
        with database.write() as connection:
            connection.execute(text("SELECT :words"), {"words": "\ud800"})


def test_leases_are_compared_with_the_databases_clock_unless_a_clock_is_given(
    database_url: str, clock: ManualClock
) -> None:
    given, own = Database(database_url, lease_clock=clock), Database(database_url)
    with given.read() as connection:
        assert given.lease_now(connection) == clock.now()
    with own.read() as connection:
        assert abs((own.lease_now(connection) - SystemClock().now()).total_seconds()) < 5
        assert own.lease_now(connection).tzinfo is not None
    given.close()
    own.close()


def test_an_engine_says_how_its_database_stands(empty_database_url: str) -> None:
    settings = Settings(database_url=empty_database_url)
    engine = open_engine(settings)
    assert engine.database_ready()
    assert engine.schema_state() == "missing"
    migrate(settings)
    assert engine.schema_state() == "current"
    engine.close()


def test_a_temporary_engine_runs_a_process() -> None:
    with temporary_engine(step_elements=50) as engine:
        house = House(engine)
        instance = house.start(line(user_task()))
        house.complete(house.task(instance))
        assert house.instance(instance).state == "completed"
        assert engine.settings.step_elements == 50


def test_the_disk_is_full_and_has_room_again(tmp_path: Path, engine: Engine, database_kind: str) -> None:
    """SQLite is told to grow no more; what was committed stays, and writing goes on by itself later."""
    if database_kind != "sqlite":
        return  # the server's disk is the server's business
    house = House(engine)
    instance = house.start(line(user_task()))
    with engine.database.read() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    with engine.database.read() as connection:
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        held = connection.connection.dbapi_connection

    def fill() -> None:
        for _ in range(200):
            house.start(text="x" * 10_000)

    with pytest.raises(Unavailable):
        fill()
    assert held is not None
    held.execute("PRAGMA max_page_count=1000000")
    house.complete(house.task(instance))
    assert house.instance(instance).state == "completed"
