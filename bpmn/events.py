"""What an event waits for or throws: the event definitions of BPMN 2.0.2, 10.5.5, checked and typed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bpmn.evaluation import Expression


@dataclass(frozen=True, slots=True)
class Text:
    """A text of the diagram: literal with `{{places}}`, or a Python expression."""

    source: str
    expression: Expression | None = None


@dataclass(frozen=True, slots=True)
class Property:
    """A correlation property of a message (8.4.2): where its value stands in the payload, and what it must be where
    the message is awaited: the value of `binding` over the variables, or that of the `conversation`."""

    name: str
    path: Expression
    binding: Expression | None = None
    conversation: bool = False


#: A message is looked up by every choice of its keys: each key doubles their number.
MOST_KEYS = 8


@dataclass(frozen=True, slots=True)
class Message:
    """By name and all correlation keys. `keys`: correlation key → expression over the catching scope (to subscribe)
    or the throwing scope (to send); `payload`: name → expression, what the drawing says is sent; `properties`: what
    the standard's correlation adds to the keys."""

    name: Text
    keys: tuple[tuple[str, Expression], ...] = ()
    payload: tuple[tuple[str, Expression], ...] = ()
    variable: str | None = None  # where a caught payload goes as a whole
    time_to_live: str | None = None  # ISO 8601 duration, of a thrown one
    properties: tuple[Property, ...] = ()


@dataclass(frozen=True, slots=True)
class Timer:
    """ISO 8601 date, duration or repeating interval, or a cron line as cycle (10.5.5.10)."""

    kind: Literal["date", "duration", "cycle"]
    text: Text


@dataclass(frozen=True, slots=True)
class Signal:
    """Broadcast by name."""

    name: Text
    payload: tuple[tuple[str, Expression], ...] = ()


@dataclass(frozen=True, slots=True)
class Error:
    """`code` None catches every error."""

    code: str | None = None
    message: str | None = None
    variable: str | None = None  # where a catching event stores code and message


@dataclass(frozen=True, slots=True)
class Escalation:
    """`code` None catches every escalation."""

    code: str | None = None
    variable: str | None = None


@dataclass(frozen=True, slots=True)
class Conditional:
    """Occurs when its condition becomes true; looked at again when a variable it reads changes."""

    condition: Expression


@dataclass(frozen=True, slots=True)
class Compensation:
    """`activity` None: all of the scope, in reverse order of completion."""

    activity: str | None = None
    wait: bool = True


@dataclass(frozen=True, slots=True)
class Link:
    """Joins two points of one scope (10.5.5.6)."""

    name: str


@dataclass(frozen=True, slots=True)
class Cancel:
    """Cancels the enclosing transaction."""


@dataclass(frozen=True, slots=True)
class Terminate:
    """Ends the enclosing scope at once."""


Definition = Message | Timer | Signal | Error | Escalation | Conditional | Compensation | Link | Cancel | Terminate
