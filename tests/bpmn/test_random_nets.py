"""Diagrams drawn at random, against arithmetic: in one without loops, the tokens on each flow follow from those before
it. A task passes on what it gets to each flow out, a choice to one, a join the least of what it gets."""

from __future__ import annotations

import itertools
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

import bpmn
from bpmn import Execution, Limits, StepContext, effects, triggers
from tests.bpmn.answering import RANDOM, Run
from tests.bpmn.drawing import Shape, choice, diagram, fork, inclusive, process, script, service, user
from tests.bpmn.evaluating import PlainEvaluator
from tests.bpmn.walking import NOW

_KINDS = ["task", "user", "choice", "fork", "fork"]


@st.composite
def nets(draw: st.DrawFn) -> tuple[dict[str, str], dict[str, list[str]], dict[str, int]]:
    """Kinds, the targets of each element's flows, and which flow a choice takes. Flows lead forwards only."""
    count = draw(st.integers(3, 9))
    names = [f"n{i}" for i in range(count)]
    kinds = {name: draw(st.sampled_from(_KINDS)) for name in names}
    flows: dict[str, list[str]] = {name: [] for name in ["start", *names]}
    for i, name in enumerate(names):
        before = ["start", *names[:i]]
        for source in draw(st.lists(st.sampled_from(before), min_size=1, max_size=3)):
            flows[source].append(name)
    for targets in flows.values():
        if not targets or draw(st.integers(0, 4)) == 0:
            targets.append("end")
    taken = {name: draw(st.integers(0, len(flows[name]) - 1)) for name in names}
    return kinds, flows, taken


@RANDOM
@given(nets(), st.data())
def test_tokens_in_a_diagram_without_loops_are_those_that_arithmetic_says(
    net: tuple[dict[str, str], dict[str, list[str]], dict[str, int]], data: st.DataObject
) -> None:
    kinds, flows, taken = net
    shapes = {"task": Shape("task"), "user": user(), "choice": choice(), "fork": fork()}
    paths = []
    for source, targets in flows.items():
        for number, target in enumerate(targets):
            arrow = "->"
            if kinds.get(source) == "choice" and len(targets) > 1:
                default = number == 0
                arrow = "-default->" if default else f"-[{number} == {taken[source]}]->"
            paths.append(f"{source} {arrow} {target}")
    source_file = diagram(process(*paths, **{name: shapes[kind] for name, kind in kinds.items()}))
    errors = [p for p in bpmn.check(source_file) if p.severity == "error"]
    assert errors == []

    arrived: dict[str, list[int]] = {name: [] for name in [*kinds, "end"]}
    runs: Counter[str] = Counter()
    left = {}
    for name in ["start", *kinds, "end"]:
        tokens = [1] if name == "start" else arrived[name]
        if kinds.get(name) == "fork" and len(tokens) > 1:
            runs[name] = min(tokens)
            left[name] = sorted(n - min(tokens) for n in tokens)
        else:
            runs[name] = sum(tokens)
        for number, target in enumerate(flows.get(name, [])):
            passes = kinds.get(name) != "choice" or number == taken[name]
            arrived[target].append(runs[name] if passes else 0)
    if runs.total() > 300:
        return

    run = Run(bpmn.parse(source_file).definitions[0], data).to_the_end({})
    assert run.completed == +runs
    held = {element: sorted(counts.values()) for element, _, counts in run.execution.joins()}
    stuck = {name: counts for name, counts in left.items() if any(counts)}
    assert held == stuck
    assert run.state == ("active" if stuck else "completed")
    assert sorted(i.element_id for i in run.incidents) == sorted(stuck)
    assert {i.kind for i in run.incidents} <= {"dead_end"}


# -- anything at all that a check lets pass --------------------------------------------------------------------------
_SOUP_KINDS = ["task", "user", "service", "script", "choice", "inclusive", "fork", "milestone", "end"]
_CHOOSING = ("choice", "inclusive")


@st.composite
def soups(draw: st.DrawFn) -> bytes:
    count = draw(st.integers(1, 7))
    kinds = {f"n{i}": draw(st.sampled_from(_SOUP_KINDS)) for i in range(count)}
    names = list(kinds)
    made = {
        "task": Shape("task"),
        "user": user(),
        "service": service(),
        "script": script("x = x + 1"),
        "choice": choice(),
        "inclusive": inclusive(),
        "fork": fork(),
        "milestone": Shape("intermediateThrowEvent"),
        "end": Shape("endEvent"),
    }
    sources = [name for name, kind in kinds.items() if kind != "end"]
    inner = draw(st.permutations(sources))
    last = [name for name in kinds if name not in sources]
    paths = []
    for source, target in itertools.pairwise(["start", *inner, "end"]):
        paths.append(f"{source} -default-> {target}" if kinds.get(source) in _CHOOSING else f"{source} -> {target}")
    more = st.tuples(st.sampled_from(["start", *sources]), st.sampled_from([*names, "end"]), st.integers(0, 3))
    for source, target, how in [*draw(st.lists(more, max_size=12)), *(("start", name, 0) for name in last)]:
        plain = kinds.get(source, "start") in ("start", "fork", "milestone")
        conditional = kinds.get(source) in _CHOOSING or how > 1
        condition = ("[x > 3]", "[y]", "[x < 2]", "[True]")[how]
        paths.append(f"{source} -> {target}" if plain or not conditional else f"{source} -{condition}-> {target}")
    shapes = {name: made[kind] for name, kind in kinds.items()}
    return diagram(process(*paths, loop_limit=20, **shapes))


@settings(RANDOM, max_examples=140)
@given(soups(), st.data())
def test_whatever_a_check_lets_pass_runs_to_a_wait_or_an_end(source: bytes, data: st.DataObject) -> None:
    problems = bpmn.check(source)
    if any(p.severity == "error" for p in problems):
        return
    run = Run(bpmn.parse(source).definitions[0], data)
    context = StepContext(evaluator=PlainEvaluator(), now=NOW, limits=Limits(elements=40))
    trigger: triggers.Trigger = triggers.Start({"x": 0})
    for _ in range(12):
        step = run.execution.step(trigger, context)
        run.store.keep(step)
        for effect in step.effects:
            run.note(effect)
        if step.state != "active":
            assert step.state == "completed"
            assert run.store.rows == {}
            assert run.started.keys() == run.ended
            return
        restored = Execution.restore(run.definition, run.store.rows, run.store.variables)
        assert restored.joins() == run.execution.joins()
        assert len(restored.index) == len(run.execution.index)
        run.execution = restored
        waiting = [t for t in run.open if t in restored.index]
        failed = [i.token for i in run.incidents if i.token in restored.index]
        if step.paused:
            trigger = triggers.Continue()
        elif waiting:
            token = data.draw(st.sampled_from(waiting))
            answered = run.open.pop(token)
            kind = triggers.UserTaskCompleted if isinstance(answered, effects.OpenUserTask) else triggers.JobCompleted
            trigger = kind(token, {"x": data.draw(st.integers(0, 6))})
        elif failed:
            trigger = triggers.Retry(failed[0])
            run.incidents = [i for i in run.incidents if i.token != failed[0]]
        else:
            assert restored.joins(), "what is active waits for somebody, or is stuck at a join"
            assert any(i.kind == "dead_end" for i in run.incidents)
            break
    step = run.execution.step(triggers.Cancel(), context)
    run.store.keep(step)
    assert step.state == "cancelled"
    assert run.store.rows == {}
