"""From checked XML to the graph that runs: SpiffWorkflow's parser with our spec classes.

Differences to the stock parser (3.2.0): two passes instead of one recursion along the flows (which fails from about
489 elements on), connections keyed by flow id, our own extension elements, sub-processes with an event start. It is
only given documents that `bpmn.validation` found no error in.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.parser.event_parsers import EventDefinitionParser
from SpiffWorkflow.bpmn.parser.ProcessParser import ProcessParser
from SpiffWorkflow.bpmn.parser.task_parsers import ScriptTaskParser, SubWorkflowParser
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.specs.event_definitions.simple import NoneEventDefinition
from SpiffWorkflow.specs.base import TaskSpec

from bpmn import specs
from bpmn.definition import Element, Flow, ProcessDefinition
from bpmn.elements import HARMLESS_TAGS, SUPPORTED_TAGS, flag, local_reference, q, x
from bpmn.extensions import read_assignment, read_external, read_fields, read_integer, read_outputs
from bpmn.loops import looping
from bpmn.scripts import read_expression, read_script


class DrawnNode:
    """What all our node parsers read differently."""

    node: etree._Element

    def parse_documentation(self, sequence_flow: Any = None) -> str | None:
        """The element's own; the stock parser takes that of an element inside it if it has none."""
        return self.node.findtext(q("documentation"))

    def parse_incoming_data_references(self) -> list[Any]:
        """None: data associations are refused. The stock parser's searches are most of the time of a parse."""
        return []

    parse_outgoing_data_references = parse_incoming_data_references


class NodeParser(DrawnNode, TaskParser):
    """An element without anything of its own."""


class UserTaskNode(DrawnNode, TaskParser):
    def create_task(self) -> Any:
        task = super().create_task()
        task.assignment = read_assignment(self.node, lane_group(self.lane))
        task.fields = read_fields(self.node)
        return task


class ServiceTaskNode(DrawnNode, TaskParser):
    def create_task(self) -> Any:
        task = super().create_task()
        task.external = read_external(self.node)
        return task


class ScriptTaskNode(DrawnNode, ScriptTaskParser):
    def get_script(self) -> str:
        """Its own; the stock parser also finds elements of that name in extension elements, and fails."""
        return self.node.findtext(q("script")) or ""

    def create_task(self) -> Any:
        task = super().create_task()
        task.program = read_script(self.get_script())
        task.declared = read_outputs(self.node)
        return task


class EventNode(DrawnNode, EventDefinitionParser):
    """An event. The stock parser looks for event definitions in extension elements too, and joins all end events into
    one internal node."""

    def create_task(self) -> Any:
        return self._create_task(NoneEventDefinition())


class StartEventNode(EventNode):
    def create_task(self) -> Any:
        task = super().create_task()
        self.spec.start.connect(task)
        definition = self.node.find(q("messageEventDefinition"))
        if definition is not None:
            task.kind = "message_start_event"
            task.message = self.process_parser.parser.messages[local_reference(definition.get("messageRef", ""))]
            task.interrupting = flag(self.node, "isInterrupting")
        return task


class SubProcessNode(DrawnNode, SubWorkflowParser):
    """The stock parser demands exactly one start and an end event, and overlooks `triggeredByEvent`."""

    def create_task(self) -> Any:
        parser = self.process_parser.parser
        parser.create_parser(self.node, filename=self.filename, lane=self.lane)
        inner = parser.process_parsers[self.bpmn_id]
        inner.parent = self.process_parser
        by_event = flag(self.node, "triggeredByEvent")
        kind = specs.EventSubProcess if by_event else self.spec_class
        return kind(self.spec, self.bpmn_id, subworkflow_spec=self.bpmn_id, **self.bpmn_attributes)


class SpecParser(ProcessParser):
    """A process or sub-process: first all its elements, then all its flows."""

    def _index_process_nodes(self) -> None:
        """Only what is drawn directly in it. The stock parser looks at everything below: once more for each level of
        sub-processes, and at foreign elements, whose ids may be the same."""
        self.nodes_by_id = {node.get("id"): node for node in flow_nodes(self.node)}

    def create_spec(self) -> specs.ProcessSpec:
        return specs.ProcessSpec(name=self.bpmn_id, description=self.get_name(), filename=self.filename)

    def get_lane_name(self, node_id: str) -> str | None:
        found: str | None = super().get_lane_name(node_id)
        return found if found is not None else self.lane

    def parse_node(self, node: etree._Element) -> Any:
        parser_class, spec_class = self.parser._get_parser_class(node.tag)
        spec = parser_class(self, spec_class, node, self.nsmap).create_task()
        spec.extensions = {}
        return spec

    def add_tasks(self) -> None:
        for node in flow_nodes(self.node):
            self.parse_node(node)
        elements = self.elements()
        outgoing: dict[str, list[Flow]] = {spec.bpmn_id: [] for spec in elements}
        incoming: dict[str, list[str]] = {spec.bpmn_id: [] for spec in elements}
        for node in self.node.findall(q("sequenceFlow")):
            flow = self.read_flow(node)
            TaskSpec.connect(self.spec.task_specs[flow.source], self.spec.task_specs[flow.target])
            outgoing[flow.source].append(flow)
            incoming[flow.target].append(flow.id)
        for spec in elements:
            spec.outgoing = tuple(outgoing[spec.bpmn_id])
            spec.incoming = tuple(incoming[spec.bpmn_id])
        for name in looping({s.bpmn_id: [f.target for f in s.outgoing] for s in elements}):
            self.spec.task_specs[name].in_loop = True
        starts = [s for s in elements if isinstance(s, specs.StartEvent)]
        self.spec.start_element = starts[0] if starts else None
        self.spec.event_sub_processes = tuple(s for s in elements if isinstance(s, specs.EventSubProcess))

    def elements(self) -> list[Any]:
        """The specs of what is drawn, in document order."""
        return [spec for spec in self.spec.task_specs.values() if spec.bpmn_id is not None]

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
        q("startEvent"): (StartEventNode, specs.StartEvent),
        q("endEvent"): (EventNode, specs.EndEvent),
        q("intermediateThrowEvent"): (EventNode, specs.IntermediateThrowEvent),
        q("task"): (NodeParser, specs.Task),
        q("manualTask"): (NodeParser, specs.ManualTask),
        q("userTask"): (UserTaskNode, specs.UserTask),
        q("serviceTask"): (ServiceTaskNode, specs.ServiceTask),
        q("scriptTask"): (ScriptTaskNode, specs.ScriptTask),
        q("exclusiveGateway"): (NodeParser, specs.ExclusiveGateway),
        q("parallelGateway"): (NodeParser, specs.ParallelGateway),
        q("subProcess"): (SubProcessNode, specs.SubProcess),
    }
    PROCESS_PARSER_CLASS = SpecParser

    def _add_diagram_indexes(self, bpmn: etree._Element) -> None:
        """Lanes only: where shapes are drawn means nothing (the stock parser orders conditions by it)."""
        key = self._document_key(bpmn)
        self.document_positions[key] = {}
        self.document_lanes[key] = {
            (node.text or "").strip(): lane.get("name")
            for lane in bpmn.iter(q("lane"))
            for node in lane.findall(q("flowNodeRef"))
        }

    def _add_processes(self, bpmn: etree._Element, filename: str | None = None) -> None:
        """Only those that will run; the others may hold what nobody has checked."""
        for node in bpmn.findall(q("process")):
            if is_executable(node):
                self.create_parser(node, filename)

    def _add_messages(self, bpmn: etree._Element) -> None:
        self.messages.update((node.get("id"), node.get("name")) for node in bpmn.iter(q("message")))

    def _ignore(self, bpmn: etree._Element) -> None:
        """Declarations of what this release refuses to use are harmless themselves; the stock parser fails on some."""

    _add_collaborations = _add_signals = _add_errors = _add_escalations = _ignore
    _add_correlations = _add_data_stores = _ignore


def flow_nodes(scope: etree._Element) -> Iterator[etree._Element]:
    """The flow nodes directly inside a process or sub-process."""
    for node in scope:
        if isinstance(node.tag, str) and node.tag.startswith(q("")) and node.tag[len(q("")) :] in SUPPORTED_TAGS:
            yield node


def lane_group(lane: str | None) -> str | None:
    """The candidate group of a lane: its name in lower case, with `-` for spaces and commas (they separate groups)."""
    return "-".join(lane.lower().replace(",", " ").split()) if lane else None


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


def _definition(parser: DiagramParser, node: etree._Element) -> ProcessDefinition:
    key = node.get("id", "")
    spec = parser.get_spec(key)
    sub_specs = parser.get_subprocess_specs(key)
    for inner in (spec, *sub_specs.values()):
        for task in inner.event_sub_processes:
            task.start = sub_specs[task.bpmn_id].start_element
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
            )
            flows.update((flow.id, flow) for flow in task.outgoing)
    start = next(n for n in node.findall(q("startEvent")))
    return ProcessDefinition(
        key=key,
        name=node.get("name") or key,
        elements=elements,
        flows=flows,
        start_fields=read_fields(start),
        initiator=start.get(x("initiator")) or None,
        loop_limit=read_integer(node, "loopLimit", 0, 1, 10_000_000) or None,
        spec=spec,
        sub_specs=sub_specs,
    )
