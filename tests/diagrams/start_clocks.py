"""The timers of start events: they run as long as their process is deployed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bpmn import events, timers
from tests.diagrams.instances import Deployed


@dataclass(frozen=True, slots=True)
class StartClock:
    """When the timer of a start event is due next, and which of its times that is."""

    deployed: Deployed
    element: str
    slot: int
    event: events.Timer
    since: datetime
    due: datetime
    turn: int

    @classmethod
    def wind(cls, deployed: Deployed, element: str, slot: int, event: events.Timer, now: datetime) -> StartClock:
        """Its first time."""
        since = timers.local(now, deployed.definition.time_zone)
        found = timers.schedule(event.kind, event.text.source, since)
        return cls(deployed, element, slot, event, since, found.due, found.turn)

    def following(self, now: datetime) -> StartClock | None:
        """Its next time, if it has one."""
        if self.event.kind != "cycle":
            return None
        there = timers.local(now, self.deployed.definition.time_zone)
        found = timers.after(self.event.text.source, self.since, self.turn, there)
        if found is None:
            return None
        return StartClock(self.deployed, self.element, self.slot, self.event, self.since, found.due, found.turn)
