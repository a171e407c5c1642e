"""People and tokens, as administrators and owners see them. Hashes never leave the store."""

from __future__ import annotations

from engine.actors import Actor, Role
from engine.queries import ListTokens, ListUsers
from engine.reading import Reading
from engine.records import Page, Token, User
from engine.store import identity as store
from engine.views import paging


def list_users(query: ListUsers, actor: Actor, reading: Reading) -> Page[User]:
    """Everybody in the tenant, by name."""
    after = paging.text(query.cursor, "users")
    found = store.users(reading.connection, actor.tenant_id, after, query.limit + 1)
    return paging.page(found, query.limit, lambda user: user, "users", lambda user: user.name)


def list_tokens(_query: ListTokens, actor: Actor, reading: Reading) -> Page[Token]:
    """One's own; an administrator sees all of the tenant."""
    owner = None if Role.ADMINISTRATOR in actor.roles else actor.name
    return Page(items=store.tokens(reading.connection, actor.tenant_id, owner))
