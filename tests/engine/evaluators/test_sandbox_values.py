"""What goes into a script or condition and what comes out: JSON values, and nothing but."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpmn import EvaluationFailed, Script
from bpmn.scripts import read_expression, read_script
from engine.evaluators import SandboxEvaluator

Run = Callable[..., Any]


def test_a_condition_gives_its_value(value: Run) -> None:
    assert value("amount > 1000 and region in ['north', 'south']", amount=1200, region="north") is True
    assert value("{'total': sum(i['price'] for i in items)}", items=[{"price": 2}, {"price": 3.5}]) == {"total": 5.5}


def test_a_script_gives_the_names_it_assigns(run: Run) -> None:
    assert run("total = price * 3\nname, *rest = words", price=2, words=["a", "b", "c"]) == {
        "total": 6,
        "name": "a",
        "rest": ["b", "c"],
    }


def test_a_variable_changed_in_place_is_a_result_and_an_untouched_one_is_not(run: Run) -> None:
    assert run("items.append(4)\nseen = len(other)", items=[1], other=[2, 3]) == {"items": [1, 4], "seen": 2}


@pytest.mark.parametrize(("before", "change"), [([1], "x[0] = 1.0"), ([1], "x[0] = True"), ([0], "x[0] = False")])
def test_a_change_that_python_calls_equal_is_still_a_change(run: Run, before: list[Any], change: str) -> None:
    assert run(change, x=before) == {"x": [{"1.0": 1.0, "True": True, "False": False}[change.split(" = ")[1]]]}


def test_a_variable_set_by_a_function_is_a_result(run: Run) -> None:
    assert run("def double():\n    global amount\n    amount = amount * 2\ndouble()", amount=4) == {"amount": 8}


def test_a_name_assigned_on_a_branch_not_taken_is_no_result(run: Run) -> None:
    assert run("if amount > 10:\n    big = True\nelse:\n    small = True", amount=4) == {"small": True}


def test_names_that_begin_with_an_underscore_stay_inside(run: Run) -> None:
    assert run("_step = 2\nresult = _step + 1") == {"result": 3}


def test_tools_of_the_script_are_left_out(run: Run) -> None:
    source = """
import re, json
from datetime import date
pick = lambda pair: pair[0]
module = json
class Box: pass
box, today, pattern = Box(), date.today(), re.compile('a')
answer = pick([1, 2])
"""
    assert run(source) == {"answer": 1}


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("tags = {'a', 'b'}", "'tags' would hold a value of type set"),
        ("from decimal import Decimal\nprice = Decimal('1.10')", "Use str(...) or float(...)"),
        ("ratio = float('nan')", "'ratio' would hold a value of type float"),
        ("ratio = 1e308 * 10", "'ratio' would hold a value of type float"),
        ("rows = [{'when': {1}}]", "'rows' would hold a value of type list"),
        ("huge = 10 ** 5000", "'huge' would hold a value of type int"),
        ("table = {(1, 2): 3}", "'table' would hold a value of type dict"),
    ],
)
def test_data_that_json_cannot_hold_is_said_aloud(run: Run, source: str, words: str) -> None:
    with pytest.raises(EvaluationFailed) as failure:
        run(source)
    assert words in failure.value.message
    assert failure.value.kind == "error"


def test_a_variable_is_never_left_stale_because_its_new_value_is_no_json(run: Run) -> None:
    with pytest.raises(EvaluationFailed, match=r"'due' would hold a value of type date .* Use \.isoformat\(\)"):
        run("from datetime import date\ndue = date.today()", due="2026-01-01")


def test_an_expression_that_is_no_json_fails(value: Run) -> None:
    with pytest.raises(EvaluationFailed, match="The expression gives a value of type set"):
        value("{1, 2}")


def test_tuples_become_lists_and_keys_become_texts(run: Run) -> None:
    assert run("pair = (1, 2)\ncounts = {7: 1}") == {"pair": [1, 2], "counts": {"7": 1}}


def test_a_variable_may_have_the_name_of_a_builtin(run: Run, value: Run) -> None:
    names = {"type": "order", "str": 1, "locals": 2, "json": 3, "list": 4}
    assert value("[type, str, locals, json, list]", **names) == ["order", 1, 2, 3, 4]
    assert run("result = {1}\ntype = 'invoice'; result = str", **names) == {"result": 1, "type": "invoice"}
    with pytest.raises(EvaluationFailed, match="would hold a value of type set"):
        run("result = {1}; done = [type, str, locals]", **names)


def test_variables_that_python_cannot_name_do_no_harm(value: Run) -> None:
    assert value("Größe + 1", **{"Größe": 1, "order no": 2, "class": 3, "a;import os": 4, "": 5}) == 2


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**40), 10**40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner)
    ),
    max_leaves=12,
)


@given(given_value=json_values)
@settings(max_examples=150, deadline=None)
def test_every_json_value_passes_through_unchanged(sandbox: SandboxEvaluator, given_value: Any) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert repr(sandbox.evaluate(read_expression("x"), {"x": given_value}, now=now, seed=1)) == repr(given_value)
    assert sandbox.execute(read_script("y = 1"), {"x": given_value}, now=now, seed=1) == {"y": 1}
    assert repr(sandbox.execute(read_script("x = x"), {"x": given_value}, now=now, seed=1)["x"]) == repr(given_value)


def test_clock_and_random_numbers_are_those_of_the_step(run: Run) -> None:
    source = """
import random, time
from datetime import date, datetime, timezone
stamps = [datetime.now().isoformat(), datetime.now(timezone.utc).isoformat(), date.today().isoformat(), time.time()]
draws = [random.random(), random.randint(1, 10**9), random.Random().random()]
order = list({'b', 'a', 'c'})
"""
    first = run(source, seed=7)
    assert first == run(source, seed=7)
    assert first["stamps"][:3] == ["2026-03-04T05:06:07", "2026-03-04T05:06:07+00:00", "2026-03-04"]
    assert run(source, seed=8)["draws"] != first["draws"]
    later = run(source, now=datetime(2027, 1, 2, 3, tzinfo=timezone(timedelta(hours=2))))
    assert later["stamps"][1] == "2027-01-02T01:00:00+00:00"
    assert later["stamps"][2] == "2027-01-02"


def test_sleep_takes_no_time(run: Run) -> None:
    assert run("import time\ntime.sleep(3600)\nawake = True") == {"awake": True}


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_an_error_names_the_line_of_the_script(run: Run, newline: str) -> None:
    with pytest.raises(EvaluationFailed) as failure:
        run(newline.join(["total = 1", "# the next line is wrong", "share = total / none_left"]), none_left=0)
    assert failure.value.line == 3
    assert failure.value.message == "Line 3: ZeroDivisionError: division by zero"


def test_an_error_inside_a_function_names_the_innermost_line_and_the_way_there(run: Run) -> None:
    with pytest.raises(EvaluationFailed) as failure:
        run("def share(n):\n    return 1 / n\n\nresult = share(0)")
    assert failure.value.line == 2
    assert failure.value.detail == "line 4, in script\nline 2, in share"


def test_an_unknown_name_is_named(value: Run) -> None:
    with pytest.raises(EvaluationFailed, match="NameError: name 'amout' is not defined"):
        value("amout > 10", amount=1)


def test_syntax_the_sandbox_lacks_is_named_with_its_line(sandbox: SandboxEvaluator) -> None:
    script = Script("x = {'a': 1}\ndel x['a']", frozenset(), frozenset({"x"}))
    with pytest.raises(EvaluationFailed) as failure:
        sandbox.execute(script, {}, now=datetime(2026, 1, 1, tzinfo=UTC), seed=1)
    assert (failure.value.kind, failure.value.line) == ("syntax", 2)
    assert failure.value.message == "Line 2: The sandbox does not run the 'del' statement."


def test_a_bracket_left_open_is_reported_in_the_script_and_not_behind_it(sandbox: SandboxEvaluator) -> None:
    script = Script("x = (1,\ny = 2", frozenset(), frozenset({"x"}))
    with pytest.raises(EvaluationFailed) as failure:
        sandbox.execute(script, {}, now=datetime(2026, 1, 1, tzinfo=UTC), seed=1)
    assert failure.value.kind == "syntax"
    assert failure.value.line in (1, 2)


def test_input_that_is_no_json_or_too_large_fails_before_a_worker_sees_it(value: Run) -> None:
    with pytest.raises(EvaluationFailed, match="uses a variable that is not JSON"):
        value("x", x={1, 2})
    with pytest.raises(EvaluationFailed, match="uses a variable that is not JSON"):
        value("x", x="\ud800")
    with pytest.raises(EvaluationFailed) as failure:
        value("len(x)", x="a" * 5_000_000)
    assert failure.value.kind == "memory_limit"
