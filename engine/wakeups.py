"""Wake-ups: whoever waits for the stream to grow or for a job is told at once when it happens in this process.

What other processes write, and what becomes due by time alone, is found by looking again every second at the latest.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable

LOOK_AGAIN_SECONDS = 1.0


class WakeUps:
    """One condition for all who wait; numbers that only grow tell who has something to look at."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._growth = 0
        self._topics: dict[str, int] = {}
        self._closed = False

    def stream_grew(self, topics: Iterable[str] = ()) -> None:
        """Events were committed; jobs of these topics may be there to fetch."""
        with self._changed:
            self._growth += 1
            for topic in topics:
                self._topics[topic] = self._topics.get(topic, 0) + 1
            self._changed.notify_all()

    def close(self) -> None:
        """Let everybody go."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def wait_for_growth(self, grown: Callable[[], bool], timeout: float) -> bool:
        """Whether the stream has grown, as `grown` sees it, before the time is over."""
        return self._wait(lambda: self._growth, grown, timeout)

    def wait_for_topics(self, topics: Iterable[str], available: Callable[[], bool], timeout: float) -> bool:
        """Whether a job of these topics may be there, as `available` sees it, before the time is over."""
        names = tuple(topics)
        return self._wait(lambda: sum(self._topics.get(name, 0) for name in names), available, timeout)

    def _wait(self, number: Callable[[], int], there: Callable[[], bool], timeout: float) -> bool:
        deadline = time.monotonic() + timeout
        while True:
            with self._changed:
                seen = number()
            if there():
                return True
            left = deadline - time.monotonic()
            if left <= 0 or self._closed:
                return False
            with self._changed:
                self._changed.wait_for(
                    lambda seen=seen: self._closed or number() != seen,  # type: ignore[misc]
                    min(left, LOOK_AGAIN_SECONDS),
                )
