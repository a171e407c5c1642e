"""The port through which a step computes scripts and conditions. `engine` provides the sandbox behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


class EvaluationFailed(Exception):
    """A script or expression failed or broke a limit: what happened (message) and, where known, the line."""

    def __init__(self, message: str, *, kind: str = "error", line: int | None = None, detail: str | None = None):
        super().__init__(message)
        self.message = message
        self.kind = kind  # error | syntax | time_limit | memory_limit | output_limit | depth_limit | unavailable
        self.line = line
        self.detail = detail


class BpmnErrorRaised(Exception):
    """A script ended with `raise BpmnError(code, message, variables)`: a part of the drawing, no fault of the script
    (BPMN 2.0.2, 10.5.5, error events). `variables` are JSON values."""

    def __init__(self, code: str, message: str | None = None, variables: Mapping[str, Any] | None = None):
        super().__init__(code if message is None else f"{code}: {message}")
        self.code = code
        self.message = message
        self.variables = dict(variables or {})


@dataclass(frozen=True, slots=True)
class Script:
    """A checked Python script: its text, the names it mentions and the top-level names it assigns."""

    source: str
    reads: frozenset[str]
    writes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Expression:
    """A checked Python expression and the names it mentions."""

    source: str
    reads: frozenset[str]


class Evaluator(Protocol):
    """Computes in a sandbox: JSON values in, JSON values out, nothing else. Raises `EvaluationFailed`.

    `variables` holds just the names mentioned that exist. `now` and `seed` make clock and random numbers those of
    the step, so that a step can be repeated.
    """

    def evaluate(self, expression: Expression, variables: Mapping[str, Any], *, now: datetime, seed: int) -> Any:
        """The value of the expression."""

    def execute(self, script: Script, variables: Mapping[str, Any], *, now: datetime, seed: int) -> dict[str, Any]:
        """Names → values after the script: those of `writes` that exist, and those of `variables` it changed in
        place; only JSON values whose name does not begin with `_`. Raises `BpmnErrorRaised` where the script raises
        `BpmnError`, which it can call like a built-in and cannot catch by that name; what it had assigned is gone."""
