"""The lattice as BPMN 2.0 XML: elements, flows and the diagram interchange that a modeler shows."""

from __future__ import annotations

from xml.etree import ElementTree

from signalbox_client.lattice.graph import Lattice, Project
from signalbox_client.lattice.layout import (
    END,
    EVENT,
    GATEWAY,
    START,
    TASK_HEIGHT,
    TASK_WIDTH,
    Layout,
    Point,
    lay_out,
)

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DI = "http://www.omg.org/spec/DD/20100524/DI"
SIGNALBOX = "urn:signalbox:schema:1.0"
_PREFIXES = {"bpmn": BPMN, "bpmndi": BPMNDI, "dc": DC, "di": DI, "signalbox": SIGNALBOX}


def draw(lattice: Lattice) -> str:
    """The laid-out diagram of the lattice. The same lattice gives the same text."""
    return _Drawing(lattice).text()


class _Drawing:
    """A diagram being drawn: the process and, beside it, its picture."""

    def __init__(self, lattice: Lattice) -> None:
        self._lattice = lattice
        self._layout: Layout = lay_out(lattice)
        for prefix, namespace in _PREFIXES.items():
            ElementTree.register_namespace(prefix, namespace)
        self._root = ElementTree.Element(
            f"{{{BPMN}}}definitions",
            {"id": f"{lattice.id}_definitions", "targetNamespace": "urn:signalbox:lattice"},
        )
        self._process = self._add(self._root, BPMN, "process", id=lattice.id, name=lattice.name, isExecutable="true")
        diagram = self._add(self._root, BPMNDI, "BPMNDiagram", id=f"{lattice.id}_diagram")
        self._plane = self._add(diagram, BPMNDI, "BPMNPlane", id=f"{lattice.id}_plane", bpmnElement=lattice.id)
        self._into: dict[str, str] = {}
        self._out_of: dict[str, str] = {}

    def text(self) -> str:
        self._draw_ends()
        for project in self._lattice.projects:
            self._draw_project(project)
        for (source, target), points in self._layout.ways.items():
            self._draw_flow(self._out_of[source], self._into[target], points, self._data_of(source))
        # BPMN's own order: a node names its flows before anything else it holds, and flows come after the nodes.
        flows = self._process.findall(f"{{{BPMN}}}sequenceFlow")
        for flow in flows:
            self._process.remove(flow)
            self._process.append(flow)
        self._name_flows(flows)
        ElementTree.indent(self._root)
        return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(self._root, encoding="unicode") + "\n"

    # --- nodes -------------------------------------------------------------------------------------------------------
    def _draw_ends(self) -> None:
        start, end = self._layout.start, self._layout.end
        self._node("startEvent", "start", "Start", (start.task, start.y), EVENT, EVENT)
        self._out_of[START] = "start"
        if start.split is not None:
            self._node("parallelGateway", "begin", "", (start.split, start.y), GATEWAY, GATEWAY)
            self._draw_flow(
                "start", "begin", [(start.task + EVENT // 2, start.y), (start.split - GATEWAY // 2, start.y)]
            )
            self._out_of[START] = "begin"
        self._node("endEvent", "end", "All done", (end.task, end.y), EVENT, EVENT)
        self._into[END] = "end"
        if end.join is not None:
            self._node("parallelGateway", "finish", "All projects", (end.join, end.y), GATEWAY, GATEWAY)
            self._draw_flow("finish", "end", [(end.join + GATEWAY // 2, end.y), (end.task - EVENT // 2, end.y)])
            self._into[END] = "finish"

    def _draw_project(self, project: Project) -> None:
        spot = self._layout.spots[project.id]
        self._into[project.id] = self._out_of[project.id] = project.id
        if spot.join is not None:
            join = f"join_{project.id}"
            self._node("parallelGateway", join, f"All for {project.name}", (spot.join, spot.y), GATEWAY, GATEWAY)
            left, right = spot.join + GATEWAY // 2, spot.task - TASK_WIDTH // 2
            self._draw_flow(join, project.id, [(left, spot.y), (right, spot.y)])
            self._into[project.id] = join
        kind = "userTask" if project.group else "serviceTask"
        task = self._node(kind, project.id, project.name, (spot.task, spot.y), TASK_WIDTH, TASK_HEIGHT)
        self._describe_work(task, project)
        if spot.split is not None:
            split = f"split_{project.id}"
            self._node("parallelGateway", split, project.name, (spot.split, spot.y), GATEWAY, GATEWAY)
            left, right = spot.task + TASK_WIDTH // 2, spot.split - GATEWAY // 2
            self._draw_flow(project.id, split, [(left, spot.y), (right, spot.y)], ", ".join(project.data))
            self._out_of[project.id] = split

    def _describe_work(self, task: ElementTree.Element, project: Project) -> None:
        """Who does it, what it gets and what it is to deliver."""
        extensions = self._add(task, BPMN, "extensionElements")
        if project.group:
            task.set(f"{{{SIGNALBOX}}}candidateGroups", project.group)
            form = self._add(extensions, SIGNALBOX, "form")
            for name in project.data:
                label = name.replace("_", " ").capitalize()
                self._add(form, SIGNALBOX, "field", name=name, label=label, type="text", required="true")
            if not project.data:
                task.remove(extensions)
            return
        task.set(f"{{{SIGNALBOX}}}topic", project.topic)
        sources = {each.id: each for each in self._lattice.projects}
        inputs = [name for required in project.requires for name in sources[required].data]
        headers = self._add(extensions, SIGNALBOX, "headers")
        for name, value in (
            ("project", project.id),
            ("requires", ", ".join(project.requires)),
            ("inputs", ", ".join(inputs)),
            ("delivers", ", ".join(project.data)),
        ):
            self._add(headers, SIGNALBOX, "header", name=name, value=value)

    def _node(self, kind: str, id: str, name: str, middle: Point, width: int, height: int) -> ElementTree.Element:
        node = self._add(self._process, BPMN, kind, id=id, **({"name": name} if name else {}))
        shape = self._add(self._plane, BPMNDI, "BPMNShape", id=f"{id}_shape", bpmnElement=id)
        x, y = middle
        self._bounds(shape, x - width // 2, y - height // 2, width, height)
        if name and height != TASK_HEIGHT:
            label = self._add(shape, BPMNDI, "BPMNLabel")
            self._bounds(label, x - 50, y + height // 2 + 5, 100, 14 * _lines(name))
        return node

    # --- flows -------------------------------------------------------------------------------------------------------
    def _data_of(self, source: str) -> str:
        """The name of the flow that leaves a project's task; behind a split the flow into it has borne it already."""
        project = next((each for each in self._lattice.projects if each.id == source), None)
        return "" if project is None or self._out_of[source] != source else ", ".join(project.data)

    def _draw_flow(self, source: str, target: str, points: list[Point], name: str = "") -> None:
        id = f"{source}__{target}"
        named = {"name": name} if name else {}
        self._add(self._process, BPMN, "sequenceFlow", id=id, sourceRef=source, targetRef=target, **named)
        edge = self._add(self._plane, BPMNDI, "BPMNEdge", id=f"{id}_edge", bpmnElement=id)
        for x, y in points:
            self._add(edge, DI, "waypoint", x=str(x), y=str(y))
        if name:
            lines = _lines(name)
            x, y = points[0]
            self._bounds(self._add(edge, BPMNDI, "BPMNLabel"), x + 5, y - 6 - 14 * lines, 100, 14 * lines)

    def _name_flows(self, flows: list[ElementTree.Element]) -> None:
        """Write each node's `incoming` and `outgoing`, which BPMN repeats beside the flows' own references."""
        for node in self._process:
            if node in flows:
                continue
            at = 1 if node.find(f"{{{BPMN}}}extensionElements") is not None else 0
            for tag, end in (("incoming", "targetRef"), ("outgoing", "sourceRef")):
                for flow in flows:
                    if flow.get(end) == node.get("id"):
                        reference = ElementTree.Element(f"{{{BPMN}}}{tag}")
                        reference.text = flow.get("id")
                        node.insert(at, reference)
                        at += 1

    # --- XML ---------------------------------------------------------------------------------------------------------
    def _bounds(self, of: ElementTree.Element, x: int, y: int, width: int, height: int) -> None:
        self._add(of, DC, "Bounds", x=str(x), y=str(y), width=str(width), height=str(height))

    @staticmethod
    def _add(parent: ElementTree.Element, namespace: str, tag: str, **attributes: str) -> ElementTree.Element:
        return ElementTree.SubElement(parent, f"{{{namespace}}}{tag}", attributes)


def _lines(words: str) -> int:
    """How many lines a label of 100 pixels needs, at about 16 letters each."""
    return 1 + len(words) // 17
