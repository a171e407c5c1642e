"""Every problem is told with its place, all of them at once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import bpmn
from bpmn import Problem
from bpmn.validation.rules import RULES, page
from tests.bpmn.bad_diagrams import BAD
from tests.bpmn.bad_drawing import Bad
from tests.bpmn.drawing import (
    attached,
    begin,
    choice,
    diagram,
    error,
    finish,
    on_event,
    plain_start,
    process,
    script,
    service,
    sub_process,
    user,
)

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("bad", BAD, ids=str)
def test_a_problem_is_found_with_its_place(bad: Bad) -> None:
    problems = bpmn.check(bad.source)
    told = [(p.code, p.element_id, p.line, p.severity) for p in problems]
    assert (bad.code, bad.element, bad.line or _line_of_first(problems, bad), bad.severity) in told
    assert {p.code for p in problems} - {"no_layout"} | {bad.code} == {bad.code, *bad.also}, "and nothing else is wrong"
    for problem in problems:
        assert problem.message.strip()
        assert problem.message.endswith((".", "…"))
    if bad.severity == "error":
        with pytest.raises(bpmn.DocumentRefused) as refused:
            bpmn.parse(bad.source)
        assert refused.value.problems == problems
    else:
        assert list(bpmn.parse(bad.source).problems) == problems


def _line_of_first(problems: list[Problem], bad: Bad) -> int | None:
    return next((p.line for p in problems if p.code == bad.code), None)


def _codes_in_the_sources() -> set[str]:
    """Those that the code can tell. Some are put together of a word and `_missing` or `_name_missing`."""
    told = {
        code
        for source in Path(bpmn.__file__).parent.rglob("*.py")
        for code in re.findall(
            r'(?:\.tell|\._tell|_refuse|ExtensionFault|ScriptFault|Problem)\(\s*"(\w+)"', source.read_text()
        )
    }
    words = {"message", "signal", "error", "escalation"}
    entries = {"message", "signal", "correlation", "payload", "input", "output", "in", "out"}
    told |= {f"{word}_missing" for word in words} | {f"{entry}_name_missing" for entry in entries}
    ours = {"schema_harmless", "too_many_problems", "too_many_warnings"}
    return (told | ours) - {"expression_empty"}  # an empty expression is said by who reads it


def test_what_the_code_can_tell_is_in_the_table_of_rules_and_nothing_else() -> None:
    assert _codes_in_the_sources() == set(RULES)


def test_every_rule_has_a_bad_diagram() -> None:
    assert {bad.code for bad in BAD} == set(RULES)
    assert {bad.code: bad.severity for bad in BAD} == {code: rule.severity for code, rule in RULES.items()}


def test_every_rule_names_its_clause() -> None:
    for rule in RULES.values():
        assert re.fullmatch(r"\d+(\.\d+)*|XML 1\.0|Signalbox", rule.clause), rule.code
        assert rule.words.endswith("."), rule.code
        assert rule.fix.endswith("."), rule.code


@pytest.mark.parametrize("bad", BAD, ids=str)
def test_a_clause_that_is_told_is_that_of_the_rule(bad: Bad) -> None:
    for problem in bpmn.check(bad.source):
        assert set(re.findall(r"\((?:\w+ )?(\d+(?:\.\d+)+)\)", problem.message)) <= {RULES[problem.code].clause}


def test_the_page_of_rules_is_the_table() -> None:
    assert (ROOT / "docs" / "rules.md").read_text() == page(), "see its first lines"


def test_all_problems_are_told_at_once_errors_first() -> None:
    source = diagram(
        process(
            "start -> ask -> gate",
            "gate -[a <]-> call -> end",
            "gate -[b]-> nowhere",
            ask=user(priority=1000),
            gate=choice(),
            call=service(topic=""),
            s=script("1 +"),
        )
    )
    problems = bpmn.check(source)
    assert sorted(p.code for p in problems if p.severity == "error") == [
        "bad_number",
        "condition_syntax",
        "script_syntax",
        "topic_missing",
        "unreachable",
    ]
    assert {p.code for p in problems if p.severity == "warning"} == {"no_default", "path_ends"}
    severities = [p.severity for p in problems]
    assert severities == sorted(severities)
    with pytest.raises(bpmn.DocumentRefused) as refused:
        bpmn.parse(source)
    assert "script" in str(refused.value)


@pytest.mark.parametrize(
    ("target", "words"), [("inner", "lies elsewhere"), ("nowhere", "not in this file"), ("asso", "lies elsewhere")]
)
def test_a_flow_that_leads_nowhere_is_told_from_one_that_leaves_its_scope(target: str, words: str) -> None:
    drawn = process("start -> work -> end", work=sub_process("s_in -> inner", s_in=plain_start()))
    stray = f'<bpmn:association id="asso"/><bpmn:sequenceFlow id="stray" sourceRef="work" targetRef="{target}"/>'
    problems = bpmn.check(diagram(drawn.replace("</bpmn:process>", f"{stray}</bpmn:process>")))
    (told,) = [p for p in problems if p.code == "dangling_flow"]
    assert words in told.message
    assert told.element_id == "stray"


@pytest.mark.parametrize("code", ["late", None])
@pytest.mark.parametrize("where", ["around", "inside", "further out"])
def test_an_error_that_is_caught_is_not_warned_of(where: str, code: str | None) -> None:
    thrown = sub_process("s_in -> late", s_in=plain_start(), late=finish(error("late")))
    inner = {"work": thrown, "caught": attached("work", error(code))} if where == "around" else {"work": thrown}
    paths = ["s_work -> work -> end_work", *(["caught -> end_caught"] if where == "around" else [])]
    if where == "inside":
        inner["handle"] = on_event(begin(error(code)), "s_handle -> end_handle")
    outer = {"outer": sub_process(*paths, s_work=plain_start(), **inner)}
    if where == "further out":
        outer["caught"] = attached("outer", error(code))
    process_paths = ["start -> outer -> end", *(["caught -> end_caught"] if where == "further out" else [])]
    problems = bpmn.check(diagram(process(*process_paths, **outer)))
    assert problems == []


def test_a_store_that_is_called_like_a_placeholder_is_read_or_refused() -> None:
    store = '<bpmn:dataStore id="st" name="known"/>'
    drawn = process("start -> work -> end").replace(
        "</bpmn:process>",
        '<bpmn:dataStoreReference id="r" name="__targetRef_placeholder" dataStoreRef="st"/></bpmn:process>',
    )
    source = diagram(store, drawn)
    assert bpmn.check(source, stores=["known"]) == []
    assert len(bpmn.parse(source, stores=["known"]).definitions) == 1
