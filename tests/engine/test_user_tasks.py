"""User tasks: who sees them, who may take them, what a form must hold, and that they are completed once."""

from __future__ import annotations

from typing import Any

import pytest
from scene import ADA, BEN, CLEO, DORA, ROOT, STRANGER, House, line, script_task, user_task

from engine import commands as c
from engine import queries as q
from engine.errors import AlreadyClaimed, Conflict, EngineError, Forbidden, Invalid, NotFound

APPROVERS = line(user_task(candidateGroups="approvers"))
FORM = "".join(
    [
        '<signalbox:field name="approved" label="Approved" type="boolean" required="true"/>',
        '<signalbox:field name="reason" label="Reason" type="string"/>',
        '<signalbox:field name="count" label="Count" type="integer"/>',
        '<signalbox:field name="price" label="Price" type="number"/>',
        '<signalbox:field name="due" label="Due" type="date"/>',
        (
            '<signalbox:field name="colour" label="Colour" type="enum">'
            '<signalbox:option value="red" label="Red"/><signalbox:option value="blue" label="Blue"/></signalbox:field>'
        ),
        '<signalbox:field name="order_number" label="Number" type="string" readOnly="true"/>',
    ]
)


def test_a_candidate_claims_and_completes(house: House) -> None:
    instance = house.start(APPROVERS)
    task = house.task(instance)

    claimed = house.execute(c.ClaimUserTask(id=task.id), BEN)
    completed = house.complete(task, BEN, approved=True)

    assert claimed.assignee == "ben"
    assert (completed.state, completed.completed_by) == ("completed", "ben")
    assert house.variables(instance) == {"approved": True}
    assert house.instance(instance).state == "completed"
    told = house.happened(instance)
    assert told.index("user_task.claimed approve") < told.index("user_task.completed approve")
    event = next(one for one in house.events(instance) if one.kind == "user_task.claimed")
    assert event.data == {
        "name": "Approve",
        "assignee": "ben",
        "candidate_users": [],
        "candidate_groups": ["approvers"],
    }


def test_a_candidate_who_completes_claims_in_the_same_step(house: House) -> None:
    task = house.task(house.start(APPROVERS))
    completed = house.complete(task, CLEO)
    assert (completed.assignee, completed.completed_by) == ("cleo", "cleo")


def test_claiming_ones_own_task_again_is_no_error(house: House) -> None:
    task = house.task(house.start(APPROVERS))
    house.execute(c.ClaimUserTask(id=task.id), BEN)
    assert house.execute(c.ClaimUserTask(id=task.id), BEN).assignee == "ben"


def test_a_task_held_by_a_colleague_names_the_colleague(house: House) -> None:
    task = house.task(house.start(APPROVERS))
    house.execute(c.ClaimUserTask(id=task.id), BEN)

    for command in (c.ClaimUserTask(id=task.id), c.CompleteUserTask(id=task.id), c.UnclaimUserTask(id=task.id)):
        with pytest.raises(AlreadyClaimed) as claimed:
            house.execute(command, CLEO)
        assert claimed.value.extra["assignee"] == "ben"


def test_a_task_is_given_back_by_who_holds_it_or_oversees(house: House) -> None:
    task = house.task(house.start(APPROVERS))
    house.execute(c.ClaimUserTask(id=task.id), BEN)
    assert house.execute(c.UnclaimUserTask(id=task.id), BEN).assignee is None
    house.execute(c.ClaimUserTask(id=task.id), CLEO)
    assert house.execute(c.UnclaimUserTask(id=task.id), ROOT).assignee is None


def test_an_operator_assigns_to_anybody_and_to_nobody(house: House) -> None:
    task = house.task(house.start(APPROVERS))
    assert house.execute(c.AssignUserTask(id=task.id, assignee="dora"), ROOT).assignee == "dora"
    assert house.complete(task, DORA).completed_by == "dora"
    other = house.task(house.start())
    house.execute(c.AssignUserTask(id=other.id, assignee="dora"), ROOT)
    assert house.execute(c.AssignUserTask(id=other.id, assignee=None), ROOT).assignee is None


def test_an_assignee_has_a_name_that_can_be_stored(house: House) -> None:
    task = house.task(house.start(APPROVERS))
    for name in ("", "x" * 256):
        with pytest.raises(Invalid):
            house.execute(c.AssignUserTask(id=task.id, assignee=name), ROOT)


def test_a_task_that_the_drawing_assigns_is_completed_by_that_person_alone(house: House) -> None:
    task = house.task(house.start(line(user_task(assignee="{{clerk}}")), clerk="dora"))
    assert task.assignee == "dora"
    with pytest.raises(NotFound):
        house.complete(task, BEN)
    assert house.complete(task, DORA).state == "completed"


def test_a_task_of_others_is_not_there(house: House) -> None:
    task = house.task(house.start(APPROVERS))
    for actor in (DORA, STRANGER):
        for command in (c.ClaimUserTask(id=task.id), c.CompleteUserTask(id=task.id), c.UnclaimUserTask(id=task.id)):
            with pytest.raises(NotFound):
                house.execute(command, actor)


def test_who_oversees_tasks_and_is_no_candidate_assigns_first(house: House) -> None:
    task = house.task(house.start(APPROVERS))
    with pytest.raises(Forbidden):
        house.complete(task, ROOT)
    house.execute(c.AssignUserTask(id=task.id, assignee="root"), ROOT)
    assert house.complete(task, ROOT).completed_by == "root"


def test_an_analyst_without_the_role_cannot_complete(house: House) -> None:
    task = house.task(house.start(APPROVERS))
    with pytest.raises(EngineError):
        house.complete(task, ADA)


def test_completing_twice_is_a_conflict(house: House) -> None:
    task = house.task(house.start(APPROVERS))
    house.complete(task, BEN)

    for actor in (BEN, CLEO):
        with pytest.raises(Conflict) as conflict:
            house.complete(task, actor)
        assert conflict.value.extra["state"] == "completed"


def test_an_unknown_task_is_not_found(house: House) -> None:
    for command in (c.ClaimUserTask(id="x"), c.AssignUserTask(id="x", assignee="ben"), c.CompleteUserTask(id="x")):
        with pytest.raises(NotFound):
            house.execute(command, ROOT)


@pytest.mark.parametrize(
    ("variables", "field"),
    [
        ({}, "approved"),
        ({"approved": None}, "approved"),
        ({"approved": "yes"}, "approved"),
        ({"approved": True, "reason": 7}, "reason"),
        ({"approved": True, "count": 1.5}, "count"),
        ({"approved": True, "count": True}, "count"),
        ({"approved": True, "price": "much"}, "price"),
        ({"approved": True, "due": "tomorrow"}, "due"),
        ({"approved": True, "due": "20260131"}, "due"),
        ({"approved": True, "due": "2026-02-30"}, "due"),
        ({"approved": True, "colour": "green"}, "colour"),
        ({"approved": True, "order_number": "17"}, "order_number"),
        ({"approved": True, "surprise": 1}, "surprise"),
    ],
)
def test_a_form_filled_in_wrongly_names_the_field(house: House, variables: dict[str, Any], field: str) -> None:
    task = house.task(house.start(line(user_task(form=FORM))))

    with pytest.raises(Invalid) as invalid:
        house.complete(task, BEN, **variables)

    assert [error["field"] for error in invalid.value.extra["errors"]] == [field]
    assert house.read(q.GetUserTask(id=task.id), ROOT).state == "open"


def test_every_fault_of_a_form_is_told_at_once(house: House) -> None:
    task = house.task(house.start(line(user_task(form=FORM))))
    with pytest.raises(Invalid) as invalid:
        house.complete(task, BEN, count="x", due="x", surprise=1)
    assert {error["field"] for error in invalid.value.extra["errors"]} == {"approved", "count", "due", "surprise"}


def test_a_form_filled_in_well_becomes_variables(house: House) -> None:
    instance = house.start(line(user_task(form=FORM)))
    filled = {"approved": False, "reason": "", "count": 3, "price": 2.5, "due": "2026-02-28", "colour": "red"}
    house.complete(house.task(instance), BEN, **filled)
    assert house.variables(instance) == filled


def test_a_task_shows_its_fields_and_its_place(house: House) -> None:
    instance = house.start(line(user_task(form=FORM, candidateUsers="ben, cleo", priority="70")))

    task = house.execute(c.ClaimUserTask(id=house.task(instance).id), BEN)

    assert task.id.startswith(f"{instance.id}.")
    assert [field.name for field in task.fields][:2] == ["approved", "reason"]
    assert [option.value for option in task.fields[5].options] == ["red", "blue"]
    assert (task.candidate_users, task.priority, task.element_id) == (["ben", "cleo"], 70, "approve")


def test_a_script_that_fails_after_the_task_does_not_undo_the_completion(house: House) -> None:
    instance = house.start(line(user_task(), script_task("divide", "x = 1 / 0")))

    house.complete(house.task(instance), BEN)

    assert [incident.kind for incident in house.incidents(instance)] == ["script_failed"]
    assert house.states(instance) == {"start": "completed", "approve": "completed", "divide": "failed"}
