"""A condition is true or false; whatever else it gives is said aloud instead of being guessed at."""

from __future__ import annotations

from typing import Any

import pytest

from tests.bpmn.conftest import Walking
from tests.bpmn.drawing import (
    ad_hoc,
    catch,
    choice,
    complex_gateway,
    condition,
    fork,
    inclusive,
    looping,
    script,
    several,
    user,
)

ODD: list[tuple[Any, str]] = [
    ("no", 'gives "no", and not true or false. Compare the text'),
    ("", 'gives "", and not true or false'),
    (1, "gives 1, and not true or false. Compare the number"),
    (0.0, "gives 0.0, and"),
    (None, "gives nothing, and not true or false. Give the variable a value"),
    ([], "gives [], and not true or false. Ask for its length"),
    ({"a": 1}, 'gives {"a":1}, and'),
    (["x" * 100], "…, and"),
]


@pytest.mark.parametrize(("value", "words"), ODD)
def test_a_choice_by_something_else_is_an_incident(walk: Walking, value: Any, words: str) -> None:
    it = walk("start -> gate", "gate -[ok]-> a -> end", "gate -default-> b -> end", gate=choice()).start(ok=value)
    assert it.incidents == [("gate", "condition_failed")]
    assert words in it.incident("gate").message
    assert "condition of flow gate.a (ok)" in it.incident("gate").message
    it.set(ok=False).retry("gate")
    assert it.ran(["a", "b"]) == {"b": 1}
    assert it.state == "completed"


def test_a_choice_by_true_or_false_is_made(walk: Walking) -> None:
    for ok, taken in ((True, "a"), (False, "b")):
        it = walk("start -> gate", "gate -[ok]-> a -> end", "gate -default-> b -> end", gate=choice()).start(ok=ok)
        assert it.ran(["a", "b"]) == {taken: 1}


def test_so_it_is_for_inclusive_and_conditional_flows(walk: Walking) -> None:
    it = walk("start -> gate", "gate -[x]-> a -> end", "gate -[True]-> b -> end", gate=inclusive()).start(x="yes")
    assert it.incidents == [("gate", "condition_failed")]
    it = walk("start -> work", "work -[x]-> a -> end", "work -> b -> end").start(x="yes")
    assert it.incidents == [("work", "condition_failed")]


def test_a_value_may_be_used_on_the_way_to_a_condition(walk: Walking) -> None:
    it = walk("start -> gate", "gate -[not x and (y or False) == 3]-> a -> end", "gate -default-> end2", gate=choice())
    assert it.start(x="", y=3).ran(["a"]) == {"a": 1}


def test_loops_and_completion_conditions_too(walk: Walking) -> None:
    it = walk("start -> work -> end", work=looping(script("n = n - 1"), "n")).start(n=3)
    assert it.incidents == [("work", "condition_failed")]
    it = walk("start -> work -> end", work=several(user(), "2", until="enough")).start(enough="no").complete("work")
    assert it.incidents == [("work", "condition_failed")]
    it.set(enough=True).retry("work")
    assert it.state == "completed"


def test_an_ad_hoc_sub_process_too(walk: Walking) -> None:
    it = walk("start -> desk -> end", desk=ad_hoc("a", until="enough", a=user())).start(enough=None)
    assert it.incidents == [("desk", "condition_failed")]


def test_a_complex_gateway_counts_and_compares(walk: Walking) -> None:
    paths = ("start -> split -> a -> gate -> after -> end", "split -> b -> gate")
    it = walk(*paths, split=fork(), gate=complex_gateway("activationCount")).start()
    assert it.incidents == [("gate", "condition_failed")]
    assert walk(*paths, split=fork(), gate=complex_gateway("activationCount > 1")).start().ran(["after"]) == {
        "after": 1
    }


def test_a_conditional_event_waits_until_it_is_true_itself(walk: Walking) -> None:
    it = walk("start -> pause -> end", "start -> ask -> end2", pause=catch(condition("ok")), ask=user()).start(ok="no")
    assert it.outcome("pause") == ["running"]
    it.set(ok=None).set(ok=1)
    assert it.outcome("pause") == ["running"]
    it.set(ok=True)
    assert it.outcome("pause") == ["completed"]


def test_an_ad_hoc_sub_process_goes_on_where_its_condition_failed(walk: Walking) -> None:
    it = walk("start -> desk -> end", desk=ad_hoc("a", "b", until="enough", a=user(), b=user())).start(enough=False)
    it.begin("desk", "a").begin("desk", "b").complete("a", enough="no")
    assert it.incidents == [("desk", "condition_failed")]
    assert it.waiting == ["b"]
    it.set(enough=False).retry("desk")
    assert it.state == "active"
    it.begin("desk", "a").complete("b").complete("a", enough=True)
    assert it.state == "completed"
