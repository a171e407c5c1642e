"""Files that mean harm, or are merely odd: a clear refusal within a bound of work, and nothing read from outside."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

import bpmn
from tests.bpmn.bounds import within
from tests.bpmn.drawing import choice, diagram, process, script, service, sub_process, user
from tests.bpmn.walking import Walk

_BPMN = 'xmlns:b="http://www.omg.org/spec/BPMN/20100524/MODEL"'
_SIMPLE = (
    '<b:process id="p"><b:startEvent id="s"/><b:endEvent id="e"/><b:sequenceFlow id="f" sourceRef="s" targetRef="e"/>'
    "</b:process>"
)


def _definitions(body: str) -> bytes:
    return f'<b:definitions {_BPMN} xmlns:signalbox="urn:signalbox:schema:1.0">{body}</b:definitions>'.encode()


def _codes(source: bytes) -> set[str]:
    problems = bpmn.check(source)
    errors = {p.code for p in problems if p.severity == "error"}
    if errors:
        with pytest.raises(bpmn.DocumentRefused) as refused:
            bpmn.parse(source)
        assert refused.value.problems == problems
    else:
        bpmn.parse(source)
    return errors


# -- the door --------------------------------------------------------------------------------------------------------
def test_billion_laughs() -> None:
    entities = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10))
    with within(1, 50):
        assert _codes(f"<!DOCTYPE d [{entities}]><d>&a9;</d>".encode()) <= {"xml_doctype", "xml_broken"}


@pytest.mark.parametrize(
    "document_type",
    [
        '<!DOCTYPE d [<!ENTITY x SYSTEM "file://{canary}">]>',
        '<!DOCTYPE d [<!ENTITY % x SYSTEM "file://{canary}"> %x;]>',
        '<!DOCTYPE d SYSTEM "file://{canary}">',
        '<!DOCTYPE d PUBLIC "-//x" "http://127.0.0.1:1/x.dtd">',
        '<!DOCTYPE d [<!ATTLIST d a CDATA "default">]>',
        "<!DOCTYPE d>",
    ],
)
def test_no_document_type_and_nothing_from_outside(tmp_path: Path, document_type: str) -> None:
    canary = tmp_path / "canary.txt"
    canary.write_text("<b:process id='secret'/>")
    text = document_type.replace("{canary}", str(canary))
    entity = "&x;" if "ENTITY x" in text else ""
    source = f"{text}<d>{entity}</d>".encode()
    problems = bpmn.check(source)
    assert [p.code for p in problems] == ["xml_doctype"]
    assert "secret" not in problems[0].message


def test_xinclude_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "other.xml").write_text("<x/>")
    include = f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file://{tmp_path}/other.xml"/>'
    assert _codes(_definitions(_SIMPLE + include)) == set()


def test_a_file_that_is_too_large() -> None:
    with within(1):
        assert _codes(b"<a>" + b" " * 10_000_000 + b"</a>") == {"xml_too_large"}
        assert _codes(b" " * 50_000_000) == {"xml_too_large"}


def test_huge_depth() -> None:
    with within(2):
        assert _codes(b"<a>" * 100_000) <= {"xml_broken", "xml_too_deep"}
        assert _codes(b"<a>" * 250 + b"</a>" * 250) == {"xml_too_deep"}


def test_too_many_elements() -> None:
    with within(5, 800):
        assert _codes(_definitions("<b:x/>" * 500_001)) == {"xml_too_large"}


@pytest.mark.parametrize(
    "source",
    [
        b"\0",
        b"\0" * 1000,
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"<a>\0</a>",
        b"<a b='\x01'/>",
        b"<a>&#0;</a>",
        b"<a>&unknown;</a>",
        b"<a></b>",
        b"<a/><b/>",
        b"<a",
        b"plain text",
        b"{}",
        b"PK\x03\x04zip",
        b"<a b='1' b='2'/>",
        b"<p:a/>",
        b"<a xmlns:p='' p:b='1'/>",
        "<a>\xe4</a>".encode("latin-1"),
        b"<?xml version='1.0' encoding='utf-16'?><a/>",
        b"<?xml version='1.0' encoding='no-such'?><a/>",
        b"<?xml version='9.9'?>" + b"<a>",
        b"<a>]]></a>",
        b"\xed\xa0\x80<a/>",
    ],
    ids=repr,
)
def test_what_is_no_xml_is_said_to_be_broken(source: bytes) -> None:
    problems = bpmn.check(source)
    assert [p.code for p in problems] == ["xml_broken"] or not source.strip()
    assert "\n" not in problems[0].message


def test_other_encodings_are_read() -> None:
    drawn = diagram(process("start -> ask -> end", ask=user("Prüfen – größer?"))).decode()
    for encoding in ("utf-16", "latin-1", "utf-8-sig"):
        declared = {"utf-16": "UTF-16", "latin-1": "ISO-8859-1", "utf-8-sig": "UTF-8"}[encoding]
        text = drawn.replace('encoding="UTF-8"', f'encoding="{declared}"').replace("–", "-")
        definition = bpmn.parse(text.encode(encoding)).definitions[0]
        assert definition.elements["ask"].name == "Prüfen - größer?"


def test_undeclared_prefixes_are_refused() -> None:
    assert _codes(_definitions(_SIMPLE + "<nobody:knows/>")) == {"xml_broken"}


def test_comments_and_instructions_anywhere_change_nothing() -> None:
    body = (
        '<!--a--><b:process id="p"><?x?><b:startEvent id="s"><!--a--></b:startEvent><b:scriptTask id="t"><!-- a -->'
        "<b:script>a = 1<!-- ; -->\nb = 2<?x y?>\n<![CDATA[c = a < b]]></b:script></b:scriptTask>"
        '<b:exclusiveGateway id="g" default="f3"/>'
        '<b:endEvent id="e"/><b:sequenceFlow id="f" sourceRef="s" targetRef="t"/>'
        '<b:sequenceFlow id="f2" sourceRef="t" targetRef="g"/><b:sequenceFlow id="f3" sourceRef="g" targetRef="e"/>'
        '<b:userTask id="ask"/><b:sequenceFlow id="f5" sourceRef="ask" targetRef="e"/>'
        '<b:sequenceFlow id="f4" sourceRef="g" targetRef="ask"><b:conditionExpression>a == 1 <!-- x -->and b == 2'
        "</b:conditionExpression></b:sequenceFlow></b:process><?end?><!--z-->"
    )
    source = b"<!-- first --><?pi?>" + _definitions(body) + b"<!-- last -->"
    assert [p.code for p in bpmn.check(source)] == ["no_layout"]
    it = Walk(bpmn.parse(source).definitions[0]).start()
    assert it.variables == {"a": 1, "b": 2, "c": True}
    assert it.waiting == ["ask"]


# -- what foreign elements may not do --------------------------------------------------------------------------------
def test_foreign_elements_with_the_ids_of_ours_decide_nothing() -> None:
    body = (
        '<b:process id="p" xmlns:x="urn:x"><b:startEvent id="s"/><b:task id="t" default="f2"/><b:endEvent id="e"/>'
        '<b:sequenceFlow id="f" sourceRef="s" targetRef="t"/><b:sequenceFlow id="f2" sourceRef="t" targetRef="e"/>'
        '<b:userTask id="u"/><b:sequenceFlow id="f4" sourceRef="u" targetRef="e"/>'
        '<b:sequenceFlow id="f3" sourceRef="t" targetRef="u"><b:conditionExpression>True</b:conditionExpression>'
        '</b:sequenceFlow><b:extensionElements><x:thing id="t"/><x:thing id="s"/></b:extensionElements></b:process>'
    )
    it = Walk(bpmn.parse(_definitions(body)).definitions[0]).start()
    assert it.ran(["e"]) == {}, "the default flow is not taken beside the one that holds"
    assert it.waiting == ["u"]


@pytest.mark.parametrize(
    ("element", "inside"),
    [
        ("scriptTask", "<b:script>x = 2</b:script>"),
        ("startEvent", "<b:timerEventDefinition/>"),
        ("startEvent", '<b:messageEventDefinition messageRef="none"/>'),
        ("endEvent", "<b:errorEventDefinition errorRef='none'/>"),
        ("endEvent", "<b:terminateEventDefinition/>"),
        ("userTask", "<b:multiInstanceLoopCharacteristics/>"),
        ("subProcess", "<b:startEvent/>"),
        ("subProcess", "<b:process/>"),
        ("process", '<b:process id="p2"><b:callActivity id="c"/></b:process>'),
        ("process", '<b:subProcess id="sp"/>'),
        ("userTask", '<b:standardLoopCharacteristics/><b:boundaryEvent id="bo" attachedToRef="userTask"/>'),
    ],
)
def test_what_stands_in_extension_elements_has_no_meaning(element: str, inside: str) -> None:
    def extended(tag: str, content: str = "", attributes: str = "") -> str:
        hidden = f"<b:extensionElements>{inside}</b:extensionElements>" if tag == element else ""
        return f'<b:{tag} id="{tag}"{attributes}>{hidden}{content}</b:{tag}>'

    nodes = ["startEvent", "scriptTask", "userTask", "subProcess", "endEvent"]
    flows = "".join(
        f'<b:sequenceFlow id="f{i}" sourceRef="{a}" targetRef="{b}"/>'
        for i, (a, b) in enumerate(itertools.pairwise(nodes))
    )
    inner = '<b:startEvent id="is"/><b:endEvent id="ie"/><b:sequenceFlow id="if" sourceRef="is" targetRef="ie"/>'
    contents = {"scriptTask": "<b:script>x = 1</b:script>", "subProcess": inner}
    drawn = "".join(extended(tag, contents.get(tag, "")) for tag in nodes)
    source = _definitions(extended("process", drawn + flows))
    if any(p.severity == "error" for p in bpmn.check(source)):
        assert _codes(source) <= {"id_missing"}
        return
    it = Walk(bpmn.parse(source).definitions[0]).start()
    assert it.variables == {"x": 1}
    it.complete("userTask")
    assert it.state == "completed"


# -- what scripts and texts may hold ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "text",
    [
        "(" * 1000,
        "a = " + "(" * 150 + "1" + ")" * 150,
        "a = " + "[" * 5000,
        "a = " + "not " * 15_000 + "1",
        "a = " + "1+" * 20_000 + "1",
        "a" + ".a" * 20_000,
        "a = " + "lambda: " * 5_000 + "1",
        "if 1:\n" + "".join(" " * i + "if 1:\n" for i in range(1, 150)),
        "a = " + "9" * 10_000,
        "a = 'x' * 10**100",
        "a = '''",
        "\\",
        "\ta = 1\n b = 2",
        "a = 1\n\x0cb = 2".replace("\x0c", "\t"),
        "f'{" * 100,
        "# coding: utf-7\na = 1",
        "é = 1; ª = 2",
        "match a:\n case {'x': y, **rest}: pass\n case [*z]: pass",
        "print(1); " * 3_000,
    ],
    ids=lambda text: text[:12],
)
def test_a_hostile_script_is_read_or_refused_but_never_run(text: str) -> None:
    for source in (
        diagram(process("start -> s -> end", s=script(text))),
        diagram(process(f"start -> t -[{text.splitlines()[0].replace(']', ')')}]-> end", t=user())),
    ):
        with within(3):
            bpmn.check(source)
            _codes(source)


@pytest.mark.parametrize(
    "place",
    ["{{a." + "9" * 5000 + "}}", "{{a.٣}}", "{{a.99999999999}}", "{{a.0.b.c}}", "{{__class__}}", "{{a.__len__}}"],
    ids=lambda place: place[:12],
)
def test_a_place_that_is_not_there_is_empty(place: str) -> None:
    it = Walk(bpmn.parse(diagram(process("start -> ask -> end", ask=user(f"[{place}]")))).definitions[0])
    assert it.start(a=["x"]).opened("ask").name == "[]"


def test_a_place_is_filled_once() -> None:
    """What a variable holds is text, never another place to fill."""
    drawn = process("start -> call -> end", call=service(headers={"h": "{{a}}{{b}}"}))
    it = Walk(bpmn.parse(diagram(drawn)).definitions[0]).start(a="{{b}}", b="{{a}}", secret=1)
    assert it.opened("call").headers == {"h": "{{b}}{{a}}"}


def test_a_wide_choice_of_sub_processes_is_fine() -> None:
    inner = {f"u{i}": sub_process(f"start_{i} -> end_{i}") for i in range(300)}
    drawn = process("start -> gate", *(f"gate -[n == {i}]-> u{i} -> end" for i in range(300)), gate=choice(), **inner)
    it = Walk(bpmn.parse(diagram(drawn)).definitions[0]).start(n=299)
    assert it.ran(["u299"]) == {"u299": 1}
