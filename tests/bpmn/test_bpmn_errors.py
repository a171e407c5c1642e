"""BPMN errors that scripts raise, `raise BpmnError("code", "message")`, are a part of the drawing (10.5.5)."""

from __future__ import annotations

from dataclasses import replace

import pytest

import bpmn
from bpmn import effects
from bpmn.scripts import ScriptFault, read_script
from tests.bpmn.conftest import Walking
from tests.bpmn.drawing import (
    Shape,
    attached,
    begin,
    diagram,
    error,
    looping,
    on_event,
    process,
    script,
    several,
    sub_process,
    transaction,
    user,
)

REFUSE = 'total = 1\nraise BpmnError("broke", "There is no money.", {"missing": 5})'


def test_a_boundary_event_catches_the_error_of_its_script(walk: Walking) -> None:
    it = walk("start -> pay -> end", "bad -> end2", pay=script(REFUSE), bad=attached("pay", error("broke", "why")))
    it.start(total=0)
    assert it.ran() == {"start": 1, "bad": 1, "end2": 1}
    assert it.outcome("pay") == ["cancelled"]
    assert it.variables == {"total": 0, "why": {"code": "broke", "message": "There is no money.", "missing": 5}}
    assert it.state == "completed"


def test_nothing_that_the_script_assigned_before_is_written(walk: Walking) -> None:
    it = walk(
        "start -> pay -> end",
        "bad -> ask -> end2",
        pay=script('paid = True\nitems.append(1)\nraise BpmnError("broke")'),
        bad=attached("pay", error()),
        ask=user(),
    ).start(items=[])
    assert it.variables == {"items": []}


def test_an_exact_code_goes_before_catch_all_and_another_code_is_not_meant(walk: Walking) -> None:
    it = walk(
        "start -> pay -> end",
        "any -> a -> end2",
        "exact -> b -> end3",
        "other -> c -> end4",
        pay=script('raise BpmnError(code="broke")'),
        any=attached("pay", error()),
        exact=attached("pay", error("broke")),
        other=attached("pay", error("late")),
    ).start()
    assert it.ran(["a", "b", "c"]) == {"b": 1}


def test_it_goes_outward_through_any_depth_of_scopes(walk: Walking) -> None:
    inner = sub_process("s3 -> pay -> e3", s3=Shape("startEvent"), e3=Shape("endEvent"), pay=script(REFUSE))
    middle = sub_process(
        "s2 -> ask -> e2", "s2 -> inner -> e2", s2=Shape("startEvent"), e2=Shape("endEvent"), ask=user(), inner=inner
    )
    it = walk(
        "start -> outer -> end",
        "bad -> mend -> end2",
        outer=transaction("s1 -> middle", middle=middle, s1=Shape("startEvent")),
        bad=attached("outer", error("broke")),
        mend=user(),
    ).start()
    assert it.waiting == ["mend"]
    assert it.outcome("ask") == it.outcome("inner") == it.outcome("middle") == it.outcome("outer") == ["cancelled"]
    assert it.complete("mend").state == "completed"


def test_an_event_sub_process_catches_it(walk: Walking) -> None:
    it = walk(
        "start -> pay -> end",
        "start -> ask -> end3",
        pay=script(REFUSE),
        ask=user(),
        handler=on_event(begin(error("broke", "why")), "begun -> mend -> end2", mend=user()),
    ).start()
    assert it.waiting == ["mend"]
    assert it.variables["why"]["missing"] == 5
    assert it.complete("mend").state == "completed"


@pytest.mark.parametrize("sequential", [True, False])
def test_one_turn_of_several_ends_them_all(walk: Walking, sequential: bool) -> None:
    text = 'if x == 2:\n    raise BpmnError("broke")\ny = x'
    it = walk(
        "start -> pay -> end",
        "bad -> end2",
        pay=several(script(text), of="xs", each="x", into="ys", result="y", sequential=sequential),
        bad=attached("pay", error("broke")),
    ).start(xs=[1, 2, 3])
    assert it.ran(["bad", "end"]) == {"bad": 1}
    assert "ys" not in it.variables
    assert it.state == "completed"


def test_a_turn_of_a_loop_too(walk: Walking) -> None:
    it = walk(
        "start -> pay -> end",
        "bad -> end2",
        pay=looping(script('n = n + 1\nif n == 3:\n    raise BpmnError("broke")'), "True"),
        bad=attached("pay", error("broke")),
    ).start(n=0)
    assert it.ran(["bad", "end"]) == {"bad": 1}
    assert it.variables == {"n": 2}


def test_caught_nowhere_it_fails_the_instance_and_stops_the_others(walk: Walking) -> None:
    it = walk(
        "start -> pay -> end",
        "start -> ask -> end3",
        "late -> end2",
        pay=script('if not money:\n    raise BpmnError("broke", "There is no money")'),
        late=attached("pay", error("late")),
        ask=user(),
    ).start(money=False)
    assert it.incidents == [("pay", "uncaught_error")]
    assert it.incident("pay").message == "The error broke is caught nowhere: There is no money."
    assert it.outcome("ask") == ["cancelled"]
    it.set(money=True).retry("pay")
    assert it.state == "completed"


def test_any_other_exception_stays_an_incident(walk: Walking) -> None:
    it = walk(
        "start -> pay -> end", "bad -> end2", pay=script('raise ValueError("broke")'), bad=attached("pay", error())
    ).start()
    assert it.incidents == [("pay", "script_failed")]


def test_a_variable_of_that_name_is_a_variable(walk: Walking) -> None:
    it = walk("start -> pay -> end", pay=script("n = BpmnError + 1")).start(BpmnError=1)
    assert it.variables["n"] == 2


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a = 1\nraise BpmnError", 2),
        ("try:\n    a = 1\nexcept BpmnError:\n    a = 2", 3),
        ("try:\n    a = 1\nexcept (ValueError, BpmnError) as e:\n    a = 2", 3),
    ],
)
def test_what_can_only_be_meant_otherwise_is_refused(text: str, line: int) -> None:
    with pytest.raises(ScriptFault) as fault:
        read_script(text)
    assert (fault.value.code, fault.value.line) == ("script_unsupported", line)
    assert "BpmnError" in fault.value.message


def test_a_refused_script_names_its_task() -> None:
    [problem] = bpmn.check(diagram(process("start -> pay -> end", pay=script("raise BpmnError"))))
    assert (problem.code, problem.element_id) == ("script_unsupported", "pay")


def test_a_called_process_hands_it_on_to_its_call(walk: Walking) -> None:
    it = walk("start -> pay -> end", "start -> ask -> end2", pay=script(REFUSE), ask=user())
    it.context = replace(it.context, called=True)
    it.start()
    assert it.state == "failed"
    [ended] = [e for e in it.last if isinstance(e, effects.InstanceEnded)]
    assert ended.error == effects.ErrorPropagated("broke", "There is no money.")
