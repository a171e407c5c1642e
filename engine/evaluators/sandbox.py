"""The evaluator of Python scripts and conditions: pydantic-monty in worker processes, a fresh one for each evaluation.

The host hands JSON text in and takes JSON text out. The text sees its variables, Python without the outside world, and
the step's own clock and random numbers; no file, no network, no environment.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bpmn import EvaluationFailed, Expression, Script
from engine.evaluators import failures
from engine.evaluators.limits import SandboxLimits, available_cores
from engine.evaluators.programs import INPUT_NAME, Program, expression_program, script_program, usable_names
from engine.evaluators.results import bpmn_error, canonical, expression_value, script_values
from engine.evaluators.workers import WorkerPool

if TYPE_CHECKING:
    from pydantic_monty import OSPolicy

_ATTEMPTS = 2


class SandboxEvaluator:
    """Implements `bpmn.Evaluator`. To be shared between threads, used after all forks, and closed.

    `processes` bounds the workers (default: the cores). `isolated` confines each with bubblewrap (`isolation.py`);
    where that cannot be had, evaluations fail rather than run less safely. `interpreter`: not the package's own.
    """

    def __init__(
        self,
        *,
        limits: SandboxLimits | None = None,
        processes: int | None = None,
        isolated: bool = False,
        interpreter: Path | None = None,
    ) -> None:
        self._limits = limits or SandboxLimits()
        self._workers = WorkerPool(
            self._limits, processes or available_cores(), isolated=isolated, interpreter=interpreter
        )

    def evaluate(self, expression: Expression, variables: Mapping[str, Any], *, now: datetime, seed: int) -> Any:
        """The value of the expression. Raises `EvaluationFailed`."""
        names = usable_names(variables)
        program = expression_program(expression.source, names)
        inputs = self._inputs(program, variables, names)
        raw = self._run(program, inputs, now, seed)
        return expression_value(raw, program, self._limits)

    def execute(self, script: Script, variables: Mapping[str, Any], *, now: datetime, seed: int) -> dict[str, Any]:
        """Names → values after the script: what it assigned and what it changed in place.

        Functions, classes, modules, dates and other objects that are no JSON are left out; a number, list, dict or set
        that JSON cannot hold, and a variable replaced by something that JSON cannot hold, fail. Tuples become lists,
        keys of dicts become texts. Raises `EvaluationFailed`, and `BpmnErrorRaised` where the script does.
        """
        names = usable_names(variables)
        program = script_program(script.source, names, {*names, *script.writes})
        inputs = self._inputs(program, variables, names)
        raw = self._run(program, inputs, now, seed)
        return script_values(raw, program, self._limits, script.writes, inputs)

    def close(self) -> None:
        """Ends the worker processes; later evaluations fail as "unavailable"."""
        self._workers.close()

    def _inputs(self, program: Program, variables: Mapping[str, Any], names: list[str]) -> dict[str, str]:
        """Name → JSON text, in the order of `names`."""
        if len(program.text) > self._limits.source_characters:
            raise EvaluationFailed(
                f"The {program.noun} has more than {self._limits.source_characters:,} characters.", kind="syntax"
            )
        try:
            inputs = {name: canonical(variables[name]) for name in names}
            size = sum(len(text.encode("utf-8")) for text in inputs.values())
        except (TypeError, ValueError, RecursionError) as error:
            raise EvaluationFailed(f"The {program.noun} uses a variable that is not JSON: {error}") from error
        if size > self._limits.input_bytes:
            raise EvaluationFailed(
                f"The variables that the {program.noun} mentions are larger than "
                f"{self._limits.input_bytes // 1024:,} KB. Keep large data elsewhere and pass a reference to it.",
                kind="memory_limit",
            )
        return inputs

    def _run(self, program: Program, inputs: Mapping[str, str], now: datetime, seed: int) -> object:
        policy: OSPolicy = {
            "datetime": now,
            "timezone": "utc",
            "sleep": "zero",
            "process_time": "zero",
            "random_start": {"seed": seed},
        }
        text = "[" + ",".join(inputs.values()) + "]"
        # A worker may die through no fault of the text (an operator's kill, the kernel short of memory). An evaluation
        # has no effects, so a second try is free of doubt; a text that kills its worker does so twice.
        for _ in range(_ATTEMPTS):
            raw, died = self._attempt(program, text, policy)
            if not died:
                return raw
        raise failures.crashed(program)

    def _attempt(self, program: Program, text: str, policy: OSPolicy) -> tuple[object, bool]:
        from pydantic_monty import CollectString, MontyCrashedError, MontyRuntimeError, MontySyntaxError

        try:
            with self._workers.session(policy) as session:
                return session.feed_run(
                    program.text,
                    inputs={INPUT_NAME: text},
                    print_callback=CollectString(self._limits.print_bytes),
                ), False
        except MontyCrashedError as error:
            if error.timed_out:
                raise failures.out_of_time(program, self._limits) from None
            return None, True
        except (MontyRuntimeError, MontySyntaxError) as error:
            inner = error.exception()
            thrown = bpmn_error(str(inner), program, self._limits) if type(inner) is Exception else None
            if thrown is not None:
                raise thrown from None
            raise failures.raised(error, program, self._limits) from None
