"""When timers are due, by a calendar and a clock that stand still: changes to and from summer time, ends of months,
cycles that come late (BPMN 2.0.2, 10.5.5.10; ISO 8601)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

import bpmn
from bpmn import effects, timers, triggers
from tests.bpmn.conftest import Walking, define
from tests.bpmn.drawing import attached, begin, catch, diagram, message, on_event, process, timer, user
from tests.bpmn.walking import NOW, Walk

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")


def _at(text: str, zone: ZoneInfo) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).astimezone(zone)


def _times(text: str, opened: datetime, count: int) -> list[str]:
    """The first times of a cycle, each of them in time, by the clock on the wall."""
    found = timers.schedule("cycle", text, opened)
    result = [found.due]
    while len(result) < count:
        following = timers.after(text, opened, found.turn, result[-1].astimezone(opened.tzinfo))
        if following is None:
            break
        found = following
        result.append(found.due)
    return [due.astimezone(opened.tzinfo).strftime("%d %b %H:%M %z") for due in result]


# -- one time --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("kind", "text", "opened", "zone", "due"),
    [
        # Berlin, 29 March 2026: 02:00 +01:00 becomes 03:00 +02:00
        ("duration", "P1D", "2026-03-28T11:00", BERLIN, "2026-03-29T12:00+02:00"),
        ("duration", "PT24H", "2026-03-28T11:00", BERLIN, "2026-03-29T13:00+02:00"),
        ("duration", "P1DT1H", "2026-03-28T11:00", BERLIN, "2026-03-29T13:00+02:00"),
        ("duration", "PT1H", "2026-03-29T00:30", BERLIN, "2026-03-29T03:30+02:00"),
        ("date", "2026-03-29T02:30", "2026-03-28T11:00", BERLIN, "2026-03-29T03:30+02:00"),  # a time that is not
        ("date", "2026-03-30", "2026-03-28T11:00", BERLIN, "2026-03-30T00:00+02:00"),
        ("date", "2026-03-30T08:00Z", "2026-03-28T11:00", BERLIN, "2026-03-30T10:00+02:00"),
        # Berlin, 25 October 2026: 03:00 +02:00 becomes 02:00 +01:00
        ("duration", "P1D", "2026-10-24T10:00", BERLIN, "2026-10-25T12:00+01:00"),
        ("duration", "PT24H", "2026-10-24T10:00", BERLIN, "2026-10-25T11:00+01:00"),
        ("duration", "PT1H", "2026-10-25T00:30", BERLIN, "2026-10-25T02:30+01:00"),
        ("duration", "PT1H", "2026-10-25T01:30", BERLIN, "2026-10-25T03:30+01:00"),  # it is 02:30 again
        ("date", "2026-10-25T02:30", "2026-10-24T10:00", BERLIN, "2026-10-25T02:30+02:00"),  # the first of two
        ("date", "2026-10-25T02:30+01:00", "2026-10-24T10:00", BERLIN, "2026-10-25T02:30+01:00"),
        # New York, 8 March and 1 November 2026
        ("duration", "P1D", "2026-03-07T17:00", NEW_YORK, "2026-03-08T12:00-04:00"),
        ("duration", "PT24H", "2026-03-07T17:00", NEW_YORK, "2026-03-08T13:00-04:00"),
        ("date", "2026-03-08T02:30", "2026-03-07T17:00", NEW_YORK, "2026-03-08T03:30-04:00"),
        ("duration", "P1W", "2026-10-30T16:00", NEW_YORK, "2026-11-06T12:00-05:00"),
        ("duration", "PT168H", "2026-10-30T16:00", NEW_YORK, "2026-11-06T11:00-05:00"),
        # months end where they end
        ("duration", "P1M", "2026-01-31T11:00", BERLIN, "2026-02-28T12:00+01:00"),
        ("duration", "P1M", "2028-01-31T11:00", BERLIN, "2028-02-29T12:00+01:00"),
        ("duration", "P1Y", "2028-02-29T11:00", BERLIN, "2029-02-28T12:00+01:00"),
        ("duration", "P4Y", "2028-02-29T11:00", BERLIN, "2032-02-29T12:00+01:00"),
        ("duration", "P1M1D", "2026-01-31T11:00", BERLIN, "2026-03-01T12:00+01:00"),
        ("duration", "P2M", "2026-12-31T11:00", BERLIN, "2027-02-28T12:00+01:00"),
        ("duration", "-P1M", "2026-03-31T10:00", BERLIN, "2026-02-28T12:00+01:00"),
        ("duration", "P0.5D", "2026-03-28T20:00", BERLIN, "2026-03-29T10:00+02:00"),
    ],
)
def test_a_timer_is_due_by_the_clock_on_the_wall(kind: str, text: str, opened: str, zone: ZoneInfo, due: str) -> None:
    found = timers.schedule(kind, text, _at(opened, zone))
    assert found.due == datetime.fromisoformat(due).astimezone(UTC)
    assert found.due.tzinfo is UTC
    assert found.left == 0


# -- cycles ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "opened", "zone", "times"),
    [
        ("R3/PT1H", "2026-03-29T00:30", BERLIN, ["29 Mar 03:30 +0200", "29 Mar 04:30 +0200", "29 Mar 05:30 +0200"]),
        ("R3/PT1H", "2026-10-25T00:00", BERLIN, ["25 Oct 02:00 +0100", "25 Oct 03:00 +0100", "25 Oct 04:00 +0100"]),
        ("R3/P1D", "2026-03-27T11:00", BERLIN, ["28 Mar 12:00 +0100", "29 Mar 12:00 +0200", "30 Mar 12:00 +0200"]),
        (
            "R4/2026-01-31T08:00/P1M",
            "2026-01-01T00:00",
            BERLIN,
            ["31 Jan 08:00 +0100", "28 Feb 08:00 +0100", "31 Mar 08:00 +0200", "30 Apr 08:00 +0200"],
        ),
        ("R3/P1M", "2026-01-31T07:00", BERLIN, ["28 Feb 08:00 +0100", "31 Mar 08:00 +0200", "30 Apr 08:00 +0200"]),
        (
            "R/2026-02-27T08:00/2026-02-28T08:00",
            "2026-02-01T00:00",
            BERLIN,
            ["27 Feb 08:00 +0100", "28 Feb 08:00 +0100", "01 Mar 08:00 +0100", "02 Mar 08:00 +0100"],
        ),
        (
            "R/P1M/2026-04-30T08:00",
            "2026-01-31T07:00",
            BERLIN,
            ["28 Feb 08:00 +0100", "31 Mar 08:00 +0200", "30 Apr 08:00 +0200"],
        ),
        ("R2/P1M/2026-04-30", "2026-01-31T07:00", BERLIN, ["28 Feb 08:00 +0100", "31 Mar 08:00 +0200"]),
        # of five days, two are over when it opens
        (
            "R5/2026-03-01T12:00Z/P1D",
            "2026-03-02T12:01",
            NEW_YORK,
            ["03 Mar 07:00 -0500", "04 Mar 07:00 -0500", "05 Mar 07:00 -0500"],
        ),
        ("R2/2026-03-01T12:00Z/P1D", "2026-03-01T12:00", NEW_YORK, ["01 Mar 07:00 -0500", "02 Mar 07:00 -0500"]),
        # all are over: due at once, and once
        ("R2/2020-03-01T12:00Z/P1D", "2026-03-01T12:00", NEW_YORK, ["02 Mar 07:00 -0500"]),
        ("R/PT1H/2020-01-01T00:00Z", "2026-03-01T12:00", NEW_YORK, ["31 Dec 19:00 -0500"]),
        # a cron line means the clock on the wall: 02:30 of the day that has none comes as soon as it can
        (
            "30 8 * * *",
            "2026-03-28T11:00",
            BERLIN,
            ["29 Mar 08:30 +0200", "30 Mar 08:30 +0200", "31 Mar 08:30 +0200", "01 Apr 08:30 +0200"],
        ),
        (
            "30 2 * * *",
            "2026-03-27T11:00",
            BERLIN,
            ["28 Mar 02:30 +0100", "29 Mar 03:00 +0200", "30 Mar 02:30 +0200", "31 Mar 02:30 +0200"],
        ),
        (
            "30 2 * * *",
            "2026-10-24T10:00",
            BERLIN,
            ["25 Oct 02:30 +0200", "26 Oct 02:30 +0100", "27 Oct 02:30 +0100", "28 Oct 02:30 +0100"],
        ),
        (
            "0 12 L * *",
            "2026-01-15T11:00",
            BERLIN,
            ["31 Jan 12:00 +0100", "28 Feb 12:00 +0100", "31 Mar 12:00 +0200", "30 Apr 12:00 +0200"],
        ),
        ("0 9 29 2 *", "2026-01-15T11:00", NEW_YORK, ["29 Feb 09:00 -0500"] * 4),
    ],
)
def test_the_times_of_a_cycle(text: str, opened: str, zone: ZoneInfo, times: list[str]) -> None:
    assert _times(text, _at(opened, zone), 4) == times


def test_of_a_cycle_that_began_long_ago_the_next_time_is_found_at_once() -> None:
    found = timers.schedule("cycle", "R/1971-01-01T00:00:00Z/PT0.001S", NOW)
    assert found.due == NOW
    assert found.left == timers.FOR_EVER


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("duration", "P1.5M"),
        ("duration", "P9999Y"),
        ("duration", "P999999999D"),
        ("duration", "PT99999999999999H"),
        ("duration", "-P3000Y"),
        ("duration", "P"),
        ("date", "2026-02-30"),
        ("date", "2026-02-28T25:00"),
        ("cycle", "R0/PT1H"),
        ("cycle", "R3/PT0S"),
        ("cycle", "R3/-PT1H"),
        ("cycle", "R3/2026-01-01"),
        ("cycle", "R3/2026-01-02/2026-01-01"),
        ("cycle", "R3/2026-01-01/P1D/2026-02-01"),
        ("cycle", "R3/P1D/P2D"),
        ("cycle", "61 * * * *"),
        ("cycle", "0 0 30 2 *"),
    ],
)
def test_what_is_no_time_is_refused_in_words(kind: str, text: str) -> None:
    with pytest.raises(timers.NotATime, match=r"is n|repeats no|before it starts|has a part|ISO"):
        timers.schedule(kind, text, NOW)


# -- in a process ----------------------------------------------------------------------------------------------------
def _due(it: Walk, element: str) -> datetime:
    """When the newest timer of the element is due."""
    return [e.due for e in it.effects if isinstance(e, effects.OpenTimer) and e.element_id == element][-1]


def test_the_process_says_its_time_zone(mode: str) -> None:
    source = diagram(process("start -> pause -> end", pause=catch(timer("date", "{{day}}T09:00"))))
    source = source.replace(b'id="process"', b'id="process" signalbox:timeZone="America/New_York"')
    assert bpmn.check(source) == []
    it = Walk(bpmn.parse(source).definitions[0], mode).start(day="2026-03-08")
    assert _due(it, "pause") == datetime(2026, 3, 8, 13, tzinfo=UTC)
    assert it.due("pause").state == "completed"


def test_without_one_it_is_that_of_the_clock(walk: Walking) -> None:
    it = walk("start -> pause -> end", pause=catch(timer("date", "2026-03-29T09:00")))
    it.context = replace(it.context, now=NOW.astimezone(BERLIN))
    it.start()
    assert _due(it, "pause") == datetime(2026, 3, 29, 7, tzinfo=UTC)


def _reminded(walk: Walking, cycle: str) -> Walk:
    return walk(
        "start -> ask -> end",
        "again -> remind -> end2",
        ask=user(),
        again=attached("ask", timer("cycle", cycle), interrupting=False),
    )


def _late(it: Walk, element: str, by: timedelta) -> Walk:
    """The timer is due and comes late."""
    token = it.token(element, effects.OpenTimer)
    it.context = replace(it.context, now=_due(it, element) + by)
    del it.open[token]
    return it.do(triggers.TimerDue(token))


def test_a_numbered_cycle_that_comes_late_makes_up_for_what_it_missed(walk: Walking) -> None:
    it = _late(_reminded(walk, "R3/PT10M").start(), "again", timedelta(hours=1))
    assert _due(it, "again") == NOW + timedelta(minutes=20)
    _late(it, "again", timedelta(minutes=50))
    assert _due(it, "again") == NOW + timedelta(minutes=30)
    _late(it, "again", timedelta(minutes=50))
    assert it.timers == []
    assert it.ran(["remind"]) == {"remind": 3}


@pytest.mark.parametrize("cycle", ["R/PT10M", "*/10 * * * *", "R/2026-03-01T10:00:00Z/PT10M"])
def test_an_endless_cycle_that_comes_late_goes_on_with_the_next_time(walk: Walking, cycle: str) -> None:
    it = _reminded(walk, cycle).start()
    if cycle.startswith("R/2026"):  # it begins at once: this is one of its times
        it.due("again")
    _late(it, "again", timedelta(minutes=65))
    assert _due(it, "again") == NOW + timedelta(minutes=80)
    it.due("again")
    assert _due(it, "again") == NOW + timedelta(minutes=90)


def test_a_cycle_does_not_drift(walk: Walking) -> None:
    it = _reminded(walk, "R/PT10M").start()
    for turn in range(1, 5):
        assert _due(it, "again") == NOW + timedelta(minutes=10 * turn)
        _late(it, "again", timedelta(seconds=3))


def test_a_cycle_is_read_once_when_its_timer_opens(walk: Walking) -> None:
    it = _reminded(walk, "every").start(every="R2/PT10M")
    it.set(every="R9/PT1H").due("again")
    assert _due(it, "again") == NOW + timedelta(minutes=20)
    assert it.due("again").timers == []


def test_each_way_to_wait_for_a_cycle_once(walk: Walking) -> None:
    it = walk("start -> pause -> end", pause=catch(timer("cycle", "R3/PT10M"))).start()
    assert it.due("pause").state == "completed"
    it = walk(
        "start -> ask -> end",
        ask=user(),
        late=on_event(begin(timer("cycle", "R3/PT10M")), "due -> tell -> done", tell=user(), done=catch(message("m"))),
    ).start()
    assert it.due("due").timers == []
    assert it.outcome("ask") == ["cancelled"]


def test_a_timer_in_the_past_is_due_at_once(walk: Walking) -> None:
    it = walk("start -> pause -> end", pause=catch(timer("date", "2020-02-29T09:00:00+01:00"))).start()
    assert _due(it, "pause") < NOW


def test_an_unknown_time_zone_is_refused() -> None:
    source = diagram(process("start -> end")).replace(b'id="process"', b'id="process" signalbox:timeZone="Mars/Base"')
    assert [p.code for p in bpmn.check(source)] == ["time_zone"]
    assert define(process("start -> end")).time_zone is None
