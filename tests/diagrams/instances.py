"""What a world holds: deployed definitions, running instances with what they wait for, messages on their way."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bpmn import ProcessDefinition, effects
from tests.bpmn.walking import Walk

Wait = (
    effects.OpenUserTask
    | effects.OpenJob
    | effects.OpenMessageSubscription
    | effects.OpenSignalSubscription
    | effects.OpenTimer
    | effects.OpenAdHoc
    | effects.CallProcess
    | effects.RaiseIncident
)


@dataclass(frozen=True, slots=True)
class Deployed:
    """A definition with its version, and which deployment brought it."""

    definition: ProcessDefinition
    version: int
    deployment: int


@dataclass(slots=True, eq=False)
class Instance:
    """One instance and what it waits for, by token and slot. `caller`: the instance and token that called it."""

    deployed: Deployed
    walk: Walk
    prefix: str
    caller: tuple[Instance, int] | None = None
    waits: dict[tuple[int, int], tuple[int, Wait]] = field(default_factory=dict)
    dead_ends: list[str] = field(default_factory=list)

    def open(self) -> Iterator[tuple[int, tuple[int, int], Wait]]:
        """Order of opening, token and slot, wait."""
        for place, (order, wait) in list(self.waits.items()):
            yield order, place, wait

    def holds(self, place: tuple[int, int], wait: Wait) -> bool:
        """Whether this very wait is still open."""
        return place in self.waits and self.waits[place][1] is wait

    def calls(self, token: int) -> bool:
        """Whether a called process is waited for at that token."""
        return (token, 0) in self.waits and isinstance(self.waits[(token, 0)][1], effects.CallProcess)

    def close(self, token: int) -> None:
        """Nothing waits at that token any more."""
        for place in [place for place in self.waits if place[0] == token]:
            del self.waits[place]


@dataclass(frozen=True, slots=True)
class Letter:
    """A message on its way."""

    name: str
    keys: Mapping[str, Any]
    payload: Mapping[str, Any]
    told: Mapping[str, Any] = field(default_factory=dict)

    def fits(self, subscription: effects.OpenMessageSubscription) -> bool:
        """By name and all keys that are asked for, among those that it has or only its payload tells."""
        carried = {**self.told, **self.keys}
        return subscription.name == self.name and all(
            name in carried and _text(carried[name]) == _text(value) for name, value in subscription.keys.items()
        )


def _text(value: Any) -> str:
    """An order's number is the same as 7 and as "7"."""
    return value if isinstance(value, str) else json.dumps(value)
