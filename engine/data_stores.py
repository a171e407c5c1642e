"""Data stores: what people and programs keep for all processes of a tenant, as the configuration names them."""

from __future__ import annotations

import msgspec

from engine import commands
from engine import variables as values
from engine.actors import Actor
from engine.decisions import Decision, Raced, Write
from engine.errors import NotFound
from engine.reading import Reading
from engine.records import DataStore
from engine.settings import Settings
from engine.store import data_stores
from engine.work import UnitOfWork, json_text


def set_value(command: commands.SetDataStore, actor: Actor, reading: Reading, settings: Settings) -> Decision:
    """Somebody gives a store a value."""
    if command.name not in settings.data_stores:
        known = ", ".join(settings.data_stores) or "none"
        raise NotFound(f"there is no data store {command.name!r}; the configuration (data_stores) names {known}")
    values.checked({"value": command.value}, settings)
    version = data_stores.read(reading.connection, actor.tenant_id, [command.name])[command.name].version

    def write(work: UnitOfWork) -> DataStore:
        text = json_text(command.value)
        if not data_stores.write(work.connection, actor.tenant_id, command.name, text, version, work.now, actor.name):
            raise Raced
        work.emit(
            "data_store.changed",
            tenant_id=actor.tenant_id,
            subject_id=command.name,
            version=version + 1,
            data={"by": actor.name},
        )
        return DataStore(
            name=command.name,
            value=msgspec.json.decode(text),
            version=version + 1,
            changed_at=work.now,
            changed_by=actor.name,
        )

    return Write(write)
