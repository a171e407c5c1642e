"""Parsed definitions, kept in memory by id: a definition never changes once deployed."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any, NamedTuple

import bpmn
from engine.errors import NotFound
from engine.store import deployments
from engine.store.database import Connection


class Known(NamedTuple):
    """A definition as it runs, and its stored row (without the file)."""

    definition: bpmn.ProcessDefinition
    row: Any


class Definitions:
    """The least recently used are forgotten first; threads share it."""

    def __init__(self, capacity: int):
        self._capacity = capacity
        self._known: OrderedDict[str, Known] = OrderedDict()
        self._lock = threading.Lock()

    def known(self, connection: Connection, definition_id: str) -> Known:
        """The definition of that id, parsed now if it must be; `NotFound` if there is none."""
        with self._lock:
            known = self._known.get(definition_id)
            if known is not None:
                self._known.move_to_end(definition_id)
                return known
        # Two threads may parse the same file at once: harmless, and cheaper than letting all others wait.
        row = deployments.source(connection, definition_id)
        if row is None:
            raise NotFound(f"there is no process definition {definition_id}")
        document = bpmn.load(row.content)
        definition = next(one for one in document.definitions if one.key == row.key)
        known = Known(definition, deployments.definition(connection, definition_id))
        with self._lock:
            self._known[definition_id] = known
            while len(self._known) > self._capacity:
                self._known.popitem(last=False)
        return known

    def over(self, connection: Connection) -> Loader:
        """The same, reading what is missing over this connection."""
        return Loader(self, connection)


class Loader:
    """Definitions over one connection; see `engine.reading.DefinitionLoader`."""

    __slots__ = ("_connection", "_definitions")

    def __init__(self, definitions: Definitions, connection: Connection):
        self._definitions = definitions
        self._connection = connection

    def get(self, definition_id: str) -> bpmn.ProcessDefinition:
        """The definition of that id; `NotFound` if there is none."""
        return self._definitions.known(self._connection, definition_id).definition

    def row(self, definition_id: str) -> Any:
        """Its stored row: key, version, name."""
        return self._definitions.known(self._connection, definition_id).row
