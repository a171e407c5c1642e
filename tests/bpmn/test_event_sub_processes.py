"""Event sub-processes (BPMN 2.0.2, 13.5.4): they begin when their message comes while their scope is active."""

from __future__ import annotations

from tests.bpmn.conftest import Walking
from tests.bpmn.drawing import choice, fork, on_message, script, service, sub_process, user


def test_an_interrupting_one_cancels_its_siblings_and_ends_the_instance(walk: Walking) -> None:
    it = walk(
        "start -> both -> ask -> end",
        "both -> call -> end_call",
        both=fork(),
        ask=user(),
        call=service(),
        withdrawn=on_message("withdraw", "begin -> tell -> end_withdrawn", tell=user()),
    ).start()
    assert it.listening == ["withdraw"]
    it.message("withdraw", reason="late")
    assert it.waiting == ["tell"]
    assert it.listening == []
    assert it.outcome("ask") == it.outcome("call") == ["cancelled"]
    assert it.outcome("withdrawn") == ["running"]
    it.complete("tell")
    assert it.state == "completed"
    assert it.variables == {"reason": "late"}
    assert it.outcome("withdrawn") == ["completed"]


def test_one_that_does_not_interrupt_runs_beside_its_scope_several_times(walk: Walking) -> None:
    it = walk(
        "start -> ask -> end",
        ask=user(),
        asked=on_message("question", "begin -> answer -> end_asked", interrupting=False, answer=user()),
    ).start()
    it.message("question").message("question")
    assert it.waiting == ["answer", "answer", "ask"]
    it.complete("ask")
    assert it.state == "active", "the instance waits for the event sub-processes that have begun"
    it.complete("answer").message("question").complete("answer")
    assert it.waiting == ["answer"]
    it.complete("answer")
    assert it.state == "completed"
    assert it.outcome("asked") == ["completed"] * 3


def test_inside_a_sub_process_it_interrupts_only_that(walk: Walking) -> None:
    it = walk(
        "start -> both -> work -> after -> end",
        "both -> other -> end_other",
        both=fork(),
        other=user(),
        after=user(),
        work=sub_process(
            "start_work -> inner -> end_work",
            inner=user(),
            stop=on_message("stop", "begin -> note -> end_stop", note=script("stopped = True")),
        ),
    ).start()
    it.message("stop")
    assert it.waiting == ["after", "other"], "the sub-process completed by its event sub-process"
    assert it.outcome("inner") == ["cancelled"]
    assert it.outcome("work") == it.outcome("stop") == ["completed"]
    assert it.variables == {"stopped": True}


def test_a_running_sub_process_is_cancelled_with_everything_in_it(walk: Walking) -> None:
    it = walk(
        "start -> outer -> end",
        outer=sub_process(
            "start_outer -> inner -> end_outer",
            inner=sub_process(
                "start_inner -> deep -> end_inner",
                deep=user(),
                listener=on_message("deep", "begin_deep -> end_deep"),
            ),
        ),
        stop=on_message("stop", "begin -> tell -> end_stop", tell=user()),
    ).start()
    assert it.listening == ["deep", "stop"]
    it.message("stop")
    assert [it.outcome(e) for e in ("outer", "inner", "deep")] == [["cancelled"]] * 3
    assert it.listening == []
    ended = [e.element_id for e in it.last if type(e).__name__ == "ActivityEnded" and e.state == "cancelled"]
    assert ended == ["deep", "inner", "outer"], "from the inside out"
    it.complete("tell")
    assert it.state == "completed"


def test_two_in_one_scope(walk: Walking) -> None:
    it = walk(
        "start -> ask -> end",
        ask=user(),
        more=on_message("more", "begin_more -> look -> end_more", interrupting=False, look=user()),
        stop=on_message("stop", "begin_stop -> tell -> end_stop", tell=user()),
    ).start()
    it.message("more")
    it.message("stop")
    assert it.waiting == ["tell"], "the interrupting one cancels the other that has begun"
    assert it.outcome("more") == it.outcome("look") == ["cancelled"]
    it.complete("tell")
    assert it.state == "completed"


def test_it_listens_anew_each_time_its_sub_process_is_entered(walk: Walking) -> None:
    it = walk(
        "start -> again -> work -> gate",
        "gate -[turn < 3]-> again",
        "gate -default-> end",
        again=script("turn = turn + 1"),
        gate=choice(),
        work=sub_process(
            "start_work -> inner -> end_work",
            inner=user(),
            stop=on_message("stop", "begin -> end_stop"),
        ),
    ).start(turn=0)
    it.message("stop").complete("inner").message("stop")
    assert it.state == "completed"
    assert it.outcome("inner") == ["cancelled", "completed", "cancelled"]
