"""Whose events are read: all of the tenant's by those who oversee instances, one's own concerns by everybody else."""

from __future__ import annotations

from typing import Any

import pytest

from engine import Engine, commands, errors, queries
from engine.actors import Actor


def start(service: Engine, actor: Actor, key: str, **more: Any) -> str:
    return str(service.execute(commands.StartProcessInstance(definition_key=key, **more), actor).id)


def told(service: Engine, actor: Actor, after: str | None = None, **more: Any) -> list[tuple[str, str | None]]:
    page = service.read(queries.ListEvents(after=after, **more), actor)
    return [(event.kind, event.element_id) for event in page.items]


def test_who_oversees_instances_reads_everything(service: Engine, analyst: Actor, operator: Actor) -> None:
    cursor = service.events_cursor()
    instance_id = start(service, analyst, "approval", variables={"amount": 1})

    for actor in (operator, analyst):
        page = service.read(queries.ListEvents(after=cursor), actor)
        assert [event.kind for event in page.items] == [
            "instance.started",
            "activity.started",
            "activity.completed",
            "activity.started",
            "user_task.created",
        ]
        created = page.items[-1]
        assert (created.process_instance_id, created.definition_key) == (instance_id, "approval")
        assert (created.subject_id, created.version) == (f"{instance_id}.{created.subject_id.rpartition('.')[2]}", 1)
        assert (created.data["name"], created.data["candidate_groups"]) == ("Decide", ["approvers"])


def test_who_takes_part_reads_of_the_tasks_it_sees(service: Engine, analyst: Actor, ben: Actor, cleo: Actor) -> None:
    cursor = service.events_cursor()
    start(service, analyst, "offers")

    assert sorted(told(service, ben, cursor)) == [
        ("user_task.created", "for_ben"),
        ("user_task.created", "offered_to_all"),
        ("user_task.created", "offered_to_ben"),
    ]
    assert sorted(told(service, cleo, cursor)) == [
        ("user_task.created", "for_cleo"),
        ("user_task.created", "offered_to_all"),
        ("user_task.created", "offered_to_finance"),
    ]


def test_a_starter_reads_of_the_instances_it_started(service: Engine, analyst: Actor, starter: Actor) -> None:
    cursor = service.events_cursor()
    start(service, analyst, "mailing")
    own = start(service, starter, "mailing")

    page = service.read(queries.ListEvents(after=cursor), starter)

    assert {event.process_instance_id for event in page.items} == {own}
    assert "job.created" in {event.kind for event in page.items}


def test_everybody_hears_of_deployments(service: Engine, ben: Actor) -> None:
    assert told(service, ben) == [("definition.deployed", None)] * 4


def test_filters(service: Engine, analyst: Actor, operator: Actor) -> None:
    cursor = service.events_cursor()
    first = start(service, analyst, "mailing")
    start(service, analyst, "joined")

    of_first = service.read(queries.ListEvents(process_instance_id=first), operator)
    assert {event.process_instance_id for event in of_first.items} == {first}
    of_joined = service.read(queries.ListEvents(after=cursor, definition_key="joined"), operator)
    assert {event.definition_key for event in of_joined.items} == {"joined"}
    assert len(of_first.items) > 3 < len(of_joined.items)


def test_a_filtered_reader_goes_on_from_its_cursor_and_misses_nothing(
    service: Engine, analyst: Actor, operator: Actor
) -> None:
    first = start(service, analyst, "approval", variables={"amount": 1})
    seen, cursor = [], None
    for _ in range(20):
        page = service.read(queries.ListEvents(after=cursor, process_instance_id=first, limit=2), operator)
        seen += page.items
        cursor = page.next_cursor
        start(service, analyst, "mailing")  # others go on meanwhile

    assert seen == service.read(queries.ListEvents(process_instance_id=first), operator).items


def test_a_worker_may_not_ask(service: Engine, worker: Actor) -> None:
    with pytest.raises(errors.Forbidden):
        told(service, worker)
