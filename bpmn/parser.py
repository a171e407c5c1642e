"""From checked XML to the graph that runs: SpiffWorkflow's parser with our spec classes.

Differences to the stock parser (3.2.0): two passes instead of one recursion along the flows (which fails from about
489 elements on), connections keyed by flow id, event definitions and loops read by `bpmn.event_reading` (the stock one
turns those it does not know into none events), links as connections, our own extension elements. It is only given
documents that `bpmn.validation` found no error in.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.parser.ProcessParser import ProcessParser
from SpiffWorkflow.specs.base import TaskSpec

from bpmn.definition import Element, Flow, ProcessDefinition, StartPoint
from bpmn.elements import HARMLESS_TAGS, SUPPORTED_TAGS, flag, local_reference, q, x
from bpmn.evaluation import Expression
from bpmn.event_reading import Declarations, data_names, read_names
from bpmn.events import Link, Message
from bpmn.extensions import read_fields, read_integer, read_time_zone
from bpmn.joins import upstream
from bpmn.loops import looping
from bpmn.node_parsers import (
    ActivityNode,
    CallActivityNode,
    ComplexGatewayNode,
    EventGatewayNode,
    EventNode,
    JobNode,
    MessageTaskNode,
    NodeParser,
    ScriptTaskNode,
    SubProcessNode,
    UserTaskNode,
)
from bpmn.scripts import read_expression
from bpmn.specs import events, gateways, sub_processes, tasks
from bpmn.specs.base import ProcessSpec
from bpmn.stores import Store, stores_of


class SpecParser(ProcessParser):
    """A process or sub-process: first all its elements, then all that connects them."""

    def create_spec(self) -> ProcessSpec:
        return ProcessSpec(name=self.bpmn_id, description=self.get_name(), filename=self.filename)

    def _parse(self) -> None:
        """Without the stock reading of data, which copies values between tasks."""
        self.spec = self.create_spec()
        self.add_tasks()

    def get_lane_name(self, node_id: str) -> str | None:
        found: str | None = super().get_lane_name(node_id)
        return found if found is not None else self.lane

    def parse_node(self, node: etree._Element) -> Any:
        parser_class, spec_class = self.parser._get_parser_class(node.tag)
        spec = parser_class(self, spec_class, node, self.nsmap).create_task()
        spec.extensions = {}
        return spec

    def add_tasks(self) -> None:
        self.spec.declares = read_names(self.node, self.parser.data)
        for node in flow_nodes(self.node):
            self.parse_node(node)
        elements = self.elements()
        flows = [self.read_flow(node) for node in self.node.findall(q("sequenceFlow"))]
        self.connect_flows(elements, [*flows, *self.links(elements)])
        self.attach(elements)
        self.connect_compensation(elements)
        self.find_loops(elements)
        self.find_starts(elements)

    def _index_process_nodes(self) -> None:
        """Only what is drawn directly in it. The stock parser looks at everything below: once more for each level of
        sub-processes, and at foreign elements, whose ids may be the same."""
        self.nodes_by_id = {node.get("id"): node for node in flow_nodes(self.node)}

    def connect_flows(self, elements: list[Any], flows: list[Flow]) -> None:
        """The flows between the elements of this scope."""
        outgoing: dict[str, list[Flow]] = {spec.name: [] for spec in elements}
        incoming: dict[str, list[str]] = {spec.name: [] for spec in elements}
        for flow in flows:
            TaskSpec.connect(self.spec.task_specs[flow.source], self.spec.task_specs[flow.target])
            outgoing[flow.source].append(flow)
            incoming[flow.target].append(flow.id)
        for spec in elements:
            spec.outgoing = tuple(outgoing[spec.name])
            spec.incoming = tuple(incoming[spec.name])

    def elements(self) -> list[Any]:
        """The specs of what is drawn, in document order."""
        return [spec for spec in self.spec.task_specs.values() if spec.bpmn_id is not None]

    def links(self, elements: list[Any]) -> Iterator[Flow]:
        """A link is a connection without a line (10.5.5.6)."""
        targets = {
            spec.listens_for[0].name: spec
            for spec in elements
            if isinstance(spec, events.IntermediateCatchEvent)
            and spec.listens_for
            and isinstance(spec.listens_for[0], Link)
        }
        for spec in elements:
            if isinstance(spec, events.IntermediateThrowEvent) and spec.throws and isinstance(spec.throws[0], Link):
                target = targets[spec.throws[0].name]
                yield Flow(id=f"{spec.bpmn_id}->{target.bpmn_id}", source=spec.name, target=target.name)

    def attach(self, elements: list[Any]) -> None:
        """Boundary events to their activities."""
        for spec in elements:
            if isinstance(spec, events.BoundaryEvent):
                host = self.spec.task_specs[local_reference(self.get_node_by_id(spec.bpmn_id).get("attachedToRef"))]
                host.boundary = (*host.boundary, spec)

    def connect_compensation(self, elements: list[Any]) -> None:
        """A compensation boundary event and its handler are tied by an association (10.7.1)."""
        handlers = {
            local_reference(node.get("sourceRef", "")): local_reference(node.get("targetRef", ""))
            for node in self.node.findall(q("association"))
        }
        for spec in elements:
            for event in spec.boundary:
                handler = self.spec.task_specs.get(handlers.get(event.bpmn_id, ""))
                if event.kind == "compensation_boundary_event" and handler is not None:
                    spec.compensated_by = handler

    def find_loops(self, elements: list[Any]) -> None:
        """What can be entered again, and what an inclusive or complex gateway may have to wait for."""
        steps: dict[str, list[tuple[str, str]]] = {
            spec.name: [
                *((flow.id, flow.target) for flow in spec.outgoing),
                *((event.name, event.name) for event in spec.boundary),
            ]
            for spec in elements
        }
        for name in looping({source: [target for _, target in targets] for source, targets in steps.items()}):
            self.spec.task_specs[name].in_loop = True
        for spec in elements:
            if isinstance(spec, gateways.InclusiveGateway | gateways.ComplexGateway):
                spec.reach = upstream(steps, spec.name)

    def find_starts(self, elements: list[Any]) -> None:
        """Where tokens begin: none start events; without any, whatever has no incoming flow (13.3.4)."""
        self.spec.event_sub_processes = tuple(s for s in elements if isinstance(s, sub_processes.EventSubProcess))
        by_event = flag(self.node, "triggeredByEvent")
        drawn = [s for s in elements if isinstance(s, events.StartEvent)]
        nones = [s for s in drawn if not s.listens_for]
        handlers = {spec.compensated_by.name for spec in elements if spec.compensated_by is not None}
        implicit = [
            s
            for s in elements
            if not s.incoming
            and not isinstance(s, events.StartEvent | events.BoundaryEvent | sub_processes.EventSubProcess)
            and s.name not in handlers
            and not getattr(s, "instantiate", False)
            and not flag(self.get_node_by_id(s.bpmn_id), "isForCompensation")
        ]
        self.spec.starts = tuple(drawn) if by_event else (*nones, *implicit)
        if self.node.tag == q("adHocSubProcess"):
            self.spec.awaited = tuple(s for s in implicit if isinstance(s, events.IntermediateCatchEvent))
            self.spec.starts = tuple(s for s in implicit if s not in self.spec.awaited)

    def read_flow(self, node: etree._Element) -> Flow:
        source = self.get_node_by_id(node.get("sourceRef"))
        is_default = source.get("default") == node.get("id")
        text = node.findtext(q("conditionExpression"))
        condition = None if is_default or text is None or not text.strip() else read_expression(text)
        return Flow(
            id=node.get("id", ""),
            source=node.get("sourceRef", ""),
            target=node.get("targetRef", ""),
            name=node.get("name"),
            condition=condition,
            is_default=is_default,
        )


class DiagramParser(BpmnParser):
    """A document."""

    PARSER_CLASSES = {
        q("startEvent"): (EventNode, events.StartEvent),
        q("endEvent"): (EventNode, events.EndEvent),
        q("intermediateThrowEvent"): (EventNode, events.IntermediateThrowEvent),
        q("intermediateCatchEvent"): (EventNode, events.IntermediateCatchEvent),
        q("boundaryEvent"): (EventNode, events.BoundaryEvent),
        q("task"): (ActivityNode, tasks.Task),
        q("manualTask"): (ActivityNode, tasks.ManualTask),
        q("userTask"): (UserTaskNode, tasks.UserTask),
        q("serviceTask"): (JobNode, tasks.ServiceTask),
        q("businessRuleTask"): (JobNode, tasks.BusinessRuleTask),
        q("scriptTask"): (ScriptTaskNode, tasks.ScriptTask),
        q("sendTask"): (MessageTaskNode, tasks.SendTask),
        q("receiveTask"): (MessageTaskNode, tasks.ReceiveTask),
        q("callActivity"): (CallActivityNode, tasks.CallActivity),
        q("exclusiveGateway"): (NodeParser, gateways.ExclusiveGateway),
        q("parallelGateway"): (NodeParser, gateways.ParallelGateway),
        q("inclusiveGateway"): (NodeParser, gateways.InclusiveGateway),
        q("complexGateway"): (ComplexGatewayNode, gateways.ComplexGateway),
        q("eventBasedGateway"): (EventGatewayNode, gateways.EventBasedGateway),
        q("subProcess"): (SubProcessNode, sub_processes.SubProcess),
        q("transaction"): (SubProcessNode, sub_processes.Transaction),
        q("adHocSubProcess"): (SubProcessNode, sub_processes.AdHocSubProcess),
    }
    PROCESS_PARSER_CLASS = SpecParser

    def add_bpmn_xml(self, bpmn: etree._Element, filename: str | None = None) -> None:
        self.declared = Declarations.of(bpmn)
        self.data = data_names(bpmn)
        self.stores = stores_of(bpmn, self.data)
        super().add_bpmn_xml(bpmn, filename)

    def _add_processes(self, bpmn: etree._Element, filename: str | None = None) -> None:
        """Only those that will run; the others may hold what nobody has checked."""
        for node in bpmn.findall(q("process")):
            if is_executable(node):
                self.create_parser(node, filename)

    def _add_diagram_indexes(self, bpmn: etree._Element) -> None:
        """Lanes only: where shapes are drawn means nothing (the stock parser orders conditions by it)."""
        key = self._document_key(bpmn)
        self.document_positions[key] = {}
        self.document_lanes[key] = {
            (node.text or "").strip(): lane.get("name")
            for lane in bpmn.iter(q("lane"))
            for node in lane.findall(q("flowNodeRef"))
        }

    def _elsewhere(self, bpmn: etree._Element) -> None:
        """Read by `Declarations`; the stock parser fails on declarations that nothing uses."""

    _add_collaborations = _add_messages = _add_signals = _add_errors = _add_escalations = _elsewhere
    _add_correlations = _add_data_stores = _elsewhere


def flow_nodes(scope: etree._Element) -> Iterator[etree._Element]:
    """The flow nodes directly inside a process or sub-process."""
    for node in scope:
        if isinstance(node.tag, str) and node.tag.startswith(q("")) and node.tag[len(q("")) :] in SUPPORTED_TAGS:
            yield node


def build(root: etree._Element) -> tuple[ProcessDefinition, ...]:
    """The executable processes of a document without errors."""
    parser = DiagramParser()
    parser.add_bpmn_xml(root)
    return tuple(_definition(parser, node) for node in root.findall(q("process")) if is_executable(node))


def is_executable(process: etree._Element) -> bool:
    """A process is executable unless it says that it is not, and only if something is drawn in it."""
    return flag(process, "isExecutable") and any(
        isinstance(node.tag, str) and node.tag.startswith(q("")) and node.tag[len(q("")) :] not in HARMLESS_TAGS
        for node in process
    )


def _sub_specs(parser: DiagramParser, spec: ProcessSpec) -> dict[str, ProcessSpec]:
    """The graphs of all sub-processes below, by id."""
    found: dict[str, ProcessSpec] = {}
    pending = [spec]
    while pending:
        for task in pending.pop().task_specs.values():
            if isinstance(task, sub_processes.SubProcess):
                inner = parser.get_spec(task.bpmn_id)
                found[task.bpmn_id] = inner
                pending.append(inner)
                if isinstance(task, sub_processes.EventSubProcess):
                    task.begins_with(inner.starts[0])
    return found


def _definition(parser: DiagramParser, node: etree._Element) -> ProcessDefinition:
    key = node.get("id", "")
    spec = parser.get_spec(key)
    sub_specs = _sub_specs(parser, spec)
    elements: dict[str, Element] = {}
    flows: dict[str, Flow] = {}
    for inner in (spec, *sub_specs.values()):
        for task in inner.task_specs.values():
            if task.bpmn_id is None:
                continue
            elements[task.bpmn_id] = Element(
                id=task.bpmn_id,
                kind=task.kind,
                name=task.bpmn_name,
                lane=task.lane,
                parent=None if inner is spec else inner.name,
                incoming=task.incoming,
                outgoing=tuple(flow.id for flow in task.outgoing),
                repeats=task.loop is not None,
            )
            flows.update((flow.id, flow) for flow in task.outgoing)
    starts = node.findall(q("startEvent"))
    nones = [n for n in starts if not spec.task_specs[n.get("id", "")].listens_for]
    return ProcessDefinition(
        key=key,
        name=node.get("name") or key,
        elements=elements,
        flows=flows,
        start_fields=read_fields(nones[0]) if nones else (),
        initiator=next((n.get(x("initiator")) for n in nones if n.get(x("initiator"))), None),
        loop_limit=read_integer(node, "loopLimit", 0, 1, 10_000_000) or None,
        start_points=tuple(_start_points(spec)),
        stores=frozenset(_stores(spec, *sub_specs.values())),
        message_paths=dict(_message_paths(spec, *sub_specs.values())),
        time_zone=read_time_zone(node),
        spec=spec,
        sub_specs=sub_specs,
    )


def _message_paths(*specs: ProcessSpec) -> Iterator[tuple[str, tuple[tuple[str, Expression], ...]]]:
    """How the keys of messages that this process can receive are found in their payload."""
    for spec in specs:
        for task in spec.task_specs.values():
            for event in getattr(task, "listens_for", ()):
                if isinstance(event, Message) and event.properties and "{{" not in event.name.source:
                    yield event.name.source, tuple((one.name, one.path) for one in event.properties)


def _stores(*specs: ProcessSpec) -> Iterator[str]:
    """The data stores that activities read and write."""
    for spec in specs:
        for task in spec.task_specs.values():
            yield from (store.name for store in task.reads_stores)
            yield from (target.name for target, _ in task.maps_out if isinstance(target, Store))


def _start_points(spec: ProcessSpec) -> Iterator[StartPoint]:
    """Where an instance can begin by an event from outside."""
    for task in spec.task_specs.values():
        if isinstance(task, events.StartEvent | tasks.ReceiveTask) and not task.incoming:
            if task.listens_for:
                yield StartPoint(task.bpmn_id, task.listens_for, task.parallel_multiple)
        elif isinstance(task, gateways.EventBasedGateway) and task.instantiate:
            for flow in task.outgoing:
                target = spec.task_specs[flow.target]
                yield StartPoint(target.bpmn_id, target.listens_for, target.parallel_multiple)
