"""How much there is of what is not finished, over all tenants: what is watched from outside."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Table, and_, case, func, select

from engine.records import Totals
from engine.store.database import Connection
from engine.store.tables import deployment, incident, job, process_instance, user_task

# The indexes of the large tables begin with the tenant, so naming the tenants makes counting cheap.
_TENANTS = select(deployment.c.tenant_id).distinct()


def totals(connection: Connection, now: datetime) -> Totals:
    """Counted now."""
    instances = _by_state(connection, process_instance, ("active", "suspended"))
    locked = and_(job.c.lock_token.is_not(None), job.c.lock_expires_at > now)
    state = case((job.c.retries <= 0, "failed"), (locked, "locked"), else_="available")
    by_state = select(state.label("job_state"), func.count()).where(job.c.kind == "external").group_by("job_state")
    jobs: dict[str, int] = dict(connection.execute(by_state).all())
    return Totals(
        active_instances=instances.get("active", 0),
        suspended_instances=instances.get("suspended", 0),
        open_user_tasks=_by_state(connection, user_task, ("open",)).get("open", 0),
        available_jobs=jobs.get("available", 0),
        locked_jobs=jobs.get("locked", 0),
        failed_jobs=jobs.get("failed", 0),
        open_incidents=_by_state(connection, incident, ("open",)).get("open", 0),
    )


def _by_state(connection: Connection, table: Table, states: tuple[str, ...]) -> dict[str, int]:
    query = (
        select(table.c.state, func.count())
        .where(table.c.tenant_id.in_(_TENANTS), table.c.state.in_(states))
        .group_by(table.c.state)
    )
    return dict(connection.execute(query).all())
