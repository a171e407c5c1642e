"""Walks through diagrams, in every mode of storing and restoring."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytest.register_assert_rewrite("tests.bpmn.walking")

import bpmn  # noqa: E402
from tests.bpmn import walking  # noqa: E402
from tests.bpmn.drawing import diagram, process  # noqa: E402

Walking = Callable[..., walking.Walk]


def define(*parts: str) -> bpmn.ProcessDefinition:
    """The first definition of a diagram."""
    return bpmn.parse(diagram(*parts)).definitions[0]


@pytest.fixture(params=walking.MODES)
def mode(request: pytest.FixtureRequest) -> str:
    """How the instance is kept between its steps."""
    return str(request.param)


@pytest.fixture
def walk(mode: str) -> Walking:
    """walk("start -> ask -> end", ask=user()): a walk through that process, not begun."""

    def begin(*paths: str, evaluator: Any = None, limits: Any = None, **elements: Any) -> walking.Walk:
        return walking.Walk(define(process(*paths, **elements)), mode, evaluator=evaluator, limits=limits)

    return begin
