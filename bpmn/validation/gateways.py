"""Gateways: what follows them, and whether they join as they split (BPMN 2.0.2, 10.6)."""

from __future__ import annotations

from lxml import etree

from bpmn import events as e
from bpmn.elements import flag, q
from bpmn.event_reading import Declarations, read_events
from bpmn.extensions import ExtensionFault
from bpmn.validation.findings import Findings, label
from bpmn.validation.graph import Graph
from bpmn.validation.ids import tag_of

_FOLLOWS = (e.Message, e.Timer, e.Signal, e.Conditional)
_WAITS = frozenset({"parallelGateway", "inclusiveGateway", "complexGateway"})


def check_scope(graph: Graph, declared: Declarations, findings: Findings) -> None:
    """The gateways directly inside a process or sub-process, and what joins without one."""
    for identity, node in graph.nodes.items():
        tag = tag_of(node) or ""
        incoming = graph.incoming.get(identity, [])
        outgoing = graph.outgoing.get(identity, [])
        if tag == "eventBasedGateway":
            _check_event_gateway(graph, node, outgoing, declared, findings)
        elif tag.endswith("Gateway"):
            _check_shape(node, tag, incoming, outgoing, findings)
        if len(incoming) > 1:
            if tag == "parallelGateway":
                _warn_of_deadlock(graph, node, incoming, findings)
            elif tag not in _WAITS and tag != "endEvent" and node.get("startQuantity", "1").strip() == "1":
                _warn_of_running_twice(graph, node, incoming, findings)


def _check_shape(
    node: etree._Element,
    tag: str,
    incoming: list[etree._Element],
    outgoing: list[etree._Element],
    findings: Findings,
) -> None:
    if len(incoming) == 1 and len(outgoing) == 1:
        words = f"{label(node)} neither splits nor joins: one flow leads in and one out (10.6.1)."
        findings.tell("gateway_needless", words, node)
    direction = node.get("gatewayDirection")
    if (direction == "Converging" and len(outgoing) > 1) or (direction == "Diverging" and len(incoming) > 1):
        words = f"{label(node)} says that it is {direction.lower()}, but is drawn otherwise (8.4.9)."
        findings.tell("gateway_direction", words, node)
    if tag == "complexGateway" and len(incoming) > 1 and node.find(q("activationCondition")) is None:
        words = f"{label(node)} has no activation condition: it goes on at the first token that comes (10.6.5)."
        findings.tell("activation_missing", words, node)


def _check_event_gateway(
    graph: Graph, node: etree._Element, outgoing: list[etree._Element], declared: Declarations, findings: Findings
) -> None:
    """At least two events follow, each reached only from here (10.6.6)."""
    if len(outgoing) < 2:
        findings.tell("event_gateway_few", f"{label(node)} needs at least two events after it (10.6.6).", node)
    if node.get("eventGatewayType") == "Parallel" and not flag(node, "instantiate"):
        findings.tell("parallel_event_gateway", f"{label(node)}: a parallel one must start instances (10.6.6).", node)
    tasks = messages = False
    for flow in outgoing:
        target = graph.nodes.get(flow.get("targetRef", ""))
        if target is None:
            continue
        identity = target.get("id", "")
        if tag_of(target) == "receiveTask":
            tasks = True
            if graph.attached.get(identity):
                findings.tell("event_gateway_target", f"{label(target)} may have no boundary events here.", target)
        else:
            caught = _caught(target, declared)
            messages = messages or any(isinstance(event, e.Message) for event in caught or ())
            if caught is not None and not (caught and all(isinstance(event, _FOLLOWS) for event in caught)):
                words = f"{label(node)} leads to {label(target)}, which waits for no event that may follow (10.6.6)."
                findings.tell("event_gateway_target", words, flow)
        if len(graph.incoming.get(identity, [])) > 1:
            findings.tell("event_gateway_target", f"{label(target)} may be reached only from {label(node)}.", target)
    if tasks and messages:
        findings.tell("event_gateway_mixed", f"{label(node)} mixes receive tasks and message events (10.6.6).", node)


def _caught(target: etree._Element, declared: Declarations) -> tuple[e.Definition, ...] | None:
    """What it waits for; None if that cannot be read, which is said elsewhere."""
    if tag_of(target) != "intermediateCatchEvent":
        return ()
    try:
        return read_events(target, declared)
    except ExtensionFault:
        return None


def _origins(graph: Graph, incoming: list[etree._Element]) -> dict[str, int]:
    """Where the flows into a node part → how many of them."""
    found: dict[str, int] = {}
    for flow in incoming:
        origin = graph.origin(flow)
        if origin in graph.nodes:
            found[origin] = found.get(origin, 0) + 1
    return {origin: count for origin, count in found.items() if count > 1}


def _warn_of_deadlock(graph: Graph, join: etree._Element, incoming: list[etree._Element], findings: Findings) -> None:
    """A choice whose branches lead straight into a parallel join: not all of them come."""
    for origin in _origins(graph, incoming):
        if graph.chooses(origin):
            node = graph.nodes[origin]
            words = f"{label(join)} waits for several branches of {label(node)}, which need not take them all (10.6.4)."
            findings.tell("choice_into_join", words, join)


def _warn_of_running_twice(
    graph: Graph, merge: etree._Element, incoming: list[etree._Element], findings: Findings
) -> None:
    """Branches that run together meet where nothing waits: what follows runs once for each of them."""
    for origin, count in _origins(graph, incoming).items():
        node = graph.nodes[origin]
        if graph.takes_all(origin) or tag_of(node) == "inclusiveGateway":
            words = f"{label(merge)} is reached by {count} branches of {label(node)} that run together; "
            words += "it and what follows run once for each of them (10.6.2)."
            findings.tell("runs_twice", words, merge)
