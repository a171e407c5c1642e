"""What people and machines say beside "done": that it went wrong as drawn, that it escalates, what to begin."""

from __future__ import annotations

import pytest
from events import OUTSIDE, boundary, error, escalation
from scene import ADA, BEN, MACHINE, ROOT, STRANGER, House, diagram, line, service_task, user_task

from engine import commands as c
from engine import queries as q
from engine.errors import Conflict, LockLost, NotFound

CARE = (
    '<bpmn:adHocSubProcess id="care"><bpmn:userTask id="wash" name="Wash"/><bpmn:userTask id="feed" name="Feed"/>'
    "</bpmn:adHocSubProcess>"
)


def test_a_job_ends_with_an_error_that_is_caught(house: House) -> None:
    house.deploy(diagram(line(service_task()) + boundary("oops", "charge", error("broke")), outside=OUTSIDE))
    instance = house.start()
    (job,) = house.fetch()
    command = c.EndJobWithError(id=job.id, token=job.token, code="broke", message="no money")
    assert house.execute(command, MACHINE).state == "error"
    assert house.execute(command, MACHINE).state == "error", "the same token is answered as the first time"
    assert house.instance(instance).state == "completed"
    assert house.states(instance)["oops_end"] == "completed"
    with pytest.raises(LockLost):
        house.done(job)


def test_an_error_of_a_job_that_nobody_catches_fails_the_instance(house: House) -> None:
    instance = house.start(line(service_task()))
    (job,) = house.fetch()
    house.execute(c.EndJobWithError(id=job.id, token=job.token, code="other"), MACHINE)
    (incident,) = house.incidents(instance)
    assert incident.kind == "uncaught_error"
    assert house.waiting(instance) == []
    house.execute(c.RetryIncident(id=incident.id), ROOT)
    house.done(*house.fetch())
    assert house.instance(instance).state == "completed"


def test_a_user_task_ends_with_an_error(house: House) -> None:
    house.deploy(diagram(line(user_task()) + boundary("oops", "approve", error("broke")), outside=OUTSIDE))
    instance = house.start()
    task = house.execute(c.EndUserTaskWithError(id=house.task(instance).id, code="broke"), BEN)
    assert task.state == "cancelled"
    assert house.instance(instance).state == "completed"
    assert "user_task.failed approve" in house.happened(instance)


def test_a_user_task_whose_error_nobody_catches_is_opened_again_by_the_retry(house: House) -> None:
    instance = house.start(line(user_task()))
    house.execute(c.EndUserTaskWithError(id=house.task(instance).id, code="broke"), BEN)
    assert house.waiting(instance) == []
    (incident,) = house.incidents(instance)
    house.execute(c.RetryIncident(id=incident.id), ROOT)
    house.complete(house.task(instance))
    assert house.instance(instance).state == "completed"


@pytest.mark.parametrize("interrupting", [True, False])
def test_a_user_task_escalates(house: House, interrupting: bool) -> None:
    caught = boundary("boss", "approve", escalation("late"), interrupting=interrupting)
    house.deploy(diagram(line(user_task()) + caught, outside=OUTSIDE))
    instance = house.start()
    task = house.execute(c.EscalateUserTask(id=house.task(instance).id, code="late"), BEN)
    assert house.states(instance)["boss_end"] == "completed"
    assert task.state == ("cancelled" if interrupting else "open")


def test_people_start_activities_and_say_when_it_is_enough(house: House) -> None:
    instance = house.start(line(CARE), actor=ADA)
    (waiting,) = house.read(q.GetWaiting(id=instance.id), ADA).items
    assert (waiting.kind, waiting.startable) == ("ad_hoc", ["wash", "feed"])

    house.execute(c.StartActivity(id=waiting.id, element_id="feed", variables={"with": "hay"}), ADA)
    house.complete(house.task(instance, "feed"))
    assert house.instance(instance).state == "active"
    house.execute(c.StartActivity(id=waiting.id, element_id="wash"), ADA)
    house.complete(house.task(instance, "wash"))
    house.execute(c.CompleteAdHoc(id=waiting.id), ADA)
    assert house.instance(instance).state == "completed"
    with pytest.raises(NotFound):
        house.execute(c.CompleteAdHoc(id=waiting.id), ADA)


def test_what_cannot_be_started_is_said(house: House) -> None:
    instance = house.start(line(CARE), actor=ADA)
    (waiting,) = house.read(q.GetWaiting(id=instance.id), ADA).items
    with pytest.raises(Conflict, match="nothing"):
        house.execute(c.StartActivity(id=waiting.id, element_id="nothing"), ADA)
    for stranger in (STRANGER, BEN):
        with pytest.raises(NotFound):
            house.execute(c.StartActivity(id=waiting.id, element_id="wash"), stranger)
    house.execute(c.SuspendProcessInstance(id=instance.id), ROOT)
    with pytest.raises(Conflict, match="suspended"):
        house.execute(c.StartActivity(id=waiting.id, element_id="wash"), ADA)
