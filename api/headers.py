"""Headers that keep a browser from being turned against its user."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

Environ = dict[str, Any]

# bpmn-js sets inline styles on the shapes it draws; scripts come from our own files only.
_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)


_ALWAYS = [
    ("Content-Security-Policy", _POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
]
_NOT_KEPT = ("Cache-Control", "no-store")
_HTTPS_ONLY = ("Strict-Transport-Security", "max-age=31536000")


class Hardened:
    """Puts the headers on every answer, outside of Flask, where they cost a list and not a check each."""

    def __init__(self, app: Callable[[Environ, Any], Iterable[bytes]], *, secure: bool):
        self._app = app
        self._secure = secure

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            headers = headers + _ALWAYS
            if self._secure or environ["wsgi.url_scheme"] == "https":
                headers.append(_HTTPS_ONLY)
            if environ["PATH_INFO"].startswith("/api/") and all(name != "Cache-Control" for name, _ in headers):
                headers.append(_NOT_KEPT)
            return start_response(status, headers, *more)

        return self._app(environ, start)
