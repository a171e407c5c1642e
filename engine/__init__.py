"""The service: commands and queries over process instances, and what makes them last.

    engine = open_engine(Settings(database_url="sqlite:///signalbox.sqlite3"))
    engine.execute(commands.StartProcessInstance(definition_key="expense"), actor)   # → records.ProcessInstance
    engine.read(queries.ListUserTasks(view="mine"), actor)                           # → records.Page of UserTask

Doors import from here and from `engine.commands`, `queries`, `records`, `errors` and `actors`; nothing else is theirs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.engine import Engine
from engine.settings import Settings

if TYPE_CHECKING:
    from bpmn import Evaluator
    from engine.clock import Clock
    from engine.evaluators import CompiledFirst

__all__ = ["Engine", "Settings", "migrate", "open_engine"]


def open_engine(settings: Settings, *, clock: Clock | None = None, evaluator: Evaluator | None = None) -> Engine:
    """An engine over the settings' database. Nothing is started; call `close` in the end.

    A `clock` of one's own also decides about leases, which PostgreSQL's clock does otherwise.
    """
    from engine.clock import SystemClock
    from engine.store.database import Database

    database = Database(
        settings.database_url,
        pool=settings.database_pool,
        overflow=settings.database_pool_overflow,
        wait_seconds=settings.database_wait_seconds,
        lease_clock=clock,
    )
    if evaluator is not None:
        return Engine(settings, database, evaluator, clock or SystemClock())
    sandbox = _sandbox(settings)
    return Engine(settings, database, sandbox, clock or SystemClock(), [sandbox.close])


def migrate(settings: Settings) -> None:
    """Build or upgrade the schema of the settings' database."""
    from engine.store import migration

    migration.migrate(settings.database_url)


def _sandbox(settings: Settings) -> CompiledFirst:
    from engine.evaluators import CompiledFirst, SandboxEvaluator, SandboxLimits

    limits = SandboxLimits(time_seconds=settings.script_seconds, memory_bytes=settings.script_memory_bytes)
    isolated = settings.script_isolation == "bubblewrap"
    return CompiledFirst(SandboxEvaluator(limits=limits, processes=settings.sandbox_processes, isolated=isolated))
