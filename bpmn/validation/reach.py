"""What no token can reach, and from where none gets away (BPMN 2.0.2, 10.5.2, 13.2)."""

from __future__ import annotations

from lxml import etree

from bpmn.elements import flag, q
from bpmn.validation.findings import Findings, label
from bpmn.validation.graph import Graph
from bpmn.validation.ids import tag_of
from bpmn.validation.structure import is_event_sub_process

# How many flows are followed in search of joins that can never begin; a search for each join would be quadratic.
MOST_WALKING = 1_000_000


def check_scope(graph: Graph, findings: Findings) -> None:
    """The elements directly inside a process or sub-process."""
    if graph.refused or not graph.nodes:
        return
    begins = [identity for identity, node in graph.nodes.items() if _begins(node)]
    if not graph.has_start or graph.scope.tag != q("process"):
        implied = [identity for identity, node in graph.nodes.items() if _implied(graph, identity, node)]
        begins += implied
        if graph.has_start:
            for identity in implied:
                words = f"{label(graph.nodes[identity])} has no incoming flow, so it begins beside the start event."
                findings.tell("implicit_start", words, graph.nodes[identity])
    if not any(not _aside(graph.nodes[identity]) for identity in begins):
        words = f"Nothing in {label(graph.scope)} can begin: it has no start event, and a flow leads to everything."
        findings.tell("nothing_begins", words, graph.scope)
        return
    reached = graph.reached(begins)
    lost = [node for identity, node in graph.nodes.items() if identity not in reached]
    for node in lost:
        findings.tell("unreachable", f"No path leads from the start to {label(node)}.", node)
    if not lost:
        _warn_of_loops_without_end(graph, findings)
        _warn_of_loops_into_joins(graph, findings)


def _begins(node: etree._Element) -> bool:
    """Whether tokens come to it other than by a flow of its scope."""
    return (
        tag_of(node) == "startEvent"
        or _aside(node)
        or flag(node, "instantiate")
        or (tag_of(node) == "intermediateCatchEvent" and node.find(q("linkEventDefinition")) is not None)
    )


def _aside(node: etree._Element) -> bool:
    """Whether it stands beside what its scope does when nothing happens."""
    return is_event_sub_process(node) or flag(node, "isForCompensation")


def _implied(graph: Graph, identity: str, node: etree._Element) -> bool:
    return not graph.incoming.get(identity) and tag_of(node) != "boundaryEvent" and not _begins(node)


def _warn_of_loops_without_end(graph: Graph, findings: Findings) -> None:
    away = graph.reaching(identity for identity in graph.nodes if not graph.outgoing.get(identity))
    held = [node for identity, node in graph.nodes.items() if identity not in away]
    if held:
        more = f", nor from {len(held) - 1:,} other elements" if len(held) > 1 else ""
        findings.tell("endless", f"From {label(held[0])} no path leads to an end{more} (13.2).", held[0])


def _warn_of_loops_into_joins(graph: Graph, findings: Findings) -> None:
    """A way back straight into a parallel join: the join waits for it, and it only comes after the join."""
    if not graph.has_start:
        return
    starts = [identity for identity, node in graph.nodes.items() if _begins(node)]
    left = MOST_WALKING
    for identity, join in graph.nodes.items():
        incoming = graph.incoming.get(identity, [])
        if tag_of(join) != "parallelGateway" or len(incoming) < 2:
            continue
        left -= len(graph.flows)
        if left < 0:
            return
        before = graph.reached(starts, without=identity)
        for flow in incoming:
            if flow.get("sourceRef", "") not in before:
                findings.tell(
                    "loop_into_join",
                    f"{label(join)} will never begin: it waits for the flow {label(flow)} too, which comes only after "
                    "it. Merge the way back before it, by an exclusive gateway.",
                    flow,
                )
