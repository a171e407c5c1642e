"""Each family of elements, drawn by keyboard with the real modeler; the file that it saves is what the language runs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Locator, Page, expect

import bpmn
from bpmn.elements import SUPPORTED

pytestmark = pytest.mark.ui

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
OURS = "{urn:signalbox:schema:1.0}"


class Sheet:
    """A new diagram with a start event, on which one draws by keyboard."""

    def __init__(self, page: Page, saved: Callable[[str], str]):
        self.page = page
        self._saved = saved
        page.set_default_timeout(10_000)
        page.goto("/model/new")
        self.shapes = page.locator(".djs-shape[data-element-id]:not(.djs-label)")
        expect(self.shapes).to_have_count(1)
        self.select("start")

    def select(self, element_id: str) -> None:
        """By a click into its middle, or on the upper left of what can hold others."""
        shape = self.page.locator(f'.djs-shape[data-element-id="{element_id}"]')
        if "selected" in (shape.get_attribute("class") or "").split():
            return  # another click would let go of it
        box = shape.bounding_box()
        assert box is not None
        small = box["width"] <= 60
        shape.click(position={"x": box["width"] / 2 if small else 9, "y": box["height"] * (0.5 if small else 0.3)})
        expect(self.page.locator(f'[data-element-id="{element_id}"].selected')).to_be_attached()

    def append(self, what: str, name: str | None = None) -> str:
        """Behind the selected shape, or attached to it; the new shape's id. It is selected then."""
        return self._choose("a", "Append element", what, name)

    def create(self, what: str, name: str | None = None) -> str:
        """Wherever there is room."""
        return self._choose("n", "Create element", what, name)

    def _choose(self, key: str, title: str, what: str, name: str | None) -> str:
        before = self._ids()
        self.page.keyboard.press(key)
        menu = self.page.locator(".djs-popup")
        expect(menu).to_contain_text(title)
        chosen = menu.locator(".entry.selected")
        if menu.locator("input").count():
            expect(menu.locator("input")).to_be_focused()
            self.page.keyboard.type(what)
        else:  # a few entries need no search
            for _ in range(menu.locator(".djs-popup-results .entry").count()):
                if what in chosen.inner_text():
                    break
                self.page.keyboard.press("ArrowDown")
        expect(chosen).to_contain_text(what)
        self.page.keyboard.press("Enter")
        expect(menu).to_have_count(0)
        typing = self.page.locator(".djs-direct-editing-content")
        if typing.count():
            self.page.keyboard.press("Escape")
        expect(typing).to_have_count(0)
        new = [one for one in self._ids() if one not in before]
        assert new, f"nothing was drawn for {what}"
        expect(self.page.locator(f'.djs-shape[data-element-id="{new[0]}"].selected')).to_be_attached()
        if name is not None:
            self.fill("Name", name)
        return new[0]

    def _ids(self) -> list[str]:
        return self.shapes.evaluate_all("all => all.map(one => one.dataset.elementId)")

    def fill(self, label: str, text: str) -> None:
        field = self.field(label)
        field.fill(text)
        field.blur()

    def choose(self, label: str, option: str) -> None:
        self.field(label).select_option(label=option)

    def declare(self, what: str, name: str) -> None:
        """A new message, signal, error or escalation, named as it is made."""
        self.choose(what, f"New {what.lower()}…")
        field = self.field(f"{what} name")
        expect(field).to_be_focused()
        self.page.keyboard.type(name)
        field.blur()

    def pair(self, group: str, name: str, value: str) -> None:
        """One more entry of a list of names and expressions."""
        rows = self.page.get_by_role("group", name=group, exact=True)
        rows.get_by_role("button", name=re.compile("^Add")).click()
        expect(rows.get_by_role("textbox").nth(-2)).to_be_focused()
        self.page.keyboard.type(name)
        self.page.keyboard.press("Tab")
        self.page.keyboard.type(value)
        rows.get_by_role("textbox").last.blur()

    def open(self, section: str) -> None:
        """A section that is closed because few need it."""
        summary = self.page.locator("details.section > summary").filter(has_text=re.compile(rf"^{re.escape(section)}"))
        if not summary.evaluate("one => one.parentElement.open"):
            summary.click()

    def check(self, label: str, *, checked: bool = True) -> None:
        self.field(label).set_checked(checked)

    def field(self, label: str) -> Locator:
        """By its label, which may carry the star of what is required."""
        return self.page.get_by_label(re.compile(rf"^{re.escape(label)}( \*)?$"))

    def finish(self) -> None:
        self.append("End event")

    def file(self) -> str:
        """What the server has after saving."""
        self.page.keyboard.press("Escape")
        self.page.keyboard.press("Control+s")
        expect(self.page.get_by_text(re.compile("^Saved"))).to_be_visible()
        return self._saved(self.page.url.rsplit("/", 1)[1])

    def saved(self) -> ElementTree.Element:
        """The file as it was saved, in which the language finds nothing wrong."""
        text = self.file()
        errors = [one.message for one in bpmn.check(text.encode()) if one.severity == "error"]
        assert errors == []
        return ElementTree.fromstring(text)


@pytest.fixture
def sheet(open_page, admin, accessible) -> Iterator[Sheet]:
    """A sheet; at the end, the panel of what is selected has no fault of accessibility."""
    page = open_page("ada", "/model")
    drawn = Sheet(page, lambda draft_id: str(admin.get(f"/drafts/{draft_id}").json()["xml"]))
    yield drawn
    accessible(page)


def one(root: ElementTree.Element, tag: str) -> ElementTree.Element:
    """The only element of that name."""
    found = root.findall(f".//{BPMN}{tag}")
    assert len(found) == 1, f"{len(found)} × {tag}"
    return found[0]


def text(root: ElementTree.Element, tag: str) -> str:
    return (one(root, tag).text or "").strip()


def pairs(node: ElementTree.Element, tag: str, key: str = "name") -> dict[str, str | None]:
    """Our entries in an element's extensions."""
    return {item.get(key, ""): item.get("value") for item in node.findall(f"{BPMN}extensionElements/{OURS}{tag}")}


# --- what is offered -------------------------------------------------------------------------------------------------
def test_the_menus_offer_every_element_that_runs_and_no_other(sheet):
    page = sheet.page

    def offered(key: str) -> set[str]:
        page.keyboard.press(key)
        entries = page.locator(".djs-popup-results .entry")
        expect(entries.first).to_be_visible()
        found = set(entries.evaluate_all("all => all.map(one => one.dataset.id)"))
        page.keyboard.press("Escape")
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
        page.keyboard.press("r")
        expect(page.locator(".djs-popup")).to_contain_text("Change element")
        found = set(page.locator(".djs-popup-results .entry").evaluate_all("all => all.map(one => one.dataset.id)"))
        page.keyboard.press("Escape")
        return found

    assert {"replace-with-timer-start", "replace-with-multiple"} <= replacements()
    sheet.append("User task")
    assert {"replace-with-call-activity", "replace-with-rule-task", "replace-with-ad-hoc-subprocess"} <= replacements()
    sheet.create("Data object")
    assert replacements() == {"replace-with-data-store-reference"}


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
