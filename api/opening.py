"""Opens the engine by the configuration, its database at the right schema or refused in plain words."""

from __future__ import annotations

import os

from engine import Engine, Settings, migrate, open_engine

from .config import Config


class NotReady(Exception):
    """The database cannot be worked with as it is; the message says what to do."""


def settings_of(config: Config) -> Settings:
    """What the engine needs to know of the configuration."""
    return Settings(
        database_url=config.database_url,
        max_file_bytes=config.max_upload_bytes,
        max_variables_bytes=config.max_variables_bytes,
        loop_limit=config.loop_limit,
        data_stores=config.data_store_names,
        script_isolation=config.script_isolation,
    )


def open_ready_engine(config: Config, *, may_migrate: bool = False, in_child: bool = False) -> Engine:
    """The engine on a database whose schema is current. A database file of our own is brought up to date unasked;
    a server's only with `may_migrate`, for others may be using it. `in_child`: migrate in a process of its own, so
    that this one, where no thread may run yet, does not carry Alembic for the rest of its life."""
    settings = settings_of(config)
    engine = open_engine(settings)
    try:
        if not engine.database_ready():
            raise NotReady(
                f"The database {shown(config.database_url)} does not answer. Is it running, and is the address right? "
                "It is set by --database-url or SIGNALBOX_DATABASE_URL."
            )
        state = engine.schema_state()
        if state == "current":
            return engine
        if state == "newer":
            raise NotReady(
                f"The database {shown(config.database_url)} was made by a newer version of Signalbox. Install that "
                "version, or one after it."
            )
        if not (may_migrate or config.embedded):
            what = "is empty" if state == "missing" else "has the schema of an older version"
            raise NotReady(
                f"The database {shown(config.database_url)} {what}. Run `signalbox migrate`, or start with --migrate."
            )
    except BaseException:
        engine.close()
        raise
    engine.close()
    if not (in_child and _migrated_in_child(settings)):
        migrate(settings)
    return open_engine(settings)


def _migrated_in_child(settings: Settings) -> bool:
    """Migrate in a forked process; False where that did not work, and is to be tried (and to fail) in this one."""
    if not hasattr(os, "fork"):
        return False
    child = os.fork()
    if child == 0:
        code = 1
        try:
            migrate(settings)
            code = 0
        finally:
            os._exit(code)
    return os.waitpid(child, 0)[1] == 0


def shown(database_url: str) -> str:
    """An address without its password."""
    before, at, after = database_url.rpartition("@")
    if not at:
        return database_url
    scheme, _, credentials = before.partition("://")
    return f"{scheme}://{credentials.partition(':')[0]}@{after}"
