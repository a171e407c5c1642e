"""Activities that run several times (BPMN 2.0.2, 13.3.6 and 13.3.7)."""

from __future__ import annotations

import pytest

from bpmn import Limits, effects, triggers
from tests.bpmn.conftest import Walking
from tests.bpmn.drawing import attached, escalation, fork, looping, script, service, several, sub_process, timer, user


@pytest.mark.parametrize(("before", "start", "turns"), [(True, 0, 3), (True, 5, 0), (False, 0, 3), (False, 5, 1)])
def test_a_standard_loop_tests_before_or_after(walk: Walking, before: bool, start: int, turns: int) -> None:
    it = walk("start -> add -> end", add=looping(script("n = n + 1"), "n < 3", before=before)).start(n=start)
    assert it.variables["n"] == start + turns
    assert it.state == "completed"


def test_a_loop_stops_at_its_maximum(walk: Walking) -> None:
    it = walk("start -> add -> end", add=looping(script("n = n + 1"), "True", maximum=4)).start(n=0)
    assert it.variables["n"] == 4


def test_a_loop_waits_in_each_turn(walk: Walking) -> None:
    it = walk("start -> ask -> end", ask=looping(user(), "again")).start()
    it.complete("ask", again=True).complete("ask", again=True).complete("ask", again=False)
    assert it.outcome("ask") == ["completed"] * 4  # the activity and its turns
    assert it.state == "completed"


def test_a_loop_condition_that_fails_can_be_repaired(walk: Walking) -> None:
    it = walk("start -> ask -> end", ask=looping(user(), "again")).start()
    it.complete("ask")
    assert it.incidents == [("ask", "condition_failed")]
    it.set(again=False).retry("ask")
    assert it.state == "completed"


def test_all_at_once_results_keep_the_order_of_the_items(walk: Walking) -> None:
    it = walk("start -> ask -> end", ask=several(user("{{who}}"), of="people", each="who", into="votes", result="vote"))
    it.start(people=["ada", "ben", "cleo"])
    names = [e.name for e in it.effects if isinstance(e, effects.OpenUserTask)]
    assert names == ["ada", "ben", "cleo"]
    tokens = [t for t, e in sorted(it.open.items()) if isinstance(e, effects.OpenUserTask)]

    for token, vote in zip((tokens[2], tokens[0], tokens[1]), ("c", "a", "b"), strict=True):
        it.do(triggers.UserTaskCompleted(token, {"vote": vote}))
    assert it.variables == {"people": ["ada", "ben", "cleo"], "votes": ["a", "b", "c"]}
    assert it.state == "completed"


def test_one_after_another_sees_what_came_before(walk: Walking) -> None:
    it = walk(
        "start -> add -> end",
        add=several(script("total = total + x\ny = total"), of="xs", each="x", into="ys", result="y", sequential=True),
    ).start(xs=[1, 2, 3], total=0)
    assert it.variables["ys"] == [1, 3, 6]
    assert it.variables["total"] == 6


@pytest.mark.parametrize("sequential", [True, False])
def test_an_empty_collection_passes_at_once(walk: Walking, sequential: bool) -> None:
    it = walk(
        "start -> ask -> end", ask=several(user(), of="xs", each="x", into="ys", result="y", sequential=sequential)
    )
    it.start(xs=[])
    assert it.variables["ys"] == []
    assert it.state == "completed"


def test_a_count_and_the_number_of_the_turn(walk: Walking) -> None:
    it = walk("start -> note -> end", note=several(script("seen = seen + [loopCounter]"), "n * 2", sequential=True))
    it.start(n=2, seen=[])
    assert it.variables["seen"] == [1, 2, 3, 4]


@pytest.mark.parametrize("sequential", [True, False])
def test_a_completion_condition_ends_the_rest(walk: Walking, sequential: bool) -> None:
    it = walk(
        "start -> ask -> end",
        ask=several(
            user(), "5", until="numberOfCompletedInstances >= 2", into="votes", result="vote", sequential=sequential
        ),
    ).start()
    it.complete("ask", vote="a").complete("ask", vote="b")
    assert it.state == "completed"
    assert it.outcome("ask").count("cancelled") == (0 if sequential else 3)
    assert it.variables["votes"] == ["a", "b", None, None, None]


def test_several_sub_processes_have_variables_of_their_own(walk: Walking) -> None:
    it = walk(
        "start -> part -> end",
        part=several(
            sub_process("start2 -> ask -> add -> end2", ask=user(), add=script("y = x * f")),
            of="xs",
            each="x",
            into="ys",
            result="y",
        ),
    ).start(xs=[1, 2], f=10)
    it.complete("ask").complete("ask")
    assert it.variables["ys"] == [10, 20]
    assert {scope for scope, _ in it.store.variables} == {1}
    assert it.state == "completed"


def test_nested_multi_instance(walk: Walking) -> None:
    it = walk(
        "start -> row -> end",
        row=several(
            sub_process(
                "start2 -> cell -> end2", cell=several(script("z = x * y"), of="ys", each="y", into="zs", result="z")
            ),
            of="xs",
            each="x",
            into="table",
            result="zs",
            sequential=True,
        ),
    ).start(xs=[1, 2], ys=[3, 4], zs=None)
    assert it.variables["table"] == [[3, 4], [6, 8]]


@pytest.mark.parametrize(("count", "words"), [("'many'", "not a count"), ("-1", "not a count"), ("2.5", "not a count")])
def test_a_count_that_is_none_is_an_incident(walk: Walking, count: str, words: str) -> None:
    it = walk("start -> ask -> end", ask=several(user(), "n")).start(n=eval(count))
    assert it.incidents == [("ask", "condition_failed")]
    assert words in it.incident("ask").message
    it.set(n=1).retry("ask").complete("ask")
    assert it.state == "completed"


def test_a_collection_that_is_no_list_is_an_incident(walk: Walking) -> None:
    it = walk("start -> ask -> end", ask=several(user(), of="xs")).start(xs=3)
    assert "is no list" in it.incident("ask").message
    it.set(xs={"a": 1}).retry("ask").complete("ask")
    assert it.state == "completed"


def test_more_turns_than_an_instance_may_hold(walk: Walking) -> None:
    it = walk("start -> ask -> end", ask=several(user(), "1000"), limits=Limits(tokens=100)).start()
    assert "at most 100" in it.incident("ask").message


def test_a_result_that_fails_keeps_its_turn(walk: Walking) -> None:
    it = walk("start -> ask -> end", ask=several(user(), "2", into="ys", result="y + 1")).start()
    it.complete("ask", y="text")
    assert it.incidents == [("ask", "condition_failed")]
    it.set(y=1).retry("ask").complete("ask", y=5)
    assert it.variables["ys"] == [2, 6]
    assert it.state == "completed"


def test_an_event_at_the_activity_ends_all_turns(walk: Walking) -> None:
    it = walk(
        "start -> ask -> end", "late -> end2", ask=several(user(), "3"), late=attached("ask", timer("duration", "PT1H"))
    ).start()
    assert it.timers == ["late"]
    it.complete("ask").due("late")
    assert it.state == "completed"
    assert it.outcome("ask") == ["cancelled", "completed", "cancelled", "cancelled"]
    assert not it.store.rows


@pytest.mark.parametrize(
    ("behavior", "count"),
    [("None", 3), ("One", 1), ("All", 0)],
)
def test_completions_throw_what_the_drawing_asks_for(behavior: str, count: int) -> None:
    import bpmn
    from tests.bpmn.drawing import diagram, process
    from tests.bpmn.walking import Walk

    shared = '<bpmn:escalationEventDefinition id="told" escalationRef="escalation_c"/>'
    extra = f' behavior="{behavior}"' + (f' {behavior.lower()}BehaviorEventRef="told"' if behavior != "All" else "")
    source = diagram(
        shared,
        process(
            "start -> ask -> end",
            "up -> note -> end2",
            ask=several(user(), "3", extra=extra),
            up=attached("ask", escalation("c"), interrupting=False),
        ),
    )
    it = Walk(bpmn.parse(source).definitions[0], "restored").start()
    it.complete("ask").complete("ask").complete("ask")
    assert len(it.outcome("note")) == count


def test_complex_behavior_throws_when_its_condition_holds(walk: Walking) -> None:
    inside = (
        "<bpmn:complexBehaviorDefinition><bpmn:condition>numberOfCompletedInstances == 2</bpmn:condition>"
        '<bpmn:event><bpmn:escalationEventDefinition escalationRef="escalation_c"/></bpmn:event>'
        "</bpmn:complexBehaviorDefinition>"
    )
    it = walk(
        "start -> ask -> end",
        "up -> end2",
        ask=several(user(), "3", extra=' behavior="Complex"', inside=inside),
        up=attached("ask", escalation("c")),
    ).start()
    it.complete("ask")
    assert it.state == "active"
    it.complete("ask")
    assert it.outcome("up") == ["completed"]
    assert it.state == "completed"


def test_the_thousandth_turn_writes_what_the_first_wrote(walk: Walking) -> None:
    it = walk("start -> ask -> end", ask=several(service(), of="xs", each="x", into="ys", result="y"))
    it.mode = "straight"
    it.start(xs=list(range(300)))
    written = []
    for number in range(300):
        before = dict(it.store.rows)
        it.finish_job("ask", y=number)
        written.append(sum(1 for name in it.store.rows if it.store.rows[name] != before.get(name)))
    assert it.state == "completed"
    assert len(set(written[1:-1])) == 1


def test_tokens_needed_and_tokens_sent(walk: Walking) -> None:
    two = user()
    two.attributes["startQuantity"] = "2"
    three = script("n = n + 1")
    three.attributes["completionQuantity"] = "3"
    it = walk("start -> fork -> a -> two -> end", "fork -> b -> two", two=two, fork=fork(), a=user(), b=user()).start()
    it.complete("a")
    assert it.waiting == ["b"]
    it.complete("b")
    assert it.waiting == ["two"]
    it.complete("two")
    assert it.state == "completed"
    it = walk("start -> three -> count -> end", three=three, count=script("m = m + 1")).start(n=0, m=0)
    assert it.variables == {"n": 1, "m": 3}


def test_too_few_tokens_are_a_dead_end(walk: Walking) -> None:
    two = user()
    two.attributes["startQuantity"] = "2"
    it = walk("start -> two -> end", two=two).start()
    assert it.incidents == [("two", "dead_end")]
