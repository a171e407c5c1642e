"""A database of an earlier release runs on after it is migrated: nothing in it is lost, everything that waited goes on.

`released/<revision>.json` holds all rows that the release of that revision had written, by table."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from scene import ADA, BEN, ROOT, House
from sqlalchemy import Boolean, Connection, DateTime, LargeBinary, MetaData, create_engine, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from engine import Settings, open_engine
from engine import commands as c
from engine import queries as q
from engine.store import migration
from engine.testing import ManualClock

RELEASED = Path(__file__).parent / "released"
#: What the next revision makes of a table that it does away with.
RENAMED = {"message_subscription": "subscription"}


def rows_of(revision: str) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = json.loads((RELEASED / f"{revision}.json").read_text())
    return found


def fill(connection: Connection, revision: str) -> None:
    """The database of a release: its schema and its rows."""
    config = Config()
    config.set_main_option("script_location", str(migration.migrations_folder()))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
    metadata = MetaData()
    metadata.reflect(connection)
    rows = rows_of(revision)
    for table in metadata.sorted_tables:
        for row in rows.get(table.name, ()):
            # On PostgreSQL the numbers of events come from a sequence, as they did then.
            given = {name: value for name, value in row.items() if (table.name, name) != ("event", "seq")}
            values = {name: stored(table.c[name].type, value) for name, value in given.items()}
            connection.execute(table.insert().values(values))


def stored(kind: Any, value: Any) -> Any:
    match kind:
        case DateTime() if value is not None:
            moment = datetime.fromisoformat(value)
            return moment.replace(tzinfo=UTC)
        case Boolean():
            return bool(value)
        case LargeBinary():
            return value.encode()
    return value


@pytest.fixture
def released(empty_database_url: str) -> str:
    """A database of release 0001: instances that wait for people, machines and a message, and one on its way."""
    address = make_url(empty_database_url)
    database = create_engine(address, poolclass=NullPool)
    with database.begin() as connection:
        fill(connection, "0001")
    database.dispose()
    assert migration.schema_state(empty_database_url) == "older"
    return empty_database_url


@pytest.fixture
def house(released: str, clock: ManualClock) -> Iterator[House]:
    """This release on that database, migrated."""
    migration.migrate(released)
    clock.advance(minutes=5)
    engine = open_engine(Settings(database_url=released), clock=clock)
    yield House(engine)
    engine.close()


def known(house: House) -> dict[str, Any]:
    """The instances by the business key that tells them apart."""
    return {str(one.business_key): one for one in house.instances()}


def test_no_row_is_lost(released: str) -> None:
    migration.migrate(released)

    database = create_engine(make_url(released), poolclass=NullPool)
    with database.connect() as connection:
        for table, rows in rows_of("0001").items():
            name = RENAMED.get(table, table)
            columns = [one["name"] for one in inspect(connection).get_columns(name)]
            assert connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() == len(rows), table
            assert set(rows[0]) <= set(columns), table
        if connection.dialect.name == "sqlite":
            assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
            assert connection.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
    database.dispose()
    assert migration.schema_state(released) == "current"


def test_what_people_had_to_do_goes_on(house: House) -> None:
    instances = known(house)
    for key in ("approves", "claimed"):
        house.complete(house.task(instances[key]), BEN, decision="yes")
        assert house.instance(instances[key]).state == "completed"
        assert house.variables(instances[key])["total"] == {"approves": 10, "claimed": 12}[key]
    house.execute(c.ResumeProcessInstance(id=instances["suspended"].id), ROOT)
    house.complete(house.task(instances["suspended"]), BEN, decision="yes")
    assert house.instance(instances["suspended"]).state == "completed"


def test_what_machines_had_to_do_goes_on(house: House) -> None:
    instances = known(house)
    (incident,) = house.incidents(instances["failed"])
    house.execute(c.RetryIncident(id=incident.id), ROOT)
    jobs = house.fetch("payments", "right")  # one of them was locked when its worker's lock ran out
    assert len(jobs) == 3
    for job in jobs:
        house.done(job)
    assert {house.instance(instances[key]).state for key in ("charges", "failed", "joins")} == {"completed"}


def test_a_step_that_was_cut_short_goes_on(house: House) -> None:
    instance = known(house)["long"]
    assert house.instance(instance).state == "active"
    assert house.settle() == 1
    assert house.instance(instance).state == "completed"
    assert house.variables(instance)["total"] == 10


def test_who_waited_for_a_message_has_it(house: House) -> None:
    instance = known(house)["waits"]
    assert house.waiting(instance) == ["message await"]
    assert house.message("paid").process_instance_id == instance.id
    assert house.instance(instance).state == "completed"


def test_what_was_deployed_starts_and_what_is_over_can_be_looked_at(house: House) -> None:
    done = known(house)["done"]
    assert house.variables(done) == {"amount": 8, "decision": "yes", "total": 16}
    assert house.happened(done)[-1] == "instance.completed"
    started = house.execute(c.StartProcessInstance(definition_key="approves", variables={"amount": 1}), ADA)
    house.complete(house.task(started), BEN, decision="no")
    assert house.instance(started).state == "completed"
    assert house.read(q.GetActivities(id=done.id), ROOT).items[0].element_id == "start"
