"""Block-structured processes at random: a tree whose blocks have one way in and one way out each. What draws them
(`block_drawing`) and what plays them (`block_model`) know nothing of each other but this tree."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

from hypothesis import strategies as st

#: Attached to an activity: those that somebody outside brings about, and those that are thrown inside.
FROM_OUTSIDE = ("message", "signal", "timer")
THROWN = ("error", "escalation")


@dataclass(eq=False)
class Attached:
    """An event at the border of an activity, and what follows it; of a sub-process that begins by it inside."""

    kind: str
    interrupting: bool
    handler: Block


@dataclass(eq=False)
class Block:
    """A piece of a process. Which of its fields mean something depends on its kind."""

    kind: str
    parts: list[Block] = field(default_factory=list)
    turns: int = 1  # of a loop, of a multi-instance
    taken: tuple[int, ...] = ()  # the parts that a choice takes
    sequential: bool = False
    until: int | None = None  # so many turns complete a multi-instance
    handler: str = ""  # what undoes an activity: a script or a service
    events: list[Attached] = field(default_factory=list)
    number: int = -1

    @property
    def name(self) -> str:
        """Of the element that the block is, or of the first of its elements."""
        return f"{self.kind}{self.number}"

    def inside(self) -> Iterator[Block]:
        """Every block in it, itself first."""
        yield self
        for part in [*self.parts, *(event.handler for event in self.events)]:
            yield from part.inside()

    def numbered(self) -> Block:
        """The same, with a number for each block."""
        numbers = itertools.count()
        for block in self.inside():
            block.number = next(numbers)
        return self


WORK = ("user", "service")
LEAVES = (*WORK, "script", "task")


def _leaves() -> st.SearchStrategy[Block]:
    return st.one_of(
        st.sampled_from(LEAVES).map(Block),
        st.sampled_from(["compensate", "compensate"]).map(Block),
        st.tuples(st.sampled_from(WORK), st.sampled_from(["script", "service"])).map(
            lambda pair: Block(pair[0], handler=pair[1])
        ),
    )


def plain_blocks(most: int = 8) -> st.SearchStrategy[Block]:
    """Sequences, gateways, loops and sub-processes."""

    def grow(inner: st.SearchStrategy[Block]) -> st.SearchStrategy[Block]:
        return st.one_of(*_flows(inner))

    return st.recursive(st.sampled_from(LEAVES).map(Block), grow, max_leaves=most).map(Block.numbered)


def blocks(most: int = 8) -> st.SearchStrategy[Block]:
    """All that there is."""

    def grow(inner: st.SearchStrategy[Block]) -> st.SearchStrategy[Block]:
        return st.one_of(
            *_flows(inner), _several(inner), _watched(inner), _watched(inner), _handling(inner), _transactions(inner)
        )

    return st.recursive(_leaves(), grow, max_leaves=most).map(Block.numbered)


def _flows(inner: st.SearchStrategy[Block]) -> list[st.SearchStrategy[Block]]:
    lists = st.lists(inner, min_size=2, max_size=3)
    return [
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: Block("sequence", parts)),
        lists.map(lambda parts: Block("parallel", parts)),
        lists.map(lambda parts: Block("implicit", parts)),
        st.tuples(lists, st.integers(0, 2)).map(lambda p: Block("choice", p[0], taken=(p[1] % len(p[0]),))),
        st.tuples(lists, st.sets(st.integers(0, 2), min_size=1)).map(
            lambda p: Block("inclusive", p[0], taken=tuple(sorted({number % len(p[0]) for number in p[1]})))
        ),
        st.tuples(inner, st.integers(1, 3)).map(lambda p: Block("loop", [p[0]], turns=p[1])),
        inner.map(lambda part: Block("sub_process", [part])),
    ]


def _handling(inner: st.SearchStrategy[Block]) -> st.SearchStrategy[Block]:
    """A sub-process with event sub-processes."""
    event = st.builds(Attached, st.sampled_from(FROM_OUTSIDE), st.booleans(), inner)
    return st.builds(
        lambda part, events: Block("sub_process", [part], events=events),
        inner,
        st.lists(event, min_size=1, max_size=2),
    )


def _transactions(inner: st.SearchStrategy[Block]) -> st.SearchStrategy[Block]:
    """Two paths side by side; the second may cancel."""
    return st.tuples(inner, inner, st.booleans()).map(
        lambda drawn: Block("transaction", [drawn[0], drawn[1]], taken=(1,) if drawn[2] else ())
    )


def _activities(inner: st.SearchStrategy[Block]) -> st.SearchStrategy[Block]:
    return st.one_of(st.sampled_from(WORK).map(Block), inner.map(lambda part: Block("sub_process", [part])))


def _several(inner: st.SearchStrategy[Block]) -> st.SearchStrategy[Block]:
    """A multi-instance activity."""
    undoable = st.sampled_from(WORK).map(lambda kind: Block(kind, handler="service"))
    return st.builds(
        lambda part, turns, sequential, until: Block(
            "several", [part], turns=turns, sequential=sequential, until=until if until and until <= turns else None
        ),
        st.one_of(_activities(inner), undoable),
        st.integers(0, 3),
        st.booleans(),
        st.one_of(st.none(), st.integers(1, 2)),
    )


def _watched(inner: st.SearchStrategy[Block]) -> st.SearchStrategy[Block]:
    """An activity with one or two events attached."""
    handlers = st.one_of(
        st.sampled_from(LEAVES).map(Block),
        # Several may run at a time: each has counters and joins of its own.
        inner.map(lambda part: Block("sub_process", [part])),
    )
    event = st.builds(
        lambda kind, interrupting, handler: Attached(kind, interrupting or kind == "error", handler),
        st.sampled_from([*FROM_OUTSIDE, *THROWN]),
        st.booleans(),
        handlers,
    )
    hosts = st.one_of(_activities(inner), _activities(inner), _several(inner))
    return st.builds(
        lambda host, events: Block("watched", [host], events=events), hosts, st.lists(event, min_size=1, max_size=2)
    )
