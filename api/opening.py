"""Opens the engine by the configuration, its database at the right schema or refused in plain words."""

from __future__ import annotations

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
    )


def open_ready_engine(config: Config, *, may_migrate: bool = False) -> Engine:
    """The engine on a database whose schema is current. A database file of our own is brought up to date unasked;
    a server's only with `may_migrate`, for others may be using it."""
    engine = open_engine(settings_of(config))
    try:
        if not engine.database_ready():
            raise NotReady(
                f"The database {shown(config.database_url)} does not answer. Is it running, and is the address right? "
                "It is set by --database-url or SIGNALBOX_DATABASE_URL."
            )
        state = engine.schema_state()
        if state == "newer":
            raise NotReady(
                f"The database {shown(config.database_url)} was made by a newer version of Signalbox. Install that "
                "version, or one after it."
            )
        if state != "current":
            if not (may_migrate or config.embedded):
                what = "is empty" if state == "missing" else "has the schema of an older version"
                raise NotReady(
                    f"The database {shown(config.database_url)} {what}. Run `signalbox migrate`, or start with "
                    "--migrate."
                )
            migrate(settings_of(config))
    except BaseException:
        engine.close()
        raise
    return engine


def shown(database_url: str) -> str:
    """An address without its password."""
    before, at, after = database_url.rpartition("@")
    if not at:
        return database_url
    scheme, _, credentials = before.partition("://")
    return f"{scheme}://{credentials.partition(':')[0]}@{after}"
