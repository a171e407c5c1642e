"""Turns: commands of one process for one instance wait for one another instead of computing in vain.

Only a saving. What decides is the version check in the transaction, which other processes meet as well.
"""

from __future__ import annotations

import threading
from types import TracebackType


class Turns:
    """Who is moving which instance, in this process."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._moving: set[str] = set()

    def turn(self) -> Turn:
        """A turn that holds nothing yet; leaving its context gives back what it took."""
        return Turn(self)

    def take(self, instance_id: str, timeout: float) -> bool:
        """Take the instance, waiting for it at most so long."""
        with self._changed:
            if instance_id in self._moving and not self._changed.wait_for(
                lambda: instance_id not in self._moving, timeout
            ):
                return False
            self._moving.add(instance_id)
            return True

    def give_back(self, instance_id: str) -> None:
        """Let the next one have it."""
        with self._changed:
            self._moving.discard(instance_id)
            self._changed.notify_all()


class Turn:
    """One command's turn at one instance."""

    #: Longer than a step may compute; after that the version check alone must do.
    PATIENCE_SECONDS = 5.0

    def __init__(self, turns: Turns):
        self._turns = turns
        self._held: str | None = None
        self._impatient = False

    def __enter__(self) -> Turn:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._give_back()

    def take_now(self, instance_id: str) -> bool:
        """Whether the turn is ours, without waiting."""
        if self._held == instance_id or self._impatient:
            return True
        self._give_back()
        if self._turns.take(instance_id, 0):
            self._held = instance_id
            return True
        return False

    def wait(self, instance_id: str) -> None:
        """Wait for the turn; what was read of the instance so far is outdated then."""
        if self._turns.take(instance_id, self.PATIENCE_SECONDS):
            self._held = instance_id
        else:
            self._impatient = True

    def _give_back(self) -> None:
        if self._held is not None:
            self._turns.give_back(self._held)
            self._held = None
