"""What a caller cannot serve is refused by its kind, and nothing else is."""

from __future__ import annotations

import pytest

import bpmn
from bpmn import SUPPORTED
from tests.bpmn.drawing import (
    Shape,
    ad_hoc,
    attached,
    begin,
    call,
    catch,
    condition,
    diagram,
    error,
    finish,
    message,
    on_event,
    process,
    receive,
    send,
    signal,
    throw,
    timer,
    user,
)

HOUR = timer("duration", "PT1H")


@pytest.mark.parametrize(
    ("kind", "paths", "elements"),
    [
        ("timer_intermediate_catch_event", ("start -> x -> end",), {"x": catch(HOUR)}),
        ("signal_intermediate_catch_event", ("start -> x -> end",), {"x": catch(signal("s"))}),
        ("multiple_intermediate_catch_event", ("start -> x -> end",), {"x": catch(message("m"), signal("s"))}),
        ("message_intermediate_catch_event", ("start -> x -> end",), {"x": catch(message("m"))}),
        ("signal_intermediate_throw_event", ("start -> x -> end",), {"x": throw(signal("s"))}),
        ("message_end_event", ("start -> x",), {"x": finish(message("m"))}),
        ("timer_boundary_event", ("start -> a -> end", "x -> end2"), {"a": user(), "x": attached("a", HOUR)}),
        ("error_boundary_event", ("start -> a -> end", "x -> end2"), {"a": user(), "x": attached("a", error())}),
        ("call_activity", ("start -> x -> end",), {"x": call("other")}),
        ("send_task", ("start -> x -> end",), {"x": send("m")}),
        ("receive_task", ("start -> x -> end",), {"x": receive("m")}),
        ("ad_hoc_sub_process", ("start -> x -> end",), {"x": ad_hoc("a")}),
        ("user_task", ("start -> x -> end",), {"x": user()}),
        ("event_sub_process", ("start -> a -> end",), {"x": on_event(begin(condition("y")), "begun -> b -> end2")}),
        ("event_start", ("start -> a -> end", "x -> b -> end2"), {"x": begin(message("m"))}),
        ("correlation_keys", ("start -> x -> end",), {"x": catch(message("m", order="n"))}),
        ("correlation_keys", ("start -> x -> end",), {"x": receive("m", order="n")}),
    ],
)
def test_a_kind_that_is_not_served_is_refused(kind: str, paths: tuple[str, ...], elements: dict[str, Shape]) -> None:
    source = diagram(process(*paths, **elements))
    assert bpmn.parse(source).definitions
    assert bpmn.check(source, {"complex_gateway"}) == bpmn.check(source)
    refused = [p for p in bpmn.check(source, {kind}) if p.severity == "error"]
    assert [(p.code, p.element_id) for p in refused] == [("unsupported_element", "x")]
    assert "does not run" in refused[0].message
    with pytest.raises(bpmn.DocumentRefused):
        bpmn.parse(source, {kind})


def test_every_kind_of_an_event_has_its_line_in_the_table() -> None:
    source = diagram(process("start -> x -> end", x=catch(HOUR)))
    [definition] = bpmn.parse(source).definitions
    assert {element.kind for element in definition.elements.values()} <= set(SUPPORTED)
