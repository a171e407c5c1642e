"""What elements hold: scripts, topics, forms, limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from lxml import etree

from bpmn.elements import ACTIVITY_TAGS, q, x
from bpmn.event_reading import Declarations, data_names, expression_of, read_mappings, read_message, read_pairs
from bpmn.extensions import (
    ExtensionFault,
    read_assignment,
    read_external,
    read_fields,
    read_integer,
    read_outputs,
    read_time_zone,
)
from bpmn.loop_reading import read_loop
from bpmn.parser import flow_nodes
from bpmn.scripts import ScriptFault, read_script
from bpmn.stores import Store, stores_of
from bpmn.validation.findings import Findings, label
from bpmn.validation.ids import tag_of
from bpmn.xml import line_of

_PYTHON = frozenset({"", "python", "python3", "text/x-python", "application/x-python", "text/python"})


@dataclass(frozen=True, slots=True)
class Used:
    """What data elements and references to stores stand for, by their id."""

    variables: Mapping[str, str]
    stores: Mapping[str, Store]

    @classmethod
    def of(cls, root: etree._Element) -> Used:
        """Those of a document."""
        variables = data_names(root)
        return cls(variables, stores_of(root, variables))


def check_scope(scope: etree._Element, declared: Declarations, used: Used, findings: Findings) -> None:
    """The elements directly inside a process or sub-process."""
    if scope.tag == q("process"):
        _try(scope, findings, partial(read_integer, scope, "loopLimit", 0, 1, 10_000_000))
        _try(scope, findings, partial(read_time_zone, scope))
    for node in flow_nodes(scope):
        if tag_of(node) in ACTIVITY_TAGS:
            _check_activity(node, declared, used, findings)
        match tag_of(node):
            case "scriptTask":
                _check_script(node, findings)
            case "serviceTask" | "businessRuleTask":
                _try(node, findings, partial(read_external, node))
            case "userTask":
                _try(node, findings, partial(read_assignment, node, None))
                _try(node, findings, partial(read_fields, node))
            case "sendTask" | "receiveTask":
                _try(node, findings, partial(read_message, node, declared))
            case "callActivity":
                _check_call(node, findings)
            case "complexGateway" | "adHocSubProcess" as tag:
                condition = node.find(q("activationCondition" if tag == "complexGateway" else "completionCondition"))
                if condition is not None:
                    _try(node, findings, partial(expression_of, condition))
            case "startEvent":
                _try(node, findings, partial(read_fields, node))
                _check_initiator(node, findings)


def check_language(root: etree._Element, findings: Findings) -> None:
    """A file may name the language of its expressions (8.1); many tools write XPath there whatever they mean."""
    language = root.get("expressionLanguage", "").strip()
    if language.lower() in _PYTHON:
        return
    for condition in root.iter(q("conditionExpression")):
        if condition.get("language") is None:
            findings.tell(
                "language_ignored",
                f"The file says that its expressions are written in {language[:80]!r}; they are read as Python.",
                root,
            )
            return


def _try(node: etree._Element, findings: Findings, read: Callable[[], object]) -> None:
    try:
        read()
    except ExtensionFault as fault:
        findings.tell(fault.code, f"{label(node)}: {fault.message}", node, fault.line)


def _check_activity(node: etree._Element, declared: Declarations, used: Used, findings: Findings) -> None:
    _try(node, findings, partial(read_loop, node, declared, used.variables))
    _check_behavior(node, findings)
    _try(node, findings, partial(read_mappings, node, used.variables, used.stores))
    for name in ("startQuantity", "completionQuantity"):
        text = node.get(name, "1").strip()
        if not text.isdecimal() or not 1 <= int(text) <= 1_000:
            findings.tell("bad_number", f"{label(node)} has the {name} {text[:20]!r}; it may be 1 to 1000.", node)


def _check_behavior(node: etree._Element, findings: Findings) -> None:
    several = node.find(q("multiInstanceLoopCharacteristics"))
    if several is None:
        return
    behavior = several.get("behavior", "All").strip()
    missing = (behavior == "Complex" and several.find(q("complexBehaviorDefinition")) is None) or (
        behavior in ("None", "One") and several.get(f"{behavior.lower()}BehaviorEventRef") is None
    )
    if missing:
        words = f"{label(node)} has the behavior {behavior}, but names no event to throw (10.3.8)."
        findings.tell("behavior_event_missing", words, several)


def _check_call(node: etree._Element, findings: Findings) -> None:
    if not (node.get("calledElement") or "").strip():
        findings.tell("called_element_missing", f"The call activity {label(node)} names no process to call.", node)
    for tag in ("in", "out"):
        _try(node, findings, partial(read_pairs, node, tag, "name"))
    _try(node, findings, partial(read_integer, node, "version", 0, 1, 1_000_000))
    if node.get(x("binding"), "latest") not in ("latest", "deployment", "version"):
        findings.tell("binding", f"{label(node)}: the binding may be latest, deployment or version.", node)


def _check_initiator(node: etree._Element, findings: Findings) -> None:
    name = node.get(x("initiator"))
    if name is not None and not name.isidentifier():
        findings.tell("initiator", f"{label(node)}: {name!r} cannot be the name of a variable.", node)


def _check_script(node: etree._Element, findings: Findings) -> None:
    language = (node.get("scriptFormat") or "").strip().lower()
    if language not in _PYTHON:
        findings.tell(
            "language_unsupported", f"The script of {label(node)} is written in {language!r}; scripts are Python.", node
        )
        return
    scripts = node.findall(q("script"))
    if any(len(text) for text in scripts):
        findings.tell(
            "script_mixed", f"The script of {label(node)} holds elements; it may only be text (use CDATA).", scripts[0]
        )
        return
    if len(scripts) != 1 or not (scripts[0].text or "").strip():
        findings.tell("script_missing", f"The script task {label(node)} has no script.", node)
        return
    try:
        read_script(scripts[0].text or "")
    except ScriptFault as fault:
        start = line_of(scripts[0]) or 1
        line = None if fault.line is None else start + fault.line - 1
        where = "" if fault.line is None else f" (line {fault.line} of the script)"
        findings.tell(fault.code, f"{label(node)}: {fault.message}{where}.", scripts[0], line)
    for name in read_outputs(node) or ():
        if not name.isidentifier() or name.startswith("_"):
            findings.tell("output_name", f"{label(node)}: the output {name!r} cannot be the name of a variable.", node)
