"""The REST calls, one module per noun. `ALL` is what the app serves and what the OpenAPI document describes."""

from __future__ import annotations

from ..calls import Calls
from . import (
    data_stores,
    deployments,
    drafts,
    events,
    incidents,
    jobs,
    messages,
    process_definitions,
    process_instances,
    session,
    tokens,
    user_tasks,
    users,
)

ALL: tuple[Calls, ...] = (
    session.calls,
    deployments.calls,
    drafts.calls,
    process_definitions.calls,
    process_instances.calls,
    user_tasks.calls,
    jobs.calls,
    messages.calls,
    data_stores.calls,
    incidents.calls,
    events.calls,
    users.calls,
    tokens.calls,
)
