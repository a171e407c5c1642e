"""Executions in memory: restored from their rows, and kept between steps as long as nobody else wrote them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

import bpmn
from engine.decisions import InstanceRow
from engine.reading import Reading
from engine.store import instances


@dataclass(slots=True)
class Live:
    """An execution in memory, and roughly how many bytes of text stand behind it."""

    execution: bpmn.Execution
    weight: int


class LiveExecutions:
    """Executions kept in memory between steps. Each belongs to one version of its instance: whoever takes one has
    read that version from the store, so an outdated one is never used, here or when other processes write."""

    #: An execution of more text than this is restored anew each time; all together hold at most `MOST` times as
    #: much. In memory a token weighs some twenty times its text.
    HEAVY = 200_000
    MOST = 5

    def __init__(self, capacity: int):
        self._capacity = capacity
        self._kept: OrderedDict[str, tuple[int, Live]] = OrderedDict()
        self._weight = 0
        self._lock = threading.Lock()

    def take(self, instance_id: str, version: int) -> Live | None:
        """Remove and return the execution of that version; two steps never share one."""
        with self._lock:
            found = self._kept.pop(instance_id, None)
            if found is None:
                return None
            self._weight -= found[1].weight
        return found[1] if found[0] == version else None

    def keep(self, instance_id: str, version: int, live: Live) -> None:
        """Keep the execution as it stands after the committed step to `version`."""
        if live.weight > self.HEAVY or self._capacity == 0:
            return
        with self._lock:
            before = self._kept.pop(instance_id, None)
            if before is not None:
                self._weight -= before[1].weight
            self._kept[instance_id] = (version, live)
            self._weight += live.weight
            while len(self._kept) > self._capacity or self._weight > self.MOST * self.HEAVY:
                _, (_, oldest) = self._kept.popitem(last=False)
                self._weight -= oldest.weight


def load(reading: Reading, instance: InstanceRow) -> Live:
    """The execution of a stored instance, from its rows."""
    definition = reading.definitions.get(instance.definition_id)
    rows = instances.rows(reading.connection, instance.id)
    variables = instances.variables(reading.connection, instance.id)
    weight = sum(map(len, rows.values())) + sum(map(len, variables.values()))
    return Live(bpmn.Execution.restore(definition, rows, variables), weight)
