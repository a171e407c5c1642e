"""Activities of each kind, drawn by keyboard with the real modeler; what it saves is what the language runs."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from sheets import OURS, one, pairs, text

pytestmark = pytest.mark.ui


# --- activities ------------------------------------------------------------------------------------------------------
def test_a_call_activity_names_process_version_and_what_goes_in_and_out(sheet):
    sheet.append("Call activity", "Check the invoice")
    sheet.fill("Process key", "invoice-{{country}}")
    sheet.choose("Which version", "A certain one")
    sheet.fill("Version", "3")
    sheet.fill("Business key", "{{order.number}}")
    sheet.check("All variables come out")
    sheet.pair("In", "total", "amount * 1.19")
    sheet.pair("Out", "ok", "approved")
    sheet.finish()

    call = one(sheet.saved(), "callActivity")
    assert call.get("calledElement") == "invoice-{{country}}"
    ours = {name.removeprefix(OURS): value for name, value in call.attrib.items() if name.startswith(OURS)}
    assert ours == {"binding": "version", "version": "3", "businessKey": "{{order.number}}", "allOut": "true"}
    assert (pairs(call, "in"), pairs(call, "out")) == ({"total": "amount * 1.19"}, {"ok": "approved"})


def test_deployed_processes_are_offered_to_be_called(sheet, deployed_examples):
    sheet.append("Call activity")
    field = sheet.field("Process key")
    offered = sheet.page.locator(f"datalist[id='{field.get_attribute('list')}'] option")
    expect(offered.first).to_be_attached()
    assert "expense-approval" in offered.evaluate_all("all => all.map(one => one.value)")


def test_a_task_for_each_item_of_a_list(sheet):
    sheet.append("User task", "Review")
    sheet.open("Repetition")
    sheet.choose("Runs", "Several times, all at the same time")
    sheet.fill("List", "reviewers")
    sheet.fill("Each item is the variable", "reviewer")
    sheet.fill("Done early when", "numberOfCompletedInstances >= 2")
    sheet.fill("Collect results in", "votes")
    sheet.fill("Result of each run", "vote")
    sheet.finish()

    loop = one(sheet.saved(), "multiInstanceLoopCharacteristics")
    ours = {name.removeprefix(OURS): value for name, value in loop.attrib.items()}
    assert ours == {
        "collection": "reviewers",
        "elementVariable": "reviewer",
        "outputCollection": "votes",
        "outputElement": "vote",
    }
    assert text(loop, "completionCondition") == "numberOfCompletedInstances >= 2"


def test_a_task_several_times_one_after_another(sheet):
    sheet.append("Manual task", "Knock")
    sheet.open("Repetition")
    sheet.choose("Runs", "Several times, all at the same time")
    sheet.fill("List", "forgotten")
    sheet.choose("Runs", "Several times, one after another")
    sheet.choose("How often", "A number of times")
    sheet.fill("Number of times", "3")
    sheet.finish()

    loop = one(sheet.saved(), "multiInstanceLoopCharacteristics")
    assert loop.attrib == {"isSequential": "true"}
    assert text(loop, "loopCardinality") == "3"


def test_a_loop_with_its_condition(sheet):
    sheet.append("Script task", "Try")
    sheet.fill("Python", "found = True")
    sheet.open("Repetition")
    sheet.choose("Runs", "Again, as long as a condition holds")
    sheet.fill("Again while", "not found")
    sheet.fill("At most", "7")
    sheet.check("Ask before the first time")
    sheet.finish()

    loop = one(sheet.saved(), "standardLoopCharacteristics")
    assert loop.attrib == {"testBefore": "true", "loopMaximum": "7"}
    assert text(loop, "loopCondition") == "not found"


def test_what_goes_into_a_task_and_comes_out(sheet):
    sheet.append("Business rule task", "Decide")
    sheet.fill("Topic", "rules")
    sheet.open("Inputs and outputs")
    sheet.pair("Inputs", "sum", "amount + tax")
    sheet.pair("Outputs", "verdict", "result")
    sheet.open("Tokens")
    sheet.fill("Tokens sent on", "2")
    sheet.finish()

    task = one(sheet.saved(), "businessRuleTask")
    assert (pairs(task, "input"), pairs(task, "output")) == ({"sum": "amount + tax"}, {"verdict": "result"})
    assert task.get("completionQuantity") == "2"


def test_an_ad_hoc_sub_process(sheet):
    sheet.append("Ad-hoc sub-process", "Case")
    sheet.choose("Its activities run", "One at a time")
    sheet.fill("Done when", "closed")
    sheet.check("Cancel what still runs then", checked=False)
    case = sheet.page.locator(".djs-shape.selected").get_attribute("data-element-id")
    sheet.create("User task", "Look into it")
    sheet.select(case)
    sheet.finish()

    ad_hoc = one(sheet.saved(), "adHocSubProcess")
    assert (ad_hoc.get("ordering"), ad_hoc.get("cancelRemainingInstances")) == ("Sequential", "false")
    assert text(ad_hoc, "completionCondition") == "closed"
    one(ad_hoc, "userTask")


def test_a_transaction_that_is_cancelled(sheet):
    transaction = sheet.append("Transaction", "Trip")
    sheet.append("Cancel boundary event")
    sheet.finish()
    sheet.select(transaction)
    sheet.finish()
    inside = sheet.page.locator(f'[data-element-id="{transaction}"] ~ .djs-children .djs-shape').first
    sheet.select(inside.get_attribute("data-element-id"))
    sheet.append("Cancel end event")

    trip = one(sheet.saved(), "transaction")
    one(one(trip, "startEvent"), "outgoing")
    one(one(trip, "endEvent"), "cancelEventDefinition")


def test_an_event_sub_process_beside_what_runs(sheet):
    sheet.append("User task", "Work")
    sheet.finish()
    sheet.create("Event sub-process", "Reminders")
    sub = sheet.page.locator(".djs-shape.selected").get_attribute("data-element-id")
    inside = sheet.page.locator(f'[data-element-id="{sub}"] ~ .djs-children .djs-shape').first
    sheet.select(inside.get_attribute("data-element-id"))
    sheet.page.keyboard.press("r")
    sheet.page.keyboard.type("Timer start event (non")
    sheet.page.keyboard.press("Enter")
    sheet.page.get_by_role("radio", name="Repeatedly").check(force=True)
    sheet.fill("Cycle", "R/P1D")
    expect(sheet.page.get_by_label("Interrupts what runs around it")).not_to_be_checked()
    sheet.finish()

    reminders = one(sheet.saved(), "subProcess")
    assert reminders.get("triggeredByEvent") == "true"
    assert one(reminders, "startEvent").get("isInterrupting") == "false"
    assert text(reminders, "timeCycle") == "R/P1D"
