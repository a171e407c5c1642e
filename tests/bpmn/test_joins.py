"""The parallel gateway (BPMN 2.0.2, 13.4.1): one token from each incoming flow, surplus tokens stay."""

from __future__ import annotations

from tests.bpmn.conftest import Walking
from tests.bpmn.drawing import attached, choice, fork, join, message, milestone, on_message, script, sub_process, user


def test_a_join_waits_for_all_its_inputs_and_tells_which_are_missing(walk: Walking) -> None:
    it = walk(
        "start -> split -> a -> sync -> after -> end",
        "split -> b -> sync",
        "split -> c -> sync",
        split=fork(),
        a=user(),
        b=user(),
        c=user(),
        sync=join(),
        after=user(),
    ).start()
    assert it.live.joins() == []
    it.complete("b")
    assert it.live.joins() == [("sync", 1, {"a.sync": 0, "b.sync": 1, "c.sync": 0})]
    it.complete("a")
    assert it.live.joins() == [("sync", 1, {"a.sync": 1, "b.sync": 1, "c.sync": 0})]
    assert it.waiting == ["c"]
    it.complete("c")
    assert it.live.joins() == []
    assert it.waiting == ["after"]
    assert it.outcome("sync") == ["completed"], "a join is one activity instance, however many tokens it takes"


def test_several_tokens_on_one_input_do_not_make_up_for_the_other(walk: Walking) -> None:
    it = walk(
        "start -> split -> a -> sync -> after -> end",
        "split -> a",
        "split -> b -> sync",
        split=fork(),
        a=user(),
        b=user(),
        sync=join(),
        after=user(),
    ).start()
    it.complete("a").complete("a")
    assert it.live.joins() == [("sync", 1, {"a.sync": 2, "b.sync": 0})]
    assert it.waiting == ["b"]
    it.complete("b")
    assert it.waiting == ["after"], "it fires once, for one token of each"
    assert it.live.joins() == [("sync", 1, {"a.sync": 1, "b.sync": 0})]


def test_surplus_tokens_stay_for_the_next_round(walk: Walking) -> None:
    it = walk(
        "start -> split -> a -> sync -> after",
        "split -> a",
        "split -> b -> sync",
        "split -> b",
        split=fork(),
        a=user(),
        b=user(),
        sync=join(),
        after=user(),
    ).start()
    it.complete("a").complete("a").complete("b")
    assert it.waiting == ["after", "b"]
    it.complete("b")
    assert it.waiting == ["after", "after"]
    it.complete("after").complete("after")
    assert it.state == "completed"


def test_two_flows_from_one_element_are_two_inputs(walk: Walking) -> None:
    it = walk("start -> split -> sync -> after -> end", "split -> sync", split=fork(), sync=join(), after=user())
    assert it.start().waiting == ["after"]


def test_a_join_in_a_loop_starts_anew_each_turn(walk: Walking) -> None:
    it = walk(
        "start -> again -> split -> a -> sync -> gate",
        "split -> b -> sync",
        "gate -[turn < 4]-> again",
        "gate -default-> end",
        again=script("turn = turn + 1"),
        split=fork(),
        a=user(),
        sync=join(),
        gate=choice(),
    ).start(turn=0)
    for turn in range(1, 5):
        assert it.variables["turn"] == turn
        assert it.live.joins() == [("sync", 1, {"a.sync": 0, "b.sync": 1})]
        it.complete("a")
    assert it.state == "completed"
    assert it.ran(["sync", "b"]) == {"sync": 4, "b": 4}


def test_a_loop_inside_a_branch_makes_the_join_wait(walk: Walking) -> None:
    it = walk(
        "start -> split -> ask -> gate",
        "gate -[again]-> ask",
        "gate -default-> sync",
        "split -> b -> sync -> end",
        split=fork(),
        ask=user(),
        gate=choice(),
        sync=join(),
    ).start(again=True)
    it.complete("ask").complete("ask").complete("ask", again=False)
    assert it.state == "completed"


def test_a_gateway_may_join_and_split_at_once(walk: Walking) -> None:
    it = walk(
        "start -> split -> a -> both -> c -> end",
        "split -> b -> both -> d -> end",
        split=fork(),
        a=user(),
        b=user(),
        both=fork(),
        c=user(),
        d=user(),
    ).start()
    it.complete("a").complete("b")
    assert it.waiting == ["c", "d"]


def test_a_choice_into_a_join_is_a_dead_end_that_names_what_never_comes(walk: Walking) -> None:
    it = walk(
        "start -> gate",
        "gate -[True]-> a -> sync -> end",
        "gate -default-> b -> sync",
        gate=choice(),
        a=user(),
        sync=join(),
    ).start()
    assert it.incidents == []
    it.complete("a")
    assert it.state == "active"
    assert it.incidents == [("sync", "dead_end")]
    assert "b.sync" in it.incident("sync").message
    assert it.incident("sync").token is None
    it.set(nothing=1)
    assert len(it.dead_ends) == 1, "it is said once"
    it.cancel()
    assert it.state == "cancelled"


def test_a_dead_end_is_told_only_when_nothing_else_can_come(walk: Walking) -> None:
    it = walk(
        "start -> split -> gate",
        "gate -[True]-> sync -> end",
        "gate -default-> sync",
        "split -> slow -> end",
        split=fork(),
        gate=choice(),
        slow=user(),
        sync=join(),
    ).start()
    assert it.incidents == []
    it.complete("slow")
    assert it.incidents == [("sync", "dead_end")]


def test_a_dead_end_in_a_sub_process_is_told_while_the_rest_goes_on(walk: Walking) -> None:
    it = walk(
        "start -> split -> work -> end",
        "split -> other -> end",
        split=fork(),
        other=user(),
        work=sub_process(
            "start_in -> gate", "gate -[True]-> sync -> end_in", "gate -default-> sync", gate=choice(), sync=join()
        ),
    ).start()
    assert it.incidents == [("sync", "dead_end")]
    it.complete("other")
    assert it.state == "active"
    assert it.outcome("work") == ["running"]
    assert len(it.dead_ends) == 1


def test_joins_of_two_runs_of_one_sub_process_are_kept_apart(walk: Walking) -> None:
    it = walk(
        "start -> split -> work -> end",
        "split -> work",
        split=fork(),
        work=sub_process(
            "start_in -> fork_in -> a -> sync -> end_in",
            "fork_in -> b -> sync",
            fork_in=fork(),
            a=user(),
            b=user(),
            sync=join(),
        ),
    ).start()
    it.complete("a").complete("a")
    assert [(element, counts) for element, _, counts in it.live.joins()] == [("sync", {"a.sync": 1, "b.sync": 0})] * 2
    it.complete("b").complete("b")
    assert it.state == "completed"
    assert it.ran(["sync", "work"]) == {"sync": 2, "work": 2}


def test_many_branches_meet(walk: Walking) -> None:
    width = 40
    it = walk(
        *(f"split -> n{i} -> passed{i} -> sync" for i in range(width)),
        "start -> split",
        "sync -> after -> end",
        split=fork(),
        sync=join(),
        after=user(),
        **{f"passed{i}": milestone() for i in range(width)},
    ).start()
    assert it.waiting == ["after"]


def test_a_dead_end_is_said_once_also_if_something_happens_beside_it(walk: Walking) -> None:
    it = walk(
        "start -> gate",
        "gate -[True]-> sync -> end",
        "gate -default-> sync",
        gate=choice(),
        sync=join(),
        asked=on_message("m", "begin -> end_m", interrupting=False),
    ).start()
    assert it.incidents == [("sync", "dead_end")]
    it.message("m")
    assert it.incidents == [("sync", "dead_end")]
    it.message("m")
    assert it.incidents == [("sync", "dead_end")]


def test_a_dead_end_is_over_when_its_scope_is_interrupted(walk: Walking) -> None:
    it = walk(
        "start -> work -> end",
        "stop -> after -> end",
        stop=attached("work", message("stop")),
        after=user(),
        work=sub_process(
            "start_in -> gate", "gate -[True]-> sync -> end_in", "gate -default-> sync", gate=choice(), sync=join()
        ),
    ).start()
    assert it.incidents == [("sync", "dead_end")]
    it.message("stop")
    assert it.incidents == []
    assert it.waiting == ["after"]
