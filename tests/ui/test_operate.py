"""Operate: seeing where instances stand, and repairing what is stuck."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.ui


def test_an_instance_moves_on_its_diagram_without_a_reload(open_page, start, worker):
    instance = start("expense-approval", amount=18.5, purpose="Lunch")
    page = open_page("root", f"/operate/{instance}")
    expect(page.locator('[data-element-id="pay"].sb-active')).to_be_visible()
    expect(page.get_by_text("waits for a worker on “pay”")).to_be_visible()

    _work(worker, "pay", lambda job: ("complete", {"variables": {"payment": "P-1"}}), instance)

    expect(page.get_by_role("status").filter(has_text="Completed").first).to_be_visible()
    expect(page.locator('[data-element-id="paid"].sb-done')).to_be_visible()
    expect(page.locator(".values")).to_contain_text('"P-1"')


def test_the_history_says_what_a_gateway_decided_and_why(open_page, start):
    instance = start("expense-approval", amount=240, purpose="Train")
    page = open_page("root", f"/operate/{instance}")

    decision = page.get_by_role("row").filter(has_text="More than 100?")

    expect(decision).to_contain_text("Took “yes” because amount > 100 with amount = 240")


def test_a_join_says_what_it_waits_for(open_page, start, worker):
    instance = start("branch-office", "Lisbon")
    _work(worker, "project", lambda job: ("complete", {}), instance, element="staff")
    page = open_page("root", f"/operate/{instance}")

    waiting = page.get_by_role("region", name="Waits for")

    expect(waiting).to_contain_text("Ask the staff is here")
    expect(waiting).to_contain_text("waiting for Set the budget")
    expect(page.locator(".sb-waits").first).to_contain_text("waiting for")


def test_failed_work_is_an_incident_that_an_operator_retries(open_page, start, worker):
    instance = start("expense-approval", amount=18.5, purpose="Lunch")
    page = open_page("root", f"/operate/{instance}")
    expect(page.locator('[data-element-id="pay"].sb-active')).to_be_visible()

    _work(worker, "pay", lambda job: ("fail", {"message": "The bank is closed", "retries": 0}), instance)

    expect(page.locator(".sb-incident")).to_contain_text("The bank is closed")
    expect(page.locator('[data-element-id="pay"].sb-failed')).to_be_visible()
    page.get_by_role("button", name="Retry").click()
    expect(page.locator(".sb-incident")).to_have_count(0)
    expect(page.get_by_text("waits for a worker on “pay”")).to_be_visible()


def test_an_operator_corrects_a_variable_and_broken_json_is_not_saved(open_page, start, admin):
    instance = start("expense-approval", amount=240, purpose="Train")
    page = open_page("root", f"/operate/{instance}")
    page.get_by_role("button", name="Edit amount").click()
    value = page.get_by_label("Value (JSON)")

    value.fill("12,5")
    expect(page.get_by_role("button", name="Save")).to_be_disabled()
    expect(page.get_by_text("This is not valid JSON")).to_be_visible()
    value.fill("12.5")
    page.get_by_role("button", name="Save").click()

    expect(page.locator(".values")).to_contain_text("12.5")
    variables = admin.get(f"/process-instances/{instance}/variables").json()["items"]
    assert {"amount": 12.5}.items() <= {one["name"]: one["value"] for one in variables}.items()


def test_an_instance_is_suspended_resumed_and_cancelled_after_asking(open_page, start, admin):
    instance = start("expense-approval", amount=240, purpose="Train")
    page = open_page("root", f"/operate/{instance}")
    state = page.locator(".instance-state")

    page.get_by_role("button", name="Suspend").click()
    page.get_by_role("dialog").get_by_role("button", name="Suspend").click()
    expect(state).to_have_text("Suspended")
    page.get_by_role("button", name="Resume").click()
    expect(state).to_have_text("Active")
    page.get_by_role("button", name="Cancel instance").click()
    page.get_by_label("Reason (optional)").fill("A test")
    page.get_by_role("dialog").get_by_role("button", name="Cancel instance").click()

    expect(state).to_have_text("Cancelled")
    assert admin.get(f"/process-instances/{instance}").json()["state"] == "cancelled"


def test_the_list_follows_what_happens_and_filters_stand_in_the_address(open_page, start, worker):
    page = open_page("root", "/operate?process=expense-approval&key=E-list")
    expect(page.get_by_role("heading", name="No instance matches")).to_be_visible()

    instance = start("expense-approval", "E-list", amount=18.5, purpose="Lunch")
    row = page.get_by_role("row").filter(has_text="E-list")
    expect(row).to_contain_text("Active")
    _work(worker, "pay", lambda job: ("complete", {}), instance)
    expect(row).to_contain_text("Completed")
    page.get_by_role("button", name="Completed", exact=True).click()

    expect(page).to_have_url(re.compile("state=completed"))
    page.reload()
    expect(row).to_contain_text("Completed")
    row.get_by_role("link").click()
    expect(page).to_have_url(re.compile(instance))


def test_more_instances_than_a_page_are_loaded_on_demand(open_page, start):
    for _ in range(55):
        start("expense-approval", "E-many", amount=240, purpose="Train")
    page = open_page("root", "/operate?key=E-many")
    expect(page.get_by_role("row")).to_have_count(51)

    page.get_by_role("button", name="Show more").click()

    expect(page.get_by_role("row")).to_have_count(56)


def test_an_unknown_instance_is_said_to_be_unknown(open_page):
    page = open_page("root", "/operate/00000000000000000000000000000000")

    expect(page.get_by_role("heading", name="This instance is not there")).to_be_visible()


def test_nothing_covers_the_mark_of_the_diagrams_library(open_page, start):
    instance = start("expense-approval", amount=240, purpose="Train")
    page = open_page("root", f"/operate/{instance}", color_scheme="dark")
    mark = page.locator(".bjs-powered-by")
    expect(mark).to_be_visible()
    box = mark.bounding_box()
    assert box is not None

    on_top = page.evaluate(
        "([x, y]) => document.elementFromPoint(x, y).closest('.bjs-powered-by') !== null",
        [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2],
    )

    assert on_top


def _work(worker, topic, outcome, instance, *, element=None):
    """An outside worker takes the instance's job of the topic and ends it; all others it gives back."""
    fetched = worker.post(
        "/jobs/fetch",
        json={"worker_id": "outside", "topics": [{"name": topic}], "max_jobs": 100, "wait_seconds": 20},
    ).json()["items"]
    mine = [job for job in fetched if job["process_instance_id"] == instance and element in (None, job["element_id"])]
    for job in fetched:
        verb, body = outcome(job) if job in mine else ("unlock", {})
        answer = worker.post(f"/jobs/{job['id']}/{verb}", json={"token": job["token"]} | body)
        assert answer.is_success, answer.text
    assert mine, f"there was no job of {topic} for this instance"
