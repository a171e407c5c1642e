"""An engine to work with, on each database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from scene import House

from engine import Engine, Settings, open_engine
from engine.evaluators import SandboxEvaluator
from engine.testing import ManualClock


@pytest.fixture
def house(engine: Engine) -> House:
    """An engine on an empty database, and what people do with it."""
    return House(engine)


@pytest.fixture
def houses(database_url: str, clock: ManualClock, sandbox: SandboxEvaluator) -> Iterator[tuple[House, House]]:
    """Two engines on one database."""
    engines = [open_engine(Settings(database_url=database_url), clock=clock, evaluator=sandbox) for _ in range(2)]
    yield House(engines[0]), House(engines[1])
    for engine in engines:
        engine.close()
