"""People and their tokens: who may sign in, with which roles and groups."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any

from engine.actors import SYSTEM, Actor, Role
from engine.commands import Command, CreateToken, CreateUser, RevokeToken, SetPassword
from engine.decisions import Write
from engine.errors import Conflict, Forbidden, Invalid, NotFound
from engine.identity import TOKEN_PREFIX, secret_hash
from engine.ids import new_id
from engine.passwords import hash_password
from engine.reading import Reading
from engine.records import NewToken, Token, User
from engine.store import identity as store
from engine.work import UnitOfWork


def create_user(command: CreateUser, actor: Actor, _reading: Reading) -> Write:
    """Somebody new, in the creator's tenant."""
    _check_roles(command.roles)
    for group in command.groups:
        if not group or len(group) > 255 or "\x00" in group:
            raise Invalid(
                "A group has a name of 1 to 255 characters.", errors=[{"field": "groups", "message": "has a bad name"}]
            )
    if command.name == SYSTEM.name:
        raise Conflict(f"{command.name} is the name of the system itself. Choose another.")
    user = User(
        name=command.name,
        display_name=command.display_name or command.name,
        email=command.email,
        roles=sorted(set(command.roles)),
        groups=sorted(set(command.groups)),
        tenant_id=actor.tenant_id,
    )
    password_hash = hash_password(command.password)  # slow on purpose, so not while others wait to write

    def write(work: UnitOfWork) -> User:
        if not store.add_user(work.connection, user, password_hash, work.now):
            raise Conflict(f"There is somebody named {user.name} already. Choose another name.")
        return user

    return Write(write)


def set_password(command: SetPassword, actor: Actor, reading: Reading) -> Write:
    """One's own, or anybody's by an administrator. Whoever is signed in as that person is signed out."""
    if command.name != actor.name and Role.ADMINISTRATOR not in actor.roles:
        raise Forbidden("Only an administrator sets the password of somebody else.")
    account = store.account(reading.connection, command.name)
    if account is None or account.user.tenant_id != actor.tenant_id:
        raise NotFound(f"There is nobody named {command.name[:80]!r}.")
    password_hash = hash_password(command.password)

    def write(work: UnitOfWork) -> User:
        store.set_password_hash(work.connection, command.name, password_hash)
        store.remove_sessions_of(work.connection, command.name)
        return account.user

    return Write(write)


def create_token(command: CreateToken, actor: Actor, reading: Reading) -> Write:
    """A secret for a machine that acts for its creator. It can do what it is given, and never more than its creator."""
    _check_roles(command.roles)
    if not command.roles:
        raise Invalid(
            "A token without a role can do nothing.", errors=[{"field": "roles", "message": "names at least one role"}]
        )
    if Role.ADMINISTRATOR not in actor.roles:
        beyond = sorted(set(command.roles) - {role.value for role in actor.roles})
        if beyond:
            raise Forbidden(f"You do not have the role {', '.join(beyond)} yourself, so you cannot give it to a token.")
    if actor.name != SYSTEM.name and store.account(reading.connection, actor.name) is None:
        raise Forbidden("Only people make tokens; this is a token itself.")
    secret = TOKEN_PREFIX + secrets.token_urlsafe(32)

    def write(work: UnitOfWork) -> NewToken:
        lasts = command.expires_in_seconds
        token = Token(
            id=new_id(),
            name=command.name,
            owner=actor.name,
            roles=sorted(set(command.roles)),
            created_at=work.now,
            expires_at=None if lasts is None else work.now + timedelta(seconds=lasts),
        )
        store.add_token(work.connection, token, actor.tenant_id, secret_hash(secret))
        return NewToken(token=token, secret=secret)

    return Write(write)


def revoke_token(command: RevokeToken, actor: Actor, reading: Reading) -> Write:
    """One's own, or anybody's by an administrator."""
    token = store.token(reading.connection, actor.tenant_id, command.id)
    if token is None or (token.owner != actor.name and Role.ADMINISTRATOR not in actor.roles):
        raise NotFound(f"There is no token {command.id[:80]!r}.")

    def write(work: UnitOfWork) -> None:
        store.remove_token(work.connection, command.id)

    return Write(write)


HANDLERS: Mapping[type[Command], Callable[[Any, Actor, Reading], Write]] = {
    CreateUser: create_user,
    SetPassword: set_password,
    CreateToken: create_token,
    RevokeToken: revoke_token,
}


def _check_roles(names: Iterable[str]) -> None:
    known = {role.value for role in Role}
    unknown = sorted(set(names) - known)
    if unknown:
        raise Invalid(
            f"There is no role {', '.join(unknown)}; the roles are {', '.join(sorted(known))}.",
            errors=[{"field": "roles", "message": f"does not know {', '.join(unknown)}"}],
        )
