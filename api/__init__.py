"""The doors of Signalbox: REST, WebSocket, the browser app's files, and the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from engine import Engine

    from .config import Config


def create_app(engine: Engine, config: Config) -> Flask:
    """The Flask app in front of an engine. It starts nothing in the background; `api.serving` does."""
    from .app import build

    return build(engine, config)
