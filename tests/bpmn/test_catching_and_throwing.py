"""Events in the flow of a process: catch, throw, end, links, and the event-based gateway (BPMN 2.0.2, 10.5, 13.4.4)."""

from __future__ import annotations

from datetime import timedelta

import pytest

import bpmn
from bpmn import effects, triggers
from tests.bpmn.conftest import Walking, define
from tests.bpmn.drawing import (
    TERMINATE,
    Shape,
    attached,
    begin,
    catch,
    condition,
    diagram,
    error,
    escalation,
    finish,
    first_event,
    fork,
    link,
    message,
    on_event,
    process,
    receive,
    send,
    signal,
    sub_process,
    throw,
    timer,
    user,
)
from tests.bpmn.walking import NOW, Walk


@pytest.mark.parametrize(
    ("kind", "text", "after"),
    [
        ("duration", "PT90S", timedelta(seconds=90)),
        ("duration", "P1DT2H", timedelta(hours=26)),
        ("duration", "P1M", timedelta(days=31)),  # from 1 March
        ("date", "2026-03-02T12:00:00+00:00", timedelta(days=1)),
        ("date", "2026-03-02T12:00:00", timedelta(days=1)),
        ("date", "2026-03-02", timedelta(hours=12)),
        ("date", "2020-01-01T00:00:00Z", None),  # long ago: due at once
        ("cycle", "R2/PT5M", timedelta(minutes=5)),
        ("cycle", "R/2026-03-01T11:30:00+00:00/PT1H", timedelta(minutes=30)),
        ("cycle", "0 6 * * *", timedelta(hours=18)),
        ("duration", "wait", timedelta(hours=3)),
        ("duration", "PT{{minutes}}M", timedelta(minutes=4)),
    ],
)
def test_a_timer_is_due(kind: str, text: str, after: timedelta | None) -> None:
    it = Walk(define(process("start -> pause -> end", pause=catch(timer(kind, text)))))
    it.start(wait="PT3H", minutes=4)
    [opened] = [e for e in it.effects if isinstance(e, effects.OpenTimer)]
    if after is not None:
        assert opened.due - NOW == after
    else:
        assert opened.due < NOW
    assert it.due("pause").state == "completed"


def test_a_timer_that_cannot_be_read_is_an_incident(walk: Walking) -> None:
    it = walk("start -> pause -> end", pause=catch(timer("duration", "wait"))).start(wait="soon")
    assert it.incidents == [("pause", "condition_failed")]
    assert "soon" in it.incident("pause").message
    it.set(wait="PT1S").retry("pause").due("pause")
    assert it.state == "completed"


def test_a_message_is_caught_with_its_keys(walk: Walking) -> None:
    it = walk("start -> wait -> end", wait=catch(message("paid", order="number", customer="who['id']")))
    it.start(number=3, who={"id": "c1"})
    [subscription] = [e for e in it.effects if isinstance(e, effects.OpenMessageSubscription)]
    assert subscription.keys == {"order": 3, "customer": "c1"}
    assert it.message("paid", amount=5).state == "completed"
    assert it.variables["amount"] == 5


def test_a_receive_task_waits_and_a_send_task_does_not(walk: Walking) -> None:
    it = walk("start -> tell -> wait -> end", tell=send("order", {"id": "n"}, goods="what"), wait=receive("answer"))
    it.start(n=1, what="tea", secret="x")
    [sent] = it.thrown
    assert isinstance(sent, effects.ThrowMessage)
    assert (sent.name, sent.keys, sent.variables) == ("order", {"id": 1}, {"goods": "tea"})
    assert it.message("answer").state == "completed"


def test_end_events_throw_too(walk: Walking) -> None:
    it = walk("start -> a", a=finish(message("bye"), signal("over"))).start()
    assert [(type(t).__name__, t.name) for t in it.thrown] == [("ThrowMessage", "bye"), ("BroadcastSignal", "over")]
    assert it.state == "completed"


def test_a_signal_from_outside(walk: Walking) -> None:
    it = walk("start -> wait -> end", "start -> wait2 -> end2", wait=catch(signal("go")), wait2=catch(signal("go")))
    it.start().signal("go", by="all")
    assert it.state == "completed"
    assert it.variables["by"] == "all"


def test_a_condition_that_already_holds_passes_at_once(walk: Walking) -> None:
    it = walk("start -> wait -> end", wait=catch(condition("x > 1"))).start(x=2)
    assert it.state == "completed"


def test_a_condition_waits_for_its_variable(walk: Walking) -> None:
    it = walk(
        "start -> fork -> wait -> end", "fork -> ask -> end2", fork=fork(), ask=user(), wait=catch(condition("x > 1"))
    )
    it.start()
    assert it.outcome("wait") == ["running"]
    it.complete("ask", x=5)
    assert it.state == "completed"


def test_links_join_two_points(walk: Walking) -> None:
    it = walk("start -> a -> away", "there -> b -> end", away=throw(link("L")), there=catch(link("L"))).start()
    assert it.ran(["a", "away", "there", "b"]) == {"a": 1, "away": 1, "there": 1, "b": 1}
    assert it.state == "completed"


def test_terminate_ends_its_scope_only(walk: Walking) -> None:
    it = walk(
        "start -> part -> after -> end",
        part=sub_process(
            "start2 -> fork -> ask -> end2", "fork -> stop", fork=fork(), ask=user(), stop=finish(TERMINATE)
        ),
    ).start()
    assert it.outcome("ask") == ["cancelled"]
    assert it.ran(["stop", "part", "after"]) == {"stop": 1, "part": 1, "after": 1}


def test_terminate_at_the_top_ends_the_instance(walk: Walking) -> None:
    it = walk("start -> fork -> ask -> end", "fork -> stop", fork=fork(), ask=user(), stop=finish(TERMINATE)).start()
    assert it.state == "completed"


def test_the_first_event_decides(walk: Walking) -> None:
    it = walk(
        "start -> gate -> answered -> thank -> end",
        "gate -> late -> remind -> end2",
        "gate -> task -> end3",
        gate=first_event(),
        answered=catch(message("answer")),
        late=catch(timer("duration", "P2D")),
        task=catch(signal("other")),
    ).start()
    assert it.listening == ["answer"]
    assert it.timers == ["late"]
    it.message("answer", text="yes")
    assert it.ran(["answered", "thank", "late", "task"]) == {"answered": 1, "thank": 1}
    assert it.details["gate"]["flow_id"] == "gate.answered"
    assert it.variables["text"] == "yes"
    assert it.state == "completed"


def test_the_first_event_may_be_a_condition_that_holds(walk: Walking) -> None:
    it = walk(
        "start -> gate -> never -> end",
        "gate -> now -> end2",
        gate=first_event(),
        never=catch(message("m")),
        now=catch(condition("ready")),
    ).start(ready=True)
    assert it.ran(["never", "now"]) == {"now": 1}
    assert it.state == "completed"


def test_cancelling_an_event_gateway_closes_all_it_listens_to(walk: Walking) -> None:
    it = walk(
        "start -> gate -> a -> end",
        "gate -> b -> end2",
        gate=first_event(),
        a=catch(message("m")),
        b=catch(signal("s")),
    ).start()
    assert it.cancel().state == "cancelled"


@pytest.mark.parametrize(
    "start",
    [
        begin(timer("duration", "PT1H")),
        begin(signal("s")),
        begin(condition("x > 1")),
    ],
    ids=["timer", "signal", "condition"],
)
@pytest.mark.parametrize("interrupting", [True, False])
def test_event_sub_processes_begin_by_every_event(walk: Walking, start: Shape, interrupting: bool) -> None:
    shape = Shape(start.tag, {} if interrupting else {"isInterrupting": "false"}, start.inside)
    it = walk("start -> ask -> end", ask=user(), handler=on_event(shape, "begun -> handle -> end2")).start(x=0)
    if "timer" in start.inside:
        it.due("begun")
    elif "signal" in start.inside:
        it.signal("s")
    else:
        it.set(x=2)
    assert it.ran(["handle"]) == {"handle": 1}
    assert it.outcome("ask") == (["cancelled"] if interrupting else ["running"])
    if not interrupting:
        it.complete("ask")
    assert it.state == "completed"


def test_an_event_sub_process_catches_the_error_of_its_scope(walk: Walking) -> None:
    it = walk(
        "start -> part -> end",
        part=sub_process(
            "start2 -> ask -> bad",
            ask=user(),
            bad=finish(error("E")),
            handler=on_event(begin(error("E", "fault")), "begun -> repair -> end3", repair=user()),
        ),
    )
    it.start().complete("ask")
    assert it.waiting == ["repair"]
    assert it.variables["fault"]["code"] == "E"
    it.complete("repair")
    assert it.ran(["part", "end"]) == {"part": 1, "end": 1}


def test_an_error_inside_a_handler_goes_further_out(walk: Walking) -> None:
    it = walk(
        "start -> part -> end",
        "caught -> end5",
        part=sub_process(
            "start2 -> bad",
            bad=finish(error("E")),
            handler=on_event(begin(error()), "begun -> worse", worse=finish(error("F"))),
        ),
        caught=attached("part", error("F")),
    ).start()
    assert it.ran(["worse", "caught", "end"]) == {"worse": 1, "caught": 1}
    assert it.state == "completed"


def test_an_escalation_starts_a_handler_beside_the_scope(walk: Walking) -> None:
    it = walk(
        "start -> up -> ask -> end",
        up=throw(escalation("c")),
        ask=user(),
        handler=on_event(begin(escalation("c"), interrupting=False), "begun -> note -> end2", note=user()),
    ).start()
    assert it.waiting == ["ask", "note"]
    it.complete("note").complete("ask")
    assert it.state == "completed"


def test_work_can_escalate_and_go_on(walk: Walking) -> None:
    it = walk(
        "start -> ask -> end", "up -> note -> end2", ask=user(), up=attached("ask", escalation("c"), interrupting=False)
    ).start()
    it.do(triggers.EscalationThrown(it.token("ask", effects.OpenUserTask), "c"))
    assert it.ran(["note"]) == {"note": 1}
    assert it.complete("ask").state == "completed"


def test_an_instance_begins_at_the_event_that_started_it() -> None:
    definition = define(
        process(
            "start -> a -> end",
            "mail -> b -> end2",
            "daily -> c -> end3",
            mail=begin(message("order")),
            daily=begin(timer("cycle", "0 6 * * *")),
        )
    )
    assert [(p.element_id, type(p.events[0]).__name__) for p in definition.start_points] == [
        ("mail", "Message"),
        ("daily", "Timer"),
    ]
    it = Walk(definition).do(triggers.Start({"n": 1}, element_id="mail"))
    assert it.ran() == {"mail": 1, "b": 1, "end2": 1}
    it = Walk(definition).start()
    assert it.ran() == {"start": 1, "a": 1, "end": 1}


def test_an_instantiating_gateway_and_receive_task_are_ways_to_begin() -> None:
    definition = define(
        process(
            "gate -> m -> end",
            "gate -> n -> end2",
            gate=first_event(instantiate="true"),
            m=catch(message("m")),
            n=catch(signal("n")),
        )
    )
    assert [p.element_id for p in definition.start_points] == ["m", "n"]
    assert Walk(definition).do(triggers.Start(element_id="n")).ran() == {"n": 1, "end2": 1}


def test_a_process_without_start_events_begins_everywhere(walk: Walking) -> None:
    it = walk("a -> b", "c -> d", a=user(), c=user()).start()
    assert it.waiting == ["a", "c"]
    it.complete("a").complete("c")
    assert it.state == "completed"


def test_event_definitions_can_be_shared() -> None:
    shared = (
        '<bpmn:timerEventDefinition id="hour"><bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition>'
    )
    pause = Shape("intermediateCatchEvent", {}, "<bpmn:eventDefinitionRef>hour</bpmn:eventDefinitionRef>")
    definition = bpmn.parse(diagram(shared, process("start -> pause -> end", pause=pause))).definitions[0]
    assert Walk(definition).start().timers == ["pause"]
