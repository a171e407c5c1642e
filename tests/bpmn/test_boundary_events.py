"""Events attached to activities: interrupting once, non-interrupting as often as they occur (BPMN 2.0.2, 13.5.3)."""

from __future__ import annotations

import pytest

from bpmn import NotWaiting, effects, triggers
from tests.bpmn.conftest import Walking
from tests.bpmn.drawing import (
    attached,
    choice,
    condition,
    error,
    escalation,
    finish,
    message,
    script,
    service,
    several,
    signal,
    sub_process,
    throw,
    timer,
    user,
)


def test_an_interrupting_timer_ends_its_task(walk: Walking) -> None:
    it = walk(
        "start -> ask -> end", "late -> remind -> end2", ask=user(), late=attached("ask", timer("duration", "PT1H"))
    )
    it.start()
    assert it.timers == ["late"]
    it.due("late")
    assert it.outcome("ask") == ["cancelled"]
    assert it.ran(["late", "remind", "end"]) == {"late": 1, "remind": 1}
    assert it.state == "completed"


def test_a_task_that_is_completed_in_time_closes_its_timer(walk: Walking) -> None:
    it = walk(
        "start -> ask -> end", "late -> end2", ask=user(), late=attached("ask", timer("duration", "PT1H"))
    ).start()
    it.complete("ask")
    assert it.timers == []
    assert it.outcome("late") == []


def test_a_non_interrupting_cycle_occurs_each_time(walk: Walking) -> None:
    it = walk(
        "start -> ask -> end",
        "again -> remind -> end2",
        ask=user(),
        remind=user(),
        again=attached("ask", timer("cycle", "R3/PT10M"), interrupting=False),
    ).start()
    for count in (1, 2, 3):
        it.due("again")
        assert it.outcome("remind") == ["running"] * count
    assert it.timers == []
    assert it.outcome("ask") == ["running"]
    for _ in range(3):
        it.complete("remind")
    it.complete("ask")
    assert it.state == "completed"


def test_an_interrupting_cycle_occurs_once(walk: Walking) -> None:
    it = walk(
        "start -> ask -> end", "late -> end2", ask=user(), late=attached("ask", timer("cycle", "R/PT10M"))
    ).start()
    it.due("late")
    assert it.state == "completed"


def test_a_message_interrupts_and_brings_its_payload(walk: Walking) -> None:
    it = walk("start -> ask -> end", "stop -> end2", ask=user(), stop=attached("ask", message("stop", order="number")))
    it.start(number=7)
    subscription = next(e for e in it.effects if isinstance(e, effects.OpenMessageSubscription))
    assert subscription.keys == {"order": 7}
    it.message("stop", why="sold out")
    assert it.variables["why"] == "sold out"
    assert it.outcome("ask") == ["cancelled"]


def test_non_interrupting_messages_keep_coming(walk: Walking) -> None:
    it = walk(
        "start -> ask -> end",
        "note -> write -> end2",
        ask=user(),
        note=attached("ask", message("n"), interrupting=False),
    ).start()
    it.message("n").message("n")
    assert it.ran(["write"]) == {"write": 2}
    assert it.listening == ["n"]


def test_a_signal_from_inside_interrupts_the_scope_that_threw_it(walk: Walking) -> None:
    it = walk(
        "start -> part -> end",
        "heard -> other -> end2",
        part=sub_process("start2 -> shout -> after -> end3", shout=throw(signal("g", what="word"))),
        heard=attached("part", signal("g")),
    ).start(word="hello")
    assert it.ran(["after", "other"]) == {"other": 1}
    assert it.variables["what"] == "hello"
    assert [thrown.name for thrown in it.thrown] == ["g"]


def test_an_error_finds_the_exact_code_before_catch_all(walk: Walking) -> None:
    it = walk(
        "start -> work -> end",
        "any -> end2",
        "exact -> end3",
        work=service(),
        any=attached("work", error(variable="fault")),
        exact=attached("work", error("E1", variable="fault")),
    )
    it.start().fail("work", "E1", detail=5)
    assert it.ran(["any", "exact"]) == {"exact": 1}
    assert it.variables["fault"] == {"code": "E1", "message": "it went wrong", "detail": 5}
    assert it.outcome("work") == ["cancelled"]


def test_an_error_end_event_leaves_through_two_scopes(walk: Walking) -> None:
    it = walk(
        "start -> outer -> end",
        "caught -> repair -> end2",
        outer=sub_process(
            "start2 -> inner -> normal -> end3",
            inner=sub_process("start3 -> wait -> end4", "start3 -> gone", wait=user(), gone=finish(error("E"))),
        ),
        caught=attached("outer", error("E")),
    ).start()
    assert it.ran(["gone", "normal", "repair", "end"]) == {"gone": 1, "repair": 1}
    assert it.outcome("wait") == ["cancelled"]
    assert it.outcome("inner") == ["cancelled"]
    assert it.state == "completed"


def test_an_error_of_one_turn_ends_the_multi_instance_activity(walk: Walking) -> None:
    it = walk(
        "start -> work -> end", "bad -> end2", work=several(service(), "3"), bad=attached("work", error())
    ).start()
    it.fail("work", "x")
    assert it.state == "completed"
    assert it.ran(["bad", "end"]) == {"bad": 1}
    assert it.outcome("work") == ["cancelled"] * 4


def test_an_uncaught_error_fails_the_instance_and_stops_its_siblings(walk: Walking) -> None:
    it = walk(
        "start -> ask -> end",
        "start -> work -> end2",
        "ask -> ask2 -> end3",
        ask=user(),
        work=service(),
    ).start()
    it.fail("work", "E9")
    assert it.incidents == [("work", "uncaught_error")]
    assert "E9" in it.incident("work").message
    assert it.outcome("ask") == ["cancelled"]
    assert it.state == "active"
    it.retry("work").finish_job("work")
    assert it.state == "completed"


def test_an_uncaught_error_end_event_can_be_tried_again(walk: Walking) -> None:
    it = walk("start -> gone", "start -> ask -> end", gone=finish(error("E")), ask=user()).start()
    assert it.incidents == [("gone", "uncaught_error")]
    it.retry("gone")
    assert it.incidents == [("gone", "uncaught_error")]
    it.cancel()
    assert it.state == "cancelled"


@pytest.mark.parametrize("interrupting", [True, False])
def test_an_escalation_is_caught_on_its_way_out(walk: Walking, interrupting: bool) -> None:
    it = walk(
        "start -> part -> end",
        "up -> boss -> end2",
        part=sub_process("start2 -> raise -> after -> end3", **{"raise": throw(escalation("c"))}),
        up=attached("part", escalation("c"), interrupting=interrupting),
    ).start()
    assert it.ran(["boss"]) == {"boss": 1}
    assert it.ran(["after"]) == ({} if interrupting else {"after": 1})
    assert it.state == "completed"


def test_an_escalation_that_nobody_catches_goes_unnoticed(walk: Walking) -> None:
    it = walk("start -> raise -> end", **{"raise": throw(escalation("c"))}).start()
    assert it.ran(["end"]) == {"end": 1}


def test_a_condition_interrupts_when_it_becomes_true(walk: Walking) -> None:
    it = walk("start -> ask -> end", "over -> end2", ask=user(), over=attached("ask", condition("total > 10"))).start()
    assert it.outcome("ask") == ["running"]
    it.set(total=5)
    assert it.outcome("ask") == ["running"]
    it.set(total=11)
    assert it.outcome("ask") == ["cancelled"]


def test_a_condition_that_stays_true_does_not_occur_again(walk: Walking) -> None:
    it = walk(
        "start -> ask -> end", "over -> end2", ask=user(), over=attached("ask", condition("n > 1"), interrupting=False)
    ).start(n=0)
    it.set(n=2).set(n=3)
    assert len(it.outcome("over")) == 1
    it.set(n=0).set(n=2)
    assert len(it.outcome("over")) == 2


def test_one_of_several_events_is_enough(walk: Walking) -> None:
    it = walk(
        "start -> ask -> end",
        "some -> end2",
        ask=user(),
        some=attached("ask", message("m"), timer("duration", "PT5M")),
    ).start()
    it.due("some")
    assert it.outcome("ask") == ["cancelled"]


def test_all_of_several_events_are_needed_if_parallel(walk: Walking) -> None:
    it = walk(
        "start -> ask -> end",
        "both -> end2",
        ask=user(),
        both=attached("ask", signal("a"), signal("b"), parallelMultiple="true"),
    ).start()
    subscriptions = [e for e in it.effects if isinstance(e, effects.OpenSignalSubscription)]

    it.do(triggers.SignalReceived(subscriptions[0].token, {}, 0))
    assert it.outcome("ask") == ["running"]
    it.do(triggers.SignalReceived(subscriptions[0].token, {}, 0))
    assert it.outcome("ask") == ["running"]
    it.do(triggers.SignalReceived(subscriptions[1].token, {}, 1))
    assert it.outcome("ask") == ["cancelled"]


def test_a_listener_that_is_gone_is_not_waiting(walk: Walking) -> None:
    it = walk(
        "start -> ask -> end", "late -> end2", ask=user(), late=attached("ask", timer("duration", "PT1H"))
    ).start()
    token = it.token("late", effects.OpenTimer)
    it.complete("ask")

    with pytest.raises(NotWaiting):
        it.live.step(triggers.TimerDue(token), it.context)


def test_a_timer_in_a_loop_is_new_each_time(walk: Walking) -> None:
    it = walk(
        "start -> ask -> gate",
        "gate -[again]-> ask",
        "gate -default-> end",
        "late -> end2",
        ask=user(),
        gate=choice(),
        late=attached("ask", timer("duration", "PT1H")),
    ).start(again=True)
    first = it.token("late", effects.OpenTimer)
    it.complete("ask")
    assert it.token("late", effects.OpenTimer) != first
    it.complete("ask", again=False)
    assert it.state == "completed"


def test_a_boundary_event_of_a_script_costs_nothing(walk: Walking) -> None:
    it = walk(
        "start -> s -> end", "late -> end2", s=script("a = 1"), late=attached("s", timer("duration", "PT1H"))
    ).start()
    assert not [e for e in it.effects if isinstance(e, effects.OpenTimer)]
    assert it.state == "completed"
