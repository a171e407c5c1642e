"""One sandbox for the tests of a file, and the two verbs of `bpmn.Evaluator` in a form that reads well."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from bpmn.scripts import read_expression, read_script
from engine.evaluators import SandboxEvaluator

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxEvaluator]:
    evaluator = SandboxEvaluator(processes=2)
    yield evaluator
    evaluator.close()


@pytest.fixture
def run(sandbox: SandboxEvaluator) -> Callable[..., dict[str, Any]]:
    """`run(script, **variables)` → what the script leaves behind."""

    def run_script(source: str, *, now: datetime = NOW, seed: int = 1, **variables: Any) -> dict[str, Any]:
        return sandbox.execute(read_script(source), variables, now=now, seed=seed)

    return run_script


@pytest.fixture
def value(sandbox: SandboxEvaluator) -> Callable[..., Any]:
    """`value(expression, **variables)` → what it is worth."""

    def evaluate(source: str, *, now: datetime = NOW, seed: int = 1, **variables: Any) -> Any:
        return sandbox.evaluate(read_expression(source), variables, now=now, seed=seed)

    return evaluate
