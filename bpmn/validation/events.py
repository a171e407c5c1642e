"""Events: which may stand where, and what they must name (BPMN 2.0.2, 10.5, Table 10.93)."""

from __future__ import annotations

from lxml import etree

from bpmn import events as e
from bpmn.elements import ACTIVITY_TAGS, SCOPE_TAGS, flag, local_reference, q
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


def check_scope(graph: Graph, declared: Declarations, begun: dict[str, etree._Element], findings: Findings) -> None:
    """The events directly inside a process or sub-process. `begun`: message → the start event of the document that
    waits for it."""
    scope = graph.scope
    caught: dict[tuple[str, str, str | None], etree._Element] = {}
    links: dict[str, list[etree._Element]] = {}
    thrown: list[tuple[str, etree._Element]] = []
    for node in graph.nodes.values():
        tag = tag_of(node) or ""
        if not tag.endswith("Event"):
            continue
        try:
            found = read_events(node, declared)
        except ExtensionFault as fault:
            findings.tell(fault.code, f"{label(node)}: {fault.message}", node, fault.line)
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
            elif isinstance(event, e.Error | e.Escalation) and tag == "boundaryEvent":
                _warn_of_a_second(node, event, caught, findings)
            elif isinstance(event, e.Message) and tag == "startEvent" and scope.tag == q("process"):
                first = begun.setdefault(event.name.source, node)
                if first is not node and not event.keys:
                    words = f"{label(node)} waits for the same message as {label(first)}; only one of them begins."
                    findings.tell("same_start", words, node)
    _check_links(links, thrown, findings)
    _check_handlers(graph, findings)


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
            findings.tell(
                "event_misplaced", f"{label(node)} is a {words} event, which may not stand here ({place}; 10.5).", node
            )
    if place in ("end", "throw"):
        for event in found:
            if isinstance(event, e.Error | e.Escalation) and event.code is None:
                findings.tell(
                    "code_missing", f"{label(node)} throws an event without a code; name an error or escalation.", node
                )
            if isinstance(event, e.Cancel) and graph.scope.tag != q("transaction"):
                findings.tell("cancel_misplaced", f"{label(node)} may only end a transaction (10.5.3).", node)
    if place == "catch" and not found:
        findings.tell("event_missing", f"{label(node)} waits for nothing: it has no event (10.5.4).", node)
    if len(found) > 1 and any(isinstance(event, e.Link | e.Cancel | e.Terminate) for event in found):
        findings.tell("multiple_mixed", f"{label(node)} mixes an event that must stand alone with others.", node)
    if place == "boundary":
        _check_boundary(graph, node, found, findings)
    elif (
        place == "start of an event sub-process"
        and not flag(node, "isInterrupting")
        and any(isinstance(event, e.Error | e.Compensation) for event in found)
    ):
        findings.tell(
            "must_interrupt", f"{label(node)}: an error or compensation start always interrupts (10.5.2).", node
        )


def _check_boundary(graph: Graph, node: etree._Element, found: tuple[e.Definition, ...], findings: Findings) -> None:
    reference = local_reference(node.get("attachedToRef", ""))
    host = graph.nodes.get(reference)
    if host is None or tag_of(host) not in ACTIVITY_TAGS or is_event_sub_process(host):
        findings.tell("not_attached", f"{label(node)} is attached to {reference}, which is no activity here.", node)
        return
    if not found:
        findings.tell("event_missing", f"{label(node)} has no event (10.5.4).", node)
    if not flag(node, "cancelActivity") and any(isinstance(event, _INTERRUPTS) for event in found):
        findings.tell("must_interrupt", f"{label(node)}: this event always interrupts (10.5.4).", node)
    if any(isinstance(event, e.Cancel) for event in found) and host.tag != q("transaction"):
        findings.tell("cancel_misplaced", f"{label(node)}: only a transaction can be cancelled (10.5.3).", node)
    if any(isinstance(event, e.Compensation) for event in found):
        _check_handler(graph, node, findings)


def _warn_of_a_second(
    node: etree._Element,
    event: e.Error | e.Escalation,
    caught: dict[tuple[str, str, str | None], etree._Element],
    findings: Findings,
) -> None:
    host = local_reference(node.get("attachedToRef", ""))
    first = caught.setdefault((host, type(event).__name__, event.code), node)
    if first is not node:
        words = f"{label(node)} catches what {label(first)} catches too; only the first of them occurs (10.5.6)."
        findings.tell("caught_twice", words, node)


def _check_handler(graph: Graph, node: etree._Element, findings: Findings) -> None:
    handlers = [graph.nodes.get(target) for target in graph.associations.get(node.get("id", ""), [])]
    if len(handlers) != 1 or handlers[0] is None or tag_of(handlers[0]) not in ACTIVITY_TAGS:
        findings.tell("handler_missing", f"{label(node)} needs one association to its handler (10.7.1).", node)
    elif not flag(handlers[0], "isForCompensation"):
        findings.tell(
            "handler_unmarked", f"{label(handlers[0])} handles compensation; mark it so (10.7.1).", handlers[0]
        )
    if graph.outgoing.get(node.get("id", "")):
        findings.tell("flow_out_of_compensation", f"{label(node)} may have no outgoing flow (10.7.1).", node)


def _check_handlers(graph: Graph, findings: Findings) -> None:
    """Handlers that no event leads to, and transactions that wait for a cancel that nothing sends."""
    led = set()
    for identity, node in graph.nodes.items():
        if tag_of(node) != "boundaryEvent":
            continue
        if node.find(q("compensateEventDefinition")) is not None:
            led.update(graph.associations.get(identity, []))
        host = graph.nodes.get(local_reference(node.get("attachedToRef", "")))
        if node.find(q("cancelEventDefinition")) is not None and host is not None and host.tag == q("transaction"):
            ends = host.iterfind(f"{q('endEvent')}/{q('cancelEventDefinition')}")
            if next(ends, None) is None and host.find(f"{q('endEvent')}/{q('eventDefinitionRef')}") is None:
                words = f"{label(node)} waits for a cancel, but {label(host)} has no cancel end event (10.3.5)."
                findings.tell("cancel_never", words, node)
    for identity, node in graph.nodes.items():
        if flag(node, "isForCompensation") and identity not in led and not is_event_sub_process(node):
            words = f"{label(node)} handles compensation, but no event leads to it (10.7.1)."
            findings.tell("handler_unused", words, node)


def _check_compensation(graph: Graph, node: etree._Element, event: e.Compensation, findings: Findings) -> None:
    if event.activity is None:
        return
    target = graph.nodes.get(event.activity)
    current: etree._Element | None = graph.scope.getparent()
    while target is None and current is not None and current.tag != q("definitions"):
        target = next((other for other in flow_nodes(current) if other.get("id") == event.activity), None)
        current = current.getparent()
    if target is None or tag_of(target) not in ACTIVITY_TAGS:
        words = f"{label(node)} compensates {event.activity}, which is no activity that it can see."
        findings.tell("dangling_reference", words, node)
    elif event.activity in graph.nodes and not _compensable(graph, target):
        words = f"{label(node)} compensates {label(target)}, which has no handler (10.7.2)."
        findings.tell("nothing_to_compensate", words, node)


def _compensable(graph: Graph, activity: etree._Element) -> bool:
    """Whether something may happen when it is compensated: it has a handler, or a scope that may hold some."""
    if tag_of(activity) in (*SCOPE_TAGS, "callActivity"):
        return True
    events = (graph.nodes[event] for event in graph.attached.get(activity.get("id", ""), []))
    return any(event.find(q("compensateEventDefinition")) is not None for event in events)


def _check_links(
    links: dict[str, list[etree._Element]], thrown: list[tuple[str, etree._Element]], findings: Findings
) -> None:
    for name, catches in links.items():
        for extra in catches[1:]:
            findings.tell("link_twice", f"Two link events catch {name!r}; one may (10.5.5).", extra)
    for name, node in thrown:
        if name not in links:
            findings.tell(
                "link_missing", f"{label(node)} leads to the link {name!r}, which nothing catches here.", node
            )
    sent = {name for name, _ in thrown}
    for name, catches in links.items():
        if name not in sent:
            findings.tell("link_unused", f"Nothing leads to the link {name!r}.", catches[0])
