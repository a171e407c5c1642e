# ruff: noqa: E501  lines of XML stay whole
"""Bad diagrams of activities, events and event-based gateways."""

from __future__ import annotations

from tests.bpmn.bad_drawing import END, START, document, inside, task

OF_EVENTS = [
    # -- activities
    task("called_element_missing", '>><bpmn:callActivity id="t"/>'),
    task("binding", '>><bpmn:callActivity id="t" calledElement="x" signalbox:binding="newest"/>'),
    task("bad_number", '>><bpmn:callActivity id="t" calledElement="x" signalbox:version="0"/>'),
    task("bad_number", '>><bpmn:task id="t" startQuantity="0"/>'),
    task("bad_number", '>><bpmn:task id="t" completionQuantity="many"/>'),
    task(
        "misplaced_loop",
        '<bpmn:exclusiveGateway id="t">\n>><bpmn:standardLoopCharacteristics loopMaximum="2"/></bpmn:exclusiveGateway>',
        also=("gateway_needless",),
    ),
    task("loop_endless", '<bpmn:task id="t">\n>><bpmn:standardLoopCharacteristics/></bpmn:task>'),
    task("bad_number", '<bpmn:task id="t">\n>><bpmn:standardLoopCharacteristics loopMaximum="x"/></bpmn:task>'),
    task("multi_instance_count", '<bpmn:userTask id="t">\n>><bpmn:multiInstanceLoopCharacteristics/></bpmn:userTask>'),
    task(
        "multi_instance_behavior",
        '<bpmn:userTask id="t">\n>><bpmn:multiInstanceLoopCharacteristics behavior="Some" signalbox:collection="xs"/></bpmn:userTask>',
    ),
    task(
        "expression_syntax",
        '<bpmn:userTask id="t">\n>><bpmn:multiInstanceLoopCharacteristics signalbox:collection="x +"/></bpmn:userTask>',
    ),
    task(
        "assignment",
        '<bpmn:userTask id="t"><bpmn:dataInputAssociation>\n>><bpmn:assignment><bpmn:to>a b</bpmn:to></bpmn:assignment></bpmn:dataInputAssociation></bpmn:userTask>',
        also=("schema_harmless",),
    ),
    task(
        "in_name_missing",
        '<bpmn:callActivity id="t" calledElement="x"><bpmn:extensionElements>\n>><signalbox:in value="1"/></bpmn:extensionElements></bpmn:callActivity>',
    ),
    task("message_missing", '>><bpmn:sendTask id="t"/>'),
    inside("empty_scope", "t", f'{START}\n>><bpmn:transaction id="t"/>{END}'),
    task(
        "event_in_ad_hoc",
        '<bpmn:adHocSubProcess id="t"><bpmn:task id="i"/>\n>><bpmn:endEvent id="ie"/></bpmn:adHocSubProcess>',
        element="ie",
    ),
    # -- events
    task("event_missing", '>><bpmn:intermediateCatchEvent id="t"/>'),
    task(
        "timer_missing",
        '<bpmn:intermediateCatchEvent id="t">\n>><bpmn:timerEventDefinition/></bpmn:intermediateCatchEvent>',
    ),
    task(
        "timer_syntax",
        '<bpmn:intermediateCatchEvent id="t"><bpmn:timerEventDefinition>\n>><bpmn:timeDuration>P1X</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>',
    ),
    task(
        "event_misplaced",
        '>><bpmn:intermediateCatchEvent id="t"><bpmn:errorEventDefinition/></bpmn:intermediateCatchEvent>',
    ),
    task(
        "event_misplaced",
        '>><bpmn:intermediateThrowEvent id="t"><bpmn:terminateEventDefinition/></bpmn:intermediateThrowEvent>',
    ),
    task(
        "code_missing",
        '>><bpmn:intermediateThrowEvent id="t"><bpmn:escalationEventDefinition/></bpmn:intermediateThrowEvent>',
    ),
    task(
        "signal_missing",
        '<bpmn:intermediateThrowEvent id="t">\n>><bpmn:signalEventDefinition/></bpmn:intermediateThrowEvent>',
    ),
    task(
        "condition_missing",
        '<bpmn:intermediateCatchEvent id="t">\n>><bpmn:conditionalEventDefinition/></bpmn:intermediateCatchEvent>',
    ),
    task(
        "cancel_misplaced",
        '<bpmn:task id="t"/><bpmn:sequenceFlow id="g" sourceRef="t" targetRef="c"/>\n>><bpmn:endEvent id="c"><bpmn:cancelEventDefinition/></bpmn:endEvent>',
        element="c",
    ),
    task(
        "multiple_mixed",
        '>><bpmn:intermediateThrowEvent id="t"><bpmn:linkEventDefinition name="l"/><bpmn:compensateEventDefinition/></bpmn:intermediateThrowEvent>',
        also=(
            "link_flow",
            "link_missing",
        ),
    ),
    task(
        "not_attached",
        '<bpmn:task id="t"/>\n>><bpmn:boundaryEvent id="b" attachedToRef="s"><bpmn:errorEventDefinition/></bpmn:boundaryEvent>',
        also=("boundary_leads_nowhere",),
        element="b",
    ),
    *(
        task(
            "not_attached",
            f'{host}\n>><bpmn:boundaryEvent id="b" attachedToRef="{name}"><bpmn:errorEventDefinition/></bpmn:boundaryEvent>',
            also=also,
            element="b",
        )
        for host, name, also in (
            ('<bpmn:parallelGateway id="t"/>', "t", ("boundary_leads_nowhere", "gateway_needless")),
            ('<bpmn:task id="t"/>', "f1", ("boundary_leads_nowhere", "unreachable")),
            (
                '<bpmn:subProcess id="t"><bpmn:task id="i"/></bpmn:subProcess>',
                "i",
                ("boundary_leads_nowhere", "unreachable"),
            ),
        )
    ),
    task(
        "event_missing",
        '<bpmn:task id="t"/>\n>><bpmn:boundaryEvent id="b" attachedToRef="t"/>',
        also=("boundary_leads_nowhere",),
        element="b",
    ),
    task(
        "must_interrupt",
        '<bpmn:task id="t"/>\n>><bpmn:boundaryEvent id="b" attachedToRef="t" cancelActivity="false"><bpmn:errorEventDefinition/></bpmn:boundaryEvent>',
        also=("boundary_leads_nowhere",),
        element="b",
    ),
    task(
        "cancel_misplaced",
        '<bpmn:task id="t"/>\n>><bpmn:boundaryEvent id="b" attachedToRef="t"><bpmn:cancelEventDefinition/></bpmn:boundaryEvent>',
        also=("boundary_leads_nowhere",),
        element="b",
    ),
    task(
        "flow_into_boundary",
        '<bpmn:task id="t"/><bpmn:boundaryEvent id="b" attachedToRef="t"><bpmn:errorEventDefinition/></bpmn:boundaryEvent>\n'
        '>><bpmn:sequenceFlow id="g" sourceRef="t" targetRef="b"/>',
        also=("boundary_leads_nowhere",),
        element="g",
    ),
    task(
        "handler_missing",
        '<bpmn:task id="t"/>\n>><bpmn:boundaryEvent id="b" attachedToRef="t"><bpmn:compensateEventDefinition/></bpmn:boundaryEvent>',
        element="b",
    ),
    task(
        "handler_unmarked",
        '<bpmn:task id="t"/><bpmn:boundaryEvent id="b" attachedToRef="t"><bpmn:compensateEventDefinition/></bpmn:boundaryEvent>'
        '<bpmn:association id="as" sourceRef="b" targetRef="h"/>\n>><bpmn:task id="h"/>',
        also=("unreachable", "path_ends"),
        element="h",
    ),
    inside(
        "flow_out_of_compensation",
        "b",
        f'{START}<bpmn:task id="t"/>{END}\n'
        '>><bpmn:boundaryEvent id="b" attachedToRef="t"><bpmn:compensateEventDefinition/></bpmn:boundaryEvent>'
        '<bpmn:association id="as" sourceRef="b" targetRef="h"/><bpmn:task id="h" isForCompensation="true"/>'
        '<bpmn:sequenceFlow id="g" sourceRef="b" targetRef="e"/>',
    ),
    task("flow_at_handler", '<bpmn:task id="t" isForCompensation="true"/>', also=("handler_unused",)),
    task(
        "dangling_reference",
        '>><bpmn:intermediateThrowEvent id="t"><bpmn:compensateEventDefinition activityRef="none"/></bpmn:intermediateThrowEvent>',
    ),
    task(
        "link_name_missing",
        '<bpmn:intermediateThrowEvent id="t">\n>><bpmn:linkEventDefinition/></bpmn:intermediateThrowEvent>',
        also=("link_flow",),
    ),
    task(
        "link_missing",
        '>><bpmn:intermediateThrowEvent id="t"><bpmn:linkEventDefinition name="l"/></bpmn:intermediateThrowEvent>',
        also=("link_flow",),
    ),
    task(
        "link_twice",
        '<bpmn:task id="t"/><bpmn:intermediateThrowEvent id="th"><bpmn:linkEventDefinition name="l"/></bpmn:intermediateThrowEvent>'
        '<bpmn:sequenceFlow id="g" sourceRef="t" targetRef="th"/>'
        '<bpmn:intermediateCatchEvent id="c1"><bpmn:linkEventDefinition name="l"/></bpmn:intermediateCatchEvent>\n'
        '>><bpmn:intermediateCatchEvent id="c2"><bpmn:linkEventDefinition name="l"/></bpmn:intermediateCatchEvent>',
        also=("path_ends",),
        element="c2",
    ),
    task(
        "link_unused",
        '<bpmn:task id="t"/>\n>><bpmn:intermediateCatchEvent id="c1"><bpmn:linkEventDefinition name="l"/></bpmn:intermediateCatchEvent>',
        "warning",
        also=("path_ends",),
        element="c1",
    ),
    # -- event-based gateways
    task("event_gateway_few", '>><bpmn:eventBasedGateway id="t"/>', also=("event_gateway_target",)),
    inside(
        "event_gateway_target",
        "g1",
        START
        + '<bpmn:eventBasedGateway id="t"/><bpmn:task id="a"/>'
        + '<bpmn:intermediateCatchEvent id="b"><bpmn:conditionalEventDefinition><bpmn:condition>y</bpmn:condition></bpmn:conditionalEventDefinition></bpmn:intermediateCatchEvent>'
        + '\n>><bpmn:sequenceFlow id="g1" sourceRef="t" targetRef="a"/><bpmn:sequenceFlow id="g2" sourceRef="t" targetRef="b"/>',
        also=("start_without_end",),
    ),
    document(
        "event_gateway_mixed",
        "t",
        f'<bpmn:message id="m" name="m"/><bpmn:process id="p">{START}\n>><bpmn:eventBasedGateway id="t"/>'
        '<bpmn:receiveTask id="r" messageRef="m"/><bpmn:intermediateCatchEvent id="c"><bpmn:messageEventDefinition messageRef="m"/></bpmn:intermediateCatchEvent>'
        '<bpmn:sequenceFlow id="g1" sourceRef="t" targetRef="r"/><bpmn:sequenceFlow id="g2" sourceRef="t" targetRef="c"/></bpmn:process>',
        also=("start_without_end",),
    ),
    inside(
        "instantiate_with_input",
        "f1",
        START.replace("<bpmn:sequenceFlow", "\n>><bpmn:sequenceFlow")
        + '<bpmn:eventBasedGateway id="t" instantiate="true"/><bpmn:intermediateCatchEvent id="a"><bpmn:conditionalEventDefinition><bpmn:condition>x</bpmn:condition></bpmn:conditionalEventDefinition></bpmn:intermediateCatchEvent>'
        + '<bpmn:intermediateCatchEvent id="b"><bpmn:conditionalEventDefinition><bpmn:condition>y</bpmn:condition></bpmn:conditionalEventDefinition></bpmn:intermediateCatchEvent>'
        + '<bpmn:sequenceFlow id="g1" sourceRef="t" targetRef="a"/><bpmn:sequenceFlow id="g2" sourceRef="t" targetRef="b"/>',
        also=("start_without_end",),
    ),
    inside(
        "parallel_event_gateway",
        "t",
        START
        + '\n>><bpmn:eventBasedGateway id="t" eventGatewayType="Parallel"/><bpmn:intermediateCatchEvent id="a"><bpmn:conditionalEventDefinition><bpmn:condition>x</bpmn:condition></bpmn:conditionalEventDefinition></bpmn:intermediateCatchEvent>'
        + '<bpmn:intermediateCatchEvent id="b"><bpmn:conditionalEventDefinition><bpmn:condition>y</bpmn:condition></bpmn:conditionalEventDefinition></bpmn:intermediateCatchEvent>'
        + '<bpmn:sequenceFlow id="g1" sourceRef="t" targetRef="a"/><bpmn:sequenceFlow id="g2" sourceRef="t" targetRef="b"/>',
        also=("start_without_end",),
    ),
]
