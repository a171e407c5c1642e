"""The bounds of one evaluation and of the workers that compute it."""

from __future__ import annotations

import os
from dataclasses import dataclass

MEGABYTE = 1024 * 1024


def available_cores() -> int:
    """The cores this process may use, which is fewer than the machine's in a container."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class SandboxLimits:
    """All bounds in one place; the defaults are what was measured to hold.

    The interpreter keeps time, memory and recursion itself. The parent kills a worker that does not (`time_grace`
    later), and the kernel bounds the worker's address space.
    """

    time_seconds: float = 1.0
    time_grace_seconds: float = 0.5
    memory_bytes: int = 64_000_000
    address_space_bytes: int = 512 * MEGABYTE
    recursion_depth: int = 100
    source_characters: int = 100_000
    input_bytes: int = 4 * MEGABYTE
    print_bytes: int = 64 * 1024
    result_bytes: int = MEGABYTE
    result_depth: int = 64
    wait_seconds: float = 10.0
    evaluations_per_worker: int = 1000
