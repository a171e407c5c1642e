"""Sequence flows: where they may begin and end (BPMN 2.0.2, 7.6.1, 8.4.13)."""

from __future__ import annotations

from lxml import etree

from bpmn.elements import flag, local_reference, q
from bpmn.validation.findings import Findings, label
from bpmn.validation.graph import Graph
from bpmn.validation.ids import tag_of
from bpmn.validation.structure import is_event_sub_process


def check_scope(graph: Graph, findings: Findings) -> None:
    """The flows directly inside a process or sub-process."""
    for flow in graph.flows:
        _check_ends(graph, flow, findings)
    for identity, node in graph.nodes.items():
        tag = tag_of(node) or ""
        outgoing = graph.outgoing.get(identity, [])
        incoming = graph.incoming.get(identity, [])
        _check_where_none_may_be(node, tag, incoming, outgoing, findings)
        _check_where_one_must_be(graph, node, tag, incoming, outgoing, findings)
        _check_lists(node, incoming, outgoing, findings)
        if tag in ("receiveTask", "eventBasedGateway") and flag(node, "instantiate"):
            _check_instantiation(graph, node, incoming, findings)
    if graph.scope.tag != q("adHocSubProcess"):
        _check_starts_and_ends(graph, findings)


def _check_ends(graph: Graph, flow: etree._Element, findings: Findings) -> None:
    for attribute, words in (("sourceRef", "source"), ("targetRef", "target")):
        reference = flow.get(attribute)
        if not reference:
            findings.tell("dangling_flow", f"The flow {label(flow)} has no {words} ({attribute}).", flow)
        elif reference not in graph.nodes and reference not in graph.refused:
            if reference in graph.known:
                message = f"The flow {label(flow)} leaves its scope: its {words} {reference} lies elsewhere (8.4.13)."
            else:
                message = f"The flow {label(flow)} has a {words} {reference} that is not in this file."
            findings.tell("dangling_flow", message, flow)


def _check_where_none_may_be(
    node: etree._Element,
    tag: str,
    incoming: list[etree._Element],
    outgoing: list[etree._Element],
    findings: Findings,
) -> None:
    if tag == "startEvent" and incoming:
        words = f"The start event {label(node)} may have no incoming flow (10.5.2)."
        findings.tell("flow_into_start", words, incoming[0])
    if tag == "endEvent" and outgoing:
        words = f"The end event {label(node)} may have no outgoing flow (10.5.3)."
        findings.tell("flow_out_of_end", words, outgoing[0])
    if tag == "boundaryEvent" and incoming:
        findings.tell("flow_into_boundary", f"{label(node)} may have no incoming flow (10.5.4).", incoming[0])
    if is_event_sub_process(node):
        for at in (*incoming, *outgoing):
            words = f"The event sub-process {label(node)} may have no flows (10.3.5)."
            findings.tell("flow_at_event_sub_process", words, at)
    if flag(node, "isForCompensation") and (incoming or outgoing):
        findings.tell("flow_at_handler", f"{label(node)} handles compensation; it may have no flows (10.7.1).", node)
    if node.find(q("linkEventDefinition")) is not None:
        if tag == "intermediateThrowEvent" and outgoing:
            words = f"{label(node)} goes on at its link; it may have no outgoing flow (10.5.5)."
            findings.tell("link_flow", words, outgoing[0])
        elif tag == "intermediateCatchEvent" and incoming:
            words = f"{label(node)} is where a link leads to; it may have no incoming flow (10.5.5)."
            findings.tell("link_flow", words, incoming[0])


def _check_where_one_must_be(
    graph: Graph,
    node: etree._Element,
    tag: str,
    incoming: list[etree._Element],
    outgoing: list[etree._Element],
    findings: Findings,
) -> None:
    link = node.find(q("linkEventDefinition")) is not None
    if tag in ("intermediateCatchEvent", "intermediateThrowEvent") and not incoming and not graph.has_start:
        inside_ad_hoc = graph.scope.tag == q("adHocSubProcess")
        if not inside_ad_hoc and not (link and tag == "intermediateCatchEvent"):
            words = f"No flow leads to {label(node)}; it begins with its scope. Use a start event (10.5.4)."
            findings.tell("event_without_input", words, node)
    if outgoing or tag == "endEvent" or is_event_sub_process(node) or flag(node, "isForCompensation"):
        return
    if tag == "startEvent":
        findings.tell("start_leads_nowhere", f"The start event {label(node)} has no outgoing flow (10.5.2).", node)
    elif tag == "boundaryEvent":
        if node.find(q("compensateEventDefinition")) is None:
            words = f"Nothing follows {label(node)}: when it occurs, its path ends there (10.5.4)."
            findings.tell("boundary_leads_nowhere", words, node)
    elif graph.has_end and graph.scope.tag != q("adHocSubProcess") and not (link and tag == "intermediateThrowEvent"):
        findings.tell("path_ends", f"After {label(node)} the path ends without an end event.", node)


def _check_instantiation(
    graph: Graph, node: etree._Element, incoming: list[etree._Element], findings: Findings
) -> None:
    """Instances begin at it, so nothing may come before it (10.3.3, 10.6.6)."""
    if graph.scope.tag != q("process"):
        words = f"{label(node)} stands in a sub-process and cannot start instances (10.6.6)."
        findings.tell("instantiate_misplaced", words, node)
    if incoming:
        words = f"{label(node)} starts instances; no flow may lead to it, not even from a start event (10.6.6)."
        findings.tell("instantiate_with_input", words, incoming[0])


def _check_lists(
    node: etree._Element, incoming: list[etree._Element], outgoing: list[etree._Element], findings: Findings
) -> None:
    """A tool may list the flows of an element in it. We go by the flows, other tools may go by the list."""
    for tag, flows in (("incoming", incoming), ("outgoing", outgoing)):
        listed = node.findall(q(tag))
        if not listed:
            continue
        drawn = {flow.get("id", "") for flow in flows}
        for entry in listed:
            reference = local_reference(entry.text or "")
            if reference not in drawn:
                words = f"{label(node)} lists {reference[:80]!r} as {tag}, but no such flow is at it (8.4.13)."
                findings.tell("flow_list_wrong", words, entry)
                break


def _check_starts_and_ends(graph: Graph, findings: Findings) -> None:
    if graph.has_end and not graph.has_start and not any(flag(node, "instantiate") for node in graph.nodes.values()):
        end = graph.scope.find(q("endEvent"))
        findings.tell("end_without_start", f"{label(graph.scope)} has an end event, but no start event (10.5.3).", end)
    elif graph.has_start and not graph.has_end:
        start = graph.scope.find(q("startEvent"))
        findings.tell("start_without_end", f"{label(graph.scope)} has a start event, but no end event (10.5.3).", start)
