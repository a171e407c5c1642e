# ruff: noqa: E501  lines of XML stay whole
"""What has no behaviour may be drawn: it is neither refused nor complained about."""

from __future__ import annotations

import pytest

import bpmn
from tests.bpmn.bad_drawing import END, LAYOUT, OPEN, SOUND, START
from tests.bpmn.drawing import choice, diagram, fork, process

_LANES = (
    '<bpmn:laneSet id="ls"><bpmn:lane id="l"><bpmn:flowNodeRef>t</bpmn:flowNodeRef><bpmn:childLaneSet id="cl">'
    '<bpmn:lane id="l2" name="Inner"/></bpmn:childLaneSet></bpmn:lane></bpmn:laneSet>'
)
HARMLESS = {
    "annotations and groups": (
        '<bpmn:textAnnotation id="a"><bpmn:text>Hi</bpmn:text></bpmn:textAnnotation>'
        '<bpmn:association id="as" sourceRef="t" targetRef="a"/><bpmn:group id="g" categoryValueRef="cv"/>'
    ),
    "lanes": _LANES,
    "documentation": "<bpmn:documentation>x</bpmn:documentation>",
    "auditing and monitoring": "<bpmn:auditing id='au'/><bpmn:monitoring id='mo'/>",
    "foreign elements": '<foreign:anything id="t"><foreign:deep id="t"/></foreign:anything>',
    "extension elements": (
        '<bpmn:extensionElements><foreign:properties><foreign:property id="s" name="a"/></foreign:properties>'
        '<foreign:script id="f1">x</foreign:script></bpmn:extensionElements>'
    ),
    "comments and processing instructions": "<!-- a --><?pi b?>",
}


@pytest.mark.parametrize("drawn", HARMLESS.values(), ids=HARMLESS)
def test_harmless_drawings_are_accepted_without_a_word(drawn: str) -> None:
    source = f'{OPEN}<bpmn:process id="p">{drawn}{START}<bpmn:task id="t"/>{END}</bpmn:process>{LAYOUT}</bpmn:definitions>'
    assert bpmn.check(source.encode()) == []
    assert len(bpmn.parse(source.encode()).definitions) == 1


@pytest.mark.parametrize(
    "drawn",
    [
        (
            '<bpmn:collaboration id="c"><bpmn:participant id="p1" processRef="p"/><bpmn:participant id="p2" name="Them"/>'
            '<bpmn:messageFlow id="mf" sourceRef="t" targetRef="p2"/><bpmn:textAnnotation id="ta"/></bpmn:collaboration>'
        ),
        '<bpmn:collaboration id="c"><bpmn:participant id="p1"/></bpmn:collaboration>',
        '<bpmn:collaboration id="c"/>',
        '<bpmn:category id="cat"><bpmn:categoryValue id="cv" value="x"/></bpmn:category>',
        (
            '<bpmn:error id="e1"/><bpmn:signal id="s1"/><bpmn:escalation id="e2"/><bpmn:dataStore id="d1"/>'
            '<bpmn:itemDefinition id="i1"/><bpmn:message id="m1"/><bpmn:partnerEntity id="c1"/>'
        ),
        '<bpmn:import importType="x" location="file:///etc/passwd" namespace="urn:x"/>',
        '<bpmn:process id="empty"/><bpmn:process id="empty2" isExecutable="false"><bpmn:laneSet id="x"/></bpmn:process>',
        (
            '<bpmndi:BPMNDiagram id="di"><bpmndi:BPMNPlane id="pl" bpmnElement="p"><bpmndi:BPMNShape id="t_shape" '
            'bpmnElement="t"><dc:Bounds xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" x="NaN" y="top" width="1e999" '
            'height=""/></bpmndi:BPMNShape></bpmndi:BPMNPlane></bpmndi:BPMNDiagram>'
        ),
    ],
)
def test_root_elements_without_behaviour_are_harmless(drawn: str) -> None:
    source = f"{OPEN}{drawn}{SOUND}{LAYOUT}</bpmn:definitions>".encode()
    assert bpmn.check(source) == []
    assert [d.key for d in bpmn.parse(source).definitions] == ["p"]


def test_two_gateways_in_sequence_are_not_suspected() -> None:
    source = diagram(
        process(
            "start -> gate",
            "gate -[x]-> split",
            "gate -default-> other -> end",
            "split -> a -> sync -> end",
            "split -> b -> sync",
            gate=choice(),
            split=fork(),
            sync=fork(),
        )
    )
    assert bpmn.check(source) == []
