"""Who calls: session cookies of browsers, bearer tokens of machines, and the checks against other sites' pages.

Everything asks for somebody who is signed in, but for what is declared open. Who may do what is the engine's business.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from urllib.parse import urlsplit

import msgspec
from flask import Flask, Response, g, request

from engine.actors import Actor
from engine.records import Record

from .context import config, engine
from .problems import CrossSite, Unauthenticated

_SAFE = ("GET", "HEAD", "OPTIONS")


class Credentials(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a person signs in with."""

    name: str
    password: str


class SessionUser(Record, frozen=True, kw_only=True):
    """The person of a session."""

    name: str
    display_name: str
    roles: list[str]
    groups: list[str]
    tenant_id: str


class Session(Record, frozen=True, kw_only=True):
    """A browser's session. The token goes into the header `X-CSRF-Token` of every unsafe call."""

    user: SessionUser
    csrf_token: str


def current_actor() -> Actor:
    """Who made the current request."""
    actor: Actor | None = g.get("actor")
    if actor is None:
        raise Unauthenticated("Sign in, or send a token: `Authorization: Bearer <token>`.")
    return actor


def session_secret() -> str | None:
    """The session cookie of the current request."""
    return request.cookies.get(config().session_cookie)


def guard(app: Flask, is_open: Callable[[str], bool]) -> None:
    """Let nobody unknown past, except to the endpoints that `is_open` names."""

    @app.before_request
    def require_somebody() -> None:
        endpoint = request.endpoint
        if endpoint is None or is_open(endpoint):
            return
        g.actor = identify()


def identify() -> Actor:
    """The actor of the current request, by token or by session; an unsafe call of a session proves its origin."""
    header = request.headers.get("Authorization", "")
    scheme, _, secret = header.partition(" ")
    if header:
        actor = engine().identity.token(secret.strip()) if scheme.lower() == "bearer" else None
        if actor is None:
            raise Unauthenticated("The token is not known, was revoked or has expired.")
        return actor
    cookie = session_secret()
    session = engine().identity.session(cookie) if cookie else None
    if session is None:
        raise Unauthenticated("Sign in, or send a token: `Authorization: Bearer <token>`.")
    if request.method not in _SAFE:
        check_origin()
        given = request.headers.get("X-CSRF-Token", "")
        if not hmac.compare_digest(given.encode(), session.csrf_token.encode()):
            raise CrossSite("The header X-CSRF-Token must carry the csrf_token that GET /api/v1/session answers.")
    return session.actor


def check_origin() -> None:
    """Refuse a browser that came from the page of another site."""
    origin = request.headers.get("Origin")
    if origin is None:
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
            raise CrossSite("This call came from the page of another site.")
        return
    if origin not in _own_origins():
        raise CrossSite(
            f"This call came from a page of {origin}, which is not this server. If it is, behind a proxy, set "
            "SIGNALBOX_PUBLIC_URL to the address that browsers use."
        )


def _own_origins() -> set[str]:
    origins = {f"{request.scheme}://{request.host}"}
    if public := config().public_url:
        parts = urlsplit(public)
        origins.add(f"{parts.scheme}://{parts.netloc}")
    return origins


def set_cookie(answer: Response, secret: str) -> None:
    """Hand the session to the browser: out of reach of scripts, and not sent along from other sites' forms."""
    answer.set_cookie(config().session_cookie, secret, httponly=True, samesite="Lax", secure=_secure())


def clear_cookie(answer: Response) -> None:
    """Take the session from the browser."""
    answer.delete_cookie(config().session_cookie, httponly=True, samesite="Lax", secure=_secure())


def _secure() -> bool:
    return config().secure or request.is_secure
