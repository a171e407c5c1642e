"""A lattice is drawn from its dependency graph: what is drawn, and what is refused and why."""

from __future__ import annotations

import json
from collections import defaultdict
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signalbox_client.lattice import LatticeRefused, draw, parse, read
from signalbox_client.lattice.__main__ import main

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
BPMNDI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
DI = "{http://www.omg.org/spec/DD/20100524/DI}"

DIAMOND = [
    {"id": "idea", "data": ["sketch"]},
    {"id": "text", "requires": ["idea"], "data": ["manuscript"]},
    {"id": "images", "requires": ["idea"], "data": ["plates"]},
    {"id": "book", "name": "Print the book", "requires": ["text", "images", "idea"]},
]


def drawn(nodes: list[dict[str, Any]], **document: Any) -> ElementTree.Element:
    return ElementTree.fromstring(draw(parse({"nodes": nodes} | document)))


def flows(diagram: ElementTree.Element) -> set[tuple[str, str]]:
    return {(flow.attrib["sourceRef"], flow.attrib["targetRef"]) for flow in diagram.iter(f"{BPMN}sequenceFlow")}


def test_a_project_with_several_requirements_stands_behind_a_parallel_join() -> None:
    diagram = drawn(DIAMOND)
    gateways = {gateway.attrib["id"] for gateway in diagram.iter(f"{BPMN}parallelGateway")}
    assert gateways == {"split_idea", "join_book"}
    assert flows(diagram) == {
        ("start", "idea"),
        ("idea", "split_idea"),
        ("split_idea", "text"),
        ("split_idea", "images"),
        ("split_idea", "join_book"),
        ("text", "join_book"),
        ("images", "join_book"),
        ("join_book", "book"),
        ("book", "end"),
    }


def test_the_data_that_flows_is_named_where_it_leaves_its_project() -> None:
    names = {flow.get("sourceRef"): flow.get("name") for flow in drawn(DIAMOND).iter(f"{BPMN}sequenceFlow")}
    assert names["idea"] == "sketch"
    assert names["text"] == "manuscript"


def test_a_project_is_told_what_it_gets_and_what_it_is_to_deliver() -> None:
    book = next(task for task in drawn(DIAMOND, topic="publish").iter(f"{BPMN}serviceTask") if task.get("id") == "book")
    assert book.get("{urn:signalbox:schema:1.0}topic") == "publish"
    headers = {each.attrib["name"]: each.attrib["value"] for each in book.iter("{urn:signalbox:schema:1.0}header")}
    assert headers == {
        "project": "book",
        "requires": "text, images, idea",
        "inputs": "manuscript, plates, sketch",
        "delivers": "",
    }


def test_a_project_of_a_group_is_a_user_task_that_asks_for_its_data() -> None:
    (task,) = drawn([{"id": "budget", "group": "finance", "data": ["year_budget"]}]).iter(f"{BPMN}userTask")
    assert task.get("{urn:signalbox:schema:1.0}candidateGroups") == "finance"
    (field,) = task.iter("{urn:signalbox:schema:1.0}field")
    assert (field.get("name"), field.get("label"), field.get("required")) == ("year_budget", "Year budget", "true")


def test_several_first_and_last_projects_share_one_start_and_one_end() -> None:
    assert flows(drawn([{"id": "left"}, {"id": "right"}])) == {
        ("start", "begin"),
        ("begin", "left"),
        ("begin", "right"),
        ("left", "finish"),
        ("right", "finish"),
        ("finish", "end"),
    }


@st.composite
def graphs(draw_: st.DrawFn) -> list[dict[str, Any]]:
    count = draw_(st.integers(1, 14))
    nodes = []
    for number in range(count):
        earlier = [f"p{each}" for each in range(number)]
        requires = draw_(st.lists(st.sampled_from(earlier), unique=True, max_size=4)) if earlier else []
        nodes.append({"id": f"p{number}", "requires": requires, "data": [f"d{number}"]})
    return nodes


@given(graphs())
def test_every_graph_is_laid_out_from_left_to_right_without_overlaps(nodes: list[dict[str, Any]]) -> None:
    diagram = drawn(nodes)
    boxes = {}
    for shape in diagram.iter(f"{BPMNDI}BPMNShape"):
        bounds = shape.find(f"{DC}Bounds")
        assert bounds is not None
        x, y, width, height = (int(bounds.attrib[key]) for key in ("x", "y", "width", "height"))
        boxes[shape.attrib["bpmnElement"]] = (x, y, x + width, y + height)
    nodes_of_the_process = [each for each in diagram.findall(f"{BPMN}process/*") if "sourceRef" not in each.attrib]
    assert set(boxes) == {each.attrib["id"] for each in nodes_of_the_process}
    for one, (left, top, right, bottom) in boxes.items():
        for other, (left2, top2, right2, bottom2) in boxes.items():
            assert one == other or right <= left2 or right2 <= left or bottom <= top2 or bottom2 <= top, (one, other)

    ends = {flow.attrib["id"]: flow for flow in diagram.iter(f"{BPMN}sequenceFlow")}
    drawn_edges = {edge.attrib["bpmnElement"]: edge for edge in diagram.iter(f"{BPMNDI}BPMNEdge")}
    assert set(drawn_edges) == set(ends)
    for id, edge in drawn_edges.items():
        points = [(int(point.attrib["x"]), int(point.attrib["y"])) for point in edge.iter(f"{DI}waypoint")]
        source, target = boxes[ends[id].attrib["sourceRef"]], boxes[ends[id].attrib["targetRef"]]
        assert points[0] == (source[2], (source[1] + source[3]) // 2)
        assert points[-1] == (target[0], (target[1] + target[3]) // 2)
        for (x1, y1), (x2, y2) in pairwise(points):
            assert x1 == x2 or y1 == y2, "flows run along the grid"
            assert x1 <= x2, "flows run from left to right"
            for box in boxes.values():
                inside = x1 < box[2] and x2 > box[0] and min(y1, y2) < box[3] and max(y1, y2) > box[1]
                assert not inside, f"{id} runs through a shape"


@given(graphs())
def test_a_project_is_reached_from_all_that_it_requires_and_nothing_else(nodes: list[dict[str, Any]]) -> None:
    into = defaultdict(set)
    for source, target in flows(drawn(nodes)):
        into[target].add(source)
    names = {node["id"] for node in nodes}

    def upstream(element: str) -> set[str]:
        found = set()
        for source in into[element]:
            found |= {source} if source in names else upstream(source)
        return found

    for node in nodes:
        assert upstream(node["id"]) == set(node["requires"])


@pytest.mark.parametrize(
    ("nodes", "fault"),
    [
        ([{"id": "a", "requires": ["b"]}, {"id": "b", "requires": ["a"]}], "'a' requires 'b' requires 'a'"),
        (
            [
                {"id": "a", "requires": ["x", "c"]},
                {"id": "b", "requires": ["a"]},
                {"id": "c", "requires": ["b"]},
                {"id": "x"},
            ],
            "for ever: 'a' requires 'c' requires 'b' requires 'a'",
        ),
        ([{"id": "a", "requires": ["a"]}], "project 'a' requires itself"),
        (
            [{"id": "survey"}, {"id": "plan", "requires": ["survy"]}],
            "project 'plan' requires 'survy', which does not exist; is 'survey' meant?",
        ),
        ([{"id": "a"}, {"id": "a"}], "two projects have the id 'a'"),
        ([{"id": "a", "data": ["x"]}, {"id": "b", "data": ["x"]}], "data 'x' comes from 'a' and from 'b'"),
        ([{"id": "a b"}], "project 'a b': an id begins with a letter"),
        ([{"id": "a", "data": ["not a name"]}], "data 'not a name' must begin with a letter"),
        ([{"id": "a", "requires": "b"}], '"requires" must be a list of texts'),
        ([{"id": "a", "requires": ["b", "b"]}, {"id": "b"}], "\"requires\" names 'b' twice"),
        ([{"id": "a", "group": "g", "topic": "t"}], 'either "topic"'),
        ([{"name": "nameless"}], 'node 1: "id" must be a text that is not empty'),
        ([{"id": "a", "needs": []}], "project 'a': unknown key \"needs\""),
        ([7], "node 1 is not an object"),
        ([], "a lattice needs at least one node"),
    ],
)
def test_a_graph_that_cannot_be_drawn_says_why(nodes: list[Any], fault: str) -> None:
    with pytest.raises(LatticeRefused) as refused:
        parse({"nodes": nodes})
    assert fault in str(refused.value)


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(LatticeRefused) as refused:
        parse({"nodes": [{"id": "a", "requires": ["a"]}, {"id": "b", "requires": ["nothing"]}]})
    assert len(refused.value.faults) == 2


@pytest.mark.parametrize("text", ["", "[1]", '{"nodes": 3}', "{"])
def test_what_is_no_lattice_at_all_is_refused(text: str) -> None:
    with pytest.raises(LatticeRefused):
        read(text)


def test_the_command_writes_the_diagram_or_names_the_faults(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    graph, diagram = tmp_path / "lattice.json", tmp_path / "lattice.bpmn"
    graph.write_text(json.dumps({"nodes": DIAMOND}))
    assert main([str(graph), str(diagram)]) == 0
    assert ElementTree.parse(diagram).getroot().tag == f"{BPMN}definitions"

    graph.write_text(json.dumps({"nodes": [{"id": "a", "requires": ["a"]}]}))
    assert main([str(graph)]) == 1
    assert "project 'a' requires itself" in capsys.readouterr().err
    assert main([str(tmp_path / "nowhere.json")]) == 1
    assert "No such file" in capsys.readouterr().err
