"""Signing in with a password, and sessions of browsers."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from household import PASSWORD, Household
from sqlalchemy import text

from engine import Engine, errors
from engine import commands as c
from engine.actors import Actor, Role
from engine.identity import Identity, secret_hash
from engine.testing import ManualClock


@pytest.fixture
def house(engine: Engine, clock: ManualClock) -> Household:
    return Household(engine, clock)


class TestSigningIn:
    def test_a_person_comes_in_with_name_and_password(self, house: Household) -> None:
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
    def test_a_wrong_password_and_an_unknown_name_are_told_the_same(self, house: Household, name: str) -> None:
        house.person("ada")

        with pytest.raises(errors.SignInFailed) as refused:
            house.identity.sign_in(name, "wrong horse")

        assert refused.value.message == "The name or the password is wrong."
        assert refused.value.extra == {}

    def test_an_unknown_name_takes_as_long_as_a_wrong_password(self, house: Household) -> None:
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
    def test_what_cannot_be_a_password_is_a_wrong_one(self, house: Household, password: str) -> None:
        house.person("ada")
        with pytest.raises(errors.SignInFailed):
            house.identity.sign_in("ada", password)

    @pytest.mark.parametrize("name", ["ada", "nobody"])
    def test_too_many_attempts_are_put_off_and_let_in_again_later(self, house: Household, name: str) -> None:
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

    def test_attempts_on_one_name_do_not_keep_another_out(self, house: Household) -> None:
        house.person("ada")
        house.person("ben")
        for _ in range(10):
            with pytest.raises(errors.SignInFailed):
                house.identity.sign_in("ben", "wrong horse")

        assert house.identity.sign_in("ada", PASSWORD).actor.name == "ada"

    def test_success_forgets_the_failures_before_it(self, house: Household) -> None:
        house.person("ada")
        for _ in range(3):
            for _ in range(9):
                with pytest.raises(errors.SignInFailed):
                    house.identity.sign_in("ada", "wrong horse")
            house.identity.sign_in("ada", PASSWORD)

    def test_a_hash_of_weaker_parameters_is_renewed(self, house: Household) -> None:
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
    def test_only_a_hash_of_the_secret_is_stored(self, house: Household) -> None:
        house.person("ada")
        secret = house.identity.sign_in("ada", PASSWORD).secret

        with house.database.read() as connection:
            stored = connection.execute(text("SELECT * FROM session")).all()

        assert secret_hash(secret) in {value for row in stored for value in row}
        assert secret not in str(stored)

    def test_each_sign_in_has_a_secret_of_its_own_and_the_browsers_old_one_ends(self, house: Household) -> None:
        house.person("ada")
        first = house.identity.sign_in("ada", PASSWORD).secret
        assert house.identity.session(first) is not None

        second = house.identity.sign_in("ada", PASSWORD, replaces=first).secret

        assert second != first
        assert house.identity.session(first) is None
        assert house.identity.session(second) is not None

    def test_signing_out_ends_this_session_alone(self, house: Household) -> None:
        house.person("ada")
        here, there = (house.identity.sign_in("ada", PASSWORD).secret for _ in range(2))
        assert house.identity.session(here) is not None

        house.identity.sign_out(here)
        house.identity.sign_out("never was one")

        assert house.identity.session(here) is None
        assert house.identity.session(there) is not None

    def test_an_idle_session_ends_after_eight_hours(self, house: Household) -> None:
        house.person("ada")
        secret = house.identity.sign_in("ada", PASSWORD).secret

        house.clock.advance(hours=7, minutes=59)
        assert house.identity.session(secret) is not None
        house.clock.advance(hours=7, minutes=59)
        assert house.identity.session(secret) is not None
        house.clock.advance(hours=8)
        assert house.identity.session(secret) is None

    def test_a_busy_session_ends_after_seven_days(self, house: Household) -> None:
        house.person("ada")
        secret = house.identity.sign_in("ada", PASSWORD).secret
        for _ in range(23):
            house.clock.advance(hours=7)
            assert house.identity.session(secret) is not None
        house.clock.advance(hours=6, minutes=59, seconds=59)
        assert house.identity.session(secret) is not None

        house.clock.advance(seconds=1)

        assert house.identity.session(secret) is None  # to the second, though it was remembered

    def test_what_ended_elsewhere_lives_on_here_for_five_seconds_at_most(self, house: Household) -> None:
        house.person("ada")
        secret = house.identity.sign_in("ada", PASSWORD).secret
        assert house.identity.session(secret) is not None
        Identity(house.database, house.clock).sign_out(secret)

        house.clock.advance(seconds=5)

        assert house.identity.session(secret) is None

    def test_a_clock_set_back_makes_nothing_live_longer(self, house: Household) -> None:
        house.person("ada")
        secret = house.identity.sign_in("ada", PASSWORD).secret
        assert house.identity.session(secret) is not None
        Identity(house.database, house.clock).sign_out(secret)

        house.clock.advance(hours=-1)

        assert house.identity.session(secret) is None

    def test_a_busy_browser_costs_few_queries(self, house: Household, monkeypatch: pytest.MonkeyPatch) -> None:
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

    def test_a_new_password_ends_all_sessions(self, house: Household) -> None:
        ada = house.person("ada", "analyst")
        secret = house.identity.sign_in("ada", PASSWORD).secret
        assert house.identity.session(secret) is not None

        house.execute(c.SetPassword(name="ada", password="another horse"), ada)

        assert house.identity.session(secret) is None
        with pytest.raises(errors.SignInFailed):
            house.identity.sign_in("ada", PASSWORD)
        assert house.identity.sign_in("ada", "another horse").actor.name == "ada"

    def test_housekeeping_deletes_what_nobody_can_use(self, house: Household) -> None:
        house.person("ada")
        house.clock.advance(hours=5)
        kept = house.identity.sign_in("ada", PASSWORD).secret

        house.clock.advance(hours=4)

        assert house.identity.remove_ended_sessions() == 1  # of the one `person` began
        assert house.identity.session(kept) is not None

    def test_a_database_that_cannot_be_written_to_signs_nobody_out(
        self, house: Household, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        house.person("ada")
        secret = house.identity.sign_in("ada", PASSWORD).secret
        house.clock.advance(hours=1)

        def busy() -> Any:
            raise errors.Unavailable("the database is busy; try again")

        with monkeypatch.context() as broken:
            broken.setattr(house.database, "write", busy)
            assert house.identity.session(secret) is not None

    def test_many_browsers_at_once(self, house: Household) -> None:
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
