"""`raise BpmnError(…)` in the sandbox: it comes out as a BPMN error, and nothing else does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import bpmn
from bpmn import BpmnErrorRaised, EvaluationFailed
from bpmn.scripts import read_script
from engine.evaluators import CompiledFirst, SandboxEvaluator
from engine.evaluators.programs import BPMN_ERROR
from tests.bpmn.drawing import attached, diagram, error, process, script
from tests.engine.evaluators.conftest import NOW

Run = Callable[..., dict[str, Any]]


def raised(run: Run, source: str, **variables: Any) -> tuple[str, str | None, dict[str, Any]]:
    with pytest.raises(BpmnErrorRaised) as error:
        run(source, **variables)
    return error.value.code, error.value.message, error.value.variables


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('raise BpmnError("broke")', ("broke", None, {})),
        ('raise BpmnError("broke", "no money: 5 €")', ("broke", "no money: 5 €", {})),
        (
            'raise BpmnError(code="c", message="m", variables={"open": [1, {"a": None}]})',
            ("c", "m", {"open": [1, {"a": None}]}),
        ),
        ('def check(n):\n    if n > 1:\n        raise BpmnError(f"E{n}")\ncheck(amount)', ("E3", None, {})),
        (
            'try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    raise BpmnError("zero", str(e)) from e',
            ("zero", "division by zero", {}),
        ),
        ('try:\n    raise BpmnError("c")\nfinally:\n    amount = 0', ("c", None, {})),
        ('problem = BpmnError("c")\nraise problem', ("c", None, {})),
        ('Exception = None\nraise BpmnError("c")', ("c", None, {})),
    ],
)
def test_a_raised_error_comes_out(run: Run, source: str, expected: tuple[str, str | None, dict[str, Any]]) -> None:
    assert raised(run, source, amount=3) == expected


def test_an_error_that_is_not_raised_is_none(run: Run) -> None:
    assert run('if amount > 5:\n    raise BpmnError("c")\nok = True', amount=3) == {"ok": True}
    assert run('spare = BpmnError("c")\nok = True') == {"ok": True}


def test_a_script_may_catch_every_exception(run: Run) -> None:
    assert run('try:\n    raise BpmnError("c")\nexcept Exception:\n    ok = False') == {"ok": False}


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("raise BpmnError()", "missing 1 required positional argument: 'code'"),
        ("raise BpmnError(404)", "BpmnError needs a code that is a text; it got 404"),
        ('raise BpmnError(" ")', "BpmnError needs a code"),
        ('raise BpmnError("c", 5)', "The message of a BpmnError is a text"),
        ('raise BpmnError("c", None, [1])', "are a dict"),
        ('raise BpmnError("c", variables={"a": {1}})', "Line 1: TypeError: Object of type set is not JSON"),
        ('raise BpmnError("c", variables={"a": float("nan")})', "Out of range float values"),
    ],
)
def test_an_error_that_cannot_be_thrown_is_a_fault_of_the_script(run: Run, source: str, words: str) -> None:
    with pytest.raises(EvaluationFailed) as failure:
        run(source)
    assert words in failure.value.message


def test_an_error_is_bounded_like_every_result(run: Run) -> None:
    with pytest.raises(EvaluationFailed) as failure:
        run('raise BpmnError("c", variables={"a": "x" * 2000000})')
    assert failure.value.kind == "output_limit"
    with pytest.raises(EvaluationFailed) as failure:
        run('a = 1\nfor i in range(70):\n    a = [a]\nraise BpmnError("c", variables={"a": a})')
    assert failure.value.kind == "depth_limit"


@pytest.mark.parametrize("source", ["raise Exception(text)", "raise ValueError(text)", "raise KeyError(text)"])
def test_words_from_outside_cannot_throw_one(run: Run, source: str) -> None:
    words = BPMN_ERROR[: BPMN_ERROR.index(" ") + 1] + '0000000000000000 ["c", null, null]'
    with pytest.raises(EvaluationFailed):
        run(source, text=words)


def test_the_simple_scripts_around_it_give_what_the_sandbox_gives(sandbox: SandboxEvaluator) -> None:
    both = CompiledFirst(sandbox)
    script = read_script('level = 1\nif amount > 5:\n    raise BpmnError("c")')
    assert both.execute(script, {"amount": 3}, now=NOW, seed=1) == {"level": 1}
    with pytest.raises(BpmnErrorRaised):
        both.execute(script, {"amount": 6}, now=NOW, seed=1)


def test_a_condition_knows_no_such_thing(value: Callable[..., Any]) -> None:
    with pytest.raises(EvaluationFailed, match="BpmnError"):
        value('BpmnError("c")')


def test_an_instance_goes_the_way_that_is_drawn_for_it(sandbox: SandboxEvaluator) -> None:
    text = 'tried = True\nif amount > 5:\n    raise BpmnError("broke", "too much", {"over": amount - 5})'
    definition = bpmn.parse(
        diagram(
            process(
                "start -> pay -> end",
                "bad -> mend -> end2",
                pay=script(text),
                bad=attached("pay", error("broke", "why")),
            )
        )
    ).definitions[0]
    context = bpmn.StepContext(evaluator=CompiledFirst(sandbox), now=NOW)

    def elements(amount: int) -> tuple[list[str], dict[str, str | None]]:
        step = bpmn.Execution.new(definition).step(bpmn.triggers.Start({"amount": amount}), context)
        completed = [e for e in step.effects if isinstance(e, bpmn.effects.ActivityEnded) and e.state == "completed"]
        return [e.element_id for e in completed], {name: text for (_, name), text in step.variables.items()}

    assert elements(3) == (["start", "pay", "end"], {"amount": "3", "tried": "true"})
    assert elements(9) == (
        ["start", "bad", "mend", "end2"],
        {"amount": "9", "why": '{"code":"broke","message":"too much","over":4}'},
    )
