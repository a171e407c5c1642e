"""The row of an instance that is about to begin, whoever begins it: a person, an event or a call."""

from __future__ import annotations

from typing import Any

from engine import states
from engine.decisions import InstanceRow
from engine.ids import new_id
from engine.reading import Reading

#: Who starts what no person started.
SYSTEM_NAME = "signalbox"


def begin(
    reading: Reading, definition: Any, started_by: str, business_key: str | None = None, **parent: Any
) -> InstanceRow:
    """A new instance of a definition (its stored row), not stored yet. `parent`: parent_id, parent_token and
    parent_element_id of the instance that calls it."""
    return InstanceRow(
        id=new_id(),
        tenant_id=definition.tenant_id,
        definition_id=definition.id,
        definition_key=definition.key,
        business_key=business_key,
        state=states.ACTIVE,
        version=0,
        incidents=0,
        started_at=reading.clock.now(),
        started_by=started_by,
        ended_at=None,
        **parent,
    )
