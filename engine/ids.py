"""Ids that sort by time: UUID version 7 as 32 hex digits, and the names of waits."""

from __future__ import annotations

import secrets
import threading
import time

_lock = threading.Lock()
_last = 0


def new_id() -> str:
    """A UUIDv7 without dashes; within one process each is greater than the one before."""
    global _last
    stamp = time.time_ns() // 1_000_000 << 12 | secrets.randbits(12)
    with _lock:
        # The same millisecond, or a clock set back: go on counting from the last one.
        stamp = _last = max(stamp, _last + 1)
    milliseconds, counter = stamp >> 12, stamp & 0xFFF
    value = milliseconds << 80 | 0x7 << 76 | counter << 64 | 0b10 << 62 | secrets.randbits(62)
    return f"{value:032x}"


def wait_id(instance_id: str, token: int, slot: int = 0) -> str:
    """The id of the user task, job or subscription that waits at `token`, for the event `slot` of several: a repeated
    step names the same."""
    return f"{instance_id}.{token}-{slot}" if slot else f"{instance_id}.{token}"
