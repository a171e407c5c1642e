"""Who is at the door: signing in with a password, sessions of browsers, tokens of machines.

Secrets are 32 random bytes; only their SHA-256 is stored, so the database does not let anyone in. What a secret stands
for is remembered for a few seconds, so that a busy browser or worker costs one query every five seconds; a session
ended elsewhere may thus live on here for as long.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import threading
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Generic, TypeVar

import msgspec

from engine.actors import SYSTEM, Actor, Role
from engine.attempts import Attempts
from engine.clock import Clock
from engine.errors import SignInFailed, Unavailable
from engine.passwords import hash_password, is_outdated, verify_password
from engine.records import User
from engine.store import identity as store
from engine.store.database import Database

TOKEN_PREFIX = "sbt_"  # so that scanners recognise a leaked token  # noqa: S105

_REMEMBERED_FOR = timedelta(seconds=5)
_REMEMBERED_MOST = 10_000
_SEEN_EVERY = timedelta(seconds=60)
_LONGEST_PASSWORD = 1_000
_NAME = re.compile(r"[\w.@-]{1,255}", re.ASCII)

T = TypeVar("T")


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """A new session; the secret goes into the cookie and is known to nobody else."""

    secret: str
    csrf_token: str
    actor: Actor
    user: User


class SessionInfo(msgspec.Struct, frozen=True, kw_only=True):
    """Who a session belongs to. `expires_at`: its end, however busy it is."""

    actor: Actor
    csrf_token: str
    user: User
    expires_at: datetime


class Identity:
    """Signs people in and knows sessions and tokens again. Safe to share between threads."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        session_seconds: float = 604_800.0,
        session_idle_seconds: float = 28_800.0,
    ):
        self._database = database
        self._clock = clock
        self._longest = timedelta(seconds=session_seconds)
        self._idle = timedelta(seconds=session_idle_seconds)
        self._attempts = Attempts(clock)
        self._sessions: _Memory[SessionInfo | None] = _Memory(clock)
        self._tokens: _Memory[Actor | None] = _Memory(clock)

    # --- sessions ----------------------------------------------------------------------------------------------------
    def sign_in(self, name: str, password: str, *, replaces: str | None = None) -> SignedIn:
        """A new session of that person; `replaces` is the secret of the session the browser had before, which ends.

        Raises SignInFailed for an unknown name and a wrong password alike, and takes as long for both; raises
        TooManyAttempts when that name failed too often of late.
        """
        self._attempts.admit(name)
        if len(password) > _LONGEST_PASSWORD:
            raise _not_let_in()
        account = None
        if _NAME.fullmatch(name):  # the database may refuse to look for what cannot be one
            with self._database.read() as connection:
                account = store.account(connection, name)
        if not verify_password(account.password_hash if account else None, password) or account is None:
            raise _not_let_in()
        self._attempts.forget(name)

        renewed = hash_password(password) if is_outdated(account.password_hash) else None
        secret, csrf_token = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        now = self._clock.now()
        with self._database.write() as connection:
            if renewed is not None:
                store.set_password_hash(connection, name, renewed)
            if replaces is not None:
                store.remove_session(connection, secret_hash(replaces))
            store.add_session(connection, secret_hash(secret), name, csrf_token, now, now + self._longest)
        if replaces is not None:
            self._sessions.drop(secret_hash(replaces))
        return SignedIn(secret=secret, csrf_token=csrf_token, actor=_person(account.user), user=account.user)

    def session(self, secret: str) -> SessionInfo | None:
        """The session of that secret, unless it ended, was idle too long or has reached its age."""
        key = secret_hash(secret)
        known = self._sessions.get(key)
        if known is None:
            known = self._sessions.keep(key, self._read_session(key))
        info = known.value
        return info if info is not None and self._clock.now() < info.expires_at else None

    def sign_out(self, secret: str) -> None:
        """End the session; one that is not there is no error."""
        key = secret_hash(secret)
        with self._database.write() as connection:
            store.remove_session(connection, key)
        self._sessions.drop(key)

    def remove_ended_sessions(self) -> int:
        """Housekeeping: delete what nobody can use any more, and say how much it was."""
        now = self._clock.now()
        with self._database.write() as connection:
            return store.remove_ended_sessions(connection, now, now - self._idle)

    # --- tokens ------------------------------------------------------------------------------------------------------
    def token(self, secret: str) -> Actor | None:
        """The machine that holds this token, unless it was revoked or has expired.

        It acts for its owner: with the token's roles as far as the owner still has them, in the owner's groups.
        """
        if not secret.startswith(TOKEN_PREFIX):
            return None
        key = secret_hash(secret)
        known = self._tokens.get(key)
        if known is None:
            known = self._tokens.keep(key, self._read_token(key))
        return known.value

    def forget(self) -> None:
        """Remember no session and no token: something about them was changed just now."""
        self._sessions.clear()
        self._tokens.clear()

    def _read_session(self, key: str) -> SessionInfo | None:
        with self._database.read() as connection:
            row = store.find_session(connection, key)
        now = self._clock.now()
        if row is None or now >= row.expires_at or now >= row.seen_at + self._idle:
            return None
        if now >= row.seen_at + _SEEN_EVERY:
            try:
                with self._database.write() as connection:
                    store.touch_session(connection, key, now)
            except Unavailable:
                pass  # a busy database must not sign people out; the next request notes it
        return SessionInfo(actor=_person(row.user), csrf_token=row.csrf_token, user=row.user, expires_at=row.expires_at)

    def _read_token(self, key: str) -> Actor | None:
        with self._database.read() as connection:
            row = store.find_token(connection, key)
        if row is None or (row.token.expires_at is not None and self._clock.now() >= row.token.expires_at):
            return None
        roles = _roles(row.token.roles)
        if row.user is not None:
            owner = _person(row.user)
            allowed = roles if Role.ADMINISTRATOR in owner.roles else roles & owner.roles
            return Actor(name=owner.name, tenant_id=owner.tenant_id, roles=allowed, groups=owner.groups)
        if row.token.owner == SYSTEM.name:  # made on the command line
            return Actor(name=row.token.name, tenant_id=row.tenant_id, roles=roles)
        return None


def secret_hash(secret: str) -> str:
    """What is stored of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _person(user: User) -> Actor:
    return Actor(name=user.name, tenant_id=user.tenant_id, roles=_roles(user.roles), groups=frozenset(user.groups))


def _roles(names: list[str]) -> frozenset[Role]:
    known = {role.value: role for role in Role}
    return frozenset(known[name] for name in names if name in known)


def _not_let_in() -> SignInFailed:
    return SignInFailed("The name or the password is wrong.")


class _Remembered(Generic[T]):
    __slots__ = ("since", "value")

    def __init__(self, value: T, since: datetime):
        self.value = value
        self.since = since


class _Memory(Generic[T]):
    """What was read lately, by hash of the secret; the oldest leave when there are too many."""

    def __init__(self, clock: Clock):
        self._clock = clock
        self._lock = threading.Lock()
        self._entries: OrderedDict[str, _Remembered[T]] = OrderedDict()

    def get(self, key: str) -> _Remembered[T] | None:
        with self._lock:
            entry = self._entries.get(key)
        if entry is None:
            return None
        age = self._clock.now() - entry.since
        return entry if timedelta(0) <= age < _REMEMBERED_FOR else None

    def keep(self, key: str, value: T) -> _Remembered[T]:
        entry = _Remembered(value, self._clock.now())
        with self._lock:
            self._entries[key] = entry
            self._entries.move_to_end(key)
            if len(self._entries) > _REMEMBERED_MOST:
                self._entries.popitem(last=False)
        return entry

    def drop(self, key: str) -> None:
        with self._lock:
            self._entries.pop(key, None)

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()
