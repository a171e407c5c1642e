"""Data stores that a step has written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bpmn import effects as e
from engine.decisions import Raced
from engine.store import data_stores
from engine.work import json_text

if TYPE_CHECKING:
    from engine.effects.writing import Writing


def store_written(writing: Writing, effect: e.WriteStore) -> None:
    """The last value of a step is the one that is kept."""
    writing.store_values[effect.store] = effect.value
    writing.emit("data_store.changed", effect.element_id, effect.store)


def write(writing: Writing) -> None:
    """All stores that the step knew must be as it read them: what it wrote may rest on any of them. Raises `Raced`."""
    connection, instance = writing.work.connection, writing.instance
    for name, known in sorted(writing.read_stores.items()):
        if name in writing.store_values:
            value = json_text(writing.store_values[name])
            unchanged = data_stores.write(
                connection, instance.tenant_id, name, value, known.version, writing.work.now, instance.id
            )
        else:
            unchanged = data_stores.hold(connection, instance.tenant_id, name, known.version)
        if not unchanged:
            raise Raced
