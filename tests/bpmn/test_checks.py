"""Every problem is told with its place, all of them at once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import bpmn
from bpmn import Problem
from tests.bpmn.bad_diagrams import BAD
from tests.bpmn.bad_drawing import Bad
from tests.bpmn.drawing import choice, diagram, plain_start, process, script, service, sub_process, user


@pytest.mark.parametrize("bad", BAD, ids=str)
def test_a_problem_is_found_with_its_place(bad: Bad) -> None:
    problems = bpmn.check(bad.source)
    told = [(p.code, p.element_id, p.line, p.severity) for p in problems]
    assert (bad.code, bad.element, bad.line or _line_of_first(problems, bad), bad.severity) in told
    assert {p.code for p in problems} == {bad.code, *bad.also}, "and nothing else is wrong with it"
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


def test_every_problem_that_the_code_can_tell_is_in_the_table() -> None:
    root = Path(bpmn.__file__).parent
    sources = [*root.glob("validation/*.py"), root / "xml.py", root / "extensions.py", root / "scripts.py"]
    told = {
        code
        for source in sources
        for code in re.findall(
            r'(?:\.error|\.warning|_refuse|ExtensionFault|ScriptFault|Problem)\(\s*"(\w+)"', source.read_text()
        )
    }
    assert len(told) > 45
    elsewhere = {"xml_too_large", "too_many_problems", "expression_empty"}
    assert told - {bad.code for bad in BAD} <= elsewhere


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
    assert [p.code for p in problems if p.severity == "error"].sort() == [
        "bad_number",
        "topic_missing",
        "script_syntax",
        "condition_syntax",
        "unreachable",
    ].sort()
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
