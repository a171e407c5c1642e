"""Every scenario, on bare executions: in memory, stored and restored after each step, each step twice as after a crash,
and cut short after each element (see tests/bpmn/walking.py)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import pytest

import bpmn
from bpmn.elements import BPMN, SUPPORTED_TAGS
from tests.bpmn.walking import MODES
from tests.diagrams.instances import Deployed
from tests.diagrams.scenario import GROUPS, HERE, Scenario, Variant, read_variants
from tests.diagrams.stage import play
from tests.diagrams.world import World

VARIANTS = read_variants()
DRAWINGS = sorted(path for group in GROUPS for path in (HERE / group).glob("*.bpmn"))
DI = "http://www.omg.org/spec/BPMN/20100524/DI"
LAID_OUT = ("BPMNPlane", "BPMNShape", "BPMNEdge")


@cache
def definitions(path: Path, stores: frozenset[str]) -> tuple[bpmn.ProcessDefinition, ...]:
    """Parsed once, shared by all runs: nothing that runs changes them."""
    return bpmn.parse(path.read_bytes(), stores=stores).definitions


def deployed(variant: Variant) -> list[Deployed]:
    """The variant's files, deployed one after the other."""
    found: list[Deployed] = []
    stores = frozenset(name for scenario in variant.scenarios for name in scenario.stores)
    for deployment, path in enumerate(variant.files):
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
    assert {path for variant in VARIANTS for path in variant.files} == set(DRAWINGS)


def test_every_kind_of_element_is_drawn() -> None:
    drawn = {e.kind for variant in VARIANTS for each in deployed(variant) for e in each.definition.elements.values()}
    assert drawn == set(bpmn.SUPPORTED)


def test_the_first_twenty_workflow_patterns_are_drawn() -> None:
    drawn = {path.name[:6] for path in DRAWINGS if path.parent.name == "patterns"}
    assert drawn == {f"wcp_{number:02}" for number in range(1, 21)}


@pytest.mark.parametrize("path", DRAWINGS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_all_of_it_is_laid_out(path: Path) -> None:
    root = ElementTree.parse(path).getroot()
    known = {node.get("id") for node in root.iter() if node.get("id")}
    shown = [node.get("bpmnElement") for tag in LAID_OUT for node in root.iter(f"{{{DI}}}{tag}")]
    assert len(set(shown)) == len(shown)
    assert set(shown) <= known
    elements = {identity for node in root.iter(f"{{{BPMN}}}process") for identity in runs(node)}
    assert elements <= set(shown)


def runs(scope: ElementTree.Element) -> Iterator[str]:
    """The flow nodes and sequence flows of a process."""
    for node in scope.iter():
        if node.tag.removeprefix(f"{{{BPMN}}}") in {*SUPPORTED_TAGS, "sequenceFlow"}:
            yield node.get("id", "")
