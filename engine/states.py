"""The one table of state transitions: what each verb makes of each state. What is not listed is a conflict."""

from __future__ import annotations

from collections.abc import Mapping

from engine.errors import Conflict

ACTIVE, SUSPENDED, COMPLETED, CANCELLED = "active", "suspended", "completed", "cancelled"
RUNNING = frozenset({ACTIVE, SUSPENDED})
OPEN, RESOLVED, FAILED = "open", "resolved", "failed"

Transitions = Mapping[tuple[str, str], str]

PROCESS_INSTANCE: Transitions = {
    (ACTIVE, "moved"): ACTIVE,
    (ACTIVE, "changed"): ACTIVE,
    (SUSPENDED, "changed"): SUSPENDED,
    (ACTIVE, "suspended"): SUSPENDED,
    (SUSPENDED, "suspended"): SUSPENDED,
    (SUSPENDED, "resumed"): ACTIVE,
    (ACTIVE, "resumed"): ACTIVE,
    (ACTIVE, "cancelled"): CANCELLED,
    (SUSPENDED, "cancelled"): CANCELLED,
}

USER_TASK: Transitions = {
    (OPEN, "claimed"): OPEN,
    (OPEN, "given back"): OPEN,
    (OPEN, "assigned"): OPEN,
    (OPEN, "completed"): COMPLETED,
    (OPEN, "cancelled"): CANCELLED,
    (OPEN, "ended with an error"): CANCELLED,
    (OPEN, "escalated"): OPEN,
}

INCIDENT: Transitions = {
    (OPEN, "retried"): RESOLVED,
}


def after(table: Transitions, state: str, verb: str, what: str) -> str:
    """The state that `verb` leads to from `state`; `Conflict` if it does not lead anywhere. `what` names the thing,
    e.g. "the process instance 0192"."""
    try:
        return table[state, verb]
    except KeyError:
        raise Conflict(f"{what} is {state} and cannot be {verb}", state=state) from None
