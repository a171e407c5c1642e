"""Draws a tree of blocks as elements and flows (see `random_blocks`)."""

from __future__ import annotations

import itertools
from typing import Any

from tests.bpmn.drawing import (
    CANCEL,
    Shape,
    attached,
    begin,
    choice,
    compensation,
    content,
    diagram,
    error,
    escalation,
    finish,
    fork,
    inclusive,
    message,
    on_event,
    on_message,
    process,
    script,
    service,
    several,
    signal,
    throw,
    tie,
    timer,
    undoing,
    user,
)
from tests.bpmn.random_blocks import Attached, Block

Ends = tuple[str, str]


class Drawing:
    """The elements and flows of one scope, and the variables that the whole begins with. `listening`: two event
    sub-processes for each sub-process, one that interrupts and one that does not."""

    def __init__(self, listening: bool = False, variables: dict[str, Any] | None = None):
        self.listening = listening
        self.shapes: dict[str, Shape] = {}
        self.paths: list[str] = []
        self.variables: dict[str, Any] = {"last": 0} if variables is None else variables

    def source(self, block: Block) -> bytes:
        """A diagram with this block between its start and end."""
        first, last = self.draw(block)
        elements: dict[str, Any] = dict(self.shapes)
        return diagram(process(f"start -> {first}", *self.paths, f"{last} -> end", **elements))

    def draw(self, block: Block) -> Ends:
        """The first and last element of the block."""
        return getattr(self, f"_{block.kind}")(block)  # type: ignore[no-any-return]

    def listen(self, number: int) -> None:
        """Event sub-processes of this scope."""
        for interrupting in (True, False):
            place = f"{number}{'x' if interrupting else ''}"
            self.shapes[f"on{place}"] = on_message(
                f"m{place}",
                f"begin{place} -> answer{place} -> done{place}",
                interrupting=interrupting,
                **{f"answer{place}": user(), f"done{place}": Shape("endEvent")},
            )

    def handle(self, place: str, event: Attached) -> None:
        """An event sub-process of this scope."""
        name = f"at{place}"
        inner = Drawing(self.listening, self.variables)
        first, last = inner.draw(event.handler)
        elements: dict[str, Any] = dict(inner.shapes) | {f"done{place}": Shape("endEvent")}
        start = begin(_definition(event, name), interrupting=event.interrupting)
        self.shapes[f"on{place}"] = on_event(
            start, f"{name} -> {first}", *inner.paths, f"{last} -> done{place}", **elements
        )

    def _element(self, name: str, shape: Shape) -> Ends:
        self.shapes[name] = shape
        return name, name

    def _work(self, block: Block, shape: Shape) -> Ends:
        name = block.name
        if block.handler:
            handler = service() if block.handler == "service" else self._counting(f"undo_{name}")
            self.shapes[f"undo_{name}"] = undoing(handler)
            self.shapes[f"undone_{name}"] = attached(name, compensation())
            self.shapes[f"tie_{name}"] = tie(f"undone_{name}", f"undo_{name}")
        return self._element(name, shape)

    def _user(self, block: Block) -> Ends:
        return self._work(block, user())

    def _service(self, block: Block) -> Ends:
        return self._work(block, service())

    def _task(self, block: Block) -> Ends:
        return self._element(block.name, Shape("task"))

    def _counting(self, name: str) -> Shape:
        self.variables[f"runs_{name}"] = 0
        return script(f"runs_{name} = runs_{name} + 1")

    def _script(self, block: Block) -> Ends:
        return self._element(block.name, self._counting(block.name))

    def _compensate(self, block: Block) -> Ends:
        return self._element(block.name, throw(compensation()))

    def _sequence(self, block: Block) -> Ends:
        ends = [self.draw(part) for part in block.parts]
        self.paths += [f"{before[1]} -> {after[0]}" for before, after in itertools.pairwise(ends)]
        return ends[0][0], ends[-1][1]

    def _branches(self, block: Block, split: Shape, sync: Shape) -> Ends:
        first, last = block.name, f"sync{block.number}"
        self.shapes |= {first: split, last: sync}
        for number, part in enumerate(block.parts):
            way_in, way_out = self.draw(part)
            arrow = "->"
            if block.kind in ("choice", "inclusive"):
                self.variables[f"take_{first}"] = list(block.taken)
                # The first flow is the default of a choice that takes nothing else.
                default = block.taken == (0,) and number == 0
                arrow = "-default->" if default else f"-[{number} in take_{first} and take_{first} != [0]]->"
            self.paths += [f"{first} {arrow} {way_in}", f"{way_out} -> {last}"]
        return first, last

    def _parallel(self, block: Block) -> Ends:
        return self._branches(block, fork(), fork())

    def _implicit(self, block: Block) -> Ends:
        return self._branches(block, Shape("task"), fork())

    def _choice(self, block: Block) -> Ends:
        return self._branches(block, choice(), choice())

    def _inclusive(self, block: Block) -> Ends:
        return self._branches(block, inclusive(), inclusive())

    def _loop(self, block: Block) -> Ends:
        number = block.number
        enter, merge, again, after = block.name, f"turn{number}", f"again{number}", f"after{number}"
        counter = f"turns{number}"
        self.shapes |= {
            counter: Shape("dataObject"),  # of this scope: of each turn, if it is a multi-instance
            enter: script(f"{counter} = 0"),
            merge: script(f"{counter} = {counter} + 1"),
            again: choice(),
            after: throw(),
        }
        way_in, way_out = self.draw(block.parts[0])
        self.paths += [
            f"{enter} -> {merge} -> {way_in}",
            f"{way_out} -> {again}",
            f"{again} -[{counter} < {block.turns}]-> {merge}",
            f"{again} -default-> {after}",
        ]
        return enter, after

    def _sub_process(self, block: Block) -> Ends:
        number = block.number
        inner = Drawing(self.listening, self.variables)
        first, last = inner.draw(block.parts[0])
        if self.listening:
            inner.listen(number)
        for position, event in enumerate(block.events):
            inner.handle(f"{number}_{position}", event)
        paths = (f"in{number} -> {first}", *inner.paths, f"{last} -> out{number}")
        inner.shapes |= {f"in{number}": Shape("startEvent"), f"out{number}": Shape("endEvent")}
        return self._element(block.name, Shape("subProcess", {}, content(paths, inner.shapes)))

    def _transaction(self, block: Block) -> Ends:
        number = block.number
        inner = Drawing(self.listening, self.variables)
        both, out, stop, off, merge = (f"{word}{number}" for word in ("both", "out", "stop", "off", "merge"))
        paths = [f"in{number} -> {both}"]
        for part, end in zip(block.parts, (out, stop), strict=True):
            way_in, way_out = inner.draw(part)
            paths += [f"{both} -> {way_in}", f"{way_out} -> {end}"]
        inner.shapes |= {f"in{number}": Shape("startEvent"), both: fork(), out: finish()}
        inner.shapes[stop] = finish(CANCEL) if block.taken else finish()
        self.shapes |= {
            block.name: Shape("transaction", {}, content((*paths, *inner.paths), inner.shapes)),
            off: attached(block.name, CANCEL),
            merge: choice(),
        }
        self.paths += [f"{block.name} -> {merge}", f"{off} -> {merge}"]
        return block.name, merge

    def _several(self, block: Block) -> Ends:
        name, _ = self.draw(block.parts[0])
        until = f"numberOfCompletedInstances >= {block.until}" if block.until else None
        self.shapes[name] = several(
            self.shapes[name],
            str(block.turns),
            into=None if until else f"results_{name}",
            result=None if until else "loopCounter",
            until=until,
            sequential=block.sequential,
        )
        return name, name

    def _watched(self, block: Block) -> Ends:
        host, _ = self.draw(block.parts[0])
        merge = f"merge{block.number}"
        last = host
        if any(event.interrupting for event in block.events):
            self.shapes[merge] = choice()
            self.paths.append(f"{host} -> {merge}")
            last = merge
        for position, event in enumerate(block.events):
            name = f"at{block.number}_{position}"
            self.shapes[name] = attached(host, _definition(event, name), interrupting=event.interrupting)
            way_in, way_out = self.draw(event.handler)
            target = merge if event.interrupting else f"done{block.number}_{position}"
            if not event.interrupting:
                self.shapes[target] = Shape("endEvent")
            self.paths += [f"{name} -> {way_in}", f"{way_out} -> {target}"]
        return host, last


def _definition(event: Attached, name: str) -> str:
    match event.kind:
        case "message":
            return message(name)
        case "signal":
            return signal(name)
        case "timer":
            return timer("duration", "PT1H") if event.interrupting else timer("cycle", "R2/PT1H")
        case "error":
            return error(name)
        case other:
            assert other == "escalation"
            return escalation(name)
