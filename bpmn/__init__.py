"""The language: BPMN XML in, a checked definition out; (execution, trigger) → effects.

    document = bpmn.parse(source)                       # or DocumentRefused, with every problem
    execution = bpmn.Execution.new(document.definitions[0])
    step = execution.step(bpmn.triggers.Start({"amount": 50}), bpmn.StepContext(evaluator=…, now=…))
    step.effects                                        # what to do now: open user tasks, jobs, write history
    step.rows, step.variables                           # what to store; Execution.restore(definition, rows, variables)

No SQL, no HTTP, no wall clock, no threads. Only this package knows SpiffWorkflow and lxml.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from bpmn import effects, triggers
from bpmn.definition import Document, Element, Flow, ProcessDefinition
from bpmn.evaluation import BpmnErrorRaised, EvaluationFailed, Evaluator, Expression, Script
from bpmn.problems import DocumentRefused, NotWaiting, Problem
from bpmn.step import Limits, Step, StepContext

if TYPE_CHECKING:
    from bpmn.conversations import message_keys
    from bpmn.document import check, load, parse
    from bpmn.elements import SUPPORTED, ElementKind
    from bpmn.execution import Execution
    from bpmn.start_timers import StartTimer, next_start_timer, start_timer
    from bpmn.state import UnknownFormat
    from bpmn.timers import duration_seconds

__all__ = [
    "SUPPORTED",
    "BpmnErrorRaised",
    "Document",
    "DocumentRefused",
    "Element",
    "ElementKind",
    "EvaluationFailed",
    "Evaluator",
    "Execution",
    "Expression",
    "Flow",
    "Limits",
    "NotWaiting",
    "Problem",
    "ProcessDefinition",
    "Script",
    "StartTimer",
    "Step",
    "StepContext",
    "UnknownFormat",
    "check",
    "duration_seconds",
    "effects",
    "load",
    "message_keys",
    "next_start_timer",
    "parse",
    "start_timer",
    "triggers",
]

# These bring lxml and SpiffWorkflow along, a good part of an idle server's memory: imported when first asked for.
_LATER = {
    "SUPPORTED": "bpmn.elements",
    "ElementKind": "bpmn.elements",
    "Execution": "bpmn.execution",
    "StartTimer": "bpmn.start_timers",
    "UnknownFormat": "bpmn.state",
    "duration_seconds": "bpmn.timers",
    "next_start_timer": "bpmn.start_timers",
    "start_timer": "bpmn.start_timers",
    "message_keys": "bpmn.conversations",
    "check": "bpmn.document",
    "load": "bpmn.document",
    "parse": "bpmn.document",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_LATER[name]), name)
    globals()[name] = value
    return value
