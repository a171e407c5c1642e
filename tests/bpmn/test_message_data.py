"""What send and receive tasks do with data: inputs are what is sent, the output is what came (BPMN 2.0.2, 10.4.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import bpmn
from bpmn import effects, triggers
from tests.bpmn.drawing import Shape, diagram, first_event, mapped, process, receive, send, user
from tests.bpmn.walking import MODES, Walk

Drawn = Callable[..., Walk]

DATA = (
    '<bpmn:dataObject id="data_1" name="order"/><bpmn:dataObjectReference id="ref_1" dataObjectRef="data_1"/>'
    '<bpmn:dataObject id="data_2" name="answer"/><bpmn:dataObjectReference id="ref_2" dataObjectRef="data_2"/>'
)


@pytest.fixture(params=MODES)
def walk(request: pytest.FixtureRequest) -> Drawn:
    def begin(*paths: str, **elements: Any) -> Walk:
        drawn = process(*paths, **elements).replace("</bpmn:process>", f"{DATA}</bpmn:process>")
        return Walk(bpmn.parse(diagram(drawn)).definitions[0], str(request.param))

    return begin


def with_input(shape: Shape, how: str = "", associated: bool = True) -> Shape:
    whole = f"<bpmn:transformation>{how}</bpmn:transformation>" if how else ""
    line = (
        "<bpmn:dataInputAssociation><bpmn:sourceRef>ref_1</bpmn:sourceRef><bpmn:targetRef>in_1</bpmn:targetRef>"
        f"{whole}</bpmn:dataInputAssociation>"
    )
    spec = '<bpmn:ioSpecification><bpmn:dataInput id="in_1" name="goods"/></bpmn:ioSpecification>'
    return Shape(shape.tag, shape.attributes, shape.inside + spec + (line if associated else ""))


def with_output(shape: Shape, *more: str) -> Shape:
    line = (
        "<bpmn:dataOutputAssociation><bpmn:sourceRef>out_1</bpmn:sourceRef><bpmn:targetRef>ref_2</bpmn:targetRef>"
        "</bpmn:dataOutputAssociation>"
    )
    others = "".join(f'<bpmn:dataOutput id="out_{name}" name="{name}"/>' for name in more)
    spec = f'<bpmn:ioSpecification><bpmn:dataOutput id="out_1" name="reply"/>{others}</bpmn:ioSpecification>'
    return Shape(shape.tag, shape.attributes, shape.inside + spec + line)


def sent(it: Walk) -> dict[str, Any]:
    [thrown] = it.thrown
    return dict(thrown.variables)


def test_what_goes_into_a_send_task_is_sent(walk: Drawn) -> None:
    assert sent(walk("start -> tell -> end", tell=with_input(send("m"))).start(order=5)) == {"goods": 5}
    assert sent(walk("start -> tell -> end", tell=with_input(send("m"), "order + 1")).start(order=5)) == {"goods": 6}


def test_our_own_entries_say_what_is_sent_if_there_are_any(walk: Drawn) -> None:
    it = walk("start -> tell -> end", tell=with_input(send("m", None, other="goods * 2"))).start(order=5)
    assert sent(it) == {"other": 10}


def test_an_input_that_nothing_fills_is_not_sent(walk: Drawn) -> None:
    assert sent(walk("start -> tell -> end", tell=with_input(send("m"), associated=False)).start(goods=1)) == {}


def test_the_one_output_of_a_receive_task_is_the_message(walk: Drawn) -> None:
    it = walk("start -> wait -> end", wait=with_output(receive("m"))).start()
    it.message("m", a=1, b=2)
    assert it.variables == {"order": None, "answer": {"a": 1, "b": 2}}


def test_a_part_of_that_name_is_meant(walk: Drawn) -> None:
    it = walk("start -> wait -> end", wait=with_output(receive("m"))).start()
    it.message("m", reply=7, b=2)
    assert it.variables == {"order": None, "answer": 7}


def test_several_outputs_are_parts(walk: Drawn) -> None:
    it = walk("start -> wait -> end", wait=with_output(receive("m"), "b")).start()
    it.message("m", reply=7, b=2)
    assert it.variables == {"order": None, "answer": 7}


def test_what_a_mapped_receive_task_gets_stays_in_it(walk: Drawn) -> None:
    it = walk("start -> wait -> ask -> end", wait=mapped(receive("m"), {}, {"z": "a + b"}), ask=user()).start(a=1)
    it.message("m", b=5, scratch=9)
    assert it.variables == {"order": None, "answer": None, "a": 1, "z": 6}


@pytest.mark.parametrize("by_output", [True, False])
def test_behind_an_event_gateway_too(walk: Drawn, by_output: bool) -> None:
    wait = with_output(receive("m")) if by_output else mapped(receive("m"), {}, {"answer": "a + 1"})
    paths = ("start -> gate -> wait -> end", "gate -> other -> end2")
    it = walk(*paths, gate=first_event(), wait=wait, other=receive("n")).start()
    assert len([e for e in it.effects if isinstance(e, effects.OpenMessageSubscription)]) == 2
    it.message("m", a=1)
    assert it.variables == {"order": None, "answer": {"a": 1} if by_output else 2}
    assert it.state == "completed"


def test_where_it_starts_an_instance_too(walk: Drawn) -> None:
    wait = with_output(Shape("receiveTask", {"instantiate": "true", "messageRef": "message_m"}))
    it = walk("wait -> end", wait=wait).do(triggers.Start({"a": 1}, element_id="wait"))
    assert it.variables == {"order": None, "answer": {"a": 1}}
    assert it.state == "completed"
