# ruff: noqa: E501  lines of XML stay whole
"""What has no behaviour may be drawn: it is neither refused nor complained about."""

from __future__ import annotations

import pytest

import bpmn
from bpmn import effects
from tests.bpmn.bad_drawing import END, LAYOUT, OPEN, SOUND, START
from tests.bpmn.drawing import choice, diagram, fork, process
from tests.bpmn.walking import Walk

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
    "attributes of other tools": (
        '<bpmn:task id="u" foreign:asyncBefore="maybe" foreign:colour="red"/><bpmn:sequenceFlow id="fu" sourceRef="t" '
        'targetRef="u" foreign:waypoints="1,2"/><bpmn:sequenceFlow id="fe" sourceRef="u" targetRef="e" isImmediate="true" name=""/>'
    ),
    "lists of flows before anything else": (
        '<bpmn:task id="u"><bpmn:outgoing>fe</bpmn:outgoing><bpmn:incoming>fu</bpmn:incoming><bpmn:extensionElements/>'
        '<bpmn:documentation>late</bpmn:documentation></bpmn:task><bpmn:sequenceFlow id="fu" sourceRef="t" targetRef="u"/>'
        '<bpmn:sequenceFlow id="fe" sourceRef="u" targetRef="e"/>'
    ),
    "a language without a type": (
        '<bpmn:task id="u" default="fe"/><bpmn:sequenceFlow id="fu" sourceRef="t" targetRef="u"/><bpmn:sequenceFlow id="fe" sourceRef="u" '
        'targetRef="e"/><bpmn:sequenceFlow id="fc" sourceRef="u" targetRef="e"><bpmn:conditionExpression language="python">x'
        "</bpmn:conditionExpression></bpmn:sequenceFlow>"
    ),
    "data that is only drawn": (
        '<bpmn:dataObject id="d"/><bpmn:dataObjectReference id="dr" name="Order [paid]" dataObjectRef="d"/><bpmn:task id="u">'
        '<bpmn:ioSpecification><bpmn:dataInput id="di"/></bpmn:ioSpecification><bpmn:property id="pr" name="__targetRef_placeholder"/>'
        '<bpmn:dataInputAssociation id="da"><bpmn:sourceRef>dr</bpmn:sourceRef><bpmn:targetRef>pr</bpmn:targetRef></bpmn:dataInputAssociation>'
        '</bpmn:task><bpmn:sequenceFlow id="fu" sourceRef="t" targetRef="u"/><bpmn:sequenceFlow id="fe" sourceRef="u" targetRef="e"/>'
    ),
    "references with a prefix": (
        '<bpmn:boundaryEvent id="b" attachedToRef="tns:t"><bpmn:errorEventDefinition/></bpmn:boundaryEvent>'
        '<bpmn:sequenceFlow id="fb" sourceRef="b" targetRef="e"/>'
    ),
    "comments and processing instructions": "<!-- a --><?pi b?>",
}


@pytest.mark.parametrize("drawn", HARMLESS.values(), ids=HARMLESS)
def test_harmless_drawings_are_accepted_without_a_word(drawn: str) -> None:
    source = (
        f'{OPEN}<bpmn:process id="p">{drawn}{START}<bpmn:task id="t"/>{END}</bpmn:process>{LAYOUT}</bpmn:definitions>'
    )
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
        (
            '<bpmn:collaboration id="c"><bpmn:participant id="p1" processRef="p"><bpmn:participantMultiplicity maximum="1" '
            'minimum="0"/></bpmn:participant><bpmn:participant id="p2" name="Them" processRef="empty"/><bpmn:messageFlow id="m1" '
            'sourceRef="p2" targetRef="t"/><bpmn:messageFlow id="m2" sourceRef="p1" targetRef="p2"/></bpmn:collaboration>'
            '<bpmn:process id="empty" isClosed="false" isExecutable="false" processType="None"/>'
        ),
        (
            '<bpmndi:BPMNDiagram id="di" documentation="background"><bpmndi:BPMNPlane/><bpmndi:BPMNLabelStyle id="ls"/>'
            "</bpmndi:BPMNDiagram>"
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


_GATE = (
    '<bpmn:exclusiveGateway id="t"/><bpmn:sequenceFlow id="a" sourceRef="t" targetRef="e">'
    "<bpmn:conditionExpression>x</bpmn:conditionExpression></bpmn:sequenceFlow>"
)
_ODD_GATE = _GATE.replace("/>", ' gatewayDirection="Exclusive"/>', 1)
#: What is drawn, and the warnings that it is worth.
NOT_REFUSED = {
    "no isExecutable": (f'<bpmn:process id="p">{START}<bpmn:task id="t"/>{END}</bpmn:process>{LAYOUT}', []),
    "no layout": (SOUND, ["no_layout"]),
    "a shape with the id of its element": (SOUND + LAYOUT.replace('id="t_di"', 'id="t"'), ["shape_id_twice"]),
    "two shapes with one id": (
        SOUND + LAYOUT + LAYOUT.replace('"layout"', '"l2"').replace('"plane"', '"p2"'),
        ["shape_id_twice"],
    ),
    "a gateway with one flow without condition": (
        f'<bpmn:process id="p">{START}{_GATE}{END}</bpmn:process>{LAYOUT}',
        ["default_implied"],
    ),
    "an attribute without a meaning": (
        SOUND.replace("<bpmn:task ", '<bpmn:task colour="" ') + LAYOUT,
        ["schema_harmless"],
    ),
    "an unknown direction of a gateway": (
        f'<bpmn:process id="p">{START}{_ODD_GATE}{END}</bpmn:process>{LAYOUT}',
        ["default_implied", "schema_harmless"],
    ),
    "a name where none belongs": (
        (
            f'<bpmn:process id="p">{START}<bpmn:task id="t"/>{END}<bpmn:association id="as" name="a" sourceRef="t" targetRef="e"/>'
            f"</bpmn:process>{LAYOUT}"
        ),
        ["schema_harmless"],
    ),
    "a line to nothing": (
        (
            f'<bpmn:process id="p">{START}<bpmn:task id="t"/>{END}<bpmn:association id="as" sourceRef="t" targetRef="gone"/>'
            f"</bpmn:process>{LAYOUT}"
        ),
        ["dangling_drawing"],
    ),
    "text between the elements": (
        SOUND.replace("<bpmn:endEvent", "and then<bpmn:endEvent") + LAYOUT,
        ["schema_harmless"],
    ),
}


@pytest.mark.parametrize(("drawn", "warnings"), NOT_REFUSED.values(), ids=NOT_REFUSED)
def test_what_is_harmless_is_not_refused(drawn: str, warnings: list[str]) -> None:
    document = bpmn.parse(f"{OPEN}{drawn}</bpmn:definitions>".encode())
    assert len(document.definitions) == 1
    assert sorted(problem.code for problem in document.problems) == warnings
    assert {problem.severity for problem in document.problems} <= {"warning"}


def test_references_with_a_prefix_lead_to_the_same() -> None:
    drawn = (
        '<bpmn:process id="p"><bpmn:startEvent id="s"/><bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="t"/>'
        '<bpmn:userTask id="t"/><bpmn:sequenceFlow id="f2" sourceRef="t" targetRef="c"/><bpmn:callActivity id="c" '
        'calledElement="tns:other"/><bpmn:sequenceFlow id="f3" sourceRef="c" targetRef="th"/>'
        '<bpmn:intermediateThrowEvent id="th"><bpmn:compensateEventDefinition activityRef="tns:t"/></bpmn:intermediateThrowEvent>'
        '<bpmn:sequenceFlow id="f4" sourceRef="th" targetRef="e"/><bpmn:endEvent id="e"/>'
        '<bpmn:boundaryEvent id="b" attachedToRef="tns:t"><bpmn:compensateEventDefinition/></bpmn:boundaryEvent>'
        '<bpmn:scriptTask id="h" isForCompensation="true"><bpmn:script>undone = True</bpmn:script></bpmn:scriptTask>'
        '<bpmn:association id="as" sourceRef="tns:b" targetRef="tns:h"/></bpmn:process>'
    )
    it = Walk(bpmn.parse(f"{OPEN}{drawn}{LAYOUT}</bpmn:definitions>".encode()).definitions[0]).start()
    it.complete("t")
    assert [asked.key for asked in it.effects if isinstance(asked, effects.CallProcess)] == ["other"]
    it.answer("c")
    assert it.variables["undone"] is True
