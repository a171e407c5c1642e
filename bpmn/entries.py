"""How often an instance has entered the elements that lie on a loop: an endless one becomes an incident."""

from __future__ import annotations

from bpmn.failures import LoopLimitReached


class Entries:
    """The counts by element. `changed`: they must be stored again."""

    __slots__ = ("changed", "counts")

    def __init__(self, counts: dict[str, int] | None = None) -> None:
        self.counts = counts or {}
        self.changed = False

    def add(self, element: str, limit: int) -> None:
        """One more. Raises `LoopLimitReached`."""
        count = self.counts.get(element, 0) + 1
        if count > limit:
            raise LoopLimitReached(element, limit)
        self.counts[element] = count
        self.changed = True

    def begin_anew(self, element: str, limit: int) -> None:
        """If the element has reached its limit and goes on by somebody's will, all counts begin anew: the other
        elements of the loop have come as far, and would stop it again at once."""
        if self.counts.get(element, 0) >= limit:
            self.counts.clear()
            self.changed = True
