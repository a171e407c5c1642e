"""An engine as far as people are concerned: who may come in, and with what."""

from __future__ import annotations

from typing import Any

from engine import Engine
from engine import commands as c
from engine.actors import SYSTEM, Actor
from engine.records import NewToken
from engine.testing import ManualClock

PASSWORD = "correct horse battery"


class Household:
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
