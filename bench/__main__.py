"""Measures Signalbox on this machine: `python -m bench`, or `make bench`.

Prints a Markdown report; `--write` puts it into docs/benchmarks.md. Ours and the baseline take turns, so that a busy
machine is busy for both; the figures are medians of the rounds.
"""

from __future__ import annotations

import argparse
import gc
import os
import platform
import sqlite3
import sys
import time
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path

from bench import baseline, flatness, footprint, ours, over_http, shapes, tables
from bench.process_p import Rate, Timed, measure, median
from engine.evaluators import CompiledFirst, SandboxEvaluator

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"


PARTS = ("process-p", "stock", "shapes", "user-tasks", "footprint")


def main() -> None:
    """Run what was asked for and print the report."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure process P and the footprint.")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each measurement; medians are shown [5]")
    parser.add_argument("--instances", type=int, default=200, help="instances a round [200]")
    parser.add_argument("--steps", type=int, default=1000, help="user tasks of one instance, for flat cost [1000]")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 100, 1000], help="sizes of shapes [10 100 1000]")
    parser.add_argument("--long", type=int, nargs="*", default=[5000, 50000], help="more turns of a loop [5000 50000]")
    parser.add_argument("--beside", type=int, default=300, help="size of the shapes beside the stock library [300]")
    parser.add_argument("--only", choices=PARTS, nargs="+", default=PARTS, help="parts to measure [all]")
    parser.add_argument("--starts", type=int, default=5, help="starts of the server that are timed [5]")
    parser.add_argument("--write", action="store_true", help="put the report into docs/benchmarks.md")
    given = parser.parse_args()
    head = _machine(given.rounds, given.instances)
    parts = {
        "process-p": lambda: _process_p(given.rounds, given.instances),
        "shapes": lambda: _shapes(given.sizes, given.long, given.rounds),
        "stock": lambda: _beside(given.beside, given.rounds),
        "user-tasks": lambda: _flatness(given.steps),
        "footprint": lambda: _footprint(given.starts),
    }
    lines = list(head)
    print("\n".join(head), flush=True)
    for part in PARTS:
        if part in given.only:
            found = parts[part]()
            print("\n".join(found), flush=True)
            lines += found
    report = "\n".join(lines)
    if given.write:
        page = PAGE.read_text()
        before, after = page.partition(BEGIN)[0], page.partition(END)[2]
        PAGE.write_text(f"{before}{BEGIN}\n{report}\n{END}{after}")


def _say(words: str) -> None:
    print(f"[bench] {words}", file=sys.stderr, flush=True)


def _machine(rounds: int, instances: int) -> list[str]:
    load, cores = os.getloadavg(), len(os.sched_getaffinity(0))
    python, sqlite = platform.python_version(), sqlite3.sqlite_version
    return [
        f"Measured {datetime.now(UTC):%Y-%m-%d %H:%M} UTC with `make bench`: {rounds} rounds of {instances} instances.",
        f"{cores} cores, {platform.system()} {platform.machine()}, Python {python}, SQLite {sqlite}.",
        f"One commit of one row to this disk: {_commit_milliseconds():.2f} ms.",
        f"Load average when it began: {load[0]:.1f} in the last minute, {load[1]:.1f} in the last five.",
        "Beyond the number of cores others took processor time away: then compare the processor times.",
        "",
    ]


def _commit_milliseconds() -> float:
    import tempfile

    with tempfile.TemporaryDirectory(prefix="signalbox-bench-") as folder:
        rows = sqlite3.connect(Path(folder) / "commit.sqlite3", isolation_level=None)
        rows.execute("PRAGMA journal_mode=WAL")
        rows.execute("PRAGMA synchronous=FULL")
        rows.execute("CREATE TABLE one (text)")
        taken = []
        for _ in range(50):
            begun = time.perf_counter()
            rows.execute("INSERT INTO one VALUES ('x')")
            taken.append(time.perf_counter() - begun)
        rows.close()
    return sorted(taken)[len(taken) // 2] * 1000


ONE, RESTORED, SEVERAL = "in process", "in process, restored before each step", "in process, 4 threads"
TURN = 10  # instances, before the other's turn
PLAIN, PLAIN_SEVERAL = "SpiffWorkflow + JSON to SQLite", "SpiffWorkflow + JSON to SQLite, 4 threads"


def _process_p(rounds: int, instances: int) -> list[str]:
    lines = [
        "### Process P",
        "",
        "| | instances/s | ms an instance | of these in the sandbox | processor ms of the process |",
        "|---|--:|--:|--:|--:|",
    ]
    summaries = [
        "Times the baseline's rate, by the wall and by processor time; in the last two without what both spend in the",
        "sandbox:",
        "",
        "| | wall | processor | wall | processor |",
        "|---|--:|--:|--:|--:|",
    ]
    best = 0.0
    for words, compiled, within in (
        ("every script in the sandbox", False, None),
        ("simple scripts compiled", True, None),
        ("simple scripts compiled, file in memory", True, shapes.in_memory()),
    ):
        _say(f"process P, {words}")
        rates = _in_process(rounds, instances, compiled, within)
        lines += [_row(f"{who}, {words}", rate) for who, rate in rates.items()]
        for who in (ONE, RESTORED):
            summaries.append(tables.times(f"{who}, {words}", rates[who], rates[PLAIN]))
        summaries.append(tables.times(f"{SEVERAL}, {words}", rates[SEVERAL], rates[PLAIN_SEVERAL], apart=False))
        if compiled and within is None:
            best = max(rates[who].per_second for who in (ONE, SEVERAL))
    over = _over_http(rounds, instances)
    lines += [_row(f"over HTTP, {clients} clients, simple scripts compiled", rate) for clients, rate in over.items()]
    share = max(rate.per_second for rate in over.values()) / best
    return [*lines, "", *summaries, "", f"Over HTTP: {share:.2f} times the best rate in process of the same run.", ""]


def _in_process(rounds: int, instances: int, compiled: bool, within: str | None = None) -> dict[str, Rate]:
    sandbox = SandboxEvaluator()
    timed = Timed(CompiledFirst(sandbox) if compiled else sandbox)
    rates: dict[str, list[Rate]] = {}
    with ExitStack() as stack:
        stack.callback(sandbox.close)
        engine = stack.enter_context(ours.opened(timed, within=within))
        forgetful = stack.enter_context(ours.opened(timed, within=within, kept=0))
        plain = stack.enter_context(baseline.opened(timed, within=within))
        ours.check(engine)
        baseline.check(plain)
        gc.collect()
        gc.freeze()  # as the server does
        # Short turns: whatever else the machine does then falls on all of them alike.
        for _ in range(rounds * max(1, instances // TURN)):
            turns = {
                ONE: measure(lambda: ours.one_instance(engine), min(TURN, instances), timed=timed),
                PLAIN: measure(plain.one_instance, min(TURN, instances), timed=timed),
                RESTORED: measure(lambda: ours.one_instance(forgetful), min(TURN, instances), timed=timed),
            }
            for who, rate in turns.items():
                rates.setdefault(who, []).append(rate)
        for _ in range(rounds):
            rates.setdefault(SEVERAL, []).append(measure(lambda: ours.one_instance(engine), instances, threads=4))
            rates.setdefault(PLAIN_SEVERAL, []).append(measure(plain.one_instance, instances, threads=4))
        gc.unfreeze()
    return {who: median(several) for who, several in rates.items()}


def _over_http(rounds: int, instances: int) -> dict[int, Rate]:
    rates: dict[int, list[Rate]] = {1: [], 4: [], 8: []}
    with over_http.serving() as server:
        caller = over_http.Caller(server)
        caller.deploy()
        caller.check()
        for number in range(rounds):
            _say(f"process P over HTTP, round {number + 1} of {rounds}")
            for clients, several in rates.items():
                several.append(over_http.measure(server, instances, clients))
        caller.check()
    return {clients: median(several) for clients, several in rates.items()}


def _row(who: str, rate: Rate) -> str:
    sandbox = f"{rate.sandbox_milliseconds:.2f}" if rate.sandbox else ""
    return f"| {who} | {rate.per_second:.0f} | {rate.milliseconds:.2f} | {sandbox} | {rate.cpu_milliseconds:.2f} |"


def _shapes(sizes: list[int], long: list[int], rounds: int) -> list[str]:
    _say("shapes")
    with closing(SandboxEvaluator()) as sandbox:
        return tables.shapes(Timed(CompiledFirst(sandbox)), sizes, rounds, {"loop": long})


def _beside(size: int, rounds: int) -> list[str]:
    _say(f"shapes of {size} beside the stock library")
    with closing(SandboxEvaluator()) as sandbox:
        return tables.beside(Timed(CompiledFirst(sandbox)), size, rounds)


def _flatness(steps: int) -> list[str]:
    _say("flat cost")
    sandbox = SandboxEvaluator()
    with ExitStack() as stack:
        stack.callback(sandbox.close)
        found = flatness.measure(stack.enter_context(ours.opened(Timed(CompiledFirst(sandbox)))), steps)
    return [
        "### Flat cost",
        "",
        "Processor time of completing one user task of an instance with many, medians of the first and last tenth.",
        "",
        "| | user tasks | first | last |",
        "|---|--:|--:|--:|",
        *[f"| {what} | {flat.steps} | {flat.first:.2f} ms | {flat.last:.2f} ms |" for what, flat in found.items()],
        "",
    ]


def _footprint(starts: int) -> list[str]:
    _say("start, memory and size")
    found = footprint.measure(starts)
    own, others, packages = footprint.installed_megabytes()
    table = {
        f"from `signalbox serve` to the first answer, median of {len(found.first_answer)} starts": (
            f"{footprint.median_start(found):.2f} s"
        ),
        "memory of the idle web process, resident / proportional": (
            f"{found.resident:.0f} / {found.proportional:.0f} MB"
        ),
        f"all processes before the first script ({found.processes})": (
            f"{found.all_resident:.0f} / {found.all_proportional:.0f} MB"
        ),
        f"all processes after a script woke the sandbox ({found.with_sandbox_processes})": (
            f"{found.with_sandbox_resident:.0f} / {found.with_sandbox_proportional:.0f} MB"
        ),
        "processor of the idle server, of one core": f"{found.idle_cpu_percent:.2f} %",
        "installed: Signalbox itself with the browser app": f"{own:.1f} MB",
        f"installed: its {packages} dependencies": f"{others:.1f} MB",
    }
    return ["### Footprint", "", "| | |", "|---|--:|", *[f"| {what} | {figure} |" for what, figure in table.items()]]


if __name__ == "__main__":
    main()
