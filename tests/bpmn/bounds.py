"""Bounds on the work that something may cause."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def within(seconds: float, megabytes: int = 400) -> Iterator[None]:
    """A bound on the work: generous against what a quadratic answer would cost, which is minutes."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()
    yield
    assert time.process_time() - began < seconds
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < megabytes * 1024
