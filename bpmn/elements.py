"""The one table of supported BPMN elements. What is not in it is refused at deployment."""

from __future__ import annotations

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


@dataclass(frozen=True, slots=True)
class ElementKind:
    """How an element of the diagram runs. `waits`: for whom, if it is a wait state."""

    kind: str
    tag: str
    title: str
    semantics: str
    waits: str | None = None


_KINDS = (
    ElementKind("start_event", "startEvent", "None start event", "Where an instance or a sub-process begins."),
    ElementKind(
        "message_start_event",
        "startEvent",
        "Message start event",
        "Starts its event sub-process when a message of its name is correlated (13.5.4).",
        waits="a message",
    ),
    ElementKind("end_event", "endEvent", "None end event", "Ends the path that reaches it (13.5.5)."),
    ElementKind(
        "intermediate_throw_event", "intermediateThrowEvent", "None intermediate event", "A milestone; passed at once."
    ),
    ElementKind("task", "task", "Task", "Work nobody tracks; passed at once (13.3.3)."),
    ElementKind("manual_task", "manualTask", "Manual task", "Done without the engine; passed at once (13.3.3)."),
    ElementKind("user_task", "userTask", "User task", "Opens a user task.", waits="a person"),
    ElementKind("service_task", "serviceTask", "Service task", "Opens a job of its topic.", waits="a machine"),
    ElementKind("script_task", "scriptTask", "Script task", "Runs its Python script in the sandbox."),
    ElementKind(
        "exclusive_gateway", "exclusiveGateway", "Exclusive gateway", "Takes the first flow that holds (13.4.2)."
    ),
    ElementKind(
        "parallel_gateway",
        "parallelGateway",
        "Parallel gateway",
        "Waits for a token on each incoming flow, takes all outgoing ones; surplus tokens stay (13.4.1).",
        waits="its other inputs",
    ),
    ElementKind("sub_process", "subProcess", "Sub-process", "Runs its content in a scope of its own (13.3.4)."),
    ElementKind(
        "event_sub_process",
        "subProcess",
        "Event sub-process",
        "Begins when its start event occurs while its scope is active; interrupting or not (13.5.4).",
    ),
)

SUPPORTED: dict[str, ElementKind] = {k.kind: k for k in _KINDS}
SUPPORTED_TAGS: frozenset[str] = frozenset(k.tag for k in _KINDS)

# Flow nodes of the standard that this table does not run yet: refused by name rather than as unknown.
UNSUPPORTED_TAGS: dict[str, str] = {
    "adHocSubProcess": "ad-hoc sub-process",
    "boundaryEvent": "boundary event",
    "businessRuleTask": "business rule task",
    "callActivity": "call activity",
    "callChoreography": "choreography call",
    "choreographyTask": "choreography task",
    "complexGateway": "complex gateway",
    "dataObject": "data object",
    "dataObjectReference": "data object",
    "dataStoreReference": "data store",
    "eventBasedGateway": "event-based gateway",
    "inclusiveGateway": "inclusive gateway",
    "intermediateCatchEvent": "intermediate catch event",
    "ioSpecification": "input/output specification",
    "property": "property",
    "receiveTask": "receive task",
    "sendTask": "send task",
    "subChoreography": "sub-choreography",
    "transaction": "transaction",
}

# Drawing without behaviour.
HARMLESS_TAGS: frozenset[str] = frozenset(
    {
        "artifact",
        "association",
        "auditing",
        "category",
        "documentation",
        "extensionElements",
        "group",
        "incoming",
        "laneSet",
        "monitoring",
        "outgoing",
        "sequenceFlow",
        "textAnnotation",
    }
)

ACTIVITY_TAGS: frozenset[str] = frozenset({"task", "manualTask", "userTask", "serviceTask", "scriptTask", "subProcess"})


# Attributes of BPMN elements that are true or false, with what they are if they are not there.
FLAGS: dict[str, bool] = {
    "cancelActivity": True,
    "isExecutable": True,  # our reading; the standard leaves it open
    "isForCompensation": False,
    "isInterrupting": True,
    "parallelMultiple": False,
    "triggeredByEvent": False,
}
BOOLEANS: dict[str, bool] = {"true": True, "1": True, "false": False, "0": False}


def q(tag: str) -> str:
    """The tag in lxml's notation, in the BPMN namespace."""
    return f"{{{BPMN}}}{tag}"


def x(tag: str) -> str:
    """The tag or attribute in lxml's notation, in our own namespace."""
    return f"{{{SIGNALBOX}}}{tag}"


def flag(node: etree._Element, name: str) -> bool:
    """A true-or-false attribute of the standard, in each of the spellings that XML Schema allows."""
    return BOOLEANS.get(node.get(name, "").strip(), FLAGS[name])


def local_reference(name: str) -> str:
    """The id that a reference names; modelers may write it as a qualified name (`tns:Message_1`)."""
    return name.strip().rpartition(":")[2]
