"""Scripts, user tasks, service tasks, lanes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import bpmn
from bpmn import effects
from tests.bpmn.conftest import Walking, define
from tests.bpmn.drawing import Shape, choice, diagram, fork, plain_start, process, script, service, sub_process, user
from tests.bpmn.evaluating import PlainEvaluator
from tests.bpmn.walking import NOW, Walk


def test_the_results_of_a_script_are_the_names_it_assigns(walk: Walking) -> None:
    it = walk(
        "start -> calculate -> ask -> end",
        ask=user(),
        calculate=script(
            "import math\n"
            "total = sum(item['price'] for item in items)\n"
            "_private = 1\n"
            "def double(value):\n"
            "    inner = value * 2\n"
            "    return inner\n"
            "doubled = double(total)\n"
            "both = [n for n in (1, 2)]\n"
            "anything = object()"
        ),
    ).start(items=[{"price": 2}, {"price": 3}])
    assert it.variables == {"items": [{"price": 2}, {"price": 3}], "total": 5, "doubled": 10, "both": [1, 2]}


def test_declared_outputs_are_the_only_ones_kept(walk: Walking) -> None:
    it = walk(
        "start -> calculate -> ask -> end",
        ask=user(),
        calculate=script("step = 1\ntotal = step + 1\nitems.append(3)", outputs="total, items"),
    ).start(items=[1])
    assert it.variables == {"items": [1, 3], "total": 2}
    it = walk("start -> s -> ask -> end", ask=user(), s=script("items.append(3)\nn = 1", outputs="n")).start(items=[1])
    assert it.variables == {"items": [1], "n": 1}


def test_a_change_in_place_is_kept(walk: Walking) -> None:
    it = walk("start -> add -> ask -> end", ask=user(), add=script("order['lines'].append('b')")).start(
        order={"lines": ["a"]}
    )
    assert it.variables == {"order": {"lines": ["a", "b"]}}


def test_a_script_sees_only_the_variables_it_mentions() -> None:
    evaluator = PlainEvaluator()
    it = Walk(define(process("start -> s -> end", s=script("b = a + 1"))), evaluator=evaluator)
    it.start(a=1, b=5, secret="x")
    assert evaluator.calls == [("b = a + 1", {"a": 1, "b": 5})]


class Chance(PlainEvaluator):
    """Notes the clock and the seed that each evaluation gets."""

    def __init__(self) -> None:
        super().__init__()
        self.given: list[tuple[str, datetime, int]] = []

    def evaluate(self, expression: bpmn.Expression, variables: Any, *, now: datetime, seed: int) -> Any:
        self.given.append((expression.source, now, seed))
        return super().evaluate(expression, variables, now=now, seed=seed)

    def execute(self, script: bpmn.Script, variables: Any, *, now: datetime, seed: int) -> dict[str, Any]:
        self.given.append((script.source, now, seed))
        return super().execute(script, variables, now=now, seed=seed)


def test_time_and_chance_are_those_of_the_step_and_the_token() -> None:
    definition = define(
        process(
            "start -> split -> draw -> gate",
            "split -> draw",
            "gate -[luck > 0]-> end",
            "gate -default-> end",
            split=fork(),
            draw=script("luck = 1"),
            gate=choice(),
        )
    )
    first, again = Chance(), Chance()
    for evaluator in (first, again):
        Walk(definition, evaluator=evaluator).start()
    assert first.given == again.given, "a repeated step draws the same"
    assert {now for _, now, _ in first.given} == {NOW}
    assert len({seed for _, _, seed in first.given}) == len(first.given) == 4, "and each token its own"


def test_a_user_task_opens_and_its_answer_becomes_variables(walk: Walking) -> None:
    it = walk("start -> ask -> end", ask=user("Approve?")).start(amount=5)
    opened = it.opened("ask")
    assert (opened.name, opened.assignee, opened.priority) == ("Approve?", None, 50)
    assert it.live.visible_variables(opened.token) == {"amount": 5}
    it.complete("ask", approved=True, amount=6)
    assert it.state == "completed"
    assert it.variables == {"amount": 6, "approved": True}


def test_a_user_task_says_whose_it_is(walk: Walking) -> None:
    it = walk(
        "start -> ask -> end",
        ask=user(
            "Approve {{order.name}}",
            documentation="Costs {{order.price}} at {{order.lines.0}}, {{missing}}.",
            assignee="{{boss}}",
            candidateUsers="ada, {{helpers}}, ada,",
            candidateGroups="approvers",
            priority=80,
        ),
    ).start(order={"name": "Desk", "price": 3.5, "lines": ["oak"]}, boss=" ben ", helpers=["cleo", "dan"])
    assert it.opened("ask") == effects.OpenUserTask(
        token=it.opened("ask").token,
        activity=it.opened("ask").token,
        element_id="ask",
        name="Approve Desk",
        documentation="Costs 3.5 at oak, .",
        assignee="ben",
        candidate_users=("ada", "cleo", "dan"),
        candidate_groups=("approvers",),
        priority=80,
    )


def test_a_user_task_without_a_name_is_called_by_its_id(walk: Walking) -> None:
    assert walk("start -> ask -> end", ask=user()).start().opened("ask").name == "ask"


def test_a_form_has_the_fields_that_are_declared() -> None:
    form = (
        '<signalbox:field name="why" type="text" required="true"/>'
        '<signalbox:field name="level" label="Level" type="enum" default="b">'
        '<signalbox:option value="a" label="Low"/><signalbox:option value="b"/></signalbox:field>'
        '<signalbox:field name="days" type="integer" default="3"/>'
        '<signalbox:field name="rate" type="number" default="1.5" readOnly="true"/>'
        '<signalbox:field name="sure" type="boolean" default="true"/>'
        '<signalbox:field name="on" type="date" default="2026-02-28"/>'
        '<signalbox:field name="note" default="hello"/>'
    )
    fields = Walk(define(process("start -> ask -> end", ask=user(form=form)))).start().opened("ask").fields
    assert [(f.name, f.label, f.type, f.default) for f in fields] == [
        ("why", "why", "text", None),
        ("level", "Level", "enum", "b"),
        ("days", "days", "integer", 3),
        ("rate", "rate", "number", 1.5),
        ("sure", "sure", "boolean", True),
        ("on", "on", "date", "2026-02-28"),
        ("note", "note", "string", "hello"),
    ]
    assert fields[1].options == (("a", "Low"), ("b", "b"))
    assert [f.required for f in fields] == [True] + [False] * 6
    assert [f.read_only for f in fields] == [False] * 3 + [True] + [False] * 3


def test_a_start_event_can_have_a_form_and_keep_who_started() -> None:
    start = plain_start(**{"signalbox:initiator": "starter"})
    start.inside = (
        '<bpmn:extensionElements><signalbox:form><signalbox:field name="amount" type="number"/></signalbox:form>'
        "</bpmn:extensionElements>"
    )
    definition = define(process("start -> ask -> end", start=start, ask=user(assignee="{{starter}}")))
    assert [f.name for f in definition.start_fields] == ["amount"]
    it = Walk(definition).start("ada", amount=1)
    assert it.variables == {"amount": 1, "starter": "ada"}
    assert it.opened("ask").assignee == "ada"


def test_a_service_task_opens_a_job_of_its_topic(walk: Walking) -> None:
    it = walk(
        "start -> mail -> end",
        mail=service("send-mail", retries=5, headers={"to": "{{who.mail}}", "plain": "{ {not} } {{ 1 }}"}),
    ).start(who={"mail": "ada@example.org"})
    job = it.opened("mail")
    assert (job.topic, job.retries) == ("send-mail", 5)
    assert job.headers == {"to": "ada@example.org", "plain": "{ {not} } {{ 1 }}"}
    it.finish_job("mail", sent=True)
    assert it.state == "completed"
    assert it.variables["sent"] is True


def test_lanes_name_the_candidate_group() -> None:
    definition = define(
        process(
            "start -> ask -> own -> assigned -> work -> end",
            lanes={"Back  Office, EU": "ask own assigned work", "": "start end"},
            ask=user(),
            own=user(candidateGroups="other"),
            assigned=user(assignee="ada"),
            work=sub_process("start_in -> inner -> end_in", inner=user()),
        )
    )
    assert definition.elements["ask"].lane == "Back  Office, EU"
    it = Walk(definition).start().complete("ask").complete("own").complete("assigned").complete("inner")
    groups = {e.element_id: e.candidate_groups for e in it.effects if isinstance(e, effects.OpenUserTask)}
    assert groups == {"ask": ("back-office-eu",), "own": ("other",), "assigned": (), "inner": ("back-office-eu",)}


def test_the_innermost_lane_counts() -> None:
    lanes = (
        '<bpmn:laneSet id="ls"><bpmn:lane id="l1" name="Outer"><bpmn:flowNodeRef>ask</bpmn:flowNodeRef>'
        '<bpmn:childLaneSet id="ls2"><bpmn:lane id="l2" name="Inner"><bpmn:flowNodeRef> ask </bpmn:flowNodeRef>'
        "</bpmn:lane></bpmn:childLaneSet></bpmn:lane></bpmn:laneSet>"
    )
    drawn = process("start -> ask -> end", ask=user()).replace("\n", lanes, 1)
    assert Walk(define(drawn)).start().opened("ask").candidate_groups == ("inner",)


def test_two_executable_pools_are_two_definitions_and_a_black_box_is_none() -> None:
    pools = (
        '<bpmn:collaboration id="c"><bpmn:participant id="p1" name="Shop" processRef="shop"/>'
        '<bpmn:participant id="p2" name="Bank" processRef="bank"/><bpmn:participant id="p3" name="Customer"/>'
        '<bpmn:messageFlow id="m1" sourceRef="ask" targetRef="p3"/></bpmn:collaboration>'
    )
    document = bpmn.parse(
        diagram(
            pools,
            process("start -> ask -> end", key="shop", ask=user()),
            process("start_b -> pay -> end_b", key="bank", pay=user()),
        )
    )
    assert [d.key for d in document.definitions] == ["shop", "bank"]
    assert [Walk(d).start().waiting for d in document.definitions] == [["ask"], ["pay"]]


def test_a_process_that_is_not_executable_is_left_out_with_a_warning() -> None:
    other = process("start_b -> pay -> end_b", key="bank", pay=Shape("callActivity"))
    document = bpmn.parse(diagram(process("start -> end", key="shop"), other.replace('"true"', '"false"', 1)))
    assert [d.key for d in document.definitions] == ["shop"]
    assert [(p.code, p.severity) for p in document.problems] == [("not_executable", "warning")]


def test_elements_and_variables_may_be_called_anything_xml_and_python_allow(walk: Walking) -> None:
    it = walk(
        "Start -> Root -> End -> process.EndJoin -> None -> last",
        Start=Shape("startEvent"),
        Root=script("typename = data\nself = [typename]"),
        End=user(),
        last=Shape("endEvent"),
        **{"None": choice()},
    ).start(data={"typename": "x"}, children=1)
    it.complete("End", inputs=2)
    assert it.state == "completed"
    assert it.variables == {
        "data": {"typename": "x"},
        "typename": {"typename": "x"},
        "self": [{"typename": "x"}],
        "children": 1,
        "inputs": 2,
    }
