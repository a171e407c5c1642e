"""Every question anyone can ask. `Engine.read(query, actor)` answers with a record or a `records.Page`; what the actor
may not see is not there. `cursor` is opaque and comes from `next_cursor`."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

Limit = Annotated[int, msgspec.Meta(ge=1, le=200)]


class Query(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all queries."""


class ListDeployments(Query):
    cursor: str | None = None
    limit: Limit = 50


class ListDrafts(Query):
    cursor: str | None = None
    limit: Limit = 50


class GetDraft(Query):
    id: str


class ListDefinitions(Query):
    key: str | None = None
    latest: bool = True
    cursor: str | None = None
    limit: Limit = 50


class GetDefinition(Query):
    id: str


class GetDefinitionXml(Query):
    """→ str, the file exactly as deployed."""

    id: str


class GetDefinitionStatistics(Query):
    """→ records.DefinitionStatistics: per element, what is there now and has been."""

    id: str


class ListProcessInstances(Query):
    definition_key: str | None = None
    definition_id: str | None = None
    business_key: str | None = None
    state: Literal["active", "suspended", "completed", "cancelled"] | None = None
    incidents: bool | None = None
    cursor: str | None = None
    limit: Limit = 50


class GetProcessInstance(Query):
    id: str


class GetActivities(Query):
    """→ records.Activities: the history of activity instances, oldest first, and what joins wait for."""

    id: str
    cursor: str | None = None
    limit: Limit = 200


class GetVariables(Query):
    """→ records.VariableList."""

    id: str


class ListEvents(Query):
    """→ records.EventPage. `after`: a cursor of the stream (None: from the beginning; "now": from the end)."""

    after: str | None = None
    process_instance_id: str | None = None
    definition_key: str | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=1_000)] = 200


class ListUserTasks(Query):
    """`mine`: assigned to the actor; `claimable`: unassigned and the actor is a candidate; `all`: all the actor may
    see (an operator: all of the tenant)."""

    view: Literal["mine", "claimable", "all"] = "all"
    state: Literal["open", "completed", "cancelled"] = "open"
    process_instance_id: str | None = None
    definition_key: str | None = None
    cursor: str | None = None
    limit: Limit = 50


class GetUserTask(Query):
    """→ records.UserTask with `variables`."""

    id: str


class CountUserTasks(Query):
    """→ records.UserTaskCounts: open ones that are mine, that I could claim."""


class ListJobs(Query):
    topic: str | None = None
    process_instance_id: str | None = None
    state: Literal["available", "locked", "failed"] | None = None
    cursor: str | None = None
    limit: Limit = 50


class GetJob(Query):
    id: str


class ListIncidents(Query):
    process_instance_id: str | None = None
    definition_key: str | None = None
    state: Literal["open", "resolved"] | None = "open"
    cursor: str | None = None
    limit: Limit = 50


class ListUsers(Query):
    cursor: str | None = None
    limit: Limit = 50


class ListTokens(Query):
    """One's own tokens (an administrator: all)."""
