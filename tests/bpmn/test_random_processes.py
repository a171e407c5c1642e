"""Block-structured processes drawn at random. How often each element runs follows from the tree alone: no token lost,
none invented, however the instance is cut, saved, restored, repeated and interrupted."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

import bpmn
from bpmn import effects, triggers
from tests.bpmn.answering import RANDOM, Run
from tests.bpmn.drawing import Shape, choice, content, diagram, fork, on_message, process, script, service, user
from tests.bpmn.walking import MODES, Walk


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

    def __init__(self, listening: bool = False) -> None:
        self.listening = listening
        self.numbers = itertools.count()
        self.expected: Counter[str] = Counter()
        self.variables: dict[str, Any] = {}

    def name(self, kind: str) -> str:
        return f"{kind}{next(self.numbers)}"

    def draw(self, block: Block, times: int, shapes: dict[str, Shape], paths: list[str]) -> tuple[str, str]:
        """The first and last element of the block, drawn into `shapes` and `paths`."""
        return getattr(self, block.kind)(block, times, shapes, paths)  # type: ignore[no-any-return]

    def listen(self, shapes: dict[str, Shape]) -> None:
        """Two event sub-processes for a scope: one that interrupts and one that does not."""
        for interrupting in (True, False):
            number = next(self.numbers)
            shapes[f"on{number}"] = on_message(
                f"m{number}",
                f"begin{number} -> answer{number} -> done{number}",
                interrupting=interrupting,
                **{f"answer{number}": user(), f"done{number}": Shape("endEvent")},
            )

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
        if self.listening:
            self.listen(inner)
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


@settings(RANDOM, max_examples=60)
@given(blocks(), st.sampled_from(MODES), st.data())
def test_interrupted_at_any_time_everything_that_began_ends_once(block: Block, mode: str, data: st.DataObject) -> None:
    """The walk itself holds the invariants: activities end once and inside their scope, what ends waits for nothing,
    what is restored does what is live."""
    drawing = Drawing(listening=True)
    shapes: dict[str, Shape] = {}
    paths: list[str] = []
    first, last = drawing.draw(Block("sub_process", [block]), 1, shapes, paths)
    drawing.listen(shapes)
    drawn = process(f"start -> {first}", *paths, f"{last} -> end", **shapes)
    it = Walk(bpmn.parse(diagram(drawn)).definitions[0], mode).start(**drawing.variables)
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
            case effects.OpenMessageSubscription():
                it.do(triggers.MessageReceived(token))
                assert f"answer{answered.name.removeprefix('m')}" in it.waiting, "what interrupts goes on itself"
    assert it.incidents == []
    if it.state == "active":
        it.cancel()
    assert set(it.outcomes) == set(it.activities)
