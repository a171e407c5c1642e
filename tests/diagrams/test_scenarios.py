"""Every scenario, on bare executions: in memory, stored and restored after each step, each step twice as after a crash,
and cut short after each element (see tests/bpmn/walking.py)."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

import bpmn
from tests.bpmn.walking import MODES
from tests.diagrams.instances import Deployed
from tests.diagrams.scenario import GROUPS, HERE, Scenario, Variant, read_variants
from tests.diagrams.stage import play
from tests.diagrams.world import World

VARIANTS = read_variants()


@cache
def definitions(path: Path, stores: frozenset[str]) -> tuple[bpmn.ProcessDefinition, ...]:
    """Parsed once, shared by all runs: nothing that runs changes them."""
    return bpmn.parse(path.read_bytes(), stores=stores).definitions


def deployed(variant: Variant) -> list[Deployed]:
    """The variant's files, deployed one after the other."""
    found: list[Deployed] = []
    stores = frozenset(name for scenario in variant.scenarios for name in scenario.stores)
    for deployment, path in enumerate([*variant.before, variant.path, *variant.after]):
        for definition in definitions(path, stores):
            version = 1 + sum(1 for each in found if each.definition.key == definition.key)
            found.append(Deployed(definition, version, deployment))
    return found


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("variant", "scenario"),
    [pytest.param(v, s, id=f"{v.name}: {s.name}") for v in VARIANTS for s in v.scenarios],
)
def test_scenario(variant: Variant, scenario: Scenario, mode: str) -> None:
    play(scenario, World(deployed(variant), len(variant.before), scenario, mode))


def test_every_drawing_has_its_scenarios() -> None:
    told = {path for v in VARIANTS for path in (v.path, *v.before, *v.after)}
    drawn = {path for group in GROUPS for path in (HERE / group).glob("*.bpmn")}
    assert drawn == told
