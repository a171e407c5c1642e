"""A brake on guessing passwords: attempts are counted by name, in this process.

Unknown names are counted like known ones, so the brake gives nothing away. It lets go by itself: locking a name for
good would let anybody keep a person out.
"""

from __future__ import annotations

import math
import threading
from collections import OrderedDict, deque
from datetime import datetime, timedelta

from engine.clock import Clock
from engine.errors import TooManyAttempts

_AT_MOST = 10
_WITHIN = timedelta(seconds=60)
_NAMES = 10_000


class Attempts:
    """At most ten attempts a minute for one name; success forgets them."""

    def __init__(self, clock: Clock):
        self._clock = clock
        self._lock = threading.Lock()
        self._by_name: OrderedDict[str, deque[datetime]] = OrderedDict()

    def admit(self, name: str) -> None:
        """Count an attempt; TooManyAttempts when there were too many already."""
        now = self._clock.now()
        with self._lock:
            times = self._by_name.setdefault(name[:255], deque())
            self._by_name.move_to_end(name[:255])
            while times and not timedelta(0) <= now - times[0] < _WITHIN:
                times.popleft()
            if len(times) >= _AT_MOST:
                wait = math.ceil((times[0] + _WITHIN - now).total_seconds())
                raise TooManyAttempts(
                    f"Too many attempts to sign in as this person. Try again in {wait} s.", retry_after_seconds=wait
                )
            times.append(now)
            if len(self._by_name) > _NAMES:
                self._by_name.popitem(last=False)

    def forget(self, name: str) -> None:
        """That person came in."""
        with self._lock:
            self._by_name.pop(name[:255], None)
