"""What a document and its scopes may hold, and how many of it."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from bpmn.elements import ACTIVITY_TAGS, BPMN, HARMLESS_TAGS, SCOPE_TAGS, SUPPORTED_TAGS, UNSUPPORTED_TAGS, flag, q
from bpmn.parser import flow_nodes, is_executable
from bpmn.validation.findings import Findings, label
from bpmn.validation.ids import tag_of

_INNER_HARMLESS = frozenset({"documentation", "extensionElements", "incoming", "outgoing", "auditing", "monitoring"})
_PERFORMERS = frozenset({"resourceRole", "performer", "humanPerformer", "potentialOwner"})
_DATA = frozenset({"ioSpecification", "dataInputAssociation", "dataOutputAssociation", "property"})
#: What belongs to an element of this tag besides what all may hold; other modules check it.
_OWN: dict[str, frozenset[str]] = {
    "scriptTask": frozenset({"script"}),
    "userTask": frozenset({"rendering"}),
    "complexGateway": frozenset({"activationCondition"}),
    "adHocSubProcess": frozenset({"completionCondition"}),
}


def check_root(root: etree._Element, findings: Findings) -> bool:
    """Whether this is a BPMN document at all (8.1)."""
    if root.tag == q("definitions"):
        return True
    name = etree.QName(root)
    if name.localname == "definitions":
        message = f"The root element has the namespace {name.namespace!r}; BPMN 2.0 has {BPMN!r}."
    else:
        message = f"This is no BPMN file: its root element is <{name.localname}>, not <definitions>."
    findings.error("not_bpmn", message, root)
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
            inside.extend(scope.iterchildren(*(q(tag) for tag in SCOPE_TAGS)))


def is_event_sub_process(node: etree._Element | None) -> bool:
    """Whether it is begun by an event (10.3.5)."""
    return node is not None and node.tag == q("subProcess") and flag(node, "triggeredByEvent")


def check_scope(scope: etree._Element, findings: Findings) -> None:
    """The elements directly inside a process or sub-process."""
    for node in scope.iterchildren("*"):
        tag = tag_of(node)
        if tag is None or tag in HARMLESS_TAGS or tag in _OWN.get(tag_of(scope) or "", ()):
            continue
        if tag in SUPPORTED_TAGS:
            _check_node(node, tag, findings)
        elif tag in UNSUPPORTED_TAGS:
            findings.error(
                "unsupported_element",
                f"{label(node)} is a {UNSUPPORTED_TAGS[tag]}, which this release does not run.",
                node,
            )
        elif tag not in _PERFORMERS and not (scope.tag != q("process") and tag.endswith("LoopCharacteristics")):
            findings.error("unknown_element", f"<{tag}> is not an element that may stand here.", node)
    _check_starts(scope, findings)


def _check_node(node: etree._Element, tag: str, findings: Findings) -> None:
    for child in node.iterchildren("*"):
        inner = tag_of(child)
        if inner is None or inner in _INNER_HARMLESS or inner in _OWN.get(tag, ()):
            continue
        if inner.endswith("EventDefinition") or inner == "eventDefinitionRef":
            if not tag.endswith("Event"):
                findings.error("misplaced_event", f"{label(node)} is no event and may not hold <{inner}>.", child)
        elif inner.endswith("LoopCharacteristics"):
            if tag not in ACTIVITY_TAGS:
                findings.error("misplaced_loop", f"{label(node)} is no activity and may not loop (10.3.7).", child)
        elif inner in _PERFORMERS:
            findings.error(
                "unsupported_performer",
                f"{label(node)} names performers by <{inner}>; use signalbox:assignee or signalbox:candidateGroups.",
                child,
            )
        elif inner in _DATA and tag in ACTIVITY_TAGS:
            continue  # bpmn.validation.content
        elif inner in _DATA or inner in ("dataInput", "dataOutput", "inputSet", "outputSet"):
            findings.error(
                "unsupported_data",
                f"{label(node)} maps data by <{inner}>; events name their payload by signalbox:payload.",
                child,
            )
        elif tag not in SCOPE_TAGS:  # a sub-process's content is a scope of its own
            findings.error("unknown_element", f"<{inner}> is not an element that may stand in {label(node)}.", child)


def _check_starts(scope: etree._Element, findings: Findings) -> None:
    starts = scope.findall(q("startEvent"))
    words = f"The {_what(scope)} {label(scope)}"
    if next(flow_nodes(scope), None) is None:
        if scope.tag != q("process"):
            findings.error("empty_scope", f"{words} is empty.", scope)
        return
    if scope.tag == q("adHocSubProcess"):
        for node in (*starts, *scope.findall(q("endEvent"))):
            findings.error("event_in_ad_hoc", f"{words} may hold no start or end event (10.3.5).", node)
        return
    if is_event_sub_process(scope):
        _check_event_start(scope, starts, words, findings)
        return
    if scope.tag != q("process"):
        for start in starts:
            if _definitions(start):
                findings.error(
                    "event_start_misplaced",
                    f"{words} begins with {label(start)}; only a none start event may begin it (10.5.2).",
                    start,
                )


def _check_event_start(scope: etree._Element, starts: list[etree._Element], words: str, findings: Findings) -> None:
    if not starts:
        findings.error("start_missing", f"{words} has no start event (10.3.5).", scope)
    for extra in starts[1:]:
        findings.error("start_twice", f"{words} has more than one start event (10.3.5).", extra)
    if starts and not _definitions(starts[0]):
        findings.error("start_without_event", f"The start event of {label(scope)} has no event (10.3.5).", starts[0])


def _what(scope: etree._Element) -> str:
    if is_event_sub_process(scope):
        return "event sub-process"
    names = {"process": "process", "transaction": "transaction", "adHocSubProcess": "ad-hoc sub-process"}
    return names.get(tag_of(scope) or "", "sub-process")


def _definitions(event: etree._Element) -> list[etree._Element]:
    return [c for c in event.iterchildren("*") if (tag_of(c) or "").endswith(("EventDefinition", "eventDefinitionRef"))]
