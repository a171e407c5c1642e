"""Ad-hoc sub-processes, called processes, business rules, and variables of activities and data objects."""

from __future__ import annotations

import pytest

import bpmn
from bpmn import NotWaiting, effects, triggers
from tests.bpmn.conftest import Walking
from tests.bpmn.drawing import (
    Shape,
    ad_hoc,
    attached,
    call,
    diagram,
    error,
    mapped,
    process,
    rule,
    script,
    service,
    several,
    sub_process,
    user,
)
from tests.bpmn.walking import Walk


def test_people_start_what_they_need_until_the_condition_holds(walk: Walking) -> None:
    it = walk("start -> desk -> end", desk=ad_hoc("look -> note", "ask", until="enough", look=user(), ask=user()))
    it.start(enough=False)
    [opened] = [e for e in it.effects if isinstance(e, effects.OpenAdHoc)]
    assert opened.startable == ("look", "ask")
    it.begin("desk", "look").begin("desk", "ask").complete("look").begin("desk", "look")
    assert it.waiting == ["ask", "look"]
    it.complete("ask", enough=True)
    assert it.outcome("look") == ["completed", "cancelled"]
    assert it.state == "completed"


def test_what_runs_may_finish_if_the_drawing_says_so(walk: Walking) -> None:
    it = walk("start -> desk -> end", desk=ad_hoc("a", "b", until="enough", keep=True, a=user(), b=user())).start(
        enough=False
    )
    it.begin("desk", "a").begin("desk", "b").complete("a", enough=True)
    assert it.waiting == ["b"]
    assert it.state == "active"
    with pytest.raises(AssertionError):
        it.begin("desk", "a")
    it.complete("b")
    assert it.state == "completed"


def test_without_a_condition_somebody_says_when_it_is_done(walk: Walking) -> None:
    it = walk("start -> desk -> end", desk=ad_hoc("a", a=user())).start()
    it.begin("desk", "a").complete("a")
    assert it.state == "active"
    it.done("desk")
    assert it.state == "completed"


def test_one_at_a_time(walk: Walking) -> None:
    it = walk("start -> desk -> end", desk=ad_hoc("a", "b", sequential=True, a=user(), b=user())).start()
    it.begin("desk", "a")
    token = it.token("desk", effects.OpenAdHoc)
    with pytest.raises(NotWaiting, match="one activity runs at a time"):
        it.live.step(triggers.StartActivity(token, "b"), it.context)
    with pytest.raises(NotWaiting, match="cannot be started"):
        it.live.step(triggers.StartActivity(token, "end"), it.context)


def test_a_condition_that_holds_at_once(walk: Walking) -> None:
    it = walk("start -> desk -> end", desk=ad_hoc("a", until="True", a=user())).start()
    assert it.state == "completed"


def test_a_called_process_gets_and_gives_what_is_mapped(walk: Walking) -> None:
    it = walk(
        "start -> sub -> end", sub=call("other", {"n": "count + 1"}, {"sum": "total * 2"}, businessKey="{{order}}")
    )
    it.start(count=1, order="o1", secret="x")
    called = next(e for e in it.effects if isinstance(e, effects.CallProcess))
    assert (called.key, called.variables, called.business_key, called.binding) == ("other", {"n": 2}, "o1", "latest")
    it.answer("sub", total=10, more=1)
    assert it.variables == {"count": 1, "order": "o1", "secret": "x", "sum": 20}
    assert it.state == "completed"


def test_the_called_process_may_come_from_a_variable(walk: Walking) -> None:
    it = walk("start -> sub -> end", sub=call("{{which}}-process", version="3", allIn="true", allOut="true"))
    it.start(which="tax")
    called = next(e for e in it.effects if isinstance(e, effects.CallProcess))
    assert (called.key, called.binding, called.version, called.variables) == (
        "tax-process",
        "version",
        3,
        {"which": "tax"},
    )
    it.answer("sub", total=10)
    assert it.variables == {"which": "tax", "total": 10}


def test_an_error_of_the_called_process_is_caught_at_the_call(walk: Walking) -> None:
    it = walk("start -> sub -> end", "bad -> end2", sub=call("other"), bad=attached("sub", error("E"))).start()
    it.fail("sub", "E")
    assert it.ran(["bad", "end"]) == {"bad": 1}


def test_an_output_that_fails_keeps_the_call(walk: Walking) -> None:
    it = walk("start -> sub -> end", sub=call("other", {}, {"sum": "total * 2"})).start()
    it.answer("sub", wrong=1)
    assert it.incidents == [("sub", "condition_failed")]


def test_a_rule_is_a_job_for_now(walk: Walking) -> None:
    it = walk("start -> decide -> end", decide=rule("tax")).start()
    assert it.opened("decide").topic == "tax"
    it.finish_job("decide", rate=19)
    assert it.variables["rate"] == 19


def test_an_activity_with_inputs_and_outputs_keeps_the_rest_to_itself(walk: Walking) -> None:
    it = walk("start -> ask -> end", ask=mapped(user(), {"a": "x + 1"}, {"z": "a + b"})).start(x=1)
    token = it.token("ask", effects.OpenUserTask)
    assert it.live.visible_variables(token) == {"x": 1, "a": 2}
    it.complete("ask", b=5, scratch=9)
    assert it.variables == {"x": 1, "z": 7}
    assert {scope for scope, _ in it.store.variables} == {1}


def test_an_output_that_fails_does_not_lose_the_work(walk: Walking) -> None:
    it = walk("start -> ask -> end", ask=mapped(user(), {}, {"z": "b + c"})).start()
    it.complete("ask", b=5)
    assert it.incidents == [("ask", "condition_failed")]
    assert len([e for e in it.effects if isinstance(e, effects.OpenUserTask)]) == 1
    it.set(c=1).retry("ask")
    assert it.variables["z"] == 6
    assert it.state == "completed"


def test_an_input_that_fails_is_an_incident(walk: Walking) -> None:
    it = walk("start -> work -> end", work=mapped(service(), {"a": "missing"})).start()
    assert it.incidents == [("work", "condition_failed")]
    it.set(missing=1).retry("work").finish_job("work")
    assert it.state == "completed"


def test_mappings_of_each_turn(walk: Walking) -> None:
    it = walk(
        "start -> work -> end",
        work=several(
            mapped(service(), {"double": "x * 2"}, {"y": "double + r"}), of="xs", each="x", into="ys", result="y"
        ),
    ).start(xs=[1, 2])
    it.finish_job("work", r=1).finish_job("work", r=2)
    assert it.variables == {"xs": [1, 2], "ys": [3, 6]}


def test_a_mapped_sub_process_is_a_scope(walk: Walking) -> None:
    it = walk(
        "start -> part -> end",
        part=mapped(sub_process("start2 -> s -> end2", s=script("a = a + 1\nleak = 1")), {"a": "x"}, {"z": "a"}),
    ).start(x=5)
    assert it.variables == {"x": 5, "leak": 1, "z": 6}


DATA = (
    '<bpmn:dataObject id="data_1"/><bpmn:dataObjectReference id="ref_1" dataObjectRef="data_1" name="invoice"/>'
    '<bpmn:property id="prop_1" name="counter"/>'
)


def _with_data(*paths: str, **elements: Shape) -> bpmn.ProcessDefinition:
    source = diagram(process(*paths, **elements)).decode()
    head, tail = source.split("<bpmn:process", 1)
    opening, rest = tail.split(">", 1)
    return bpmn.parse(f"{head}<bpmn:process{opening}>{DATA}{rest}".encode()).definitions[0]


@pytest.mark.parametrize("mode", ["straight", "restored", "cut short", "repeated"])
def test_data_objects_and_properties_are_variables_of_their_scope(mode: str) -> None:
    output = (
        "<bpmn:dataOutputAssociation><bpmn:targetRef>ref_1</bpmn:targetRef>"
        "<bpmn:transformation>n * 2</bpmn:transformation></bpmn:dataOutputAssociation>"
    )
    given = (
        "<bpmn:dataInputAssociation><bpmn:sourceRef>ref_1</bpmn:sourceRef><bpmn:targetRef>in_1</bpmn:targetRef>"
        "</bpmn:dataInputAssociation>"
    )
    spec = (
        '<bpmn:ioSpecification><bpmn:dataInput id="in_1" name="bill"/><bpmn:inputSet/><bpmn:outputSet/>'
        "</bpmn:ioSpecification>"
    )
    make = Shape("userTask", {}, output)
    read = Shape("userTask", {"name": "pay {{bill}}"}, spec + given)
    it = Walk(_with_data("start -> make -> read -> end", make=make, read=read), mode).start()
    assert it.variables == {"invoice": None, "counter": None}
    it.complete("make", n=21)
    assert it.variables["invoice"] == 42
    assert it.opened("read").name == "pay 42"
    it.complete("read")
    assert "bill" not in it.variables


def test_an_assignment_says_what_goes_where() -> None:
    given = (
        "<bpmn:dataInputAssociation>"
        "<bpmn:assignment><bpmn:from>n + 1</bpmn:from><bpmn:to>more</bpmn:to></bpmn:assignment>"
        "</bpmn:dataInputAssociation>"
    )
    it = Walk(_with_data("start -> ask -> end", ask=Shape("userTask", {"name": "{{more}}"}, given))).start(n=1)
    assert it.opened("ask").name == "2"


def test_values_given_at_the_start_stay() -> None:
    it = Walk(_with_data("start -> ask -> end", ask=user())).start(invoice=3)
    assert it.variables["invoice"] == 3
