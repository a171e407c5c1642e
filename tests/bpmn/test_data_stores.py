"""Data stores: named values that outlive the instances, read and written by data associations (BPMN 2.0.2, 10.4.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import bpmn
from bpmn import effects
from tests.bpmn.drawing import Shape, attached, diagram, error, process, script, service, several, sub_process, user
from tests.bpmn.evaluating import PlainEvaluator
from tests.bpmn.walking import MODES, NOW, Walk

Drawn = Callable[..., Walk]

#: One store declared and referred to, one that stands for itself as bpmn-js draws it.
DECLARED = '<bpmn:dataStore id="store_1" name="customers"/>'
DRAWN = (
    '<bpmn:dataStoreReference id="ref_1" name="known" dataStoreRef="store_1"/>'
    '<bpmn:dataStoreReference id="ref_2" name="counter"/>'
)
STORES = ("customers", "counter")


def source(*paths: str, **elements: Any) -> bytes:
    drawn = process(*paths, **elements).replace("</bpmn:process>", f"{DRAWN}</bpmn:process>")
    return diagram(DECLARED, drawn)


@pytest.fixture(params=MODES)
def walk(request: pytest.FixtureRequest) -> Drawn:
    def begin(stores: dict[str, Any], *paths: str, **elements: Any) -> Walk:
        definition = bpmn.parse(source(*paths, **elements), stores=STORES).definitions[0]
        return Walk(definition, str(request.param), stores={"customers": None, "counter": 0} | stores)

    return begin


def reading(reference: str, target: str = "", how: str = "") -> str:
    goal = f"<bpmn:targetRef>{target}</bpmn:targetRef>" if target else ""
    whole = f"<bpmn:transformation>{how}</bpmn:transformation>" if how else ""
    return (
        f"<bpmn:dataInputAssociation><bpmn:sourceRef>{reference}</bpmn:sourceRef>{goal}{whole}"
        "</bpmn:dataInputAssociation>"
    )


def writing(reference: str, how: str = "", origin: str = "") -> str:
    first = f"<bpmn:sourceRef>{origin}</bpmn:sourceRef>" if origin else ""
    whole = f"<bpmn:transformation>{how}</bpmn:transformation>" if how else ""
    return (
        f"<bpmn:dataOutputAssociation>{first}<bpmn:targetRef>{reference}</bpmn:targetRef>{whole}"
        "</bpmn:dataOutputAssociation>"
    )


def using(shape: Shape, *associations: str, before: str = "") -> Shape:
    return Shape(shape.tag, shape.attributes, before + "".join(associations) + shape.inside)


def test_an_activity_reads_a_store_into_a_variable_of_its_own(walk: Drawn) -> None:
    it = walk(
        {"customers": ["ann"]},
        "start -> look -> end",
        look=using(script("found = 'ann' in known\nknown = None"), reading("ref_1")),
    ).start()
    assert it.variables == {"found": True}
    assert it.store.shared["customers"] == ["ann"]


def test_it_reads_what_stands_there_when_it_begins(walk: Drawn) -> None:
    it = walk({}, "start -> wait -> look -> end", wait=user(), look=using(user("see {{counter}}"), reading("ref_2")))
    it.start()
    it.store.shared["counter"] = 5  # another instance
    it.complete("wait")
    assert it.opened("look").name == "see 5"
    it.store.shared["counter"] = 6
    assert it.complete("look", more=1).variables == {"more": 1}


def test_a_store_that_was_never_written_holds_nothing(walk: Drawn) -> None:
    it = walk({}, "start -> look -> end", look=using(script("empty = known is None"), reading("ref_1"))).start()
    assert it.variables == {"empty": True}


def test_a_target_in_the_activity_gets_the_value_and_a_transformation_changes_it(walk: Drawn) -> None:
    spec = (
        '<bpmn:ioSpecification><bpmn:dataInput id="in_1" name="names"/><bpmn:inputSet/><bpmn:outputSet/>'
        "</bpmn:ioSpecification>"
    )
    for how, value in (("", ["ann"]), ("known + [other]", ["ann", "bob"])):
        look = using(script("names.append(1)\nseen = names"), reading("ref_1", "in_1", how), before=spec)
        it = walk({"customers": ["ann"]}, "start -> look -> end", look=look).start(other="bob")
        assert it.variables == {"other": "bob", "seen": [*value, 1]}


def test_the_placeholder_of_a_modeler_is_no_variable(walk: Drawn) -> None:
    placeholder = '<bpmn:property id="Property_1" name="__targetRef_placeholder"/>'
    look = using(user("{{known}}"), reading("ref_1", "Property_1"), before=placeholder)
    it = walk({"customers": "x"}, "start -> look -> end", look=look).start()
    assert it.opened("look").name == "x"
    assert it.live.visible_variables(it.token("look", effects.OpenUserTask)) == {"known": "x"}


def test_an_activity_writes_a_store_when_it_completes(walk: Drawn) -> None:
    it = walk({}, "start -> ask -> end", ask=using(user(), writing("ref_1", "[name, age + 1]"))).start(age=4)
    assert it.store.shared["customers"] is None
    it.complete("ask", name="ann")
    assert it.store.shared["customers"] == ["ann", 5]
    assert it.variables == {"age": 4}
    written = [e for e in it.effects if isinstance(e, effects.WriteStore)]
    assert [(e.element_id, e.store, e.value) for e in written] == [("ask", "customers", ["ann", 5])]


@pytest.mark.parametrize("origin", ["", "out_1"])
def test_without_an_expression_its_variable_is_written(walk: Drawn, origin: str) -> None:
    spec = '<bpmn:ioSpecification><bpmn:dataOutput id="out_1" name="result"/></bpmn:ioSpecification>' if origin else ""
    name = "result" if origin else "counter"
    it = walk({}, "start -> ask -> end", ask=using(user(), writing("ref_2", origin=origin), before=spec)).start()
    it.complete("ask", **{name: 7})
    assert it.store.shared["counter"] == 7
    assert it.variables == {}


def test_an_assignment_writes_a_store_as_a_whole(walk: Drawn) -> None:
    line = writing("ref_2").replace(
        "</bpmn:dataOutputAssociation>",
        "<bpmn:assignment><bpmn:from>n * 2</bpmn:from><bpmn:to>counter</bpmn:to></bpmn:assignment>"
        "</bpmn:dataOutputAssociation>",
    )
    it = walk({}, "start -> work -> end", work=using(service(), line)).start(n=4)
    it.finish_job("work")
    assert it.store.shared["counter"] == 8


def test_what_a_step_has_written_the_rest_of_it_reads(walk: Drawn) -> None:
    count = using(script("counter = counter + 1"), reading("ref_2"), writing("ref_2"))
    it = walk({"counter": 1}, "start -> a -> b -> c -> end", a=count, b=count, c=count).start()
    assert it.store.shared["counter"] == 4
    assert it.variables == {}


def test_a_list_is_changed_in_place(walk: Drawn) -> None:
    add = using(script("known.append(name)"), reading("ref_1"), writing("ref_1"))
    it = walk({"customers": ["ann"]}, "start -> add -> end", add=add).start(name="bob")
    assert it.store.shared["customers"] == ["ann", "bob"]


def test_each_turn_reads_and_writes(walk: Drawn) -> None:
    count = using(script("counter = counter + n"), reading("ref_2"), writing("ref_2"))
    it = walk({}, "start -> work -> end", work=several(count, of="ns", each="n")).start(ns=[1, 2, 3])
    assert it.store.shared["counter"] == 6


def test_a_sub_process_is_one_activity(walk: Drawn) -> None:
    inner = sub_process(
        "s -> add -> e", s=Shape("startEvent"), e=Shape("endEvent"), add=script("counter = counter + 1")
    )
    it = walk({"counter": 3}, "start -> part -> end", part=using(inner, reading("ref_2"), writing("ref_2"))).start()
    assert it.store.shared["counter"] == 4
    assert it.variables == {}


def test_an_activity_that_is_cancelled_or_fails_writes_nothing(walk: Drawn) -> None:
    it = walk(
        {"counter": 1},
        "start -> work -> end",
        "bad -> end2",
        work=using(service(), writing("ref_2", "5")),
        bad=attached("work", error()),
    ).start()
    it.fail("work", "E")
    assert it.store.shared["counter"] == 1
    it = walk({"counter": 1}, "start -> ask -> end", ask=using(user(), writing("ref_2", "missing + 1"))).start()
    it.complete("ask")
    assert it.incidents == [("ask", "condition_failed")]
    assert "output counter (missing + 1)" in it.incident("ask").message
    assert it.store.shared["counter"] == 1
    it.set(missing=1).retry("ask")
    assert it.store.shared["counter"] == 2


def test_a_store_that_is_configured_no_more_is_an_incident(walk: Drawn) -> None:
    it = walk({}, "start -> wait -> look -> end", wait=user(), look=using(user(), reading("ref_1"))).start()
    del it.store.shared["customers"]
    it.complete("wait")
    assert it.incidents == [("look", "condition_failed")]
    assert it.incident("look").message == "The data store customers is not configured (any more)."


def test_a_definition_says_which_stores_it_uses() -> None:
    look, add = using(user(), reading("ref_1")), using(user(), writing("ref_2", "1"))
    document = bpmn.parse(source("start -> look -> end", look=look), stores=STORES)
    assert document.definitions[0].stores == {"customers"}
    inner = sub_process("s -> add -> e", s=Shape("startEvent"), e=Shape("endEvent"), add=add)
    document = bpmn.parse(source("start -> part -> end", part=inner), stores=STORES)
    assert document.definitions[0].stores == {"counter"}
    document = bpmn.parse(source("start -> a -> end"), stores=STORES)
    assert document.definitions[0].stores == frozenset()


def test_stores_are_asked_only_where_they_are_read() -> None:
    class Untouched(dict[str, Any]):
        def __getitem__(self, name: str) -> Any:
            raise AssertionError(f"{name} was read")

    look = using(user(), reading("ref_1"))
    definition = bpmn.parse(source("start -> wait -> look -> end", wait=user(), look=look), stores=STORES).definitions[
        0
    ]
    execution = bpmn.Execution.new(definition)
    execution.step(bpmn.triggers.Start(), bpmn.StepContext(PlainEvaluator(), NOW, stores=Untouched(customers=1)))


@pytest.mark.parametrize(
    ("stores", "refused"),
    [((), ["ref_1", "ref_2"]), (("customers",), ["ref_2"]), (("counter", "known"), ["ref_1"]), (STORES, [])],
)
def test_a_store_that_is_not_configured_is_refused(stores: tuple[str, ...], refused: list[str]) -> None:
    file = source("start -> a -> end")
    problems = bpmn.check(file, stores=stores)
    assert [(p.code, p.element_id, p.severity) for p in problems] == [
        ("data_store_unknown", reference, "error") for reference in refused
    ]
    for problem in problems:
        assert problem.line == file[: file.index(problem.element_id.encode())].count(b"\n") + 1  # type: ignore[union-attr]
        assert "not configured" in problem.message
    if refused:
        with pytest.raises(bpmn.DocumentRefused):
            bpmn.parse(file, stores=stores)


def test_a_reference_to_nothing_is_refused() -> None:
    file = source("start -> a -> end").replace(b'dataStoreRef="store_1"', b'dataStoreRef="gone"')
    problems = bpmn.check(file, stores=("customers", "counter", "known"))
    assert [(p.code, p.element_id) for p in problems] == [("dangling_reference", "ref_1")]


def test_a_process_that_does_not_run_may_draw_any_store() -> None:
    drawn = source("start -> a -> end").decode()
    idle = '<bpmn:process id="idle" isExecutable="false"><bpmn:dataStoreReference id="ref_9" name="x"/></bpmn:process>'
    assert bpmn.check(drawn.replace("</bpmn:definitions>", f"{idle}</bpmn:definitions>").encode(), stores=STORES) == []
