"""What may move an execution: the inputs of one step (see `Execution.step`).

A trigger names its place by token: the instance-local number that an effect gave out when the wait began.
Applying a trigger to a token that no longer waits raises `NotWaiting`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Start:
    """Begin the instance at its none start event, or at the start event (or instantiating element) named, whose event
    `slot` occurred; the variables are what came with it, `keys` the correlation keys of a message."""

    variables: Mapping[str, Any] = field(default_factory=dict)
    initiator: str | None = None
    element_id: str | None = None
    slot: int = 0
    keys: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UserTaskCompleted:
    """A person completed the user task that waits at `token`."""

    token: int
    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class JobCompleted:
    """The work at `token` was done by a machine."""

    token: int
    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MessageReceived:
    """A message was correlated to the subscription that waits at `token`; `keys`: those it was sent with."""

    token: int
    variables: Mapping[str, Any] = field(default_factory=dict)
    slot: int = 0
    keys: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SignalReceived:
    """A signal from outside the instance was broadcast to the subscription at `token`."""

    token: int
    variables: Mapping[str, Any] = field(default_factory=dict)
    slot: int = 0


@dataclass(frozen=True, slots=True)
class TimerDue:
    """The timer of `token` is due."""

    token: int
    slot: int = 0


@dataclass(frozen=True, slots=True)
class ErrorThrown:
    """The work at `token` (a job, a user task, a called process) ended with a BPMN error."""

    token: int
    code: str | None = None
    message: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EscalationThrown:
    """The work at `token` escalates and goes on."""

    token: int
    code: str | None = None


@dataclass(frozen=True, slots=True)
class CalledProcessEnded:
    """The instance that the call activity at `token` waits for completed, with these variables."""

    token: int
    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StartActivity:
    """Someone starts an activity of the ad-hoc sub-process that waits at `token`."""

    token: int
    element_id: str
    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CompleteAdHoc:
    """Someone says that the ad-hoc sub-process at `token` is done."""

    token: int


@dataclass(frozen=True, slots=True)
class Retry:
    """Run the failed element at `token` again (an incident was resolved)."""

    token: int


@dataclass(frozen=True, slots=True)
class SetVariables:
    """An operator changes variables of a scope (None: the instance's)."""

    variables: Mapping[str, Any]
    scope: int | None = None


@dataclass(frozen=True, slots=True)
class Continue:
    """Go on with a step that was cut short."""


@dataclass(frozen=True, slots=True)
class Cancel:
    """End the instance at once; everything that waits is closed."""


Trigger = (
    Start
    | UserTaskCompleted
    | JobCompleted
    | MessageReceived
    | SignalReceived
    | TimerDue
    | ErrorThrown
    | EscalationThrown
    | CalledProcessEnded
    | StartActivity
    | CompleteAdHoc
    | Retry
    | SetVariables
    | Continue
    | Cancel
)
