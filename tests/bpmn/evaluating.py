"""Evaluators for tests: one that computes at once, in this process, and one that only notes what it was asked."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bpmn import BpmnErrorRaised, EvaluationFailed, Expression, Script


class PlainEvaluator:
    """Computes our own tests' scripts as the sandbox would: on copies, JSON in, JSON out."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def _run(self, source: str, mode: str, variables: Mapping[str, Any], seed: int) -> tuple[Any, dict[str, Any]]:
        self.calls.append((source.strip("(\n)") if mode == "eval" else source, dict(variables)))
        names = {"BpmnError": BpmnErrorRaised} | copy.deepcopy(dict(variables)) | {"SEED": seed}
        try:
            code = compile(source, "<script>", mode)
            return (eval if mode == "eval" else exec)(code, names), names
        except BpmnErrorRaised:
            raise
        except Exception as error:
            raise EvaluationFailed(f"{type(error).__name__}: {error}", line=1, detail="where it failed") from None

    def evaluate(self, expression: Expression, variables: Mapping[str, Any], *, now: datetime, seed: int) -> Any:
        value = self._run(f"(\n{expression.source}\n)", "eval", variables, seed)[0]
        if not _is_json(value):
            raise EvaluationFailed(f"The expression gives a value of type {type(value).__name__}.")
        return value

    def execute(self, script: Script, variables: Mapping[str, Any], *, now: datetime, seed: int) -> dict[str, Any]:
        _, after = self._run(script.source, "exec", variables, seed)
        results = {name: after[name] for name in script.writes if name in after and _is_json(after[name])}
        changed = {name: after[name] for name in variables if after[name] != variables[name]}
        return {name: value for name, value in (changed | results).items() if not name.startswith("_")}


def _is_json(value: Any) -> bool:
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        return False
    return True


class NotingEvaluator:
    """Runs nothing. Notes the text it was given; every condition holds and every script gives nothing."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def evaluate(self, expression: Expression, variables: Mapping[str, Any], *, now: datetime, seed: int) -> Any:
        self.texts.append(expression.source)
        return True

    def execute(self, script: Script, variables: Mapping[str, Any], *, now: datetime, seed: int) -> dict[str, Any]:
        self.texts.append(script.source)
        return {}
