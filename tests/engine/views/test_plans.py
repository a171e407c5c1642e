"""What the lists cost when much lies behind: each database must find its rows by an index, never by looking at all."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from plans import plan_of, rows_looked_at, statements
from sqlalchemy import insert, select, text

from engine import Engine, commands, queries
from engine.actors import Actor
from engine.store.tables import activity_instance, event, process_instance, user_task, user_task_candidate
from engine.testing import ManualClock

LARGE = "process_instance|activity_instance|user_task|user_task_candidate|event"  # what the fixture fills
FULL_SCAN = {
    "postgresql": re.compile(rf"Seq Scan on ({LARGE})\b"),
    "sqlite": re.compile(rf"\bSCAN ({LARGE})\b"),
}


@pytest.fixture
def crowded(service: Engine, analyst: Actor, clock: ManualClock) -> Engine:
    """Thousands of ended instances of others, with their history and events, beside two of `sam`."""
    started = service.execute(commands.StartProcessInstance(definition_key="joined"), analyst)
    with service.database.write() as connection:
        instance = dict(connection.execute(select(process_instance)).mappings().one())
        ids = [f"{number:032x}" for number in range(4_000)]
        connection.execute(
            insert(process_instance),
            [instance | {"id": one, "state": "completed", "ended_at": clock.now(), "business_key": one} for one in ids],
        )
        history = dict(connection.execute(select(activity_instance).limit(1)).mappings().one())
        connection.execute(insert(activity_instance), [history | {"instance_id": one} for one in ids])
        happened = dict(connection.execute(select(event).where(event.c.instance_id == started.id)).mappings().all()[0])
        del happened["seq"]
        connection.execute(
            insert(event), [happened | {"instance_id": one, "subject_id": one} for one in ids for _ in range(3)]
        )
        task = dict(connection.execute(select(user_task).limit(1)).mappings().one())
        done = {"state": "completed", "assignee": "zoe", "completed_by": "zoe", "ended_at": clock.now()}
        connection.execute(insert(user_task), [task | done | {"id": f"{one}.1", "instance_id": one} for one in ids])
        connection.execute(
            insert(user_task_candidate), [{"task_id": f"{one}.1", "kind": "user", "name": "zoe"} for one in ids]
        )
        connection.execute(text("ANALYZE"))
    return service


READINGS: dict[str, Callable[[str, str], Any]] = {
    "newest instances": lambda own, cursor: queries.ListProcessInstances(),
    "running instances": lambda own, cursor: queries.ListProcessInstances(state="active"),
    "instances of a process": lambda own, cursor: queries.ListProcessInstances(definition_key="mailing"),
    "instances of a business key": lambda own, cursor: queries.ListProcessInstances(business_key="PO-7"),
    "instances in trouble": lambda own, cursor: queries.ListProcessInstances(incidents=True),
    "an instance": lambda own, cursor: queries.GetProcessInstance(id=own),
    "its history": lambda own, cursor: queries.GetActivities(id=own),
    "its variables": lambda own, cursor: queries.GetVariables(id=own),
    "its events": lambda own, cursor: queries.ListEvents(process_instance_id=own),
    "new events": lambda own, cursor: queries.ListEvents(after=cursor),
}


@pytest.mark.parametrize("actor_name", ["operator", "starter"])
def test_what_lies_behind_is_not_looked_at(
    crowded: Engine, starter: Actor, actor_name: str, request: pytest.FixtureRequest
) -> None:
    own = crowded.execute(commands.StartProcessInstance(definition_key="joined"), starter).id
    cursor = crowded.events_cursor()
    crowded.execute(commands.StartProcessInstance(definition_key="joined"), starter)
    actor: Actor = request.getfixturevalue(actor_name)

    for name, reading in READINGS.items():
        with statements() as asked:
            crowded.read(reading(own, cursor), actor)
        assert asked
        with crowded.database.read() as connection:
            for statement, parameters in asked:
                plan = plan_of(connection, statement, parameters)
                assert not FULL_SCAN[crowded.database.dialect].search(plan), f"{name}\n{statement}\n{plan}"
                if crowded.database.dialect == "postgresql":  # which also tells how many rows it passed by
                    assert rows_looked_at(connection, statement, parameters) < 500, f"{name}\n{statement}\n{plan}"
