"""The engine: every change goes through `execute`, every question through `read`.

`execute` is the one way through the house. A handler reads and decides; what it decided is computed with no lock held
and written in one short transaction; whoever finds the version changed starts over, here, with a bound.
"""

from __future__ import annotations

import itertools
import logging
import random
import secrets
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import bpmn
from engine import (
    ad_hoc,
    advance,
    commands,
    data_stores,
    deployments,
    drafts,
    incidents,
    job_kinds,
    jobs,
    messages,
    people,
    process_instances,
    rights,
    signals,
    user_tasks,
)
from engine import queries as q
from engine.actors import DEFAULT_TENANT, Actor
from engine.clock import Clock
from engine.decisions import Answer, Decision, Move, Raced, Write
from engine.definitions import Definitions
from engine.errors import Conflict, Invalid, TooLarge
from engine.evaluation import Evaluation
from engine.executions import LiveExecutions
from engine.identity import Identity
from engine.reading import Reading
from engine.records import Totals
from engine.settings import Settings
from engine.store import events, migration
from engine.store import jobs as stored_jobs
from engine.store import messages as stored_messages
from engine.store.database import Connection, Database, Interlocked
from engine.store.totals import totals
from engine.turns import Turns
from engine.views import VIEWS
from engine.wakeups import WakeUps
from engine.work import UnitOfWork

if TYPE_CHECKING:
    from engine.executor import Background

Handler = Callable[[Any, Actor, Reading], Decision]

_log = logging.getLogger("engine")


class Engine:
    """One per process, shared by its threads. Nothing runs in the background before `start_background`."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        evaluator: bpmn.Evaluator,
        clock: Clock,
        releases: Sequence[Callable[[], None]] = (),
    ):
        """`releases`: what to call when the engine closes."""
        self.settings = settings
        self.database = database
        self.clock = clock
        self.identity = Identity(
            database,
            clock,
            session_seconds=settings.session_seconds,
            session_idle_seconds=settings.session_idle_seconds,
        )
        self.wakeups = WakeUps()
        self._evaluator = Evaluation(evaluator)
        self._releases = releases
        self._definitions = Definitions(settings.definition_cache)
        self._kept = LiveExecutions(settings.execution_cache)
        self._turns = Turns()
        self._background: Background | None = None
        self._steps = itertools.count(1)
        self.steps = 0  #: steps committed since this engine was opened
        self._handlers = self._handler_table()

    def _handler_table(self) -> Mapping[type[commands.Command], Handler]:
        """The one table from command to what decides it."""
        c, settings = commands, self.settings
        return {
            c.Deploy: partial(deployments.deploy, settings=settings, evaluator=self._evaluator),
            c.CheckDiagram: partial(deployments.check, settings=settings),
            c.StartProcessInstance: partial(process_instances.start, settings=settings),
            c.CancelProcessInstance: process_instances.cancel,
            c.SuspendProcessInstance: process_instances.suspend,
            c.ResumeProcessInstance: process_instances.resume,
            c.SetVariables: partial(process_instances.set_variables, settings=settings),
            c.ClaimUserTask: user_tasks.claim,
            c.UnclaimUserTask: user_tasks.unclaim,
            c.AssignUserTask: user_tasks.assign,
            c.CompleteUserTask: partial(user_tasks.complete, settings=settings),
            c.EndUserTaskWithError: partial(user_tasks.end_with_error, settings=settings),
            c.EscalateUserTask: user_tasks.escalate,
            c.StartActivity: partial(ad_hoc.start, settings=settings),
            c.CompleteAdHoc: ad_hoc.complete,
            c.FetchJobs: partial(jobs.fetch, lease_now=self.database.lease_now, kept=self._kept),
            c.CompleteJob: partial(jobs.complete, settings=settings),
            c.FailJob: jobs.fail,
            c.EndJobWithError: partial(jobs.end_with_error, settings=settings),
            c.ExtendJob: jobs.extend,
            c.UnlockJob: jobs.unlock,
            c.RetryJob: jobs.retry,
            c.CorrelateMessage: partial(messages.correlate, settings=settings, evaluator=self._evaluator),
            c.BroadcastSignal: partial(signals.broadcast, settings=settings),
            c.RetryIncident: incidents.retry,
            c.SetDataStore: partial(data_stores.set_value, settings=settings),
            **drafts.HANDLERS,
            **people.HANDLERS,
        }

    # --- the two doors -----------------------------------------------------------------------------------------------
    def execute(self, command: commands.Command, actor: Actor) -> Any:
        """Carry out a command and answer with its record. Raises the errors of `engine.errors`."""
        rights.require(actor, type(command))
        handler = self._handlers[type(command)]
        answer = self._run(lambda reading: handler(command, actor, reading))
        if type(command) in people.HANDLERS:
            self.identity.forget()
        return answer

    def read(self, query: q.Query, actor: Actor) -> Any:
        """Answer a question with a record or a page of records. Raises the errors of `engine.errors`."""
        rights.require(actor, type(query))
        with self.database.read() as connection:
            return VIEWS[type(query)](query, actor, self._reading(connection))

    # --- the way of a command ----------------------------------------------------------------------------------------
    def _run(self, decide: Callable[[Reading], Decision]) -> Any:
        for attempt in range(self.settings.start_over_limit):
            if attempt:
                # A little longer each time, and never two in step.
                time.sleep(random.uniform(0, min(0.001 * 2**attempt, 0.05)))  # noqa: S311
            try:
                return self._attempt(decide)
            except (Raced, Interlocked):
                _log.debug("lost a race; starting over (attempt %d)", attempt + 2)
        raise Conflict("somebody else kept changing this at the same time; try again")

    def _attempt(self, decide: Callable[[Reading], Decision]) -> Any:
        """Read, decide, compute, write. Raises `Raced` when what was read is outdated by then."""
        with self._turns.turn() as turn:
            while True:
                prepared = None
                with self.database.read() as connection:
                    reading = self._reading(connection)
                    decision = decide(reading)
                    if isinstance(decision, Move) and turn.take_now(decision.instance.id):
                        prepared = advance.prepare(reading, decision, self._kept)
                if isinstance(decision, Answer):
                    return decision.record
                if isinstance(decision, Write):
                    return self._write(decision)
                if prepared is not None:
                    return self._move(decision, prepared)
                turn.wait(decision.instance.id)

    def _move(self, move: Move, prepared: advance.Prepared) -> Any:
        try:
            computed = advance.compute(move, prepared, self._evaluator, self.clock, self.settings)
        except bpmn.NotWaiting as gone:
            if move.lapsed is not None:
                return self._write(Write(move.lapsed))
            raise Conflict(str(gone)) from gone
        with self.database.write() as connection:
            work = UnitOfWork(self.database, connection, self.clock)
            after = advance.apply(work, computed)
            work.finish()
        if after.ended_at is None:
            self._kept.keep(after.id, after.version, prepared.live)
        self.steps = next(self._steps)
        self._tell(work)
        answer = move.answer(after)
        if move.then is None:
            return answer
        with self.database.read() as connection:
            return move.then(self._reading(connection), answer)

    def _write(self, decision: Write) -> Any:
        with self.database.write() as connection:
            work = UnitOfWork(self.database, connection, self.clock)
            answer = decision.write(work)
            work.finish()
        self._tell(work)
        if decision.then is None:
            return answer
        with self.database.read() as connection:
            return decision.then(self._reading(connection), answer)

    def _tell(self, work: UnitOfWork) -> None:
        """After the commit: wake who waits, and hint at the jobs of our own. A hint that is lost costs time only."""
        if work.events or work.topics:
            self.wakeups.stream_grew(work.topics)
        if self._background is not None:
            for job_id in work.own_jobs:
                self._background.hint(job_id)
            if work.due:
                self._background.wake_at(min(work.due))

    def _reading(self, connection: Connection) -> Reading:
        return Reading(
            connection, self.clock, self._definitions.over(connection), self.database.dialect, self.settings.data_stores
        )

    # --- jobs of our own, run by the executor ------------------------------------------------------------------------
    def due_jobs(self, limit: int = 1_000) -> list[str]:
        """Ids of jobs of our own that are due and that nobody works on, the longest due first."""
        with self.database.read() as connection:
            return stored_jobs.due(connection, self.database.lease_now(connection), self.clock.now(), limit)

    def next_due(self) -> datetime | None:
        """When the next timer is due, after those that are due already."""
        with self.database.read() as connection:
            return stored_jobs.next_due(connection, self.clock.now())

    def run_job(self, job_id: str) -> bool:
        """Claim a job of our own and do it; False when another was quicker."""
        token = secrets.token_hex(16)
        with self.database.write() as connection:
            now = self.database.lease_now(connection)
            until = now + timedelta(seconds=self.settings.job_lease_seconds)
            if not stored_jobs.claim(connection, job_id, token, now, self.clock.now(), until):
                return False
        try:
            self._run(lambda reading: job_kinds.run(job_id, token, reading))
        except (Invalid, TooLarge) as refused:  # tried again it would end the same way
            words = refused.message
            self._run(lambda reading: job_kinds.refuse(job_id, token, words, reading))
        return True

    def give_up_jobs(self) -> int:
        """Open an incident for each job of our own that was tried in vain too often; how many."""
        with self.database.read() as connection:
            given_up = stored_jobs.exhausted(connection, self.database.lease_now(connection), 100)
        for job_id in given_up:
            self._run(partial(job_kinds.give_up, job_id))
        return len(given_up)

    def keep_house(self) -> None:
        """Forget what nobody will ask for again."""
        before = self.clock.now() - timedelta(seconds=self.settings.job_result_seconds)
        with self.database.write() as connection:
            stored_jobs.forget_results(connection, before)
            stored_messages.forget(connection, self.clock.now())
        self.identity.remove_ended_sessions()

    def start_background(self) -> None:
        """Run the sweep, the housekeeping and the continuations in threads of this process."""
        from engine.executor import Background

        if self._background is None:
            self._background = Background(self)
            self._background.start()

    def close(self) -> None:
        """Finish what runs, let everybody who waits go, and give back connections and workers."""
        self.wakeups.close()
        if self._background is not None:
            self._background.stop()
            self._background = None
        for release in self._releases:
            release()
        self.database.close()

    # --- waiting -----------------------------------------------------------------------------------------------------
    def wait_for_jobs(self, topics: Iterable[str], timeout_seconds: float, tenant_id: str = DEFAULT_TENANT) -> bool:
        """Wait until a job of these topics may be fetched in the tenant, at most so long."""
        names = sorted(set(topics))

        def available() -> bool:
            with self.database.read() as connection:
                now = self.database.lease_now(connection)
                return stored_jobs.any_available(connection, tenant_id, names, now)

        return self.wakeups.wait_for_topics(names, available, timeout_seconds)

    def wait_for_events(self, after: str, timeout_seconds: float) -> bool:
        """Wait until the stream holds something behind the cursor, at most so long."""

        def grown() -> bool:
            with self.database.read() as connection:
                return events.grown(connection, after)

        return self.wakeups.wait_for_growth(grown, timeout_seconds)

    def events_cursor(self) -> str:
        """The end of the stream now."""
        with self.database.read() as connection:
            return events.end(connection)

    # --- health ------------------------------------------------------------------------------------------------------
    def database_ready(self) -> bool:
        """Whether the database answers."""
        return self.database.ready()

    def schema_state(self) -> migration.SchemaState:
        """How the database's schema stands to this version of ours."""
        with self.database.read() as connection:
            return migration.schema_state_of(connection)

    def totals(self) -> Totals:
        """How much there is of what is not finished, over all tenants; for who watches this server, not for actors."""
        with self.database.read() as connection:
            return totals(connection, self.database.lease_now(connection))
