"""Bad diagrams, drawn around a fault; `>>` marks the line that its problem must name."""

from __future__ import annotations

from dataclasses import dataclass

OPEN = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:signalbox="urn:signalbox:schema:1.0" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" '
    'xmlns:foreign="urn:foreign" id="definitions">'
)
START = '<bpmn:startEvent id="s"/><bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="t"/>'
#: A drawing of its own is not what these are about.
LAYOUT = (
    '<bpmndi:BPMNDiagram id="layout"><bpmndi:BPMNPlane id="plane"><bpmndi:BPMNShape id="t_di" bpmnElement="t"/>'
    "</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>"
)
END = '<bpmn:endEvent id="e"/><bpmn:sequenceFlow id="f2" sourceRef="t" targetRef="e"/>'
#: A condition.
X = "<bpmn:conditionExpression>x</bpmn:conditionExpression>"


def line(name: str, source: str, target: str, inside: str = "") -> str:
    """A sequence flow."""
    return f'<bpmn:sequenceFlow id="{name}" sourceRef="{source}" targetRef="{target}">{inside}</bpmn:sequenceFlow>'


@dataclass(frozen=True)
class Bad:
    """A diagram with one fault. `also`: what must be said besides."""

    code: str
    element: str | None
    source: bytes
    line: int | None
    severity: str = "error"
    also: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.code}-{self.element}"


def _file(text: str) -> tuple[bytes, int | None]:
    lines = text.strip("\n").split("\n")
    marked = [number for number, line in enumerate(lines, 1) if line.lstrip().startswith(">>")]
    plain = "\n".join(line.lstrip().removeprefix(">>") for line in lines)
    return plain.encode(), marked[0] if marked else None


def file(code: str, element: str | None, text: str, severity: str = "error", also: tuple[str, ...] = ()) -> Bad:
    """A whole file."""
    source, line = _file(text)
    return Bad(code, element, source, line, severity, also)


def document(code: str, element: str | None, text: str, severity: str = "error", also: tuple[str, ...] = ()) -> Bad:
    """Root elements."""
    return file(code, element, f"{OPEN}\n{text.strip()}\n</bpmn:definitions>", severity, also)


def inside(code: str, element: str | None, text: str, severity: str = "error", also: tuple[str, ...] = ()) -> Bad:
    """The content of a process."""
    return document(
        code, element, f'<bpmn:process id="p" isExecutable="true">\n{text.strip()}\n</bpmn:process>', severity, also
    )


def task(code: str, text: str, severity: str = "error", also: tuple[str, ...] = (), element: str = "t") -> Bad:
    """One element `t` between a start and an end event."""
    return inside(code, element, f"{START}\n{text.strip()}\n{END}", severity, also)


def flow(code: str, text: str, severity: str = "error", also: tuple[str, ...] = (), element: str = "f") -> Bad:
    """Flows out of an exclusive gateway `t` with a default flow to the end."""
    gateway = '<bpmn:exclusiveGateway id="t" default="f2"/>'
    return inside(code, element, f"{START}{gateway}\n{text.strip()}\n{END}", severity, also)


def event_sub_process(code: str, element: str, text: str, also: tuple[str, ...] = ()) -> Bad:
    """The content of an event sub-process `x` beside a sound process."""
    return document(
        code,
        element,
        '<bpmn:message id="m" name="stop"/><bpmn:message id="nameless"/>\n'
        f'<bpmn:process id="p">{START}<bpmn:task id="t"/>{END}\n'
        f'<bpmn:subProcess id="x" triggeredByEvent="true">\n{text.strip()}\n'
        '<bpmn:endEvent id="xe"/><bpmn:sequenceFlow id="xf" sourceRef="xs" targetRef="xe"/>\n'
        "</bpmn:subProcess></bpmn:process>",
        also=also,
    )


SOUND = f'<bpmn:process id="p">{START}<bpmn:task id="t"/>{END}</bpmn:process>'
MESSAGE_START = '<bpmn:startEvent id="xs"><bpmn:messageEventDefinition messageRef="m"/></bpmn:startEvent>'
