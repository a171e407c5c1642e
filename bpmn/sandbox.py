"""Where a step computes: SpiffWorkflow's script engine, emptied, and the way to the step's evaluator instead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.script_engine.python_environment import BasePythonScriptEngineEnvironment

from bpmn.evaluation import EvaluationFailed, Expression
from bpmn.variables import encode

if TYPE_CHECKING:
    from bpmn.definition import Flow
    from bpmn.step import StepContext
    from bpmn.token import Token


class _Nothing(BasePythonScriptEngineEnvironment):
    """Takes the place of the stock environment, which runs scripts with plain `exec` in this process."""


class SandboxedEngine(PythonScriptEngine):
    """Sends scripts to the step's evaluator. One for all executions: it keeps nothing."""

    def __init__(self) -> None:
        super().__init__(environment=_Nothing())

    def execute(self, task: Token, script: str, external_context: Any = None) -> bool:
        run_script(task)
        return True

    def evaluate(self, task: Token, expression: str, external_context: Any = None) -> Any:
        raise AssertionError("conditions are evaluated as checked expressions, never as text")

    def call_service(self, task: Token, **kwargs: Any) -> Any:
        raise AssertionError("services are jobs")


ENGINE = SandboxedEngine()


def _context(token: Token) -> StepContext:
    context: StepContext | None = token.execution.context
    assert context is not None, "scripts and conditions run inside a step"
    return context


def evaluate(token: Token, expression: Expression, facts: Mapping[str, Any] | None = None, *, what: str) -> Any:
    """The value of an expression where the token stands; `facts` are names in front of its variables. Raises
    `EvaluationFailed`, which names the expression."""
    context = _context(token)
    seen = token.data
    values = {name: seen[name] for name in expression.reads if name in seen}
    if facts:
        values.update((name, value) for name, value in facts.items() if name in expression.reads)
    try:
        return context.evaluator.evaluate(expression, values, now=context.now, seed=context.seed + token.id)
    except EvaluationFailed as failure:
        raise _named(failure, expression, what) from None


def _named(failure: EvaluationFailed, expression: Expression, what: str) -> EvaluationFailed:
    words = f"The {what} ({expression.source}) failed: {failure.message}"
    return EvaluationFailed(words, kind=failure.kind, line=failure.line, detail=failure.detail)


def evaluate_alone(token: Token, expression: Expression, values: Mapping[str, Any], *, what: str) -> Any:
    """The value of an expression over these values and nothing else. Raises `EvaluationFailed`, which names it."""
    context = _context(token)
    seen = {name: values[name] for name in expression.reads if name in values}
    try:
        return context.evaluator.evaluate(expression, seen, now=context.now, seed=context.seed + token.id)
    except EvaluationFailed as failure:
        raise _named(failure, expression, what) from None


def holds(token: Token, flow: Flow) -> bool:
    """Whether the flow's condition is true now."""
    assert flow.condition is not None
    return decides(token, flow.condition, what=f"condition of flow {flow.id}")


def decides(token: Token, condition: Expression, facts: Mapping[str, Any] | None = None, *, what: str) -> bool:
    """What a condition says: true or false and nothing else. The text "no" is not true because Python says so, and a
    value that is missing is not false: both are said aloud. Raises `EvaluationFailed`."""
    value = evaluate(token, condition, facts, what=what)
    if value is True or value is False:
        return value
    advice = _ADVICE.get(type(value), "")
    raise EvaluationFailed(f"The {what} ({condition.source}) gives {_shown(value)}, and not true or false. {advice}")


_ADVICE: dict[type, str] = {
    type(None): "Give the variable a value before, or say what its absence means: `x is not None`.",
    str: 'Compare the text: `x == "yes"`.',
    int: "Compare the number: `x > 0`.",
    float: "Compare the number: `x > 0`.",
    list: "Ask for its length: `len(x) > 0`.",
    dict: "Ask for its length: `len(x) > 0`.",
}


def _shown(value: Any) -> str:
    text = encode(value)
    return "nothing" if value is None else text if len(text) <= 80 else f"{text[:79]}…"


def run_script(token: Token) -> None:
    """Run a script task's program and keep its results. Raises `EvaluationFailed`, and `BpmnErrorRaised` where the
    script does; then nothing of it is kept."""
    context = _context(token)
    spec = token.task_spec
    seen = token.data
    values = {name: seen[name] for name in spec.program.reads if name in seen}
    results = context.evaluator.execute(spec.program, values, now=context.now, seed=context.seed + token.id)
    declared = spec.declared
    spec.take(token, results if declared is None else {n: value for n, value in results.items() if n in declared})
