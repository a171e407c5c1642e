"""What a query handler, and a command handler before it decides, reads with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from engine.clock import Clock
from engine.store.database import Connection, Dialect

if TYPE_CHECKING:
    from bpmn import ProcessDefinition


class DefinitionLoader(Protocol):
    """Gives parsed definitions; they are shared and never change."""

    def get(self, definition_id: str) -> ProcessDefinition:
        """The definition of that id; `NotFound` if there is none."""

    def row(self, definition_id: str) -> Any:
        """Its stored row (key, version, name, ...), without the file."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One snapshot of the store, and how to understand it."""

    connection: Connection
    clock: Clock
    definitions: DefinitionLoader
    dialect: Dialect
    data_stores: tuple[str, ...] = ()  # those that the configuration names
