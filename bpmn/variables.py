"""Variables: JSON values held by scopes (see DESIGN section 3, kept in docs/architecture.md).

Reading looks outward through the scopes. Writing changes the variable where it is defined, else creates it on the
process instance. Values are kept as the JSON text they were stored as until someone reads them, and only what really
changed is written again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any


class Changed(dict[tuple[int, str], str | None]):
    """The variables written since the last step, and the names written since conditions were last looked at."""

    def __init__(self) -> None:
        super().__init__()
        self.fresh: set[str] = set()

    def __setitem__(self, key: tuple[int, str], text: str | None) -> None:
        super().__setitem__(key, text)
        self.fresh.add(key[1])


_text = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def encode(value: Any) -> str:
    """JSON text of a value. Raises ValueError or TypeError for what is not JSON."""
    if value is True:
        return "true"
    if type(value) is int:
        return str(value)  # as the encoder writes it, in a tenth of the time
    return _text(value)


#: Nobody can change these in place, and their text reads as the same again.
_UNCHANGING = frozenset({str, int, float, bool, type(None)})


class Scope(MutableMapping[str, Any]):
    """The variables visible in one scope: its own, then those of the scopes around it."""

    __slots__ = ("_texts", "_values", "changed", "number", "parent", "root")

    def __init__(self, number: int, parent: Scope | None, changed: Changed):
        self.number = number
        self.parent = parent
        self.root: Scope = parent.root if parent is not None else self
        self.changed = changed
        self._texts: dict[str, str] = {}
        self._values: dict[str, Any] = {}

    def load(self, name: str, text: str) -> None:
        """Put a stored variable back; not a change."""
        self._texts[name] = text

    def _definer(self, name: str) -> Scope | None:
        scope: Scope | None = self
        while scope is not None:
            if name in scope._texts:
                return scope
            scope = scope.parent
        return None

    def __getitem__(self, name: str) -> Any:
        scope = self._definer(name)
        if scope is None:
            raise KeyError(name)
        if name not in scope._values:
            scope._values[name] = json.loads(scope._texts[name])
        return scope._values[name]

    def __setitem__(self, name: str, value: Any) -> None:
        (self._definer(name) or self.root).define(name, value)

    def define(self, name: str, value: Any) -> None:
        """Set the variable in this very scope."""
        text = encode(value)
        if self._texts.get(name) == text:
            return
        self._texts[name] = text
        if type(value) in _UNCHANGING:
            self._values[name] = value
        else:
            # Read again from the text: a caller that keeps and changes its own object must not reach ours.
            self._values.pop(name, None)
        self.changed[(self.number, name)] = text

    def defines(self, name: str) -> bool:
        """Whether the variable is this very scope's."""
        return name in self._texts

    def __delitem__(self, name: str) -> None:
        scope = self._definer(name)
        if scope is None:
            raise KeyError(name)
        del scope._texts[name]
        scope._values.pop(name, None)
        scope.changed[(scope.number, name)] = None

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._definer(name) is not None

    def __iter__(self) -> Iterator[str]:
        seen: set[str] = set()
        scope: Scope | None = self
        while scope is not None:
            for name in scope._texts:
                if name not in seen:
                    seen.add(name)
                    yield name
            scope = scope.parent

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def discard(self) -> None:
        """The scope is left: its own variables go with it."""
        for name in self._texts:
            self.changed[(self.number, name)] = None
        self._texts.clear()
        self._values.clear()


class Snapshot(Scope):
    """Variables as they were at some time, in front of the scope of now: reading sees them, writing passes through
    to the variables of now as well."""

    __slots__ = ()

    @classmethod
    def of(cls, number: int, parent: Scope, changed: Changed, values: Mapping[str, Any]) -> Snapshot:
        """A new snapshot of these values."""
        snapshot = cls(number, parent, changed)
        for name, value in values.items():
            snapshot.define(name, value)
        return snapshot

    def __setitem__(self, name: str, value: Any) -> None:
        assert self.parent is not None
        self.parent[name] = value
        if name in self._texts:
            self.define(name, value)
