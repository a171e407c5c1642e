"""The event stream."""

from __future__ import annotations

from engine import queries, records

from ..calls import Calls

calls = Calls("Events", "Everything that happened, in order; a reader comes back with its cursor.")
calls.query("/events", queries.ListEvents, records.EventPage, "Read events after a cursor")
