"""Signing in and out, for browsers."""

from __future__ import annotations

from flask import Response

from engine import errors
from engine.records import User

from .. import encoding, sign_in
from ..calls import Calls, json_body
from ..context import doors, engine
from ..problems import CrossSite, TooManyRequests, Unauthenticated

calls = Calls("Session", "Signing in with a name and a password: a cookie, and a CSRF token for unsafe calls.")


@calls.view(
    "POST",
    "/session",
    "Sign in",
    sign_in.Session,
    sends=sign_in.Credentials,
    body="json",
    open=True,
    refuses=(errors.SignInFailed, errors.TooManyAttempts, TooManyRequests, CrossSite),
)
def begin() -> Response:
    sign_in.check_origin()
    credentials = encoding.convert(json_body(), sign_in.Credentials)
    before = sign_in.session_secret()
    with doors().sign_ins.one():
        session = engine().identity.sign_in(credentials.name, credentials.password, replaces=before)
    if before:
        doors().hub.end_session(before)
    answer = encoding.answer(_session(session.user, session.csrf_token))
    sign_in.set_cookie(answer, session.secret)
    return answer


@calls.view("GET", "/session", "Who is signed in", sign_in.Session)
def show() -> Response:
    secret = sign_in.session_secret()
    session = engine().identity.session(secret) if secret else None
    if session is None:
        raise Unauthenticated("Nobody is signed in here. A token has no session.")
    return encoding.answer(_session(session.user, session.csrf_token))


@calls.view("DELETE", "/session", "Sign out", None, status=204)
def end() -> Response:
    secret = sign_in.session_secret()
    if secret:
        engine().identity.sign_out(secret)
        doors().hub.end_session(secret)
    answer = encoding.answer(None)
    sign_in.clear_cookie(answer)
    return answer


def _session(user: User, csrf_token: str) -> sign_in.Session:
    return sign_in.Session(
        user=sign_in.SessionUser(
            name=user.name,
            display_name=user.display_name,
            roles=user.roles,
            groups=user.groups,
            tenant_id=user.tenant_id,
        ),
        csrf_token=csrf_token,
    )
