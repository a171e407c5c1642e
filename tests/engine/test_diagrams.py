"""Every scenario of the corpus, in the whole engine: by commands, queries and the clock (see tests/diagrams)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import Any

import pytest

from engine import Settings, open_engine
from engine.errors import Conflict, Refused
from engine.evaluators import CompiledFirst, SandboxEvaluator
from engine.testing import ManualClock
from tests.diagrams.engine_stage import EngineStage
from tests.diagrams.scenario import read_variants
from tests.diagrams.stage import play

#: Where the engine does otherwise than bare executions: how it shows, and why.
OTHERWISE: Mapping[str, tuple[type[Exception], str]] = {
    "events_start/conditional: begun there": (
        Refused,
        "a process that starts by a condition is refused: nothing watches it",
    ),
    "messages/one_receiver: two wait with the same keys": (
        Conflict,
        "from outside a message that two instances wait for just as well is refused, so that its sender names one",
    ),
}
#: Several instances of one process take other turns with one another when their steps are short.
IN_OTHER_TURNS = frozenset({"messages/signal_to_everybody: fire"})

VARIANTS = read_variants()
SCENARIOS = {
    f"{variant.name}: {scenario.name}": (variant, scenario) for variant in VARIANTS for scenario in variant.scenarios
}
USUAL = [name for name in SCENARIOS if name not in OTHERWISE]
#: A server's database for each costs more than the scenario; what differs between databases shows in a few.
ON_POSTGRESQL = USUAL[::16]
#: Each step ends after one element and is continued by a job; each begins with what is stored.
CUT_SHORT: Mapping[str, Any] = {"step_elements": 1, "execution_cache": 0}
PLAYED_CUT_SHORT = [name for name in USUAL if name not in IN_OTHER_TURNS][2::4]


@pytest.fixture
def stage(
    name: str, settings: Mapping[str, Any], database_url: str, sandbox: SandboxEvaluator
) -> Iterator[EngineStage]:
    variant, scenario = SCENARIOS[name]
    stores = tuple(sorted({name for scenario in variant.scenarios for name in scenario.stores}))
    clock = ManualClock(scenario.now.astimezone(UTC))
    all_settings = Settings(database_url=database_url, data_stores=stores, **settings)
    engine = open_engine(all_settings, clock=clock, evaluator=CompiledFirst(sandbox))
    try:
        yield EngineStage(engine, clock, variant, scenario)
    finally:
        engine.close()


def played() -> Iterator[Any]:
    """Database, settings and name of all runs."""
    for name in SCENARIOS:
        raises, reason = OTHERWISE.get(name, (None, ""))
        marks = [pytest.mark.xfail(raises=raises, reason=reason)] if raises else []
        yield pytest.param("sqlite", {}, name, id=name, marks=marks)
    for name in PLAYED_CUT_SHORT:
        yield pytest.param("sqlite", CUT_SHORT, name, id=f"{name} (cut short)")
    for name in ON_POSTGRESQL:
        yield pytest.param("postgresql", {}, name, id=f"{name} (PostgreSQL)", marks=pytest.mark.postgresql)


@pytest.mark.parametrize(("database_kind", "settings", "name"), list(played()))
def test_scenario(name: str, stage: EngineStage) -> None:
    play(SCENARIOS[name][1], stage)


def test_what_is_named_here_is_in_the_corpus() -> None:
    assert OTHERWISE.keys() | IN_OTHER_TURNS <= SCENARIOS.keys()
