"""Data: what references and associations name (BPMN 2.0.2, 10.4.1)."""

from __future__ import annotations

from collections.abc import Container

from lxml import etree

from bpmn.elements import ACTIVITY_TAGS, local_reference, q
from bpmn.parser import flow_nodes
from bpmn.validation.findings import MOST_NAME, Findings, label
from bpmn.validation.ids import tag_of


def check_scope(scope: etree._Element, known: Container[str], findings: Findings) -> None:
    """The data directly inside a process or sub-process."""
    for node in scope.iterfind(q("dataObjectReference")):
        reference = node.get("dataObjectRef")
        if reference is not None and local_reference(reference) not in known:
            words = f"{label(node)} refers to the data object {reference[:MOST_NAME]}, which is not in this file."
            findings.tell("dangling_reference", words, node)
    for activity in flow_nodes(scope):
        if tag_of(activity) in ACTIVITY_TAGS:
            for line in activity.iterchildren(q("dataInputAssociation"), q("dataOutputAssociation")):
                _check_association(activity, line, known, findings)


def _check_association(
    activity: etree._Element, line: etree._Element, known: Container[str], findings: Findings
) -> None:
    sources = line.findall(q("sourceRef"))
    for reference in (*sources, *line.iterfind(q("targetRef"))):
        name = local_reference(reference.text or "")
        if name and name not in known:
            words = f"{label(activity)}: its data association names {name[:MOST_NAME]!r}, which is not in this file."
            findings.tell("dangling_reference", words, reference)
    if len(sources) > 1 and line.find(q("transformation")) is None and line.find(q("assignment")) is None:
        words = f"{label(activity)}: a data association of several sources needs a transformation (10.4.1)."
        findings.tell("data_sources", words, line)
