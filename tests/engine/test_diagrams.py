"""Every scenario of the corpus, in the whole engine: by commands, queries and the clock (see tests/diagrams)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import Any

import pytest

from engine import Settings, open_engine
from engine.evaluators import CompiledFirst, SandboxEvaluator
from engine.testing import ManualClock
from tests.diagrams.engine_stage import EngineStage
from tests.diagrams.scenario import Variant, read_variants
from tests.diagrams.stage import Stage, play

#: Where the engine does otherwise than bare executions, and why.
OTHERWISE: Mapping[str, str] = {
    "activities/process_with_two_none_start_events: on the phone": "who starts a process cannot name its start event",
    "events_start/conditional: begun there": "a process that starts by a condition is refused: nothing watches it",
    "events_boundary/error: one without a code": "who ends work with an error names a code",
    "messages/one_receiver: two wait with the same keys": "from outside a message that two instances wait for just as "
    "well is refused, so that its sender says for which of them it is",
}

VARIANTS = read_variants()
SCENARIOS = {
    f"{variant.name}: {scenario.name}": (variant, scenario) for variant in VARIANTS for scenario in variant.scenarios
}
#: A server's database for each costs more than the scenario; what differs between databases shows in a few.
ON_POSTGRESQL = [name for name in SCENARIOS if name not in OTHERWISE][::12]


@pytest.fixture
def stage(name: str, database_url: str, sandbox: SandboxEvaluator) -> Iterator[Stage]:
    variant, scenario = SCENARIOS[name]
    clock = ManualClock(scenario.now.astimezone(UTC))
    settings = Settings(database_url=database_url, data_stores=_stores(variant))
    engine = open_engine(settings, clock=clock, evaluator=CompiledFirst(sandbox))
    yield EngineStage(engine, clock, variant, scenario)
    engine.close()


def _stores(variant: Variant) -> tuple[str, ...]:
    return tuple(sorted({name for scenario in variant.scenarios for name in scenario.stores}))


def _on_sqlite(name: str) -> Any:
    marks = [pytest.mark.xfail(reason=OTHERWISE[name])] if name in OTHERWISE else []
    return pytest.param("sqlite", name, id=name, marks=marks)


def _on_postgresql(name: str) -> Any:
    return pytest.param("postgresql", name, id=f"{name} (PostgreSQL)", marks=pytest.mark.postgresql)


@pytest.mark.parametrize(("database_kind", "name"), [*map(_on_sqlite, SCENARIOS), *map(_on_postgresql, ON_POSTGRESQL)])
def test_scenario(name: str, stage: Stage) -> None:
    play(SCENARIOS[name][1], stage)


def test_what_goes_otherwise_is_in_the_corpus() -> None:
    assert OTHERWISE.keys() <= SCENARIOS.keys()
