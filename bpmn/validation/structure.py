"""What a document and its scopes may hold, and how many of it."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from bpmn.elements import (
    ACTIVITY_TAGS,
    BPMN,
    HARMLESS_TAGS,
    SUPPORTED_TAGS,
    UNSUPPORTED_TAGS,
    flag,
    local_reference,
    q,
)
from bpmn.parser import flow_nodes, is_executable
from bpmn.validation.findings import Findings, label
from bpmn.validation.ids import tag_of

_EVENT_TAGS = frozenset({"startEvent", "endEvent", "intermediateThrowEvent"})
_INNER_HARMLESS = frozenset({"documentation", "extensionElements", "incoming", "outgoing", "auditing", "monitoring"})
Messages = dict[str, etree._Element]
_PERFORMERS = frozenset({"resourceRole", "performer", "humanPerformer", "potentialOwner"})


def check_root(root: etree._Element, findings: Findings) -> bool:
    """Whether this is a BPMN document at all (8.1)."""
    if root.tag == q("definitions"):
        return True
    name = etree.QName(root)
    if name.localname == "definitions":
        findings.error(
            "not_bpmn", f"The root element has the namespace {name.namespace!r}; BPMN 2.0 has {BPMN!r}.", root
        )
    else:
        findings.error(
            "not_bpmn", f"This is no BPMN file: its root element is <{name.localname}>, not <definitions>.", root
        )
    return False


def executable_scopes(root: etree._Element, findings: Findings) -> Iterator[etree._Element]:
    """Every process that will run, and every sub-process in it."""
    processes = root.findall(q("process"))
    executable = [process for process in processes if is_executable(process)]
    for process in processes:
        if not flag(process, "isExecutable") and next(flow_nodes(process), None) is not None:
            findings.warning(
                "not_executable",
                f"The process {label(process)} is marked as not executable and is left out; set isExecutable to true.",
                process,
            )
    if not executable:
        findings.error("no_process", "There is no executable process with elements in this file.", root)
    for process in executable:
        inside = [process]
        while inside:
            scope = inside.pop()
            yield scope
            inside.extend(scope.findall(q("subProcess")))


def messages_of(root: etree._Element) -> Messages:
    """The messages declared in the document, by id."""
    return {node.get("id", ""): node for node in root.findall(q("message"))}


def check_scope(scope: etree._Element, messages: Messages, findings: Findings) -> None:
    """The elements directly inside a process or sub-process."""
    is_process = scope.tag == q("process")
    for node in scope:
        tag = tag_of(node) if isinstance(node.tag, str) else None
        if tag is None or tag in HARMLESS_TAGS:
            continue
        if tag in SUPPORTED_TAGS:
            _check_node(node, tag, messages, findings)
        elif tag in UNSUPPORTED_TAGS:
            findings.error(
                "unsupported_element",
                f"{label(node)} is a {UNSUPPORTED_TAGS[tag]}, which this release does not run.",
                node,
            )
        elif tag in _PERFORMERS or (not is_process and tag.endswith("LoopCharacteristics")):
            pass  # said once, by _check_node or as below
        else:
            findings.error("unknown_element", f"<{tag}> is not an element that may stand here.", node)
    _check_starts(scope, findings)


def _check_node(node: etree._Element, tag: str, messages: Messages, findings: Findings) -> None:
    for child in node:
        inner = tag_of(child) if isinstance(child.tag, str) else None
        if inner is None or inner in _INNER_HARMLESS:
            continue
        if inner.endswith("EventDefinition") or inner == "eventDefinitionRef":
            _check_event_definition(node, child, inner, messages, findings)
        elif inner.endswith("LoopCharacteristics"):
            words = "a loop" if inner.startswith("standard") else "multi-instance"
            findings.error(
                "unsupported_loop", f"{label(node)} is marked as {words}, which this release does not run.", node
            )
        elif inner in _PERFORMERS:
            findings.error(
                "unsupported_performer",
                f"{label(node)} names performers by <{inner}>; use signalbox:assignee or signalbox:candidateGroups.",
                child,
            )
        elif inner in {
            "ioSpecification",
            "dataInputAssociation",
            "dataOutputAssociation",
            "dataInput",
            "dataOutput",
            "property",
        }:
            findings.error(
                "unsupported_data", f"{label(node)} maps data by <{inner}>, which this release does not run.", child
            )
        elif tag == "subProcess" or (tag == "scriptTask" and inner == "script"):
            continue  # a sub-process's content is a scope of its own
        elif inner == "rendering":
            continue
        else:
            findings.error("unknown_element", f"<{inner}> is not an element that may stand in {label(node)}.", child)
    if tag in ACTIVITY_TAGS:
        _check_activity(node, findings)


def _check_activity(node: etree._Element, findings: Findings) -> None:
    if flag(node, "isForCompensation"):
        findings.error(
            "unsupported_compensation",
            f"{label(node)} is a compensation handler, which this release does not run.",
            node,
        )
    for name in ("startQuantity", "completionQuantity"):
        if node.get(name, "1") != "1":
            findings.error(
                "unsupported_quantity",
                f"{label(node)} has a {name} other than 1, which this release does not run.",
                node,
            )


def _check_event_definition(
    node: etree._Element, child: etree._Element, inner: str, messages: Messages, findings: Findings
) -> None:
    if (
        inner == "messageEventDefinition"
        and tag_of(node) == "startEvent"
        and _is_event_sub_process(node.getparent())
        and len([c for c in node if isinstance(c.tag, str) and (tag_of(c) or "").endswith("EventDefinition")]) == 1
    ):
        _check_message(node, child, messages, findings)
        return
    words = inner.removesuffix("EventDefinition").removesuffix("EventDefinitionRef")
    if tag_of(node) not in _EVENT_TAGS:
        findings.error("misplaced_event", f"{label(node)} is no event and may not hold <{inner}>.", child)
        return
    findings.error(
        "unsupported_event", f"{label(node)} is a {words} event, which this release does not run in this place.", child
    )


def _check_message(node: etree._Element, child: etree._Element, messages: Messages, findings: Findings) -> None:
    reference = local_reference(child.get("messageRef", ""))
    message = messages.get(reference)
    if message is None:
        findings.error("message_missing", f"{label(node)} names no message (messageRef) that is in this file.", child)
    elif not (message.get("name") or "").strip():
        findings.error("message_name_missing", f"The message {reference} has no name to correlate by.", message)


def _is_event_sub_process(node: etree._Element | None) -> bool:
    return node is not None and node.tag == q("subProcess") and flag(node, "triggeredByEvent")


def _check_starts(scope: etree._Element, findings: Findings) -> None:
    starts = scope.findall(q("startEvent"))
    by_event = _is_event_sub_process(scope)
    what = "process" if scope.tag == q("process") else "event sub-process" if by_event else "sub-process"
    if not starts:
        if next(flow_nodes(scope), None) is None and scope.tag != q("process"):
            findings.error("empty_scope", f"The {what} {label(scope)} is empty.", scope)
        else:
            findings.error("start_missing", f"The {what} {label(scope)} has no start event.", scope)
    for extra in starts[1:]:
        findings.error("start_twice", f"The {what} {label(scope)} has more than one start event.", extra)
    if (
        by_event
        and starts
        and starts[0].find(q("messageEventDefinition")) is None
        and len(_definitions(starts[0])) == 0
    ):
        findings.error(
            "start_without_event",
            f"The start event of the event sub-process {label(scope)} has no event (10.3.5); messages can start it.",
            starts[0],
        )


def _definitions(event: etree._Element) -> list[etree._Element]:
    return [c for c in event if isinstance(c.tag, str) and (tag_of(c) or "").endswith("EventDefinition")]
