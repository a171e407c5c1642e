"""What can be drawn, and gateways: drawn by keyboard with the real modeler; the file that it saves is what the language
runs."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from sheets import BPMN, one, text

from bpmn.elements import SUPPORTED

pytestmark = pytest.mark.ui


# --- what is offered -------------------------------------------------------------------------------------------------
def test_the_menus_offer_every_element_that_runs_and_no_other(sheet):
    page = sheet.page

    def offered(key: str) -> set[str]:
        page.keyboard.press(key)
        entries = page.locator(".djs-popup-results .entry")
        expect(entries.first).to_be_visible()
        found = set(entries.evaluate_all("all => all.map(one => one.dataset.id)"))
        search = page.locator(".djs-popup input")
        if search.count():
            expect(search).to_be_focused()  # else the key goes to what is behind it
        page.keyboard.press("Escape")
        expect(page.locator(".djs-popup")).to_have_count(0)
        return found

    created, follows = offered("n"), offered("a")
    sheet.append("Transaction")
    attached = offered("a") - follows

    drawn_only = {"data_object", "data_store", "text_annotation", "group", "participant"}
    assert created | follows | attached == set(SUPPORTED) | drawn_only
    assert attached == {kind for kind in SUPPORTED if kind.endswith("_boundary_event")}


def test_an_element_is_turned_into_any_other_that_fits(sheet):
    page = sheet.page

    def replacements() -> set[str]:
        sheet.menu("r", "Change element")
        found = set(page.locator(".djs-popup-results .entry").evaluate_all("all => all.map(one => one.dataset.id)"))
        search = page.locator(".djs-popup input")
        if search.count():
            expect(search).to_be_focused()  # else the key goes to what is behind it
        page.keyboard.press("Escape")
        expect(page.locator(".djs-popup")).to_have_count(0)
        return found

    assert {"replace-with-timer-start", "replace-with-multiple"} <= replacements()
    sheet.append("User task")
    assert {"replace-with-call-activity", "replace-with-rule-task", "replace-with-ad-hoc-subprocess"} <= replacements()
    sheet.create("Data object")
    assert replacements() == {"replace-with-data-store-reference"}


# --- gateways --------------------------------------------------------------------------------------------------------
def test_the_first_event_decides(sheet):
    gateway = sheet.append("Event-based gateway")
    sheet.append("Message catch event")
    sheet.declare("Message", "answer")
    sheet.finish()
    sheet.select(gateway)
    sheet.append("Timer catch event")
    sheet.fill("Duration", "P3D")
    sheet.finish()

    root = sheet.saved()
    assert len(one(root, "eventBasedGateway").findall(f"{BPMN}outgoing")) == 2


def test_an_event_based_gateway_starts_instances(sheet):
    sheet.page.keyboard.press("Delete")
    expect(sheet.shapes).to_have_count(0)
    gateway = sheet.create("Event-based gateway")
    sheet.open("Starting instances")
    sheet.check("Starts an instance")
    sheet.check("All its events have to occur")
    for name in ("one", "two"):
        sheet.select(gateway)
        sheet.append("Receive task", name)
        sheet.declare("Message", name)
        sheet.finish()

    found = one(sheet.saved(), "eventBasedGateway")
    assert (found.get("instantiate"), found.get("eventGatewayType")) == ("true", "Parallel")


def test_inclusive_and_complex_gateways(sheet):
    split = sheet.append("Inclusive gateway", "Which?")
    left = sheet.append("Manual task", "Left")
    sheet.select(split)
    sheet.append("Manual task", "Right")
    sheet.select(split)
    sheet.page.get_by_label("Condition of Left").fill("left")
    sheet.page.get_by_label("Condition of Right").fill("right")
    sheet.page.get_by_label("Condition of Right").blur()
    sheet.select(left)
    sheet.append("Complex gateway")
    sheet.fill("Condition to fire", "activationCount >= 1")
    sheet.finish()

    root = sheet.saved()
    assert text(root, "activationCondition") == "activationCount >= 1"
    assert sorted(node.text for node in root.findall(f".//{BPMN}conditionExpression")) == ["left", "right"]
