"""`signalbox serve` and `signalbox migrate`."""

from __future__ import annotations

import argparse

from .. import config as configuration
from . import terminal

_ALL = tuple(configuration.Config.__struct_fields__)


def add(commands: terminal.Commands) -> None:
    """Declare the commands."""
    serve = terminal.command(
        commands,
        "serve",
        run_serve,
        "Serve the browser app and the API, and run the processes",
        "A SQLite database is made and brought up to date by itself.",
    )
    terminal.takes_settings(serve, *_ALL)
    serve.add_argument("--migrate", action="store_true", help="bring a PostgreSQL database up to date first")
    migrate = terminal.command(commands, "migrate", run_migrate, "Bring the database up to date with this version")
    terminal.takes_settings(migrate, "database_url")


def run_serve(given: argparse.Namespace) -> int:
    """Serve until stopped."""
    config = terminal.settings(given)
    from .. import logs
    from ..serving import address_of, leave, listen, serve

    with listen(config) as listener:
        logs.configure(config.log_level, config.log_format)
        from .. import create_app
        from ..context import EXTENSION, Doors
        from ..opening import open_ready_engine

        engine = open_ready_engine(config, may_migrate=given.migrate, in_child=True)
        try:
            app = create_app(engine, config)
            engine.start_background()
            parts: Doors = app.extensions[EXTENSION]
            terminal.say(f"Signalbox is ready at {address_of(listener, config)} (Ctrl-C stops it)")
            serve(listener, app, config, parts.let_go)
        finally:
            engine.close()
    leave()
    return 0


def run_migrate(given: argparse.Namespace) -> int:
    """Migrate and say what was done."""
    config = terminal.settings(given)
    from engine import migrate, open_engine

    from ..opening import NotReady, settings_of, shown

    engine = open_engine(settings_of(config))
    try:
        if not engine.database_ready():
            raise NotReady(f"The database {shown(config.database_url)} does not answer.")
        before = engine.schema_state()
        migrate(settings_of(config))
    finally:
        engine.close()
    done = {"current": "is up to date already", "missing": "was set up"}.get(before, "was brought up to date")
    terminal.say(f"The database {shown(config.database_url)} {done}.")
    return 0
