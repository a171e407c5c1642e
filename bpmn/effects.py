"""What a step asks the world to do: its outputs, in the order they happened.

`token` is the instance-local number of a wait; `activity` that of an activity instance (history). Both grow without
gaps inside an instance and depend only on the definition and the triggers so far, so a repeated step names the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class FormField:
    """One declared field of a user task's simple form."""

    name: str
    label: str
    type: Literal["string", "text", "integer", "number", "boolean", "date", "enum"] = "string"
    required: bool = False
    read_only: bool = False
    default: Any = None
    options: tuple[tuple[str, str], ...] = ()  # (value, label), for enum


@dataclass(frozen=True, slots=True)
class OpenUserTask:
    token: int
    activity: int
    element_id: str
    name: str
    documentation: str | None = None
    assignee: str | None = None
    candidate_users: tuple[str, ...] = ()
    candidate_groups: tuple[str, ...] = ()
    priority: int = 50
    fields: tuple[FormField, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenJob:
    """External work of a named topic; retries counts the attempts that may still fail."""

    token: int
    activity: int
    element_id: str
    topic: str
    retries: int = 3
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OpenMessageSubscription:
    """Correlated by name and all keys. `slot` tells several waits of one token apart."""

    token: int
    element_id: str
    name: str
    keys: Mapping[str, Any] = field(default_factory=dict)
    slot: int = 0


@dataclass(frozen=True, slots=True)
class OpenSignalSubscription:
    token: int
    element_id: str
    name: str
    slot: int = 0


@dataclass(frozen=True, slots=True)
class OpenTimer:
    """Due at an instant; a token and slot that have a timer already get the new time."""

    token: int
    element_id: str
    due: datetime
    slot: int = 0


@dataclass(frozen=True, slots=True)
class OpenAdHoc:
    """People may start these activities inside the ad-hoc sub-process at `token`."""

    token: int
    element_id: str
    startable: tuple[str, ...]
    sequential: bool = False


@dataclass(frozen=True, slots=True)
class CallProcess:
    """Start another process; `CalledProcessEnded` or `ErrorThrown` answers. CloseWait cancels it."""

    token: int
    activity: int
    element_id: str
    key: str
    binding: str = "latest"  # latest, deployment, version
    version: int | None = None
    business_key: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ThrowMessage:
    """To one receiver, buffered for the time to live (ISO 8601; None: the engine's default for thrown messages)."""

    activity: int
    element_id: str
    name: str
    keys: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)
    time_to_live: str | None = None


@dataclass(frozen=True, slots=True)
class BroadcastSignal:
    """To everybody who waits outside this instance, and to signal start events."""

    activity: int
    element_id: str
    name: str
    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PropagateEscalation:
    """An escalation that a called process did not catch itself goes on at its call activity (13.5.1)."""

    activity: int
    element_id: str
    code: str | None = None


@dataclass(frozen=True, slots=True)
class WriteStore:
    """A data store has this value from now on: written in the step's transaction, which fails if the store is no
    longer as `StepContext.stores` told it."""

    activity: int
    element_id: str
    store: str
    value: Any = None


@dataclass(frozen=True, slots=True)
class CloseWait:
    """Whatever `token` had opened (user task, job, subscription, incident) is gone: cancelled, not completed."""

    token: int


@dataclass(frozen=True, slots=True)
class ActivityStarted:
    activity: int
    element_id: str
    kind: str  # bpmn.elements kind, e.g. "user_task"
    parent: int | None = None  # the enclosing sub-process's activity
    flow_id: str | None = None  # the sequence flow it was reached by


@dataclass(frozen=True, slots=True)
class ActivityEnded:
    activity: int
    state: Literal["completed", "cancelled"]
    detail: Mapping[str, Any] | None = None  # a gateway: {"flow_id", "condition", "values"}
    element_id: str = ""


@dataclass(frozen=True, slots=True)
class RaiseIncident:
    """The element cannot go on until someone repairs it; `Retry(token)` runs it again (token None: a dead end)."""

    token: int | None
    activity: int | None
    element_id: str
    kind: str  # script_failed, condition_failed, no_flow_taken, loop_limit, too_many_tokens, dead_end
    message: str
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class IncidentOver:
    """An incident of that kind without a token (see `RaiseIncident`) at this element is over by itself."""

    element_id: str
    kind: str


@dataclass(frozen=True, slots=True)
class ErrorPropagated:
    """The BPMN error that ended a called process."""

    code: str | None
    message: str | None


@dataclass(frozen=True, slots=True)
class InstanceEnded:
    """`failed`: a called process ended with an error that it did not catch. `variables`: what a called process hands
    back; None for an instance that nobody called."""

    state: Literal["completed", "cancelled", "failed"]
    variables: Mapping[str, Any] | None = None
    error: ErrorPropagated | None = None


Effect = (
    OpenUserTask
    | OpenJob
    | OpenMessageSubscription
    | OpenSignalSubscription
    | OpenTimer
    | OpenAdHoc
    | CallProcess
    | ThrowMessage
    | BroadcastSignal
    | PropagateEscalation
    | WriteStore
    | CloseWait
    | ActivityStarted
    | ActivityEnded
    | RaiseIncident
    | IncidentOver
    | InstanceEnded
)
