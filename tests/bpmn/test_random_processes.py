"""Block-structured processes drawn at random, played step by step beside a small reference: no token lost, none
invented, however the instance is cut, saved, restored, repeated and interrupted.

`pytest --hypothesis-profile=long tests/bpmn/test_random_processes.py` plays as many as you have time for.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import bpmn
from bpmn import Execution, Limits, StepContext, effects, triggers
from tests.bpmn.block_drawing import Drawing
from tests.bpmn.block_model import Model
from tests.bpmn.block_tokens import Wait
from tests.bpmn.evaluating import PlainEvaluator
from tests.bpmn.random_blocks import THROWN, Block, blocks, plain_blocks
from tests.bpmn.walking import MODES, NOW, Store, Walk

LONG = settings.get_current_profile_name() == "long"
RANDOM = settings(deadline=None, derandomize=not LONG, suppress_health_check=list(HealthCheck), database=None)
#: After so many answers nothing new is brought about; what runs is only answered.
LIVELY = 25

_KINDS: dict[type, str] = {
    effects.OpenUserTask: "user",
    effects.OpenJob: "service",
    effects.OpenMessageSubscription: "message",
    effects.OpenSignalSubscription: "signal",
    effects.OpenTimer: "timer",
}


class Instance:
    """An instance that is played live or from its store, cut and repeated, as chance will have it."""

    def __init__(self, source: bytes, data: st.DataObject):
        self.definition = bpmn.parse(source).definitions[0]
        self.data = data
        self.execution = Execution.new(self.definition)
        self.store = Store()
        self.open: dict[int, tuple[str, str]] = {}  # token → kind and element of what waits there
        self.ran: Counter[str] = Counter()
        self.cancelled: Counter[str] = Counter()
        self.state = "active"

    def do(self, trigger: triggers.Trigger) -> None:
        """One trigger, carried until everything waits."""
        while True:
            restore, crash, elements = self.data.draw(
                st.tuples(st.booleans(), st.booleans(), st.sampled_from([500, 500, 1, 3])), label="restore, crash, cut"
            )
            context = StepContext(evaluator=PlainEvaluator(), now=NOW, limits=Limits(elements=elements))
            if crash and self.store.rows:
                self._restored().step(trigger, context)
            if restore and self.store.rows:
                self.execution = self._restored()
            step = self.execution.step(trigger, context)
            self.store.keep(step)
            self.state = step.state
            for effect in step.effects:
                self._note(effect)
            if not step.paused:
                return
            trigger = triggers.Continue()

    def _restored(self) -> Execution:
        return Execution.restore(self.definition, dict(self.store.rows), dict(self.store.variables))

    def _note(self, effect: effects.Effect) -> None:
        match effect:
            case effects.ActivityEnded():
                (self.ran if effect.state == "completed" else self.cancelled)[effect.element_id] += 1
                if effect.state == "completed":
                    self.open.pop(effect.activity, None)
            case effects.CloseWait():
                self.open.pop(effect.token, None)
            case (
                effects.OpenUserTask()
                | effects.OpenJob()
                | effects.OpenMessageSubscription()
                | effects.OpenSignalSubscription()
                | effects.OpenTimer()
            ):
                self.open[effect.token] = (_KINDS[type(effect)], effect.element_id)
            case effects.ActivityStarted() | effects.InstanceEnded():
                pass
            case other:
                raise AssertionError(f"nothing in it asks for {other}")

    def waiting(self, kind: str, name: str) -> list[int]:
        """The tokens that wait there, the oldest first."""
        return sorted(token for token, place in self.open.items() if place == (kind, name))

    @property
    def variables(self) -> dict[str, Any]:
        return {name: json.loads(text) for (scope, name), text in self.store.variables.items() if scope == 1}


def _compare(instance: Instance, model: Model) -> None:
    assert Counter(instance.open.values()) == Counter((wait.kind, wait.name) for wait in model.waits)
    assert instance.ran == model.ran
    assert instance.cancelled == model.cancelled
    assert instance.state == ("completed" if model.completed else "active")
    known = {name: value for name, value in instance.variables.items() if not name.startswith(("turns", "take_"))}
    assert known == {name: value for name, value in model.variables.items() if not name.startswith("take_")}


def _answer(instance: Instance, model: Model, wait: Wait, number: int) -> None:
    """What the wait is for happens in both."""
    rank = [other for other in model.waits if (other.kind, other.name) == (wait.kind, wait.name)].index(wait)
    token = instance.waiting(wait.kind, wait.name)[rank]
    if wait.kind in ("user", "service"):
        catchers = list(model.thrown(wait)) if number < LIVELY else []
        thrown = instance.data.draw(st.sampled_from([None, *catchers]), label="thrown") if catchers else None
        if thrown is not None:
            kind = triggers.ErrorThrown if thrown.kind == "error" else triggers.EscalationThrown
            assert thrown.kind in THROWN
            instance.do(kind(token, thrown.name))
            model.throw(thrown)
            return
        answer = triggers.UserTaskCompleted if wait.kind == "user" else triggers.JobCompleted
        instance.do(answer(token, {"last": number}))
        model.happen(wait, last=number)
        return
    if wait.kind == "timer":
        del instance.open[token]
        instance.do(triggers.TimerDue(token))
    elif wait.kind == "message":
        instance.do(triggers.MessageReceived(token))
    else:
        instance.do(triggers.SignalReceived(token))
    model.happen(wait)


def _play(block: Block, data: st.DataObject) -> None:
    drawing = Drawing()
    source = drawing.source(block)
    assert [p for p in bpmn.check(source) if p.severity == "error"] == []
    instance, model = Instance(source, data), Model(block, drawing.variables)
    instance.do(triggers.Start(drawing.variables))
    model.start()
    _compare(instance, model)
    for number in range(1, 400):
        if model.completed:
            break
        waits = [w for w in model.waits if number < LIVELY or w.kind in ("user", "service")]
        _answer(instance, model, data.draw(st.sampled_from(waits), label="happens"), number)
        _compare(instance, model)
    assert instance.state == "completed"
    assert instance.store.rows == {}


@settings(RANDOM, max_examples=20_000 if LONG else 250)
@given(blocks(), st.data())
def test_a_process_does_what_its_blocks_say(block: Block, data: st.DataObject) -> None:
    _play(block, data)


@settings(RANDOM, max_examples=5_000 if LONG else 150)
@given(blocks(), st.data())
def test_and_what_it_did_can_be_undone(block: Block, data: st.DataObject) -> None:
    _play(Block("sequence", [block, Block("compensate")]).numbered(), data)


@settings(RANDOM, max_examples=2_000 if LONG else 60)
@given(blocks(most=25), st.data())
def test_so_does_a_large_one(block: Block, data: st.DataObject) -> None:
    _play(block, data)


@settings(RANDOM, max_examples=2_000 if LONG else 100)
@given(blocks(), st.sampled_from(MODES), st.data())
def test_interrupted_at_any_time_everything_that_began_ends_once(block: Block, mode: str, data: st.DataObject) -> None:
    """The walk itself holds the invariants: activities end once and inside their scope, what ends waits for nothing,
    what is restored does what is live."""
    drawing = Drawing(listening=True)
    drawing.listen(1_001)
    source = drawing.source(Block("sub_process", [block], number=1_000))
    it = Walk(bpmn.parse(source).definitions[0], mode).start(**drawing.variables)
    for _ in range(40):
        if it.state != "active":
            break
        tokens = sorted(it.open)
        assert tokens, "it waits for somebody"
        token = data.draw(st.sampled_from(tokens), label="answer")
        answered = it.open[token]
        match answered:
            case effects.OpenUserTask():
                it.do(triggers.UserTaskCompleted(token))
            case effects.OpenJob():
                it.do(triggers.JobCompleted(token))
            case effects.OpenSignalSubscription():
                it.do(triggers.SignalReceived(token))
            case effects.OpenTimer():
                it.context = replace(it.context, now=answered.due)
                del it.open[token]
                it.do(triggers.TimerDue(token))
            case effects.OpenMessageSubscription():
                it.do(triggers.MessageReceived(token))
                if answered.name.startswith("m"):
                    assert f"answer{answered.name.removeprefix('m')}" in it.waiting, "what interrupts goes on itself"
    assert it.incidents == []
    if it.state == "active":
        it.cancel()
    assert set(it.outcomes) == set(it.activities)


@settings(RANDOM, max_examples=2_000 if LONG else 80)
@given(plain_blocks(), st.data())
def test_steps_that_are_answered_before_they_end_lose_nothing(block: Block, data: st.DataObject) -> None:
    """Answers that come while a step is still cut short."""
    drawing = Drawing()
    instance = Instance(drawing.source(block), data)
    model = Model(block, drawing.variables)
    model.start()
    while model.waits:
        model.happen(model.waits[0])
    ready: list[triggers.Trigger] = [triggers.Start(drawing.variables)]
    while instance.state == "active":
        context = StepContext(evaluator=PlainEvaluator(), now=NOW, limits=Limits(elements=1))
        trigger = data.draw(st.sampled_from(ready), label="trigger")
        step = instance.execution.step(trigger, context)
        instance.store.keep(step)
        instance.state = step.state
        for effect in step.effects:
            instance._note(effect)
        answers = [
            (triggers.UserTaskCompleted if kind == "user" else triggers.JobCompleted)(token)
            for token, (kind, _) in instance.open.items()
        ]
        ready = [*answers, *([triggers.Continue()] if step.paused else [])]
    assert instance.ran == model.ran
    counted = {name: value for name, value in instance.variables.items() if name.startswith("runs_")}
    assert counted == {name: value for name, value in model.variables.items() if name.startswith("runs_")}
