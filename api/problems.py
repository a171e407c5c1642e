"""What goes wrong, as browsers and machines see it: RFC 9457 problem+json, and the one table from error to status."""

from __future__ import annotations

import math
from http import HTTPStatus
from typing import Any

import msgspec
from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from engine import errors

from . import logs

MEDIA_TYPE = "application/problem+json"


class Unauthenticated(errors.EngineError):
    """Nobody, or somebody whose session or token is over."""

    code = "unauthenticated"


class CrossSite(errors.Forbidden):
    """An unsafe call of a browser without the session's CSRF token, or from another site."""

    code = "cross_site"


class UnsupportedMedia(errors.EngineError):
    """A body of a kind the call does not take."""

    code = "unsupported_media_type"


class TooManyRequests(errors.EngineError):
    """Every place to wait in is taken; `extra["retry_after_seconds"]` says when to come again."""

    code = "too_many_requests"


class TooSlow(errors.EngineError):
    """The body did not arrive in time."""

    code = "request_timeout"


# The first row that fits an error decides: subclasses stand before their bases.
TABLE: tuple[tuple[type[errors.EngineError], HTTPStatus, str], ...] = (
    (Unauthenticated, HTTPStatus.UNAUTHORIZED, "Sign in first"),
    (errors.SignInFailed, HTTPStatus.UNAUTHORIZED, "Not signed in"),
    (CrossSite, HTTPStatus.FORBIDDEN, "Refused to protect the session"),
    (errors.Forbidden, HTTPStatus.FORBIDDEN, "Not allowed"),
    (errors.NotFound, HTTPStatus.NOT_FOUND, "Not found"),
    (errors.Refused, HTTPStatus.UNPROCESSABLE_ENTITY, "The deployment is refused"),
    (errors.Invalid, HTTPStatus.BAD_REQUEST, "The request is not valid"),
    (errors.AlreadyClaimed, HTTPStatus.CONFLICT, "Somebody else holds the task"),
    (errors.LockLost, HTTPStatus.CONFLICT, "The lock is lost"),
    (errors.VersionConflict, HTTPStatus.CONFLICT, "Changed in the meantime"),
    (errors.Conflict, HTTPStatus.CONFLICT, "Not possible in this state"),
    (errors.TooLarge, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "Too large"),
    (UnsupportedMedia, HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Content type not supported"),
    (errors.TooManyAttempts, HTTPStatus.TOO_MANY_REQUESTS, "Too many attempts"),
    (TooManyRequests, HTTPStatus.TOO_MANY_REQUESTS, "Too many requests"),
    (TooSlow, HTTPStatus.REQUEST_TIMEOUT, "The request took too long to arrive"),
    (errors.Unavailable, HTTPStatus.SERVICE_UNAVAILABLE, "Not available right now"),
)


def status_of(error: errors.EngineError | type[errors.EngineError]) -> tuple[HTTPStatus, str]:
    """The status and title of an error, or of a kind of error."""
    kind = error if isinstance(error, type) else type(error)
    for row, status, title in TABLE:
        if issubclass(kind, row):
            return status, title
    return HTTPStatus.INTERNAL_SERVER_ERROR, "Internal error"


def problem(status: int, code: str, title: str, detail: str, **extra: Any) -> Response:
    """A problem+json answer about the current request."""
    body = {
        **extra,
        "type": f"urn:signalbox:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": request.path,
        "request_id": g.get("request_id"),
    }
    answer = Response(msgspec.json.encode(body), status, content_type=MEDIA_TYPE)
    if status == HTTPStatus.UNAUTHORIZED:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="signalbox"'
    if "retry_after_seconds" in extra:
        answer.headers["Retry-After"] = str(max(1, math.ceil(extra["retry_after_seconds"])))
    return answer


def of(error: errors.EngineError) -> Response:
    """The answer to an error of the engine or of the doors."""
    status, title = status_of(error)
    return problem(status, error.code, title, error.message, **error.extra)


def _http_error(error: HTTPException) -> Response:
    if error.response is not None or error.code is None or error.code < 400:
        return Response(error.get_body(), error.code, error.get_headers())  # a redirect
    status = HTTPStatus(error.code)
    code = status.name.lower()
    answer = problem(status, code, status.phrase, error.description or status.description)
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            answer.headers[name] = value
    return answer


def _bug(error: Exception) -> Response:
    logs.logger("signalbox.api").exception("request failed", method=request.method, path=request.path)
    return problem(
        500, "internal", "Internal error", "This is a fault of the server. Its log names it under the request id."
    )


def install(app: Flask) -> None:
    """Answer every error of every route as a problem."""
    app.register_error_handler(errors.EngineError, of)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _bug)
