"""Running any instance to its end: random answers, cuts, saves, restores and crashes."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

import bpmn
from bpmn import Execution, Limits, StepContext, effects, triggers
from tests.bpmn.evaluating import PlainEvaluator
from tests.bpmn.walking import NOW, Store

RANDOM = settings(
    max_examples=80, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None
)


class Run:
    """One instance, answered in random order, sometimes live and sometimes from its store."""

    def __init__(self, definition: bpmn.ProcessDefinition, data: st.DataObject):
        self.definition = definition
        self.data = data
        self.execution = Execution.new(definition)
        self.store = Store()
        self.open: dict[int, effects.Effect] = {}
        self.completed: Counter[str] = Counter()
        self.ended: set[int] = set()
        self.started: dict[int, str] = {}
        self.incidents: list[effects.RaiseIncident] = []
        self.state = "active"

    def step(self, trigger: triggers.Trigger) -> bool:
        """True if it was cut short."""
        restore, crash, elements = self.data.draw(
            st.tuples(st.booleans(), st.booleans(), st.sampled_from([1, 2, 5, 500])), label="restore, crash, elements"
        )
        context = StepContext(evaluator=PlainEvaluator(), now=NOW, limits=Limits(elements=elements))
        if crash and self.store.rows:
            Execution.restore(self.definition, self.store.rows, self.store.variables).step(trigger, context)
        if restore and self.store.rows:
            self.execution = Execution.restore(self.definition, self.store.rows, self.store.variables)
        step = self.execution.step(trigger, context)
        self.store.keep(step)
        self.state = step.state
        for effect in step.effects:
            self.note(effect)
        return step.paused

    def note(self, effect: effects.Effect) -> None:
        match effect:
            case effects.OpenUserTask() | effects.OpenJob():
                self.open[effect.token] = effect
            case effects.RaiseIncident():
                self.incidents.append(effect)
            case effects.ActivityStarted():
                assert effect.activity not in self.started
                self.started[effect.activity] = effect.element_id
            case effects.ActivityEnded():
                assert effect.activity not in self.ended
                assert effect.state == "completed"
                self.ended.add(effect.activity)
                self.completed[effect.element_id] += 1

    def to_the_end(self, variables: dict[str, Any]) -> Run:
        trigger: triggers.Trigger = triggers.Start(variables)
        for _ in range(5_000):
            paused = self.step(trigger)
            if self.state != "active":
                return self
            if paused and (not self.open or self.data.draw(st.booleans(), label="continue first")):
                trigger = triggers.Continue()
                continue
            if not self.open:
                return self
            token = self.data.draw(st.sampled_from(sorted(self.open)), label="answer")
            answered = self.open.pop(token)
            kind = triggers.UserTaskCompleted if isinstance(answered, effects.OpenUserTask) else triggers.JobCompleted
            trigger = kind(token)
        raise AssertionError("it does not end")
