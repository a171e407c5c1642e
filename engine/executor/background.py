"""The ticker that wakes the sweep and the housekeeping, and the threads that run jobs of our own."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.errors import EngineError, Unavailable

if TYPE_CHECKING:
    from engine.engine import Engine

_log = logging.getLogger("engine.executor")


class Background:
    """What runs beside the requests. `start` and `stop` once."""

    #: A sweep takes so many jobs; when they are done and there were as many, the next one follows at once.
    PORTION = 1_000

    def __init__(self, engine: Engine):
        self._engine = engine
        self._settings = engine.settings
        self._threads = ThreadPoolExecutor(self._settings.job_threads, thread_name_prefix="job")
        self._ticker: Any = None
        self._underway: set[str] = set()
        self._more = False
        self._wakes_at: datetime | None = None
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
            timezone="UTC", job_defaults=defaults, executors={"default": TickerThreads(max_workers=3)}
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
            self._ticker.shutdown(wait=True)
            self._ticker = None
        self._threads.shutdown(wait=True, cancel_futures=True)

    def hint(self, job_id: str) -> None:
        """A job of our own was committed: run it soon, unless it is underway here."""
        with self._lock:
            if self._stopping or job_id in self._underway:
                return
            self._underway.add(job_id)
        try:
            self._threads.submit(self._run, job_id)
        except RuntimeError:  # the threads were shut down meanwhile; the sweep of the next start finds the job
            self._begun(job_id)

    def wake_at(self, due: datetime) -> None:
        """A timer was set: look again when it is due, not only with the next sweep."""
        with self._lock:
            ticker = self._ticker
            if ticker is None or self._stopping or (self._wakes_at is not None and self._wakes_at <= due):
                return
            self._wakes_at = due
        ticker.add_job(self._wake, "date", run_date=due, id="timer", replace_existing=True)

    def _wake(self) -> None:
        with self._lock:
            self._wakes_at = None
        self.sweep()

    def sweep(self) -> None:
        """Find jobs of our own that are due and that nobody works on: timers, and those whose hint or process was
        lost."""
        try:
            found = self._engine.due_jobs(self.PORTION)
            with self._lock:
                self._more = len(found) >= self.PORTION
            for job_id in found:
                self.hint(job_id)
            self._engine.give_up_jobs()
            following = self._engine.next_due()
            if following is not None:
                self.wake_at(following)
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
        more = self._begun(job_id)
        if self._stopping:
            return
        try:
            self._engine.run_job(job_id)
        except EngineError as failure:
            _log.warning("job %s: %s", job_id, failure)
        except Exception:
            # The lease runs out and the job is tried again, a bounded number of times.
            _log.exception("job %s failed", job_id)
        if more:
            self.sweep()

    def _begun(self, job_id: str) -> bool:
        """Whether it was the last of a full portion."""
        with self._lock:
            self._underway.discard(job_id)
            last = self._more and not self._underway
            if last:
                self._more = False
            return last
