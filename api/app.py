"""Puts the app together: each part installs itself."""

from __future__ import annotations

from typing import Any, cast

from flask import Blueprint, Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from engine import Engine

from . import headers, health, logs, metrics, openapi, problems, sign_in, ui, websocket
from .config import Config
from .context import EXTENSION, Doors
from .fan_out import Hub
from .limits import Places
from .long_polls import LongPolls
from .routes import ALL

# What anybody may see: whether the server is fit, the files of the browser app, and what the API looks like.
_OPEN = frozenset(
    ("health", "ui", "ui_inside", "ui_assets", "ui_file", "openapi", "docs", "docs_page_css", "docs_docs_js")
)


def build(engine: Engine, config: Config) -> Flask:
    """The app in front of an engine."""
    app = Flask("api", static_folder=None)
    app.json.compact = True  # type: ignore[attr-defined]
    hub = Hub(engine, config.max_sockets)
    long_polls = LongPolls(engine, config.max_long_polls)
    # Checking a password takes long on purpose: a flood of sign-ins must not take the threads of everybody else.
    sign_ins = Places(config.http_threads, "people who sign in")
    app.extensions[EXTENSION] = Doors(engine, config, hub, long_polls, sign_ins)

    rest = Blueprint("rest", __name__, url_prefix="/api/v1")
    open_endpoints = set(_OPEN)
    for noun in ALL:
        blueprint = noun.blueprint()
        rest.register_blueprint(blueprint)
        open_endpoints |= {f"rest.{blueprint.name}.{call.name}" for call in noun if call.open}

    problems.install(app)
    logs.install(app)
    sign_in.guard(app, open_endpoints.__contains__)
    websocket.install(app, engine, hub, config.heartbeat_seconds)
    metrics.install(app, engine, hub, long_polls)
    health.install(app, engine)
    openapi.install(app, ALL)
    app.register_blueprint(rest)
    ui.install(app)

    wsgi: Any = headers.Hardened(websocket.WithoutExtensions(app.wsgi_app), secure=config.secure)
    if config.trusted_proxies:
        hops = config.trusted_proxies
        wsgi = ProxyFix(wsgi, x_for=hops, x_proto=hops, x_host=hops)
    app.wsgi_app = cast(Any, wsgi)  # type: ignore[method-assign]
    return app
