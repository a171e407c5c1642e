# ruff: noqa: E501  lines of XML stay whole
"""Bad diagrams of scopes, of more events, of gateways, and of what is legal but suspicious."""

from __future__ import annotations

from tests.bpmn.bad_drawing import END, START, X, document, inside, line, task

_SUSPICIOUS = "warning"
_WAITS = '<bpmn:messageEventDefinition messageRef="m"/>'
_MESSAGE = '<bpmn:message id="m" name="m"/>'

OF_SCOPES = [
    task(
        "by_event_misplaced",
        '>><bpmn:transaction id="t" triggeredByEvent="true"><bpmn:task id="i"/></bpmn:transaction>',
    ),
    inside(
        "nothing_begins",
        "p",
        '<bpmn:task id="a"/><bpmn:task id="b"/>' + line("f", "a", "b") + line("g", "b", "a"),
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
        + line("g", "b", "e"),
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
        f'{_MESSAGE}<bpmn:process id="q"><bpmn:startEvent id="qs">{_WAITS}</bpmn:startEvent><bpmn:endEvent id="qe"/>{line("qf", "qs", "qe")}</bpmn:process>\n'
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
        f'<bpmn:subProcess id="t"><bpmn:startEvent id="is"/><bpmn:endEvent id="ie"/>{line("if", "is", "ie")}\n>><bpmn:task id="i"/>{line("ig", "i", "ie")}</bpmn:subProcess>',
        _SUSPICIOUS,
        element="i",
    ),
    document(
        "same_start",
        "s2",
        f'{_MESSAGE}<bpmn:process id="p"><bpmn:startEvent id="s1">{_WAITS}</bpmn:startEvent>\n'
        f'>><bpmn:startEvent id="s2">{_WAITS}</bpmn:startEvent>\n<bpmn:endEvent id="e"/>{line("a", "s1", "e")}{line("b", "s2", "e")}</bpmn:process>',
        _SUSPICIOUS,
    ),
    document(
        "instantiate_with_input",
        "f1",
        f'{_MESSAGE}<bpmn:process id="p"><bpmn:startEvent id="s"/>\n>>{line("f1", "s", "t")}<bpmn:receiveTask id="t" messageRef="m" instantiate="true"/>{END}</bpmn:process>',
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
        + line("g", "b", "e")
        + line("h", "b2", "e"),
        _SUSPICIOUS,
        element="b2",
    ),
    inside(
        "event_without_input",
        "t",
        f'>><bpmn:intermediateThrowEvent id="t"/><bpmn:task id="u"/>{line("g", "t", "u")}',
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
        + line("g", "b", "e"),
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
        + line("a", "t", "th")
        + line("b", "c", "e")
        + "\n>>"
        + line("g", "th", "e"),
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
        + line("xf", "xs", "xe")
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
    *(
        document(
            "error_uncaught",
            "ie",
            f'<bpmn:error id="err" errorCode="late"/><bpmn:error id="other" errorCode="early"/><bpmn:process id="p">{START}<bpmn:subProcess id="t"><bpmn:task id="i"/>\n'
            f'>><bpmn:endEvent id="ie"><bpmn:errorEventDefinition errorRef="err"/></bpmn:endEvent>{line("if", "i", "ie")}</bpmn:subProcess>{catch}{END}</bpmn:process>',
            _SUSPICIOUS,
            also=("end_without_start",),
        )
        for catch in (
            "",
            f'<bpmn:boundaryEvent id="b" attachedToRef="t"><bpmn:errorEventDefinition errorRef="other"/></bpmn:boundaryEvent>{line("g", "b", "e")}',
        )
    ),
    document(
        "too_many_keys",
        "t",
        f'{_MESSAGE}<bpmn:process id="p">{START}\n>><bpmn:receiveTask id="t" messageRef="m"><bpmn:extensionElements>'
        + "".join(f'<signalbox:correlation key="k{number}" value="1"/>' for number in range(9))
        + f"</bpmn:extensionElements></bpmn:receiveTask>{END}</bpmn:process>",
    ),
    document(
        "time_to_live",
        "t",
        f'{_MESSAGE}<bpmn:process id="p">{START}\n>><bpmn:sendTask id="t" messageRef="m" signalbox:timeToLive="soon"/>{END}</bpmn:process>',
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
        + line("g", "t", "a")
        + line("h", "a", "b")
        + line("i", "b", "a"),
        _SUSPICIOUS,
        element="a",
    ),
    task(
        "condition_alone",
        f'<bpmn:task id="t"/><bpmn:task id="u"/>{line("g", "t", "u")}\n>><bpmn:sequenceFlow id="h" sourceRef="u" targetRef="e">{X}</bpmn:sequenceFlow>',
        _SUSPICIOUS,
        element="h",
    ),
    inside(
        "no_default",
        "t",
        f'{START}\n>><bpmn:inclusiveGateway id="t"/><bpmn:endEvent id="e"/>{line("a", "t", "e", X)}{line("b", "t", "e", X)}',
        _SUSPICIOUS,
    ),
    task("gateway_needless", '>><bpmn:exclusiveGateway id="t"/>', _SUSPICIOUS),
    task(
        "gateway_direction",
        f'>><bpmn:parallelGateway id="t" gatewayDirection="Converging"/>{line("g", "t", "e")}',
        _SUSPICIOUS,
    ),
    *(
        inside(
            "choice_into_join",
            "j",
            f"{START}{split}\n>><bpmn:parallelGateway id='j'/><bpmn:endEvent id='e'/>{line('z', 'j', 'e')}",
            _SUSPICIOUS,
        )
        for split in (
            # one that takes some
            f'<bpmn:inclusiveGateway id="t" default="a"/>{line("a", "t", "j")}{line("b", "t", "j", X)}',
            # an activity that an event interrupts
            '<bpmn:task id="t"/><bpmn:boundaryEvent id="b" attachedToRef="t"><bpmn:errorEventDefinition/></bpmn:boundaryEvent><bpmn:task id="u"/>'
            + line("a", "t", "j")
            + line("b1", "b", "u")
            + line("b2", "u", "j"),
            # across a block that splits and joins by itself
            (
                f'<bpmn:exclusiveGateway id="t" default="a"/><bpmn:parallelGateway id="s2"/><bpmn:parallelGateway id="j2"/><bpmn:task id="u"/>{line("a", "t", "s2")}{line("c", "s2", "j2")}'
                f"{line('d', 's2', 'u')}{line('d2', 'u', 'j2')}{line('f', 'j2', 'j')}{line('b', 't', 'j', X)}"
            ),
        )
    ),
    *(
        inside(
            "runs_twice",
            "m",
            f"{START}{split}\n>><bpmn:{merge} id='m'/><bpmn:endEvent id='e'/>{line('z', 'm', 'e')}",
            _SUSPICIOUS,
        )
        for merge in ("exclusiveGateway", "userTask")
        for split in (
            f'{_FORK}<bpmn:task id="u"/>{line("a", "t", "u")}{line("b", "t", "m")}{line("c", "u", "m")}',
            f'<bpmn:task id="t"/>{line("a", "t", "m")}{line("b", "t", "m")}',
            f'<bpmn:inclusiveGateway id="t" default="a"/>{line("a", "t", "m")}{line("b", "t", "m", X)}',
        )
    ),
    inside(
        "activation_missing",
        "j",
        f'{START}{_FORK}{line("a", "t", "j")}{line("b", "t", "j")}\n>><bpmn:complexGateway id="j"/><bpmn:endEvent id="e"/>{line("z", "j", "e")}',
        _SUSPICIOUS,
    ),
]

OF_RULES = [
    *OF_SCOPES,
    *OF_MORE_EVENTS,
    *OF_GATEWAYS,
    # -- a condition of several lines: the line of the fault
    inside(
        "condition_syntax",
        "f",
        f'{START}<bpmn:exclusiveGateway id="t" default="f2"/>{END}<bpmn:sequenceFlow id="f" sourceRef="t" targetRef="e"><bpmn:conditionExpression>\na and\n>>b = 2\n</bpmn:conditionExpression></bpmn:sequenceFlow>',
    ),
]
