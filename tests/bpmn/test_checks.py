# ruff: noqa: E501  lines of XML stay whole
"""Every problem that a check can find, each by a minimal bad diagram; `>>` marks the line it must name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

import bpmn
from bpmn import Problem
from tests.bpmn.drawing import choice, diagram, fork, process, script, service, user

_OPEN = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:signalbox="urn:signalbox:schema:1.0" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" '
    'xmlns:foreign="urn:foreign" id="definitions">'
)
_START = '<bpmn:startEvent id="s"/><bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="t"/>'
_END = '<bpmn:endEvent id="e"/><bpmn:sequenceFlow id="f2" sourceRef="t" targetRef="e"/>'


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
    return file(code, element, f"{_OPEN}\n{text.strip()}\n</bpmn:definitions>", severity, also)


def inside(code: str, element: str | None, text: str, severity: str = "error", also: tuple[str, ...] = ()) -> Bad:
    """The content of a process."""
    return document(
        code, element, f'<bpmn:process id="p" isExecutable="true">\n{text.strip()}\n</bpmn:process>', severity, also
    )


def task(code: str, text: str, severity: str = "error", also: tuple[str, ...] = (), element: str = "t") -> Bad:
    """One element `t` between a start and an end event."""
    return inside(code, element, f"{_START}\n{text.strip()}\n{_END}", severity, also)


def flow(code: str, text: str, severity: str = "error", also: tuple[str, ...] = (), element: str = "f") -> Bad:
    """Flows out of an exclusive gateway `t` with a default flow to the end."""
    gateway = '<bpmn:exclusiveGateway id="t" default="f2"/>'
    return inside(code, element, f"{_START}{gateway}\n{text.strip()}\n{_END}", severity, also)


def event_sub_process(code: str, element: str, text: str, also: tuple[str, ...] = ()) -> Bad:
    """The content of an event sub-process `x` beside a sound process."""
    return document(
        code,
        element,
        '<bpmn:message id="m" name="stop"/><bpmn:message id="nameless"/>\n'
        f'<bpmn:process id="p">{_START}<bpmn:task id="t"/>{_END}\n'
        f'<bpmn:subProcess id="x" triggeredByEvent="true">\n{text.strip()}\n'
        '<bpmn:endEvent id="xe"/><bpmn:sequenceFlow id="xf" sourceRef="xs" targetRef="xe"/>\n'
        "</bpmn:subProcess></bpmn:process>",
        also=also,
    )


_SOUND = f'<bpmn:process id="p">{_START}<bpmn:task id="t"/>{_END}</bpmn:process>'
_MESSAGE_START = '<bpmn:startEvent id="xs"><bpmn:messageEventDefinition messageRef="m"/></bpmn:startEvent>'

BAD = [
    # -- the file
    file("xml_empty", None, " "),
    file("xml_broken", None, "<a>\n\n>><b></a>"),
    file("xml_doctype", None, ">><!DOCTYPE a>\n<a/>"),
    file("xml_too_deep", None, "\n".join(["<a>"] * 200 + [">><a/>"] + ["</a>"] * 200)),
    file("not_bpmn", None, ">><html/>"),
    file("not_bpmn", "d", '>><definitions id="d" xmlns="http://www.omg.org/spec/BPMN/1.0"/>'),
    # -- the document
    file("no_process", "definitions", f">>{_OPEN}</bpmn:definitions>"),
    document(
        "not_executable",
        "q",
        f'{_SOUND}\n>><bpmn:process id="q" isExecutable="false"><bpmn:task id="o"/></bpmn:process>',
        "warning",
    ),
    document(
        "not_executable",
        "q",
        f'{_SOUND}\n>><bpmn:process id="q" isExecutable="0"><bpmn:task id="o"/></bpmn:process>',
        "warning",
    ),
    document(
        "dangling_reference",
        "pool",
        f'{_SOUND}\n>><bpmn:collaboration id="c"><bpmn:participant id="pool" processRef="none"/></bpmn:collaboration>',
    ),
    task(
        "dangling_reference",
        '<bpmn:task id="t"/><bpmn:laneSet id="ls">\n'
        '>><bpmn:lane id="lane"><bpmn:flowNodeRef>none</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>',
        "warning",
        element="lane",
    ),
    # -- ids
    task("id_missing", ">><bpmn:task/>", also=("dangling_flow", "unreachable", "path_ends"), element="p"),
    task("id_twice", '<bpmn:task id="t"/>\n>><bpmn:textAnnotation id="t"/>'),
    task("id_twice", '<bpmn:task id="t"/>\n>><bpmndi:BPMNShape id="t"/>'),
    task("id_invalid", '<bpmn:task id="t"/>\n>><bpmn:group id="two words"/>', element="two words"),
    task("id_invalid", '<bpmn:task id="t"/>\n>><bpmn:group id="1a"/>', element="1a"),
    task("id_invalid", '<bpmn:task id="t"/>\n>><bpmn:group id="a&#10;"/>', element="a\n"),
    task("id_invalid", '<bpmn:task id="t"/>\n>><bpmn:group id=""/>', element=""),
    task("id_too_long", f'<bpmn:task id="t"/>\n>><bpmn:group id="{"a" * 256}"/>', element="a" * 255),
    task("bad_boolean", '>><bpmn:task id="t" isForCompensation="yes"/>'),
    event_sub_process(
        "bad_boolean", "xs", ">>" + _MESSAGE_START.replace("<bpmn:startEvent", '<bpmn:startEvent isInterrupting="TRUE"')
    ),
    # -- what may stand in a scope
    task("unsupported_element", '>><bpmn:callActivity id="t"/>'),
    task("unsupported_element", '>><bpmn:inclusiveGateway id="t"/>'),
    task(
        "unsupported_element",
        '>><bpmn:intermediateCatchEvent id="t"><bpmn:timerEventDefinition/></bpmn:intermediateCatchEvent>',
    ),
    task("unsupported_element", '<bpmn:task id="t"/>\n>><bpmn:dataObject id="d"/>', element="d"),
    task("unsupported_element", '<bpmn:task id="t"/>\n>><bpmn:boundaryEvent id="b" attachedToRef="t"/>', element="b"),
    task("unknown_element", '<bpmn:task id="t"/>\n>><bpmn:teleport id="x"/>', element="x"),
    task("unknown_element", '<bpmn:task id="t">\n>><bpmn:teleport/></bpmn:task>'),
    task("unsupported_loop", '>><bpmn:task id="t"><bpmn:standardLoopCharacteristics/></bpmn:task>'),
    task("unsupported_loop", '>><bpmn:userTask id="t"><bpmn:multiInstanceLoopCharacteristics/></bpmn:userTask>'),
    task("unsupported_performer", '<bpmn:userTask id="t">\n>><bpmn:potentialOwner/></bpmn:userTask>'),
    task("unsupported_data", '<bpmn:task id="t">\n>><bpmn:ioSpecification/></bpmn:task>'),
    task("unsupported_data", '<bpmn:task id="t">\n>><bpmn:dataInputAssociation/></bpmn:task>'),
    task("unsupported_compensation", '>><bpmn:task id="t" isForCompensation="true"/>'),
    task("unsupported_compensation", '>><bpmn:task id="t" isForCompensation="1"/>'),
    task("unsupported_quantity", '>><bpmn:task id="t" startQuantity="2"/>'),
    task("unsupported_quantity", '>><bpmn:task id="t" completionQuantity="2"/>'),
    task("misplaced_event", '<bpmn:task id="t">\n>><bpmn:timerEventDefinition/></bpmn:task>'),
    task(
        "unsupported_event",
        '<bpmn:intermediateThrowEvent id="t">\n>><bpmn:signalEventDefinition/></bpmn:intermediateThrowEvent>',
    ),
    inside(
        "unsupported_event",
        "s",
        f'<bpmn:startEvent id="s">\n>><bpmn:messageEventDefinition/></bpmn:startEvent><bpmn:task id="t"/>{_END}'
        '<bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="t"/>',
    ),
    inside(
        "unsupported_event",
        "e",
        f'{_START}<bpmn:task id="t"/>{_END.replace("/>", ">", 1)}\n>><bpmn:terminateEventDefinition/></bpmn:endEvent>'.replace(
            '<bpmn:endEvent id="e"><bpmn:sequenceFlow id="f2" sourceRef="t" targetRef="e"/>',
            '<bpmn:sequenceFlow id="f2" sourceRef="t" targetRef="e"/><bpmn:endEvent id="e">',
        ),
    ),
    # -- starts
    inside("start_missing", "p", '<bpmn:task id="t"/>', also=("path_ends",)),
    task(
        "start_twice",
        '<bpmn:task id="t"/>\n>><bpmn:startEvent id="s2"/><bpmn:sequenceFlow id="g" sourceRef="s2" targetRef="t"/>',
        element="s2",
    ),
    task(
        "start_leads_nowhere", '<bpmn:task id="t"/>\n>><bpmn:startEvent id="s2"/>', also=("start_twice",), element="s2"
    ),
    task("empty_scope", '>><bpmn:subProcess id="t"/>'),
    task("start_missing", '>><bpmn:subProcess id="t"><bpmn:task id="i"/></bpmn:subProcess>', also=("path_ends",)),
    event_sub_process("start_without_event", "xs", '>><bpmn:startEvent id="xs"/>'),
    event_sub_process(
        "unsupported_event", "xs", '<bpmn:startEvent id="xs">\n>><bpmn:timerEventDefinition/></bpmn:startEvent>'
    ),
    event_sub_process(
        "unsupported_event",
        "xs",
        '<bpmn:startEvent id="xs">\n>><bpmn:messageEventDefinition messageRef="m"/>'
        '<bpmn:messageEventDefinition messageRef="m"/></bpmn:startEvent>',
    ),
    event_sub_process(
        "message_missing",
        "xs",
        '<bpmn:startEvent id="xs">\n>><bpmn:messageEventDefinition messageRef="none"/></bpmn:startEvent>',
    ),
    event_sub_process(
        "message_missing", "xs", '<bpmn:startEvent id="xs">\n>><bpmn:messageEventDefinition/></bpmn:startEvent>'
    ),
    document(
        "message_name_missing",
        "nameless",
        '>><bpmn:message id="nameless" name=" "/>\n'
        f'<bpmn:process id="p">{_START}<bpmn:task id="t"/>{_END}<bpmn:subProcess id="x" triggeredByEvent="true">'
        f"{_MESSAGE_START.replace('m/', '')}".replace('messageRef="m"', 'messageRef="nameless"')
        + '<bpmn:endEvent id="xe"/><bpmn:sequenceFlow id="xf" sourceRef="xs" targetRef="xe"/></bpmn:subProcess>'
        "</bpmn:process>",
    ),
    document(
        "flow_at_event_sub_process",
        "f3",
        '<bpmn:message id="m" name="stop"/>\n'
        f'<bpmn:process id="p">{_START}<bpmn:task id="t"/>{_END}\n'
        f'>><bpmn:sequenceFlow id="f3" sourceRef="t" targetRef="x"/>\n'
        f'<bpmn:subProcess id="x" triggeredByEvent="1">{_MESSAGE_START}'
        '<bpmn:endEvent id="xe"/><bpmn:sequenceFlow id="xf" sourceRef="xs" targetRef="xe"/></bpmn:subProcess>'
        "</bpmn:process>",
    ),
    document(
        "flow_at_event_sub_process",
        "f3",
        '<bpmn:message id="m" name="stop"/>\n'
        f'<bpmn:process id="p">{_START}<bpmn:task id="t"/>{_END}\n'
        f'>><bpmn:sequenceFlow id="f3" sourceRef="x" targetRef="t"/>\n'
        f'<bpmn:subProcess id="x" triggeredByEvent="true">{_MESSAGE_START}'
        '<bpmn:endEvent id="xe"/><bpmn:sequenceFlow id="xf" sourceRef="xs" targetRef="xe"/></bpmn:subProcess>'
        "</bpmn:process>",
    ),
    # -- flows
    flow("dangling_flow", '>><bpmn:sequenceFlow id="f" sourceRef="t"/>', also=("condition_missing",)),
    flow("dangling_flow", '>><bpmn:sequenceFlow id="f" targetRef="t"/>'),
    flow("dangling_flow", '>><bpmn:sequenceFlow id="f" sourceRef="none" targetRef="e"/>'),
    task(
        "dangling_flow",
        '<bpmn:subProcess id="t"><bpmn:startEvent id="is"/><bpmn:endEvent id="ie"/>\n'
        '<bpmn:sequenceFlow id="i" sourceRef="is" targetRef="ie"/>\n'
        '>><bpmn:sequenceFlow id="f" sourceRef="is" targetRef="e"/></bpmn:subProcess>',
        element="f",
    ),
    task(
        "flow_into_start", '<bpmn:task id="t"/>\n>><bpmn:sequenceFlow id="f" sourceRef="t" targetRef="s"/>', element="f"
    ),
    task(
        "flow_out_of_end", '<bpmn:task id="t"/>\n>><bpmn:sequenceFlow id="f" sourceRef="e" targetRef="t"/>', element="f"
    ),
    task("unreachable", '<bpmn:task id="t"/>\n>><bpmn:endEvent id="lost"/>', element="lost"),
    task(
        "unreachable",
        '<bpmn:task id="t"/>\n>><bpmn:task id="lost"/><bpmn:sequenceFlow id="f" sourceRef="lost" targetRef="lost"/>',
        element="lost",
    ),
    task(
        "path_ends",
        '<bpmn:task id="t"/>\n>><bpmn:task id="last"/><bpmn:sequenceFlow id="f" sourceRef="t" targetRef="last"/>',
        "warning",
        element="last",
    ),
    task("default_missing", '>><bpmn:exclusiveGateway id="t" default="f1"/>'),
    task("default_misplaced", '>><bpmn:parallelGateway id="t" default="f2"/>'),
    task("default_misplaced", '>><bpmn:intermediateThrowEvent id="t" default="f2"/>'),
    flow("condition_missing", '>><bpmn:sequenceFlow id="f" sourceRef="t" targetRef="e"/>'),
    inside(
        "no_default",
        "t",
        f'{_START}\n>><bpmn:exclusiveGateway id="t"/>\n<bpmn:endEvent id="e"/>'
        '<bpmn:sequenceFlow id="a" sourceRef="t" targetRef="e"><bpmn:conditionExpression>x</bpmn:conditionExpression>'
        '</bpmn:sequenceFlow><bpmn:sequenceFlow id="b" sourceRef="t" targetRef="e"><bpmn:conditionExpression>y'
        "</bpmn:conditionExpression></bpmn:sequenceFlow>",
        "warning",
    ),
    flow(
        "condition_empty",
        '<bpmn:sequenceFlow id="f" sourceRef="t" targetRef="e">\n>><bpmn:conditionExpression> </bpmn:conditionExpression></bpmn:sequenceFlow>',
    ),
    flow(
        "condition_syntax",
        '<bpmn:sequenceFlow id="f" sourceRef="t" targetRef="e">\n>><bpmn:conditionExpression>a &lt;</bpmn:conditionExpression></bpmn:sequenceFlow>',
    ),
    flow(
        "condition_mixed",
        '<bpmn:sequenceFlow id="f" sourceRef="t" targetRef="e">\n>><bpmn:conditionExpression>a<foreign:b/> or c</bpmn:conditionExpression></bpmn:sequenceFlow>',
    ),
    *(
        flow(
            "language_unsupported",
            f'<bpmn:sequenceFlow id="f" sourceRef="t" targetRef="e">\n>><bpmn:conditionExpression {attribute}>{text}</bpmn:conditionExpression></bpmn:sequenceFlow>',
        )
        for attribute, text in [("", "= a > 1"), ("", "${a}"), ("", "#{a}"), ('language="groovy"', "a")]
    ),
    task(
        "default_with_condition",
        '<bpmn:task id="t" default="f2x"/><bpmn:sequenceFlow id="f2x" sourceRef="t" targetRef="e">\n'
        ">><bpmn:conditionExpression>a</bpmn:conditionExpression></bpmn:sequenceFlow>",
        also=("default_never_taken",),
        element="f2x",
    ),
    *(
        inside(
            "condition_misplaced",
            "f2",
            f'{_START}<bpmn:{tag} id="t"/><bpmn:endEvent id="e"/><bpmn:sequenceFlow id="f2" sourceRef="t" targetRef="e">\n'
            ">><bpmn:conditionExpression>a</bpmn:conditionExpression></bpmn:sequenceFlow>",
        )
        for tag in ("parallelGateway", "intermediateThrowEvent")
    ),
    inside(
        "choice_into_join",
        "j",
        f'{_START}<bpmn:exclusiveGateway id="t" default="a"/><bpmn:task id="u"/>\n'
        '<bpmn:sequenceFlow id="a" sourceRef="t" targetRef="u"/><bpmn:sequenceFlow id="b" sourceRef="u" targetRef="j"/>\n'
        '<bpmn:sequenceFlow id="c" sourceRef="t" targetRef="j"><bpmn:conditionExpression>x</bpmn:conditionExpression>'
        '</bpmn:sequenceFlow>\n>><bpmn:parallelGateway id="j"/><bpmn:endEvent id="e"/>\n'
        '<bpmn:sequenceFlow id="d" sourceRef="j" targetRef="e"/>',
        "warning",
    ),
    inside(
        "default_never_taken",
        "t",
        f'{_START}\n>><bpmn:task id="t" default="f3"/>\n{_END}<bpmn:sequenceFlow id="f3" sourceRef="t" targetRef="e"/>',
        "warning",
    ),
    # -- content
    task("script_missing", '>><bpmn:scriptTask id="t"/>'),
    task("script_missing", '>><bpmn:scriptTask id="t"><bpmn:script> </bpmn:script></bpmn:scriptTask>'),
    task(
        "script_mixed",
        '<bpmn:scriptTask id="t">\n>><bpmn:script>a = 1<foreign:b/>b = 1</bpmn:script></bpmn:scriptTask>',
    ),
    task("script_syntax", '<bpmn:scriptTask id="t"><bpmn:script>a = 1\n>>b = = 2\n</bpmn:script></bpmn:scriptTask>'),
    task("script_unsupported", '<bpmn:scriptTask id="t"><bpmn:script>\n>>del a\n</bpmn:script></bpmn:scriptTask>'),
    task(
        "script_too_large",
        f'<bpmn:scriptTask id="t">\n>><bpmn:script>{"a=1;" * 16_001}</bpmn:script></bpmn:scriptTask>',
    ),
    task(
        "script_too_deep",
        f'<bpmn:scriptTask id="t">\n>><bpmn:script>a = {"-" * 20_000}1</bpmn:script></bpmn:scriptTask>',
    ),
    task(
        "language_unsupported",
        '>><bpmn:scriptTask id="t" scriptFormat="groovy"><bpmn:script>a</bpmn:script></bpmn:scriptTask>',
    ),
    task(
        "output_name",
        '>><bpmn:scriptTask id="t" signalbox:outputs="a, b c"><bpmn:script>a = 1</bpmn:script></bpmn:scriptTask>',
    ),
    task("topic_missing", '>><bpmn:serviceTask id="t"/>'),
    task("topic_too_long", f'>><bpmn:serviceTask id="t" signalbox:topic="{"a" * 256}"/>'),
    task("bad_number", '>><bpmn:serviceTask id="t" signalbox:topic="a" signalbox:retries="many"/>'),
    task("bad_number", '>><bpmn:serviceTask id="t" signalbox:topic="a" signalbox:retries="0"/>'),
    task("bad_number", '>><bpmn:userTask id="t" signalbox:priority="101"/>'),
    document("bad_number", "p", ">>" + _SOUND.replace('id="p"', 'id="p" signalbox:loopLimit="0"')),
    task(
        "header_name_missing",
        '<bpmn:serviceTask id="t" signalbox:topic="a"><bpmn:extensionElements><signalbox:headers>\n'
        '>><signalbox:header value="a"/></signalbox:headers></bpmn:extensionElements></bpmn:serviceTask>',
    ),
    *(
        task(
            code,
            '<bpmn:userTask id="t"><bpmn:extensionElements><signalbox:form><signalbox:field name="a"/>\n'
            f">>{field}</signalbox:form></bpmn:extensionElements></bpmn:userTask>",
        )
        for code, field in [
            ("field_name", '<signalbox:field name="two words"/>'),
            ("field_name", '<signalbox:field name="_hidden"/>'),
            ("field_name", "<signalbox:field/>"),
            ("field_twice", '<signalbox:field name="a"/>'),
            ("field_type", '<signalbox:field name="b" type="colour"/>'),
            ("field_options", '<signalbox:field name="b" type="enum"/>'),
            ("field_default", '<signalbox:field name="b" type="integer" default="1.5"/>'),
            ("field_default", '<signalbox:field name="b" type="number" default="NaN"/>'),
            ("field_default", '<signalbox:field name="b" type="number" default="1e999"/>'),
            ("field_default", '<signalbox:field name="b" type="boolean" default="yes"/>'),
            ("field_default", '<signalbox:field name="b" type="date" default="tomorrow"/>'),
            (
                "field_default",
                '<signalbox:field name="b" type="enum" default="x"><signalbox:option value="y"/></signalbox:field>',
            ),
        ]
    ),
    inside(
        "initiator",
        "s",
        '>><bpmn:startEvent id="s" signalbox:initiator="two words"/>\n'
        f'<bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="t"/><bpmn:task id="t"/>{_END}',
    ),
]


@pytest.mark.parametrize("bad", BAD, ids=str)
def test_a_problem_is_found_with_its_place(bad: Bad) -> None:
    problems = bpmn.check(bad.source)
    told = [(p.code, p.element_id, p.line, p.severity) for p in problems]
    assert (bad.code, bad.element, bad.line or _line_of_first(problems, bad), bad.severity) in told
    assert {p.code for p in problems} == {bad.code, *bad.also}, "and nothing else is wrong with it"
    for problem in problems:
        assert problem.message.strip()
        assert problem.message.endswith((".", "…"))
    if bad.severity == "error":
        with pytest.raises(bpmn.DocumentRefused) as refused:
            bpmn.parse(bad.source)
        assert refused.value.problems == problems
    else:
        assert list(bpmn.parse(bad.source).problems) == problems


def _line_of_first(problems: list[Problem], bad: Bad) -> int | None:
    return next((p.line for p in problems if p.code == bad.code), None)


def test_every_problem_that_the_code_can_tell_is_in_the_table() -> None:
    root = Path(bpmn.__file__).parent
    sources = [*root.glob("validation/*.py"), root / "xml.py", root / "extensions.py", root / "scripts.py"]
    told = {
        code
        for source in sources
        for code in re.findall(
            r'(?:\.error|\.warning|_refuse|ExtensionFault|ScriptFault|Problem)\(\s*"(\w+)"', source.read_text()
        )
    }
    assert len(told) > 45
    elsewhere = {"xml_too_large", "too_many_problems", "expression_empty"}
    assert told - {bad.code for bad in BAD} <= elsewhere


def test_all_problems_are_told_at_once_errors_first() -> None:
    source = diagram(
        process(
            "start -> ask -> gate",
            "gate -[a <]-> call -> end",
            "gate -[b]-> nowhere",
            ask=user(priority=1000),
            gate=choice(),
            call=service(topic=""),
            s=script("1 +"),
        )
    )
    problems = bpmn.check(source)
    assert [p.code for p in problems if p.severity == "error"].sort() == [
        "bad_number",
        "topic_missing",
        "script_syntax",
        "condition_syntax",
        "unreachable",
    ].sort()
    assert {p.code for p in problems if p.severity == "warning"} == {"no_default", "path_ends"}
    severities = [p.severity for p in problems]
    assert severities == sorted(severities)
    with pytest.raises(bpmn.DocumentRefused) as refused:
        bpmn.parse(source)
    assert "script" in str(refused.value)


# -- what is harmless ------------------------------------------------------------------------------------------------
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
    source = f'{_OPEN}<bpmn:process id="p">{drawn}{_START}<bpmn:task id="t"/>{_END}</bpmn:process></bpmn:definitions>'
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
            '<bpmn:itemDefinition id="i1"/><bpmn:message id="m1"/><bpmn:correlationProperty id="c1"/>'
        ),
        '<bpmn:import importType="x" location="file:///etc/passwd" namespace="urn:x"/>',
        '<bpmn:process id="empty"/><bpmn:process id="empty2" isExecutable="false"><bpmn:laneSet id="x"/></bpmn:process>',
        (
            '<bpmndi:BPMNDiagram id="di"><bpmndi:BPMNPlane id="pl" bpmnElement="p"><bpmndi:BPMNShape id="t_di" '
            'bpmnElement="t"><dc:Bounds xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" x="NaN" y="top" width="1e999" '
            'height=""/></bpmndi:BPMNShape></bpmndi:BPMNPlane></bpmndi:BPMNDiagram>'
        ),
    ],
)
def test_root_elements_without_behaviour_are_harmless(drawn: str) -> None:
    source = f"{_OPEN}{drawn}{_SOUND}</bpmn:definitions>".encode()
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
