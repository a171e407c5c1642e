"""The worker loop: fetch jobs, hand each to the function of its topic, report what came of it.

    worker = Worker(Client("http://127.0.0.1:8080", token="..."))

    @worker.handles("send-mail")
    def send_mail(job):
        deliver(job.variables["email"], idempotency_key=job.id)
        return {"mailed": True}

    worker.run()

A job may run twice (a machine that dies takes its answer with it), so hand `job.id` to other systems as the key by
which they recognise a repetition. What the function returns becomes variables. An exception fails the job: the
server counts a retry; `JobFailed` says more about how. While a function works, its lock is extended; when the lock
is lost all the same, the result is dropped, because by then the job is somebody else's.
"""

from __future__ import annotations

import json
import logging
import os
import random
import signal
import socket
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeVar

from signalbox_client.client import Client
from signalbox_client.problems import Conflict, NotFound, Problem, SignalboxError, TooMany, Unavailable, Unreachable
from signalbox_client.records import LockedJob

logger = logging.getLogger(__name__)

Handler = Callable[[LockedJob], Mapping[str, Any] | None]
H = TypeVar("H", bound=Handler)

PASSING = (Unreachable, Unavailable, TooMany)
"""What may be over in a moment: tried again with growing pauses. Every other refusal is for a human."""


class JobFailed(Exception):
    """Raised by a handler that knows how its failure is to be treated."""

    def __init__(
        self, message: str, *, detail: str | None = None, retries: int | None = None, retry_after_seconds: float = 0.0
    ):
        super().__init__(message)
        self.message = message
        self.detail = detail
        self.retries = retries
        self.retry_after_seconds = retry_after_seconds


class BpmnError(Exception):
    """Raised by a handler whose work ended with a BPMN error: no failure, but a way that the drawing catches."""

    def __init__(self, code: str, message: str | None = None, variables: Mapping[str, Any] | None = None):
        super().__init__(message or code)
        self.code = code
        self.message = message
        self.variables = dict(variables or {})


@dataclass(frozen=True, slots=True)
class _Subscription:
    handler: Handler
    lock_seconds: float
    variables: tuple[str, ...] | None


class Worker:
    """Works on the jobs of its topics until told to stop; `concurrency` of them at a time."""

    def __init__(
        self,
        client: Client,
        *,
        worker_id: str | None = None,
        concurrency: int = 4,
        lock_seconds: float = 60.0,
        wait_seconds: float = 20.0,
        grace_seconds: float = 30.0,
        longest_pause_seconds: float = 30.0,
    ) -> None:
        if concurrency < 1:
            raise ValueError("a worker needs a concurrency of at least 1")
        self.worker_id = worker_id or f"{socket.gethostname()}-{os.getpid()}"
        self._client = client
        self._poll = client.twin()  # so that a long poll can be ended without ending the reports of running jobs
        self._concurrency = concurrency
        self._lock_seconds = lock_seconds
        self._wait_seconds = wait_seconds
        self._grace_seconds = grace_seconds
        self._longest_pause = longest_pause_seconds
        self._subscriptions: dict[str, _Subscription] = {}
        self._stopping = threading.Event()
        self._changed = threading.Condition()
        self._running: dict[str, LockedJob] = {}
        self._lost: set[str] = set()
        self._error: SignalboxError | None = None
        self._pool: ThreadPoolExecutor | None = None
        self._threads: list[threading.Thread] = []

    # --- topics ------------------------------------------------------------------------------------------------------
    def handles(
        self, topic: str, *, lock_seconds: float | None = None, variables: tuple[str, ...] | None = None
    ) -> Callable[[H], H]:
        """Make the decorated function the one for `topic`. `variables` names those it wants (None: all it may see)."""

        def register(handler: H) -> H:
            self.add(topic, handler, lock_seconds=lock_seconds, variables=variables)
            return handler

        return register

    def add(
        self,
        topic: str,
        handler: Handler,
        *,
        lock_seconds: float | None = None,
        variables: tuple[str, ...] | None = None,
    ) -> None:
        """The same without a decorator."""
        if self._threads:
            raise RuntimeError("topics are added before the worker is started")
        if topic in self._subscriptions:
            raise ValueError(f"topic {topic!r} has a function already")
        self._subscriptions[topic] = _Subscription(handler, lock_seconds or self._lock_seconds, variables)

    # --- life --------------------------------------------------------------------------------------------------------
    def run(self) -> None:
        """Work until SIGINT, SIGTERM or `stop()` from another thread; raises what made going on senseless."""
        previous = {}
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                previous[number] = signal.signal(number, lambda *_: self._stopping.set())
        try:
            self.start()
            # In slices: a signal handler runs only between two of them on some systems.
            while not self._stopping.wait(1.0):
                pass
        finally:
            self.stop()
            for number, handler in previous.items():
                signal.signal(number, handler)
        if self._error is not None:
            raise self._error

    def start(self) -> None:
        """Work in threads of its own; `stop()` ends it."""
        if not self._subscriptions:
            raise RuntimeError("the worker has no topics: decorate functions with @worker.handles(topic)")
        if self._threads:
            raise RuntimeError("the worker is started already")
        self._pool = ThreadPoolExecutor(self._concurrency, thread_name_prefix="signalbox-job")
        # Daemons: a program that ends without `stop` must not hang in a long poll.
        self._threads = [
            threading.Thread(target=self._fetch_loop, name="signalbox-fetch", daemon=True),
            threading.Thread(target=self._extend_loop, name="signalbox-extend", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Fetch no more, let what runs finish (`grace_seconds` long), give the rest back to the server."""
        self._stopping.set()
        with self._changed:
            self._changed.notify_all()
        # First the polls, lest one of them takes what is given back below; what they still bring they give back.
        self._end(self._threads[:1], hang_up=True)
        with self._changed:
            self._changed.wait_for(lambda: not self._running, timeout=self._grace_seconds)
            left = list(self._running.values())
            self._lost.update(job.id for job in left)
            self._changed.notify_all()
        for job in left:
            logger.warning("giving back job %s (%s): it did not end in time", job.id, job.topic)
            self._give_back(job)
        self._end(self._threads[1:])
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
        self._poll.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def _end(self, threads: list[threading.Thread], *, hang_up: bool = False) -> None:
        """Wait for threads that know that they are to end, but not for ever."""
        end = time.monotonic() + 5
        for thread in threads:
            while thread.is_alive() and time.monotonic() < end:
                if hang_up:
                    self._poll.hang_up()  # again and again: a poll may just be beginning
                thread.join(timeout=0.1)

    # --- fetching ----------------------------------------------------------------------------------------------------
    def _fetch_loop(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            free = self._wait_for_a_free_place()
            if not free:
                return
            try:
                jobs = self._poll.fetch_jobs(
                    [self._topic(name, each) for name, each in self._subscriptions.items()],
                    worker_id=self.worker_id,
                    max_jobs=free,
                    lock_seconds=self._lock_seconds,
                    wait_seconds=self._wait_seconds,
                )
            except PASSING as error:
                if self._stopping.is_set():
                    return
                failures += 1
                pause = self._pause(failures)
                logger.warning("cannot fetch jobs, trying again in %.1f s: %s", pause, error)
                self._stopping.wait(pause)
                continue
            except SignalboxError as error:
                logger.error("stopping, because fetching jobs is refused: %s", error)
                self._error = error
                self._stopping.set()
                return
            failures = 0
            for job in jobs:
                self._begin(job)

    def _wait_for_a_free_place(self) -> int:
        """How many more jobs may run; 0 only when the worker stops."""
        with self._changed:
            self._changed.wait_for(lambda: self._stopping.is_set() or len(self._running) < self._concurrency)
            return 0 if self._stopping.is_set() else self._concurrency - len(self._running)

    def _begin(self, job: LockedJob) -> None:
        assert self._pool is not None
        with self._changed:
            begun = not self._stopping.is_set()
            if begun:
                self._running[job.id] = job
        if begun:
            self._pool.submit(self._work, job)
        else:
            self._give_back(job)

    @staticmethod
    def _topic(name: str, subscription: _Subscription) -> dict[str, Any]:
        topic: dict[str, Any] = {"name": name, "lock_seconds": subscription.lock_seconds}
        if subscription.variables is not None:
            topic["variables"] = list(subscription.variables)
        return topic

    # --- one job -----------------------------------------------------------------------------------------------------
    def _work(self, job: LockedJob) -> None:
        try:
            report = self._run_handler(job)
            self._report(job, report)
        except Exception:
            # Nothing may end a pool thread silently; the lock runs out and the job comes again.
            logger.exception("job %s (%s): its outcome could not be reported", job.id, job.topic)
        finally:
            with self._changed:
                self._running.pop(job.id, None)
                self._lost.discard(job.id)
                self._changed.notify_all()

    def _run_handler(self, job: LockedJob) -> Callable[[], object]:
        """Run the topic's function; the answer is the call that reports what came of it."""
        try:
            variables = dict(self._subscriptions[job.topic].handler(job) or {})
            json.dumps(variables, allow_nan=False)  # what JSON cannot hold is the function's failure
        except BpmnError as ended:
            logger.info("job %s (%s) ended with the error %s", job.id, job.topic, ended.code)
            code, reason, written = ended.code, ended.message, ended.variables
            return lambda: self._client.end_job_with_error(job, code, reason and reason[:4_000], written)
        except JobFailed as failure:
            logger.info("job %s (%s) failed: %s", job.id, job.topic, failure.message)
            message, detail = failure.message, failure.detail
            retries, pause = failure.retries, failure.retry_after_seconds
            return lambda: self._client.fail_job(
                job, message[:4_000], detail=detail, retries=retries, retry_after_seconds=pause
            )
        except Exception as error:
            logger.exception("job %s (%s) failed", job.id, job.topic)
            words = f"{type(error).__name__}: {error}"[:4_000]
            trace = traceback.format_exc()[-20_000:]
            return lambda: self._client.fail_job(job, words, detail=trace)
        return lambda: self._client.complete_job(job, variables)

    def _report(self, job: LockedJob, report: Callable[[], object]) -> None:
        failures, refused = 0, False
        while not self._is_lost(job):
            try:
                report()
                return
            except (Conflict, NotFound) as error:
                logger.warning("job %s (%s) is not ours any more, its result is dropped: %s", job.id, job.topic, error)
                return
            except PASSING as error:
                # The same token again answers as the first time, so a repetition does no harm.
                failures += 1
                pause = self._pause(failures)
                logger.warning("cannot report job %s, trying again in %.1f s: %s", job.id, pause, error)
                with self._changed:
                    self._changed.wait_for(lambda: job.id in self._lost, timeout=pause)
            except Problem as error:
                # The server refuses the result itself, e.g. variables that are too large: that is a failed job.
                logger.error("job %s (%s): its result is refused: %s", job.id, job.topic, error)
                if refused:
                    return
                refused = True
                report = partial(self._client.fail_job, job, f"the result was refused: {error}"[:4_000])

    # --- locks -------------------------------------------------------------------------------------------------------
    def _extend_loop(self) -> None:
        """Extend every running job's lock well before it runs out; also while the worker waits for the last ones."""
        shortest = min(each.lock_seconds for each in self._subscriptions.values())
        while True:
            with self._changed:
                if self._changed.wait_for(
                    lambda: self._stopping.is_set() and self._running.keys() <= self._lost, timeout=shortest / 3
                ):
                    return
                running = [job for job in self._running.values() if job.id not in self._lost]
            for job in running:
                self._extend(job)

    def _extend(self, job: LockedJob) -> None:
        try:
            self._client.extend_job(job, self._subscriptions[job.topic].lock_seconds)
        except (Conflict, NotFound):
            with self._changed:
                # Not running any more: it was completed in the meantime, and that is why.
                if job.id in self._running:
                    logger.warning("the lock of job %s (%s) is lost", job.id, job.topic)
                    self._lost.add(job.id)
        except SignalboxError as error:
            logger.warning("cannot extend the lock of job %s: %s", job.id, error)

    def _is_lost(self, job: LockedJob) -> bool:
        with self._changed:
            return job.id in self._lost

    def _give_back(self, job: LockedJob) -> None:
        try:
            self._client.unlock_job(job)
        except SignalboxError as error:
            logger.warning("job %s could not be given back and comes again when its lock ends: %s", job.id, error)

    def _pause(self, failures: int) -> float:
        """Twice as long each time, up to the longest, with chance in it: many workers must not come back at once."""
        longest = float(min(self._longest_pause, 0.25 * 2 ** min(failures, 16)))
        return longest * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, hides nothing
