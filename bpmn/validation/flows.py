"""Sequence flows: where they may go, which may have conditions, what they leave unreached (BPMN 2.0.2, 8.4.13)."""

from __future__ import annotations

from lxml import etree

from bpmn.elements import ACTIVITY_TAGS, flag, q
from bpmn.scripts import ScriptFault, read_expression
from bpmn.validation.findings import Findings, label
from bpmn.validation.graph import Graph
from bpmn.validation.ids import tag_of

_PYTHON = frozenset({"", "python", "python3", "text/x-python", "application/x-python"})
# How many flows are followed in search of joins that can never begin; a search for each join would be quadratic.
MOST_WALKING = 1_000_000
_MAY_CHOOSE = frozenset({"exclusiveGateway"})
_HAS_DEFAULT = frozenset({"exclusiveGateway", "inclusiveGateway", "complexGateway"})
_TAKES_ALL = frozenset({"parallelGateway", "eventBasedGateway"})
_EVENT_TARGETS = (
    "messageEventDefinition",
    "timerEventDefinition",
    "signalEventDefinition",
    "conditionalEventDefinition",
)


def check_scope(graph: Graph, findings: Findings) -> None:
    """All rules about the flows directly inside a process or sub-process."""
    for flow in graph.flows:
        _check_ends(graph, flow, findings)
    for identity, node in graph.nodes.items():
        _check_node(graph, identity, node, findings)
    if not graph.refused:
        _check_reach(graph, findings)


def _check_ends(graph: Graph, flow: etree._Element, findings: Findings) -> None:
    for attribute, words in (("sourceRef", "source"), ("targetRef", "target")):
        reference = flow.get(attribute)
        if not reference:
            findings.error("dangling_flow", f"The flow {label(flow)} has no {words} ({attribute}).", flow)
        elif reference not in graph.nodes and reference not in graph.refused:
            if reference in graph.known:
                message = f"The flow {label(flow)} leaves its scope: its {words} {reference} lies elsewhere (8.4.13)."
            else:
                message = f"The flow {label(flow)} has a {words} {reference} that is not in this file."
            findings.error("dangling_flow", message, flow)


def _check_node(graph: Graph, identity: str, node: etree._Element, findings: Findings) -> None:
    tag = tag_of(node)
    outgoing = graph.outgoing.get(identity, [])
    incoming = graph.incoming.get(identity, [])
    if tag == "startEvent" and incoming:
        findings.error(
            "flow_into_start", f"The start event {label(node)} may have no incoming flow (10.5.2).", incoming[0]
        )
    if tag == "endEvent" and outgoing:
        findings.error(
            "flow_out_of_end", f"The end event {label(node)} may have no outgoing flow (10.5.3).", outgoing[0]
        )
    if _by_event(node):
        for at in (*incoming, *outgoing):
            findings.error(
                "flow_at_event_sub_process", f"The event sub-process {label(node)} may have no flows (10.3.5).", at
            )
    if tag == "startEvent" and not outgoing:
        findings.error("start_leads_nowhere", f"The start event {label(node)} has no outgoing flow (10.5.2).", node)
    elif tag != "endEvent" and not outgoing and not _by_event(node) and not _stands_alone(graph, node):
        findings.warning("path_ends", f"After {label(node)} the path ends without an end event.", node)
    _check_conditions(node, tag or "", outgoing, findings)
    if tag == "boundaryEvent" and incoming:
        findings.error("flow_into_boundary", f"{label(node)} may have no incoming flow (10.5.4).", incoming[0])
    if flag(node, "isForCompensation") and (incoming or outgoing):
        findings.error("flow_at_handler", f"{label(node)} handles compensation; it may have no flows (10.7.1).", node)
    if tag == "eventBasedGateway":
        _check_event_gateway(graph, node, incoming, outgoing, findings)
    if tag == "parallelGateway" and len(incoming) > 1:
        _warn_of_deadlock(graph, node, incoming, findings)


def _check_conditions(node: etree._Element, tag: str, outgoing: list[etree._Element], findings: Findings) -> None:
    default = node.get("default")
    by_id = {flow.get("id"): flow for flow in outgoing}
    if default is not None and tag not in _HAS_DEFAULT and tag not in ACTIVITY_TAGS:
        findings.error("default_misplaced", f"{label(node)} takes all its flows; it has no default (8.4.13).", node)
        default = None
    elif default is not None and default not in by_id:
        findings.error("default_missing", f"The default flow {default} of {label(node)} does not leave it.", node)
    unconditional = []
    for flow in outgoing:
        condition = flow.find(q("conditionExpression"))
        if condition is None or not (len(condition) or (condition.text or "").strip()):
            if condition is not None:
                findings.error("condition_empty", f"The condition of the flow {label(flow)} is empty.", condition)
            elif flow.get("id") != default:
                unconditional.append(flow)
            continue
        if flow.get("id") == default:
            findings.error(
                "default_with_condition", f"The default flow {label(flow)} may have no condition (13.2.1).", condition
            )
        if tag in _TAKES_ALL or tag.endswith("Event"):
            findings.error(
                "condition_misplaced",
                f"The flow {label(flow)} may have no condition: {label(node)} takes all its flows (8.4.13).",
                condition,
            )
        _check_condition(flow, condition, findings)
    if default in by_id and unconditional and tag not in _MAY_CHOOSE:
        findings.warning(
            "default_never_taken",
            f"The default flow of {label(node)} is never taken: {label(unconditional[0])} always is (8.4.13).",
            node,
        )
    if tag in _MAY_CHOOSE and len(outgoing) > 1:
        allowed = 0 if default in by_id else 1
        for flow in unconditional[allowed:]:
            findings.error(
                "condition_missing",
                f"The flow {label(flow)} out of {label(node)} needs a condition, or must be the default flow.",
                flow,
            )
        if unconditional and default is None:
            findings.warning(
                "default_implied",
                f"The flow {label(unconditional[0])} has no condition, so it is taken if no other holds; "
                f"mark it as the default flow of {label(node)}.",
                unconditional[0],
            )
        elif not unconditional and default is None:
            findings.warning(
                "no_default",
                f"{label(node)} has no default flow: if no condition holds, it stops with an incident.",
                node,
            )


def _check_condition(flow: etree._Element, condition: etree._Element, findings: Findings) -> None:
    if len(condition):
        words = f"The condition of {label(flow)} holds elements; it may only be text."
        findings.error("condition_mixed", words, condition)
        return
    text = (condition.text or "").strip()
    language = (condition.get("language") or "").strip().lower()
    if text.startswith("=") and not text.startswith("=="):
        findings.error(
            "language_unsupported",
            f"The condition of {label(flow)} is FEEL, which this release does not run.",
            condition,
        )
    elif text.startswith(("${", "#{")):
        findings.error(
            "language_unsupported",
            f"The condition of {label(flow)} is a JUEL expression, which this release does not run.",
            condition,
        )
    elif language not in _PYTHON:
        findings.error(
            "language_unsupported",
            f"The condition of {label(flow)} is written in {language!r}; conditions are Python.",
            condition,
        )
    else:
        try:
            read_expression(text)
        except ScriptFault as fault:
            words = f"The condition of {label(flow)} cannot be read. {fault.message.rstrip('.')}."
            findings.error("condition_syntax", words, condition)


def _check_reach(graph: Graph, findings: Findings) -> None:
    """Where a scope has a start event, everything else must be reached from it (10.5.2)."""
    if not any(tag_of(node) == "startEvent" for node in graph.nodes.values()):
        return
    begins = [identity for identity, node in graph.nodes.items() if _begins(node)]
    reached = graph.reached(begins)
    lost = [node for identity, node in graph.nodes.items() if identity not in reached]
    for node in lost:
        findings.error("unreachable", f"No path leads from the start event to {label(node)}.", node)
    if not lost:
        _warn_of_loops_into_joins(graph, findings)


def _warn_of_loops_into_joins(graph: Graph, findings: Findings) -> None:
    """A way back straight into a parallel join: the join waits for it, and it only comes after the join."""
    starts = [i for i, node in graph.nodes.items() if tag_of(node) == "startEvent"]
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
                findings.warning(
                    "loop_into_join",
                    f"{label(join)} will never begin: it waits for the flow {label(flow)} too, which comes only after "
                    "it. Merge the way back before it, by an exclusive gateway.",
                    flow,
                )


def _begins(node: etree._Element) -> bool:
    """Whether tokens come to it other than by a flow of its scope."""
    return (
        tag_of(node) == "startEvent"
        or _by_event(node)
        or flag(node, "isForCompensation")
        or flag(node, "instantiate")
        or node.find(q("linkEventDefinition")) is not None
    )


def _warn_of_deadlock(graph: Graph, join: etree._Element, incoming: list[etree._Element], findings: Findings) -> None:
    """An exclusive split whose branches lead straight into a parallel join: only one of them can ever come."""
    sources: dict[str, int] = {}
    for flow in incoming:
        origin = graph.origin(flow.get("sourceRef", ""))
        node = graph.nodes.get(origin)
        if node is not None and tag_of(node) == "exclusiveGateway" and len(graph.outgoing.get(origin, [])) > 1:
            sources[origin] = sources.get(origin, 0) + 1
    for origin, count in sources.items():
        if count > 1:
            findings.warning(
                "choice_into_join",
                f"{label(join)} waits for several branches of {label(graph.nodes[origin])}, which takes only one.",
                join,
            )


def _stands_alone(graph: Graph, node: etree._Element) -> bool:
    """Where no end event is drawn or none is expected, paths end by themselves."""
    if flag(node, "isForCompensation") or graph.scope.tag == q("adHocSubProcess"):
        return True
    if tag_of(node) == "boundaryEvent" and node.find(q("compensateEventDefinition")) is not None:
        return True
    if tag_of(node) == "intermediateThrowEvent" and node.find(q("linkEventDefinition")) is not None:
        return True
    return not graph.has_end


def _check_event_gateway(
    graph: Graph,
    node: etree._Element,
    incoming: list[etree._Element],
    outgoing: list[etree._Element],
    findings: Findings,
) -> None:
    """10.6.6: at least two events follow, each reached only from here."""
    if len(outgoing) < 2:
        findings.error("event_gateway_few", f"{label(node)} needs at least two events after it (10.6.6).", node)
    if flag(node, "instantiate") and incoming:
        findings.error("instantiate_with_input", f"{label(node)} starts instances; it may have no input.", incoming[0])
    if node.get("eventGatewayType") == "Parallel" and not flag(node, "instantiate"):
        findings.error("parallel_event_gateway", f"{label(node)}: a parallel one must start instances (10.6.6).", node)
    kinds = set()
    for flow in outgoing:
        target = graph.nodes.get(flow.get("targetRef", ""))
        if target is None:
            continue
        kinds.add(tag_of(target))
        catches = tag_of(target) == "intermediateCatchEvent" and any(
            target.find(q(name)) is not None for name in _EVENT_TARGETS
        )
        if not catches and tag_of(target) != "receiveTask":
            findings.error(
                "event_gateway_target",
                f"{label(node)} leads to {label(target)}, which waits for no event (10.6.6).",
                flow,
            )
        if len(graph.incoming.get(target.get("id", ""), [])) > 1:
            findings.error("event_gateway_target", f"{label(target)} may be reached only from {label(node)}.", target)
        if tag_of(target) == "receiveTask" and any(
            n.get("attachedToRef") == target.get("id") for n in graph.nodes.values()
        ):
            findings.error("event_gateway_target", f"{label(target)} may have no boundary events here.", target)
    messages = any(
        target is not None and target.find(q("messageEventDefinition")) is not None
        for target in (graph.nodes.get(flow.get("targetRef", "")) for flow in outgoing)
    )
    if "receiveTask" in kinds and messages:
        findings.error("event_gateway_mixed", f"{label(node)} mixes receive tasks and message events (10.6.6).", node)


def _by_event(node: etree._Element) -> bool:
    return tag_of(node) == "subProcess" and flag(node, "triggeredByEvent")
