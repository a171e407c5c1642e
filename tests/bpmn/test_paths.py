"""Sequence, choices, splits out of activities, ends."""

from __future__ import annotations

import pytest

from bpmn import effects
from tests.bpmn.conftest import Walking
from tests.bpmn.drawing import choice, fork, manual, milestone, script, service, sub_process, user


def test_a_sequence_runs_to_its_end_in_one_step(walk: Walking) -> None:
    it = walk("start -> prepare -> passed -> by_hand -> end", passed=milestone(), by_hand=manual()).start()
    assert it.state == "completed"
    assert it.ran() == {"start": 1, "prepare": 1, "passed": 1, "by_hand": 1, "end": 1}
    assert [e for e in it.effects if isinstance(e, effects.InstanceEnded)] == [effects.InstanceEnded("completed")]


def test_history_tells_the_kind_the_flow_and_the_scope_of_each_activity(walk: Walking) -> None:
    it = walk("start -> work -> end", work=sub_process("start_in -> inner -> end_in", inner=user())).start()
    told = [(a.element_id, a.kind, a.flow_id, a.parent) for a in it.activities.values()]
    work = it.scope_of("work")
    assert told == [
        ("start", "start_event", None, None),
        ("work", "sub_process", "start.work", None),
        ("start_in", "start_event", None, work),
        ("inner", "user_task", "start_in.inner", work),
    ]
    assert it.activities[work].element_id == "work"


@pytest.mark.parametrize(("amount", "taken"), [(50, "small"), (500, "medium"), (5000, "large")])
def test_an_exclusive_gateway_takes_the_first_flow_that_holds(walk: Walking, amount: int, taken: str) -> None:
    it = walk(
        "start -> gate",
        "gate -[amount > 1000]-> large -> end",
        "gate -[amount > 100]-> medium -> end",
        "gate -default-> small -> end",
        gate=choice(),
        large=user(),
        medium=user(),
        small=user(),
    ).start(amount=amount)
    assert it.waiting == [taken]


def test_the_order_in_the_file_decides_not_where_the_default_stands(walk: Walking) -> None:
    it = walk(
        "start -> gate", "gate -default-> a -> end", "gate -[True]-> b -> end", "gate -[True]-> c -> end", gate=choice()
    ).start()
    assert it.ran("abc") == {"b": 1}


def test_the_decision_is_kept_with_its_condition_and_values(walk: Walking) -> None:
    paths = ("start -> gate", "gate -[amount > limit]-> a -> end", "gate -[urgent]-> b -> end", "gate -default-> end")
    it = walk(*paths, gate=choice()).start(amount=5, limit=3, urgent=False, other="not asked")
    assert it.details["gate"] == {
        "flow_id": "gate.a",
        "condition": "amount > limit",
        "values": {"amount": 5, "limit": 3, "urgent": False},
    }
    by_default = walk(*paths, gate=choice()).start(amount=1, limit=3, urgent=False)
    assert by_default.details["gate"]["flow_id"] == "gate.end"
    assert by_default.details["gate"]["condition"] is None


def test_a_gateway_with_one_flow_takes_it_and_decides_nothing(walk: Walking) -> None:
    it = walk("start -> gate -> end", gate=choice()).start()
    assert it.state == "completed"
    assert "gate" not in it.details


def test_an_exclusive_gateway_merges_without_waiting(walk: Walking) -> None:
    it = walk("start -> both -> merge -> after -> end", "both -> merge", both=fork(), merge=choice(), after=user())
    it.start()
    assert it.waiting == ["after", "after"]


def test_if_no_flow_holds_an_incident_tells_what_was_tried_and_can_be_repaired(walk: Walking) -> None:
    it = walk("start -> gate", "gate -[amount > 10]-> a -> end", "gate -[late]-> b -> end", gate=choice())
    it.start(amount=1, late=False)
    assert it.incidents == [("gate", "no_flow_taken")]
    assert "amount > 10" in it.incident("gate").message
    assert "late" in it.incident("gate").message
    it.retry("gate")
    assert it.incidents == [("gate", "no_flow_taken")]
    it.set(late=True).retry("gate")
    assert it.state == "completed"
    assert it.ran(["gate", "a", "b"]) == {"gate": 1, "b": 1}


def test_several_flows_out_of_a_task_are_all_taken(walk: Walking) -> None:
    it = walk("start -> work -> a -> end", "work -> b -> end", work=service(), a=user(), b=user()).start()
    it.finish_job("work")
    assert it.waiting == ["a", "b"]
    it.complete("a").complete("b")
    assert it.ran(["work", "end"]) == {"work": 1, "end": 2}


def test_conditional_flows_out_of_a_task_take_each_that_holds_and_the_unconditional(walk: Walking) -> None:
    paths = ("start -> work -> always -> end", "work -[big]-> b -> end", "work -[late]-> c -> end")
    assert walk(*paths).start(big=True, late=True).ran(["always", "b", "c"]) == {"always": 1, "b": 1, "c": 1}
    assert walk(*paths).start(big=False, late=True).ran(["always", "b", "c"]) == {"always": 1, "c": 1}
    assert walk(*paths).start(big=False, late=False).ran(["always", "b", "c"]) == {"always": 1}


def test_the_default_flow_of_a_task_is_taken_if_no_other_is(walk: Walking) -> None:
    paths = ("start -> work -[big]-> b -> end", "work -default-> d -> end")
    assert walk(*paths, work=user()).start(big=True).complete("work").ran("bd") == {"b": 1}
    assert walk(*paths, work=user()).start(big=False).complete("work").ran("bd") == {"d": 1}


def test_a_task_without_a_way_out_that_holds_is_an_incident_and_is_not_done_again(walk: Walking) -> None:
    it = walk("start -> ask -[ok]-> end", ask=user()).start(ok=False)
    it.complete("ask")
    assert it.incidents == [("ask", "no_flow_taken")]
    it.set(ok=True).retry("ask")
    assert it.state == "completed"
    assert sum(isinstance(e, effects.OpenUserTask) for e in it.effects) == 1


def test_several_flows_into_a_task_run_it_once_a_token(walk: Walking) -> None:
    it = walk("start -> split -> ask -> end", "split -> ask", "split -> ask", split=fork(), ask=user()).start()
    assert it.waiting == ["ask", "ask", "ask"]
    it.complete("ask").complete("ask")
    assert it.state == "active"
    it.complete("ask")
    assert it.ran(["ask", "end"]) == {"ask": 3, "end": 3}


def test_a_path_may_just_end(walk: Walking) -> None:
    it = walk("start -> split -> ask", "split -> note", split=fork(), ask=user()).start()
    assert it.waiting == ["ask"]
    it.complete("ask")
    assert it.state == "completed"


def test_a_sub_process_chooses_its_way_out_by_what_happened_in_it(walk: Walking) -> None:
    it = walk(
        "start -> work -[ok]-> good -> end",
        "work -default-> bad -> end",
        work=sub_process("start_in -> judge -> end_in", judge=script("ok = amount < 5")),
    ).start(amount=3)
    assert it.ran(["good", "bad"]) == {"good": 1}
