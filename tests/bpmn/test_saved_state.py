"""State that was saved by an earlier release runs on; state of a later one is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import bpmn
from bpmn import Execution, effects, triggers
from tests.bpmn.conftest import define
from tests.bpmn.drawing import process, user
from tests.bpmn.walking import Store, Walk

SAVED = Path(__file__).parents[1] / "diagrams" / "saved"


@pytest.fixture
def saved() -> Walk:
    """An instance in the middle of everything, as release 0.1.0 wrote it (format 1)."""
    definition = bpmn.parse((SAVED / "format_1.bpmn").read_bytes()).definitions[0]
    told = json.loads((SAVED / "format_1.json").read_text())
    it = Walk(definition, "repeated")
    it.store = Store(told["rows"], {(scope, name): text for scope, name, text in told["variables"]})
    it.live = Execution.restore(definition, it.store.rows, it.store.variables)
    names = {number: token.task_spec.bpmn_id for number, token in it.live.index.items()}
    for number, token in it.live.index.items():
        if token.entered:
            it.activities[number] = effects.ActivityStarted(number, names[number], token.task_spec.kind)
    for number in (10, 15):
        it.open[number] = effects.RaiseIncident(number, number, names[number], "script_failed", "")
    it.dead_ends = [effects.RaiseIncident(None, None, "never", "dead_end", "")]
    it.open |= {
        8: effects.OpenJob(8, 8, "call", "mail"),
        2: effects.OpenMessageSubscription(2, "begin_over", "over"),
        12: effects.OpenMessageSubscription(12, "begin", "stop"),
    }
    return it


def test_format_1_is_read(saved: Walk) -> None:
    assert saved.live.scopes() == {1: None, 9: "work", 11: "stuck", 20: "stop"}
    assert saved.live.joins() == [
        ("sync", 1, {"ask.sync": 2, "call.sync": 0}),
        ("never", 11, {"pick.never": 1, "pick.never.again": 0}),
    ]
    assert saved.live.visible_variables(15) == {
        "who": "ada",
        "turn": 0,
        "zero": 0,
        "ok": False,
        "hidden": [1, {"a": None}],
    }


def test_format_1_runs_on(saved: Walk) -> None:
    saved.do(triggers.Continue())
    assert saved.outcome("stop") == ["completed"], "the token that was ready when the step was cut short went on"
    saved.set(ok=True, zero=1).retry("bad").retry("inner")
    assert saved.outcome("work") == ["completed"]
    assert saved.listening == ["over"]
    saved.set(turn=2).finish_job("call")
    assert saved.waiting == ["last"]
    assert saved.live.joins()[0] == ("sync", 1, {"ask.sync": 1, "call.sync": 0})
    saved.message("over")
    assert saved.state == "completed"


def test_a_newer_format_is_refused() -> None:
    it = Walk(define(process("start -> ask -> end", ask=user()))).start()
    head = json.loads(it.store.rows["i"])
    rows = it.store.rows | {"i": json.dumps(head | {"v": head["v"] + 1})}
    with pytest.raises(bpmn.UnknownFormat, match="format 2"):
        Execution.restore(it.definition, rows, {})


def test_variables_of_scopes_that_are_gone_are_left_alone() -> None:
    it = Walk(define(process("start -> ask -> end", ask=user()))).start(a=1)
    restored = Execution.restore(it.definition, it.store.rows, it.store.variables | {(99, "old"): "1"})
    assert restored.visible_variables(it.token("ask", object)) == {"a": 1}
