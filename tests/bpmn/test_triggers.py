"""What may move an instance, and what is refused because nothing waits for it."""

from __future__ import annotations

import pytest

from bpmn import NotWaiting, effects, triggers
from tests.bpmn.conftest import Walking
from tests.bpmn.drawing import fork, join, on_message, script, service, sub_process, user
from tests.bpmn.walking import Walk


@pytest.fixture
def busy(walk: Walking) -> Walk:
    """An instance that waits in every way there is."""
    return walk(
        "start -> split -> ask -> sync -> end",
        "split -> call -> end",
        "split -> failed -> end",
        "split -> quick -> sync",
        "split -> work -> end",
        split=fork(),
        ask=user(),
        call=service(),
        failed=script("1 / 0"),
        sync=join(),
        work=sub_process("start_in -> inner -> end_in", inner=user()),
        stop=on_message("stop", "begin -> end_stop"),
    ).start()


def _token(it: Walk, element: str) -> int:
    return next(n for n, token in it.live.index.items() if token.task_spec.bpmn_id == element)


_ANSWERS = {
    "task": triggers.UserTaskCompleted,
    "job": triggers.JobCompleted,
    "message": triggers.MessageReceived,
    "retry": triggers.Retry,
}
_RIGHT = {
    "ask": "task",
    "call": "job",
    "stop": "message",
    "failed": "retry",
    "inner": "task",
    "sync": None,
    "work": None,
}


@pytest.mark.parametrize(("element", "answer"), [(e, a) for e, right in _RIGHT.items() for a in _ANSWERS if a != right])
def test_the_wrong_answer_changes_nothing(busy: Walk, element: str, answer: str) -> None:
    token = _token(busy, element)
    with pytest.raises(NotWaiting, match=str(token)):
        busy.do(_ANSWERS[answer](token))


@pytest.mark.parametrize("answer", _ANSWERS)
@pytest.mark.parametrize("token", [-1, 0, 1, 3, 10**9])
def test_a_token_that_is_not_there_is_not_waiting(busy: Walk, answer: str, token: int) -> None:
    with pytest.raises(NotWaiting):
        busy.do(_ANSWERS[answer](token))


@pytest.mark.parametrize("trigger", [triggers.Start(), triggers.SetVariables({"a": 1}, 99)])
def test_what_has_begun_cannot_begin_and_what_is_not_open_cannot_be_set(busy: Walk, trigger: triggers.Trigger) -> None:
    with pytest.raises(NotWaiting):
        busy.do(trigger)


def test_an_answer_counts_once(walk: Walking) -> None:
    it = walk("start -> ask -> after -> end", ask=user(), after=user()).start()
    token = it.token("ask", effects.OpenUserTask)
    it.complete("ask")
    with pytest.raises(NotWaiting):
        it.do(triggers.UserTaskCompleted(token))


@pytest.mark.parametrize(
    "trigger",
    [
        triggers.Start(),
        triggers.Continue(),
        triggers.Cancel(),
        triggers.SetVariables({"a": 1}),
        triggers.UserTaskCompleted(3),
        triggers.Retry(3),
    ],
)
def test_nothing_moves_an_instance_that_ended(walk: Walking, trigger: triggers.Trigger) -> None:
    it = walk("start -> end").start()
    with pytest.raises(NotWaiting, match="completed"):
        it.live.step(trigger, it.context)


def test_a_cancelled_instance_has_closed_everything(busy: Walk) -> None:
    open_before = set(busy.open)
    busy.cancel()
    assert busy.state == "cancelled"
    assert {e.token for e in busy.last if isinstance(e, effects.CloseWait)} == open_before
    assert busy.last[-1] == effects.InstanceEnded("cancelled")
    assert {busy.outcome(e)[0] for e in ("ask", "call", "failed", "work", "inner")} == {"cancelled"}
    assert busy.outcome("sync") == [], "the join had not begun"


def test_an_operator_can_change_variables(busy: Walk) -> None:
    busy.set(a=1, b=None).set(a={"deep": [1, 2]})
    assert busy.variables == {"a": {"deep": [1, 2]}, "b": None}
    assert busy.last == []


def test_a_trigger_reaches_an_instance_that_was_cut_short(walk: Walking) -> None:
    it = walk(
        "start -> split -> ask -> end", "split -> call -> a -> b -> end", split=fork(), ask=user(), call=service()
    )
    it.start()
    it.finish_job("call")
    it.complete("ask")
    assert it.state == "completed"


def test_numbers_grow_and_are_never_used_twice(busy: Walk) -> None:
    busy.complete("inner").finish_job("call").complete("ask")
    started = [e.activity for e in busy.effects if isinstance(e, effects.ActivityStarted)]
    assert started == sorted(set(started))
