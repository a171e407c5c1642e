"""Messages find the one place that waits for them; incidents wait for a human and are retried."""

from __future__ import annotations

import pytest
from scene import ADA, MACHINE, ROOT, STRANGER, House, diagram, flow, line, script_task, user_task

from engine import commands as c
from engine.errors import Conflict, NotFound

INNER = (
    '<bpmn:startEvent id="begin" {attributes}><bpmn:messageEventDefinition messageRef="reminder"/></bpmn:startEvent>'
)
MESSAGE = '<bpmn:message id="reminder" name="reminder"/>'


def listening(*, interrupting: bool) -> bytes:
    """A user task, and an event sub-process that listens for `reminder`."""
    begin = INNER.format(attributes="" if interrupting else 'isInterrupting="false"')
    inside = begin + user_task("answer") + '<bpmn:endEvent id="finish"/>'
    inside += flow("begin", "answer") + flow("answer", "finish")
    body = line(user_task()) + f'<bpmn:subProcess id="reminded" triggeredByEvent="true">{inside}</bpmn:subProcess>'
    return diagram(body, outside=MESSAGE)


def start(house: House, business_key: str | None = None) -> str:
    command = c.StartProcessInstance(definition_key="order", business_key=business_key)
    return str(house.execute(command, ADA).id)


class TestMessages:
    def test_a_message_reaches_the_instance_of_its_business_key(self, house: House) -> None:
        house.deploy(listening(interrupting=False))
        start(house, "other")
        wanted = start(house, "order 7")

        found = house.execute(
            c.CorrelateMessage(name="reminder", business_key="order 7", variables={"days": 3}), MACHINE
        )

        assert (found.name, found.process_instance_id, found.element_id) == ("reminder", wanted, "begin")
        instance = house.execute(c.ResumeProcessInstance(id=wanted), ROOT)
        assert house.task(instance, "answer").element_id == "answer"
        assert house.task(instance, "approve").element_id == "approve"
        assert "message.correlated begin" in house.happened(instance)

    def test_a_sub_process_that_interrupts_nothing_can_begin_again(self, house: House) -> None:
        house.deploy(listening(interrupting=False))
        wanted = start(house)
        for _ in range(3):
            house.execute(c.CorrelateMessage(name="reminder", process_instance_id=wanted), MACHINE)
        instance = house.execute(c.ResumeProcessInstance(id=wanted), ROOT)
        assert house.happened(instance).count("user_task.created answer") == 3

    def test_one_that_interrupts_closes_what_waited_and_listens_no_more(self, house: House) -> None:
        house.deploy(listening(interrupting=True))
        wanted = start(house)

        house.execute(c.CorrelateMessage(name="reminder", process_instance_id=wanted), MACHINE)

        instance = house.execute(c.ResumeProcessInstance(id=wanted), ROOT)
        assert house.task(instance).element_id == "answer"
        with pytest.raises(NotFound):
            house.execute(c.CorrelateMessage(name="reminder", process_instance_id=wanted), MACHINE)
        house.complete(house.task(instance))
        assert house.instance(instance).state == "completed"

    def test_a_message_that_nobody_waits_for_says_what_was_looked_for(self, house: House) -> None:
        house.deploy(listening(interrupting=False))
        start(house, "order 7")
        with pytest.raises(NotFound) as not_found:
            house.execute(c.CorrelateMessage(name="reminder", business_key="order 8"), MACHINE)
        assert "reminder" in not_found.value.message
        assert "order 8" in not_found.value.message

    def test_a_message_for_more_than_one_instance_goes_to_none(self, house: House) -> None:
        house.deploy(listening(interrupting=False))
        start(house, "twins")
        start(house, "twins")
        with pytest.raises(Conflict):
            house.execute(c.CorrelateMessage(name="reminder", business_key="twins"), MACHINE)

    def test_a_message_that_nobody_waits_for_says_so(self, house: House) -> None:
        with pytest.raises(NotFound, match="nothing waits for a message 'reminder'"):
            house.execute(c.CorrelateMessage(name="reminder"), MACHINE)

    def test_an_ended_or_foreign_or_suspended_instance_hears_nothing(self, house: House) -> None:
        house.deploy(listening(interrupting=False))
        wanted = start(house)
        command = c.CorrelateMessage(name="reminder", process_instance_id=wanted)
        with pytest.raises(NotFound):
            house.execute(command, STRANGER)
        house.execute(c.SuspendProcessInstance(id=wanted), ROOT)
        with pytest.raises(Conflict):
            house.execute(command, MACHINE)
        house.execute(c.CancelProcessInstance(id=wanted), ROOT)
        with pytest.raises(NotFound):
            house.execute(command, MACHINE)


class TestIncidents:
    def test_a_failed_script_is_repaired_and_retried(self, house: House) -> None:
        instance = house.start(line(script_task("share", "each = 10 / people")), people=0)
        (incident,) = house.incidents(instance)
        assert (incident.kind, incident.element_id, incident.element_name) == ("script_failed", "share", "Share")
        assert house.instance(instance).incidents == 1

        house.execute(c.SetVariables(id=instance.id, variables={"people": 5}), ROOT)
        resolved = house.execute(c.RetryIncident(id=incident.id), ROOT)

        assert (resolved.state, resolved.resolved_by) == ("resolved", "root")
        assert house.instance(instance).state == "completed"
        assert house.instance(instance).incidents == 0
        assert house.variables(instance)["each"] == 2
        assert {"incident.opened share", "incident.resolved share"} <= set(house.happened(instance))

    def test_a_retry_that_fails_again_opens_the_next_incident(self, house: House) -> None:
        instance = house.start(line(script_task("share", "each = 10 / people")), people=0)
        first = house.incidents(instance)[0]

        house.execute(c.RetryIncident(id=first.id), ROOT)

        (second,) = house.incidents(instance)
        assert second.id != first.id
        assert house.instance(instance).incidents == 1
        assert house.states(instance)["share"] == "failed"

    def test_a_gateway_without_a_way_is_an_incident(self, house: House) -> None:
        body = (
            '<bpmn:startEvent id="start"/><bpmn:exclusiveGateway id="choose"/>'
            '<bpmn:endEvent id="end"/><bpmn:endEvent id="other"/>'
            + flow("start", "choose")
            + flow("choose", "end", "amount > 10".replace(">", "&gt;"))
            + flow("choose", "other", "amount > 100".replace(">", "&gt;"))
        )
        instance = house.start(body, amount=1)
        (incident,) = house.incidents(instance)
        assert (incident.kind, incident.element_id) == ("no_flow_taken", "choose")

        house.execute(c.SetVariables(id=instance.id, variables={"amount": 11}), ROOT)
        house.execute(c.RetryIncident(id=incident.id), ROOT)

        assert house.instance(instance).state == "completed"

    def test_a_dead_end_cannot_be_retried(self, house: House) -> None:
        body = (
            '<bpmn:startEvent id="start"/><bpmn:exclusiveGateway id="choose" default="choose_join"/>'
            '<bpmn:parallelGateway id="join"/><bpmn:manualTask id="aside"/><bpmn:endEvent id="end"/>'
            + flow("start", "choose")
            + flow("choose", "aside", "False")
            + flow("choose", "join")
            + flow("aside", "join")
            + flow("join", "end")
        )
        instance = house.start(body)
        (incident,) = house.incidents(instance)
        assert incident.kind == "dead_end"
        assert not incident.retryable
        with pytest.raises(Conflict):
            house.execute(c.RetryIncident(id=incident.id), ROOT)

        house.execute(c.CancelProcessInstance(id=instance.id), ROOT)

        assert house.incidents(instance) == []
        assert house.instance(instance).incidents == 0

    def test_a_dead_end_is_resolved_when_its_scope_is_interrupted(self, house: House) -> None:
        inner = (
            '<bpmn:startEvent id="start_in"/><bpmn:exclusiveGateway id="choose" default="choose_join"/>'
            '<bpmn:parallelGateway id="join"/><bpmn:manualTask id="aside"/><bpmn:endEvent id="end_in"/>'
            + flow("start_in", "choose")
            + flow("choose", "aside", "False")
            + flow("choose", "join")
            + flow("aside", "join")
            + flow("join", "end_in")
        )
        stop = "<bpmn:timerEventDefinition><bpmn:timeDuration>PT0S</bpmn:timeDuration></bpmn:timerEventDefinition>"
        body = (
            line(f'<bpmn:subProcess id="work">{inner}</bpmn:subProcess>', user_task())
            + f'<bpmn:boundaryEvent id="stop" attachedToRef="work">{stop}</bpmn:boundaryEvent>'
            + flow("stop", "approve")
        )
        instance = house.start(body)
        assert [one.kind for one in house.incidents(instance)] == ["dead_end"]
        house.settle()
        assert house.incidents(instance) == []
        assert house.instance(instance).incidents == 0
        assert house.task(instance).element_id == "approve"

    def test_cancelling_resolves_what_had_failed(self, house: House) -> None:
        instance = house.start(line(script_task("share", "each = 10 / people")), people=0)
        house.execute(c.CancelProcessInstance(id=instance.id), ROOT)
        assert house.incidents(instance) == []
        assert house.instance(instance).incidents == 0
        assert house.states(instance)["share"] == "cancelled"

    def test_interrupting_resolves_what_had_failed_in_the_instance_that_goes_on(self, house: House) -> None:
        begin = INNER.format(attributes="") + user_task("answer") + '<bpmn:endEvent id="finish"/>'
        event = begin + flow("begin", "answer") + flow("answer", "finish")
        inside = '<bpmn:startEvent id="in"/><bpmn:endEvent id="out"/>' + flow("in", "out")
        body = (
            '<bpmn:startEvent id="start"/><bpmn:endEvent id="end"/><bpmn:endEvent id="other"/>'
            f'<bpmn:subProcess id="check">{inside}</bpmn:subProcess>'
            f'<bpmn:subProcess id="reminded" triggeredByEvent="true">{event}</bpmn:subProcess>'
            + flow("start", "check")
            + flow("check", "end", "amount == 1")
            + flow("check", "other", "amount == 2")
        )
        house.deploy(diagram(body, outside=MESSAGE))
        instance = house.start(amount=3)
        assert [incident.kind for incident in house.incidents(instance)] == ["no_flow_taken"]

        house.execute(c.CorrelateMessage(name="reminder", process_instance_id=instance.id), MACHINE)

        assert house.incidents(instance) == []
        assert (house.instance(instance).state, house.instance(instance).incidents) == ("active", 0)
        assert house.states(instance)["check"] == "cancelled"

    def test_an_incident_of_a_suspended_instance_waits(self, house: House) -> None:
        instance = house.start(line(script_task("share", "each = 10 / people")), people=0)
        (incident,) = house.incidents(instance)
        house.execute(c.SuspendProcessInstance(id=instance.id), ROOT)
        with pytest.raises(Conflict):
            house.execute(c.RetryIncident(id=incident.id), ROOT)

    def test_incidents_of_other_tenants_are_not_there(self, house: House) -> None:
        instance = house.start(line(script_task("share", "each = 10 / people")), people=0)
        with pytest.raises(NotFound):
            house.execute(c.RetryIncident(id=house.incidents(instance)[0].id), STRANGER)
        with pytest.raises(NotFound):
            house.execute(c.RetryIncident(id="x"), ROOT)
