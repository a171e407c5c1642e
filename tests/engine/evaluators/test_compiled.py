"""What is computed without a worker is exactly what the worker would have said; everything else is left to it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from bpmn import EvaluationFailed, Expression, Script
from bpmn.scripts import ScriptFault, read_expression, read_script
from engine.evaluators import CompiledFirst, SandboxEvaluator

NOW = datetime(2026, 1, 1, tzinfo=UTC)
VARIABLES: dict[str, Any] = {
    "amount": 1200,
    "rate": 0.19,
    "region": "north",
    "approved": True,
    "nothing": None,
    "tags": ["urgent", "north", 3, 2.0, True, None],
    "order": {"total": 99.5, "lines": [{"sku": "A-1", "quantity": 2}], "note": ""},
    "empty": [],
}


class NoSandbox:
    """Stands where the sandbox would and tells that it was asked."""

    asked = False

    def evaluate(self, expression: Expression, variables: Mapping[str, Any], *, now: datetime, seed: int) -> Any:
        self.asked = True

    def execute(self, script: Script, variables: Mapping[str, Any], *, now: datetime, seed: int) -> dict[str, Any]:
        self.asked = True
        return {}

    def close(self) -> None:
        self.asked = False


def here(source: str, variables: Mapping[str, Any] = VARIABLES) -> tuple[bool, Any]:
    """Whether it was computed without the sandbox, and to what."""
    sandbox = NoSandbox()
    value = CompiledFirst(sandbox).evaluate(read_expression(source), variables, now=NOW, seed=1)
    return not sandbox.asked, value


def run_here(source: str, variables: Mapping[str, Any] = VARIABLES) -> tuple[bool, dict[str, Any]]:
    sandbox = NoSandbox()
    values = CompiledFirst(sandbox).execute(read_script(source), variables, now=NOW, seed=1)
    return not sandbox.asked, values


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("amount > 1000", True),
        ("amount > 1000 and region in ['north', 'south']", True),
        ("not approved or nothing is None", True),
        ("order['lines'][0]['quantity'] * 2.5 + 1", 6.0),
        ("'large' if amount >= 1000 else 'small'", "large"),
        ("f'{region}: {amount}'", "north: 1200"),
        ("{'net': amount, 'tags': (1, 2)}", {"net": 1200, "tags": [1, 2]}),
        ("1 < amount <= 1200 != 3", True),
        ("'total' in order and 'ort' in region", True),
        ("-amount / 2", -600.0),
    ],
)
def test_simple_conditions_need_no_worker(source: str, value: object) -> None:
    assert here(source) == (True, value)


def test_simple_scripts_need_no_worker() -> None:
    source = """
"Decide who looks at it."
net = amount - 200
gross = net * (1 + rate)
_internal = 'x'
if gross > 1000:
    level = f'{region} high'
elif gross > 10:
    level = 'low'
else:
    level = None
amount += 1
first = order['lines']
"""
    computed, values = run_here(source)
    assert computed
    assert values == {
        "net": 1000,
        "gross": 1190.0,
        "level": "north high",
        "amount": 1201,
        "first": [{"sku": "A-1", "quantity": 2}],
    }
    assert values["first"] is not VARIABLES["order"]["lines"]


@pytest.mark.parametrize(
    "source",
    [
        "len(tags) > 1",
        "[t for t in tags]",
        "order.total",
        "unknown > 3",
        "len",
        "amount / 0",
        "amount // 7",
        "2 ** amount",
        "amount << 3",
        "region * 3",
        "tags + tags",
        "region + 1",
        "region > amount",
        "order['missing']",
        "tags[99]",
        "tags[0:2]",
        "region < nothing",
        "approved + 1",
        "9223372036854775807 + amount",
        "9007199254740993 == 9007199254740992.0",
        "1e308 * 10",
        "tags == empty",
        "amount in region",
        "f'{rate}'",
        "f'{amount:,}'",
        "f'{region!r}'",
        "{amount: 1}",
        "{1, 2}",
        "lambda: 1",
        "b'x'",
        "...",
        "1j",
        "'\\ud800'",
        "approved is True",
        "(x := 3)",
        "_signalbox_json",
        "Größe",
        "10000000000000000000000",
        " and ".join(["approved"] * 500),
        "(" * 60 + "1" + ")" * 60 + "+ (1" + "+(1" * 60 + ")" * 61,
    ],
)
def test_what_is_not_simple_is_left_to_the_sandbox(source: str) -> None:
    assert here(source)[0] is False


@pytest.mark.parametrize(
    "source",
    [
        "for t in tags:\n    x = t",
        "while approved:\n    pass",
        "import json",
        "tags[0] = 1",
        "a, b = 1, 2",
        "a = b = c",
        "x: int = 3",
        "tags += [1]",
        "order['total'] += 1",
        "print(amount)",
        "amount",
        "def f():\n    return 1",
        "a = 1; assert a",
        "try:\n    a = 1\nexcept:\n    a = 2",
    ],
)
def test_scripts_that_are_not_simple_are_left_to_the_sandbox(source: str) -> None:
    assert run_here(source)[0] is False


def test_small_texts_that_would_grow_large_are_left_to_the_sandbox() -> None:
    doubling = "a = 'x' * 1\n"
    assert run_here(doubling)[0] is False
    doubling = "a = 'xxxxxxxxxx'\n" + "a = a + a\n" * 11
    assert run_here(doubling)[0] is False
    lists = "a = ['x']\n" + "a = [a, a]\n" * 20
    assert run_here(lists)[0] is False
    deep = "a = []\n" + "a = [a]\n" * 64
    assert run_here(deep)[0] is False
    products = "a = 3000000000\n" + "a = a * a\n" * 20
    assert run_here(products)[0] is False


# --- the same as the sandbox, for whatever can be written


texts = st.sampled_from(["", "a", "north", "é", "\U0001f600", "10", "nor"])
integers = st.integers(-5, 5) | st.sampled_from([2**31, 2**53, 2**53 + 1, 2**62, 2**63 - 1, 10**18, -(2**63)])
floats = st.floats(allow_nan=False, allow_infinity=False)
scalars = st.none() | st.booleans() | integers | floats | texts
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3), max_leaves=6
)
names = st.sampled_from(["a", "b", "c", "nowhere"])


def operators(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    binary = st.sampled_from(["+", "-", "*", "/", "==", "!=", "<", "<=", ">", ">=", "in", "not in", "and", "or"])
    return st.one_of(
        st.tuples(inner, binary, inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.tuples(inner, binary, inner, binary, inner).map(lambda t: f"({' '.join(t)})"),
        inner.map(lambda i: f"(not {i})"),
        inner.map(lambda i: f"(-{i})"),
        inner.map(lambda i: f"({i} is None)"),
        st.tuples(inner, inner, inner).map(lambda t: f"({t[0]} if {t[1]} else {t[2]})"),
        st.tuples(inner, inner).map(lambda t: f"{t[0]}[{t[1]}]"),
        st.lists(inner, max_size=3).map(lambda parts: f"[{', '.join(parts)}]"),
        st.lists(inner, max_size=3).map(lambda parts: f"({''.join(part + ', ' for part in parts)})"),
        st.dictionaries(texts, inner, max_size=2).map(
            lambda d: "{" + ", ".join(f"{key!r}: {value}" for key, value in d.items()) + "}"
        ),
        st.lists(names | texts.filter(str.isalnum), max_size=3).map(
            lambda parts: "f'" + "".join(f"{{{p}}}" if p in ("a", "b", "c", "nowhere") else p for p in parts) + "'"
        ),
    )


expressions = st.recursive(names | scalars.map(repr), operators, max_leaves=8)
assignments = st.tuples(st.sampled_from(["a", "b", "c", "_d"]), st.sampled_from(["=", "+=", "-=", "*="]), expressions)
scripts = st.lists(
    assignments.map(" ".join) | st.tuples(expressions, assignments.map(" ".join)).map(lambda t: f"if {t[0]}: {t[1]}"),
    min_size=1,
    max_size=4,
).map("\n".join)


def outcome(compute: Any) -> str:
    try:
        return repr(compute())
    except EvaluationFailed as failure:
        return f"{failure.kind} {failure.message} {failure.line}"


@given(source=expressions, a=values, b=values, c=scalars)
@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_expression_gives_what_the_sandbox_gives(
    sandbox: SandboxEvaluator, source: str, a: Any, b: Any, c: Any
) -> None:
    variables = {"a": a, "b": b, "c": c}
    try:
        computed, value = here(source, variables)
    except ScriptFault:
        return
    event("computed here" if computed else "sandbox")
    if computed:
        expected = outcome(lambda: sandbox.evaluate(read_expression(source), variables, now=NOW, seed=1))
        assert repr(value) == expected


@given(source=scripts, a=values, b=values, c=scalars)
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_script_gives_what_the_sandbox_gives(
    sandbox: SandboxEvaluator, source: str, a: Any, b: Any, c: Any
) -> None:
    variables = {"a": a, "b": b, "c": c}
    try:
        computed, value = run_here(source, variables)
    except ScriptFault:
        return
    event("computed here" if computed else "sandbox")
    if computed:
        expected = sandbox.execute(read_script(source), variables, now=NOW, seed=1)
        assert sorted(map(repr, value.items())) == sorted(map(repr, expected.items()))


def test_errors_are_the_sandbox_s_own(sandbox: SandboxEvaluator) -> None:
    both = CompiledFirst(sandbox)
    for source in ("1 / 0", "nowhere > 3", "'a' + 1", "[1][5]", "{'a': 1}['b']"):
        expected = outcome(lambda: sandbox.evaluate(read_expression(source), {}, now=NOW, seed=1))  # noqa: B023
        assert outcome(lambda: both.evaluate(read_expression(source), {}, now=NOW, seed=1)) == expected  # noqa: B023


def test_closing_closes_the_sandbox() -> None:
    sandbox = NoSandbox()
    sandbox.asked = True
    CompiledFirst(sandbox).close()
    assert sandbox.asked is False
