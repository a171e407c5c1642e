"""When timers are due: ISO 8601 dates, durations and repeating intervals, and cron lines (BPMN 2.0.2, 10.5.5.10).

The step's clock is the only one. What a calendar counts (days, months, a time without an offset, a cron line) is
counted in the time zone of the process, or else of the step's clock; hours and less are exact. A month ends where it
ends: the times of `R/2026-01-31/P1M` are 31 January, 28 February, 31 March.

The times of a cycle are fixed when its timer opens. Of `R5/<start>/<period>` those that have passed then are over. A
numbered cycle that comes late makes up for what it missed; one without an end, and a cron line, go on with the next
time to come. A cycle all of whose times have passed is due at once, as a date is.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import isodate
from cronsim import CronSim, CronSimError

from bpmn.evaluation import EvaluationFailed
from bpmn.events import Timer
from bpmn.sandbox import evaluate
from bpmn.templates import fill

if TYPE_CHECKING:
    from bpmn.token import Token

_REPEAT = re.compile(r"^R(\d*)/(.+)$")
FOR_EVER = -1


@dataclass(frozen=True, slots=True)
class Schedule:
    """The next time, in UTC, and how many more come after it (FOR_EVER: no end known). `turn` counts the times of a
    cycle from 1."""

    due: datetime
    left: int
    turn: int = 1


class NotATime(ValueError):
    """The text is no time of the kind wanted."""


@dataclass(frozen=True, slots=True)
class Span:
    """A duration: what a calendar counts, and what a clock counts."""

    months: int
    days: int
    clock: timedelta

    def after(self, moment: datetime, times: int = 1) -> datetime:
        """So often this long after a moment. Raises ValueError or OverflowError outside of the years 1 to 9999."""
        if not self.months and not self.days:
            return (moment.astimezone(UTC) + self.clock * times).astimezone(moment.tzinfo)
        year, month = divmod(moment.year * 12 + moment.month - 1 + self.months * times, 12)
        first = moment.replace(year=year, month=month + 1, day=1)
        day = min(moment.day, monthrange(year, month + 1)[1])
        wall = first + timedelta(days=day - 1 + self.days * times)
        return (wall.astimezone(UTC) + self.clock * times).astimezone(moment.tzinfo)


@dataclass(frozen=True, slots=True)
class Cycle:
    """Times that repeat: `since`, with the `offset` 1 a span later, is the first."""

    since: datetime
    span: Span
    offset: int
    count: int | None = None
    until: datetime | None = None

    def time(self, turn: int) -> datetime | None:
        """The time of that number, from 1, in UTC (times of one zone compare by the wall clock, which goes back in
        autumn); None after the last."""
        if self.count is not None and turn > self.count:
            return None
        try:
            found = self.span.after(self.since, turn - 1 + self.offset).astimezone(UTC)
        except (OverflowError, ValueError):
            return None
        return found if self.until is None or found <= self.until.astimezone(UTC) else None

    def turn_from(self, moment: datetime, turn: int = 1) -> int:
        """The number of the first time that is not before the moment, or one after the last; `turn` at least."""
        if not self._before(turn, moment):
            return turn
        low, high = turn, turn + 1
        while self._before(high, moment):
            low, high = high, high + 2 * (high - low)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._before(middle, moment) else (low, middle)
        return high

    def _before(self, turn: int, moment: datetime) -> bool:
        found = self.time(turn)
        return found is not None and found < moment.astimezone(UTC)

    def schedule(self, turn: int) -> Schedule | None:
        """The time of that number, with what follows it; None after the last."""
        due = self.time(turn)
        if due is None:
            return None
        return Schedule(due, FOR_EVER if self.count is None else self.count - turn, turn)


def check(kind: str, text: str) -> None:
    """Whether a literal can be read. Raises `NotATime`."""
    schedule(kind, text, datetime.fromisoformat("2024-01-01T00:00:00+00:00"))


def duration_seconds(text: str) -> float:
    """An ISO 8601 duration as seconds from a fixed day. Raises `NotATime`."""
    start = datetime(2024, 1, 1, tzinfo=UTC)
    return (schedule("duration", text, start).due - start).total_seconds()


def local(moment: datetime, zone: str | None) -> datetime:
    """The moment in a process's time zone."""
    return moment if zone is None else moment.astimezone(ZoneInfo(zone))


def first(token: Token, event: Timer, slot: int) -> Schedule:
    """When the timer of a listener that opens now is due; the listener remembers it. Raises `EvaluationFailed`."""
    text = _text(token, event)
    now = _now(token)
    try:
        found = schedule(event.kind, text, now)
    except NotATime as fault:
        raise EvaluationFailed(f"The timer of {token.task_spec.bpmn_id}: {fault}") from None
    if event.kind == "cycle":
        _remember(token, slot, [found.turn, text, now.astimezone(UTC).isoformat()])
    return found


def following(token: Token, event: Timer, slot: int) -> Schedule | None:
    """The next time of a repeating timer that has just been due; the listener remembers it."""
    if event.kind != "cycle":
        return None
    turn, text, since = token.memo["timers"][str(slot)]
    now = _now(token)
    found = after(text, datetime.fromisoformat(since).astimezone(now.tzinfo), turn, now)
    if found is not None:
        _remember(token, slot, [found.turn, text, since])
    return found


def _remember(token: Token, slot: int, facts: list[Any]) -> None:
    token.remember(timers={**token.memo.get("timers", {}), str(slot): facts})


def _now(token: Token) -> datetime:
    return local(token.execution.now, token.execution.definition.time_zone)


def _text(token: Token, event: Timer) -> str:
    if event.text.expression is not None:
        value: Any = evaluate(token, event.text.expression, what="timer")
        return value if isinstance(value, str) else str(value)
    return fill(event.text.source, token.data).strip()


def schedule(kind: str, text: str, now: datetime) -> Schedule:
    """The (first) time of a timer that opens now. Raises `NotATime`."""
    try:
        if kind == "date":
            return Schedule(_moment(text, now).astimezone(UTC), 0)
        if kind == "duration":
            return Schedule(_span(text).after(now).astimezone(UTC), 0)
        if _REPEAT.match(text) is None:
            return Schedule(_cron(text, now), FOR_EVER)
        cycle = _cycle(text, now)
        found = cycle.schedule(cycle.turn_from(now))
        return found if found is not None else _late(cycle)
    except NotATime:
        raise
    except (OverflowError, ValueError, isodate.ISO8601Error) as fault:
        raise NotATime(f"{text!r} is no ISO 8601 {kind}: {fault}.") from None


def after(text: str, since: datetime, turn: int, now: datetime) -> Schedule | None:
    """What follows the time of that number in a cycle that opened at `since`, if anything does."""
    if _REPEAT.match(text) is None:
        return Schedule(_cron(text, now), FOR_EVER, turn + 1)
    cycle = _cycle(text, since)
    return cycle.schedule(turn + 1 if cycle.count is not None else cycle.turn_from(now, turn + 1))


def _late(cycle: Cycle) -> Schedule:
    """All times have passed: due since the last of them."""
    last = cycle.count if cycle.count is not None else 1
    due = cycle.time(last) or cycle.until or cycle.since
    return Schedule(due.astimezone(UTC), 0, last)


def _moment(text: str, now: datetime) -> datetime:
    try:
        if "T" in text or " " in text:
            found = datetime.fromisoformat(text)
        else:
            found = datetime.combine(date.fromisoformat(text), datetime.min.time())
    except ValueError:
        raise NotATime(f"{text!r} is no ISO 8601 date.") from None
    return found if found.tzinfo is not None else _in(found, now.tzinfo)


def _in(wall: datetime, zone: tzinfo | None) -> datetime:
    """A time of the wall clock. One that the clock skips in spring is as long after the change as it says; of one that
    it shows twice in autumn the first is meant."""
    return wall.replace(tzinfo=zone).astimezone(UTC).astimezone(zone)


def _span(text: str) -> Span:
    sign = -1 if text.startswith("-") else 1
    bare = text.lstrip("-+")
    if not bare.startswith("P"):
        raise NotATime(f"{text!r} is no ISO 8601 duration, such as PT15M or P3D.")
    isodate.parse_duration(text)  # for its opinion of the whole
    calendar, _, clock = bare.partition("T")
    months, days, rest = 0, 0, timedelta(0)
    if calendar != "P":
        found = isodate.parse_duration(calendar)
        if isinstance(found, isodate.Duration):
            total = found.years * 12 + found.months
            if total != int(total):
                raise NotATime(f"{text!r} has a part of a month; use days.")
            months, found = int(total), found.tdelta
        days, rest = found.days, found - timedelta(days=found.days)
    if clock:
        rest += isodate.parse_duration(f"PT{clock}")
    return Span(sign * months, sign * days, sign * rest)


def _cycle(text: str, now: datetime) -> Cycle:
    """R<count>/ and a period, <start>/<period>, <start>/<end> or <period>/<end>."""
    match = _REPEAT.match(text)
    assert match is not None, "a cron line is no interval"
    count = int(match.group(1)) if match.group(1) else None
    if count == 0:
        raise NotATime(f"{text!r} repeats no times.")
    head, *tail = match.group(2).split("/")
    if len(tail) > 1:
        raise NotATime(f"{text!r} is no ISO 8601 repeating interval, such as R3/PT10M.")
    if head.startswith("P"):
        return Cycle(now, _period(head, now), 1, count, _moment(tail[0], now) if tail else None)
    if not tail:
        raise NotATime(f"{text!r} is no ISO 8601 repeating interval, such as R3/PT10M.")
    start = _moment(head, now)
    if tail[0].startswith("P"):
        return Cycle(start, _period(tail[0], start), 0, count)
    length = _moment(tail[0], now).astimezone(UTC) - start.astimezone(UTC)
    if length <= timedelta(0):
        raise NotATime(f"{text!r} ends before it starts.")
    return Cycle(start, Span(0, 0, length), 0, count)


def _period(text: str, now: datetime) -> Span:
    span = _span(text)
    if span.after(now).astimezone(UTC) <= now.astimezone(UTC):
        raise NotATime(f"{text!r} is no time to repeat after.")
    return span


def _cron(text: str, now: datetime) -> datetime:
    try:
        return next(CronSim(text, now)).astimezone(UTC)
    except (CronSimError, StopIteration):
        raise NotATime(f"{text!r} is neither an ISO 8601 repeating interval nor a cron line.") from None
