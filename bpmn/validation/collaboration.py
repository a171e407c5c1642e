"""Pools, lanes, message flows and other lines of a drawing (BPMN 2.0.2, 7.6.2, 9.3, 9.4, 10.8).

None of it moves a token, so what is only drawn amiss is a warning; a message flow where none may be is an error, since
whoever drew it expects a message to go there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lxml import etree

from bpmn.elements import ACTIVITY_TAGS, SUPPORTED_TAGS, local_reference, q
from bpmn.validation.findings import MOST_NAME, Findings, label
from bpmn.validation.ids import tag_of
from bpmn.validation.structure import is_event_sub_process

_EVENTS = frozenset(tag for tag in SUPPORTED_TAGS if tag.endswith("Event"))
_CONNECTED = (
    ACTIVITY_TAGS
    | _EVENTS
    | {"callConversation", "conversation", "participant", "subConversation"}
    | {"callChoreography", "choreographyTask", "subChoreography"}
)
_NEVER_SENDS = frozenset({"startEvent", "intermediateCatchEvent", "boundaryEvent"})
_NEVER_RECEIVES = frozenset({"endEvent", "intermediateThrowEvent"})


def check(root: etree._Element, known: Mapping[str, etree._Element], findings: Findings) -> None:
    """The whole document."""
    for participant in root.iterfind(f"{q('collaboration')}/{q('participant')}"):
        _check_pool(participant, known, findings)
    flows = root.findall(f"{q('collaboration')}/{q('messageFlow')}")
    if flows:
        owners = _owners(root)
        for flow in flows:
            _check_message_flow(flow, known, owners, findings)
    for process in root.iterfind(q("process")):
        _check_lanes(process, known, findings)
    for line in _associations(root):
        for attribute in ("sourceRef", "targetRef"):
            reference = local_reference(line.get(attribute, ""))
            if reference not in known:
                words = f"The association {label(line)} has no {attribute} in this file."
                findings.tell("dangling_drawing", words, line)


def _check_pool(participant: etree._Element, known: Mapping[str, etree._Element], findings: Findings) -> None:
    reference = participant.get("processRef")
    target = None if reference is None else known.get(local_reference(reference))
    if reference is not None and (target is None or target.tag != q("process")):  # without one: a black-box pool
        words = f"The pool {label(participant)} refers to a process {reference} that is not here."
        findings.tell("dangling_reference", words, participant)
    range_of = participant.find(q("participantMultiplicity"))
    if range_of is not None:
        least, most = range_of.get("minimum", "0").strip(), range_of.get("maximum", "1").strip()
        numbers = least.isdecimal() and most.isdecimal() and len(least + most) < 20
        if not numbers or int(most) < max(int(least), 1):
            words = f"The pool {label(participant)} stands for {least[:20]} to {most[:20]} participants (9.3.1)."
            findings.tell("multiplicity", words, range_of)


def _owners(root: etree._Element) -> dict[str, str]:
    """Element → the process that it stands in; pool → its process, or itself."""
    found: dict[str, str] = {}
    for process in root.iterfind(q("process")):
        for node in process.iter(*(q(tag) for tag in _CONNECTED)):
            found[node.get("id", "")] = process.get("id", "")
    for participant in root.iterfind(f"{q('collaboration')}/{q('participant')}"):
        identity = participant.get("id", "")
        found[identity] = local_reference(participant.get("processRef", "")) or identity
    return found


def _check_message_flow(
    flow: etree._Element, known: Mapping[str, etree._Element], owners: Mapping[str, str], findings: Findings
) -> None:
    ends = []
    for attribute, never, verb in (
        ("sourceRef", _NEVER_SENDS, "begin"),
        ("targetRef", _NEVER_RECEIVES, "end"),
    ):
        reference = local_reference(flow.get(attribute, ""))
        node = known.get(reference)
        if node is None:
            words = f"The message flow {label(flow)} has no {attribute} in this file."
            findings.tell("dangling_drawing", words, flow)
            continue
        ends.append(reference)
        tag = tag_of(node) or ""
        if tag not in _CONNECTED or tag in never or is_event_sub_process(node):
            words = f"The message flow {label(flow)} may not {verb} at {label(node)}, a <{tag}> (7.6.2)."
            findings.tell("message_flow_end", words, flow)
        elif tag in _EVENTS and not _of_messages(node, known):
            words = f"The message flow {label(flow)} meets {label(node)}, which is no message event (7.6.2)."
            findings.tell("message_flow_event", words, flow)
    if len(ends) == 2 and ends[0] in owners and owners[ends[0]] == owners.get(ends[1]):
        words = f"The message flow {label(flow)} stays in one pool; it must connect two (9.4)."
        findings.tell("message_flow_inside_pool", words, flow)


def _of_messages(event: etree._Element, known: Mapping[str, etree._Element]) -> bool:
    if event.find(q("messageEventDefinition")) is not None:
        return True
    references = (known.get(local_reference(ref.text or "")) for ref in event.iterfind(q("eventDefinitionRef")))
    return any(found is not None and found.tag == q("messageEventDefinition") for found in references)


def _check_lanes(process: etree._Element, known: Mapping[str, etree._Element], findings: Findings) -> None:
    """The lanes of a process and of its sub-processes."""
    for lane_set in process.iter(q("laneSet")):
        lane_of: dict[str, etree._Element] = {}
        for reference in lane_set.iter(q("flowNodeRef")):
            lane = reference.getparent()
            name = local_reference(reference.text or "")
            node = known.get(name)
            if lane is None:
                continue
            if node is None or tag_of(node) not in SUPPORTED_TAGS:
                words = f"The lane {label(lane)} lists {name[:MOST_NAME]!r}, which is no element of this file."
                findings.tell("dangling_drawing", words, reference)
                continue
            first = lane_of.setdefault(name, lane)
            if first is not lane and first not in lane.iterancestors() and lane not in first.iterancestors():
                words = f"{label(node)} stands in the lanes {label(first)} and {label(lane)} (10.8)."
                findings.tell("lane_twice", words, reference)


def _associations(root: etree._Element) -> Iterator[etree._Element]:
    """Those drawn in a process, sub-process or collaboration, not those in somebody's extensions."""
    for line in root.iter(q("association")):
        parent = line.getparent()
        if parent is not None and parent.tag != q("extensionElements") and tag_of(parent) is not None:
            yield line
