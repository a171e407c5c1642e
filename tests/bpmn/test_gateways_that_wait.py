"""Inclusive and complex gateways (BPMN 2.0.2, 13.4.3 and 13.4.5)."""

from __future__ import annotations

import pytest

from tests.bpmn.conftest import Walking
from tests.bpmn.drawing import attached, choice, complex_gateway, fork, inclusive, script, sub_process, timer, user
from tests.bpmn.walking import Walk


@pytest.mark.parametrize(("x", "taken"), [(1, "a"), (2, "ab"), (3, "abc")])
def test_an_inclusive_join_waits_for_what_was_taken(walk: Walking, x: int, taken: str) -> None:
    it = walk(
        "start -> split",
        "split -[x > 0]-> a -> join -> after -> end",
        "split -[x > 1]-> b -> join",
        "split -[x > 2]-> c -> join",
        split=inclusive(),
        join=inclusive(),
        a=user(),
        b=user(),
        c=user(),
    ).start(x=x)
    assert it.waiting == list(taken)
    for name in taken:
        assert it.outcome("after") == []
        it.complete(name)
    assert it.ran(["join", "after"]) == {"join": 1, "after": 1}
    assert it.state == "completed"


def test_no_condition_and_no_default_is_an_incident(walk: Walking) -> None:
    it = walk("start -> split", "split -[x]-> a -> end", "split -[y]-> b -> end2", split=inclusive()).start(
        x=False, y=False
    )
    assert it.incidents == [("split", "no_flow_taken")]
    it.set(y=True).retry("split")
    assert it.ran(["a", "b"]) == {"b": 1}
    assert it.details["split"]["flow_id"] == "split.b"


def test_the_default_is_taken_when_nothing_else_holds(walk: Walking) -> None:
    it = walk("start -> split", "split -[x]-> a -> end", "split -default-> b -> end2", split=inclusive()).start(x=False)
    assert it.ran(["a", "b"]) == {"b": 1}


def test_all_flows_taken_are_told(walk: Walking) -> None:
    it = walk("start -> split", "split -[x]-> a -> end", "split -[x]-> b -> end2", split=inclusive()).start(x=True)
    assert it.details["split"]["flow_ids"] == ["split.a", "split.b"]


def test_a_branch_that_went_elsewhere_is_not_waited_for(walk: Walking) -> None:
    it = walk(
        "start -> fork -> a -> join -> after -> end",
        "fork -> b -> gate",
        "gate -[come]-> join",
        "gate -default-> end2",
        fork=fork(),
        a=user(),
        b=user(),
        gate=choice(),
        join=inclusive(),
    ).start()
    it.complete("a")
    assert it.outcome("after") == []
    it.complete("b", come=False)
    assert it.ran(["after"]) == {"after": 1}
    assert it.state == "completed"


def test_an_inclusive_join_in_a_loop(walk: Walking) -> None:
    it = walk(
        "start -> again -> split",
        "split -[True]-> a -> join",
        "split -[n > 1]-> b -> join",
        "join -> count -> gate",
        "gate -[n < 4]-> again",
        "gate -default-> end",
        again=choice(),
        split=inclusive(),
        join=inclusive(),
        gate=choice(),
        count=script("n = n + 1"),
    ).start(n=0)
    assert it.ran(["a", "b", "join", "count"]) == {"a": 4, "b": 2, "join": 4, "count": 4}
    assert it.state == "completed"


def test_a_token_that_would_pass_a_filled_input_is_not_waited_for(walk: Walking) -> None:
    # 13.4.3: from b both inputs can be reached, and one of them is filled already.
    it = walk(
        "start -> fork -> a -> join -> after -> end",
        "fork -> b -> gate",
        "gate -[x]-> a",
        "gate -default-> join",
        fork=fork(),
        b=user(),
        gate=choice(),
        join=inclusive(),
    ).start(x=True)
    assert it.ran(["after"]) == {"after": 1}
    it.complete("b")
    assert it.ran(["after"]) == {"after": 2}
    assert it.state == "completed"


def test_what_leaves_by_a_boundary_event_can_still_come(walk: Walking) -> None:
    it = walk(
        "start -> fork -> a -> join -> after -> end",
        "fork -> b -> end2",
        "late -> join",
        fork=fork(),
        b=user(),
        late=attached("b", timer("duration", "PT1H")),
        join=inclusive(),
    ).start()
    assert it.outcome("after") == []
    it.due("late")
    assert it.ran(["join", "after"]) == {"join": 1, "after": 1}
    assert it.state == "completed"


def test_an_inclusive_join_in_a_sub_process(walk: Walking) -> None:
    it = walk(
        "start -> part -> end",
        part=sub_process(
            "start2 -> fork -> a -> join -> end2",
            "fork -> b -> join",
            fork=fork(),
            a=user(),
            b=user(),
            join=inclusive(),
        ),
    ).start()
    it.complete("b").complete("a")
    assert it.ran(["join", "part"]) == {"join": 1, "part": 1}


def test_joins_tell_what_they_wait_for(walk: Walking) -> None:
    it = walk(
        "start -> fork -> a -> join -> end", "fork -> b -> join", fork=fork(), a=user(), b=user(), join=inclusive()
    ).start()
    it.complete("a")
    assert it.live.joins() == [("join", 1, {"a.join": 1, "b.join": 0})]


def two_of_three(walk: Walking) -> Walk:
    return walk(
        "start -> fork -> a -> join",
        "fork -> b -> join",
        "fork -> c -> join",
        "join -[waitingForStart]-> after -> end",
        "join -[not waitingForStart]-> late -> end2",
        fork=fork(),
        a=user(),
        b=user(),
        c=user(),
        join=complex_gateway("activationCount >= 2"),
    ).start()


def test_a_complex_gateway_fires_resets_and_tells_which(walk: Walking) -> None:
    it = two_of_three(walk)
    it.complete("a")
    assert it.outcome("after") == []
    it.complete("c")
    assert it.ran(["after", "late"]) == {"after": 1}
    it.complete("b")
    assert it.ran(["after", "late"]) == {"after": 1, "late": 1}
    assert it.state == "completed"


def test_a_complex_gateway_reads_its_flows_and_variables(walk: Walking) -> None:
    it = walk(
        "start -> fork -> a -> join",
        "fork -> b -> join -> after -> end",
        fork=fork(),
        a=user(),
        b=user(),
        join=complex_gateway("activationCount >= needed"),
    ).start(needed=1)
    it.complete("b")
    assert it.ran(["after"]) == {"after": 1}
    it.complete("a")
    assert it.ran(["after"]) == {"after": 1}
    assert it.state == "completed"


def test_a_complex_gateway_that_is_never_activated_is_a_dead_end(walk: Walking) -> None:
    it = walk("start -> join -> end", join=complex_gateway("activationCount >= 2")).start()
    assert it.incidents == [("join", "dead_end")]


def test_an_activation_condition_that_fails_is_told(walk: Walking) -> None:
    it = walk("start -> join -> end", join=complex_gateway("activationCount >= nothing")).start()
    assert ("join", "condition_failed") in it.incidents
    it.set(nothing=1)
    assert it.state == "completed"
