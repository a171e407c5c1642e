"""What the server answers, as typed values. Fields that a newer server adds are ignored here, never an error."""

from __future__ import annotations

import types
import typing
from dataclasses import MISSING, dataclass, fields
from datetime import datetime
from functools import cache
from typing import Any, TypeVar, cast

R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    name: str
    display_name: str
    roles: list[str]
    groups: list[str]
    tenant_id: str
    email: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewToken:
    """A bearer token just made: the secret is shown this once."""

    id: str
    name: str
    roles: list[str]
    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DiagramProblem:
    """A finding in a diagram; an `error` keeps it from being deployed, a `warning` does not."""

    code: str
    message: str
    severity: str = "error"
    element_id: str | None = None
    line: int | None = None
    file: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    deployable: bool
    problems: list[DiagramProblem]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldOption:
    value: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """`type`: string, text, integer, number, boolean, date, enum."""

    name: str
    label: str
    type: str
    required: bool = False
    read_only: bool = False
    default: Any = None
    options: list[FieldOption] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessDefinition:
    id: str
    key: str
    version: int
    name: str
    deployment_id: str
    file_name: str
    deployed_at: datetime
    deployed_by: str
    start_fields: list[FormField] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """`created` is False when every file stood already as the latest version."""

    id: str
    name: str
    deployed_at: datetime
    deployed_by: str
    created: bool
    definitions: list[ProcessDefinition]
    problems: list[DiagramProblem] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessInstance:
    """`state`: active, suspended, completed, cancelled."""

    id: str
    definition_id: str
    definition_key: str
    definition_version: int
    definition_name: str
    business_key: str | None
    state: str
    version: int
    started_at: datetime
    started_by: str
    ended_at: datetime | None
    incidents: int
    parent_id: str | None = None  # the instance whose call activity called this one
    parent_element_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityInstance:
    """`state`: active, completed, cancelled, failed (an incident is open)."""

    id: int
    element_id: str
    element_name: str | None
    kind: str
    state: str
    started_at: datetime
    ended_at: datetime | None
    parent: int | None = None
    flow_id: str | None = None
    detail: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitedFlow:
    """An incoming flow of a join: still waited for (`arrived` is 0) or there already."""

    flow_id: str
    source_id: str
    source_name: str | None
    arrived: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """A join at which something has arrived and something has not."""

    element_id: str
    element_name: str | None
    scope_id: int
    flows: list[AwaitedFlow]

    @property
    def waiting_for(self) -> list[str]:
        """The names (or ids) of what has not arrived."""
        return [flow.source_name or flow.source_id for flow in self.flows if not flow.arrived]


@dataclass(frozen=True, slots=True, kw_only=True)
class Activities:
    items: list[ActivityInstance]
    joins: list[Join]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserTask:
    """`state`: open, completed, cancelled. `variables` only where one task was asked for."""

    id: str
    process_instance_id: str
    definition_id: str
    definition_key: str
    definition_name: str
    element_id: str
    name: str
    assignee: str | None
    candidate_users: list[str]
    candidate_groups: list[str]
    priority: int
    state: str
    created_at: datetime
    fields: list[FormField]
    business_key: str | None = None
    documentation: str | None = None
    ended_at: datetime | None = None
    completed_by: str | None = None
    suspended: bool = False
    variables: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedJob:
    """Work that is yours until `lock_expires_at`. `id` is also the idempotency key to hand to other systems."""

    id: str
    token: str
    topic: str
    worker_id: str
    lock_expires_at: datetime
    retries: int
    process_instance_id: str
    business_key: str | None
    definition_key: str
    definition_version: int
    element_id: str
    headers: dict[str, str]
    variables: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job as an operator sees it. `state`: available, locked, failed."""

    id: str
    topic: str
    state: str
    retries: int
    process_instance_id: str
    definition_key: str
    element_id: str
    worker_id: str | None = None
    lock_expires_at: datetime | None = None
    due_at: datetime | None = None
    error_message: str | None = None
    error_detail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobOutcome:
    """`state`: completed, failed, locked, unlocked."""

    id: str
    state: str
    retries: int | None = None
    lock_expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Correlation:
    """`state`: correlated (to an instance that waited), started (a new instance), buffered (nobody waits yet; then
    there is no instance, and `message_id` is what the message is kept under)."""

    name: str
    state: str
    process_instance_id: str | None = None
    element_id: str | None = None
    message_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalBroadcast:
    """`receivers`: how many waited for it or begin by it."""

    name: str
    receivers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DataStore:
    """`version` 0: nobody has written it yet. `changed_by`: a person, or a process instance."""

    name: str
    value: Any
    version: int
    changed_at: datetime | None = None
    changed_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One thing that an instance waits for. `kind`: user_task, job, timer, message, signal, call, ad_hoc. `name`: of
    the task, topic, message, signal or called process; `startable`: activities of an ad-hoc sub-process."""

    id: str
    kind: str
    element_id: str
    element_name: str | None = None
    name: str | None = None
    state: str | None = None
    due_at: datetime | None = None
    called_instance_id: str | None = None
    keys: dict[str, Any]
    startable: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    id: str
    kind: str
    message: str
    process_instance_id: str
    definition_key: str
    element_id: str
    retryable: bool
    state: str
    created_at: datetime
    detail: str | None = None
    element_name: str | None = None
    job_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of the stream; `cursor` is where to read on from."""

    cursor: str
    kind: str
    at: datetime
    process_instance_id: str | None
    definition_key: str | None
    element_id: str | None
    subject_id: str | None
    version: int | None
    data: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPage:
    items: list[Event]
    next_cursor: str


def decode(kind: type[R], value: Any) -> R:
    """A JSON object as a record; fields that the record does not know are left out."""
    known = _fields_of(cast("Any", kind))
    arguments = {name: _decode(hint, value[name]) for name, (hint, required) in known.items() if name in value}
    missing = [name for name, (_, required) in known.items() if required and name not in arguments]
    if missing:
        raise ValueError(f"the server's {kind.__name__} lacks {', '.join(missing)}: is it a Signalbox server?")
    return kind(**arguments)


@cache
def _fields_of(kind: type[Any]) -> dict[str, tuple[Any, bool]]:
    hints = typing.get_type_hints(kind)
    return {field.name: (hints[field.name], field.default is MISSING) for field in fields(kind)}


def _decode(hint: Any, value: Any) -> Any:
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        if value is None:
            return None
        return _decode(next(part for part in typing.get_args(hint) if part is not types.NoneType), value)
    if origin is list:
        (item,) = typing.get_args(hint)
        return [_decode(item, each) for each in cast("list[Any]", value)]
    if hint is datetime:
        return datetime.fromisoformat(value)
    if isinstance(hint, type) and hasattr(hint, "__dataclass_fields__"):
        return decode(hint, value)
    return value
