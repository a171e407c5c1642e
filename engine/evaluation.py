"""Between a step and the sandbox: a sandbox that does not answer is nobody's script error.

A script that fails becomes an incident of its element. A sandbox that cannot be reached says nothing about the script:
the step is not taken, and whoever asked for it, or the sweep, tries again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import bpmn
from engine.errors import Unavailable


class Evaluation:
    """An evaluator that lets a step fail as a whole where the one behind it does not answer."""

    def __init__(self, evaluator: bpmn.Evaluator):
        self._evaluator = evaluator

    def evaluate(self, expression: bpmn.Expression, variables: Mapping[str, Any], *, now: datetime, seed: int) -> Any:
        """The value of the expression."""
        try:
            return self._evaluator.evaluate(expression, variables, now=now, seed=seed)
        except bpmn.EvaluationFailed as failure:
            if failure.kind == "unavailable":
                raise Unavailable(f"{failure.message} Try again.") from failure
            raise

    def execute(self, script: bpmn.Script, variables: Mapping[str, Any], *, now: datetime, seed: int) -> dict[str, Any]:
        """Names → values after the script."""
        try:
            return self._evaluator.execute(script, variables, now=now, seed=seed)
        except bpmn.EvaluationFailed as failure:
            if failure.kind == "unavailable":
                raise Unavailable(f"{failure.message} Try again.") from failure
            raise
