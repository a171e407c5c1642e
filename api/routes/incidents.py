"""What needs somebody to repair it."""

from __future__ import annotations

from engine import commands, errors, queries, records

from ..calls import Calls

calls = Calls("Incidents", "What is stuck until somebody repairs it.")
calls.query("/incidents", queries.ListIncidents, records.Page[records.Incident], "List incidents")
calls.command(
    "POST",
    "/incidents/<id>/retry",
    commands.RetryIncident,
    records.Incident,
    "Try again what failed",
    refuses=(errors.Conflict,),
)
