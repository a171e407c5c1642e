"""A service to look at, on both databases, with the diagrams of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import Engine, commands
from engine.actors import Actor, Role

DIAGRAMS = Path(__file__).parent / "diagrams"


@pytest.fixture
def service(engine: Engine, analyst: Actor) -> Engine:
    """An engine in which the diagrams of this folder are deployed."""
    for file in sorted(DIAGRAMS.glob("*.bpmn")):
        engine.execute(commands.Deploy(files=(commands.UploadedFile(file.name, file.read_bytes()),)), analyst)
    return engine


@pytest.fixture
def analyst() -> Actor:
    return Actor(name="ada", roles=frozenset({Role.ANALYST, Role.STARTER, Role.PARTICIPANT}))


@pytest.fixture
def operator() -> Actor:
    return Actor(name="olga", roles=frozenset({Role.OPERATOR}))


@pytest.fixture
def starter() -> Actor:
    return Actor(name="sam", roles=frozenset({Role.STARTER, Role.PARTICIPANT}))


@pytest.fixture
def ben() -> Actor:
    """An approver."""
    return Actor(name="ben", roles=frozenset({Role.PARTICIPANT}), groups=frozenset({"approvers"}))


@pytest.fixture
def cleo() -> Actor:
    """An approver who also belongs to finance."""
    return Actor(name="cleo", roles=frozenset({Role.PARTICIPANT}), groups=frozenset({"approvers", "finance"}))


@pytest.fixture
def worker() -> Actor:
    return Actor(name="robot", roles=frozenset({Role.WORKER}))


@pytest.fixture
def stranger() -> Actor:
    """An administrator, but of another tenant."""
    return Actor(
        name="xenia", tenant_id="elsewhere", roles=frozenset({Role.ADMINISTRATOR}), groups=frozenset({"approvers"})
    )
