"""Messages between instances and from outside: by name and all keys, kept for a while, and once for each id."""

from __future__ import annotations

import pytest
from events import OUTSIDE, boundary, catch, message, start, throw
from scene import ROOT, STRANGER, House, diagram, line, user_task

from engine import commands as c
from engine import correlation
from engine.errors import Conflict, Invalid, NotFound, Refused
from engine.testing import ManualClock

AWAIT = line(catch("await", message("paid", {"order": "order"})))
SEND = line(throw("tell", message("paid", {"order": "order"}, {"amount": "amount * 2"})))


def deploy_shop(house: House) -> None:
    house.deploy(diagram(AWAIT, outside=OUTSIDE), diagram(SEND, "shop", outside=OUTSIDE))


def sell(house: House, **variables: object) -> None:
    house.execute(c.StartProcessInstance(definition_key="shop", variables=variables), ROOT)


def test_a_message_finds_the_one_whose_keys_it_carries(house: House) -> None:
    deploy_shop(house)
    seven, eight = house.start(order=7), house.start(order=8)
    answer = house.message("paid", {"order": 8}, variables={"amount": 5})
    assert (answer.state, answer.process_instance_id) == ("correlated", eight.id)
    assert house.variables(eight)["amount"] == 5
    assert house.waiting(seven) == ["message await"]
    assert house.waiting(eight) == []


def test_all_keys_must_be_carried_and_values_compare_as_text(house: House) -> None:
    house.deploy(diagram(line(catch("await", message("paid", {"order": "order", "shop": "shop"}))), outside=OUTSIDE))
    house.start(order=7, shop="here")
    for keys in ({"order": 7}, {"order": 7, "shop": "there"}, {"shop": "here"}, {}):
        with pytest.raises(NotFound, match="paid"):
            house.message("paid", keys)
    assert house.message("paid", {"order": "7", "shop": "here", "more": True}).state == "correlated"


def test_who_asks_for_more_keys_goes_first(house: House) -> None:
    house.deploy(
        diagram(AWAIT, outside=OUTSIDE), diagram(line(catch("any", message("paid"))), "anybody", outside=OUTSIDE)
    )
    house.execute(c.StartProcessInstance(definition_key="anybody"), ROOT)
    keyed = house.start(order=7)
    assert house.message("paid", {"order": 7}).process_instance_id == keyed.id
    assert house.message("paid", {"order": 7}).element_id == "any"


def test_a_message_between_instances_carries_what_is_drawn_and_no_more(house: House) -> None:
    deploy_shop(house)
    waits = house.start(order=7)
    sell(house, order=7, amount=10, secret="never sent")
    assert house.settle() == 1
    assert house.instance(waits).state == "completed"
    assert house.variables(waits) == {"order": 7, "amount": 20}


def test_a_message_that_comes_too_early_waits_for_its_receiver(house: House, clock: ManualClock) -> None:
    deploy_shop(house)
    sell(house, order=7, amount=1)
    house.settle()
    clock.advance(minutes=59)
    other, waits = house.start(order=8), house.start(order=7)
    assert house.settle() == 1
    assert house.instance(waits).state == "completed"
    assert house.instance(other).state == "active"
    late = house.start(order=7)
    assert house.settle() == 0, "a message has one receiver"
    assert house.instance(late).state == "active"


def test_the_time_to_live_ends(house: House, clock: ManualClock) -> None:
    deploy_shop(house)
    sell(house, order=7, amount=1)
    house.settle()
    clock.advance(minutes=61)
    waits = house.start(order=7)
    house.settle()
    assert house.instance(waits).state == "active"


def test_from_outside_a_message_waits_only_if_asked_to(house: House) -> None:
    deploy_shop(house)
    with pytest.raises(NotFound, match="order = 7"):
        house.message("paid", {"order": 7})
    kept = house.message("paid", {"order": 7}, time_to_live_seconds=60, variables={"amount": 3})
    assert (kept.state, kept.process_instance_id) == ("buffered", None)
    waits = house.start(order=7)
    house.settle()
    assert house.variables(waits) == {"order": 7, "amount": 3}


def test_each_of_two_that_waited_gets_one(house: House) -> None:
    deploy_shop(house)
    for amount in (1, 2):
        house.message("paid", {"order": 7}, time_to_live_seconds=60, variables={"amount": amount})
    first, second = house.start(order=7), house.start(order=7)
    house.settle()
    assert [house.variables(one)["amount"] for one in (first, second)] == [1, 2]


def test_the_same_id_is_correlated_once(house: House) -> None:
    deploy_shop(house)
    first, second = house.start(order=7), house.start(order=8)
    answer = house.message("paid", {"order": 7}, message_id="m-1")
    assert house.message("paid", {"order": 7}, message_id="m-1") == answer
    assert house.message("paid", {"order": 8}, message_id="m-1") == answer, "the id is what tells messages apart"
    assert house.instance(first).state == "completed"
    assert house.instance(second).state == "active"


def test_the_same_id_is_kept_once_and_handed_over_once(house: House, clock: ManualClock) -> None:
    deploy_shop(house)
    kept = house.message("paid", {"order": 7}, message_id="m-1", time_to_live_seconds=60)
    assert house.message("paid", {"order": 7}, message_id="m-1", time_to_live_seconds=60) == kept
    first, second = house.start(order=7), house.start(order=7)
    house.settle()
    assert [house.instance(one).state for one in (first, second)] == ["completed", "active"]
    again = house.message("paid", {"order": 7}, message_id="m-1")
    assert (again.state, again.process_instance_id) == ("correlated", first.id)


def test_an_id_may_come_again_when_its_time_is_over(house: House, clock: ManualClock) -> None:
    deploy_shop(house)
    house.message("paid", {"order": 7}, message_id="m-1", time_to_live_seconds=60)
    clock.advance(seconds=61)
    house.message("paid", {"order": 7}, message_id="m-1", time_to_live_seconds=60)
    waits = house.start(order=7)
    house.settle()
    assert house.instance(waits).state == "completed"


def test_a_place_that_goes_on_waiting_takes_all_that_have_come(house: House) -> None:
    body = line(user_task()) + boundary("note", "approve", message("paid", {"order": "order"}), interrupting=False)
    house.deploy(diagram(body, outside=OUTSIDE))
    for _ in range(3):
        house.message("paid", {"order": 7}, time_to_live_seconds=60)
    instance = house.start(order=7)
    assert house.settle() == 3
    assert house.happened(instance).count("activity.completed note_end") == 3
    assert house.waiting(instance) == ["user_task approve", "message note"]


def test_a_process_starts_by_a_message(house: House) -> None:
    house.deploy(diagram(start("come", message("ordered"), user_task()), outside=OUTSIDE))
    answer = house.message("ordered", business_key="7", variables={"amount": 3})
    (instance,) = house.instances()
    assert (answer.state, answer.process_instance_id, answer.element_id) == ("started", instance.id, "come")
    assert (instance.business_key, house.variables(instance)) == ("7", {"amount": 3})
    with pytest.raises(Conflict, match="begins by events"):
        house.start()


def test_only_the_latest_version_starts_by_a_message(house: House) -> None:
    house.deploy(diagram(start("come", message("ordered"), user_task()), outside=OUTSIDE))
    house.deploy(diagram(start("come", message("ordered"), user_task("check")), outside=OUTSIDE))
    house.message("ordered")
    assert [one.definition_version for one in house.instances()] == [2]
    house.deploy(diagram(line(user_task())))
    with pytest.raises(NotFound):
        house.message("ordered")


def test_a_message_that_would_start_two_processes_is_refused_at_deployment(house: House) -> None:
    body = start("come", message("ordered"), user_task())
    house.deploy(diagram(body, outside=OUTSIDE))
    with pytest.raises(Refused, match="starts the process order already"):
        house.deploy(diagram(body, "other", outside=OUTSIDE))


def test_who_waits_goes_before_a_start(house: House) -> None:
    house.deploy(
        diagram(start("come", message("paid"), user_task()), "starter", outside=OUTSIDE),
        diagram(AWAIT, outside=OUTSIDE),
    )
    waits = house.start(order=7)
    assert house.message("paid", {"order": 7}).process_instance_id == waits.id
    assert house.message("paid", {"order": 7}).state == "started"


def test_a_suspended_instance_takes_the_message_in_and_goes_on_with_it_later(house: House) -> None:
    deploy_shop(house)
    waits = house.start(order=7)
    house.execute(c.SuspendProcessInstance(id=waits.id), ROOT)
    with pytest.raises(Conflict, match="suspended"):
        house.message("paid", {"order": 7})
    sell(house, order=7, amount=1)
    house.settle()
    assert house.instance(waits).state == "suspended"
    house.execute(c.ResumeProcessInstance(id=waits.id), ROOT)
    house.settle()
    assert house.instance(waits).state == "completed"


def test_a_receive_task_that_has_its_message_waits_no_more(house: House) -> None:
    task = (
        '<bpmn:receiveTask id="await" messageRef="paid"><bpmn:extensionElements>'
        '<signalbox:correlation key="order" value="order"/></bpmn:extensionElements></bpmn:receiveTask>'
    )
    house.deploy(diagram(line(task, user_task()), outside=OUTSIDE))
    instance = house.start(order=7)
    house.message("paid", {"order": 7})
    assert house.waiting(instance) == ["user_task approve"]
    with pytest.raises(NotFound, match="order = 7"):
        house.message("paid", {"order": 7})


def test_an_instance_can_be_named_instead_of_its_keys(house: House) -> None:
    deploy_shop(house)
    waits = house.start(order=7)
    assert house.message("paid", process_instance_id=waits.id).state == "correlated"


def test_more_than_one_that_waits_just_as_well_is_a_conflict(house: House) -> None:
    deploy_shop(house)
    house.start(order=7)
    house.start(order=7)
    with pytest.raises(Conflict, match="more than one"):
        house.message("paid", {"order": 7})


def test_too_many_keys_are_refused(house: House) -> None:
    with pytest.raises(Invalid, match="at most"):
        house.message("paid", {f"k{n}": n for n in range(9)})


STANDARD = """
<bpmn:collaboration id="deal"><bpmn:participant id="we" processRef="order"/>
<bpmn:correlationKey id="by_order">
<bpmn:correlationPropertyRef>order_id</bpmn:correlationPropertyRef></bpmn:correlationKey>
</bpmn:collaboration>
<bpmn:correlationProperty id="order_id" name="order_id"><bpmn:correlationPropertyRetrievalExpression messageRef="paid">
<bpmn:messagePath>bill["order"]</bpmn:messagePath></bpmn:correlationPropertyRetrievalExpression></bpmn:correlationProperty>
"""
SUBSCRIBED = """
<bpmn:correlationSubscription id="ours" correlationKeyRef="by_order"><bpmn:correlationPropertyBinding
correlationPropertyRef="order_id"><bpmn:dataPath>order</bpmn:dataPath></bpmn:correlationPropertyBinding>
</bpmn:correlationSubscription>
"""


def test_keys_are_found_in_the_payload_as_the_standard_draws_it(house: House) -> None:
    body = line(catch("await", message("paid"))) + SUBSCRIBED
    house.deploy(diagram(body, outside=OUTSIDE + STANDARD))
    seven, eight = house.start(order=7), house.start(order=8)
    with pytest.raises(NotFound, match="order_id = 9"):
        house.message("paid", variables={"bill": {"order": 9}})
    assert house.message("paid", variables={"bill": {"order": 8}}).process_instance_id == eight.id
    assert house.waiting(seven) == ["message await"]


def test_messages_stay_in_their_tenant(house: House) -> None:
    deploy_shop(house)
    house.start(order=7)
    with pytest.raises(NotFound):
        house.execute(c.CorrelateMessage(name="paid", keys={"order": 7}), STRANGER)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [(7, "7", True), (7.0, 7, True), (True, "true", True), (None, "null", True), (7, 8, False), ([1], [1], True)],
)
def test_values_compare_as_text(one: object, other: object, same: bool) -> None:
    assert correlation.satisfies({"k": one}, {"k": other}) is same
    assert (correlation.hash_of({"k": one}) == correlation.hash_of({"k": other})) is same
