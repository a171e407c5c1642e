"""The one table of supported BPMN elements. What is not in it is refused at deployment."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml import etree

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
DIAGRAM_NAMESPACES = (
    BPMN,
    "http://www.omg.org/spec/BPMN/20100524/DI",
    "http://www.omg.org/spec/DD/20100524/DC",
    "http://www.omg.org/spec/DD/20100524/DI",
)
SIGNALBOX = "urn:signalbox:schema:1.0"

# Attributes of BPMN elements that are true or false, with what they are if they are not there.
FLAGS: dict[str, bool] = {
    "cancelActivity": True,
    "cancelRemainingInstances": True,
    "instantiate": False,
    "isExecutable": True,  # our reading; the standard leaves it open
    "isForCompensation": False,
    "isInterrupting": True,
    "isSequential": False,
    "parallelMultiple": False,
    "testBefore": False,
    "triggeredByEvent": False,
    "waitForCompletion": True,
}
BOOLEANS: dict[str, bool] = {"true": True, "1": True, "false": False, "0": False}


@dataclass(frozen=True, slots=True)
class ElementKind:
    """How an element of the diagram runs. `waits`: for whom, if it is a wait state."""

    kind: str
    tag: str
    title: str
    semantics: str
    waits: str | None = None


#: Event → its name, what it does, who is waited for where it catches.
_EVENTS: dict[str, tuple[str, str, str | None]] = {
    "message": ("Message", "Point to point, by name and correlation keys (10.5.5).", "a message"),
    "timer": ("Timer", "ISO 8601 date, duration or cycle, or cron.", "a time"),
    "signal": ("Signal", "Broadcast to all who wait.", "a signal"),
    "conditional": ("Conditional", "When its condition becomes true.", "a condition"),
    "error": ("Error", "Ends what it interrupts; by code or any.", None),
    "escalation": ("Escalation", "Goes outward; may interrupt or not.", None),
    "compensation": ("Compensation", "Undoes completed activities, the last first (13.5.5).", None),
    "cancel": ("Cancel", "Cancels the transaction.", None),
    "link": ("Link", "Joins two points of a scope.", None),
    "terminate": ("Terminate", "Ends its scope at once.", None),
    "multiple": ("Multiple", "One of several events, or (parallel) all of them.", "events"),
}

_KINDS = (
    ElementKind("start_event", "startEvent", "None start event", "Where an instance or a sub-process begins (13.5.1)."),
    ElementKind("end_event", "endEvent", "None end event", "Ends the path that reaches it (13.5.6)."),
    ElementKind(
        "intermediate_throw_event", "intermediateThrowEvent", "None intermediate event", "A milestone; passed."
    ),
    ElementKind("task", "task", "Task", "Work nobody tracks; passed at once (13.3.3)."),
    ElementKind("manual_task", "manualTask", "Manual task", "Done without the engine; passed at once (13.3.3)."),
    ElementKind("user_task", "userTask", "User task", "Opens a user task (13.3.3).", waits="a person"),
    ElementKind("service_task", "serviceTask", "Service task", "Opens a job of its topic (13.3.3).", waits="a machine"),
    ElementKind(
        "business_rule_task", "businessRuleTask", "Business rule task", "A job of its topic.", waits="a machine"
    ),
    ElementKind("script_task", "scriptTask", "Script task", "Runs its Python script in the sandbox (13.3.3)."),
    ElementKind("send_task", "sendTask", "Send task", "Sends its message to one receiver (13.3.3)."),
    ElementKind("receive_task", "receiveTask", "Receive task", "Waits for its message (13.3.3).", waits="a message"),
    ElementKind(
        "call_activity", "callActivity", "Call activity", "Runs another process (10.3.6).", waits="its instance"
    ),
    ElementKind("sub_process", "subProcess", "Sub-process", "Runs its content in a scope of its own (13.3.4)."),
    ElementKind("event_sub_process", "subProcess", "Event sub-process", "Begins when its start event occurs (13.5.4)."),
    ElementKind("transaction", "transaction", "Transaction", "A sub-process that a cancel end event undoes (13.3.5)."),
    ElementKind(
        "ad_hoc_sub_process",
        "adHocSubProcess",
        "Ad-hoc sub-process",
        "Activities are started by people.",
        waits="people",
    ),
    ElementKind("exclusive_gateway", "exclusiveGateway", "Exclusive gateway", "The first flow that holds (13.4.2)."),
    ElementKind(
        "parallel_gateway",
        "parallelGateway",
        "Parallel gateway",
        "Waits for a token on each incoming flow, takes all outgoing ones; surplus tokens stay (13.4.1).",
        waits="its other inputs",
    ),
    ElementKind(
        "inclusive_gateway",
        "inclusiveGateway",
        "Inclusive gateway",
        "Waits for what can still come; takes every flow that holds (13.4.3).",
        waits="inputs that can still come",
    ),
    ElementKind(
        "complex_gateway",
        "complexGateway",
        "Complex gateway",
        "Fires when its activation condition holds, then waits for the rest and resets (13.4.5).",
        waits="its activation condition",
    ),
    ElementKind(
        "event_based_gateway",
        "eventBasedGateway",
        "Event-based gateway",
        "The first event decides (13.4.4).",
        waits="an event",
    ),
    *(
        ElementKind(f"{event}_{place}", tag, f"{words} {what}", semantics, waits if catches else None)
        for place, tag, what, events in (
            (
                "start_event",
                "startEvent",
                "start event",
                "message timer signal conditional error escalation compensation multiple",
            ),
            (
                "intermediate_catch_event",
                "intermediateCatchEvent",
                "catch event",
                "message timer signal conditional link multiple",
            ),
            (
                "boundary_event",
                "boundaryEvent",
                "boundary event",
                "message timer signal conditional error escalation compensation cancel multiple",
            ),
            (
                "intermediate_throw_event",
                "intermediateThrowEvent",
                "throw event",
                "message signal escalation compensation link multiple",
            ),
            (
                "end_event",
                "endEvent",
                "end event",
                "message signal error escalation compensation cancel terminate multiple",
            ),
        )
        for event in events.split()
        for words, semantics, waits in (_EVENTS[event],)
        for catches in ("throw" not in place and place != "end_event",)
    ),
)

SUPPORTED: dict[str, ElementKind] = {k.kind: k for k in _KINDS}
SUPPORTED_TAGS: frozenset[str] = frozenset(k.tag for k in _KINDS)


def as_json() -> str:
    """The table as the browser app reads it (modeler-ui/src/elements.json, made by `python -m bpmn.elements`)."""
    kinds = [{"kind": one.kind, "tag": one.tag} for one in _KINDS]
    drawn = {"runs": kinds, "harmless": sorted(HARMLESS_TAGS)}
    return json.dumps(drawn, indent=2) + "\n"


# Flow nodes of the standard that this table does not run yet: refused by name rather than as unknown.
UNSUPPORTED_TAGS: dict[str, str] = {
    "callChoreography": "choreography call",
    "choreographyTask": "choreography task",
    "subChoreography": "sub-choreography",
}

# What moves no token: drawing, and what is read with what it belongs to.
HARMLESS_TAGS: frozenset[str] = frozenset(
    {
        "artifact",
        "association",
        "auditing",
        "category",
        "correlationSubscription",
        "dataInputAssociation",
        "dataObject",
        "dataObjectReference",
        "dataOutputAssociation",
        "dataStoreReference",
        "documentation",
        "extensionElements",
        "group",
        "incoming",
        "ioSpecification",
        "laneSet",
        "monitoring",
        "outgoing",
        "property",
        "sequenceFlow",
        "textAnnotation",
    }
)

ACTIVITY_TAGS: frozenset[str] = frozenset(
    {
        "adHocSubProcess",
        "businessRuleTask",
        "callActivity",
        "manualTask",
        "receiveTask",
        "scriptTask",
        "sendTask",
        "serviceTask",
        "subProcess",
        "task",
        "transaction",
        "userTask",
    }
)


def q(tag: str) -> str:
    """The tag in lxml's notation, in the BPMN namespace."""
    return f"{{{BPMN}}}{tag}"


def x(tag: str) -> str:
    """The tag or attribute in lxml's notation, in our own namespace."""
    return f"{{{SIGNALBOX}}}{tag}"


#: Activities with a scope of their own.
SCOPE_TAGS: tuple[str, ...] = ("subProcess", "transaction", "adHocSubProcess")


def flag(node: etree._Element, name: str) -> bool:
    """A true-or-false attribute of the standard, in each of the spellings that XML Schema allows."""
    return BOOLEANS.get(node.get(name, "").strip(), FLAGS[name])


def local_reference(name: str) -> str:
    """The id that a reference names; modelers may write it as a qualified name (`tns:Message_1`)."""
    return name.strip().rpartition(":")[2]


if __name__ == "__main__":
    print(as_json(), end="")
