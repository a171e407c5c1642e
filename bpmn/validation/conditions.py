"""Conditions and default flows: who may have them, and whether they can be read (BPMN 2.0.2, 8.4.6, 8.4.13, 10.6)."""

from __future__ import annotations

from lxml import etree

from bpmn.elements import ACTIVITY_TAGS, q
from bpmn.scripts import ScriptFault, read_expression
from bpmn.validation.findings import Findings, label
from bpmn.validation.graph import Graph
from bpmn.validation.ids import tag_of
from bpmn.xml import line_of

_PYTHON = frozenset({"", "python", "python3", "text/x-python", "application/x-python"})
_CHOOSES_ONE = frozenset({"exclusiveGateway"})
_CHOOSES = frozenset({"exclusiveGateway", "inclusiveGateway", "complexGateway"})
_TAKES_ALL = frozenset({"parallelGateway", "eventBasedGateway"})


def check_scope(graph: Graph, findings: Findings) -> None:
    """The flows directly inside a process or sub-process."""
    for identity, node in graph.nodes.items():
        outgoing = graph.outgoing.get(identity, [])
        _check_node(node, tag_of(node) or "", outgoing, findings)


def _check_node(node: etree._Element, tag: str, outgoing: list[etree._Element], findings: Findings) -> None:
    default = node.get("default")
    by_id = {flow.get("id"): flow for flow in outgoing}
    if default is not None and tag not in _CHOOSES and tag not in ACTIVITY_TAGS:
        findings.tell("default_misplaced", f"{label(node)} takes all its flows; it has no default (8.4.13).", node)
        default = None
    elif default is not None and default not in by_id:
        findings.tell("default_missing", f"The default flow {default} of {label(node)} does not leave it.", node)
    unconditional = []
    for flow in outgoing:
        condition = flow.find(q("conditionExpression"))
        if condition is None or not (len(condition) or (condition.text or "").strip()):
            if condition is not None:
                findings.tell("condition_empty", f"The condition of the flow {label(flow)} is empty.", condition)
            elif flow.get("id") != default:
                unconditional.append(flow)
            continue
        if flow.get("id") == default:
            words = f"The default flow {label(flow)} may have no condition (8.4.13)."
            findings.tell("default_with_condition", words, condition)
        if tag in _TAKES_ALL or tag.endswith("Event"):
            words = f"The flow {label(flow)} may have no condition: {label(node)} takes all its flows (8.4.13)."
            findings.tell("condition_misplaced", words, condition)
        _check_condition(flow, condition, findings)
    _check_choice(node, tag, outgoing, unconditional, default in by_id, findings)


def _check_choice(
    node: etree._Element,
    tag: str,
    outgoing: list[etree._Element],
    unconditional: list[etree._Element],
    has_default: bool,
    findings: Findings,
) -> None:
    if has_default and unconditional and tag not in _CHOOSES_ONE:
        words = f"The default flow of {label(node)} is never taken: {label(unconditional[0])} always is (8.4.13)."
        findings.tell("default_never_taken", words, node)
    if tag in _CHOOSES_ONE and len(outgoing) > 1:
        for flow in unconditional[0 if has_default else 1 :]:
            words = f"The flow {label(flow)} out of {label(node)} needs a condition, or must be the default flow."
            findings.tell("condition_missing", words, flow)
        if unconditional and not has_default:
            words = f"The flow {label(unconditional[0])} has no condition, so it is taken if no other holds; "
            words += f"mark it as the default flow of {label(node)}."
            findings.tell("default_implied", words, unconditional[0])
    if has_default or unconditional or not outgoing or not (tag in _CHOOSES or tag in ACTIVITY_TAGS):
        return
    if len(outgoing) > 1:
        words = f"{label(node)} has no default flow: if no condition holds, it stops with an incident."
        findings.tell("no_default", words, node)
    else:
        words = f"{label(outgoing[0])} is the only flow out of {label(node)} and has a condition (8.4.13)."
        findings.tell("condition_alone", words, outgoing[0])


def _check_condition(flow: etree._Element, condition: etree._Element, findings: Findings) -> None:
    if len(condition):
        words = f"The condition of {label(flow)} holds elements; it may only be text."
        findings.tell("condition_mixed", words, condition)
        return
    text = (condition.text or "").strip()
    language = (condition.get("language") or "").strip().lower()
    if text.startswith("=") and not text.startswith("=="):
        words = f"The condition of {label(flow)} is FEEL, which this release does not run."
        findings.tell("language_unsupported", words, condition)
    elif text.startswith(("${", "#{")):
        words = f"The condition of {label(flow)} is a JUEL expression, which this release does not run."
        findings.tell("language_unsupported", words, condition)
    elif language not in _PYTHON:
        words = f"The condition of {label(flow)} is written in {language!r}; conditions are Python."
        findings.tell("language_unsupported", words, condition)
    else:
        try:
            read_expression(text)
        except ScriptFault as fault:
            words = f"The condition of {label(flow)} cannot be read. {fault.message.rstrip('.')}."
            findings.tell("condition_syntax", words, condition, _line(condition, fault))


def _line(condition: etree._Element, fault: ScriptFault) -> int | None:
    """Of the file. The faulty text begins on its second line, after a bracket."""
    first = line_of(condition)
    if first is None or fault.line is None:
        return first
    raw = condition.text or ""
    text = raw.strip()
    above = raw[: len(raw) - len(raw.lstrip())].count("\n")
    return first + above + min(max(fault.line - 2, 0), text.count("\n"))
