"""Events: which may stand where, and what they must name (BPMN 2.0.2, 10.5, Table 10.93)."""

from __future__ import annotations

from lxml import etree

from bpmn import events as e
from bpmn.elements import ACTIVITY_TAGS, flag, q
from bpmn.event_reading import Declarations, read_events
from bpmn.extensions import ExtensionFault
from bpmn.parser import flow_nodes
from bpmn.validation.findings import Findings, label
from bpmn.validation.graph import Graph
from bpmn.validation.ids import tag_of
from bpmn.validation.structure import is_event_sub_process

_WAITED = (e.Message, e.Timer, e.Signal, e.Conditional)
#: place → the event definitions that may stand there
_ALLOWED: dict[str, tuple[type, ...]] = {
    "start of a process": _WAITED,
    "start of an event sub-process": (*_WAITED, e.Error, e.Escalation, e.Compensation),
    "catch": (*_WAITED, e.Link),
    "throw": (e.Message, e.Signal, e.Escalation, e.Compensation, e.Link),
    "boundary": (*_WAITED, e.Error, e.Escalation, e.Compensation, e.Cancel),
    "end": (e.Message, e.Signal, e.Error, e.Escalation, e.Compensation, e.Cancel, e.Terminate),
}
#: Events that always interrupt.
_INTERRUPTS = (e.Error, e.Cancel, e.Compensation)


def check_scope(graph: Graph, declared: Declarations, findings: Findings) -> None:
    """The events directly inside a process or sub-process."""
    scope = graph.scope
    links: dict[str, list[etree._Element]] = {}
    thrown: list[tuple[str, etree._Element]] = []
    for node in graph.nodes.values():
        tag = tag_of(node) or ""
        if not tag.endswith("Event"):
            continue
        try:
            found = read_events(node, declared)
        except ExtensionFault as fault:
            findings.error(fault.code, f"{label(node)}: {fault.message}", node, fault.line)
            continue
        _check_place(graph, node, _place(scope, tag), found, findings)
        for event in found:
            if isinstance(event, e.Link):
                if tag == "intermediateCatchEvent":
                    links.setdefault(event.name, []).append(node)
                else:
                    thrown.append((event.name, node))
            elif isinstance(event, e.Compensation) and tag in ("intermediateThrowEvent", "endEvent"):
                _check_compensation(graph, node, event, findings)
    _check_links(links, thrown, findings)


def _place(scope: etree._Element, tag: str) -> str:
    if tag == "startEvent":
        return "start of an event sub-process" if is_event_sub_process(scope) else "start of a process"
    return {"intermediateCatchEvent": "catch", "boundaryEvent": "boundary", "endEvent": "end"}.get(tag, "throw")


def _check_place(
    graph: Graph, node: etree._Element, place: str, found: tuple[e.Definition, ...], findings: Findings
) -> None:
    for event in found:
        if not isinstance(event, _ALLOWED[place]):
            words = type(event).__name__.lower()
            findings.error(
                "event_misplaced", f"{label(node)} is a {words} event, which may not stand here ({place}; 10.5).", node
            )
    if place in ("end", "throw"):
        for event in found:
            if isinstance(event, e.Error | e.Escalation) and event.code is None:
                findings.error(
                    "code_missing", f"{label(node)} throws an event without a code; name an error or escalation.", node
                )
            if isinstance(event, e.Cancel) and graph.scope.tag != q("transaction"):
                findings.error("cancel_misplaced", f"{label(node)} may only end a transaction (10.5.3).", node)
    if place == "catch" and not found:
        findings.error("event_missing", f"{label(node)} waits for nothing: it has no event (10.5.4).", node)
    if len(found) > 1 and any(isinstance(event, e.Link | e.Cancel | e.Terminate) for event in found):
        findings.error("multiple_mixed", f"{label(node)} mixes an event that must stand alone with others.", node)
    if place == "boundary":
        _check_boundary(graph, node, found, findings)
    elif (
        place == "start of an event sub-process"
        and not flag(node, "isInterrupting")
        and any(isinstance(event, e.Error | e.Compensation) for event in found)
    ):
        findings.error(
            "must_interrupt", f"{label(node)}: an error or compensation start always interrupts (10.5.2).", node
        )


def _check_boundary(graph: Graph, node: etree._Element, found: tuple[e.Definition, ...], findings: Findings) -> None:
    reference = node.get("attachedToRef", "").strip()
    host = graph.nodes.get(reference)
    if host is None or tag_of(host) not in ACTIVITY_TAGS or is_event_sub_process(host):
        findings.error("not_attached", f"{label(node)} is attached to {reference}, which is no activity here.", node)
        return
    if not found:
        findings.error("event_missing", f"{label(node)} has no event (10.5.4).", node)
    if not flag(node, "cancelActivity") and any(isinstance(event, _INTERRUPTS) for event in found):
        findings.error("must_interrupt", f"{label(node)}: this event always interrupts (Table 10.93).", node)
    if any(isinstance(event, e.Cancel) for event in found) and host.tag != q("transaction"):
        findings.error("cancel_misplaced", f"{label(node)}: only a transaction can be cancelled (10.5.4).", node)
    if any(isinstance(event, e.Compensation) for event in found):
        _check_handler(graph, node, findings)


def _check_handler(graph: Graph, node: etree._Element, findings: Findings) -> None:
    handlers = [graph.nodes.get(target) for target in graph.associations.get(node.get("id", ""), [])]
    if len(handlers) != 1 or handlers[0] is None:
        findings.error("handler_missing", f"{label(node)} needs one association to its handler (10.7.1).", node)
    elif not flag(handlers[0], "isForCompensation"):
        findings.error(
            "handler_unmarked", f"{label(handlers[0])} handles compensation; mark it so (10.7.1).", handlers[0]
        )
    if graph.outgoing.get(node.get("id", "")):
        findings.error("flow_out_of_compensation", f"{label(node)} may have no outgoing flow (10.7.1).", node)


def _check_compensation(graph: Graph, node: etree._Element, event: e.Compensation, findings: Findings) -> None:
    if event.activity is None:
        return
    if event.activity in graph.nodes:
        return
    current: etree._Element | None = graph.scope.getparent()
    while current is not None and current.tag != q("definitions"):
        if any(other.get("id") == event.activity for other in flow_nodes(current)):
            return
        current = current.getparent()
    findings.error("dangling_reference", f"{label(node)} compensates {event.activity}, which it cannot see.", node)


def _check_links(
    links: dict[str, list[etree._Element]], thrown: list[tuple[str, etree._Element]], findings: Findings
) -> None:
    for name, catches in links.items():
        for extra in catches[1:]:
            findings.error("link_twice", f"Two link events catch {name!r}; one may (10.5.5).", extra)
    for name, node in thrown:
        if name not in links:
            findings.error(
                "link_missing", f"{label(node)} leads to the link {name!r}, which nothing catches here.", node
            )
    sent = {name for name, _ in thrown}
    for name, catches in links.items():
        if name not in sent:
            findings.warning("link_unused", f"Nothing leads to the link {name!r}.", catches[0])
