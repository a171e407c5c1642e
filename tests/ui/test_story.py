"""The main job from end to end in a real browser: draw, deploy, start, approve, work outside, see it end."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.ui

Between = Callable[[], None]


def test_a_process_is_drawn_deployed_started_approved_worked_on_and_ends(open_page, server, browser):
    _tell_the_story(open_page, server, browser, between=lambda: None)


def test_a_server_killed_between_any_two_calls_of_the_story_loses_nothing(open_page, mortal_server, browser):
    _tell_the_story(open_page, mortal_server, browser, between=mortal_server.crash)


def _tell_the_story(open_page, server, browser, *, between: Between) -> None:
    with browser.new_context(base_url=server.url, locale="en-US", viewport={"width": 1440, "height": 900}) as context:
        ada = context.new_page()
        _sign_in(ada)
        between()
        _draw(ada)
        between()
        ada.get_by_role("button", name="Save").click()
        expect(ada.get_by_text(re.compile("^Saved"))).to_be_visible()
        between()
        _deploy(ada)
        between()
        instance = _start(ada)
        expect(_shape(ada, "Approve the trip")).to_have_class(re.compile("sb-active"))
        between()

        ben = open_page("ben", "/inbox?view=claimable", at=server)
        ben.get_by_role("link", name=re.compile("Approve the trip")).click()
        between()
        ben.get_by_role("button", name="Claim", exact=True).click()
        expect(ben.locator(".task-facts")).to_contain_text("Yours")
        between()
        ben.get_by_role("radio", name="Yes").check()
        ben.get_by_role("button", name="Complete").click()
        expect(ben.get_by_text("“Approve the trip” is done")).to_be_visible()
        expect(_shape(ada, "Book the trip")).to_have_class(re.compile("sb-active"))
        between()

        with server.client(server.worker_token) as worker:
            job = _fetch(worker)
            assert job["variables"]["approved"] is True
            between()
            done = worker.post(
                f"/jobs/{job['id']}/complete", json={"token": job["token"], "variables": {"seat": "12A"}}
            )
            assert done.is_success, done.text
            between()

        # ada has not touched her page since she started the instance
        expect(ada.locator(".instance-state")).to_have_text("Completed")
        expect(ada.locator(".values")).to_contain_text('"12A"')
        expect(ada).to_have_url(re.compile(instance))
    _nothing_happened_twice(server, instance)


def _nothing_happened_twice(server, instance: str) -> None:
    with server.client(server.root_token) as admin:
        instances = admin.get("/process-instances", params={"definition_key": "trip"}).json()["items"]
        assert [each["id"] for each in instances] == [instance]
        activities = admin.get(f"/process-instances/{instance}/activities").json()["items"]
        kinds = [(each["kind"], each["state"]) for each in activities]
        assert kinds == [(kind, "completed") for kind in ("start_event", "user_task", "service_task", "end_event")]
        versions = admin.get("/process-definitions", params={"key": "trip", "latest": False}).json()["items"]
        assert [each["version"] for each in versions] == [1]


def _sign_in(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill("signalbox")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("link", name="Inbox")).to_be_visible()


def _draw(page: Page) -> None:
    page.get_by_role("link", name="New diagram").or_(page.get_by_role("button", name="New diagram")).first.click()
    canvas = page.locator(".djs-container")
    expect(canvas).to_be_visible()
    shapes = page.locator(".djs-shape")
    shapes.click()  # a new diagram has a start event; this one is drawn from nothing
    page.keyboard.press("Delete")
    expect(shapes).to_have_count(0)

    _drag(page, page.locator('.djs-palette [data-action="create.start-event"]'), canvas, x=0.3, y=0.4)
    expect(shapes).to_have_count(1)

    _append(page, "user-task", "Approve the trip")
    page.get_by_label("Candidate groups").fill("approvers")
    page.get_by_role("button", name="Add field").click()
    page.get_by_label("Label").fill("Approved")
    page.get_by_label("Type").select_option(label="Yes / no")
    page.get_by_label("Required").check()

    _append(page, "service-task", "Book the trip")
    page.get_by_label("Topic").fill("book-trip")
    page.keyboard.press("Tab")
    _append(page, "end-event", "Booked")

    box = canvas.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.85)
    page.get_by_label("Process name").fill("Trip")
    page.get_by_label("Process key").fill("trip")
    page.keyboard.press("Tab")


def _drag(page: Page, what: Locator, canvas: Locator, *, x: float, y: float) -> None:
    """With the mouse, from its middle to a place on the canvas; in small steps, as a hand moves."""
    begin, area = what.bounding_box(), canvas.bounding_box()
    assert begin is not None
    assert area is not None
    page.mouse.move(begin["x"] + begin["width"] / 2, begin["y"] + begin["height"] / 2)
    page.mouse.down()
    page.mouse.move(area["x"] + area["width"] * x / 2, area["y"] + area["height"] * y, steps=8)
    page.mouse.move(area["x"] + area["width"] * x, area["y"] + area["height"] * y, steps=8)
    page.mouse.up()


def _append(page: Page, kind: str, name: str) -> None:
    """From the context pad of the shape that is selected; then its name, typed onto the shape."""
    page.locator(f'.djs-context-pad [data-action="append.{kind}"]').click()
    shape = page.locator(".djs-shape.selected")
    expect(shape).to_be_visible()
    if page.locator(".djs-direct-editing-content").count() == 0:
        shape.dblclick()
    page.locator(".djs-direct-editing-content").fill(name)
    page.keyboard.press("Enter")
    expect(page.locator(".djs-direct-editing-content")).to_have_count(0)


def _deploy(page: Page) -> None:
    page.get_by_role("button", name="Deploy").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Deploy").click()
    expect(dialog.get_by_role("heading", name="Deployed")).to_be_visible()


def _start(page: Page) -> str:
    page.get_by_role("dialog").get_by_role("button", name="Start an instance").click()
    page.get_by_role("dialog").get_by_role("button", name="Start").click()
    expect(page).to_have_url(re.compile("/operate/"))
    return page.url.rsplit("/", 1)[1]


def _shape(page: Page, name: str) -> Locator:
    return page.locator(".djs-shape").filter(has_text=name)


def _fetch(worker: httpx.Client) -> dict:
    body = {"worker_id": "travel agency", "topics": [{"name": "book-trip"}], "lock_seconds": 600, "wait_seconds": 20}
    (job,) = worker.post("/jobs/fetch", json=body).json()["items"]
    return job
