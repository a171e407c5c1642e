"""The worker processes: bounded, confined, replaced when they die, gone when the service is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bpmn import EvaluationFailed, Expression
from bpmn.scripts import read_script
from engine.evaluators import SandboxEvaluator, SandboxLimits

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ROOT = Path(__file__).parents[3]


def compute(evaluator: SandboxEvaluator, source: str) -> object:
    return evaluator.evaluate(Expression(source, frozenset()), {}, now=NOW, seed=1)


def workers_of(pid: int) -> set[int]:
    """The living worker processes whose parent is `pid`."""
    found = set()
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            name, _, rest = (folder / "stat").read_text().partition("(")[2].rpartition(")")
        except OSError:
            continue
        state, parent = rest.split()[:2]
        if name == "monty" and state != "Z" and int(parent) == pid:
            found.add(int(folder.name))
    return found


def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "this did not happen in time"
        time.sleep(0.01)


def until_busy(worker: int) -> None:
    """Until the worker has used processor time of its own: it computes."""

    def used() -> int:
        fields = Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()
        return int(fields[11])

    before = used()
    until(lambda: used() > before + 5)


@pytest.fixture
def evaluator() -> Iterator[SandboxEvaluator]:
    one = SandboxEvaluator(processes=2)
    yield one
    one.close()


def test_nothing_is_started_before_the_first_evaluation(evaluator: SandboxEvaluator) -> None:
    before = workers_of(os.getpid())
    other = SandboxEvaluator(processes=2)
    assert workers_of(os.getpid()) == before
    other.close()


def test_eight_threads_share_two_workers(evaluator: SandboxEvaluator) -> None:
    before = workers_of(os.getpid())

    def many(thread: int) -> list[object]:
        return [
            evaluator.evaluate(Expression("[a, b]", frozenset({"a", "b"})), {"a": thread, "b": turn}, now=NOW, seed=1)
            for turn in range(50)
        ]

    with ThreadPoolExecutor(8) as threads:
        results = list(threads.map(many, range(8)))
    assert results == [[[thread, turn] for turn in range(50)] for thread in range(8)]
    assert len(workers_of(os.getpid()) - before) <= 2


def test_long_scripts_in_some_threads_do_not_starve_the_others(evaluator: SandboxEvaluator) -> None:
    def loop() -> str:
        with pytest.raises(EvaluationFailed) as failure:
            compute(evaluator, "sum(1 for i in range(10 ** 12) if [i][0] < 0)")
        return failure.value.kind

    with ThreadPoolExecutor(4) as threads:
        long = [threads.submit(loop) for _ in range(2)]
        quick = [threads.submit(compute, evaluator, "1 + 1") for _ in range(20)]
        assert [each.result() for each in quick] == [2] * 20
        assert {each.result() for each in long} <= {"time_limit", "memory_limit"}


def test_when_all_workers_stay_busy_the_caller_is_told() -> None:
    others = workers_of(os.getpid())
    evaluator = SandboxEvaluator(limits=SandboxLimits(time_seconds=3, wait_seconds=0.2), processes=1)
    try:
        compute(evaluator, "1")
        (worker,) = workers_of(os.getpid()) - others
        with ThreadPoolExecutor(1) as threads:
            before = threads.submit(_loop_kind, evaluator)
            until_busy(worker)
            with pytest.raises(EvaluationFailed, match="all 1 workers were busy") as failure:
                compute(evaluator, "1")
            assert failure.value.kind == "unavailable"
            before.result()
    finally:
        evaluator.close()


def _loop_kind(evaluator: SandboxEvaluator) -> str:
    with pytest.raises(EvaluationFailed) as failure:
        evaluator.execute(read_script("while True:\n    pass"), {}, now=NOW, seed=1)
    return failure.value.kind


def test_a_worker_killed_while_idle_is_replaced_and_nobody_notices(evaluator: SandboxEvaluator) -> None:
    before = workers_of(os.getpid())
    compute(evaluator, "1")
    (worker,) = workers_of(os.getpid()) - before
    os.kill(worker, signal.SIGKILL)
    assert [compute(evaluator, "2 + 2") for _ in range(3)] == [4, 4, 4]
    assert worker not in workers_of(os.getpid())


def test_a_worker_killed_while_it_computes_is_tried_again() -> None:
    before = workers_of(os.getpid())
    evaluator = SandboxEvaluator(limits=SandboxLimits(time_seconds=20), processes=1)
    try:
        compute(evaluator, "1")
        (worker,) = workers_of(os.getpid()) - before
        with ThreadPoolExecutor(1) as threads:
            script = read_script("n = 0\nwhile n < 3_000_000:\n    n += 1")
            running = threads.submit(evaluator.execute, script, {}, now=NOW, seed=1)
            until_busy(worker)
            assert not running.done()
            os.kill(worker, signal.SIGKILL)
            assert running.result() == {"n": 3_000_000}
        assert worker not in workers_of(os.getpid())
    finally:
        evaluator.close()


def test_workers_are_confined_by_the_kernel_too(evaluator: SandboxEvaluator) -> None:
    before = workers_of(os.getpid())
    compute(evaluator, "1")
    (worker,) = workers_of(os.getpid()) - before
    limits = Path(f"/proc/{worker}/limits").read_text()
    bounds = {line[:25].strip(): line[25:].split()[:2] for line in limits.splitlines()}
    assert bounds["Max address space"] == [str(512 * 1024 * 1024)] * 2
    assert bounds["Max file size"] == ["0", "0"]
    assert bounds["Max core file size"] == ["0", "0"]
    assert Path(f"/proc/{worker}/environ").read_bytes() == b""


def test_workers_are_recycled() -> None:
    before = workers_of(os.getpid())
    evaluator = SandboxEvaluator(limits=SandboxLimits(evaluations_per_worker=3), processes=1)
    try:
        seen = set()
        for number in range(9):
            assert compute(evaluator, str(number)) == number
            seen |= workers_of(os.getpid()) - before
        assert len(seen) >= 3
    finally:
        evaluator.close()


def test_close_ends_the_workers_and_says_so_afterwards(evaluator: SandboxEvaluator) -> None:
    before = workers_of(os.getpid())
    compute(evaluator, "1")
    mine = workers_of(os.getpid()) - before
    evaluator.close()
    until(lambda: not mine & workers_of(os.getpid()))
    with pytest.raises(EvaluationFailed, match="the service is stopping") as failure:
        compute(evaluator, "1")
    assert failure.value.kind == "unavailable"
    evaluator.close()


def test_a_missing_interpreter_is_said() -> None:
    evaluator = SandboxEvaluator(interpreter=Path("/nowhere/monty"))
    with pytest.raises(EvaluationFailed) as failure:
        compute(evaluator, "1")
    assert failure.value.kind == "unavailable"
    assert "could not be started" in failure.value.message


# Forks and kills belong into a process without pytest's threads and captures.
HOST = """
import os, sys, threading
from datetime import UTC, datetime
from bpmn import EvaluationFailed, Expression
from engine.evaluators import SandboxEvaluator

evaluator = SandboxEvaluator(processes=2)

def compute(source):
    try:
        return evaluator.evaluate(Expression(source, frozenset()), {}, now=datetime(2026, 1, 1, tzinfo=UTC), seed=1)
    except EvaluationFailed as failure:
        return failure.kind

def in_child(source):
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, repr(compute(source)).encode())
        evaluator.close()
        sys.exit(0)
    os.close(write)
    assert os.waitpid(child, 0)[1] == 0
    answer = os.read(read, 1000).decode()
    os.close(read)
    return answer

"""


def in_a_process_of_its_own(source: str) -> str:
    program = HOST + source
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_child_forked_before_the_first_use_has_workers_of_its_own() -> None:
    assert in_a_process_of_its_own("print(in_child('1 + 1'), in_child('2 + 2'), compute('3 + 3'))").split() == [
        "2",
        "4",
        "6",
    ]


def test_a_child_forked_later_is_told_and_the_parent_goes_on() -> None:
    out = in_a_process_of_its_own("print(compute('1 + 1'), in_child('2 + 2'), compute('3 + 3'), in_child('4'))")
    assert out.split() == ["2", "'unavailable'", "6", "'unavailable'"]


def test_workers_end_with_a_host_that_was_killed() -> None:
    program = """
compute("1")
threading.Thread(target=compute, args=("[i for i in range(10 ** 12) if i < 0]",)).start()
print("ready", flush=True)
"""
    host = subprocess.Popen([sys.executable, "-c", HOST + program], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert host.stdout is not None
    assert host.stdout.readline().strip() == "ready"
    mine = workers_of(host.pid)
    assert mine
    host.kill()
    host.wait()
    host.stdout.close()
    until(lambda: not any(Path(f"/proc/{worker}/exe").exists() for worker in mine))
