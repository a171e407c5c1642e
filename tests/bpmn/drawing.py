"""Tiny diagrams, readable in a test.

    process("start -> ask -> gate", "gate -[amount > 100]-> approve -> end", "gate -default-> end", ask=user(), …)

Arrows are sequence flows, with the id `source.target` (a second one between the same two: `source.target.again`).
Elements called start… and end… are events, all others are declared by keyword; what is not declared is a plain task.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

_ARROW = re.compile(r"\s*-(?:\[(?P<condition>.+?)\]-|(?P<default>default)-)?>\s*")
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:signalbox="urn:signalbox:schema:1.0" '
    'xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" '
    'id="definitions" targetNamespace="urn:test">\n'
)

# What is run needs none, but a file without one is warned of.
_LAYOUT = (
    '<bpmndi:BPMNDiagram id="layout"><bpmndi:BPMNPlane id="plane"><bpmndi:BPMNShape id="shape"/></bpmndi:BPMNPlane>'
    "</bpmndi:BPMNDiagram>"
)


@dataclass
class Shape:
    """An element before it has an id."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    inside: str = ""

    def xml(self, identity: str, default: str | None = None) -> str:
        attributes = {"id": identity} | self.attributes
        if default is not None:
            attributes["default"] = default
        words = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
        if not self.inside:
            return f"<bpmn:{self.tag}{words}/>\n"
        return f"<bpmn:{self.tag}{words}>{self.inside}</bpmn:{self.tag}>\n"


def _ours(**attributes: str | int | None) -> dict[str, str]:
    return {f"signalbox:{name}": str(value) for name, value in attributes.items() if value is not None}


def _extension(inside: str) -> str:
    return f"<bpmn:extensionElements>{inside}</bpmn:extensionElements>" if inside else ""


def user(
    name: str | None = None, *, documentation: str = "", form: str = "", priority: int | None = None, **assigned: str
) -> Shape:
    attributes = _ours(**assigned, priority=priority)
    if name is not None:
        attributes["name"] = name
    words = f"<bpmn:documentation>{escape(documentation)}</bpmn:documentation>" if documentation else ""
    return Shape("userTask", attributes, words + _extension(f"<signalbox:form>{form}</signalbox:form>" if form else ""))


def script(text: str, outputs: str | None = None) -> Shape:
    return Shape("scriptTask", _ours(outputs=outputs), f"<bpmn:script>{escape(text)}</bpmn:script>")


def service(topic: str = "work", *, retries: int | None = None, headers: dict[str, str] | None = None) -> Shape:
    lines = "".join(
        f"<signalbox:header name={quoteattr(name)} value={quoteattr(value)}/>"
        for name, value in (headers or {}).items()
    )
    attributes = _ours(topic=topic, retries=retries)
    return Shape(
        "serviceTask", attributes, _extension(f"<signalbox:headers>{lines}</signalbox:headers>" if lines else "")
    )


def choice() -> Shape:
    """An exclusive gateway."""
    return Shape("exclusiveGateway")


def fork() -> Shape:
    """A parallel gateway; also the one that joins."""
    return Shape("parallelGateway")


join = fork


def milestone() -> Shape:
    return Shape("intermediateThrowEvent")


def manual() -> Shape:
    return Shape("manualTask")


def plain_start(**attributes: str) -> Shape:
    return Shape("startEvent", attributes)


def sub_process(*paths: str, **elements: Shape) -> Shape:
    return Shape("subProcess", {}, "\n" + content(paths, elements))


def on_message(name: str, *paths: str, interrupting: bool = True, **elements: Shape) -> Shape:
    """An event sub-process; its start event is the first element of the first path."""
    first = _ARROW.split(paths[0])[0].strip()
    start = Shape(
        "startEvent",
        {} if interrupting else {"isInterrupting": "false"},
        f'<bpmn:messageEventDefinition messageRef="message_{name}"/>',
    )
    return Shape("subProcess", {"triggeredByEvent": "true"}, "\n" + content(paths, {first: start, **elements}))


# -- events: what they wait for or throw
def message(name: str, **keys: str) -> str:
    entries = "".join(f'<signalbox:correlation key="{key}" value={quoteattr(text)}/>' for key, text in keys.items())
    return (
        f'<bpmn:messageEventDefinition messageRef="message_{name}">{_extension(entries)}</bpmn:messageEventDefinition>'
    )


def timer(kind: str, text: str) -> str:
    """`kind`: date, duration or cycle."""
    tag = f"time{kind.capitalize()}"
    return f"<bpmn:timerEventDefinition><bpmn:{tag}>{escape(text)}</bpmn:{tag}></bpmn:timerEventDefinition>"


def signal(name: str, **payload: str) -> str:
    entries = "".join(f'<signalbox:payload name="{key}" value={quoteattr(text)}/>' for key, text in payload.items())
    return f'<bpmn:signalEventDefinition signalRef="signal_{name}">{_extension(entries)}</bpmn:signalEventDefinition>'


def error(code: str | None = None, variable: str | None = None) -> str:
    reference = f' errorRef="error_{code}"' if code else ""
    stored = f' signalbox:variable="{variable}"' if variable else ""
    return f"<bpmn:errorEventDefinition{reference}{stored}/>"


def escalation(code: str | None = None) -> str:
    reference = f' escalationRef="escalation_{code}"' if code else ""
    return f"<bpmn:escalationEventDefinition{reference}/>"


def condition(text: str) -> str:
    inside = f"<bpmn:condition>{escape(text)}</bpmn:condition>"
    return f"<bpmn:conditionalEventDefinition>{inside}</bpmn:conditionalEventDefinition>"


def compensation(activity: str | None = None) -> str:
    reference = f' activityRef="{activity}"' if activity else ""
    return f"<bpmn:compensateEventDefinition{reference}/>"


def link(name: str) -> str:
    return f'<bpmn:linkEventDefinition name="{name}"/>'


TERMINATE = "<bpmn:terminateEventDefinition/>"
CANCEL = "<bpmn:cancelEventDefinition/>"


def begin(*events: str, interrupting: bool = True, **attributes: str) -> Shape:
    """A start event."""
    return Shape("startEvent", ({} if interrupting else {"isInterrupting": "false"}) | attributes, "".join(events))


def catch(*events: str, **attributes: str) -> Shape:
    return Shape("intermediateCatchEvent", attributes, "".join(events))


def throw(*events: str) -> Shape:
    return Shape("intermediateThrowEvent", {}, "".join(events))


def finish(*events: str) -> Shape:
    """An end event."""
    return Shape("endEvent", {}, "".join(events))


def attached(host: str, *events: str, interrupting: bool = True, **attributes: str) -> Shape:
    """A boundary event."""
    flag = {} if interrupting else {"cancelActivity": "false"}
    return Shape("boundaryEvent", {"attachedToRef": host} | flag | attributes, "".join(events))


def undoing(shape: Shape) -> Shape:
    """An activity as compensation handler."""
    return Shape(shape.tag, shape.attributes | {"isForCompensation": "true"}, shape.inside)


def tie(source: str, target: str) -> Shape:
    """An association."""
    return Shape("association", {"sourceRef": source, "targetRef": target})


def on_event(start: Shape, *paths: str, **elements: Shape) -> Shape:
    """An event sub-process; its start event is the first element of the first path."""
    first = _ARROW.split(paths[0])[0].strip()
    return Shape("subProcess", {"triggeredByEvent": "true"}, "\n" + content(paths, {first: start, **elements}))


def transaction(*paths: str, **elements: Shape) -> Shape:
    return Shape("transaction", {}, "\n" + content(paths, elements))


def ad_hoc(
    *paths: str, until: str | None = None, sequential: bool = False, keep: bool = False, **elements: Shape
) -> Shape:
    attributes = ({"ordering": "Sequential"} if sequential else {}) | (
        {"cancelRemainingInstances": "false"} if keep else {}
    )
    inside = f"<bpmn:completionCondition>{escape(until)}</bpmn:completionCondition>" if until else ""
    return Shape("adHocSubProcess", attributes, "\n" + content(paths, elements) + inside)


# -- loops
def looping(shape: Shape, condition: str | None = None, *, maximum: int | None = None, before: bool = False) -> Shape:
    """A standard loop."""
    words = (f' loopMaximum="{maximum}"' if maximum is not None else "") + (' testBefore="true"' if before else "")
    inside = f"<bpmn:loopCondition>{escape(condition)}</bpmn:loopCondition>" if condition else ""
    loop = f"<bpmn:standardLoopCharacteristics{words}>{inside}</bpmn:standardLoopCharacteristics>"
    return Shape(shape.tag, shape.attributes, shape.inside + loop)


def several(
    shape: Shape,
    count: str | None = None,
    *,
    of: str | None = None,
    each: str | None = None,
    into: str | None = None,
    result: str | None = None,
    until: str | None = None,
    sequential: bool = False,
    extra: str = "",
    inside: str = "",
) -> Shape:
    """A multi-instance activity."""
    attributes = _ours(collection=of, elementVariable=each, outputCollection=into, outputElement=result)
    words = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
    words += ' isSequential="true"' if sequential else ""
    body = f"<bpmn:loopCardinality>{escape(count)}</bpmn:loopCardinality>" if count else ""
    body += inside
    body += f"<bpmn:completionCondition>{escape(until)}</bpmn:completionCondition>" if until else ""
    tag = "multiInstanceLoopCharacteristics"
    return Shape(shape.tag, shape.attributes, f"{shape.inside}<bpmn:{tag}{words}{extra}>{body}</bpmn:{tag}>")


# -- other elements
def inclusive() -> Shape:
    return Shape("inclusiveGateway")


def complex_gateway(condition: str | None = None) -> Shape:
    inside = f"<bpmn:activationCondition>{escape(condition)}</bpmn:activationCondition>" if condition else ""
    return Shape("complexGateway", {}, inside)


def first_event(**attributes: str) -> Shape:
    """An event-based gateway."""
    return Shape("eventBasedGateway", attributes)


def receive(name: str, **keys: str) -> Shape:
    entries = "".join(f'<signalbox:correlation key="{key}" value={quoteattr(text)}/>' for key, text in keys.items())
    return Shape("receiveTask", {"messageRef": f"message_{name}"}, _extension(entries))


def send(name: str, keys: dict[str, str] | None = None, **payload: str) -> Shape:
    entries = "".join(
        f'<signalbox:correlation key="{key}" value={quoteattr(text)}/>' for key, text in (keys or {}).items()
    )
    entries += "".join(f'<signalbox:payload name="{key}" value={quoteattr(text)}/>' for key, text in payload.items())
    return Shape("sendTask", {"messageRef": f"message_{name}"}, _extension(entries))


def rule(topic: str = "decide") -> Shape:
    return Shape("businessRuleTask", _ours(topic=topic))


def call(element: str, given: dict[str, str] | None = None, back: dict[str, str] | None = None, **ours: str) -> Shape:
    entries = "".join(f'<signalbox:in name="{name}" value={quoteattr(text)}/>' for name, text in (given or {}).items())
    entries += "".join(f'<signalbox:out name="{name}" value={quoteattr(text)}/>' for name, text in (back or {}).items())
    return Shape("callActivity", {"calledElement": element} | _ours(**ours), _extension(entries))


def mapped(shape: Shape, given: dict[str, str] | None = None, back: dict[str, str] | None = None) -> Shape:
    """An activity with variables of its own."""
    entries = "".join(f'<signalbox:input name="{n}" value={quoteattr(t)}/>' for n, t in (given or {}).items())
    entries += "".join(f'<signalbox:output name="{n}" value={quoteattr(t)}/>' for n, t in (back or {}).items())
    return Shape(shape.tag, shape.attributes, _extension(entries) + shape.inside)


def _guess(identity: str) -> Shape:
    if identity.startswith("start"):
        return Shape("startEvent")
    if identity.startswith("end"):
        return Shape("endEvent")
    return Shape("task")


def content(paths: tuple[str, ...], elements: dict[str, Shape]) -> str:
    """The elements and flows of a scope as XML."""
    shapes = dict(elements)
    defaults: dict[str, str] = {}
    flows: dict[str, str] = {}
    for path in paths:
        source = None
        condition: str | None = None
        is_default = False
        position = 0
        while True:
            arrow = _ARROW.search(path, position)
            node = path[position : arrow.start() if arrow else None].strip()
            shapes.setdefault(node, _guess(node))
            if source is not None:
                flow = f"{source}.{node}"
                while flow in flows:
                    flow += ".again"
                inside = (
                    f"<bpmn:conditionExpression>{escape(condition)}</bpmn:conditionExpression>" if condition else ""
                )
                flows[flow] = Shape("sequenceFlow", {"sourceRef": source, "targetRef": node}, inside).xml(flow)
                if is_default:
                    defaults[source] = flow
            if arrow is None:
                break
            source, condition, is_default = node, arrow["condition"], arrow["default"] is not None
            position = arrow.end()
    return "".join(
        [*(shape.xml(identity, defaults.get(identity)) for identity, shape in shapes.items()), *flows.values()]
    )


def process(
    *paths: str,
    key: str = "process",
    lanes: dict[str, str] | None = None,
    loop_limit: int | None = None,
    **elements: Shape,
) -> str:
    """A process as XML; `lanes`: lane name → the elements in it, separated by blanks."""
    drawn = "".join(
        f'<bpmn:lane id="lane_{key}_{number}" name={quoteattr(name)}>'
        + "".join(f"<bpmn:flowNodeRef>{node}</bpmn:flowNodeRef>" for node in members.split())
        + "</bpmn:lane>"
        for number, (name, members) in enumerate((lanes or {}).items())
    )
    lane_set = f'<bpmn:laneSet id="lanes_{key}">{drawn}</bpmn:laneSet>\n' if drawn else ""
    attributes = {"isExecutable": "true"} | _ours(loopLimit=loop_limit)
    return Shape("process", attributes, "\n" + lane_set + content(paths, elements)).xml(key)


def diagram(*parts: str) -> bytes:
    """A file of processes and other root elements; messages that are referred to are declared."""
    body = "".join(parts)
    declared = ""
    for kind, value in (
        ("message", "name"),
        ("signal", "name"),
        ("error", "errorCode"),
        ("escalation", "escalationCode"),
    ):
        for name in sorted(set(re.findall(rf'{kind}Ref="{kind}_(\w+)"', body))):
            declared += f'<bpmn:{kind} id="{kind}_{name}" {value}="{name}"/>\n'
    return f"{_HEAD}{declared}{body}{_LAYOUT}</bpmn:definitions>\n".encode()
