"""For a web server of your own: `gunicorn --worker-class gthread --threads 600 "api.wsgi:application()"`.

Each worker process opens its own engine, so do not preload the app before the workers are forked.
"""

from __future__ import annotations

import atexit
from typing import TYPE_CHECKING

from . import config as configuration

if TYPE_CHECKING:
    from flask import Flask


def application() -> Flask:
    """The app by the environment's settings, its engine running; refuses a database that is not migrated."""
    from . import create_app, logs
    from .opening import open_ready_engine

    config = configuration.load()
    logs.configure(config.log_level, config.log_format)
    engine = open_ready_engine(config)
    engine.start_background()
    atexit.register(engine.close)
    return create_app(engine, config)
