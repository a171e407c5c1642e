"""Properties and data declarations: variables of the scope they are drawn in (BPMN 2.0.2, 10.4.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import bpmn
from bpmn import effects
from tests.bpmn.drawing import Shape, diagram, looping, process, script, service, several, sub_process, user
from tests.bpmn.walking import MODES, Walk

Drawn = Callable[..., Walk]


@pytest.fixture(params=MODES)
def walk(request: pytest.FixtureRequest) -> Drawn:
    def begin(inside: str, *paths: str, **elements: Any) -> Walk:
        drawn = process(*paths, **elements).replace("</bpmn:process>", f"{inside}</bpmn:process>")
        source = diagram(drawn)
        assert [p for p in bpmn.check(source) if p.severity == "error"] == []
        return Walk(bpmn.parse(source).definitions[0], str(request.param))

    return begin


def declaring(shape: Shape, inside: str) -> Shape:
    return Shape(shape.tag, shape.attributes, inside + shape.inside)


def prop(name: str, inside: str = "") -> str:
    return f'<bpmn:property id="prop_{name}" name="{name}">{inside}</bpmn:property>'


def test_a_property_of_the_process_is_a_variable_of_the_instance(walk: Drawn) -> None:
    it = walk(prop("counter"), "start -> count -> end", count=script("counter = (counter or 0) + 1")).start()
    assert it.variables == {"counter": 1}
    it = walk(prop("counter"), "start -> count -> end", count=script("counter = (counter or 0) + 1")).start(counter=4)
    assert it.variables == {"counter": 5}


def test_a_property_of_a_task_is_its_own(walk: Drawn) -> None:
    ask = declaring(user(), prop("note"))
    it = walk("", "start -> ask -> end", ask=ask).start(note="outside")
    token = it.token("ask", effects.OpenUserTask)
    assert it.live.visible_variables(token) == {"note": None}
    it.complete("ask", note="inside", other=1)
    assert it.variables == {"note": "outside", "other": 1}


def test_a_script_uses_its_property_as_it_likes(walk: Drawn) -> None:
    it = walk("", "start -> work -> end", work=declaring(script("step = 2\nresult = step + 1"), prop("step"))).start()
    assert it.variables == {"result": 3}


def test_a_property_of_a_sub_process_ends_with_it(walk: Drawn) -> None:
    part = declaring(sub_process("s -> a -> b", s=Shape("startEvent"), a=script("n = 1"), b=user()), prop("n"))
    it = walk("", "start -> part -> end", part=part).start(n="outside")
    assert it.live.visible_variables(it.token("b", effects.OpenUserTask)) == {"n": 1}
    it.complete("b")
    assert it.variables == {"n": "outside"}
    assert {scope for scope, _ in it.store.variables} <= {1}


def test_each_turn_has_its_own(walk: Drawn) -> None:
    work = several(declaring(script("n = (n or 0) + x\ny = n"), prop("n")), of="xs", each="x", into="ys", result="y")
    assert walk("", "start -> work -> end", work=work).start(xs=[1, 2]).variables == {"xs": [1, 2], "ys": [1, 2]}
    again = looping(declaring(script("n = (n or 0) + 1\nm = n"), prop("n")), maximum=3)
    assert walk("", "start -> work -> end", work=again).start().variables == {"m": 1}


def test_a_name_that_cannot_be_a_variable_gives_way_to_the_id(walk: Drawn) -> None:
    odd = '<bpmn:property id="prop-1" name="open amount"/>'
    assert walk(odd, "start -> a -> end").start().variables == {"prop_1": None}


def test_states_and_sets_are_drawing(walk: Drawn) -> None:
    """What data is called in which state, and which inputs belong together, moves nothing (10.4.1, 10.4.2)."""
    state = '<bpmn:dataState id="{}" name="checked"/>'
    data = (
        f'<bpmn:dataObject id="data_1" isCollection="true">{state.format("state_1")}</bpmn:dataObject>'
        f'<bpmn:dataObjectReference id="ref_1" name="invoice" dataObjectRef="data_1">{state.format("state_2")}'
        f"</bpmn:dataObjectReference>{prop('counter', state.format('state_3'))}"
    )
    sets = (
        '<bpmn:ioSpecification id="io"><bpmn:dataInput id="in_1" name="bill" isCollection="false">'
        f'{state.format("state_4")}</bpmn:dataInput><bpmn:dataInput id="in_2" name="extra"/>'
        '<bpmn:dataOutput id="out_1" name="sum"/>'
        '<bpmn:inputSet id="is_1" name="all"><bpmn:dataInputRefs>in_1</bpmn:dataInputRefs>'
        "<bpmn:optionalInputRefs>in_2</bpmn:optionalInputRefs><bpmn:whileExecutingInputRefs>in_1"
        "</bpmn:whileExecutingInputRefs><bpmn:outputSetRefs>os_1</bpmn:outputSetRefs></bpmn:inputSet>"
        '<bpmn:outputSet id="os_1"><bpmn:dataOutputRefs>out_1</bpmn:dataOutputRefs></bpmn:outputSet>'
        "</bpmn:ioSpecification>"
        '<bpmn:dataInputAssociation id="dia"><bpmn:sourceRef>ref_1</bpmn:sourceRef>'
        "<bpmn:targetRef>in_1</bpmn:targetRef></bpmn:dataInputAssociation>"
        '<bpmn:dataOutputAssociation id="doa"><bpmn:sourceRef>out_1</bpmn:sourceRef>'
        "<bpmn:targetRef>ref_1</bpmn:targetRef></bpmn:dataOutputAssociation>"
    )
    it = walk(data, "start -> work -> end", work=declaring(service(), sets)).start(invoice=5)
    token = it.token("work", effects.OpenJob)
    assert it.live.visible_variables(token) == {"invoice": 5, "counter": None, "bill": 5, "sum": None}
    it.finish_job("work", sum=6)
    assert it.variables == {"invoice": 6, "counter": None}


def test_a_sub_process_maps_data_like_a_task(walk: Drawn) -> None:
    data = '<bpmn:dataObject id="data_1" name="total"/><bpmn:dataObjectReference id="ref_1" dataObjectRef="data_1"/>'
    written = (
        "<bpmn:dataOutputAssociation><bpmn:targetRef>ref_1</bpmn:targetRef>"
        "<bpmn:transformation>n * 2</bpmn:transformation></bpmn:dataOutputAssociation>"
    )
    part = declaring(sub_process("s -> a", s=Shape("startEvent"), a=script("n = 4")), prop("n") + written)
    assert walk(data, "start -> part -> end", part=part).start().variables == {"total": 8}


def test_a_process_that_declares_its_inputs_and_outputs_runs(walk: Drawn) -> None:
    spec = (
        '<bpmn:ioSpecification><bpmn:dataInput id="in_1" name="order"/><bpmn:dataOutput id="out_1" name="result"/>'
        "<bpmn:inputSet><bpmn:dataInputRefs>in_1</bpmn:dataInputRefs></bpmn:inputSet>"
        "<bpmn:outputSet><bpmn:dataOutputRefs>out_1</bpmn:dataOutputRefs></bpmn:outputSet></bpmn:ioSpecification>"
    )
    it = walk(spec, "start -> work -> end", work=script("result = order + 1")).start(order=1)
    assert it.variables == {"order": 1, "result": 2}


@pytest.mark.parametrize("name", ["class", "None"])
def test_a_word_of_python_is_no_variable(walk: Drawn, name: str) -> None:
    data = (
        f'<bpmn:dataObject id="data_1"/><bpmn:dataObjectReference id="ref_1" name="{name}" dataObjectRef="data_1"/>'
        f'<bpmn:dataObject id="{name}" name="lambda"/>'
    )
    spec = '<bpmn:ioSpecification><bpmn:dataInput id="in_1" name="goods"/></bpmn:ioSpecification>'
    line = (
        "<bpmn:dataInputAssociation><bpmn:sourceRef>tns:ref_1</bpmn:sourceRef><bpmn:targetRef>in_1</bpmn:targetRef>"
        "</bpmn:dataInputAssociation>"
    )
    it = walk(data, "start -> ask -> end", ask=declaring(user("{{goods}}"), spec + line)).start(data_1=5)
    assert it.opened("ask").name == "5"
    assert it.variables == {"data_1": 5, f"{name}_": None}
