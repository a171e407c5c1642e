"""People and tokens, as administrators and owners see them."""

from __future__ import annotations

import pytest

from engine import Engine, commands, errors, queries
from engine.actors import SYSTEM, Actor

PASSWORD = "correct horse battery"


@pytest.fixture
def people(service: Engine) -> Engine:
    for name, roles, groups in (
        ("ben", ("participant", "starter"), ("approvers",)),
        ("ada", ("analyst",), ()),
        ("cleo", ("participant",), ("finance", "approvers")),
        ("root", ("administrator",), ()),
    ):
        service.execute(commands.CreateUser(name=name, password=PASSWORD, roles=roles, groups=groups), SYSTEM)
    return service


def signed_in(people: Engine, name: str) -> Actor:
    return people.identity.sign_in(name, PASSWORD).actor


def test_everybody_by_name_with_roles_and_groups(people: Engine) -> None:
    first = people.read(queries.ListUsers(limit=3), signed_in(people, "root"))
    rest = people.read(queries.ListUsers(limit=3, cursor=first.next_cursor), signed_in(people, "root"))

    assert [user.name for user in first.items + rest.items] == ["ada", "ben", "cleo", "root"]
    assert (first.items[1].roles, first.items[2].groups) == (["participant", "starter"], ["approvers", "finance"])
    assert rest.next_cursor is None


def test_only_administrators_see_everybody_and_each_their_own_tenant(people: Engine, stranger: Actor) -> None:
    with pytest.raises(errors.Forbidden):
        people.read(queries.ListUsers(), signed_in(people, "ada"))
    assert people.read(queries.ListUsers(), stranger).items == []


def test_ones_own_tokens_and_all_for_an_administrator(people: Engine, stranger: Actor) -> None:
    for name in ("ada", "root"):
        role = "analyst" if name == "ada" else "worker"
        command = commands.CreateToken(name=f"machine of {name}", roles=(role,), expires_in_seconds=60)
        made = people.execute(command, signed_in(people, name))
        assert made.token.owner == name

    assert [token.name for token in people.read(queries.ListTokens(), signed_in(people, "ada")).items] == [
        "machine of ada"
    ]
    everything = people.read(queries.ListTokens(), signed_in(people, "root")).items
    assert {token.owner for token in everything} == {"ada", "root"}
    assert all(token.expires_at is not None for token in everything)
    assert people.read(queries.ListTokens(), stranger).items == []
