"""The language: BPMN XML in, a checked definition out; (execution, trigger) → effects.

    document = bpmn.parse(source)                       # or DocumentRefused, with every problem
    execution = bpmn.Execution.new(document.definitions[0])
    step = execution.step(bpmn.triggers.Start({"amount": 50}), bpmn.StepContext(evaluator=…, now=…))
    step.effects                                        # what to do now: open user tasks, jobs, write history
    step.rows, step.variables                           # what to store; Execution.restore(definition, rows, variables)

No SQL, no HTTP, no wall clock, no threads. Only this package knows SpiffWorkflow and lxml.
"""

from bpmn import effects, triggers
from bpmn.definition import Document, Element, Flow, ProcessDefinition
from bpmn.document import check, parse
from bpmn.elements import SUPPORTED, ElementKind
from bpmn.evaluation import EvaluationFailed, Evaluator, Expression, Script
from bpmn.execution import Execution
from bpmn.problems import DocumentRefused, NotWaiting, Problem
from bpmn.state import UnknownFormat
from bpmn.step import Limits, Step, StepContext

__all__ = [
    "SUPPORTED",
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
    "Step",
    "StepContext",
    "UnknownFormat",
    "check",
    "effects",
    "parse",
    "triggers",
]
