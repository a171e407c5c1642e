"""Events of each kind, drawn by keyboard with the real modeler; what it saves is what the language runs."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from playwright.sync_api import expect
from sheets import BPMN, OURS, one, pairs, text

pytestmark = pytest.mark.ui


# --- events ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("how", "field", "value", "says", "tag"),
    [
        ("After", "Duration", "PT2H30M", "2 hours and 30 minutes after it is reached", "timeDuration"),
        ("At", "Date and time", "2027-01-31T09:00", "January 31, 2027", "timeDate"),
        ("Repeatedly", "Cycle", "R3/PT10M", "3 times, 10 minutes apart", "timeCycle"),
    ],
)
def test_a_timer_says_in_words_what_it_means(sheet, how, field, value, says, tag):
    sheet.append("Timer catch event")
    sheet.page.get_by_role("radio", name=how, exact=True).check(force=True)
    sheet.fill(field, "nonsense 1")
    sheet.fill(field, "PX")
    expect(sheet.page.locator(".field-error")).to_contain_text("This is no")
    sheet.fill(field, value)
    expect(sheet.page.locator(".field-says")).to_contain_text(says)
    sheet.finish()

    assert text(sheet.saved(), tag) == value


def test_another_kind_of_time_takes_the_place_of_the_first(sheet):
    sheet.append("Timer catch event")
    sheet.fill("Duration", "PT5M")
    sheet.page.get_by_role("radio", name="Repeatedly").check(force=True)
    sheet.fill("Cycle", "R/PT5M")
    sheet.finish()

    root = sheet.saved()
    assert root.findall(f".//{BPMN}timeDuration") == []
    assert text(root, "timeCycle") == "R/PT5M"


def test_a_message_is_made_in_place_and_shared_with_its_receiver(sheet):
    sheet.append("Send task", "Ask for the price")
    sheet.declare("Message", "price request")
    sheet.pair("Correlation keys", "order", "order_id")
    sheet.pair("What is sent along", "amount", "amount * 2")
    sheet.fill("Time to live", "PT4H")
    sheet.append("Receive task", "Get the price")
    sheet.choose("Message", "price request")
    expect(sheet.page.get_by_text("1 other element uses it too")).to_be_visible()
    sheet.fill("Message name", "price")
    sheet.pair("Correlation keys", "order", "order_id")
    sheet.fill("Into the variable", "answer")
    sheet.finish()

    root = sheet.saved()
    message = one(root, "message")
    send, receive = one(root, "sendTask"), one(root, "receiveTask")
    assert message.get("name") == "price"
    assert [send.get("messageRef"), receive.get("messageRef")] == [message.get("id")] * 2
    assert pairs(send, "correlation", "key") == pairs(receive, "correlation", "key") == {"order": "order_id"}
    assert pairs(send, "payload") == {"amount": "amount * 2"}
    assert send.get(f"{OURS}timeToLive") == "PT4H"
    assert receive.get(f"{OURS}variable") == "answer"


def test_a_new_message_is_one_step_that_undo_takes_back(sheet):
    sheet.append("Receive task", "Wait")
    sheet.declare("Message", "go")
    sheet.page.locator(".djs-container").focus()
    sheet.page.get_by_role("button", name="Undo").click()
    sheet.page.get_by_role("button", name="Undo").click()
    expect(sheet.field("Message")).to_have_value("")

    root = ElementTree.fromstring(sheet.file())
    assert root.findall(f"{BPMN}message") == []


def test_signals_are_caught_and_thrown(sheet):
    sheet.append("Signal catch event")
    sheet.declare("Signal", "market opens")
    sheet.append("Signal throw event")
    sheet.choose("Signal", "market opens")
    sheet.pair("What is sent along", "who", "")
    sheet.finish()

    root = sheet.saved()
    signal = one(root, "signal")
    caught, thrown = root.findall(f".//{BPMN}signalEventDefinition")
    assert {caught.get("signalRef"), thrown.get("signalRef")} == {signal.get("id")}
    assert pairs(caught, "payload") | pairs(thrown, "payload") == {"who": None}


def test_errors_and_escalations_are_attached_with_their_codes(sheet):
    task = sheet.append("Service task", "Pay")
    sheet.fill("Topic", "pay")
    sheet.append("Error boundary event")
    sheet.declare("Error", "No money")
    sheet.fill("Code", "BROKE")
    sheet.fill("Into the variable", "why")
    expect(sheet.page.get_by_label("Interrupts the activity")).to_have_count(0)
    sheet.finish()
    sheet.select(task)
    sheet.append("Escalation boundary event")
    sheet.check("Interrupts the activity", checked=False)
    sheet.append("Escalation throw event")
    sheet.declare("Escalation", "Slow")
    sheet.fill("Code", "SLOW")
    sheet.finish()
    sheet.select(task)
    sheet.finish()

    root = sheet.saved()
    error, escalation = one(root, "error"), one(root, "escalation")
    assert (error.get("name"), error.get("errorCode")) == ("No money", "BROKE")
    assert escalation.get("escalationCode") == "SLOW"
    by_error, by_escalation = sorted(root.findall(f".//{BPMN}boundaryEvent"), key=lambda event: event[-1].tag)
    assert by_error.get("attachedToRef") == by_escalation.get("attachedToRef") == task
    assert one(by_error, "errorEventDefinition").attrib == {
        "id": one(by_error, "errorEventDefinition").get("id"),
        "errorRef": error.get("id"),
        f"{OURS}variable": "why",
    }
    assert by_escalation.get("cancelActivity") == "false"
    assert one(by_escalation, "escalationEventDefinition").get("escalationRef") is None


def test_conditions_links_and_the_end_of_all(sheet):
    sheet.append("Conditional catch event")
    sheet.fill("Condition", "stock < 10")
    sheet.append("Link throw event")
    sheet.fill("Link name", "below")
    sheet.create("Link catch event")
    sheet.fill("Link name", "below")
    sheet.append("Terminate end event")

    root = sheet.saved()
    assert text(root, "condition") == "stock < 10"
    assert [link.get("name") for link in root.findall(f".//{BPMN}linkEventDefinition")] == ["below", "below"]
    one(root, "terminateEventDefinition")


def test_several_events_in_one(sheet):
    page = sheet.page
    page.keyboard.press("r")
    page.keyboard.type("Multiple start")
    page.keyboard.press("Enter")
    sheet.declare("Message", "order")
    sheet.fill("Duration", "PT1H")
    page.get_by_label("Add an event…").select_option(label="Signal start event")
    sheet.declare("Signal", "open")
    sheet.check("All of them have to occur")
    sheet.finish()

    start = one(sheet.saved(), "startEvent")
    assert start.get("parallelMultiple") == "true"
    assert [child.tag.removeprefix(BPMN) for child in start if child.tag.endswith("Definition")] == [
        "messageEventDefinition",
        "timerEventDefinition",
        "signalEventDefinition",
    ]


def test_a_step_is_undone_by_its_handler(sheet):
    task = sheet.append("Script task", "Book")
    sheet.fill("Python", "booked = True")
    sheet.append("Compensation boundary event")
    sheet.page.locator('.djs-context-pad [data-action="append.compensation-activity"]').click()
    sheet.page.keyboard.press("Escape")
    sheet.select(task)
    sheet.append("Compensation throw event")
    sheet.choose("What is undone", "Book")
    sheet.check("Waits until it is undone", checked=False)
    sheet.finish()

    root = sheet.saved()
    thrown = root.findall(f".//{BPMN}intermediateThrowEvent/{BPMN}compensateEventDefinition")[0]
    assert thrown.get("activityRef") == task
    assert thrown.get("waitForCompletion") == "false"
    assert one(root, "task").get("isForCompensation") == "true"
