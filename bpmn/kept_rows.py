"""Rows of an execution besides its tokens: what is written once and taken once."""

from __future__ import annotations

import json
from typing import Any


class KeptRows:
    """By name; `changed` is what the store does not hold yet."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._lists: dict[str, list[Any]] = {}
        self.changed: dict[str, str | None] = {}

    def restore(self, name: str, text: str) -> None:
        """A stored row."""
        self._texts[name] = text

    def store(self, name: str, text: str) -> None:
        """Keep a JSON text."""
        self._texts[name] = text
        self.changed[name] = text

    def take(self, name: str) -> Any:
        """What was kept, and is no longer; None if nothing was."""
        text = self._texts.get(name)
        self.drop(name)
        return None if text is None else json.loads(text)

    def drop(self, name: str) -> None:
        """Keep it no longer."""
        if self._texts.pop(name, None) is not None:
            self.changed[name] = None
            self._lists.pop(name, None)

    def item(self, name: str, position: int) -> Any:
        """One item of a kept list, which is read once."""
        if name not in self._lists:
            self._lists[name] = json.loads(self._texts[name])
        return self._lists[name][position]
