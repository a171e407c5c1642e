"""Structured logs, and the request id that ties an answer to its lines."""

from __future__ import annotations

import contextlib
import logging
import re
import sys
import time
import uuid
from typing import Any, TextIO, cast

import msgspec
import structlog
from flask import Flask, Response, g, request

_GOOD_ID = re.compile(r"[A-Za-z0-9._:-]{1,100}")
_QUIET = ("/health", "/metrics")


def configure(level: str, form: str, stream: TextIO | None = None) -> None:
    """Send our lines and those of the libraries to standard error, as JSON or for people."""
    stream = stream or sys.stderr
    json = form == "json" or (form == "auto" and not stream.isatty())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: Any
    if json:
        shared.append(structlog.processors.format_exc_info)
        renderer = structlog.processors.JSONRenderer(serializer=_encode)
    else:
        renderer = structlog.dev.ConsoleRenderer(
            colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    # Our own lines go straight to the stream: there is one for every request, and the way through `logging` would
    # cost more than all other work of a small request.
    structlog.configure(
        processors=[*shared, renderer],
        logger_factory=structlog.WriteLoggerFactory(cast(TextIO, _Unbreakable(stream))),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    # These tell of every tick and of every plug-in at "info".
    for chatty in ("apscheduler", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


class _Unbreakable:
    """A stream whose reader may have gone: then lines are lost, but no request fails for it."""

    def __init__(self, stream: TextIO):
        self._stream = stream

    def write(self, line: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._stream.write(line)

    def flush(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._stream.flush()


def logger(name: str) -> Any:
    """A logger of ours."""
    return structlog.get_logger().bind(logger=name)


def _encode(line: dict[str, Any], **_: Any) -> str:
    return msgspec.json.encode(line, enc_hook=repr).decode()


def install(app: Flask) -> None:
    """Give every request an id, take a sensible one from the client, and log how it went."""
    log = logger("signalbox.requests")

    @app.before_request
    def begin() -> None:
        given = request.headers.get("X-Request-Id", "")
        g.request_id = given if _GOOD_ID.fullmatch(given) else uuid.uuid4().hex
        g.started = time.perf_counter()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=g.request_id)

    @app.after_request
    def end(answer: Response) -> Response:
        answer.headers["X-Request-Id"] = g.get("request_id", "")
        level = logging.DEBUG if request.path in _QUIET else logging.INFO
        actor = g.get("actor")
        log.log(
            level,
            "request",
            method=request.method,
            path=request.path,
            status=answer.status_code,
            ms=round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000, 1),
            actor=actor.name if actor else None,
            remote=request.remote_addr,
        )
        return answer
