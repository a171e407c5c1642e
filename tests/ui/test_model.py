"""Drawing: what analysts rely on while they do it, and what happens when two of them, or the world, get in the way."""

from __future__ import annotations

import json
import re
import uuid
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.ui

EXPENSES = Path(__file__).resolve().parents[2] / "examples" / "expense-approval" / "expense-approval.bpmn"
FOREIGN = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:di="http://www.omg.org/spec/DD/20100524/DI"
  xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
  id="d" targetNamespace="x">
  <process id="nightly" name="Nightly run" isExecutable="true">
    <startEvent id="midnight"><timerEventDefinition id="clock"><timeDuration>PT1H</timeDuration></timerEventDefinition>
      <outgoing>f</outgoing></startEvent>
    <sequenceFlow id="f" sourceRef="midnight" targetRef="over"/>
    <endEvent id="over"><incoming>f</incoming></endEvent>
    <dataStoreReference id="ledger" name="Ledger"/>
  </process>
  <bpmndi:BPMNDiagram id="b"><bpmndi:BPMNPlane id="p" bpmnElement="nightly">
    <bpmndi:BPMNShape id="s1" bpmnElement="midnight">
      <dc:Bounds x="100" y="100" width="36" height="36"/></bpmndi:BPMNShape>
    <bpmndi:BPMNShape id="s2" bpmnElement="over">
      <dc:Bounds x="300" y="100" width="36" height="36"/></bpmndi:BPMNShape>
    <bpmndi:BPMNShape id="s3" bpmnElement="ledger">
      <dc:Bounds x="200" y="200" width="50" height="50"/></bpmndi:BPMNShape>
    <bpmndi:BPMNEdge id="e1" bpmnElement="f">
      <di:waypoint x="136" y="118"/><di:waypoint x="300" y="118"/></bpmndi:BPMNEdge>
  </bpmndi:BPMNPlane></bpmndi:BPMNDiagram>
</definitions>"""


@pytest.fixture
def draft(admin):
    """`draft("Travel")`: a new draft of the expense approval; its id."""

    def saved(name: str) -> str:
        answer = admin.post("/drafts", json={"name": name, "xml": EXPENSES.read_text()})
        assert answer.is_success, answer.text
        return str(answer.json()["id"])

    return saved


def _name(begin: str) -> str:
    return f"{begin} {uuid.uuid4().hex[:6]}"


def _shape(page: Page, element_id: str) -> Locator:
    return page.locator(f'.djs-shape[data-element-id="{element_id}"]')


def _rename(page: Page, element_id: str, name: str) -> None:
    _shape(page, element_id).click()
    page.get_by_label("Name", exact=True).fill(name)


def _save(page: Page) -> None:
    page.keyboard.press("Control+s")
    expect(page.get_by_text(re.compile("^Saved"))).to_be_visible()


def _import(page: Page, name: str, content: str) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Import").first.click()
    chooser.value.set_files({"name": name, "mimeType": "application/xml", "buffer": content.encode()})


def _exported(page: Page) -> str:
    page.get_by_role("button", name="More").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="Export BPMN XML").click()
    return Path(download.value.path()).read_text()


# --- the engine's words while drawing --------------------------------------------------------------------------------
def test_an_error_shows_on_its_shape_and_in_a_list_and_keeps_from_deploying(open_page, draft):
    page = open_page("ada", f"/model/{draft(_name('Faulty'))}")
    _shape(page, "pay").click()
    page.get_by_label("Topic").fill("")

    badge = page.locator(".problem-badge-error")
    expect(badge).to_contain_text("topic")
    expect(page.get_by_role("region", name="Problems")).to_contain_text("1 error")

    page.keyboard.press("Escape")
    page.locator(".djs-container svg").first.click(position={"x": 400, "y": 20})
    page.get_by_role("button", name=re.compile("^Problems")).click()
    page.get_by_role("button", name=re.compile("topic")).click()
    expect(_shape(page, "pay")).to_have_class(re.compile("selected"))

    page.get_by_role("button", name="Deploy").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("1 error keeps this diagram from running")
    expect(dialog.get_by_role("button", name="Deploy")).to_be_disabled()
    page.keyboard.press("Escape")

    page.get_by_label("Topic").fill("pay")
    expect(badge).to_have_count(0)


def test_a_diagram_from_elsewhere_opens_whole_and_says_what_cannot_run(open_page):
    page = open_page("ada", "/model")
    _import(page, "nightly.bpmn", FOREIGN)

    expect(page.get_by_label("Name of the diagram")).to_have_value("Nightly run")
    page.get_by_role("button", name=re.compile("^Problems")).click()
    page.get_by_role("button", name=re.compile("Ledger")).click()
    expect(_shape(page, "ledger")).to_have_class(re.compile("selected"))


def test_a_file_that_is_no_diagram_is_told_and_can_be_taken_away(open_page):
    page = open_page("ada", "/model")
    _import(page, "broken.bpmn", "<definitions><broken")

    expect(page.get_by_role("heading", name="This file cannot be drawn")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the file as it is").click()
    assert Path(download.value.path()).read_text() == "<definitions><broken"


def test_what_is_entered_is_in_the_file(open_page, draft):
    page = open_page("ada", f"/model/{draft(_name('Entered'))}")
    _shape(page, "pay").click()
    page.get_by_label("Topic").fill("pay-quickly")
    page.get_by_label("Attempts").fill("7")
    page.get_by_role("button", name="Add header").click()
    headers = page.get_by_role("group", name="Headers")
    headers.get_by_label("name").last.fill("bank")
    headers.get_by_label("value").last.fill("Sparkasse")
    _save(page)

    xml = _exported(page)
    assert 'signalbox:topic="pay-quickly"' in xml
    assert 'signalbox:retries="7"' in xml
    assert '<signalbox:header name="bank" value="Sparkasse" />' in xml


# --- two analysts ----------------------------------------------------------------------------------------------------
def test_a_draft_saved_elsewhere_appears_without_a_reload(open_page, draft):
    page = open_page("ada", "/model")
    expect(page.get_by_role("heading", name="Diagrams")).to_be_visible()
    expect(page.locator('.connection[data-state="live"]')).to_be_attached()

    name = _name("Elsewhere")
    draft(name)
    expect(page.get_by_role("link", name=name)).to_be_visible()


def test_a_clean_canvas_follows_what_somebody_else_saves(open_page, draft):
    address = f"/model/{draft(_name('Shared'))}"
    ada, root = open_page("ada", address), open_page("root", address)
    expect(_shape(root, "pay")).to_be_visible()
    expect(root.locator('.connection[data-state="live"]')).to_be_attached()

    _rename(ada, "pay", "Pay by bank transfer")
    _save(ada)
    expect(_shape(root, "pay")).to_contain_text("Pay by")
    expect(root.get_by_text("Updated: ada saved this draft")).to_be_visible()


def test_nobody_overwrites_another_unawares(open_page, draft, admin):
    name = _name("Contested")
    draft_id = draft(name)
    ada, root = open_page("ada", f"/model/{draft_id}"), open_page("root", f"/model/{draft_id}")
    expect(_shape(root, "pay")).to_be_visible()
    _rename(root, "pay", "Root's words")
    expect(root.get_by_text("Unsaved changes")).to_be_visible()
    _rename(ada, "pay", "Ada's words")
    _save(ada)

    root.keyboard.press("Control+s")
    dialog = root.get_by_role("dialog")
    expect(dialog).to_contain_text("ada saved version 2")
    dialog.get_by_role("button", name=re.compile("Save mine as a copy")).click()

    expect(root.get_by_label("Name of the diagram")).to_have_value(f"Copy of {name}")
    assert "Ada&#39;s words" in _xml(admin, draft_id) or "Ada's words" in _xml(admin, draft_id)
    copy_id = root.url.rsplit("/", 1)[1]
    assert copy_id != draft_id
    assert "words" in _xml(admin, copy_id)


def _xml(admin, draft_id: str) -> str:
    return str(admin.get(f"/drafts/{draft_id}").json()["xml"])


def test_a_draft_deleted_under_ones_hands_can_be_saved_anew(open_page, draft, admin):
    draft_id = draft(_name("Deleted"))
    page = open_page("ada", f"/model/{draft_id}")
    expect(_shape(page, "pay")).to_be_visible()
    expect(page.locator('.connection[data-state="live"]')).to_be_attached()
    admin.delete(f"/drafts/{draft_id}")

    expect(page.get_by_text("This draft was deleted by somebody")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page).not_to_have_url(re.compile(draft_id))
    expect(page.get_by_text(re.compile("^Saved"))).to_be_visible()


# --- nothing gets lost -----------------------------------------------------------------------------------------------
def test_unsaved_changes_are_asked_about_on_every_way_out(open_page, draft):
    page = open_page("ada", "/model")
    draft_id = draft(_name("Guarded"))
    page.goto(f"/model/{draft_id}")
    _rename(page, "pay", "Changed")
    expect(page.get_by_text("Unsaved changes")).to_be_visible()

    page.get_by_role("link", name="Inbox").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(page).to_have_url(re.compile(draft_id))
    page.get_by_role("link", name="All diagrams").click()
    page.get_by_role("dialog").get_by_role("button", name="Discard changes").click()
    expect(page.get_by_role("heading", name="Diagrams")).to_be_visible()

    page.goto(f"/model/{draft_id}")
    expect(_shape(page, "pay")).not_to_contain_text("Changed")


def test_work_survives_the_end_of_the_session(open_page, draft):
    page = open_page("ada", f"/model/{draft(_name('Long day'))}")
    _rename(page, "pay", "Still here")
    page.context.clear_cookies()
    page.keyboard.press("Control+s")

    expect(page.get_by_text("Your session has ended")).to_be_visible()
    page.get_by_label("Password").fill("signalbox")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your session has ended")).to_have_count(0)
    _save(page)
    assert "Still here" in _exported(page)


def test_work_survives_a_crashed_browser(open_page, draft):
    address = f"/model/{draft(_name('Crashed'))}"
    page = open_page("ada", address)
    _rename(page, "pay", "Nearly lost")
    page.wait_for_timeout(2_000)  # it is put aside a moment after the last change; nothing on the page tells of it
    other = page.context.new_page()
    page.close(run_before_unload=False)

    other.goto(address)
    other.get_by_role("button", name="Bring them back").click()
    expect(_shape(other, "pay")).to_contain_text("Nearly lost")


def test_deploying_without_a_server_says_so_and_can_be_repeated(open_page, mortal_server):
    page = open_page("ada", "/model", at=mortal_server)
    page.get_by_role("button", name=re.compile("^Approval")).click()
    expect(_shape(page, "decide")).to_be_visible()
    _save(page)
    mortal_server.kill()

    page.get_by_role("button", name="Deploy").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Deploy").click()
    expect(dialog).to_contain_text("The server does not answer")
    mortal_server.start()
    dialog.get_by_role("button", name="Deploy").click()
    expect(dialog.get_by_role("heading", name="Deployed")).to_be_visible()


# --- other hands -----------------------------------------------------------------------------------------------------
def test_a_process_can_be_drawn_by_keyboard_alone(open_page):
    page = open_page("ada", "/model")
    expect(page.get_by_role("button", name="New diagram")).to_be_visible()
    page.keyboard.press("n")
    expect(page.locator(".djs-shape")).to_have_count(1)
    page.keyboard.press("o")
    page.get_by_role("listbox", name="Outline").focus()
    page.keyboard.press("ArrowDown")
    page.get_by_role("button", name=re.compile("^User task")).focus()
    page.keyboard.press("Enter")
    page.keyboard.type("Look at it")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="End event").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")

    outline = page.get_by_role("listbox", name="Outline")
    expect(outline.get_by_role("option")).to_have_count(4)
    expect(outline).to_contain_text("Look at it")
    expect(page.get_by_role("region", name="Problems")).to_contain_text("None")


def test_what_is_typed_belongs_to_the_shape_it_was_typed_for(open_page, draft):
    page = open_page("ada", f"/model/{draft(_name('Clicked'))}")
    _rename(page, "pay", "Pay by cheque")
    _shape(page, "approve").click()  # before the field has written anything by itself

    expect(_shape(page, "pay")).to_contain_text("cheque")
    expect(_shape(page, "approve")).to_have_class(re.compile("selected"))
    expect(_shape(page, "approve")).not_to_contain_text("cheque")


def test_undo_in_a_field_takes_back_letters_and_on_the_canvas_steps(open_page, draft):
    page = open_page("ada", f"/model/{draft(_name('Undone'))}")
    _shape(page, "pay").click()
    field = page.get_by_label("Name", exact=True)
    field.focus()
    page.keyboard.press("End")
    page.keyboard.type(" now")
    page.keyboard.press("Control+z")
    expect(field).not_to_have_value("Pay now")
    expect(_shape(page, "pay")).to_be_visible()

    _shape(page, "approve").click()
    _shape(page, "pay").click()
    page.keyboard.press("Delete")
    expect(_shape(page, "pay")).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(_shape(page, "pay")).to_be_visible()


def test_variables_that_are_no_json_are_told_where(open_page, deployed_examples):
    page = open_page("ada", "/model")
    page.get_by_role("button", name="Start Open a branch office").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Variables (JSON)").fill('{\n  "a": 1,\n}')
    dialog.get_by_role("button", name="Start").click()
    expect(dialog).to_contain_text("line 3")

    dialog.get_by_label("Variables (JSON)").fill(json.dumps({"a": 1}))
    dialog.get_by_role("button", name="Start").click()
    expect(page).to_have_url(re.compile("/operate/"))


def test_an_earlier_version_is_opened_as_a_new_draft(open_page, admin):
    key = f"versions-{uuid.uuid4().hex[:6]}"
    source = (
        EXPENSES.read_text()
        .replace('id="expense-approval"', f'id="{key}"')
        .replace('bpmnElement="expense-approval"', f'bpmnElement="{key}"')
    )
    source = source.replace('name="Expense approval"', f'name="{key}"')
    for words in ("Pay", "Pay faster"):
        changed = source.replace('name="Pay"', f'name="{words}"')
        answer = admin.post("/deployments", files={"files": ("x.bpmn", changed.encode(), "application/xml")})
        assert answer.is_success, answer.text

    page = open_page("ada", "/model")
    page.get_by_role("button", name=f"More for {key}").click()
    page.get_by_role("menuitem", name="Versions").click()
    page.get_by_role("dialog").get_by_role("link", name="Open as a draft").last.click()
    expect(_shape(page, "pay")).to_have_text("Pay")
    expect(page.get_by_text("From version 1")).to_be_visible()


def test_who_does_not_draw_sees_what_can_be_started(open_page, deployed_examples):
    page = open_page("ben", "/")
    expect(page).to_have_url(re.compile("/inbox"))
    page.get_by_role("link", name="Model").click()
    expect(page.get_by_role("button", name="Start Expense approval")).to_be_visible()
    expect(page.get_by_role("button", name="New diagram")).to_have_count(0)
    expect(page.get_by_role("heading", name="Drafts")).to_have_count(0)
