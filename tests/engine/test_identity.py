"""Signing in, sessions and tokens."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from sqlalchemy import text

from engine import Engine, errors
from engine import commands as c
from engine.actors import SYSTEM, Actor, Role
from engine.identity import Identity, secret_hash
from engine.records import NewToken, User
from engine.testing import ManualClock

PASSWORD = "correct horse battery"


class House:
    """An engine, as far as people are concerned."""

    def __init__(self, engine: Engine, clock: ManualClock):
        self.engine = engine
        self.database = engine.database
        self.clock = clock
        self.identity = engine.identity

    def execute(self, command: c.Command, actor: Actor = SYSTEM) -> Any:
        return self.engine.execute(command, actor)

    def person(self, name: str, *roles: str, groups: tuple[str, ...] = ()) -> Actor:
        self.execute(c.CreateUser(name=name, password=PASSWORD, roles=roles, groups=groups))
        return self.identity.sign_in(name, PASSWORD).actor

    def token(self, actor: Actor, *roles: str, **more: int) -> str:
        made = self.execute(c.CreateToken(name="machine", roles=roles, **more), actor)
        assert isinstance(made, NewToken)
        return made.secret


@pytest.fixture
def house(engine: Engine, clock: ManualClock) -> House:
    return House(engine, clock)


class TestSigningIn:
    def test_a_person_comes_in_with_name_and_password(self, house: House) -> None:
        house.person("ada", "analyst", "starter", groups=("finance",))

        signed_in = house.identity.sign_in("ada", PASSWORD)

        assert signed_in.actor == Actor(
            name="ada", roles=frozenset({Role.ANALYST, Role.STARTER}), groups=frozenset({"finance"})
        )
        session = house.identity.session(signed_in.secret)
        assert session is not None
        assert session.actor == signed_in.actor
        assert session.csrf_token == signed_in.csrf_token
        assert session.user.display_name == "ada"

    @pytest.mark.parametrize("name", ["ada", "nobody", "", "ADA", "a" * 5_000, "ada\x00", "\ud800"])
    def test_a_wrong_password_and_an_unknown_name_are_told_the_same(self, house: House, name: str) -> None:
        house.person("ada")

        with pytest.raises(errors.SignInFailed) as refused:
            house.identity.sign_in(name, "wrong horse")

        assert refused.value.message == "The name or the password is wrong."
        assert refused.value.extra == {}

    def test_an_unknown_name_takes_as_long_as_a_wrong_password(self, house: House) -> None:
        house.person("ada")

        def seconds(name: str) -> float:
            taken = []
            for _ in range(5):
                house.clock.advance(minutes=2)
                began = time.process_time()
                with pytest.raises(errors.SignInFailed):
                    house.identity.sign_in(name, "wrong horse")
                taken.append(time.process_time() - began)
            return min(taken)

        known, unknown = seconds("ada"), seconds("nobody")

        assert 0.5 < known / unknown < 2

    @pytest.mark.parametrize("password", ["", "x" * 10_000_000, "half \ud800 of a character"])
    def test_what_cannot_be_a_password_is_a_wrong_one(self, house: House, password: str) -> None:
        house.person("ada")
        with pytest.raises(errors.SignInFailed):
            house.identity.sign_in("ada", password)

    @pytest.mark.parametrize("name", ["ada", "nobody"])
    def test_too_many_attempts_are_put_off_and_let_in_again_later(self, house: House, name: str) -> None:
        house.person("ada")
        for _ in range(10):
            with pytest.raises(errors.SignInFailed):
                house.identity.sign_in(name, "wrong horse")
            house.clock.advance(seconds=1)

        with pytest.raises(errors.TooManyAttempts) as refused:
            house.identity.sign_in(name, PASSWORD)
        assert refused.value.extra == {"retry_after_seconds": 50}

        house.clock.advance(seconds=50)
        if name == "ada":
            assert house.identity.sign_in(name, PASSWORD).actor.name == "ada"
        else:
            with pytest.raises(errors.SignInFailed):
                house.identity.sign_in(name, PASSWORD)

    def test_attempts_on_one_name_do_not_keep_another_out(self, house: House) -> None:
        house.person("ada")
        house.person("ben")
        for _ in range(10):
            with pytest.raises(errors.SignInFailed):
                house.identity.sign_in("ben", "wrong horse")

        assert house.identity.sign_in("ada", PASSWORD).actor.name == "ada"

    def test_success_forgets_the_failures_before_it(self, house: House) -> None:
        house.person("ada")
        for _ in range(3):
            for _ in range(9):
                with pytest.raises(errors.SignInFailed):
                    house.identity.sign_in("ada", "wrong horse")
            house.identity.sign_in("ada", PASSWORD)

    def test_a_hash_of_weaker_parameters_is_renewed(self, house: House) -> None:
        from argon2 import PasswordHasher

        house.person("ada")
        weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
        with house.database.write() as connection:
            connection.execute(text("UPDATE user_account SET password_hash = :weak"), {"weak": weak})

        house.identity.sign_in("ada", PASSWORD)

        with house.database.read() as connection:
            stored = connection.execute(text("SELECT password_hash FROM user_account")).scalar_one()
        assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
        assert house.identity.sign_in("ada", PASSWORD).actor.name == "ada"


class TestSessions:
    def test_only_a_hash_of_the_secret_is_stored(self, house: House) -> None:
        house.person("ada")
        secret = house.identity.sign_in("ada", PASSWORD).secret

        with house.database.read() as connection:
            stored = connection.execute(text("SELECT * FROM session")).all()

        assert secret_hash(secret) in {value for row in stored for value in row}
        assert secret not in str(stored)

    def test_each_sign_in_has_a_secret_of_its_own_and_the_browsers_old_one_ends(self, house: House) -> None:
        house.person("ada")
        first = house.identity.sign_in("ada", PASSWORD).secret
        assert house.identity.session(first) is not None

        second = house.identity.sign_in("ada", PASSWORD, replaces=first).secret

        assert second != first
        assert house.identity.session(first) is None
        assert house.identity.session(second) is not None

    def test_signing_out_ends_this_session_alone(self, house: House) -> None:
        house.person("ada")
        here, there = (house.identity.sign_in("ada", PASSWORD).secret for _ in range(2))
        assert house.identity.session(here) is not None

        house.identity.sign_out(here)
        house.identity.sign_out("never was one")

        assert house.identity.session(here) is None
        assert house.identity.session(there) is not None

    def test_an_idle_session_ends_after_eight_hours(self, house: House) -> None:
        house.person("ada")
        secret = house.identity.sign_in("ada", PASSWORD).secret

        house.clock.advance(hours=7, minutes=59)
        assert house.identity.session(secret) is not None
        house.clock.advance(hours=7, minutes=59)
        assert house.identity.session(secret) is not None
        house.clock.advance(hours=8)
        assert house.identity.session(secret) is None

    def test_a_busy_session_ends_after_seven_days(self, house: House) -> None:
        house.person("ada")
        secret = house.identity.sign_in("ada", PASSWORD).secret
        for _ in range(23):
            house.clock.advance(hours=7)
            assert house.identity.session(secret) is not None
        house.clock.advance(hours=6, minutes=59, seconds=59)
        assert house.identity.session(secret) is not None

        house.clock.advance(seconds=1)

        assert house.identity.session(secret) is None  # to the second, though it was remembered

    def test_what_ended_elsewhere_lives_on_here_for_five_seconds_at_most(self, house: House) -> None:
        house.person("ada")
        secret = house.identity.sign_in("ada", PASSWORD).secret
        assert house.identity.session(secret) is not None
        Identity(house.database, house.clock).sign_out(secret)

        house.clock.advance(seconds=5)

        assert house.identity.session(secret) is None

    def test_a_clock_set_back_makes_nothing_live_longer(self, house: House) -> None:
        house.person("ada")
        secret = house.identity.sign_in("ada", PASSWORD).secret
        assert house.identity.session(secret) is not None
        Identity(house.database, house.clock).sign_out(secret)

        house.clock.advance(hours=-1)

        assert house.identity.session(secret) is None

    def test_a_busy_browser_costs_few_queries(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        house.person("ada")
        secret = house.identity.sign_in("ada", PASSWORD).secret
        reads = []
        read = house.database.read

        def counted() -> Any:
            reads.append(1)
            return read()

        monkeypatch.setattr(house.database, "read", counted)

        for _ in range(1_000):
            house.clock.advance(milliseconds=10)
            assert house.identity.session(secret) is not None

        assert len(reads) <= 2

    def test_a_new_password_ends_all_sessions(self, house: House) -> None:
        ada = house.person("ada", "analyst")
        secret = house.identity.sign_in("ada", PASSWORD).secret
        assert house.identity.session(secret) is not None

        house.execute(c.SetPassword(name="ada", password="another horse"), ada)

        assert house.identity.session(secret) is None
        with pytest.raises(errors.SignInFailed):
            house.identity.sign_in("ada", PASSWORD)
        assert house.identity.sign_in("ada", "another horse").actor.name == "ada"

    def test_housekeeping_deletes_what_nobody_can_use(self, house: House) -> None:
        house.person("ada")
        house.clock.advance(hours=5)
        kept = house.identity.sign_in("ada", PASSWORD).secret

        house.clock.advance(hours=4)

        assert house.identity.remove_ended_sessions() == 1  # of the one `person` began
        assert house.identity.session(kept) is not None

    def test_a_database_that_cannot_be_written_to_signs_nobody_out(
        self, house: House, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        house.person("ada")
        secret = house.identity.sign_in("ada", PASSWORD).secret
        house.clock.advance(hours=1)

        def busy() -> Any:
            raise errors.Unavailable("the database is busy; try again")

        with monkeypatch.context() as broken:
            broken.setattr(house.database, "write", busy)
            assert house.identity.session(secret) is not None

    def test_many_browsers_at_once(self, house: House) -> None:
        house.person("ada")
        secrets = [house.identity.sign_in("ada", PASSWORD).secret for _ in range(4)]
        found: list[str | None] = []

        def browse(secret: str) -> None:
            for _ in range(25):
                session = house.identity.session(secret)
                found.append(session.actor.name if session else None)

        threads = [threading.Thread(target=browse, args=(secret,)) for secret in secrets for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert found == ["ada"] * 200


class TestTokens:
    def test_a_machine_acts_for_its_owner_with_the_roles_it_was_given(self, house: House) -> None:
        ada = house.person("ada", "analyst", "worker", groups=("finance",))

        secret = house.token(ada, "worker")

        assert secret.startswith("sbt_")
        assert house.identity.token(secret) == Actor(
            name="ada", roles=frozenset({Role.WORKER}), groups=frozenset({"finance"})
        )

    def test_only_a_hash_of_the_secret_is_stored(self, house: House) -> None:
        secret = house.token(SYSTEM, "worker")

        with house.database.read() as connection:
            assert secret not in str(connection.execute(text("SELECT * FROM api_token")).all())

    def test_a_machine_of_the_command_line_has_its_own_name(self, house: House) -> None:
        assert house.identity.token(house.token(SYSTEM, "worker")) == Actor(
            name="machine", roles=frozenset({Role.WORKER})
        )

    @pytest.mark.parametrize("secret", ["", "sbt_", "sbt_nothing", "nothing", "sbt_\ud800", "sbt_" + "x" * 100_000])
    def test_another_secret_is_nobody(self, house: House, secret: str) -> None:
        house.token(SYSTEM, "worker")
        assert house.identity.token(secret) is None

    def test_a_token_is_no_session_and_a_session_no_token(self, house: House) -> None:
        ada = house.person("ada", "worker")
        secret = house.token(ada, "worker")

        assert house.identity.session(secret) is None
        assert house.identity.token(house.identity.sign_in("ada", PASSWORD).secret) is None

    def test_nobody_gives_a_token_more_than_they_have(self, house: House) -> None:
        ada = house.person("ada", "analyst")
        with pytest.raises(errors.Forbidden, match="worker"):
            house.token(ada, "analyst", "worker")

    def test_an_administrator_gives_any_role(self, house: House) -> None:
        root = house.person("root", "administrator")
        machine = house.identity.token(house.token(root, "worker"))
        assert machine is not None
        assert machine.roles == {Role.WORKER}

    def test_what_the_owner_loses_the_token_loses(self, house: House) -> None:
        secret = house.token(house.person("ada", "analyst", "worker"), "analyst", "worker")
        with house.database.write() as connection:
            connection.execute(text("UPDATE user_account SET roles = '[\"worker\"]'"))

        machine = house.identity.token(secret)

        assert machine is not None
        assert machine.roles == {Role.WORKER}

    def test_a_token_cannot_make_tokens_that_outlive_it(self, house: House) -> None:
        machine = house.identity.token(house.token(SYSTEM, "worker"))
        assert machine is not None
        with pytest.raises(errors.Forbidden):
            house.token(machine, "worker")

    def test_a_token_whose_owner_is_gone_opens_nothing(self, house: House) -> None:
        secret = house.token(house.person("ada", "worker"), "worker")
        with house.database.write() as connection:
            connection.execute(text("DELETE FROM user_account"))

        assert house.identity.token(secret) is None

    def test_it_expires(self, house: House) -> None:
        secret = house.token(SYSTEM, "worker", expires_in_seconds=60)

        house.clock.advance(seconds=59)
        assert house.identity.token(secret) is not None
        house.clock.advance(seconds=6)
        assert house.identity.token(secret) is None

    def test_it_is_revoked_by_its_owner_or_an_administrator_alone(self, house: House) -> None:
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
    def test_a_new_person_as_recorded(self, house: House) -> None:
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

    def test_a_name_is_given_once(self, house: House) -> None:
        house.person("ada")
        with pytest.raises(errors.Conflict, match="ada"):
            house.person("ada")
        with pytest.raises(errors.Conflict, match="system itself"):
            house.person("signalbox")

    def test_what_cannot_be(self, house: House) -> None:
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

    def test_only_an_administrator_makes_people_and_sets_the_passwords_of_others(self, house: House) -> None:
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

    def test_people_of_another_tenant_are_not_there(self, house: House) -> None:
        house.person("ben")
        stranger = Actor(name="root2", tenant_id="other", roles=frozenset({Role.ADMINISTRATOR}))
        with pytest.raises(errors.NotFound):
            house.execute(c.SetPassword(name="ben", password=PASSWORD), stranger)
