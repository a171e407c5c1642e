"""Where a step computes: SpiffWorkflow's script engine, emptied, and the way to the step's evaluator instead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.script_engine.python_environment import BasePythonScriptEngineEnvironment

from bpmn.evaluation import EvaluationFailed

if TYPE_CHECKING:
    from bpmn.definition import Flow
    from bpmn.specs import ScriptTask
    from bpmn.step import StepContext
    from bpmn.token import Token


class _Nothing(BasePythonScriptEngineEnvironment):
    """Takes the place of the stock environment, which runs scripts with plain `exec` in this process."""


class SandboxedEngine(PythonScriptEngine):
    """Sends scripts to the step's evaluator. One for all executions: it keeps nothing."""

    def __init__(self) -> None:
        super().__init__(environment=_Nothing())

    def execute(self, task: Token, script: str, external_context: Any = None) -> bool:
        run_script(task, task.task_spec)
        return True

    def evaluate(self, task: Token, expression: str, external_context: Any = None) -> Any:
        raise AssertionError("conditions are evaluated as checked expressions, never as text")

    def call_service(self, task: Token, **kwargs: Any) -> Any:
        raise AssertionError("services are jobs")


ENGINE = SandboxedEngine()


def _context(token: Token) -> StepContext:
    context: StepContext | None = token.workflow.top_workflow.context
    assert context is not None, "scripts and conditions run inside a step"
    return context


def holds(token: Token, flow: Flow) -> bool:
    """Whether the flow's condition is true now. Raises `EvaluationFailed`, which names the flow."""
    context = _context(token)
    condition = flow.condition
    assert condition is not None
    seen = token.data
    values = {name: seen[name] for name in condition.reads if name in seen}
    try:
        outcome = context.evaluator.evaluate(condition, values, now=context.now, seed=context.seed + token.id)
    except EvaluationFailed as failure:
        words = f"The condition of flow {flow.id} ({condition.source}) failed: {failure.message}"
        raise EvaluationFailed(words, kind=failure.kind, line=failure.line, detail=failure.detail) from None
    return bool(outcome)


def run_script(token: Token, spec: ScriptTask) -> None:
    """Run a script task's program and keep its results. Raises `EvaluationFailed`."""
    context = _context(token)
    seen = token.data
    values = {name: seen[name] for name in spec.program.reads if name in seen}
    results = context.evaluator.execute(spec.program, values, now=context.now, seed=context.seed + token.id)
    for name, value in results.items():
        if spec.declared is None or name in spec.declared:
            seen[name] = value
