"""Where a step computes: SpiffWorkflow's script engine, emptied, and the way to the step's evaluator instead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.script_engine.python_environment import BasePythonScriptEngineEnvironment

from bpmn.evaluation import EvaluationFailed, Expression

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
        words = f"The {what} ({expression.source}) failed: {failure.message}"
        raise EvaluationFailed(words, kind=failure.kind, line=failure.line, detail=failure.detail) from None


def holds(token: Token, flow: Flow) -> bool:
    """Whether the flow's condition is true now."""
    assert flow.condition is not None
    return bool(evaluate(token, flow.condition, what=f"condition of flow {flow.id}"))


def run_script(token: Token) -> None:
    """Run a script task's program and keep its results. Raises `EvaluationFailed`, and `BpmnErrorRaised` where the
    script does; then nothing of it is kept."""
    context = _context(token)
    spec = token.task_spec
    seen = token.data
    values = {name: seen[name] for name in spec.program.reads if name in seen}
    results = context.evaluator.execute(spec.program, values, now=context.now, seed=context.seed + token.id)
    for name, value in results.items():
        if spec.declared is None or name in spec.declared:
            seen[name] = value
