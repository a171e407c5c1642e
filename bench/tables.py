"""Measurements as tables of a Markdown report."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence

from bench import drawings, stock
from bench import shapes as growing
from bench.process_p import Rate, Timed
from bench.shapes import Growth


def times(who: str, ours: Rate, theirs: Rate, *, apart: bool = True) -> str:
    """How many times the baseline's rate ours is, with and without what both spend in the sandbox; with several
    threads that is not told `apart`."""
    wall = theirs.wall / ours.wall
    processor = theirs.cpu / ours.cpu
    if not apart:
        return f"| {who} | {wall:.2f} | {processor:.2f} | | |"
    wall_outside = (theirs.wall - theirs.sandbox) / (ours.wall - ours.sandbox)
    processor_outside = (theirs.cpu - theirs.sandbox_cpu) / (ours.cpu - ours.sandbox_cpu)
    return f"| {who} | {wall:.2f} | {processor:.2f} | {wall_outside:.2f} | {processor_outside:.2f} |"


def shapes(evaluator: Timed, sizes: Sequence[int], rounds: int, long: Mapping[str, Sequence[int]]) -> list[str]:
    """What an element costs in each shape, what is written and kept, and what live instances weigh."""
    found = growing.measure(evaluator, sizes, rounds, long)
    smallest, largest = min(sizes), max(sizes)
    return [
        "### Shapes",
        "",
        "Microseconds an element, medians of the rounds, sizes taking turns; processor time but where it says wall.",
        "",
        "| | size | elements | in memory | saved at every element | … to the disk, wall | whole engine |",
        "|---|--:|--:|--:|--:|--:|--:|",
        *[
            f"| {one.shape} | {one.size:,} | {one.elements:,} | {one.processor('memory'):.0f} | "
            f"{one.processor('saved'):.0f} | {_wall(one)} | "
            f"{one.processor('whole'):.0f} |"
            for one in found
        ],
        "",
        f"Cost of an element at {largest:,} by that at {smallest:,}:",
        "",
        "| | in memory | saved at every element | whole engine |",
        "|---|--:|--:|--:|",
        *[_growth(name, found, smallest, largest) for name in drawings.SHAPES],
        "",
        "What is written at each step and kept between steps (rows of state and variables), and restored halfway:",
        "",
        "| | size | bytes a step | rows a step | rows at most | rows before the end | restore |",
        "|---|--:|--:|--:|--:|--:|--:|",
        *[
            f"| {one.shape} | {one.size:,} | {one.bytes_a_step:.0f} | {one.rows_a_step:.1f} | {one.rows_at_most:,} | "
            f"{one.rows_before_end} | {one.restore_milliseconds:.2f} ms |"
            for one in found
        ],
        "",
        f"Memory of live instances of size {largest:,} at their fullest (definitions are shared and not counted):",
        "",
        "| | one | 100 at once | those of the 100 that the engine keeps between steps |",
        "|---|--:|--:|--:|",
        *[_memory(name, largest, evaluator) for name in drawings.SHAPES],
        "",
    ]


def _wall(one: Growth) -> str:
    return f"{one.wall('durable'):.0f}" if one.durable else ""


def _growth(name: str, found: Sequence[Growth], smallest: int, largest: int) -> str:
    small, large = (
        next(one for one in found if one.shape == name and one.size == size) for size in (smallest, largest)
    )
    ratios = [large.processor(which) / small.processor(which) for which in ("memory", "saved", "whole")]
    return f"| {name} | " + " | ".join(f"{ratio:.2f}" for ratio in ratios) + " |"


def _memory(name: str, size: int, evaluator: Timed) -> str:
    one, hundred = growing.held(name, size, 1, evaluator), growing.held(name, size, 100, evaluator)
    return f"| {name} | {one.all:.2f} MB | {hundred.all:.1f} MB | {hundred.kept:.1f} MB |"


def beside(evaluator: Timed, size: int, rounds: int) -> list[str]:
    """Shapes saved after every element, ours and the stock library's."""
    lines = [
        f"### Beside SpiffWorkflow, size {size}",
        "",
        "One instance saved after every element; processor milliseconds without the evaluator's, which stand apart.",
        "",
        "| | file | ours | theirs | times less | evaluator, ours / theirs | by the wall, commits included |",
        "|---|---|--:|--:|--:|--:|--:|",
    ]
    for words, within in (("in memory", growing.in_memory()), ("on the disk", tempfile.gettempdir())):
        for one in stock.measure(evaluator, size, rounds, within):
            ours, theirs = one.ours, one.theirs
            lines.append(
                f"| {one.shape} | {words} | {ours.processor - ours.evaluation:.0f} | "
                f"{theirs.processor - theirs.evaluation:.0f} | {one.by_processor:.1f} | "
                f"{ours.evaluation:.1f} / {theirs.evaluation:.1f} | {one.by_wall:.1f} times |"
            )
    return [*lines, "", *_process(evaluator, size, rounds)]


def _process(evaluator: Timed, instances: int, rounds: int) -> list[str]:
    """Process P, where both sides save and restore their state and do nothing else."""
    lines = [
        "### Process P by the interpreter alone",
        "",
        "Saved at both wait states and restored in between; no history, events or inbox on either side. Milliseconds",
        "of one instance, of the processor without the evaluator's, which stand apart.",
        "",
        "| file | ours | theirs | times less | evaluator, ours / theirs | by the wall, commits included |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for words, within in (("in memory", growing.in_memory()), ("on the disk", tempfile.gettempdir())):
        one = stock.process(evaluator, instances, rounds, within)
        ours, theirs = one.ours, one.theirs
        lines.append(
            f"| {words} | {ours.processor - ours.evaluation:.2f} | {theirs.processor - theirs.evaluation:.2f} | "
            f"{one.by_processor:.1f} | {ours.evaluation:.2f} / {theirs.evaluation:.2f} | {one.by_wall:.1f} times |"
        )
    return [*lines, ""]
