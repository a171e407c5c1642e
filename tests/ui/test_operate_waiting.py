"""Operate: what an instance waits for, which instances it called, what ran several times, what was undone."""

from __future__ import annotations

import re

import pytest
from drawings import drawn
from playwright.sync_api import expect

pytestmark = pytest.mark.ui

HALL = drawn(
    "waiting-hall",
    """
    <startEvent id="start"/>
    <parallelGateway id="split"/>
    <receiveTask id="payment" name="Get the payment" messageRef="paid"><extensionElements>
      <signalbox:correlation key="order" value="order"/></extensionElements></receiveTask>
    <intermediateCatchEvent id="rest" name="Cool down"><timerEventDefinition>
      <timeDuration>P3D</timeDuration></timerEventDefinition></intermediateCatchEvent>
    <intermediateCatchEvent id="bell" name="Bell"><signalEventDefinition signalRef="rung"/></intermediateCatchEvent>
    <userTask id="review" name="Review"><multiInstanceLoopCharacteristics signalbox:collection="reviewers"
      signalbox:elementVariable="reviewer"/></userTask>
    <callActivity id="check" name="Check the goods" calledElement="goods" signalbox:businessKey="G-{{order}}"/>
    <adHocSubProcess id="case" name="Case"><manualTask id="phone" name="Phone the customer"/>
      <manualTask id="write" name="Write to the customer"/></adHocSubProcess>
    <parallelGateway id="join"/>
    <endEvent id="end"/>
    """,
    {
        "start": (100, 402, 36, 36),
        "split": (190, 395, 50, 50),
        "payment": (320, 60, 100, 80),
        "rest": (352, 190, 36, 36),
        "bell": (352, 280, 36, 36),
        "review": (320, 360, 100, 80),
        "check": (320, 480, 100, 80),
        "case": (320, 600, 320, 160),
        "phone": (345, 640, 100, 80),
        "write": (500, 640, 100, 80),
        "join": (720, 395, 50, 50),
        "end": (830, 402, 36, 36),
    },
    [
        ("start", "split"),
        *(("split", one) for one in ("payment", "rest", "bell", "review", "check", "case")),
        *((one, "join") for one in ("payment", "rest", "bell", "review", "check", "case")),
        ("join", "end"),
    ],
    declared='<message id="paid" name="payment"/><signal id="rung" name="the bell"/>',
)
GOODS = drawn(
    "goods",
    '<startEvent id="begin"/><userTask id="count" name="Count the goods"/><endEvent id="counted"/>',
    {"begin": (100, 122, 36, 36), "count": (200, 100, 100, 80), "counted": (360, 122, 36, 36)},
    [("begin", "count"), ("count", "counted")],
)
UNDONE = drawn(
    "undone",
    """
    <startEvent id="start"/>
    <manualTask id="book" name="Book the hotel"/>
    <boundaryEvent id="undo" attachedToRef="book"><compensateEventDefinition/></boundaryEvent>
    <manualTask id="release" name="Release the room" isForCompensation="true"/>
    <endEvent id="end"><compensateEventDefinition/></endEvent>
    """,
    {
        "start": (100, 122, 36, 36),
        "book": (200, 100, 100, 80),
        "undo": (260, 162, 36, 36),
        "release": (340, 220, 100, 80),
        "end": (400, 122, 36, 36),
    },
    [("start", "book"), ("book", "end")],
    associations=[("undo", "release")],
)


@pytest.fixture
def hall(admin, start) -> str:
    """An instance that waits for everything at once."""
    for name, content in (("goods", GOODS), ("hall", HALL), ("undone", UNDONE)):
        answer = admin.post("/deployments", files={"files": (f"{name}.bpmn", content, "application/xml")})
        assert answer.is_success, answer.text
    return start("waiting-hall", order=42, reviewers=["ada", "ben", "cleo"])


def test_everything_that_is_waited_for_is_said_in_words(open_page, hall):
    page = open_page("root", f"/operate/{hall}")
    waiting = page.get_by_role("region", name="Waits for")

    expect(waiting).to_contain_text("waits for the message “payment” with order = 42")
    expect(waiting).to_contain_text("waits for the signal “the bell”")
    expect(waiting.get_by_role("listitem").filter(has_text="Cool down")).to_contain_text("due in 3 days")
    expect(waiting.get_by_role("listitem").filter(has_text="Case")).to_contain_text("people choose what is done here")
    expect(page.locator(".sb-due")).to_have_text("due in 3 days")


def test_from_the_caller_to_the_called_and_back(open_page, hall):
    page = open_page("root", f"/operate/{hall}")
    page.get_by_role("link", name="instance of goods").click()

    expect(page.get_by_role("heading", name=re.compile("goods.*G-42"))).to_be_visible()
    page.get_by_role("link", name="called by another instance").click()
    expect(page).to_have_url(re.compile(hall))
    called = page.get_by_role("region", name="Called processes")
    expect(called.get_by_role("listitem")).to_contain_text("goods G-42")
    expect(called.get_by_role("listitem")).to_contain_text("Check the goods")


def test_runs_of_a_repeated_task_are_counted_once(open_page, hall, admin):
    tasks = admin.get("/user-tasks", params={"process_instance_id": hall, "view": "all"}).json()["items"]
    reviews = [task["id"] for task in tasks if task["element_id"] == "review"]
    assert len(reviews) == 3
    answer = admin.post(f"/user-tasks/{reviews[0]}/complete", json={})
    assert answer.is_success, answer.text
    page = open_page("root", f"/operate/{hall}")

    expect(page.locator(".sb-repeated")).to_have_text("1 of 3 done")
    review = page.locator('.djs-overlays[data-container-id="review"]')
    expect(review.locator(".sb-token")).to_have_text("2")
    body = page.get_by_role("row").filter(has_text="3 runs")
    expect(body).to_contain_text("1 done · 2 running")
    expect(page.get_by_role("row").filter(has_text=re.compile("run [123]"))).to_have_count(3)
    body.get_by_role("button", name="Hide the runs").click()
    expect(page.get_by_role("row").filter(has_text=re.compile("run [123]"))).to_have_count(0)


def test_people_choose_what_is_done_in_an_ad_hoc_sub_process(open_page, hall):
    page = open_page("root", f"/operate/{hall}")
    page.get_by_role("button", name="Start Phone the customer").click()

    expect(page.get_by_role("row").filter(has_text="Phone the customer")).to_contain_text("Completed")
    page.get_by_role("button", name="It is done").click()
    page.get_by_role("dialog").get_by_role("button", name="It is done").click()
    expect(page.get_by_role("row").filter(has_text="Ad-hoc sub-process")).to_contain_text("Completed")
    expect(page.get_by_role("button", name="Start Phone the customer")).to_have_count(0)


def test_what_was_undone_is_said_where_it_was_undone(open_page, hall, start):
    page = open_page("root", f"/operate/{start('undone')}")

    expect(page.get_by_role("row").filter(has_text="Release the room")).to_contain_text("undoes “Book the hotel”")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_waiting_has_no_faults(open_page, accessible, hall, theme, width):
    page = open_page("root", f"/operate/{hall}", color_scheme=theme, width=width)
    expect(page.locator(".diagram[data-ready=true]")).to_be_attached()
    expect(page.get_by_role("region", name="Waits for")).to_contain_text("the bell")
    accessible(page)
