# ruff: noqa: E501  lines of XML stay whole
"""Bad diagrams of the file, of its schema, of pools and lanes, and of data."""

from __future__ import annotations

from tests.bpmn.bad_drawing import END, LAYOUT, OPEN, SOUND, START, X, document, file, inside, task

_SUSPICIOUS = "warning"


def _pools(line: str) -> str:
    """Two pools with a process each, and a black-box one."""
    other = SOUND
    for name in ("p", "s", "t", "e", "f1", "f2"):
        other = other.replace(f'"{name}"', f'"{name}x"')
    return (
        f'{SOUND}{other}<bpmn:collaboration id="c"><bpmn:participant id="a" processRef="p"/>'
        f'<bpmn:participant id="b" processRef="px"/><bpmn:participant id="them"/>\n>>{line}</bpmn:collaboration>'
    )


def _message_flow(source: str, target: str) -> str:
    return f'<bpmn:messageFlow id="mf" sourceRef="{source}" targetRef="{target}"/>'


def _many(count: int, text: str) -> str:
    return "".join(text.replace("#", str(number)) for number in range(count))


OF_LIMITS = [
    file("xml_too_large", None, f"<a>{'x' * 10_000_000}</a>"),
    file(
        "too_many_elements",
        "definitions",
        f'>>{OPEN}<bpmn:process id="p">' + _many(20_001, '<bpmn:task id="t#"/>') + "</bpmn:process></bpmn:definitions>",
    ),
    inside(
        "too_many_problems",
        None,
        START + '<bpmn:task id="t"/>' + END + _many(501, '<bpmn:task id="t#"/>'),
        also=("unreachable", "path_ends", "too_many_warnings"),
    ),
    inside(
        "too_many_warnings",
        None,
        START
        + '<bpmn:task id="t"/>'
        + END
        + _many(501, '<bpmn:task id="t#"/><bpmn:sequenceFlow id="g#" sourceRef="t" targetRef="t#"/>'),
        _SUSPICIOUS,
        also=("path_ends",),
    ),
    file("no_layout", "definitions", f">>{OPEN}{SOUND}</bpmn:definitions>", _SUSPICIOUS),
]

OF_THE_SCHEMA = [
    task("unknown_element", '<bpmn:userTask id="t">\n>><bpmn:extensionElement/></bpmn:userTask>'),
    task(
        "misplaced_element",
        '<bpmn:userTask id="t">\n>><bpmn:conditionExpression>a</bpmn:conditionExpression></bpmn:userTask>',
    ),
    task("misplaced_element", '<bpmn:task id="t"/>\n>><bpmn:lane id="l"/>', element="l"),
    task(
        "element_twice",
        f'<bpmn:userTask id="t"/><bpmn:sequenceFlow id="g" sourceRef="t" targetRef="e">{X}\n>>{X}</bpmn:sequenceFlow>',
        element="g",
    ),
    task("attribute_unknown", '>><bpmn:userTask id="t" isForCompensaton="true"/>'),
    task("attribute_unknown", '>><bpmn:userTask id="t" cancelActivity="false"/>'),
    document("attribute_unknown", "err", f'>><bpmn:error id="err" errorcode="a"/>\n{SOUND}'),
    task("attribute_missing", '<bpmn:task id="t"/>\n>><bpmn:ioBinding id="io"/>', element="io"),
    task(
        "bad_value", '>><bpmn:adHocSubProcess id="t" ordering="sequential"><bpmn:task id="i"/></bpmn:adHocSubProcess>'
    ),
    task(
        "bad_value",
        '>><bpmn:eventBasedGateway id="t" eventGatewayType="parallel"/>',
        also=("event_gateway_few", "event_gateway_target"),
    ),
    *(
        task("schema_harmless", text, _SUSPICIOUS, element=element)
        for element, text in (
            ("t", '>><bpmn:task id="t">Text</bpmn:task>'),
            ("t", '>><bpmn:task id="t" colour=""/>'),
            ("t", '<bpmn:userTask id="t"><bpmn:extensionElements/>\n>><bpmn:extensionElements/></bpmn:userTask>'),
            ("g", '<bpmn:task id="t"/>\n>><bpmn:group id="g" name="a"/>'),
            (
                "io",
                '<bpmn:task id="t"><bpmn:dataInputAssociation id="da">\n>><bpmn:sourceRef id="io"/></bpmn:dataInputAssociation></bpmn:task>',
            ),
            (
                "e2",
                '<bpmn:task id="t"/><bpmn:textAnnotation id="e0"/>\n>><bpmn:textAnnotation id="e2"><bpmn:txt/></bpmn:textAnnotation>',
            ),
        )
    ),
    document("schema_harmless", "bind", f'{SOUND}\n>><bpmn:interface id="bind"/>', _SUSPICIOUS),
    document(
        "schema_harmless",
        "q",
        f'{SOUND}\n>><bpmn:process id="q" isExecutable="false" isOpen="maybe"/>',
        _SUSPICIOUS,
    ),
    document(
        "schema_harmless",
        "q",
        f'{SOUND}\n>><bpmn:process id="q" isExecutable="false" isClosed="maybe" processType="private"/>',
        _SUSPICIOUS,
    ),
    task(
        "loop_twice",
        '<bpmn:task id="t"><bpmn:standardLoopCharacteristics loopMaximum="2"/>\n>><bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>2</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics></bpmn:task>',
    ),
]

OF_DRAWINGS = [
    document(
        "multiplicity",
        "pm",
        f'{SOUND}<bpmn:collaboration id="c"><bpmn:participant id="a">\n>><bpmn:participantMultiplicity id="pm" minimum="3" maximum="2"/></bpmn:participant></bpmn:collaboration>',
        _SUSPICIOUS,
    ),
    document("dangling_drawing", "mf", _pools(_message_flow("t", "nobody")), _SUSPICIOUS),
    *(
        document("message_flow_end", "mf", _pools(_message_flow(*ends)))
        for ends in (("s", "them"), ("them", "ex"), ("f1", "them"), ("them", "px"))
    ),
    *(
        document("message_flow_inside_pool", "mf", _pools(_message_flow(*ends)))
        for ends in (("t", "t"), ("a", "t"), ("t", "a"), ("them", "them"))
    ),
    *(
        document("message_flow_event", "mf", _pools(_message_flow(*ends)), _SUSPICIOUS)
        for ends in (("them", "s"), ("e", "them"), ("e", "tx"))
    ),
    task(
        "dangling_drawing",
        '<bpmn:task id="t"/>\n>><bpmn:association id="as" sourceRef="t" targetRef="nothing"/>',
        _SUSPICIOUS,
        element="as",
    ),
    task(
        "dangling_drawing",
        '<bpmn:task id="t"/><bpmn:laneSet id="ls"><bpmn:lane id="l">\n>><bpmn:flowNodeRef>f1</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>',
        _SUSPICIOUS,
        element="l",
    ),
    task(
        "lane_twice",
        '<bpmn:task id="t"/><bpmn:laneSet id="ls"><bpmn:lane id="l1"><bpmn:flowNodeRef>t</bpmn:flowNodeRef></bpmn:lane>'
        '<bpmn:lane id="l2">\n>><bpmn:flowNodeRef>t</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>',
        _SUSPICIOUS,
        element="l2",
    ),
    task(
        "flow_list_wrong",
        '<bpmn:task id="t"><bpmn:incoming>f1</bpmn:incoming>\n>><bpmn:outgoing>f1</bpmn:outgoing></bpmn:task>',
        _SUSPICIOUS,
    ),
    task(
        "dangling_reference",
        '<bpmn:task id="t"/>\n>><bpmn:dataObjectReference id="r" dataObjectRef="none"/>',
        element="r",
    ),
    task(
        "dangling_reference",
        '<bpmn:task id="t"><bpmn:dataInputAssociation id="da">\n>><bpmn:sourceRef>none</bpmn:sourceRef><bpmn:targetRef>t</bpmn:targetRef></bpmn:dataInputAssociation></bpmn:task>',
        element="da",
    ),
    task(
        "expression_syntax",
        '<bpmn:dataObject id="d1"/><bpmn:task id="t"><bpmn:dataOutputAssociation id="da"><bpmn:targetRef>d1</bpmn:targetRef>\n>><bpmn:transformation>1 +</bpmn:transformation></bpmn:dataOutputAssociation></bpmn:task>',
    ),
    task(
        "data_sources",
        '<bpmn:dataObject id="d1"/><bpmn:dataObject id="d2"/><bpmn:task id="t">\n>><bpmn:dataInputAssociation id="da"><bpmn:sourceRef>d1</bpmn:sourceRef><bpmn:sourceRef>d2</bpmn:sourceRef><bpmn:targetRef>t</bpmn:targetRef></bpmn:dataInputAssociation></bpmn:task>',
        element="da",
    ),
]
OF_FILES = [
    *OF_LIMITS,
    *OF_THE_SCHEMA,
    *OF_DRAWINGS,
    # -- with a layout, but nothing else
    file("no_process", "definitions", f">>{OPEN}{LAYOUT}</bpmn:definitions>"),
]
