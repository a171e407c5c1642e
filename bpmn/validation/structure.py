"""What a document and its scopes may hold, and how many of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lxml import etree

from bpmn.elements import ACTIVITY_TAGS, BPMN, SCOPE_TAGS, SUPPORTED_TAGS, UNSUPPORTED_TAGS, flag, local_reference, q
from bpmn.parser import flow_nodes, is_executable
from bpmn.validation.findings import Findings, label
from bpmn.validation.ids import tag_of

_PERFORMERS = frozenset({"resourceRole", "performer", "humanPerformer", "potentialOwner"})
_EVENT_DATA = frozenset(
    {
        "dataInput",
        "dataInputAssociation",
        "dataOutput",
        "dataOutputAssociation",
        "inputSet",
        "ioSpecification",
        "outputSet",
        "property",
    }
)
_SHAPE = "{http://www.omg.org/spec/BPMN/20100524/DI}BPMNShape"
#: Elements that the schema lets stand in a scope, and that nobody runs.
_NOT_RUN = {"implicitThrowEvent": "implicit throw event"}
#: Flow nodes and flows of all executable processes; checking more takes seconds.
MOST_ELEMENTS = 20_000


def check_root(root: etree._Element, findings: Findings) -> bool:
    """Whether this is a BPMN document at all (8.1)."""
    if root.tag == q("definitions"):
        return True
    name = etree.QName(root)
    if name.localname == "definitions":
        message = f"The root element has the namespace {name.namespace!r}; BPMN 2.0 has {BPMN!r}."
    else:
        message = f"This is no BPMN file: its root element is <{name.localname}>, not <definitions>."
    findings.tell("not_bpmn", message, root)
    return False


def is_too_large(root: etree._Element, findings: Findings) -> bool:
    """Whether the processes hold more than is checked."""
    count = sum(1 for _ in root.iter(*(q(tag) for tag in (*SUPPORTED_TAGS, "sequenceFlow"))))
    if count > MOST_ELEMENTS:
        words = f"The file holds {count:,} elements and flows; at most {MOST_ELEMENTS:,} are read. "
        findings.tell("too_many_elements", words + "Split it into processes that call one another.", root)
    return count > MOST_ELEMENTS


def executable_scopes(root: etree._Element, findings: Findings) -> Iterator[etree._Element]:
    """Every process that will run, and every sub-process in it."""
    processes = root.findall(q("process"))
    executable = [process for process in processes if is_executable(process)]
    for process in processes:
        if not flag(process, "isExecutable") and next(flow_nodes(process), None) is not None:
            findings.tell(
                "not_executable",
                f"The process {label(process)} is marked as not executable and is left out; set isExecutable to true.",
                process,
            )
    if not executable:
        findings.tell("no_process", "There is no executable process with elements in this file.", root)
    for process in executable:
        inside = [process]
        while inside:
            scope = inside.pop()
            yield scope
            inside.extend(scope.iterchildren(*(q(tag) for tag in SCOPE_TAGS)))


def is_event_sub_process(node: etree._Element | None) -> bool:
    """Whether it is begun by an event (10.3.5)."""
    return node is not None and node.tag == q("subProcess") and flag(node, "triggeredByEvent")


def check_layout(root: etree._Element, findings: Findings) -> None:
    """Whether there is anything to show (12.2)."""
    if next(root.iter(_SHAPE), None) is None:
        words = "The file holds no layout, so the running process cannot be shown; open it in a modeler and lay it out."
        findings.tell("no_layout", words, root)


def check_scope(scope: etree._Element, known: Mapping[str, etree._Element], findings: Findings) -> None:
    """The elements directly inside a process or sub-process."""
    for node in scope.iterchildren("*"):
        tag = tag_of(node)
        if tag in SUPPORTED_TAGS:
            _check_node(node, tag, findings)
            _check_activity(node, tag, known, findings)
        elif tag in UNSUPPORTED_TAGS or tag in _NOT_RUN:
            words = {**UNSUPPORTED_TAGS, **_NOT_RUN}[tag]
            findings.tell("unsupported_element", f"{label(node)} is a {words}, which this release does not run.", node)
    _check_starts(scope, findings)


def _check_node(node: etree._Element, tag: str, findings: Findings) -> None:
    for child in node.iterchildren("*"):
        inner = tag_of(child) or ""
        if inner.endswith("EventDefinition") or inner == "eventDefinitionRef":
            if not tag.endswith("Event"):
                findings.tell("misplaced_event", f"{label(node)} is no event and may not hold <{inner}>.", child)
        elif inner.endswith("LoopCharacteristics"):
            if tag not in ACTIVITY_TAGS or is_event_sub_process(node):
                words = f"{label(node)} may not loop; only activities that a flow leads to may (10.3.8)."
                findings.tell("misplaced_loop", words, child)
        elif inner in _PERFORMERS:
            words = f"{label(node)} names performers by <{inner}>; use signalbox:assignee or signalbox:candidateGroups."
            findings.tell("unsupported_performer", words, child)
        elif inner in _EVENT_DATA and tag not in ACTIVITY_TAGS:
            words = f"{label(node)} maps data by <{inner}>; events name their payload by signalbox:payload."
            findings.tell("unsupported_data", words, child)


def _check_activity(node: etree._Element, tag: str, known: Mapping[str, etree._Element], findings: Findings) -> None:
    if flag(node, "triggeredByEvent") and tag != "subProcess":
        words = f"{label(node)} is marked as begun by an event; only a plain sub-process may be (10.3.5)."
        findings.tell("by_event_misplaced", words, node)
    if tag == "transaction" and node.get("method", "##Compensate").strip() != "##Compensate":
        words = f"{label(node)} has the method {node.get('method', '')[:80]!r}; it is undone by compensation (10.3.5)."
        findings.tell("transaction_method", words, node)
    if tag in SCOPE_TAGS and node.find(q("ioSpecification")) is not None:
        words = f"{label(node)} declares inputs and outputs; a sub-process sees what is around it (10.4.1)."
        findings.tell("io_in_sub_process", words, node)
    if tag == "callActivity":
        _check_called(node, known, findings)


def _check_called(node: etree._Element, known: Mapping[str, etree._Element], findings: Findings) -> None:
    """A process of another file may be called too; of one in this file it is seen whether it can begin."""
    called = known.get(local_reference(node.get("calledElement", "")))
    if called is None or called.tag != q("process"):
        return
    if not is_executable(called):
        words = f"{label(node)} calls {label(called)}, which is not executable and left out (10.3.6)."
        findings.tell("called_not_executable", words, node)
        return
    starts = called.findall(q("startEvent"))
    if starts and all(_definitions(start) for start in starts):
        words = (
            f"{label(node)} calls {label(called)}, which begins only by events; give it a none start event (10.5.2)."
        )
        findings.tell("called_without_start", words, node)


def _check_starts(scope: etree._Element, findings: Findings) -> None:
    starts = scope.findall(q("startEvent"))
    words = f"The {_what(scope)} {label(scope)}"
    if next(flow_nodes(scope), None) is None:
        if scope.tag != q("process"):
            findings.tell("empty_scope", f"{words} is empty.", scope)
        return
    if scope.tag == q("adHocSubProcess"):
        for node in (*starts, *scope.findall(q("endEvent"))):
            findings.tell("event_in_ad_hoc", f"{words} may hold no start or end event (10.3.5).", node)
        if not any(tag_of(node) in ACTIVITY_TAGS for node in flow_nodes(scope)):
            findings.tell("ad_hoc_without_activity", f"{words} holds no activity to start (10.3.5).", scope)
        return
    if is_event_sub_process(scope):
        _check_event_start(scope, starts, words, findings)
        return
    if scope.tag != q("process"):
        for start in starts:
            if _definitions(start):
                findings.tell(
                    "event_start_misplaced",
                    f"{words} begins with {label(start)}; only a none start event may begin it (10.5.2).",
                    start,
                )


def _check_event_start(scope: etree._Element, starts: list[etree._Element], words: str, findings: Findings) -> None:
    if not starts:
        findings.tell("start_missing", f"{words} has no start event (10.3.5).", scope)
    for extra in starts[1:]:
        findings.tell("start_twice", f"{words} has more than one start event (10.3.5).", extra)
    if starts and not _definitions(starts[0]):
        findings.tell("start_without_event", f"The start event of {label(scope)} has no event (10.3.5).", starts[0])


def _what(scope: etree._Element) -> str:
    if is_event_sub_process(scope):
        return "event sub-process"
    names = {"process": "process", "transaction": "transaction", "adHocSubProcess": "ad-hoc sub-process"}
    return names.get(tag_of(scope) or "", "sub-process")


def _definitions(event: etree._Element) -> list[etree._Element]:
    return [c for c in event.iterchildren("*") if (tag_of(c) or "").endswith(("EventDefinition", "eventDefinitionRef"))]
