# ruff: noqa: E501  lines of XML stay whole
"""Every problem that a check can find, each as a minimal bad diagram; `>>` marks the line it must name."""

from __future__ import annotations

from tests.bpmn.bad_drawing import (
    END,
    MESSAGE_START,
    OPEN,
    SOUND,
    START,
    document,
    event_sub_process,
    file,
    flow,
    inside,
    task,
)
from tests.bpmn.bad_events import OF_EVENTS
from tests.bpmn.bad_files import OF_FILES
from tests.bpmn.bad_rules import OF_RULES

BAD = [
    *OF_EVENTS,
    *OF_FILES,
    *OF_RULES,
    # -- the file
    file("xml_empty", None, " "),
    file("xml_broken", None, "<a>\n\n>><b></a>"),
    file("xml_doctype", None, ">><!DOCTYPE a>\n<a/>"),
    file("xml_too_deep", None, "\n".join(["<a>"] * 200 + [">><a/>"] + ["</a>"] * 200)),
    file("not_bpmn", None, ">><html/>"),
    file("not_bpmn", "d", '>><definitions id="d" xmlns="http://www.omg.org/spec/BPMN/1.0"/>'),
    # -- the document
    file(
        "language_ignored",
        "definitions",
        ">>"
        + OPEN.replace("id=", 'expressionLanguage="http://www.w3.org/1999/XPath" id=')
        + f'<bpmn:process id="p">{START}<bpmn:task id="t"/><bpmn:endEvent id="e"/><bpmn:sequenceFlow id="f2" sourceRef="t" '
        'targetRef="e"><bpmn:conditionExpression>a</bpmn:conditionExpression></bpmn:sequenceFlow></bpmn:process></bpmn:definitions>',
        "warning",
        also=("condition_alone",),
    ),
    file("no_process", "definitions", f">>{OPEN}</bpmn:definitions>"),
    document(
        "not_executable",
        "q",
        f'{SOUND}\n>><bpmn:process id="q" isExecutable="false"><bpmn:task id="o"/></bpmn:process>',
        "warning",
    ),
    document(
        "not_executable",
        "q",
        f'{SOUND}\n>><bpmn:process id="q" isExecutable="0"><bpmn:task id="o"/></bpmn:process>',
        "warning",
    ),
    document(
        "dangling_reference",
        "pool",
        f'{SOUND}\n>><bpmn:collaboration id="c"><bpmn:participant id="pool" processRef="none"/></bpmn:collaboration>',
    ),
    task(
        "dangling_drawing",
        '<bpmn:task id="t"/><bpmn:laneSet id="ls">\n'
        '>><bpmn:lane id="lane"><bpmn:flowNodeRef>none</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>',
        "warning",
        element="lane",
    ),
    # -- ids
    task("id_missing", ">><bpmn:task/>", also=("dangling_flow", "unreachable", "path_ends"), element="p"),
    task("id_twice", '<bpmn:task id="t"/>\n>><bpmn:textAnnotation id="t"/>'),
    task("shape_id_twice", '<bpmn:task id="t"/>\n>><bpmndi:BPMNShape id="t"/>', "warning"),
    task("id_invalid", '<bpmn:task id="t"/>\n>><bpmn:group id="two words"/>', element="two words"),
    task("id_invalid", '<bpmn:task id="t"/>\n>><bpmn:group id="1a"/>', element="1a"),
    task("id_invalid", '<bpmn:task id="t"/>\n>><bpmn:group id="a&#10;"/>', element="a\n"),
    task("id_invalid", '<bpmn:task id="t"/>\n>><bpmn:group id=""/>', element=""),
    task("id_too_long", f'<bpmn:task id="t"/>\n>><bpmn:group id="{"a" * 256}"/>', element="a" * 255),
    task("bad_boolean", '>><bpmn:task id="t" isForCompensation="yes"/>'),
    event_sub_process(
        "bad_boolean", "xs", ">>" + MESSAGE_START.replace("<bpmn:startEvent", '<bpmn:startEvent isInterrupting="TRUE"')
    ),
    # -- what may stand in a scope
    task("data_store_unknown", '<bpmn:task id="t"/>\n>><bpmn:dataStoreReference id="d"/>', element="d"),
    task("unsupported_element", '>><bpmn:choreographyTask id="t"/>', also=("schema_harmless",)),
    task("unsupported_element", '<bpmn:task id="t"/>\n>><bpmn:implicitThrowEvent id="i"/>', element="i"),
    task("unknown_element", '<bpmn:task id="t"/>\n>><bpmn:teleport id="x"/>', element="x"),
    task("unknown_element", '<bpmn:task id="t">\n>><bpmn:teleport/></bpmn:task>'),
    task("unsupported_performer", '<bpmn:userTask id="t">\n>><bpmn:potentialOwner/></bpmn:userTask>'),
    task(
        "unsupported_data",
        '<bpmn:intermediateThrowEvent id="t">\n>><bpmn:dataInput id="di"/></bpmn:intermediateThrowEvent>',
        element="di",
    ),
    task("misplaced_event", '<bpmn:task id="t">\n>><bpmn:timerEventDefinition/></bpmn:task>'),
    # -- starts
    task("start_leads_nowhere", '<bpmn:task id="t"/>\n>><bpmn:startEvent id="s2"/>', element="s2"),
    task("empty_scope", '>><bpmn:subProcess id="t"/>'),
    task(
        "event_start_misplaced",
        '<bpmn:subProcess id="t"><bpmn:task id="i"/><bpmn:sequenceFlow id="is" sourceRef="ix" targetRef="i"/>\n'
        '>><bpmn:startEvent id="ix"><bpmn:conditionalEventDefinition><bpmn:condition>x</bpmn:condition></bpmn:conditionalEventDefinition></bpmn:startEvent></bpmn:subProcess>',
        also=("start_without_end",),
        element="ix",
    ),
    event_sub_process("start_missing", "x", '<bpmn:task id="xs"/>', also=("end_without_start",)),
    event_sub_process(
        "start_twice",
        "xs2",
        f'{MESSAGE_START}\n>><bpmn:startEvent id="xs2"/><bpmn:sequenceFlow id="xg" sourceRef="xs2" targetRef="xe"/>',
    ),
    event_sub_process("start_without_event", "xs", '>><bpmn:startEvent id="xs"/>'),
    event_sub_process(
        "timer_missing", "xs", '<bpmn:startEvent id="xs">\n>><bpmn:timerEventDefinition/></bpmn:startEvent>'
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
        "xs",
        '>><bpmn:message id="nameless" name=" "/>\n'
        f'<bpmn:process id="p">{START}<bpmn:task id="t"/>{END}<bpmn:subProcess id="x" triggeredByEvent="true">'
        f"{MESSAGE_START.replace('m/', '')}".replace('messageRef="m"', 'messageRef="nameless"')
        + '<bpmn:endEvent id="xe"/><bpmn:sequenceFlow id="xf" sourceRef="xs" targetRef="xe"/></bpmn:subProcess>'
        "</bpmn:process>",
    ),
    document(
        "flow_at_event_sub_process",
        "f3",
        '<bpmn:message id="m" name="stop"/>\n'
        f'<bpmn:process id="p">{START}<bpmn:task id="t"/>{END}\n'
        f'>><bpmn:sequenceFlow id="f3" sourceRef="t" targetRef="x"/>\n'
        f'<bpmn:subProcess id="x" triggeredByEvent="1">{MESSAGE_START}'
        '<bpmn:endEvent id="xe"/><bpmn:sequenceFlow id="xf" sourceRef="xs" targetRef="xe"/></bpmn:subProcess>'
        "</bpmn:process>",
    ),
    document(
        "flow_at_event_sub_process",
        "f3",
        '<bpmn:message id="m" name="stop"/>\n'
        f'<bpmn:process id="p">{START}<bpmn:task id="t"/>{END}\n'
        f'>><bpmn:sequenceFlow id="f3" sourceRef="x" targetRef="t"/>\n'
        f'<bpmn:subProcess id="x" triggeredByEvent="true">{MESSAGE_START}'
        '<bpmn:endEvent id="xe"/><bpmn:sequenceFlow id="xf" sourceRef="xs" targetRef="xe"/></bpmn:subProcess>'
        "</bpmn:process>",
    ),
    # -- flows
    flow("dangling_flow", '>><bpmn:sequenceFlow id="f" sourceRef="t"/>', also=("condition_missing",)),
    flow("dangling_flow", '>><bpmn:sequenceFlow id="f" targetRef="t"/>'),
    flow("dangling_flow", '>><bpmn:sequenceFlow id="f" sourceRef="none" targetRef="e"/>', also=("gateway_needless",)),
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
        "flow_out_of_end",
        '<bpmn:task id="t"/>\n>><bpmn:sequenceFlow id="f" sourceRef="e" targetRef="t"/>',
        also=("endless",),
        element="f",
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
    task("default_missing", '>><bpmn:exclusiveGateway id="t" default="f1"/>', also=("gateway_needless",)),
    task("default_misplaced", '>><bpmn:parallelGateway id="t" default="f2"/>', also=("gateway_needless",)),
    task("default_misplaced", '>><bpmn:intermediateThrowEvent id="t" default="f2"/>'),
    inside(
        "loop_into_join",
        "back",
        f'{START}<bpmn:parallelGateway id="t"/><bpmn:exclusiveGateway id="g" default="out"/><bpmn:endEvent id="e"/>\n'
        '<bpmn:sequenceFlow id="a" sourceRef="t" targetRef="g"/><bpmn:sequenceFlow id="out" sourceRef="g" targetRef="e"/>\n'
        '>><bpmn:sequenceFlow id="back" sourceRef="g" targetRef="t"><bpmn:conditionExpression>x</bpmn:conditionExpression>'
        "</bpmn:sequenceFlow>",
        "warning",
    ),
    inside(
        "default_implied",
        "b",
        f'{START}<bpmn:exclusiveGateway id="t"/>\n<bpmn:endEvent id="e"/>'
        '<bpmn:sequenceFlow id="a" sourceRef="t" targetRef="e"><bpmn:conditionExpression>x</bpmn:conditionExpression>'
        '</bpmn:sequenceFlow>\n>><bpmn:sequenceFlow id="b" sourceRef="t" targetRef="e"/>',
        "warning",
    ),
    flow("condition_missing", '>><bpmn:sequenceFlow id="f" sourceRef="t" targetRef="e"/>'),
    inside(
        "no_default",
        "t",
        f'{START}\n>><bpmn:exclusiveGateway id="t"/>\n<bpmn:endEvent id="e"/>'
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
            f'{START}<bpmn:{tag} id="t"/><bpmn:endEvent id="e"/><bpmn:sequenceFlow id="f2" sourceRef="t" targetRef="e">\n'
            ">><bpmn:conditionExpression>a</bpmn:conditionExpression></bpmn:sequenceFlow>",
            also=also,
        )
        for tag, also in (("parallelGateway", ("gateway_needless",)), ("intermediateThrowEvent", ()))
    ),
    inside(
        "choice_into_join",
        "j",
        f'{START}<bpmn:exclusiveGateway id="t" default="a"/><bpmn:task id="u"/>\n'
        '<bpmn:sequenceFlow id="a" sourceRef="t" targetRef="u"/><bpmn:sequenceFlow id="b" sourceRef="u" targetRef="j"/>\n'
        '<bpmn:sequenceFlow id="c" sourceRef="t" targetRef="j"><bpmn:conditionExpression>x</bpmn:conditionExpression>'
        '</bpmn:sequenceFlow>\n>><bpmn:parallelGateway id="j"/><bpmn:endEvent id="e"/>\n'
        '<bpmn:sequenceFlow id="d" sourceRef="j" targetRef="e"/>',
        "warning",
    ),
    inside(
        "default_never_taken",
        "t",
        f'{START}\n>><bpmn:task id="t" default="f3"/>\n{END}<bpmn:sequenceFlow id="f3" sourceRef="t" targetRef="e"/>',
        "warning",
    ),
    # -- content
    *(
        task("unknown_extension", text, "warning")
        for text in (
            '>><bpmn:userTask id="t" signalbox:candidateGroup="a"/>',
            '>><bpmn:task id="t" signalbox:assignee="a"/>',
            '>><bpmn:serviceTask id="t" signalbox:topic="a" signalbox:outputs="a"/>',
            '<bpmn:userTask id="t"><bpmn:extensionElements>\n>><signalbox:headers/></bpmn:extensionElements></bpmn:userTask>',
            '<bpmn:userTask id="t"><bpmn:extensionElements>\n>><signalbox:field name="a"/></bpmn:extensionElements></bpmn:userTask>',
            (
                '<bpmn:userTask id="t"><bpmn:extensionElements><signalbox:form>\n'
                '>><signalbox:field name="a" requried="true"/></signalbox:form></bpmn:extensionElements></bpmn:userTask>'
            ),
            (
                '<bpmn:userTask id="t"><bpmn:extensionElements><signalbox:form>\n'
                '>><signalbox:option value="a"/></signalbox:form></bpmn:extensionElements></bpmn:userTask>'
            ),
        )
    ),
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
    document("bad_number", "p", ">>" + SOUND.replace('id="p"', 'id="p" signalbox:loopLimit="0"')),
    document("time_zone", "p", ">>" + SOUND.replace('id="p"', 'id="p" signalbox:timeZone="Mars/Base"')),
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
        "field_type",
        "s",
        '<bpmn:startEvent id="s"><bpmn:extensionElements><signalbox:form>\n'
        '>><signalbox:field name="a" type="colour"/></signalbox:form></bpmn:extensionElements></bpmn:startEvent>\n'
        f'<bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="t"/><bpmn:task id="t"/>{END}',
    ),
    inside(
        "initiator",
        "s",
        '>><bpmn:startEvent id="s" signalbox:initiator="two words"/>\n'
        f'<bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="t"/><bpmn:task id="t"/>{END}',
    ),
]
