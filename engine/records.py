"""What the engine answers. Records are what the doors encode; there is no other model between a row and JSON.

Times are RFC 3339 in UTC; ids are opaque strings.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Generic, TypeVar

import msgspec

T = TypeVar("T")


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all records."""


class Page(Record, Generic[T], frozen=True):
    items: list[T]
    next_cursor: str | None = None


# --- deployments -----------------------------------------------------------------------------------------------------
class Problem(Record, frozen=True):
    """A finding in a diagram. `severity`: error (blocks) or warning."""

    code: str
    message: str
    severity: str = "error"
    element_id: str | None = None
    line: int | None = None
    file: str | None = None


class CheckResult(Record, frozen=True):
    deployable: bool
    problems: list[Problem]


class ProcessDefinition(Record, frozen=True):
    id: str
    key: str
    version: int
    name: str
    deployment_id: str
    file_name: str
    deployed_at: datetime
    deployed_by: str
    start_fields: list[FormField] = []


class Deployment(Record, frozen=True):
    """`definitions`: those of this deployment's files; `created` is False when all of them stood already."""

    id: str
    name: str
    deployed_at: datetime
    deployed_by: str
    created: bool
    definitions: list[ProcessDefinition]
    problems: list[Problem] = []


class Draft(Record, frozen=True):
    """`xml` is left out in lists."""

    id: str
    name: str
    version: int
    created_at: datetime
    updated_at: datetime
    updated_by: str
    xml: str | None = None


class ElementStatistics(Record, frozen=True):
    element_id: str
    active: int
    completed: int
    cancelled: int
    incidents: int


class DefinitionStatistics(Record, frozen=True):
    instances: int
    active: int
    elements: list[ElementStatistics]


# --- process instances -----------------------------------------------------------------------------------------------
class ProcessInstance(Record, frozen=True):
    """`state`: active, suspended, completed, cancelled, or failed (a called process that ended with a BPMN error).
    `version` grows with every step. `parent_id`: the instance whose call activity `parent_element_id` called it."""

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
    parent_id: str | None = None
    parent_element_id: str | None = None


class Waiting(Record, frozen=True):
    """One thing that an instance waits for. `kind`: user_task, job, timer, message, signal, call, ad_hoc. `name`: of
    the task, topic, message, signal or called process. `state`: of a job or a called instance."""

    id: str
    kind: str
    element_id: str
    element_name: str | None
    name: str | None = None
    state: str | None = None
    due_at: datetime | None = None
    keys: dict[str, Any] = {}
    called_instance_id: str | None = None
    startable: list[str] = []


class WaitingList(Record, frozen=True):
    items: list[Waiting]


class ActivityInstance(Record, frozen=True):
    """`state`: active, completed, cancelled, failed (an incident is open). `detail` of a gateway: the flow that was
    taken, its condition and the values it read."""

    id: int
    element_id: str
    element_name: str | None
    kind: str
    parent: int | None
    flow_id: str | None
    state: str
    started_at: datetime
    ended_at: datetime | None
    detail: dict[str, Any] | None = None


class AwaitedFlow(Record, frozen=True):
    """A flow a join still waits for (arrived 0) or has had (arrived > 0); `source_*`: where it comes from."""

    flow_id: str
    source_id: str
    source_name: str | None
    arrived: int


class Join(Record, frozen=True):
    """A join at which something has arrived and something has not."""

    element_id: str
    element_name: str | None
    scope_id: int
    flows: list[AwaitedFlow]


class Activities(Record, frozen=True):
    items: list[ActivityInstance]
    joins: list[Join]
    next_cursor: str | None = None


class Variable(Record, frozen=True):
    scope_id: int
    scope_element_id: str | None
    name: str
    value: Any


class VariableList(Record, frozen=True):
    items: list[Variable]


# --- user tasks ------------------------------------------------------------------------------------------------------
class FieldOption(Record, frozen=True):
    value: str
    label: str


class FormField(Record, frozen=True):
    """`type`: string, text, integer, number, boolean, date, enum."""

    name: str
    label: str
    type: str
    required: bool = False
    read_only: bool = False
    default: Any = None
    options: list[FieldOption] = []


class UserTask(Record, frozen=True):
    """`state`: open, completed, cancelled. `variables` only where one task is asked for."""

    id: str
    process_instance_id: str
    definition_id: str
    definition_key: str
    definition_name: str
    business_key: str | None
    element_id: str
    name: str
    documentation: str | None
    assignee: str | None
    candidate_users: list[str]
    candidate_groups: list[str]
    priority: int
    state: str
    created_at: datetime
    ended_at: datetime | None
    completed_by: str | None
    fields: list[FormField]
    suspended: bool = False
    variables: dict[str, Any] | None = None


class UserTaskCounts(Record, frozen=True):
    mine: int
    claimable: int


# --- jobs ------------------------------------------------------------------------------------------------------------
class LockedJob(Record, frozen=True):
    """A job as its worker gets it. `id` is also the stable idempotency key of the work."""

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


class LockedJobs(Record, frozen=True):
    items: list[LockedJob]


class Job(Record, frozen=True):
    """A job as an operator sees it. `state`: available, locked, failed (no retries left)."""

    id: str
    topic: str
    state: str
    retries: int
    process_instance_id: str
    definition_key: str
    element_id: str
    worker_id: str | None
    lock_expires_at: datetime | None
    due_at: datetime | None
    created_at: datetime
    error_message: str | None
    error_detail: str | None


class JobOutcome(Record, frozen=True):
    """`state`: completed, error (a BPMN error), failed (may be tried again or has an incident), locked, unlocked."""

    id: str
    state: str
    retries: int | None = None
    lock_expires_at: datetime | None = None


# --- messages, incidents, events -------------------------------------------------------------------------------------
class Correlation(Record, frozen=True):
    """`state`: correlated (to an instance that waited), started (a new instance), buffered (nobody waits yet; then
    `message_id` is what it is kept under)."""

    name: str
    state: str
    process_instance_id: str | None
    element_id: str | None
    message_id: str | None


class SignalBroadcast(Record, frozen=True):
    """`receivers`: how many waited for it or begin by it."""

    name: str
    receivers: int


class DataStore(Record, frozen=True):
    """`version` 0: nobody has written it yet. `changed_by`: a person, or a process instance."""

    name: str
    value: Any
    version: int
    changed_at: datetime | None
    changed_by: str | None


class DataStores(Record, frozen=True):
    items: list[DataStore]


class Incident(Record, frozen=True):
    id: str
    kind: str
    message: str
    detail: str | None
    process_instance_id: str
    definition_key: str
    element_id: str
    element_name: str | None
    job_id: str | None
    retryable: bool
    state: str
    created_at: datetime
    resolved_at: datetime | None
    resolved_by: str | None


class Event(Record, frozen=True):
    """One line of the stream. `kind`: e.g. instance.started, activity.started, user_task.created, job.failed,
    incident.opened, definition.deployed; `version` is the instance's version that the step made."""

    cursor: str
    kind: str
    at: datetime
    process_instance_id: str | None
    definition_key: str | None
    element_id: str | None
    subject_id: str | None
    version: int | None
    data: dict[str, Any]


class EventPage(Record, frozen=True):
    """`next_cursor` is where to read on, also when nothing new was there."""

    items: list[Event]
    next_cursor: str


class Totals(Record, frozen=True):
    """What is not finished, over all tenants."""

    active_instances: int
    suspended_instances: int
    open_user_tasks: int
    available_jobs: int
    locked_jobs: int
    failed_jobs: int
    open_incidents: int


# --- people ----------------------------------------------------------------------------------------------------------
class User(Record, frozen=True):
    name: str
    display_name: str
    email: str | None
    roles: list[str]
    groups: list[str]
    tenant_id: str


class Token(Record, frozen=True):
    id: str
    name: str
    owner: str
    roles: list[str]
    created_at: datetime
    expires_at: datetime | None


class NewToken(Record, frozen=True):
    """The secret is shown this once."""

    token: Token
    secret: str
