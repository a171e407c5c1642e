"""The inbox, as the people who work in it meet it."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.ui


def test_a_task_is_claimed_filled_in_and_completed(open_page, start, admin):
    instance = start("expense-approval", "E-claim", amount=240, purpose="Train to the customer")
    page = open_page("ben", "/inbox?view=claimable&q=E-claim")

    page.get_by_role("link", name="Approve the expense").click()
    page.get_by_role("button", name="Claim", exact=True).click()
    expect(page.locator(".task-facts")).to_contain_text("Yours")
    page.get_by_role("radio", name="Approve").check()
    page.get_by_label("Comment").fill("Fine")
    page.get_by_role("button", name="Complete").click()

    expect(page.get_by_text("“Approve the expense” is done")).to_be_visible()
    variables = admin.get(f"/process-instances/{instance}/variables").json()["items"]
    values = {one["name"]: one["value"] for one in variables}
    assert (values["decision"], values["comment"]) == ("approve", "Fine")


def test_what_is_missing_is_said_beside_the_field_and_nothing_is_sent(open_page, start):
    start("expense-approval", "E-missing", amount=240, purpose="Train")
    page = open_page("ben", "/inbox?view=claimable&q=E-missing")
    page.get_by_role("link", name="Approve the expense").click()

    page.get_by_role("button", name="Claim and complete").click()

    expect(page.get_by_role("radiogroup", name="Decision")).to_contain_text("This is needed.")
    expect(page.get_by_role("radio", name="Approve")).to_be_focused()


def test_the_servers_refusal_stands_beside_its_field_and_keeps_what_was_typed(open_page, start):
    start("expense-approval", "E-refused", amount=240, purpose="Train")
    page = open_page("ben", "/inbox?view=claimable&q=E-refused")
    page.get_by_role("link", name="Approve the expense").click()
    page.get_by_label("Comment").fill("Keep me")
    # a form of an older page: the server knows fewer choices than the browser shows
    page.evaluate("document.querySelector('input[type=radio][value=reject]').value = 'maybe'")
    page.route("**/complete", lambda route: route.continue_(post_data='{"variables": {"decision": "maybe"}}'))
    page.get_by_role("radio", name="Reject").check()

    page.get_by_role("button", name="Claim and complete").click()

    expect(page.get_by_role("radiogroup", name="Decision")).to_contain_text("must be one of")
    expect(page.get_by_label("Comment")).to_have_value("Keep me")


def test_a_new_task_appears_by_itself_and_the_task_in_hand_stays_where_it_is(open_page, start):
    for number in (1, 2):
        start("expense-approval", f"E-stay-{number}", amount=240, purpose="Train")
    page = open_page("ben", "/inbox?view=claimable&q=E-stay")
    row = page.get_by_role("link", name=re.compile("E-stay-1"))
    row.click()
    expect(page.locator("#task-title")).to_be_visible()
    before = row.bounding_box()

    start("expense-approval", "E-stay-3", amount=240, purpose="Train")

    expect(page.get_by_role("link", name=re.compile("E-stay-3"))).to_be_visible()
    assert row.bounding_box() == before
    expect(row).to_be_focused()
    page.get_by_role("button", name="1 new task").click()
    expect(page.locator(".task-row").first).to_contain_text("E-stay-3")


def test_who_was_slower_is_told_who_has_the_task(open_page, start, server):
    start("expense-approval", "E-race", amount=240, purpose="Train")
    page = open_page("ben", "/inbox?view=claimable&q=E-race")
    page.get_by_role("link", name="Approve the expense").click()
    expect(page.get_by_role("button", name="Claim", exact=True)).to_be_visible()
    task = page.url.split("/inbox/")[1].split("?")[0]
    # ben's page does not hear of it in time
    page.route("**/claim", lambda route: (_claim_as("cleo", server.url, task), route.continue_()))

    page.get_by_role("button", name="Claim", exact=True).click()

    expect(page.get_by_role("alert").filter(has_text="cleo was faster")).to_be_visible()
    expect(page.get_by_role("button", name="Complete")).to_have_count(0)


def _claim_as(name: str, url: str, task: str) -> None:
    with httpx.Client(base_url=url + "/api/v1", headers={"Origin": url}) as browser:
        session = browser.post("/session", json={"name": name, "password": "signalbox"}).json()
        claimed = browser.post(f"/user-tasks/{task}/claim", headers={"X-CSRF-Token": session["csrf_token"]})
        assert claimed.is_success, claimed.text


def test_a_task_is_done_with_the_keyboard_alone_and_the_next_one_follows(open_page, start):
    for number in (1, 2):
        start("expense-approval", f"E-keys-{number}", amount=240, purpose="Train")
    page = open_page("ben", "/inbox?view=claimable&q=E-keys")
    expect(page.get_by_role("link", name=re.compile("E-keys-2"))).to_be_visible()
    page.locator("body").press("j")
    expect(page.get_by_role("link", name=re.compile("E-keys-2"))).to_be_focused()
    page.keyboard.press("c")
    expect(page.locator(".task-facts")).to_contain_text("Yours")

    page.keyboard.press("Enter")
    expect(page.get_by_role("radio", name="Approve")).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("By keyboard")
    page.keyboard.press("Control+Enter")

    expect(page.get_by_role("link", name=re.compile("E-keys-2"))).to_have_count(0)
    expect(page.get_by_role("link", name=re.compile("E-keys-1"))).to_be_focused()
    expect(page.locator(".task-process")).to_contain_text("E-keys-1")


def test_a_claim_typed_before_its_task_is_there_is_not_lost(open_page, start):
    start("expense-approval", "E-fast", amount=240, purpose="Train")
    page = open_page("ben", "/inbox?view=claimable&q=E-fast")
    expect(page.get_by_role("link", name=re.compile("E-fast"))).to_be_visible()
    held = []
    page.route(re.compile(r"/user-tasks/[0-9a-f]+\.\d+$"), lambda route: held.append(route))
    page.locator("body").press("j")
    expect(page.locator(".inbox-task [aria-busy=true]")).to_be_visible()

    page.keyboard.press("c")
    while held:
        held.pop().continue_()

    expect(page.locator(".task-facts")).to_contain_text("Yours")


def test_filters_stand_in_the_address_and_survive_opening_a_task(open_page, start):
    start("expense-approval", "E-filter", amount=240, purpose="Train")
    page = open_page("ben", "/inbox?view=claimable&q=E-filter")
    page.get_by_role("link", name=re.compile("E-filter")).click()

    expect(page).to_have_url(re.compile(r"/inbox/[^?]+\?view=claimable&q=E-filter"))
    page.reload()

    expect(page.get_by_role("searchbox", name="Search tasks")).to_have_value("E-filter")
    expect(page.get_by_role("button", name="Claimable")).to_have_attribute("aria-current", "true")
    expect(page.locator("#task-title")).to_have_text("Approve the expense")


def test_what_was_typed_survives_a_look_at_another_task(open_page, start):
    for number in (1, 2):
        start("expense-approval", f"E-typed-{number}", amount=240, purpose="Train")
    page = open_page("ben", "/inbox?view=claimable&q=E-typed")
    page.get_by_role("link", name=re.compile("E-typed-1")).click()
    page.get_by_label("Comment").fill("Half a sentence")

    page.get_by_role("link", name=re.compile("E-typed-2")).click()
    expect(page.get_by_label("Comment")).to_have_value("")
    page.get_by_role("link", name=re.compile("E-typed-1")).click()

    expect(page.get_by_label("Comment")).to_have_value("Half a sentence")


def test_an_empty_inbox_says_so(open_page):
    page = open_page("ada", "/inbox")

    expect(page.get_by_role("heading", name="Inbox zero")).to_be_visible()


def test_the_inbox_speaks_german(open_page, start):
    start("expense-approval", "E-deutsch", amount=240, purpose="Train")
    page = open_page("ben", "/inbox?view=claimable&q=E-deutsch", locale="de-DE")

    page.get_by_role("link", name=re.compile("E-deutsch")).click()
    page.get_by_role("button", name="Übernehmen und abschließen").click()

    expect(page.get_by_role("radiogroup", name="Decision")).to_contain_text("Diese Angabe fehlt.")
    expect(page.locator("html")).to_have_attribute("lang", "de")


def test_an_operator_gives_a_task_to_somebody_who_then_finds_it(open_page, start):
    start("expense-approval", "E-assign", amount=240, purpose="Train")
    ben = open_page("ben", "/inbox?q=E-assign")
    expect(ben.get_by_role("heading", name="No task matches")).to_be_visible()
    root = open_page("root", "/inbox?view=all&q=E-assign")
    root.get_by_role("link", name="Approve the expense").click()
    expect(root.get_by_text("This task is offered to approvers.")).to_be_visible()
    expect(root.get_by_role("button", name=re.compile("Complete|Claim", re.I)).filter(visible=True)).to_have_count(1)

    root.get_by_role("button", name="Assign…").click()
    root.get_by_label("Who shall do it").fill("ben")
    root.get_by_role("dialog").get_by_role("button", name="Assign").click()

    expect(root.get_by_text("ben is working on this task.")).to_be_visible()
    expect(ben.get_by_role("link", name="Approve the expense")).to_be_visible()


def test_who_completes_before_the_claim_is_answered_completes(open_page, start):
    """The claim is shown as done at once, so a quick hand is ahead of the server."""
    start("expense-approval", "E-quick-1", amount=240, purpose="Train")
    page = open_page("ben", "/inbox?view=claimable&q=E-quick")
    held = []
    page.route("**/claim", lambda route: held.append(route))
    page.get_by_role("link", name=re.compile("E-quick-1")).click()
    page.locator("body").press("c")
    expect(page.locator(".task-facts")).to_contain_text("Yours")
    page.get_by_role("radio", name="Approve").check(force=True)
    page.keyboard.press("Control+Enter")
    held[0].continue_()
    expect(page.get_by_role("link", name=re.compile("E-quick-1"))).to_have_count(0)
