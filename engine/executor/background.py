"""The ticker that wakes the sweep and the housekeeping, and the threads that run continuations."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from engine.errors import EngineError, Unavailable

if TYPE_CHECKING:
    from engine.engine import Engine

_log = logging.getLogger("engine.executor")


class Background:
    """What runs beside the requests. `start` and `stop` once."""

    def __init__(self, engine: Engine):
        self._engine = engine
        self._settings = engine.settings
        self._threads = ThreadPoolExecutor(self._settings.continuation_threads, thread_name_prefix="continuation")
        self._ticker: object | None = None
        self._underway: set[str] = set()
        self._lock = threading.Lock()
        self._stopping = False

    def start(self) -> None:
        """Begin with a sweep: a process that died may have left something to do."""
        # Imported here: a process that runs nothing in the background does not carry the scheduler.
        from apscheduler.executors.pool import ThreadPoolExecutor as TickerThreads
        from apscheduler.schedulers.background import BackgroundScheduler

        # The scheduler's own log says little that ours does not.
        logging.getLogger("apscheduler").setLevel(logging.WARNING)
        # None: a tick that comes late, as after a suspended laptop, still runs; the default drops it silently.
        defaults = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        ticker = BackgroundScheduler(
            timezone="UTC", job_defaults=defaults, executors={"default": TickerThreads(max_workers=2)}
        )
        ticker.add_job(self.sweep, "interval", seconds=self._settings.sweep_seconds)
        ticker.add_job(self.keep_house, "interval", seconds=self._settings.housekeeping_seconds)
        ticker.start()
        self._ticker = ticker
        self._threads.submit(self.sweep)

    def stop(self) -> None:
        """Let running steps end; what has not begun is found again later."""
        self._stopping = True
        if self._ticker is not None:
            self._ticker.shutdown(wait=True)  # type: ignore[attr-defined]
            self._ticker = None
        self._threads.shutdown(wait=True, cancel_futures=True)

    def hint(self, job_id: str) -> None:
        """A continuation was committed: run it soon, unless it is underway here."""
        with self._lock:
            if self._stopping or job_id in self._underway:
                return
            self._underway.add(job_id)
        try:
            self._threads.submit(self._run, job_id)
        except RuntimeError:  # the threads were shut down meanwhile; the sweep of the next start finds the job
            self._done(job_id)

    def sweep(self) -> None:
        """Find continuations that nobody works on: their hint or their process was lost."""
        try:
            for job_id in self._engine.due_continuations():
                self.hint(job_id)
            self._engine.give_up_continuations()
        except Unavailable as unavailable:
            _log.warning("sweep: %s", unavailable)
        except Exception:
            _log.exception("the sweep failed")

    def keep_house(self) -> None:
        """Forget what nobody will ask for again."""
        try:
            self._engine.keep_house()
        except Unavailable as unavailable:
            _log.warning("housekeeping: %s", unavailable)
        except Exception:
            _log.exception("the housekeeping failed")

    def _run(self, job_id: str) -> None:
        # The next continuation of the same instance has the same id; its hint must not find this one underway.
        self._done(job_id)
        if self._stopping:
            return
        try:
            self._engine.run_continuation(job_id)
        except EngineError as failure:
            _log.warning("continuation %s: %s", job_id, failure)
        except Exception:
            # The lease runs out and the job is tried again, a bounded number of times.
            _log.exception("continuation %s failed", job_id)

    def _done(self, job_id: str) -> None:
        with self._lock:
            self._underway.discard(job_id)
