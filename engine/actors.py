"""Who asks: every command and every query carries an actor, and `engine.rights` decides what it may do."""

from __future__ import annotations

from enum import StrEnum

import msgspec

DEFAULT_TENANT = "default"


class Role(StrEnum):
    """What an actor may do in its tenant; `engine.rights` holds the table."""

    ADMINISTRATOR = "administrator"
    OPERATOR = "operator"
    ANALYST = "analyst"
    STARTER = "starter"
    PARTICIPANT = "participant"
    WORKER = "worker"


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """A signed-in person or machine."""

    name: str
    tenant_id: str = DEFAULT_TENANT
    roles: frozenset[Role] = frozenset()
    groups: frozenset[str] = frozenset()


SYSTEM = Actor(name="signalbox", roles=frozenset({Role.ADMINISTRATOR}))
