"""The app for those who use it by keyboard, by ear, in the dark, on a telephone or in German."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.ui

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
THEMES = ("light", "dark")
WIDTHS = (1440, 390)


@pytest.fixture(scope="module")
def stuck_instance(server) -> str:
    """An instance with an incident, beside one that waits for a person."""
    with server.client(server.root_token) as admin, server.client(server.worker_token) as worker:
        for path in sorted(EXAMPLES.glob("*/*.bpmn")):
            admin.post("/deployments", files={"files": (path.name, path.read_bytes(), "application/xml")})
        _started(admin, "expense-approval", "A-waits", {"amount": 240, "purpose": "Train"})
        instance = _started(admin, "expense-approval", "A-stuck", {"amount": 18, "purpose": "Lunch"})
        body = {"worker_id": "w", "topics": [{"name": "pay"}], "max_jobs": 100, "wait_seconds": 20}
        for job in worker.post("/jobs/fetch", json=body).json()["items"]:
            failure = {"token": job["token"], "message": "The bank is closed", "detail": "line 1\nline 2", "retries": 0}
            worker.post(f"/jobs/{job['id']}/fail", json=failure)
    return instance


def _started(admin: httpx.Client, key: str, business_key: str, variables: dict) -> str:
    body = {"definition_key": key, "business_key": business_key, "variables": variables}
    return str(admin.post("/process-instances", json=body).json()["id"])


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("theme", THEMES)
def test_signing_in_has_no_faults(browser, server, accessible, theme, width):
    options = {"color_scheme": theme, "viewport": {"width": width, "height": 900}, "locale": "en-US"}
    with browser.new_context(base_url=server.url, **options) as context:
        page = context.new_page()
        page.goto("/")
        expect(page.get_by_role("button", name="Sign in")).to_be_visible()
        accessible(page)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_text("Enter your name and your password.")).to_be_visible()
        accessible(page)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("theme", THEMES)
def test_model_has_no_faults(open_page, accessible, stuck_instance, theme, width):
    page = open_page("ada", "/model", color_scheme=theme, width=width)
    expect(page.get_by_text("Expense approval").first).to_be_visible()
    accessible(page)
    page.goto("/model/new")
    expect(page.locator(".djs-shape")).to_be_visible()
    accessible(page)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("theme", THEMES)
def test_the_inbox_has_no_faults(open_page, accessible, stuck_instance, theme, width):
    page = open_page("ben", "/inbox?view=claimable", color_scheme=theme, width=width)
    row = page.get_by_role("link", name=re.compile("A-waits"))
    expect(row).to_be_visible()
    accessible(page)
    row.click()
    page.get_by_role("button", name="Claim and complete").click()
    expect(page.get_by_role("radiogroup", name="Decision")).to_contain_text("This is needed.")
    expect(page.locator(".diagram[data-ready=true]")).to_be_attached()
    accessible(page)
    empty = open_page("ada", "/inbox", color_scheme=theme, width=width)
    expect(empty.get_by_role("heading", name="Inbox zero")).to_be_visible()
    accessible(empty)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("theme", THEMES)
def test_operate_has_no_faults(open_page, accessible, stuck_instance, theme, width):
    page = open_page("root", "/operate", color_scheme=theme, width=width)
    expect(page.get_by_role("row").nth(1)).to_be_visible()
    accessible(page)
    page.goto(f"/operate/{stuck_instance}")
    expect(page.locator(".diagram[data-ready=true]")).to_be_attached()
    expect(page.get_by_role("button", name="Retry")).to_be_visible()
    accessible(page)
    page.get_by_role("button", name="Edit amount").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    accessible(page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Cancel instance").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    accessible(page)


def test_an_instance_is_understood_without_seeing_its_diagram(open_page, stuck_instance):
    page = open_page("root", f"/operate/{stuck_instance}")

    expect(page.get_by_role("group", name="Diagram of the process; it is at: Pay")).to_be_visible()
    expect(page.get_by_role("region", name="Incidents")).to_contain_text("The bank is closed")
    expect(page.get_by_role("row", name=re.compile("Pay"))).to_contain_text("Incident")


def test_a_place_fits_a_narrow_screen_without_scrolling_sideways(open_page, stuck_instance):
    page = open_page("root", "/inbox?view=all", width=390)
    for path in ("/inbox?view=all", "/operate", f"/operate/{stuck_instance}", "/model"):
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_be_attached()
        assert _sideways(page) == 0, path


def _sideways(page: Page) -> int:
    """How far the page, or the place in it, scrolls sideways."""
    return int(
        page.evaluate(
            "() => Math.max(...[document.documentElement, document.getElementById('place')]"
            ".map(each => each.scrollWidth - each.clientWidth))"
        )
    )


def test_every_place_speaks_german(open_page, stuck_instance):
    page = open_page("root", "/operate", locale="de-DE")
    expect(page.get_by_role("heading", name="Prozessinstanzen")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("A-stuck"))).to_contain_text("1 Störung")

    page.goto(f"/operate/{stuck_instance}")
    expect(page.get_by_role("button", name="Erneut versuchen")).to_be_visible()
    page.goto("/model")
    expect(page.get_by_role("link", name="Betrieb")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "de")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("theme", THEMES)
def test_drawing_has_no_faults(open_page, accessible, theme, width):
    page = open_page("ada", "/model/new", color_scheme=theme, width=width)
    start = page.locator(".djs-shape")
    expect(start).to_be_visible()
    start.click()
    page.keyboard.press("a")
    menu = page.locator(".djs-popup")
    expect(menu).to_be_visible()
    box = menu.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    accessible(page)
    page.keyboard.type("Timer catch event")
    page.keyboard.press("Enter")
    if width < 600:
        page.get_by_role("button", name="Side panel").click()
    expect(page.get_by_role("radiogroup", name="Due")).to_be_visible()
    page.get_by_label(re.compile("^Duration")).fill("soon-ish")
    accessible(page)
    page.get_by_label(re.compile("^Duration")).fill("P")
    expect(page.locator(".field-error")).to_be_visible()
    accessible(page)


def test_what_is_drawn_speaks_german(open_page):
    page = open_page("ada", "/model/new", locale="de-DE")
    start = page.locator(".djs-shape")
    expect(start).to_be_visible()
    start.click()
    page.keyboard.press("r")
    expect(page.locator(".djs-popup")).to_contain_text("Nachrichten-Startereignis")
    expect(page.locator(".djs-popup input")).to_be_focused()  # else the key goes to what is behind it
    page.keyboard.press("Escape")
    expect(page.locator(".djs-popup")).to_have_count(0)
    page.keyboard.press("a")
    expect(page.locator(".djs-popup")).to_contain_text("Ereignisbasiertes Gateway")
    page.keyboard.type("Zeit-Zwischenereignis")
    page.keyboard.press("Enter")
    page.get_by_label(re.compile("^Dauer")).fill("P3DT4H")
    expect(page.get_by_text("3 Tage und 4 Stunden, nachdem es erreicht ist")).to_be_visible()
