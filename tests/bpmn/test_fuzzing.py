"""`check` never raises, `parse` raises only `DocumentRefused`, and both say the same, whatever they are given."""

from __future__ import annotations

import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import bpmn
from bpmn.elements import HARMLESS_TAGS, SUPPORTED_TAGS, UNSUPPORTED_TAGS
from tests.bpmn.drawing import (
    choice,
    diagram,
    fork,
    on_message,
    plain_start,
    process,
    script,
    service,
    sub_process,
    user,
)
from tests.bpmn.evaluating import NotingEvaluator
from tests.bpmn.walking import NOW

FUZZ = settings(
    max_examples=300, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None
)
_FORM = '<signalbox:field name="why" type="enum" default="a"><signalbox:option value="a"/></signalbox:field>'
VALID = diagram(
    '<bpmn:collaboration id="c"><bpmn:participant id="pool" processRef="process"/></bpmn:collaboration>',
    process(
        "start -> split -> ask -> sync -> gate",
        "split -> call -> sync",
        "gate -[again and n > 1]-> merge -> split_again",
        "gate -default-> work -> end",
        lanes={"People": "ask"},
        start=plain_start(**{"signalbox:initiator": "who"}),
        merge=choice(),
        split=fork(),
        sync=fork(),
        ask=user("Ask", form=_FORM, candidateGroups="a, {{b.c}}", priority=3),
        call=service(headers={"a": "{{b}}"}, retries=2),
        gate=choice(),
        work=sub_process("start_in -> calc -> end_in", calc=script("done = True", outputs="done")),
        stop=on_message("stop", "begin -> end_stop", interrupting=False),
    ),
    process("start_b -> end_b", key="second"),
).decode()


def judge(source: bytes) -> None:
    """The check and the parse agree; what may be deployed begins."""
    problems = bpmn.check(source)
    assert all(isinstance(p, bpmn.Problem) and p.message and (p.line is None or p.line >= 0) for p in problems)
    document = None
    try:
        document = bpmn.parse(source)
    except bpmn.DocumentRefused as refusal:
        told = refusal.problems
    else:
        told = list(document.problems)
    assert told == problems
    assert (document is None) == any(p.severity == "error" for p in problems)
    if document is None:
        return
    assert document.definitions
    context = bpmn.StepContext(evaluator=NotingEvaluator(), now=NOW, limits=bpmn.Limits(elements=50))
    for definition in document.definitions:
        step = bpmn.Execution.new(definition).step(bpmn.triggers.Start(), context)
        assert step.effects


def test_the_file_to_start_from_is_sound() -> None:
    assert [p for p in bpmn.check(VALID.encode()) if p.severity == "error"] == []


_PIECES = re.findall(r"<[^>]+>|[^<>]+", VALID)
_WORDS = sorted(set(re.findall(r'"([^"]*)"', VALID)))
_ATTRIBUTES = sorted(
    set(re.findall(r" ([\w:]+)=", VALID)) | {"default", "isInterrupting", "attachedToRef", "isExecutable"}
)
_TAGS = sorted(SUPPORTED_TAGS | set(UNSUPPORTED_TAGS) | HARMLESS_TAGS | {"script", "message", "messageEventDefinition"})


def _changed(pieces: list[str], how: str, at: int, other: int, word: str, tag: str) -> list[str]:
    at, other = at % len(pieces), other % len(pieces)
    new = list(pieces)
    match how:
        case "drop":
            del new[at]
        case "double":
            new.insert(other, new[at])
        case "swap":
            new[at], new[other] = new[other], new[at]
        case "word":
            new[at] = re.sub(r'"[^"]*"', f'"{word}"', new[at], count=1 + other % 3)
        case "attribute":
            new[at] = re.sub(r" [\w:]+=", f" {_ATTRIBUTES[other % len(_ATTRIBUTES)]}=", new[at], count=1)
        case "rename":
            old = re.match(r"</?bpmn:(\w+)", new[at])
            if old is not None:
                new = [re.sub(rf"(</?bpmn:){old[1]}\b", rf"\g<1>{tag}", piece) for piece in new]
        case "text":
            new.insert(at, word)
    return new


@settings(FUZZ, max_examples=400)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["drop", "double", "swap", "word", "word", "attribute", "rename", "text"]),
            st.integers(0, 10_000),
            st.integers(0, 10_000),
            st.sampled_from([*_WORDS, "", "1", "true", "no", "{{", "= x", "ü b", "a:b"]),
            st.sampled_from(_TAGS),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_a_sound_file_with_random_changes(changes: list[tuple[str, int, int, str, str]]) -> None:
    pieces = _PIECES
    for change in changes:
        pieces = _changed(pieces, *change) or ["<a/>"]
    judge("".join(pieces).encode())


@FUZZ
@given(st.binary(max_size=200), st.integers(0, len(VALID)), st.integers(0, 40))
def test_a_sound_file_with_bytes_put_in_or_cut_out(noise: bytes, at: int, cut: int) -> None:
    source = VALID.encode()
    judge(source[:at] + noise + source[at + cut :])


@FUZZ
@given(st.one_of(st.binary(max_size=400), st.text(max_size=400).map(str.encode)))
def test_noise(source: bytes) -> None:
    judge(source)


_IDS = st.sampled_from(["a", "b", "c", "s", "e", "p", "", "1", "a b", None])
_PLACES = [
    "id",
    "sourceRef",
    "targetRef",
    "default",
    "messageRef",
    "processRef",
    "name",
    "attachedToRef",
    "signalbox:topic",
]
_FLAGS = [
    "isExecutable",
    "triggeredByEvent",
    "isInterrupting",
    "isForCompensation",
    "startQuantity",
    "signalbox:retries",
]


@st.composite
def elements(draw: st.DrawFn, depth: int = 0) -> str:
    tag = draw(
        st.sampled_from(
            ["bpmn:process", "bpmn:subProcess", "bpmn:sequenceFlow", "bpmn:startEvent"] * 6
            + [f"bpmn:{t}" for t in _TAGS]
            + ["foreign", "signalbox:form", "signalbox:field"]
        )
    )
    attributes = {}
    for name in draw(st.lists(st.sampled_from(_PLACES), max_size=4)):
        value = draw(_IDS)
        if value is not None:
            attributes[name] = value
    for name in draw(st.lists(st.sampled_from(_FLAGS), max_size=2)):
        attributes[name] = draw(st.sampled_from(["true", "false", "1", "0", "x"]))
    inside = draw(st.lists(elements(depth=depth + 1), max_size=4 if depth < 2 else 0))
    text = draw(st.sampled_from(["", "", "a", "a = 1", "<!-- c -->", "= f"]))
    words = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f"<{tag}{words}>{text}{''.join(inside)}</{tag}>"


@settings(FUZZ, max_examples=150)
@given(st.lists(elements(), min_size=1, max_size=4))
def test_a_soup_of_elements(drawn: list[str]) -> None:
    judge(diagram(*drawn))


@FUZZ
@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_as_name_script_and_condition(name: str, text: str) -> None:
    legal = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
    name, text = legal.sub("", name), legal.sub("", text)
    judge(
        diagram(
            process(
                "start -> s -> ask -[CONDITION]-> end",
                "ask -default-> end",
                s=script(text),
                ask=user(name, assignee=text),
            )
        ).replace(b"CONDITION", text.replace("&", "").replace("<", "").encode())
    )
