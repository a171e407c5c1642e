"""What fails, stays where it is, and goes on after a repair."""

from __future__ import annotations

import pytest

from bpmn import Limits, effects, triggers
from tests.bpmn.conftest import Walking
from tests.bpmn.drawing import choice, fork, on_message, script, sub_process, user


def test_a_script_that_fails_is_an_incident_and_is_run_again_after_a_repair(walk: Walking) -> None:
    it = walk("start -> calc -> end", calc=script("share = total / people")).start(total=6, people=0)
    assert it.incidents == [("calc", "script_failed")]
    incident = it.incident("calc")
    assert "ZeroDivisionError" in incident.message
    assert incident.detail == "where it failed"
    assert (incident.token, incident.activity) == (incident.activity, incident.token)
    assert it.outcome("calc") == ["running"]
    it.retry("calc")
    assert it.incidents == [("calc", "script_failed")]
    it.set(people=3).retry("calc")
    assert it.state == "completed"
    assert it.variables["share"] == 2
    assert it.outcome("calc") == ["completed"], "a retry is the same activity instance"


def test_a_failed_branch_keeps_its_scope_open_and_the_others_go_on(walk: Walking) -> None:
    it = walk(
        "start -> split -> bad -> end", "split -> ask -> good -> end", split=fork(), bad=script("1 / 0"), ask=user()
    ).start()
    it.complete("ask")
    assert it.ran(["good"]) == {"good": 1}
    assert it.state == "active"


def test_a_condition_that_fails_names_its_flow_and_the_work_before_is_not_repeated(walk: Walking) -> None:
    it = walk(
        "start -> count -[n / zero > 1]-> end",
        "count -default-> end",
        count=script("runs = runs + 1"),
    ).start(n=1, zero=0, runs=0)
    assert it.incidents == [("count", "condition_failed")]
    assert "count.end" in it.incident("count").message
    assert "n / zero > 1" in it.incident("count").message
    it.set(zero=1).retry("count")
    assert it.state == "completed"
    assert it.variables["runs"] == 1


def test_a_condition_on_what_is_not_there_is_an_incident(walk: Walking) -> None:
    it = walk("start -> gate", "gate -[missing > 1]-> end", "gate -default-> end", gate=choice()).start()
    assert it.incidents == [("gate", "condition_failed")]


def test_the_way_out_of_a_sub_process_can_fail_and_be_retried(walk: Walking) -> None:
    it = walk("start -> work -[ok]-> end", work=sub_process("start_in -> ask -> end_in", ask=user())).start(ok=False)
    it.complete("ask")
    assert it.incidents == [("work", "no_flow_taken")]
    assert it.live.scopes() == {1: None}
    it.set(ok=True).retry("work")
    assert it.state == "completed"
    assert it.outcome("ask") == ["completed"]


@pytest.mark.parametrize("failed", ["script", "choice", "work"])
def test_cancelling_closes_incidents(walk: Walking, failed: str) -> None:
    it = walk(
        "start -> pick -[where == 'script']-> script -> end",
        "pick -[where == 'choice']-> choice",
        "pick -default-> work -[False]-> end",
        "choice -[False]-> end",
        pick=choice(),
        script=script("1 / 0"),
        choice=choice(),
        work=sub_process("start_in -> end_in"),
    ).start(where=failed)
    (token,) = [t for t, e in it.open.items() if isinstance(e, effects.RaiseIncident)]
    it.cancel()
    assert effects.CloseWait(token) in it.last
    assert it.outcome(failed) == ["cancelled"]


def test_interrupting_closes_the_incidents_of_its_scope(walk: Walking) -> None:
    it = walk(
        "start -> work -[False]-> end",
        work=sub_process("start_in -> end_in"),
        stop=on_message("stop", "begin -> tell -> end_stop", tell=user()),
    ).start()
    it.message("stop")
    assert it.incidents == []
    assert it.outcome("work") == ["cancelled"]


def test_a_failed_event_sub_process_can_be_retried(walk: Walking) -> None:
    it = walk(
        "start -> ask -> end",
        ask=user(),
        asked=on_message("m", "begin -> bad -> end_m", interrupting=False, bad=script("x = 1 / n")),
    ).start(n=0)
    it.message("m").complete("ask")
    assert it.state == "active"
    it.set(n=1).retry("bad")
    assert it.state == "completed"


def _endless(walk: Walking, **options: object) -> object:
    return walk(
        "start -> turn -> gate",
        "gate -[more]-> turn",
        "gate -default-> end",
        turn=script("n = n + 1"),
        gate=choice(),
        **options,
    )


def test_an_endless_loop_becomes_an_incident(walk: Walking) -> None:
    it = _endless(walk, limits=Limits(entries=30)).start(n=0, more=True)
    assert it.incidents == [("turn", "loop_limit")]
    assert it.variables["n"] == 30
    assert "30" in it.incident("turn").message


def test_the_drawing_may_set_the_loop_limit(walk: Walking) -> None:
    it = _endless(walk, loop_limit=12).start(n=0, more=True)
    assert it.incidents == [("turn", "loop_limit")]
    assert it.variables["n"] == 12


def test_after_the_loop_limit_one_retry_runs_the_whole_loop_on(walk: Walking) -> None:
    it = _endless(walk, loop_limit=20).start(n=0, more=True)
    it.retry("turn")
    assert it.incidents == [("turn", "loop_limit")], "not at the next element of the loop"
    assert it.variables["n"] == 40
    it.set(more=False).retry("turn")
    assert it.state == "completed"
    assert it.variables["n"] == 41


def test_a_retry_of_something_else_does_not_lift_the_loop_limit(walk: Walking) -> None:
    it = walk(
        "start -> turn -> gate",
        "gate -[True]-> turn",
        "gate -default-> end",
        turn=script("n = n + 1 + 0 / (n != stop)"),
        gate=choice(),
        loop_limit=10,
    ).start(n=0, stop=5)
    assert it.incidents == [("turn", "script_failed")]
    it.set(stop=-1).retry("turn")
    assert it.incidents == [("turn", "loop_limit")]
    assert it.variables["n"] < 10 + 5


def test_elements_outside_loops_are_not_counted(walk: Walking) -> None:
    it = walk("start -> split -> a -> end", *["split -> a"] * 20, split=fork(), loop_limit=5).start()
    assert it.state == "completed"


def test_an_incident_is_gone_with_its_retry(walk: Walking) -> None:
    it = walk("start -> bad -> end", bad=script("1 / n")).start(n=0)
    token = it.token("bad", effects.RaiseIncident)
    it.set(n=1).retry("bad")
    assert it.state == "completed"
    assert it.open == {}
    assert token not in it.live.index


def test_a_loop_of_service_tasks_counts_too(walk: Walking) -> None:
    it = walk("start -> ask -[True]-> ask", "ask -default-> end", ask=user(), loop_limit=3).start()
    it.complete("ask").complete("ask").complete("ask")
    assert it.incidents == [("ask", "loop_limit")]
    it.do(triggers.Retry(it.token("ask", effects.RaiseIncident)))
    assert it.waiting == ["ask"]


def test_splits_behind_splits_are_stopped_before_they_fill_the_memory(walk: Walking) -> None:
    """No loop, so the loop limit never counts: 40 tasks with two flows each would make a billion tokens."""
    doubling = [f"t{i} -> t{i + 1}" for i in range(40)]
    it = walk("start -> t0", *doubling, *doubling, "t40 -> end", limits=Limits(tokens=100)).start()
    ((element, kind),) = it.incidents
    assert kind == "too_many_tokens"
    assert len(it.live.index) <= 100
    assert "100" in it.incident(element).message
    it.set(a=1)
    assert len(it.incidents) <= 2, "one more each time somebody touches it, not one for every token"
    assert len(it.live.index) <= 101
    it.cancel()
    assert it.state == "cancelled"


def test_an_instance_that_stood_still_goes_on_when_there_is_room_again(walk: Walking) -> None:
    it = walk(
        "start -> split",
        *["split -> ask -> end"],
        *["split -> ask"] * 8,
        "split -> more -> end",
        "more -> end",
        split=fork(),
        ask=user(),
        limits=Limits(tokens=11),
    ).start()
    assert it.incidents == [("more", "too_many_tokens")]
    it.complete("ask").complete("ask").retry("more")
    assert it.incidents == []
    assert len(it.waiting) == 7
    assert it.ran(["more"]) == {"more": 1}
