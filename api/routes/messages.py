"""Messages to waiting processes."""

from __future__ import annotations

from engine import commands, errors, records

from ..calls import Calls

calls = Calls("Messages", "A message finds the one process instance that waits for it.")
calls.command(
    "POST",
    "/messages",
    commands.CorrelateMessage,
    records.Correlation,
    "Correlate a message",
    refuses=(errors.NotFound, errors.Conflict),
)
