"""One element of a diagram to its spec: SpiffWorkflow's task parsers, reading what ours need."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from SpiffWorkflow.bpmn.parser.event_parsers import EventDefinitionParser
from SpiffWorkflow.bpmn.parser.task_parsers import ScriptTaskParser
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.specs.event_definitions.simple import NoneEventDefinition

from bpmn.elements import SCOPE_TAGS, flag, local_reference, q, x
from bpmn.evaluation import Expression
from bpmn.event_reading import (
    Declarations,
    expression_of,
    kind_of_event,
    read_events,
    read_mappings,
    read_message,
    read_names,
    read_pairs,
)
from bpmn.events import Text
from bpmn.extensions import read_assignment, read_external, read_fields, read_integer, read_outputs
from bpmn.loop_reading import read_loop
from bpmn.scripts import read_expression, read_script
from bpmn.specs import events, sub_processes, tasks

_SCOPES = frozenset(q(tag) for tag in SCOPE_TAGS)


def lane_group(lane: str | None) -> str | None:
    """The candidate group of a lane: its name in lower case, with `-` for spaces and commas."""
    return "-".join(lane.lower().replace(",", " ").split()) if lane else None


class NodeParser(TaskParser):
    """An element without anything of its own."""

    @property
    def declared(self) -> Declarations:
        """What the document declares."""
        found: Declarations = self.process_parser.parser.declared
        return found

    def parse_documentation(self, sequence_flow: Any = None) -> str | None:
        """The element's own; the stock parser takes that of an element inside it if it has none."""
        found: str | None = self.node.findtext(q("documentation"))
        return found

    @property
    def bpmn_attributes(self) -> dict[str, Any]:
        """What every element has; data associations are read elsewhere."""
        return {
            "description": None,
            "lane": self.lane,
            "bpmn_name": self.node.get("name"),
            "documentation": self.parse_documentation(),
        }


class ActivityNode(NodeParser):
    """A task or sub-process: loops, quantities."""

    def create_task(self) -> Any:
        return self.finish(super().create_task())

    def finish(self, task: Any) -> Any:
        """What all activities share."""
        data = self.process_parser.parser.data
        task.loop = read_loop(self.node, self.declared, data)
        task.maps_in, task.maps_out, task.reads_stores = read_mappings(
            self.node, data, self.process_parser.parser.stores
        )
        if self.node.tag not in _SCOPES:
            task.declares = read_names(self.node, data)
        task.start_quantity = int(self.node.get("startQuantity", "1"))
        task.completion_quantity = int(self.node.get("completionQuantity", "1"))
        return task


class UserTaskNode(ActivityNode):
    def create_task(self) -> Any:
        task = super().create_task()
        task.assignment = read_assignment(self.node, lane_group(self.lane))
        task.fields = read_fields(self.node)
        return task


class JobNode(ActivityNode):
    def create_task(self) -> Any:
        task = super().create_task()
        task.external = read_external(self.node)
        return task


class ScriptTaskNode(ActivityNode, ScriptTaskParser):
    def get_script(self) -> str:
        """Its own; the stock parser also finds elements of that name in extension elements, and fails."""
        return self.node.findtext(q("script")) or ""

    def create_task(self) -> Any:
        task = ScriptTaskParser.create_task(self)
        task.program = read_script(self.get_script())
        task.declared = read_outputs(self.node)
        return self.finish(task)


class CallActivityNode(ActivityNode):
    def create_task(self) -> Any:
        called = self.node.get("calledElement", "").strip()
        if "{{" not in called:
            called = local_reference(called)
        task = self.spec_class(self.spec, self.bpmn_id, subworkflow_spec=called, **self.bpmn_attributes)
        task.called = Text(called)
        task.binding = self.node.get(x("binding"), "version" if self.node.get(x("version")) else "latest")
        task.version = read_integer(self.node, "version", 0, 1, 1_000_000) or None
        key = self.node.get(x("businessKey"))
        task.business_key = Text(key) if key else None
        task.inputs = read_pairs(self.node, "in", "name")
        task.outputs = read_pairs(self.node, "out", "name")
        task.all_in = self.node.get(x("allIn")) == "true"
        task.all_out = self.node.get(x("allOut")) == "true"
        return self.finish(task)


class EventNode(NodeParser, EventDefinitionParser):
    """Our own event definitions; the stock one is always none, since nothing of it runs."""

    def __init__(self, *args: Any, **kwargs: Any):
        EventDefinitionParser.__init__(self, *args, **kwargs)

    def create_task(self) -> Any:
        cancel = flag(self.node, "cancelActivity") if self.node.tag == q("boundaryEvent") else None
        kwargs = {"cancel_activity": cancel} if cancel is not None else {}
        task = self.spec_class(
            self.spec, self.bpmn_id, event_definition=NoneEventDefinition(), **kwargs, **self.bpmn_attributes
        )
        found = read_events(self.node, self.declared)
        if isinstance(task, events.ThrowingSpec):
            task.throws = found
        else:
            task.listens_for = found
            task.parallel_multiple = flag(self.node, "parallelMultiple")
            task.interrupting = flag(self.node, "isInterrupting") if cancel is None else cancel
        task.kind = kind_of_event(type(task).kind, found)
        return task


class MessageTaskNode(ActivityNode):
    """Send and receive tasks."""

    def create_task(self) -> Any:
        task = self.spec_class(self.spec, self.bpmn_id, event_definition=NoneEventDefinition(), **self.bpmn_attributes)
        message = read_message(self.node, self.declared)
        self.finish(task)
        if isinstance(task, tasks.SendTask):
            task.message = message if message.payload else replace(message, payload=self._inputs(task))
        else:
            task.listens_for = (message,)
            outputs = self._data("dataOutput")
            task.whole = outputs[0] if len(outputs) == 1 else None
        return task

    def _data(self, tag: str) -> list[str]:
        """The variables of its data inputs or outputs."""
        names = self.process_parser.parser.data
        found = (names.get(node.get("id", "")) for node in self.node.findall(f"{q('ioSpecification')}/{q(tag)}"))
        return [name for name in found if name is not None]

    def _inputs(self, task: Any) -> tuple[tuple[str, Expression], ...]:
        """What a send task sends if no entry of ours says so: its data inputs (10.4.1)."""
        filled = {name for name, _ in task.maps_in}
        return tuple((name, read_expression(name)) for name in self._data("dataInput") if name in filled)


class EventGatewayNode(NodeParser):
    def create_task(self) -> Any:
        task = self.spec_class(self.spec, self.bpmn_id, event_definition=NoneEventDefinition(), **self.bpmn_attributes)
        task.instantiate = flag(self.node, "instantiate")
        task.parallel = self.node.get("eventGatewayType") == "Parallel"
        return task


class ComplexGatewayNode(NodeParser):
    def create_task(self) -> Any:
        task = super().create_task()
        condition = self.node.find(q("activationCondition"))
        task.activation = None if condition is None else expression_of(condition)
        return task


class SubProcessNode(ActivityNode):
    """The stock parser demands exactly one start and an end event, and overlooks `triggeredByEvent`."""

    def create_task(self) -> Any:
        parser = self.process_parser.parser
        parser.create_parser(self.node, filename=self.filename, lane=self.lane)
        inner = parser.process_parsers[self.bpmn_id]
        inner.parent = self.process_parser
        by_event = flag(self.node, "triggeredByEvent")
        kind = sub_processes.EventSubProcess if by_event else self.spec_class
        task = kind(self.spec, self.bpmn_id, subworkflow_spec=self.bpmn_id, **self.bpmn_attributes)
        if isinstance(task, sub_processes.AdHocSubProcess):
            condition = self.node.find(q("completionCondition"))
            task.completion = None if condition is None else expression_of(condition)
            task.cancel_remaining = flag(self.node, "cancelRemainingInstances")
            task.sequential = self.node.get("ordering") == "Sequential"
        return self.finish(task)
