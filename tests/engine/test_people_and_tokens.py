"""People, and the tokens of machines that act for them."""

from __future__ import annotations

import pytest
from household import PASSWORD, Household
from sqlalchemy import text

from engine import Engine, errors
from engine import commands as c
from engine.actors import SYSTEM, Actor, Role
from engine.records import NewToken, User
from engine.testing import ManualClock


@pytest.fixture
def house(engine: Engine, clock: ManualClock) -> Household:
    return Household(engine, clock)


class TestTokens:
    def test_a_machine_acts_for_its_owner_with_the_roles_it_was_given(self, house: Household) -> None:
        ada = house.person("ada", "analyst", "worker", groups=("finance",))

        secret = house.token(ada, "worker")

        assert secret.startswith("sbt_")
        assert house.identity.token(secret) == Actor(
            name="ada", roles=frozenset({Role.WORKER}), groups=frozenset({"finance"})
        )

    def test_only_a_hash_of_the_secret_is_stored(self, house: Household) -> None:
        secret = house.token(SYSTEM, "worker")

        with house.database.read() as connection:
            assert secret not in str(connection.execute(text("SELECT * FROM api_token")).all())

    def test_a_machine_of_the_command_line_has_its_own_name(self, house: Household) -> None:
        assert house.identity.token(house.token(SYSTEM, "worker")) == Actor(
            name="machine", roles=frozenset({Role.WORKER})
        )

    @pytest.mark.parametrize("secret", ["", "sbt_", "sbt_nothing", "nothing", "sbt_\ud800", "sbt_" + "x" * 100_000])
    def test_another_secret_is_nobody(self, house: Household, secret: str) -> None:
        house.token(SYSTEM, "worker")
        assert house.identity.token(secret) is None

    def test_a_token_is_no_session_and_a_session_no_token(self, house: Household) -> None:
        ada = house.person("ada", "worker")
        secret = house.token(ada, "worker")

        assert house.identity.session(secret) is None
        assert house.identity.token(house.identity.sign_in("ada", PASSWORD).secret) is None

    def test_nobody_gives_a_token_more_than_they_have(self, house: Household) -> None:
        ada = house.person("ada", "analyst")
        with pytest.raises(errors.Forbidden, match="worker"):
            house.token(ada, "analyst", "worker")

    def test_an_administrator_gives_any_role(self, house: Household) -> None:
        root = house.person("root", "administrator")
        machine = house.identity.token(house.token(root, "worker"))
        assert machine is not None
        assert machine.roles == {Role.WORKER}

    def test_what_the_owner_loses_the_token_loses(self, house: Household) -> None:
        secret = house.token(house.person("ada", "analyst", "worker"), "analyst", "worker")
        with house.database.write() as connection:
            connection.execute(text("UPDATE user_account SET roles = '[\"worker\"]'"))

        machine = house.identity.token(secret)

        assert machine is not None
        assert machine.roles == {Role.WORKER}

    def test_a_token_cannot_make_tokens_that_outlive_it(self, house: Household) -> None:
        machine = house.identity.token(house.token(SYSTEM, "worker"))
        assert machine is not None
        with pytest.raises(errors.Forbidden):
            house.token(machine, "worker")

    def test_a_token_whose_owner_is_gone_opens_nothing(self, house: Household) -> None:
        secret = house.token(house.person("ada", "worker"), "worker")
        with house.database.write() as connection:
            connection.execute(text("DELETE FROM user_account"))

        assert house.identity.token(secret) is None

    def test_it_expires(self, house: Household) -> None:
        secret = house.token(SYSTEM, "worker", expires_in_seconds=60)

        house.clock.advance(seconds=59)
        assert house.identity.token(secret) is not None
        house.clock.advance(seconds=6)
        assert house.identity.token(secret) is None

    def test_it_is_revoked_by_its_owner_or_an_administrator_alone(self, house: Household) -> None:
        ada, ben = house.person("ada", "worker"), house.person("ben", "worker")
        root = house.person("root", "administrator")
        for revoker in (ada, root):
            made = house.execute(c.CreateToken(name="machine", roles=("worker",)), ada)
            assert isinstance(made, NewToken)
            assert house.identity.token(made.secret) is not None
            with pytest.raises(errors.NotFound):
                house.execute(c.RevokeToken(id=made.token.id), ben)

            house.execute(c.RevokeToken(id=made.token.id), revoker)

            assert house.identity.token(made.secret) is None
            with pytest.raises(errors.NotFound):
                house.execute(c.RevokeToken(id=made.token.id), revoker)


class TestPeople:
    def test_a_new_person_as_recorded(self, house: Household) -> None:
        made = house.execute(
            c.CreateUser(
                name="ada", password=PASSWORD, display_name="Ada L.", roles=("starter", "analyst"), groups=("b", "a")
            )
        )
        assert made == User(
            name="ada",
            display_name="Ada L.",
            email=None,
            roles=["analyst", "starter"],
            groups=["a", "b"],
            tenant_id="default",
        )

    def test_a_name_is_given_once(self, house: Household) -> None:
        house.person("ada")
        with pytest.raises(errors.Conflict, match="ada"):
            house.person("ada")
        with pytest.raises(errors.Conflict, match="system itself"):
            house.person("signalbox")

    def test_what_cannot_be(self, house: Household) -> None:
        with pytest.raises(errors.Invalid, match="emperor") as refused:
            house.person("ada", "emperor")
        assert refused.value.extra["errors"][0]["field"] == "roles"
        with pytest.raises(errors.Invalid) as refused:
            house.person("ada", groups=("",))
        assert refused.value.extra["errors"][0]["field"] == "groups"
        with pytest.raises(errors.Invalid, match="role"):
            house.token(SYSTEM)
        with pytest.raises(errors.Invalid, match="password"):
            house.execute(c.CreateUser(name="ada", password="half \ud800 of it"))

    def test_only_an_administrator_makes_people_and_sets_the_passwords_of_others(self, house: Household) -> None:
        ada = house.person("ada", "analyst", "operator")
        house.person("ben")
        with pytest.raises(errors.Forbidden):
            house.execute(c.CreateUser(name="cleo", password=PASSWORD), ada)
        with pytest.raises(errors.Forbidden):
            house.execute(c.SetPassword(name="ben", password=PASSWORD), ada)
        root = house.person("root", "administrator")
        house.execute(c.SetPassword(name="ben", password="another horse"), root)
        assert house.identity.sign_in("ben", "another horse").actor.name == "ben"
        with pytest.raises(errors.NotFound):
            house.execute(c.SetPassword(name="nobody", password=PASSWORD), root)

    def test_people_of_another_tenant_are_not_there(self, house: Household) -> None:
        house.person("ben")
        stranger = Actor(name="root2", tenant_id="other", roles=frozenset({Role.ADMINISTRATOR}))
        with pytest.raises(errors.NotFound):
            house.execute(c.SetPassword(name="ben", password=PASSWORD), stranger)
