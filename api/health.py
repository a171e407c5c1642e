"""`/health`: whether the process, its database and the database's schema are fit to work."""

from __future__ import annotations

from typing import Literal

from flask import Flask, Response

from engine import Engine, errors
from engine.records import Record

from . import encoding


class Health(Record, frozen=True, kw_only=True):
    """`schema`: how the database's schema stands to this version."""

    status: Literal["ok", "unavailable"]
    database: Literal["ok", "unavailable"]
    schema: Literal["current", "missing", "older", "newer", "unknown"]


def examine(engine: Engine) -> Health:
    """Look at the database now."""
    try:
        ready = engine.database_ready()
        schema = engine.schema_state() if ready else "unknown"
    except errors.Unavailable:
        ready, schema = False, "unknown"
    fit = ready and schema == "current"
    return Health(status="ok" if fit else "unavailable", database="ok" if ready else "unavailable", schema=schema)


def install(app: Flask, engine: Engine) -> None:
    """Serve `/health`, to anybody."""

    @app.get("/health", endpoint="health")
    def show() -> Response:
        health = examine(engine)
        answer = encoding.answer(health, 200 if health.status == "ok" else 503)
        answer.headers["Cache-Control"] = "no-store"
        return answer
