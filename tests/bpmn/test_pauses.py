"""A step that was cut short leaves tokens ready; whatever comes then finds them as if they had been waiting."""

from __future__ import annotations

from dataclasses import replace

import pytest

import bpmn
from bpmn import Execution, Limits, effects, triggers
from tests.bpmn.conftest import define
from tests.bpmn.drawing import fork, join, on_message, process, script, service, sub_process, user
from tests.bpmn.walking import Store, Walk


@pytest.fixture
def definition() -> bpmn.ProcessDefinition:
    return define(
        process(
            "start -> split -> a -> b -> sync -> end",
            "split -> work -> sync",
            "split -> ask -> end",
            "split -> bad -> end",
            split=fork(),
            sync=join(),
            bad=script("1 / n"),
            ask=user(),
            work=sub_process(
                "start_in -> c -> call -> end_in",
                call=service(),
                note=on_message("note", "begin_note -> d -> end_note", interrupting=False),
            ),
            stop=on_message("stop", "begin -> e -> tell -> end_stop", tell=user()),
        )
    )


def _cut(definition: bpmn.ProcessDefinition, elements: int) -> Walk | None:
    """An instance whose first step ran so many elements; None if it did not need more."""
    it = Walk(definition)
    step = it.live.step(triggers.Start({"n": 0}), replace(it.context, limits=Limits(elements=elements)))
    it.store.keep(step)
    it.effects = step.effects
    for effect in step.effects:
        it._note(effect)
    return it if step.paused else None


def _both(it: Walk, trigger: triggers.Trigger, limits: Limits | None = None) -> bpmn.Step:
    """The trigger on the stored and on the live execution: they do the same."""
    context = replace(it.context, limits=limits or it.context.limits)
    restored = Execution.restore(it.definition, it.store.rows, it.store.variables)
    step = restored.step(trigger, context)
    assert it.live.step(trigger, context) == step
    it.store.keep(step)
    for effect in step.effects:
        it._note(effect)
    return step


_CUTS = range(1, 9)


@pytest.mark.parametrize("elements", _CUTS)
def test_cancel(definition: bpmn.ProcessDefinition, elements: int) -> None:
    it = _cut(definition, elements)
    assert it is not None
    step = _both(it, triggers.Cancel())
    assert step.state == "cancelled"
    assert it.open == {}
    assert it.store.rows == {}
    assert set(it.outcomes) == set(it.activities), "what was ready had begun, and is cancelled"


@pytest.mark.parametrize("elements", _CUTS)
def test_an_interrupting_message(definition: bpmn.ProcessDefinition, elements: int) -> None:
    it = _cut(definition, elements)
    assert it is not None
    assert "stop" in it.listening, "it listens from the first moment"
    before = set(it.activities)
    step = _both(it, triggers.MessageReceived(it.token("begin", effects.OpenMessageSubscription)))
    assert not step.paused
    assert it.waiting == ["tell"]
    assert {it.activities[n].element_id for n in set(it.activities) - before} == {"stop", "begin", "e", "tell"}
    assert it.live.joins() == []
    assert it.live.scopes().keys() == {1, it.scope_of("stop")}


@pytest.mark.parametrize("elements", _CUTS)
def test_standing_still_until_it_goes_on(definition: bpmn.ProcessDefinition, elements: int) -> None:
    """An operator changes a variable while the instance is held; nothing runs until `Continue`."""
    it = _cut(definition, elements)
    assert it is not None
    held = _both(it, triggers.SetVariables({"n": 1}), Limits(elements=0))
    assert held.paused
    assert held.effects == []
    _both(it, triggers.Continue())
    if it.incidents:
        it.retry("bad")
    assert it.waiting == ["ask", "call"]
    it.live = Execution.restore(definition, it.store.rows, it.store.variables)
    it.finish_job("call").complete("ask")
    assert it.state == "completed"


def test_an_answer_while_it_is_held_is_kept(definition: bpmn.ProcessDefinition) -> None:
    it = Walk(definition).start(n=1)
    step = _both(it, triggers.UserTaskCompleted(it.token("ask", effects.OpenUserTask)), Limits(elements=0))
    assert step.paused
    step = _both(it, triggers.JobCompleted(it.token("call", effects.OpenJob), {"x": 1}), Limits(elements=0))
    assert step.paused
    assert step.state == "active"
    assert _both(it, triggers.Continue()).state == "completed"
    assert it.store == Store({}, {(1, "n"): "1", (1, "x"): "1"})
