# ruff: noqa: E501  lines of XML stay whole
"""What is said of the XML schema agrees with the schema itself, as libxml2 reads it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import SpiffWorkflow
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from lxml import etree

import bpmn
from bpmn.validation import conformance
from bpmn.validation.findings import Findings
from bpmn.validation.schema import schema
from tests.bpmn.bad_drawing import END, LAYOUT, START

_XSD = etree.XMLSchema(file=str(Path(SpiffWorkflow.__file__).parent / "bpmn" / "parser" / "schema" / "BPMN20.xsd"))
_HEAD = '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="urn:t">'
_DRAWN = Path(__file__).parents[1] / "diagrams"


def _source(inside: str) -> str:
    return f'{_HEAD}<bpmn:process id="p">{START}{inside}{END}</bpmn:process></bpmn:definitions>'


def _told(root: etree._Element) -> list[str]:
    findings = Findings()
    conformance.check(root, findings)
    return [problem.code for problem in findings.sorted()]


def _by_libxml2(root: etree._Element) -> list[str]:
    """Without what is nobody's business: the order of elements, ids, references by id, data sets, shapes."""
    _XSD.validate(root)
    return [
        error.message
        for error in _XSD.error_log
        if not re.search(r"xs:ID|xs:QName|xs:anyURI|Missing child element.*putSet|DD/20100524|DI\}", error.message)
    ]


SOUND = {
    "a task": '<bpmn:task id="t"/>',
    "all of a task": (
        '<bpmn:userTask id="t" name="T" startQuantity="1" isForCompensation="false" implementation="##unspecified">'
        '<bpmn:documentation>Text <b xmlns="urn:x">x</b></bpmn:documentation><bpmn:extensionElements><x xmlns="urn:x" a="b"/>'
        "</bpmn:extensionElements><bpmn:incoming>f1</bpmn:incoming><bpmn:outgoing>f2</bpmn:outgoing>"
        "<bpmn:potentialOwner><bpmn:resourceAssignmentExpression><bpmn:formalExpression>a</bpmn:formalExpression>"
        "</bpmn:resourceAssignmentExpression></bpmn:potentialOwner>"
        '<bpmn:multiInstanceLoopCharacteristics behavior="Complex"><bpmn:loopCardinality>3</bpmn:loopCardinality>'
        "<bpmn:complexBehaviorDefinition><bpmn:condition>a</bpmn:condition><bpmn:event><bpmn:signalEventDefinition/></bpmn:event>"
        "</bpmn:complexBehaviorDefinition></bpmn:multiInstanceLoopCharacteristics></bpmn:userTask>"
    ),
    "an event of each kind": "".join(
        f'<bpmn:intermediateCatchEvent id="{kind}"><bpmn:{kind}EventDefinition id="{kind}_d"{extra}/></bpmn:intermediateCatchEvent>'
        for kind, extra in (("message", ""), ("signal", ""), ("timer", ""), ("link", ' name="l"'), ("cancel", ""))
    )
    + '<bpmn:task id="t"/>',
    "sub-processes": (
        '<bpmn:adHocSubProcess id="t" ordering="Sequential"><bpmn:task id="i"/><bpmn:completionCondition '
        'xsi:type="bpmn:tFormalExpression" language="python">x</bpmn:completionCondition></bpmn:adHocSubProcess>'
        '<bpmn:transaction id="x" method="##Compensate"><bpmn:task id="j"/></bpmn:transaction>'
    ),
}
#: What libxml2 refuses too, and the code that it is told by.
UNSOUND = {
    '<bpmn:task id="t"><bpmn:tsk/></bpmn:task>': "unknown_element",
    '<bpmn:task id="t"><bpmn:lane id="l"/></bpmn:task>': "misplaced_element",
    '<bpmn:task id="t" nme="a"/>': "attribute_unknown",
    '<bpmn:task id="t" isForCompensation="no"/>': "bad_boolean",
    '<bpmn:eventBasedGateway id="t" eventGatewayType="Both"/>': "bad_value",
    '<bpmn:task id="t"/><bpmn:ioBinding/>': "attribute_missing",
    '<bpmn:task id="t"><bpmn:standardLoopCharacteristics/><bpmn:standardLoopCharacteristics/></bpmn:task>': "loop_twice",
    '<bpmn:complexGateway id="t"><bpmn:activationCondition/><bpmn:activationCondition/></bpmn:complexGateway>': "element_twice",
    '<bpmn:exclusiveGateway id="t" gatewayDirection="Any"/>': "schema_harmless",
    '<bpmn:task id="t">Text</bpmn:task>': "schema_harmless",
    '<bpmn:task id="t"/><bpmn:textAnnotation colour="red"/>': "schema_harmless",
    '<bpmn:task id="t"><bpmn:dataInputAssociation/></bpmn:task>': "schema_harmless",
}


@pytest.mark.parametrize("inside", SOUND.values(), ids=SOUND)
def test_what_the_schema_allows_is_nothing_to_tell(inside: str) -> None:
    root = etree.fromstring(_source(inside))
    assert _by_libxml2(root) == []
    assert _told(root) == []


@pytest.mark.parametrize(("inside", "code"), UNSOUND.items(), ids=UNSOUND.values())
def test_what_the_schema_refuses_is_told(inside: str, code: str) -> None:
    root = etree.fromstring(_source(inside))
    assert _by_libxml2(root) != []
    assert set(_told(root)) == {code}


@pytest.mark.parametrize("file", sorted(_DRAWN.rglob("*.bpmn"))[::7], ids=lambda file: file.stem)
def test_drawn_diagrams_are_judged_as_libxml2_judges_them(file: Path) -> None:
    root = etree.parse(file).getroot()
    assert bool(_told(root)) == bool([words for words in _by_libxml2(root) if "not expected" not in words])


_OTHERS = ("EventDefinition", "eventDefinitionRef", "LoopCharacteristics", "assignment", "complexBehaviorDefinition")
_TAGS = sorted(tag for tag in schema().elements if not tag.endswith(_OTHERS))
#: Read by rules of their own.
_SAID_ELSEWHERE = {
    "startQuantity",
    "completionQuantity",
    "loopMaximum",
    "behavior",
    "default",
    "sourceRef",
    "targetRef",
}
_ATTRIBUTES = sorted({name for kind in schema().types.values() for name in kind.attributes} - {"id"})


@settings(max_examples=400, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None)
@given(
    st.sampled_from(["userTask", "endEvent", "sequenceFlow", "multiInstanceLoopCharacteristics", "complexGateway"]),
    st.sampled_from(_ATTRIBUTES),
    st.sampled_from(["true", "One", "1", "a"]),
    st.sampled_from(_TAGS),
)
def test_whatever_stands_in_an_element_is_judged_as_libxml2_judges_it(
    tag: str, name: str, value: str, inner: str
) -> None:
    """One attribute and one child, each of any name there is."""
    assume(name not in _SAID_ELSEWHERE)
    sound = _by_libxml2(etree.fromstring(_alone(tag)))
    for drawn in (_alone(tag, f' {name}="{value}"'), _alone(tag, "", f"<bpmn:{inner}/>")):
        root = etree.fromstring(drawn)
        expected = [words for words in _by_libxml2(root) if words not in sound]
        parent = [words for words in expected if f"}}{inner}'" not in words or "not expected" in words]
        told = _told(root)
        assert bool(told) == bool(parent if parent else expected), (drawn, expected, told)


def _alone(tag: str, attributes: str = "", inside: str = "") -> str:
    node = f"<bpmn:{tag}{attributes}>{inside}</bpmn:{tag}>"
    if tag == "multiInstanceLoopCharacteristics":
        node = f'<bpmn:task id="t">{node}</bpmn:task>'
    return f'{_HEAD}<bpmn:process id="p"><bpmn:task id="u"/>{node}</bpmn:process></bpmn:definitions>'


def test_the_order_of_elements_is_nobodys_business() -> None:
    inside = '<bpmn:task id="t"><bpmn:outgoing>f2</bpmn:outgoing><bpmn:incoming>f1</bpmn:incoming><bpmn:documentation/></bpmn:task>'
    root = etree.fromstring(_source(inside))
    assert any("not expected" in words for words in _by_libxml2(root))
    assert _told(root) == []


def test_what_is_harmless_is_said_once_a_kind() -> None:
    inside = '<bpmn:task id="t"/>' + "".join(f'<bpmn:textAnnotation id="a{n}" colour="red"/>' for n in range(40))
    source = _source(inside).replace(
        "</bpmn:definitions>",
        LAYOUT.replace(
            "<bpmndi:BPMNDiagram", '<bpmndi:BPMNDiagram xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"'
        )
        + "</bpmn:definitions>",
    )
    [problem] = bpmn.check(source.encode())
    assert (problem.code, problem.element_id) == ("schema_harmless", "a0")
    assert "39 more places" in problem.message


def test_a_name_that_nearly_fits_is_proposed() -> None:
    root = etree.fromstring(_source('<bpmn:task id="t" isForCompensaton="true"><bpmn:incomming/></bpmn:task>'))
    findings = Findings()
    conformance.check(root, findings)
    words = " ".join(problem.message for problem in findings.sorted())
    assert "is isForCompensation meant?" in words
    assert "is incoming meant?" in words


def test_the_schema_knows_every_element_that_runs() -> None:
    known = schema().types["tProcess"].children
    assert {"userTask", "boundaryEvent", "sequenceFlow", "laneSet", "textAnnotation"} <= set(known)
    assert "flowNode" not in known, "an abstract one"
    assert known["userTask"].head == "flowElement"
