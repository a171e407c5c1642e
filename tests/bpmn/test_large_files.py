# ruff: noqa: E501  lines of XML stay whole
"""Much of everything: the work of a check grows with the size of the file, whatever is in it."""

from __future__ import annotations

import pytest

import bpmn
from bpmn import xml
from bpmn.validation import structure
from bpmn.validation.findings import MOST_PROBLEMS
from bpmn.validation.rules import RULES
from tests.bpmn.bounds import within
from tests.bpmn.walking import Walk

_BPMN = 'xmlns:b="http://www.omg.org/spec/BPMN/20100524/MODEL"'
_SIMPLE = (
    '<b:process id="p"><b:startEvent id="s"/><b:endEvent id="e"/><b:sequenceFlow id="f" sourceRef="s" targetRef="e"/>'
    "</b:process>"
)


def _definitions(body: str) -> bytes:
    return f"<b:definitions {_BPMN}>{body}</b:definitions>".encode()


@pytest.fixture
def uncapped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is refused by its size alone shows nothing of how the work grows."""
    monkeypatch.setattr(structure, "MOST_ELEMENTS", 1_000_000)


@pytest.mark.usefixtures("uncapped")
def test_100_000_elements() -> None:
    nodes = "".join(f'<b:task id="t{i}"/>' for i in range(50_000))
    flows = "".join(f'<b:sequenceFlow id="f{i}" sourceRef="t{i}" targetRef="t{i + 1}"/>' for i in range(49_999))
    start = '<b:startEvent id="s"/><b:sequenceFlow id="f" sourceRef="s" targetRef="t0"/>'
    source = _definitions(f'<b:process id="p">{start}{nodes}{flows}</b:process>')
    with within(20, 1200):
        definition = bpmn.parse(source).definitions[0]
    assert len(definition.elements) == 50_001


def _many(count: int, line: str) -> str:
    return "".join(line.replace("#", str(i)) for i in range(count))


_START = '<b:startEvent id="s"/><b:task id="t"/><b:sequenceFlow id="f" sourceRef="s" targetRef="t"/>'
QUADRATIC = {
    "dangling flows": f'<b:process id="p">{_START}'
    + _many(40_000, '<b:sequenceFlow id="f#" sourceRef="x#" targetRef="y#"/>')
    + "</b:process>",
    "flows of one element": f'<b:process id="p">{_START}'
    + _many(40_000, '<b:sequenceFlow id="f#" sourceRef="t" targetRef="t"/>')
    + "</b:process>",
    "one id": f'<b:process id="p">{_START}' + _many(40_000, '<b:task id="t"/>') + "</b:process>",
    "messages": _SIMPLE + _many(40_000, '<b:message id="m#" name="n"/>'),
    "cycles without a start": f'<b:process id="p">{_START}'
    + _many(
        20_000,
        '<b:exclusiveGateway id="g#"/><b:sequenceFlow id="f#" sourceRef="g#" targetRef="g#"/>',
    )
    + "</b:process>",
    "one long cycle": f'<b:process id="p">{_START}'
    + _many(30_000, '<b:exclusiveGateway id="g#"/>')
    + "".join(f'<b:sequenceFlow id="f{i}" sourceRef="g{i}" targetRef="g{(i + 1) % 30_000}"/>' for i in range(30_000))
    + "</b:process>",
    "joins behind one choice": f'<b:process id="p">{_START}<b:exclusiveGateway id="x"/>'
    '<b:sequenceFlow id="fx" sourceRef="t" targetRef="x"/>'
    + _many(
        10_000,
        '<b:parallelGateway id="g#"/><b:sequenceFlow id="a#" sourceRef="x" targetRef="g#"/>'
        '<b:sequenceFlow id="b#" sourceRef="x" targetRef="g#"/>',
    )
    + "</b:process>",
    "joins in a row": f'<b:process id="p">{_START}'
    + "".join(
        f'<b:parallelGateway id="g{i}"/><b:sequenceFlow id="a{i}" sourceRef="{f"g{i - 1}" if i else "t"}" targetRef="g{i}"/>'
        f'<b:sequenceFlow id="b{i}" sourceRef="{f"g{i - 1}" if i else "t"}" targetRef="g{i}"/>'
        for i in range(10_000)
    )
    + "</b:process>",
    "sub-processes with flows that leave them": f'<b:process id="p">{_START}'
    + _many(
        15_000,
        '<b:subProcess id="u#"><b:startEvent id="us#"/><b:sequenceFlow id="g#" sourceRef="us#" targetRef="t"/>'
        "</b:subProcess>",
    )
    + "</b:process>",
    "deep sub-processes around many elements": f'<b:process id="p">{_START}'
    + "".join(f'<b:subProcess id="u{i}">' for i in range(190))
    + _many(20_000, '<b:task id="t#"/>')
    + "</b:subProcess>" * 190
    + "</b:process>",
    "pools": _SIMPLE
    + '<b:collaboration id="c">'
    + _many(40_000, '<b:participant id="a#" processRef="x#"/>')
    + "</b:collaboration>",
    "processes": _many(
        2_000,
        '<b:process id="p#"><b:startEvent id="s#"/><b:endEvent id="e#"/>'
        '<b:sequenceFlow id="f#" sourceRef="s#" targetRef="e#"/></b:process>',
    ),
    "lanes": f'<b:process id="p">{_START}<b:laneSet id="ls">'
    + _many(
        20_000, '<b:lane id="l#" name="a"><b:flowNodeRef>t</b:flowNodeRef><b:flowNodeRef>none</b:flowNodeRef></b:lane>'
    )
    + "</b:laneSet></b:process>",
    "one long name": f'<b:process id="p"><b:startEvent id="s" name="{"a" * 5_000_000}"/></b:process>',
    "many attributes": "<b:x " + _many(20_000, 'a#="" ') + "/>",
    "braces": f'<b:process id="p">{_START}<b:userTask id="u" name="{"{{ a" * 100_000}{" " * 100_000}"/>'
    '<b:sequenceFlow id="g" sourceRef="t" targetRef="u"/></b:process>',
    "elements that do not exist": f'<b:process id="p">{_START}' + _many(40_000, "<b:tsk#/>") + "</b:process>",
    "attributes that do not exist": f'<b:process id="p">{_START}'
    + _many(40_000, '<b:task id="t#" nme="a"/>')
    + "</b:process>",
    "elements that mean nothing": _SIMPLE
    + '<b:collaboration id="c">'
    + _many(40_000, "<b:participnt#/>")
    + "</b:collaboration>",
    "boundary events of one activity": f'<b:process id="p">{_START}<b:endEvent id="e"/>'
    + _many(
        15_000,
        '<b:boundaryEvent id="b#" attachedToRef="t"><b:errorEventDefinition/></b:boundaryEvent>'
        '<b:sequenceFlow id="g#" sourceRef="b#" targetRef="e"/>',
    )
    + "</b:process>",
    "blocks in a row": f'<b:process id="p">{_START}'
    + "".join(
        f'<b:exclusiveGateway id="x{i}"/><b:parallelGateway id="j{i}"/>'
        f'<b:sequenceFlow id="i{i}" sourceRef="{f"j{i - 1}" if i else "t"}" targetRef="x{i}"/>'
        f'<b:sequenceFlow id="a{i}" sourceRef="x{i}" targetRef="j{i}"/><b:sequenceFlow id="b{i}" sourceRef="x{i}" targetRef="j{i}"/>'
        for i in range(8_000)
    )
    + "</b:process>",
    "blocks in blocks": f'<b:process id="p">{_START}'
    + "".join(
        f'<b:exclusiveGateway id="x{i}"/><b:exclusiveGateway id="j{i}"/>'
        f'<b:sequenceFlow id="i{i}" sourceRef="{f"x{i - 1}" if i else "t"}" targetRef="x{i}"/>'
        f'<b:sequenceFlow id="o{i}" sourceRef="x{i}" targetRef="j{i}"/>'
        f'<b:sequenceFlow id="c{i}" sourceRef="j{i}" targetRef="{f"j{i - 1}" if i else "t"}"/>'
        for i in range(8_000)
    )
    + "</b:process>",
    "message flows": _SIMPLE
    + '<b:collaboration id="c">'
    + _many(40_000, '<b:messageFlow id="m#" sourceRef="s" targetRef="e"/>')
    + "</b:collaboration>",
    "data associations": f'<b:process id="p">{_START}<b:task id="u"><b:dataInputAssociation>'
    + _many(40_000, "<b:sourceRef>none#</b:sourceRef>")
    + "</b:dataInputAssociation></b:task></b:process>",
    "compensations": f'<b:process id="p">{_START}'
    + _many(
        20_000,
        '<b:endEvent id="e#"><b:compensateEventDefinition activityRef="none"/></b:endEvent>',
    )
    + "</b:process>",
    "ids like expressions": f'<b:process id="{"(a+)+" * 5_000}!">{_START}</b:process>',
}


@pytest.mark.usefixtures("uncapped")
@pytest.mark.parametrize("body", QUADRATIC.values(), ids=QUADRATIC)
def test_the_work_of_a_check_grows_with_the_size_of_the_file(body: str) -> None:
    source = _definitions(body)
    with within(30, 1000):
        problems = bpmn.check(source)
        if not any(p.severity == "error" for p in problems):
            bpmn.parse(source)
    assert len(problems) <= 2 * (MOST_PROBLEMS + 1)
    assert all(len(p.message) <= 601 and len(p.element_id or "") <= 255 for p in problems)


@pytest.mark.usefixtures("uncapped")
def test_very_many_problems_are_counted_not_told() -> None:
    problems = bpmn.check(_definitions(QUADRATIC["one id"]))
    assert problems[0].code == "too_many_problems"
    assert "more errors" in problems[0].message


def test_very_many_warnings_do_not_block() -> None:
    body = f'<b:process id="p">{_START}' + _many(
        MOST_PROBLEMS + 1, '<b:exclusiveGateway id="g#"/><b:sequenceFlow id="f#" sourceRef="t" targetRef="g#"/>'
    )
    body += '<b:endEvent id="e"/><b:sequenceFlow id="last" sourceRef="t" targetRef="e"/></b:process>'
    problems = bpmn.check(_definitions(body))
    assert {p.severity for p in problems} == {"warning"}
    assert problems[0].code == "too_many_warnings"
    assert len(bpmn.parse(_definitions(body)).definitions) == 1


def test_a_file_with_too_many_elements_is_refused_at_once() -> None:
    most = structure.MOST_ELEMENTS
    source = _definitions(f'<b:process id="p">{_START}' + _many(most - 2, '<b:task id="t#"/>') + "</b:process>")
    with within(1):
        problems = bpmn.check(source)
    assert [p.code for p in problems] == ["too_many_elements"]
    assert f"at most {most:,}" in problems[0].message


def test_the_words_of_the_rules_name_the_limits() -> None:
    assert f"{structure.MOST_ELEMENTS:,}" in RULES["too_many_elements"].words
    assert f"{xml.MAX_NODES:,}" in RULES["xml_too_large"].words
    assert f"{xml.MAX_BYTES // 1_000_000} MB" in RULES["xml_too_large"].words
    assert f"{xml.MAX_DEPTH} levels" in RULES["xml_too_deep"].words


def test_a_diagram_of_2_000_elements_is_checked_quickly() -> None:
    nodes = _many(1_000, '<b:task id="t#"/>')
    flows = "".join(f'<b:sequenceFlow id="f{i}" sourceRef="t{i}" targetRef="t{i + 1}"/>' for i in range(999))
    start = '<b:startEvent id="s"/><b:sequenceFlow id="f" sourceRef="s" targetRef="t0"/>'
    source = _definitions(f'<b:process id="p">{start}{nodes}{flows}</b:process>')
    bpmn.check(source)
    with within(1, 50):
        bpmn.check(source)


@pytest.mark.parametrize("by_event", [False, True])
def test_sub_processes_as_deep_as_a_file_may_be(by_event: bool) -> None:
    depth = 196
    message = '<b:messageEventDefinition messageRef="m"/>' if by_event else ""
    kind = ' triggeredByEvent="true"' if by_event else ""
    scope = "".join(
        f'<b:subProcess id="u{i}"{kind if i else ""}><b:startEvent id="s{i}">{message if i else ""}</b:startEvent>'
        + (
            ""
            if by_event
            else f'<b:sequenceFlow id="f{i}" sourceRef="s{i}" targetRef="{f"u{i + 1}" if i < depth - 1 else f"t{i}"}"/>'
        )
        + (f'<b:task id="t{i}"/>' if by_event or i == depth - 1 else "")
        + (f'<b:sequenceFlow id="f{i}" sourceRef="s{i}" targetRef="t{i}"/>' if by_event else "")
        for i in range(depth)
    )
    body = (
        '<b:message id="m" name="m"/><b:process id="p"><b:startEvent id="s"/>'
        f'<b:sequenceFlow id="f" sourceRef="s" targetRef="u0"/>{scope}{"</b:subProcess>" * depth}</b:process>'
    )
    source = _definitions(body)
    assert [p for p in bpmn.check(source) if p.severity == "error"] == []
    definition = bpmn.parse(source).definitions[0]
    it = Walk(definition, "restored").start()
    assert it.state == "completed"
    assert it.ran(["u0"]) == {"u0": 1}
