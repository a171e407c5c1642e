"""The worker processes behind the sandbox: started at first use, bounded, recycled, never shared across a fork.

pydantic-monty talks to its workers through threads and an epoll handle that belong to the process as a whole. A forked
child has the handle and not the threads: an evaluation there would wait for ever and take the parent's workers down
with it. So a process that forks must do so before its first evaluation; a child of one that did not is told so.
"""

from __future__ import annotations

import ctypes
import os
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from engine.evaluators import failures
from engine.evaluators.isolation import Bubblewrap
from engine.evaluators.limits import SandboxLimits

if TYPE_CHECKING:
    from pydantic_monty import Monty, MontySession, OSPolicy

try:
    import resource
except ImportError:  # Windows has no such limits
    resource = None  # type: ignore[assignment]


class WorkerPool:
    """At most `processes` workers, each confined by bubblewrap if it is `isolated`. `interpreter`: another one than
    that which came with the package."""

    def __init__(
        self, limits: SandboxLimits, processes: int, *, isolated: bool = False, interpreter: Path | None = None
    ) -> None:
        self._limits = limits
        self._processes = processes
        self._isolated = isolated
        self._interpreter = interpreter
        self._isolation: Bubblewrap | None = None
        self._lock = threading.Lock()
        self._pool: Monty | None = None
        self._closed = False
        _living.add(self)

    @contextmanager
    def session(self, policy: OSPolicy) -> Iterator[MontySession]:
        """A worker with an empty interpreter for one evaluation. Raises `EvaluationFailed` of kind "unavailable"."""
        pool = self._started()
        session = pool.checkout(
            script_name="script",
            limits={
                "max_feed_duration_secs": self._limits.time_seconds,
                "max_memory": self._limits.memory_bytes,
                "max_recursion_depth": self._limits.recursion_depth,
                "max_suspensions": 10,
                "max_total_sleep_secs": 0.0,
            },
            os_policy=policy,
        )
        try:
            session.__enter__()
        except TimeoutError:
            raise failures.unavailable(
                f"all {self._processes} workers were busy for {self._limits.wait_seconds:g} seconds."
            ) from None
        except (OSError, RuntimeError) as error:
            raise failures.unavailable(str(error)) from error
        try:
            self._confine(session.worker_pid)
            yield session
        finally:
            session.__exit__(None, None, None)

    def close(self) -> None:
        """Ends the workers. Evaluations that still run fail; there are no more afterwards."""
        with self._lock:
            self._closed = True
            pool, self._pool = self._pool, None
            isolation, self._isolation = self._isolation, None
        if pool is not None:
            pool.__exit__(None, None, None)
        if isolation is not None:
            isolation.close()

    def forget_after_fork(self) -> None:
        """In a forked child: the workers belong to the parent."""
        self._lock = threading.Lock()
        if self._pool is not None:
            # Taking the inherited pool apart would write to the parent's workers and wait for threads that do not
            # exist here, so it lives as long as this process.
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(self._pool))
            self._pool = None

    def _started(self) -> Monty:
        if self._pool is not None:
            return self._pool
        with self._lock:
            if self._closed:
                raise failures.unavailable("it was closed because the service is stopping.")
            if _process.forked_too_late:
                raise failures.unavailable(
                    "this process was forked from one that had already used it. Fork before the first evaluation."
                )
            if self._pool is None:
                # The import costs 0.1 s and 14 MB: whoever never runs a script does not pay for it.
                from pydantic_monty import Monty

                if self._isolated and self._isolation is None:
                    self._isolation = Bubblewrap(self._limits)
                _process.used = True
                pool = Monty(
                    binary_path=self._isolation.program if self._isolation else self._interpreter,
                    min_processes=1,
                    max_processes=self._processes,
                    checkout_timeout=self._limits.wait_seconds,
                    request_timeout=self._limits.time_seconds * 2 + 1,
                    max_checkouts_per_worker=self._limits.evaluations_per_worker,
                    feed_duration_limit_grace=self._limits.time_grace_seconds,
                )
                try:
                    pool.__enter__()
                except (OSError, RuntimeError) as error:
                    raise failures.unavailable(f"its worker could not be started ({error}).") from error
                self._pool = pool
            return self._pool

    def _confine(self, worker: int | None) -> None:
        """Kernel limits on the worker, before it has seen a line of the text; the interpreter's own come on top."""
        if worker is None or resource is None or not hasattr(resource, "prlimit"):
            return
        try:
            for kind, most in (
                (resource.RLIMIT_AS, self._limits.address_space_bytes),
                (resource.RLIMIT_FSIZE, 0),
                (resource.RLIMIT_CORE, 0),
            ):
                resource.prlimit(worker, kind, (most, most))
        except ProcessLookupError:  # it just died; the evaluation will find out
            pass


class _Process:
    """What this process did with the interpreter's client, which cannot start twice across a fork."""

    used = False
    forked_too_late = False


_process = _Process()
_living: weakref.WeakSet[WorkerPool] = weakref.WeakSet()


def _after_fork() -> None:
    _process.forked_too_late = _process.used
    for pool in list(_living):
        pool.forget_after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
