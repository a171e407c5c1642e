"""Messages to the one who waits for them, and signals to all."""

from __future__ import annotations

from engine import commands, errors, records

from ..calls import Calls

calls = Calls("Messages", "A message finds the one place that waits for it; a signal reaches all who wait.")
calls.command(
    "POST",
    "/messages",
    commands.CorrelateMessage,
    records.Correlation,
    "Correlate a message",
    refuses=(errors.NotFound, errors.Conflict),
)
calls.command("POST", "/signals", commands.BroadcastSignal, records.SignalBroadcast, "Broadcast a signal")
