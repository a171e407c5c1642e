# ruff: noqa: E501  lines of XML stay whole
"""Bad diagrams of the schema, of pools and lanes, of data, of gateways, and of what is legal but suspicious."""

from __future__ import annotations

from tests.bpmn.bad_drawing import END, LAYOUT, OPEN, SOUND, START, Bad, document, file, inside, task

_SUSPICIOUS = "warning"
_WAITS = '<bpmn:messageEventDefinition messageRef="m"/>'
_MESSAGE = '<bpmn:message id="m" name="m"/>'
_X = "<bpmn:conditionExpression>x</bpmn:conditionExpression>"


def _flow(name: str, source: str, target: str, inner: str = "") -> str:
    return f'<bpmn:sequenceFlow id="{name}" sourceRef="{source}" targetRef="{target}">{inner}</bpmn:sequenceFlow>'


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
        f'<bpmn:userTask id="t"/><bpmn:sequenceFlow id="g" sourceRef="t" targetRef="e">{_X}\n>>{_X}</bpmn:sequenceFlow>',
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
        "data_sources",
        '<bpmn:dataObject id="d1"/><bpmn:dataObject id="d2"/><bpmn:task id="t">\n>><bpmn:dataInputAssociation id="da"><bpmn:sourceRef>d1</bpmn:sourceRef><bpmn:sourceRef>d2</bpmn:sourceRef><bpmn:targetRef>t</bpmn:targetRef></bpmn:dataInputAssociation></bpmn:task>',
        element="da",
    ),
]

OF_SCOPES = [
    task(
        "by_event_misplaced",
        '>><bpmn:transaction id="t" triggeredByEvent="true"><bpmn:task id="i"/></bpmn:transaction>',
    ),
    inside(
        "nothing_begins",
        "p",
        '<bpmn:task id="a"/><bpmn:task id="b"/>' + _flow("f", "a", "b") + _flow("g", "b", "a"),
    ),
    task(
        "ad_hoc_without_activity",
        '>><bpmn:adHocSubProcess id="t"><bpmn:intermediateThrowEvent id="i"/></bpmn:adHocSubProcess>',
    ),
    task(
        "transaction_method",
        '>><bpmn:transaction id="t" method="##Store"><bpmn:task id="i"/></bpmn:transaction>',
        _SUSPICIOUS,
    ),
    task(
        "cancel_never",
        '<bpmn:transaction id="t"><bpmn:task id="i"/></bpmn:transaction>\n'
        '>><bpmn:boundaryEvent id="b" attachedToRef="t"><bpmn:cancelEventDefinition/></bpmn:boundaryEvent>'
        + _flow("g", "b", "e"),
        _SUSPICIOUS,
        element="b",
    ),
    task(
        "io_in_sub_process",
        '>><bpmn:subProcess id="t"><bpmn:ioSpecification><bpmn:inputSet/><bpmn:outputSet/></bpmn:ioSpecification><bpmn:task id="i"/></bpmn:subProcess>',
        _SUSPICIOUS,
    ),
    document(
        "called_without_start",
        "t",
        f'{_MESSAGE}<bpmn:process id="q"><bpmn:startEvent id="qs">{_WAITS}</bpmn:startEvent><bpmn:endEvent id="qe"/>{_flow("qf", "qs", "qe")}</bpmn:process>\n'
        f'<bpmn:process id="p">{START}\n>><bpmn:callActivity id="t" calledElement="q"/>{END}</bpmn:process>',
    ),
    document(
        "called_not_executable",
        "t",
        f'<bpmn:process id="q"/><bpmn:process id="p">{START}\n>><bpmn:callActivity id="t" calledElement="q"/>{END}</bpmn:process>',
        _SUSPICIOUS,
    ),
    inside("end_without_start", "e", f'<bpmn:task id="t"/>\n>>{END}', _SUSPICIOUS),
    inside("start_without_end", "s", f'>>{START}<bpmn:task id="t"/>', _SUSPICIOUS),
    task(
        "implicit_start",
        f'<bpmn:subProcess id="t"><bpmn:startEvent id="is"/><bpmn:endEvent id="ie"/>{_flow("if", "is", "ie")}\n>><bpmn:task id="i"/>{_flow("ig", "i", "ie")}</bpmn:subProcess>',
        _SUSPICIOUS,
        element="i",
    ),
    document(
        "same_start",
        "s2",
        f'{_MESSAGE}<bpmn:process id="p"><bpmn:startEvent id="s1">{_WAITS}</bpmn:startEvent>\n'
        f'>><bpmn:startEvent id="s2">{_WAITS}</bpmn:startEvent>\n<bpmn:endEvent id="e"/>{_flow("a", "s1", "e")}{_flow("b", "s2", "e")}</bpmn:process>',
        _SUSPICIOUS,
    ),
    document(
        "instantiate_with_input",
        "f1",
        f'{_MESSAGE}<bpmn:process id="p"><bpmn:startEvent id="s"/>\n>>{_flow("f1", "s", "t")}<bpmn:receiveTask id="t" messageRef="m" instantiate="true"/>{END}</bpmn:process>',
    ),
    document(
        "instantiate_misplaced",
        "i",
        f'{_MESSAGE}<bpmn:process id="p">{START}<bpmn:subProcess id="t">\n>><bpmn:receiveTask id="i" messageRef="m" instantiate="true"/></bpmn:subProcess>{END}</bpmn:process>',
    ),
]

OF_MORE_EVENTS = [
    task(
        "boundary_leads_nowhere",
        '<bpmn:task id="t"/>\n>><bpmn:boundaryEvent id="b" attachedToRef="t"><bpmn:errorEventDefinition/></bpmn:boundaryEvent>',
        _SUSPICIOUS,
        element="b",
    ),
    task(
        "caught_twice",
        '<bpmn:task id="t"/><bpmn:boundaryEvent id="b" attachedToRef="t"><bpmn:errorEventDefinition/></bpmn:boundaryEvent>\n'
        '>><bpmn:boundaryEvent id="b2" attachedToRef="t"><bpmn:errorEventDefinition/></bpmn:boundaryEvent>'
        + _flow("g", "b", "e")
        + _flow("h", "b2", "e"),
        _SUSPICIOUS,
        element="b2",
    ),
    inside(
        "event_without_input",
        "t",
        f'>><bpmn:intermediateThrowEvent id="t"/><bpmn:task id="u"/>{_flow("g", "t", "u")}',
        _SUSPICIOUS,
    ),
    *(
        task(
            f"{what}_missing",
            f'<bpmn:{tag} id="t">\n>><bpmn:{what}EventDefinition {what}Ref="none"/></bpmn:{tag}>',
        )
        for what, tag in (("escalation", "intermediateThrowEvent"), ("signal", "intermediateCatchEvent"))
    ),
    task(
        "error_missing",
        '<bpmn:task id="t"/><bpmn:boundaryEvent id="b" attachedToRef="t">\n>><bpmn:errorEventDefinition errorRef="none"/></bpmn:boundaryEvent>'
        + _flow("g", "b", "e"),
        element="b",
    ),
    document(
        "signal_name_missing",
        "t",
        f'\n>><bpmn:signal id="sig"/>\n<bpmn:process id="p">{START}<bpmn:intermediateThrowEvent id="t"><bpmn:signalEventDefinition signalRef="sig"/></bpmn:intermediateThrowEvent>{END}</bpmn:process>',
    ),
    task(
        "unsupported_event",
        '<bpmn:intermediateThrowEvent id="t">\n>><foreign:oddEventDefinition/></bpmn:intermediateThrowEvent>',
    ),
    task(
        "link_flow",
        '<bpmn:task id="t"/><bpmn:intermediateThrowEvent id="th"><bpmn:linkEventDefinition name="l"/></bpmn:intermediateThrowEvent>'
        '<bpmn:intermediateCatchEvent id="c"><bpmn:linkEventDefinition name="l"/></bpmn:intermediateCatchEvent>'
        + _flow("a", "t", "th")
        + _flow("b", "c", "e")
        + "\n>>"
        + _flow("g", "th", "e"),
        element="g",
    ),
    task(
        "timer_missing",
        '<bpmn:intermediateCatchEvent id="t">\n>><bpmn:timerEventDefinition><bpmn:timeDate>2030-01-01</bpmn:timeDate><bpmn:timeDuration>P1D</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>',
    ),
    task(
        "handler_unused",
        '<bpmn:task id="t"/>\n>><bpmn:task id="h" isForCompensation="true"/>',
        _SUSPICIOUS,
        element="h",
    ),
    task(
        "nothing_to_compensate",
        '<bpmn:task id="t"/><bpmn:sequenceFlow id="g" sourceRef="t" targetRef="c"/>\n>><bpmn:endEvent id="c"><bpmn:compensateEventDefinition activityRef="t"/></bpmn:endEvent>',
        _SUSPICIOUS,
        element="c",
    ),
    task(
        "behavior_event_missing",
        '<bpmn:task id="t">\n>><bpmn:multiInstanceLoopCharacteristics behavior="One"><bpmn:loopCardinality>2</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics></bpmn:task>',
        _SUSPICIOUS,
    ),
    task(
        "misplaced_loop",
        '<bpmn:task id="t"/><bpmn:subProcess id="x" triggeredByEvent="true"><bpmn:startEvent id="xs"><bpmn:errorEventDefinition/></bpmn:startEvent><bpmn:endEvent id="xe"/>'
        + _flow("xf", "xs", "xe")
        + '\n>><bpmn:standardLoopCharacteristics loopMaximum="2"/></bpmn:subProcess>',
        element="x",
    ),
    *(
        task(
            f"{entry}_name_missing",
            f'<bpmn:{tag} id="t" {attributes}><bpmn:extensionElements>\n>><signalbox:{entry} value="1"/></bpmn:extensionElements></bpmn:{tag}>',
        )
        for entry, tag, attributes in (
            ("out", "callActivity", 'calledElement="x"'),
            ("input", "task", ""),
            ("output", "task", ""),
        )
    ),
    *(
        document(
            f"{entry}_name_missing",
            "t",
            f'{_MESSAGE}<bpmn:process id="p">{START}<bpmn:{tag} id="t" messageRef="m"><bpmn:extensionElements>\n>><signalbox:{entry} value="1"/></bpmn:extensionElements></bpmn:{tag}>{END}</bpmn:process>',
        )
        for entry, tag in (("correlation", "receiveTask"), ("payload", "sendTask"))
    ),
    document(
        "correlation_path",
        "t",
        f'{_MESSAGE}<bpmn:correlationProperty id="cp" name="order">\n>><bpmn:correlationPropertyRetrievalExpression messageRef="m">'
        "<bpmn:messagePath/></bpmn:correlationPropertyRetrievalExpression></bpmn:correlationProperty>"
        f'<bpmn:process id="p">{START}<bpmn:receiveTask id="t" messageRef="m"/>{END}</bpmn:process>',
    ),
    document(
        "message_payload",
        "t",
        '<bpmn:message id="m" name="m" xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core"><bpmn:extensionElements>\n'
        ">><spiffworkflow:messagePayload>order</spiffworkflow:messagePayload></bpmn:extensionElements></bpmn:message>"
        f'<bpmn:process id="p">{START}<bpmn:sendTask id="t" messageRef="m"/>{END}</bpmn:process>',
    ),
]

_FORK = '<bpmn:parallelGateway id="t"/>'
OF_GATEWAYS = [
    task(
        "endless",
        '<bpmn:parallelGateway id="t"/>\n>><bpmn:task id="a"/><bpmn:task id="b"/>'
        + _flow("g", "t", "a")
        + _flow("h", "a", "b")
        + _flow("i", "b", "a"),
        _SUSPICIOUS,
        element="a",
    ),
    task(
        "condition_alone",
        f'<bpmn:task id="t"/><bpmn:task id="u"/>{_flow("g", "t", "u")}\n>><bpmn:sequenceFlow id="h" sourceRef="u" targetRef="e">{_X}</bpmn:sequenceFlow>',
        _SUSPICIOUS,
        element="h",
    ),
    inside(
        "no_default",
        "t",
        f'{START}\n>><bpmn:inclusiveGateway id="t"/><bpmn:endEvent id="e"/>{_flow("a", "t", "e", _X)}{_flow("b", "t", "e", _X)}',
        _SUSPICIOUS,
    ),
    task("gateway_needless", '>><bpmn:exclusiveGateway id="t"/>', _SUSPICIOUS),
    task(
        "gateway_direction",
        f'>><bpmn:parallelGateway id="t" gatewayDirection="Converging"/>{_flow("g", "t", "e")}',
        _SUSPICIOUS,
    ),
    *(
        inside(
            "choice_into_join",
            "j",
            f"{START}{split}\n>><bpmn:parallelGateway id='j'/><bpmn:endEvent id='e'/>{_flow('z', 'j', 'e')}",
            _SUSPICIOUS,
        )
        for split in (
            # one that takes some
            f'<bpmn:inclusiveGateway id="t" default="a"/>{_flow("a", "t", "j")}{_flow("b", "t", "j", _X)}',
            # an activity that an event interrupts
            '<bpmn:task id="t"/><bpmn:boundaryEvent id="b" attachedToRef="t"><bpmn:errorEventDefinition/></bpmn:boundaryEvent><bpmn:task id="u"/>'
            + _flow("a", "t", "j")
            + _flow("b1", "b", "u")
            + _flow("b2", "u", "j"),
            # across a block that splits and joins by itself
            (
                f'<bpmn:exclusiveGateway id="t" default="a"/><bpmn:parallelGateway id="s2"/><bpmn:parallelGateway id="j2"/><bpmn:task id="u"/>{_flow("a", "t", "s2")}{_flow("c", "s2", "j2")}'
                f"{_flow('d', 's2', 'u')}{_flow('d2', 'u', 'j2')}{_flow('f', 'j2', 'j')}{_flow('b', 't', 'j', _X)}"
            ),
        )
    ),
    *(
        inside(
            "runs_twice",
            "m",
            f"{START}{split}\n>><bpmn:{merge} id='m'/><bpmn:endEvent id='e'/>{_flow('z', 'm', 'e')}",
            _SUSPICIOUS,
        )
        for merge in ("exclusiveGateway", "userTask")
        for split in (
            f'{_FORK}<bpmn:task id="u"/>{_flow("a", "t", "u")}{_flow("b", "t", "m")}{_flow("c", "u", "m")}',
            f'<bpmn:task id="t"/>{_flow("a", "t", "m")}{_flow("b", "t", "m")}',
            f'<bpmn:inclusiveGateway id="t" default="a"/>{_flow("a", "t", "m")}{_flow("b", "t", "m", _X)}',
        )
    ),
    inside(
        "activation_missing",
        "j",
        f'{START}{_FORK}{_flow("a", "t", "j")}{_flow("b", "t", "j")}\n>><bpmn:complexGateway id="j"/><bpmn:endEvent id="e"/>{_flow("z", "j", "e")}',
        _SUSPICIOUS,
    ),
]

OF_RULES: list[Bad] = [
    *OF_LIMITS,
    *OF_THE_SCHEMA,
    *OF_DRAWINGS,
    *OF_SCOPES,
    *OF_MORE_EVENTS,
    *OF_GATEWAYS,
    # -- a condition of several lines: the line of the fault
    inside(
        "condition_syntax",
        "f",
        f'{START}<bpmn:exclusiveGateway id="t" default="f2"/>{END}<bpmn:sequenceFlow id="f" sourceRef="t" targetRef="e"><bpmn:conditionExpression>\na and\n>>b = 2\n</bpmn:conditionExpression></bpmn:sequenceFlow>',
    ),
    # -- with a layout, but nothing else
    file("no_process", "definitions", f">>{OPEN}{LAYOUT}</bpmn:definitions>"),
]
