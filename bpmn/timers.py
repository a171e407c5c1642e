"""When timers are due: ISO 8601 dates, durations and repeating intervals, and cron lines (BPMN 2.0.2, 10.5.5.10).

The step's clock is the only one. A time without an offset is in the step's time zone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

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
    """The next time, and how many more come after it (FOR_EVER: no end)."""

    due: datetime
    left: int


class NotATime(ValueError):
    """The text is no time of the kind wanted."""


def check(kind: str, text: str) -> None:
    """Whether a literal can be read. Raises `NotATime`."""
    schedule(kind, text, datetime.fromisoformat("2024-01-01T00:00:00+00:00"))


def first(token: Token, event: Timer) -> Schedule:
    """When the timer of a listener that opens now is due. Raises `EvaluationFailed`."""
    text = _text(token, event)
    try:
        return schedule(event.kind, text, token.execution.now)
    except NotATime as fault:
        raise EvaluationFailed(f"The timer of {token.task_spec.bpmn_id}: {fault}") from None


def following(token: Token, event: Timer, slot: int) -> Schedule | None:
    """The next time of a repeating timer that has just been due."""
    left = token.memo["timers"][str(slot)]
    if event.kind != "cycle" or left == 0:
        return None
    found = first(token, event)
    return Schedule(found.due, left if left == FOR_EVER else left - 1)


def _text(token: Token, event: Timer) -> str:
    if event.text.expression is not None:
        value: Any = evaluate(token, event.text.expression, what="timer")
        return value if isinstance(value, str) else str(value)
    return fill(event.text.source, token.data).strip()


def schedule(kind: str, text: str, now: datetime) -> Schedule:
    """The first time after `now`. Raises `NotATime`."""
    try:
        if kind == "date":
            return Schedule(_moment(text, now), 0)
        if kind == "duration":
            return Schedule(now + _span(text, now), 0)
        return _cycle(text, now)
    except (OverflowError, isodate.ISO8601Error) as fault:
        raise NotATime(f"{text!r} is no ISO 8601 {kind}: {fault}.") from None


def _moment(text: str, now: datetime) -> datetime:
    try:
        if "T" in text or " " in text:
            found = datetime.fromisoformat(text)
        else:
            found = datetime.combine(date.fromisoformat(text), datetime.min.time())
    except ValueError:
        raise NotATime(f"{text!r} is no ISO 8601 date.") from None
    return found if found.tzinfo is not None else found.replace(tzinfo=now.tzinfo)


def _span(text: str, now: datetime) -> timedelta:
    if not text.lstrip("-+").startswith("P"):
        raise NotATime(f"{text!r} is no ISO 8601 duration, such as PT15M or P3D.")
    found = isodate.parse_duration(text)
    if isinstance(found, isodate.Duration):  # years and months: as long as they are from now
        found = found.totimedelta(start=now)
    span: timedelta = found
    return span


def _cycle(text: str, now: datetime) -> Schedule:
    match = _REPEAT.match(text)
    if match is None:
        return _cron(text, now)
    count = int(match.group(1)) if match.group(1) else None
    if count == 0:
        raise NotATime(f"{text!r} repeats no times.")
    left = FOR_EVER if count is None else count - 1
    parts = match.group(2).split("/")
    if len(parts) == 1:
        return Schedule(now + _positive(parts[0], now), left)
    if len(parts) == 2 and not parts[0].startswith("P"):
        start = _moment(parts[0], now)
        step = _positive(parts[1], start)
        while start <= now and step:
            turns = max(1, (now - start) // step)
            start += turns * step
        return Schedule(start, left)
    raise NotATime(f"{text!r} is no ISO 8601 repeating interval, such as R3/PT10M.")


def _positive(text: str, now: datetime) -> timedelta:
    span = _span(text, now)
    if span <= timedelta(0):
        raise NotATime(f"{text!r} is no time to repeat after.")
    return span


def _cron(text: str, now: datetime) -> Schedule:
    try:
        return Schedule(next(CronSim(text, now)), FOR_EVER)
    except (CronSimError, StopIteration):
        raise NotATime(f"{text!r} is neither an ISO 8601 repeating interval nor a cron line.") from None
