"""Every change anyone can ask for. A command is also the request model of its route: fields of the path and of the
JSON body fill it, and msgspec checks the types. `Engine.execute(command, actor)` answers with a record."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

Variables = dict[str, Any]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
Words = Annotated[str, msgspec.Meta(max_length=4_000)]
Seconds = Annotated[float, msgspec.Meta(ge=0, le=86_400)]
LockSeconds = Annotated[float, msgspec.Meta(gt=0, le=86_400)]


class Command(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all commands."""


class UploadedFile(msgspec.Struct, frozen=True):
    """A file as it came: `.bpmn` or `.xml` are diagrams."""

    name: str
    content: bytes


# --- deployments and drafts ------------------------------------------------------------------------------------------
class Deploy(Command, frozen=True):
    """→ records.Deployment. All files or none; a file equal to the latest deployed version makes no new version.
    Raises Refused with every problem."""

    files: tuple[UploadedFile, ...]
    name: str | None = None


class CheckDiagram(Command, frozen=True):
    """→ records.CheckResult. Changes nothing."""

    content: bytes


class SaveDraft(Command, frozen=True):
    """→ records.Draft. Without `id` a new one; else `version` must be the current one (VersionConflict)."""

    name: Name
    xml: str
    id: str | None = None
    version: int | None = None


class DeleteDraft(Command, frozen=True):
    """→ None."""

    id: str


# --- process instances -----------------------------------------------------------------------------------------------
class StartProcessInstance(Command, frozen=True):
    """→ records.ProcessInstance. By key (the latest version, or `version`) or by definition id. `start_element_id`:
    which of several start events without an event definition (10.5.2: they are alternatives)."""

    definition_key: str | None = None
    definition_id: str | None = None
    version: int | None = None
    business_key: Annotated[str, msgspec.Meta(max_length=255)] | None = None
    variables: Variables = {}
    start_element_id: Name | None = None


class CancelProcessInstance(Command, frozen=True):
    """→ records.ProcessInstance."""

    id: str
    reason: Words | None = None


class SuspendProcessInstance(Command, frozen=True):
    """→ records.ProcessInstance. While suspended nothing in it can be completed, claimed or fetched (Conflict)."""

    id: str


class ResumeProcessInstance(Command, frozen=True):
    """→ records.ProcessInstance."""

    id: str


class SetVariables(Command, frozen=True):
    """→ records.VariableList."""

    id: str
    variables: Variables
    scope_id: int | None = None


# --- user tasks ------------------------------------------------------------------------------------------------------
class ClaimUserTask(Command, frozen=True):
    """→ records.UserTask. Claiming one's own task again is no error; another's raises AlreadyClaimed."""

    id: str


class UnclaimUserTask(Command, frozen=True):
    """→ records.UserTask."""

    id: str


class AssignUserTask(Command, frozen=True):
    """→ records.UserTask. `assignee` None clears it."""

    id: str
    assignee: str | None


class CompleteUserTask(Command, frozen=True):
    """→ records.UserTask. A candidate who completes claims in the same step. Variables are checked against the
    declared fields (Invalid, by field)."""

    id: str
    variables: Variables = {}


class EndUserTaskWithError(Command, frozen=True):
    """→ records.UserTask. The work ended with a BPMN error, which the drawing catches by its code."""

    id: str
    code: Name | None = None  # None: only who catches every error catches it
    message: Words | None = None
    variables: Variables = {}


class EscalateUserTask(Command, frozen=True):
    """→ records.UserTask. The work escalates; the task stays open unless the drawing catches it interrupting."""

    id: str
    code: Name | None = None


# --- ad-hoc sub-processes --------------------------------------------------------------------------------------------
class StartActivity(Command, frozen=True):
    """→ records.ProcessInstance. `id` names the open ad-hoc sub-process (see GetWaiting), `element_id` one of the
    activities in it that can be started."""

    id: str
    element_id: str
    variables: Variables = {}


class CompleteAdHoc(Command, frozen=True):
    """→ records.ProcessInstance. Nothing more is started in it; `id` as for StartActivity."""

    id: str


# --- jobs ------------------------------------------------------------------------------------------------------------
class Topic(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Name
    lock_seconds: LockSeconds | None = None
    variables: tuple[str, ...] | None = None  # only these; None: all visible ones


class FetchJobs(Command, frozen=True):
    """→ records.LockedJobs. Claims up to `max_jobs`; the long poll (`wait_seconds`) is the door's business."""

    worker_id: Name
    topics: Annotated[tuple[Topic, ...], msgspec.Meta(min_length=1, max_length=100)]
    max_jobs: Annotated[int, msgspec.Meta(ge=1, le=100)] = 1
    lock_seconds: LockSeconds = 60.0
    wait_seconds: Annotated[float, msgspec.Meta(ge=0, le=60)] = 0.0


class CompleteJob(Command, frozen=True):
    """→ records.JobOutcome. The same token again answers as the first time; another raises LockLost."""

    id: str
    token: str
    variables: Variables = {}


class FailJob(Command, frozen=True):
    """→ records.JobOutcome. `retries` None: one less than before; 0 left opens an incident."""

    id: str
    token: str
    message: Words
    detail: Annotated[str, msgspec.Meta(max_length=20_000)] | None = None
    retries: Annotated[int, msgspec.Meta(ge=0, le=1_000)] | None = None
    retry_after_seconds: Seconds = 0.0


class EndJobWithError(Command, frozen=True):
    """→ records.JobOutcome. The work ended with a BPMN error, which the drawing catches by its code."""

    id: str
    token: str
    code: Name | None = None  # None: only who catches every error catches it
    message: Words | None = None
    variables: Variables = {}


class ExtendJob(Command, frozen=True):
    """→ records.JobOutcome. The lock lasts `lock_seconds` from now."""

    id: str
    token: str
    lock_seconds: LockSeconds


class UnlockJob(Command, frozen=True):
    """→ records.JobOutcome. Gives the job back at once; spends no retry."""

    id: str
    token: str


class RetryJob(Command, frozen=True):
    """→ records.Job. An operator sets new retries and resolves its incident."""

    id: str
    retries: Annotated[int, msgspec.Meta(ge=1, le=1_000)] = 1


# --- messages and incidents ------------------------------------------------------------------------------------------
class CorrelateMessage(Command, frozen=True):
    """→ records.Correlation. To the one place that waits for this name and all its correlation keys, or to a start
    event. With no such place it is kept for `time_to_live_seconds`; with none left NotFound says what was looked for.
    A `message_id` is correlated once: the same id again answers as the first time."""

    name: Name
    keys: dict[str, Any] = {}
    process_instance_id: str | None = None
    business_key: Annotated[str, msgspec.Meta(max_length=255)] | None = None
    variables: Variables = {}
    time_to_live_seconds: Annotated[float, msgspec.Meta(ge=0, le=31_536_000)] = 0.0
    message_id: Name | None = None


class BroadcastSignal(Command, frozen=True):
    """→ records.SignalBroadcast. To all who wait for it now and to the start events of that name."""

    name: Name
    variables: Variables = {}


class SetDataStore(Command, frozen=True):
    """→ records.DataStore. Of one that the configuration names."""

    name: Name
    value: Any


class RetryIncident(Command, frozen=True):
    """→ records.Incident. Runs the failed element again, or gives its job new retries."""

    id: str


# --- people (thin; people management comes later) --------------------------------------------------------------------
class CreateUser(Command, frozen=True):
    """→ records.User. By an administrator or the system (CLI)."""

    name: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,99}$")]
    password: Annotated[str, msgspec.Meta(min_length=8, max_length=1_000)]
    display_name: str | None = None
    email: str | None = None
    roles: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


class SetPassword(Command, frozen=True):
    """→ records.User. One's own, or anybody's by an administrator. Ends all sessions of that user."""

    name: str
    password: Annotated[str, msgspec.Meta(min_length=8, max_length=1_000)]


class CreateToken(Command, frozen=True):
    """→ records.NewToken: the only time the secret is shown. `roles` at most the creator's own."""

    name: Name
    roles: tuple[str, ...]
    expires_in_seconds: Annotated[int, msgspec.Meta(ge=60)] | None = None


class RevokeToken(Command, frozen=True):
    """→ None."""

    id: str
