"""Every question anyone can ask. `Engine.read(query, actor)` answers with a record or a `records.Page`; what the actor
may not see is not there. `cursor` is opaque and comes from `next_cursor`."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

Limit = Annotated[int, msgspec.Meta(ge=1, le=200)]


class Query(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all queries."""


class ListDeployments(Query, frozen=True):
    cursor: str | None = None
    limit: Limit = 50


class ListDrafts(Query, frozen=True):
    cursor: str | None = None
    limit: Limit = 50


class GetDraft(Query, frozen=True):
    id: str


class ListDefinitions(Query, frozen=True):
    key: str | None = None
    latest: bool = True
    cursor: str | None = None
    limit: Limit = 50


class GetDefinition(Query, frozen=True):
    id: str


class GetDefinitionXml(Query, frozen=True):
    """→ str, the file exactly as deployed."""

    id: str


class GetDefinitionStatistics(Query, frozen=True):
    """→ records.DefinitionStatistics: per element, what is there now and has been."""

    id: str


class ListProcessInstances(Query, frozen=True):
    definition_key: str | None = None
    definition_id: str | None = None
    business_key: str | None = None
    state: Literal["active", "suspended", "completed", "cancelled", "failed"] | None = None
    parent_id: str | None = None
    incidents: bool | None = None
    cursor: str | None = None
    limit: Limit = 50


class GetProcessInstance(Query, frozen=True):
    id: str


class GetActivities(Query, frozen=True):
    """→ records.Activities: the history of activity instances, oldest first, and what joins wait for."""

    id: str
    cursor: str | None = None
    limit: Limit = 200


class GetWaiting(Query, frozen=True):
    """→ records.WaitingList: all that the instance waits for now."""

    id: str


class GetVariables(Query, frozen=True):
    """→ records.VariableList."""

    id: str


class ListEvents(Query, frozen=True):
    """→ records.EventPage. `after`: a cursor of the stream (None: from the beginning; "now": from the end)."""

    after: str | None = None
    process_instance_id: str | None = None
    definition_key: str | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=1_000)] = 200


class ListUserTasks(Query, frozen=True):
    """`mine`: assigned to the actor; `claimable`: unassigned and the actor is a candidate; `all`: all the actor may
    see (an operator: all of the tenant)."""

    view: Literal["mine", "claimable", "all"] = "all"
    state: Literal["open", "completed", "cancelled"] = "open"
    process_instance_id: str | None = None
    definition_key: str | None = None
    cursor: str | None = None
    limit: Limit = 50


class GetUserTask(Query, frozen=True):
    """→ records.UserTask with `variables`."""

    id: str


class CountUserTasks(Query, frozen=True):
    """→ records.UserTaskCounts: open ones that are mine, that I could claim."""


class ListJobs(Query, frozen=True):
    topic: str | None = None
    process_instance_id: str | None = None
    state: Literal["available", "locked", "failed"] | None = None
    cursor: str | None = None
    limit: Limit = 50


class GetJob(Query, frozen=True):
    id: str


class ListDataStores(Query, frozen=True):
    """→ records.DataStores: those that the configuration names and those that hold something."""


class ListIncidents(Query, frozen=True):
    process_instance_id: str | None = None
    definition_key: str | None = None
    state: Literal["open", "resolved"] | None = "open"
    cursor: str | None = None
    limit: Limit = 50


class ListUsers(Query, frozen=True):
    cursor: str | None = None
    limit: Limit = 50


class ListTokens(Query, frozen=True):
    """One's own tokens (an administrator: all)."""
