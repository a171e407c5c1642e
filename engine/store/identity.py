"""People, groups, sessions and tokens."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from engine.records import Token, User
from engine.store.database import Connection
from engine.store.tables import api_token, membership, session, user_account


class Account(NamedTuple):
    """A person as sign-in needs it."""

    user: User
    password_hash: str


class SessionRow(NamedTuple):
    user: User
    csrf_token: str
    seen_at: datetime
    expires_at: datetime


class TokenRow(NamedTuple):
    """`user`: the owner, where it is a person; a token may take from it no more than it has now."""

    token: Token
    tenant_id: str
    user: User | None


# --- people ----------------------------------------------------------------------------------------------------------
def account(connection: Connection, name: str) -> Account | None:
    row = connection.execute(select(user_account).where(user_account.c.name == name)).mappings().one_or_none()
    if row is None:
        return None
    return Account(_user(row, _groups(connection, [name]).get(name, [])), row["password_hash"])


def users(connection: Connection, tenant_id: str, after: str | None, limit: int) -> list[User]:
    """Those of a tenant in the order of their names."""
    query = select(user_account).where(user_account.c.tenant_id == tenant_id)
    if after is not None:
        query = query.where(user_account.c.name > after)
    rows = connection.execute(query.order_by(user_account.c.name).limit(limit)).mappings().all()
    groups = _groups(connection, [row["name"] for row in rows])
    return [_user(row, groups.get(row["name"], [])) for row in rows]


def add_user(connection: Connection, user: User, password_hash: str, now: datetime) -> bool:
    """False where the name is taken (in whatever tenant: people sign in by name alone)."""
    try:
        with connection.begin_nested():
            connection.execute(
                insert(user_account).values(
                    name=user.name,
                    tenant_id=user.tenant_id,
                    display_name=user.display_name,
                    email=user.email,
                    password_hash=password_hash,
                    roles=json.dumps(user.roles),
                    created_at=now,
                )
            )
    except IntegrityError:
        return False
    if user.groups:
        connection.execute(insert(membership), [{"user_name": user.name, "group_name": group} for group in user.groups])
    return True


def set_password_hash(connection: Connection, name: str, password_hash: str) -> None:
    connection.execute(update(user_account).where(user_account.c.name == name).values(password_hash=password_hash))


def _groups(connection: Connection, names: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    if names:
        rows = connection.execute(
            select(membership.c.user_name, membership.c.group_name)
            .where(membership.c.user_name.in_(names))
            .order_by(membership.c.user_name, membership.c.group_name)
        )
        for user_name, group_name in rows:
            found.setdefault(user_name, []).append(group_name)
    return found


def _user(row: Any, groups: list[str]) -> User:
    return User(
        name=row["name"],
        display_name=row["display_name"],
        email=row["email"],
        roles=json.loads(row["roles"]),
        groups=groups,
        tenant_id=row["tenant_id"],
    )


# --- sessions --------------------------------------------------------------------------------------------------------
def add_session(
    connection: Connection, id_hash: str, user_name: str, csrf_token: str, now: datetime, expires_at: datetime
) -> None:
    connection.execute(
        insert(session).values(
            id_hash=id_hash,
            user_name=user_name,
            csrf_token=csrf_token,
            created_at=now,
            seen_at=now,
            expires_at=expires_at,
        )
    )


def find_session(connection: Connection, id_hash: str) -> SessionRow | None:
    row = (
        connection.execute(
            select(user_account, session.c.csrf_token, session.c.seen_at, session.c.expires_at)
            .join(user_account, user_account.c.name == session.c.user_name)
            .where(session.c.id_hash == id_hash)
        )
        .mappings()
        .one_or_none()
    )
    if row is None:
        return None
    user = _user(row, _groups(connection, [row["name"]]).get(row["name"], []))
    return SessionRow(user, row["csrf_token"], row["seen_at"], row["expires_at"])


def touch_session(connection: Connection, id_hash: str, now: datetime) -> None:
    connection.execute(update(session).where(session.c.id_hash == id_hash).values(seen_at=now))


def remove_session(connection: Connection, id_hash: str) -> None:
    connection.execute(delete(session).where(session.c.id_hash == id_hash))


def remove_sessions_of(connection: Connection, user_name: str) -> None:
    connection.execute(delete(session).where(session.c.user_name == user_name))


def remove_ended_sessions(connection: Connection, now: datetime, idle_since: datetime) -> int:
    """Housekeeping; returns how many there were."""
    result = connection.execute(
        delete(session).where((session.c.expires_at <= now) | (session.c.seen_at <= idle_since))
    )
    return result.rowcount


# --- tokens ----------------------------------------------------------------------------------------------------------
def add_token(connection: Connection, token: Token, tenant_id: str, secret_hash: str) -> None:
    connection.execute(
        insert(api_token).values(
            id=token.id,
            tenant_id=tenant_id,
            secret_hash=secret_hash,
            name=token.name,
            owner=token.owner,
            roles=json.dumps(token.roles),
            created_at=token.created_at,
            expires_at=token.expires_at,
        )
    )


def find_token(connection: Connection, secret_hash: str) -> TokenRow | None:
    row = connection.execute(select(api_token).where(api_token.c.secret_hash == secret_hash)).mappings().one_or_none()
    if row is None:
        return None
    owner = account(connection, row["owner"])
    return TokenRow(_token(row), row["tenant_id"], owner.user if owner else None)


def token(connection: Connection, tenant_id: str, token_id: str) -> Token | None:
    query = select(api_token).where(api_token.c.tenant_id == tenant_id, api_token.c.id == token_id)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else _token(row)


def tokens(connection: Connection, tenant_id: str, owner: str | None) -> list[Token]:
    """Those of a tenant (and an owner), newest first."""
    query = select(api_token).where(api_token.c.tenant_id == tenant_id)
    if owner is not None:
        query = query.where(api_token.c.owner == owner)
    rows = connection.execute(query.order_by(api_token.c.id.desc())).mappings()
    return [_token(row) for row in rows]


def remove_token(connection: Connection, token_id: str) -> None:
    connection.execute(delete(api_token).where(api_token.c.id == token_id))


def _token(row: Any) -> Token:
    return Token(
        id=row["id"],
        name=row["name"],
        owner=row["owner"],
        roles=json.loads(row["roles"]),
        created_at=row["created_at"],
        expires_at=row["expires_at"],
    )
