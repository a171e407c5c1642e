"""Processes drawn at random, run against small models of what BPMN says: no token lost, none invented.

Both kinds of diagram have a model that is no interpreter. A block-structured process is a tree, and how often each task
runs follows from the tree alone. In a diagram without loops, the tokens on each flow follow from those before it, by
arithmetic: a task passes on what it gets to each flow out, a choice to one, a join the least of what it gets.
"""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import bpmn
from bpmn import Execution, Limits, StepContext, effects, triggers
from tests.bpmn.drawing import Shape, choice, content, diagram, fork, process, script, service, user
from tests.bpmn.evaluating import PlainEvaluator
from tests.bpmn.walking import NOW, Store

RANDOM = settings(
    max_examples=80, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None
)


# -- running anything to its end, with random cuts, saves and crashes -------------------------------------------------
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


# -- block-structured ------------------------------------------------------------------------------------------------
@dataclass
class Block:
    """A piece of a process with one way in and one way out."""

    kind: str
    parts: list[Block] = field(default_factory=list)
    turns: int = 1
    taken: int = 0


def blocks() -> st.SearchStrategy[Block]:
    leaf = st.sampled_from(["user", "service", "script", "task"]).map(Block)

    def grow(inner: st.SearchStrategy[Block]) -> st.SearchStrategy[Block]:
        several = st.lists(inner, min_size=2, max_size=3)
        return st.one_of(
            st.lists(inner, min_size=1, max_size=3).map(lambda parts: Block("sequence", parts)),
            several.map(lambda parts: Block("parallel", parts)),
            several.map(lambda parts: Block("implicit", parts)),
            st.tuples(several, st.integers(0, 2)).map(lambda p: Block("choice", p[0], taken=p[1] % len(p[0]))),
            st.tuples(inner, st.integers(1, 3)).map(lambda p: Block("loop", [p[0]], turns=p[1])),
            inner.map(lambda part: Block("sub_process", [part])),
        )

    return st.recursive(leaf, grow, max_leaves=8)


class Drawing:
    """Turns a block into elements and flows, and counts how often each element must run."""

    def __init__(self) -> None:
        self.numbers = itertools.count()
        self.expected: Counter[str] = Counter()
        self.variables: dict[str, Any] = {}

    def name(self, kind: str) -> str:
        return f"{kind}{next(self.numbers)}"

    def draw(self, block: Block, times: int, shapes: dict[str, Shape], paths: list[str]) -> tuple[str, str]:
        """The first and last element of the block, drawn into `shapes` and `paths`."""
        return getattr(self, block.kind)(block, times, shapes, paths)  # type: ignore[no-any-return]

    def _leaf(self, shape: Shape, name: str, times: int, shapes: dict[str, Shape]) -> tuple[str, str]:
        shapes[name] = shape
        self.expected[name] += times
        return name, name

    def user(self, block: Block, times: int, shapes: dict[str, Shape], paths: list[str]) -> tuple[str, str]:
        return self._leaf(user(), self.name("user"), times, shapes)

    def service(self, block: Block, times: int, shapes: dict[str, Shape], paths: list[str]) -> tuple[str, str]:
        return self._leaf(service(), self.name("service"), times, shapes)

    def task(self, block: Block, times: int, shapes: dict[str, Shape], paths: list[str]) -> tuple[str, str]:
        return self._leaf(Shape("task"), self.name("task"), times, shapes)

    def script(self, block: Block, times: int, shapes: dict[str, Shape], paths: list[str]) -> tuple[str, str]:
        name = self.name("script")
        self.variables[f"runs_{name}"] = 0
        return self._leaf(script(f"runs_{name} = runs_{name} + 1"), name, times, shapes)

    def sequence(self, block: Block, times: int, shapes: dict[str, Shape], paths: list[str]) -> tuple[str, str]:
        ends = [self.draw(part, times, shapes, paths) for part in block.parts]
        paths += [f"{before[1]} -> {after[0]}" for before, after in itertools.pairwise(ends)]
        return ends[0][0], ends[-1][1]

    def _both(
        self, split: Shape, block: Block, times: int, shapes: dict[str, Shape], paths: list[str]
    ) -> tuple[str, str]:
        first, last = self.name("split"), self.name("sync")
        shapes |= {first: split, last: fork()}
        self.expected.update({first: times, last: times})
        for part in block.parts:
            begin, end = self.draw(part, times, shapes, paths)
            paths += [f"{first} -> {begin}", f"{end} -> {last}"]
        return first, last

    def parallel(self, block: Block, times: int, shapes: dict[str, Shape], paths: list[str]) -> tuple[str, str]:
        return self._both(fork(), block, times, shapes, paths)

    def implicit(self, block: Block, times: int, shapes: dict[str, Shape], paths: list[str]) -> tuple[str, str]:
        return self._both(Shape("task"), block, times, shapes, paths)

    def choice(self, block: Block, times: int, shapes: dict[str, Shape], paths: list[str]) -> tuple[str, str]:
        first, last = self.name("choice"), self.name("merge")
        shapes |= {first: choice(), last: choice()}
        self.expected.update({first: times, last: times})
        self.variables[f"taken_{first}"] = block.taken
        for number, part in enumerate(block.parts):
            begin, end = self.draw(part, times if number == block.taken else 0, shapes, paths)
            arrow = "default" if number == 0 else f"[taken_{first} == {number}]"
            paths += [f"{first} -{arrow}-> {begin}", f"{end} -> {last}"]
        return first, last

    def loop(self, block: Block, times: int, shapes: dict[str, Shape], paths: list[str]) -> tuple[str, str]:
        enter, merge, again = self.name("enter"), self.name("merge"), self.name("again")
        counter = f"turns_{merge}"
        shapes |= {enter: script(f"{counter} = 0"), merge: script(f"{counter} = {counter} + 1"), again: choice()}
        turns = times * block.turns
        self.expected.update({enter: times, merge: turns, again: turns})
        begin, end = self.draw(block.parts[0], turns, shapes, paths)
        paths += [
            f"{enter} -> {merge} -> {begin}",
            f"{end} -> {again}",
            f"{again} -[{counter} < {block.turns}]-> {merge}",
        ]
        after = self.name("after")
        shapes[after] = Shape("intermediateThrowEvent")
        self.expected[after] += times
        paths.append(f"{again} -default-> {after}")
        return enter, after

    def sub_process(self, block: Block, times: int, shapes: dict[str, Shape], paths: list[str]) -> tuple[str, str]:
        name, start, end = self.name("sub"), self.name("start"), self.name("end")
        inner: dict[str, Shape] = {}
        inner_paths: list[str] = []
        first, last = self.draw(block.parts[0], times, inner, inner_paths)
        inner_paths = [f"{start} -> {first}", *inner_paths, f"{last} -> {end}"]
        shapes[name] = Shape("subProcess", {}, content(tuple(inner_paths), inner))
        self.expected.update({name: times, start: times, end: times})
        return name, name


@RANDOM
@given(blocks(), st.data())
def test_a_block_structured_process_runs_each_element_as_often_as_its_tree_says(
    block: Block, data: st.DataObject
) -> None:
    drawing = Drawing()
    shapes: dict[str, Shape] = {}
    paths: list[str] = []
    first, last = drawing.draw(block, 1, shapes, paths)
    source = diagram(process(f"start -> {first}", *paths, f"{last} -> end", **shapes))
    assert [p for p in bpmn.check(source) if p.severity == "error"] == []
    run = Run(bpmn.parse(source).definitions[0], data).to_the_end(drawing.variables)
    assert run.state == "completed"
    assert run.incidents == []
    assert run.store.rows == {}
    expected = +drawing.expected + Counter(start=1, end=1)
    assert run.completed == expected
    for name, text in run.store.variables.items():
        if name[1].startswith("runs_"):
            assert int(text) == expected[name[1].removeprefix("runs_")]


# -- without loops, tokens counted by arithmetic ----------------------------------------------------------------------
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
_SOUP_KINDS = ["task", "user", "service", "script", "choice", "fork", "milestone", "end"]


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
        "fork": fork(),
        "milestone": Shape("intermediateThrowEvent"),
        "end": Shape("endEvent"),
    }
    sources = [name for name, kind in kinds.items() if kind != "end"]
    inner = draw(st.permutations(sources))
    last = [name for name in kinds if name not in sources]
    paths = []
    for source, target in itertools.pairwise(["start", *inner, "end"]):
        paths.append(f"{source} -default-> {target}" if kinds.get(source) == "choice" else f"{source} -> {target}")
    more = st.tuples(st.sampled_from(["start", *sources]), st.sampled_from([*names, "end"]), st.integers(0, 3))
    for source, target, how in [*draw(st.lists(more, max_size=12)), *(("start", name, 0) for name in last)]:
        plain = kinds.get(source, "start") in ("start", "fork", "milestone")
        conditional = kinds.get(source) == "choice" or how > 1
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
