"""Called processes: an instance of their own, that ends with its call and hands on what it does not catch."""

from __future__ import annotations

import pytest
from events import OUTSIDE, boundary, call, catch, error, escalation, signal, throw
from scene import MACHINE, ROOT, House, diagram, flow, line, script_task, service_task, user_task

from engine import commands as c
from engine.errors import Conflict

MAPPINGS = '<signalbox:in name="sum" value="amount + 1"/><signalbox:out name="result" value="sum * 10"/>'


def throws(id: str, definition: str) -> str:
    """A process that ends with an event."""
    return f'<bpmn:startEvent id="start"/><bpmn:endEvent id="{id}">{definition}</bpmn:endEvent>' + flow("start", id)


def test_a_process_is_called_with_what_is_mapped_and_answers_so(house: House) -> None:
    house.deploy(diagram(line(call("ask", "sub", MAPPINGS))), diagram(line(script_task("add", "sum = sum + 1")), "sub"))
    instance = house.start(amount=5, secret=1)
    assert house.instance(instance).state == "active"
    house.settle()
    assert house.instance(instance).state == "completed"
    assert house.variables(instance) == {"amount": 5, "secret": 1, "result": 70}
    (child,) = house.instances(parent_id=instance.id)
    assert (child.definition_key, child.parent_element_id, child.state) == ("sub", "ask", "completed")
    assert house.variables(child) == {"sum": 7}


def test_the_child_is_shown_where_its_parent_waits(house: House) -> None:
    house.deploy(diagram(line(call("ask", "sub"))), diagram(line(user_task()), "sub"))
    instance = house.start()
    assert house.waiting(instance) == ["call ask"]
    house.settle()
    assert house.waiting(instance) == ["call ask"]
    (child,) = house.instances(parent_id=instance.id)
    assert child.business_key == instance.business_key
    house.complete(house.task(child))
    house.settle()
    assert house.instance(instance).state == "completed"


def test_all_variables_go_in_and_out_where_the_drawing_says_so(house: House) -> None:
    house.deploy(
        diagram(line(call("ask", "sub", allIn="true", allOut="true"))),
        diagram(line(script_task("add", "total = amount + 1")), "sub"),
    )
    instance = house.start(amount=5)
    house.settle()
    assert house.variables(instance) == {"amount": 5, "total": 6}


def test_an_error_of_the_child_is_caught_at_the_call(house: House) -> None:
    house.deploy(
        diagram(line(call("ask", "sub")) + boundary("oops", "ask", error("broke")), outside=OUTSIDE),
        diagram(throws("fail", error("broke")), "sub", outside=OUTSIDE),
    )
    instance = house.start()
    house.settle()
    assert house.instance(instance).state == "completed"
    assert house.states(instance)["oops_end"] == "completed"
    (child,) = house.instances(parent_id=instance.id)
    assert child.state == "failed"
    assert house.incidents(child) == []


def test_an_error_that_nobody_catches_is_an_incident_at_the_call_and_can_be_tried_again(house: House) -> None:
    house.deploy(
        diagram(line(call("ask", "sub", '<signalbox:in name="bad" value="bad"/>'))),
        diagram(line(service_task()), "sub"),
    )
    instance = house.start(bad=True)
    house.settle()
    (job,) = house.fetch()
    house.execute(c.EndJobWithError(id=job.id, token=job.token, code="broke", message="no money"), MACHINE)
    house.settle()
    (incident,) = house.incidents(instance)
    assert (incident.kind, incident.element_id) == ("uncaught_error", "ask")

    house.execute(c.RetryIncident(id=incident.id), ROOT)
    house.settle()
    house.done(*house.fetch())
    house.settle()
    assert house.instance(instance).state == "completed"
    assert [child.state for child in house.instances(parent_id=instance.id)] == ["failed", "completed"]


def test_an_escalation_of_the_child_is_heard_at_the_call_and_the_child_goes_on(house: House) -> None:
    house.deploy(
        diagram(line(call("ask", "sub")) + boundary("heard", "ask", escalation(), interrupting=False), outside=OUTSIDE),
        diagram(line(throw("shout", escalation("late")), user_task()), "sub", outside=OUTSIDE),
    )
    instance = house.start()
    house.settle()
    assert house.states(instance)["heard_end"] == "completed"
    (child,) = house.instances(parent_id=instance.id)
    house.complete(house.task(child))
    house.settle()
    assert house.instance(instance).state == "completed"


def test_a_call_that_is_cancelled_ends_its_child_and_grandchild(house: House) -> None:
    house.deploy(
        diagram(line(call("ask", "middle")) + boundary("stop", "ask", signal("alarm")), outside=OUTSIDE),
        diagram(line(call("deeper", "sub")), "middle"),
        diagram(line(user_task()), "sub"),
    )
    instance = house.start()
    house.settle()
    house.signal("alarm")
    house.settle()
    assert {one.definition_key: one.state for one in house.instances()} == {
        "order": "completed",
        "middle": "cancelled",
        "sub": "cancelled",
    }
    assert house.instance(instance).state == "completed"


def test_a_call_cancelled_before_it_was_made_is_never_made(house: House) -> None:
    house.deploy(diagram(line(call("ask", "sub"))), diagram(line(user_task()), "sub"))
    instance = house.start()
    house.execute(c.CancelProcessInstance(id=instance.id), ROOT)
    assert house.settle() == 0
    assert house.instances(parent_id=instance.id) == []


def test_a_called_instance_is_not_cancelled_behind_its_parents_back(house: House) -> None:
    house.deploy(diagram(line(call("ask", "sub"))), diagram(line(user_task()), "sub"))
    instance = house.start()
    house.settle()
    (child,) = house.instances(parent_id=instance.id)
    with pytest.raises(Conflict, match="cancel that one"):
        house.execute(c.CancelProcessInstance(id=child.id), ROOT)
    house.execute(c.CancelProcessInstance(id=instance.id), ROOT)
    house.settle()
    assert house.instance(child).state == "cancelled"


def test_a_process_that_is_not_deployed_is_an_incident_until_it_is(house: House) -> None:
    instance = house.start(line(call("ask", "sub")))
    house.settle()
    (incident,) = house.incidents(instance)
    assert "'sub' is called and not deployed" in incident.message
    house.deploy(diagram(line(user_task()), "sub"))
    house.execute(c.RetryIncident(id=incident.id), ROOT)
    house.settle()
    assert len(house.instances(parent_id=instance.id)) == 1


def test_a_process_that_begins_by_events_only_cannot_be_called(house: House) -> None:
    body = f'<bpmn:startEvent id="come">{signal("alarm")}</bpmn:startEvent><bpmn:endEvent id="end"/>' + flow(
        "come", "end"
    )
    house.deploy(diagram(line(call("ask", "sub"))), diagram(body, "sub", outside=OUTSIDE))
    instance = house.start()
    house.settle()
    (incident,) = house.incidents(instance)
    assert "begins by events only" in incident.message


@pytest.mark.parametrize(("attributes", "version"), [({}, 2), ({"version": "1"}, 1), ({"binding": "deployment"}, 1)])
def test_which_version_is_called(house: House, attributes: dict[str, str], version: int) -> None:
    house.deploy(diagram(line(call("ask", "sub", **attributes))), diagram(line(user_task()), "sub"))
    house.deploy(diagram(line(user_task("check")), "sub"))
    instance = house.start()
    house.settle()
    assert [child.definition_version for child in house.instances(parent_id=instance.id)] == [version]


def test_a_suspended_parent_hears_of_its_child_when_it_is_resumed(house: House) -> None:
    house.deploy(diagram(line(call("ask", "sub"))), diagram(line(user_task()), "sub"))
    instance = house.start()
    house.settle()
    (child,) = house.instances(parent_id=instance.id)
    house.execute(c.SuspendProcessInstance(id=instance.id), ROOT)
    house.complete(house.task(child))
    house.settle()
    assert house.instance(instance).state == "suspended"
    house.execute(c.ResumeProcessInstance(id=instance.id), ROOT)
    house.settle()
    assert house.instance(instance).state == "completed"


def test_a_child_waits_for_messages_and_signals_like_any_other(house: House) -> None:
    house.deploy(
        diagram(line(call("ask", "sub"))), diagram(line(catch("hear", signal("alarm"))), "sub", outside=OUTSIDE)
    )
    instance = house.start()
    house.settle()
    house.signal("alarm")
    house.settle()
    assert house.instance(instance).state == "completed"
