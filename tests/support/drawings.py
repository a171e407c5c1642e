"""Small diagrams with a layout, for those who look at them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Place = tuple[int, int, int, int]
TASK = (100, 80)
SMALL = (36, 36)

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:di="http://www.omg.org/spec/DD/20100524/DI"
  xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
  xmlns:signalbox="urn:signalbox:schema:1.0" id="definitions" targetNamespace="urn:test">"""


def drawn(
    key: str,
    content: str,
    places: Mapping[str, Place],
    flows: Sequence[tuple[str, str]] = (),
    *,
    declared: str = "",
    associations: Sequence[tuple[str, str]] = (),
) -> bytes:
    """A process of this content with its shapes at these places (x, y, width, height), and straight flows between."""
    edges = []
    inside = [content]
    for kind, pairs in (("sequenceFlow", flows), ("association", associations)):
        for source, target in pairs:
            name = f"{source}_{target}"
            inside.append(f'<{kind} id="{name}" sourceRef="{source}" targetRef="{target}"/>')
            start, end = _right(places[source]), _left(places[target])
            edges.append(
                f'<bpmndi:BPMNEdge id="{name}_di" bpmnElement="{name}"><di:waypoint x="{start[0]}" y="{start[1]}"/>'
                f'<di:waypoint x="{end[0]}" y="{end[1]}"/></bpmndi:BPMNEdge>'
            )
    shapes = [
        f'<bpmndi:BPMNShape id="{name}_di" bpmnElement="{name}" isExpanded="true">'
        f'<dc:Bounds x="{x}" y="{y}" width="{width}" height="{height}"/></bpmndi:BPMNShape>'
        for name, (x, y, width, height) in places.items()
    ]
    return (
        f'{_HEAD}{declared}<process id="{key}" name="{key}" isExecutable="true">{"".join(inside)}</process>'
        f'<bpmndi:BPMNDiagram id="diagram"><bpmndi:BPMNPlane id="plane" bpmnElement="{key}">'
        f"{''.join(shapes)}{''.join(edges)}</bpmndi:BPMNPlane></bpmndi:BPMNDiagram></definitions>"
    ).encode()


def _right(place: Place) -> tuple[int, int]:
    x, y, width, height = place
    return x + width, y + height // 2


def _left(place: Place) -> tuple[int, int]:
    x, y, _, height = place
    return x, y + height // 2
