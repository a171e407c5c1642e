"""Workers confined by bubblewrap: as quick and as correct, and with nothing around them; or refused, never less."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from bpmn import EvaluationFailed, Expression, Script
from engine import Settings, open_engine
from engine.errors import Unavailable
from engine.evaluators import SandboxEvaluator, SandboxLimits
from engine.evaluators.isolation import Bubblewrap

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def compute(evaluator: SandboxEvaluator, source: str) -> object:
    return evaluator.evaluate(Expression(source, frozenset()), {}, now=NOW, seed=1)


def refusal() -> str | None:
    """Why bubblewrap cannot be used on this machine: it is not there, or, as in many containers, it may do nothing."""
    try:
        Bubblewrap(SandboxLimits()).close()
    except EvaluationFailed as failure:
        return failure.message
    return None


REFUSED = refusal()


@pytest.fixture
def isolated() -> Iterator[SandboxEvaluator]:
    evaluator = SandboxEvaluator(isolated=True, processes=1)
    yield evaluator
    evaluator.close()


def confined_interpreters() -> list[int]:
    """Processes of this user whose program is the interpreter as it stands inside."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdigit() and (folder / "cmdline").read_bytes().startswith(b"/monty\0"):
                found.append(int(folder.name))
        except OSError:
            continue
    return found


class Isolated:
    """Collected where bubblewrap works."""

    def test_an_isolated_worker_computes(self, isolated: SandboxEvaluator) -> None:
        assert [compute(isolated, f"{number} + 1") for number in range(3)] == [1, 2, 3]

    def test_nothing_of_the_machine_is_around_it(self, isolated: SandboxEvaluator) -> None:
        before = set(confined_interpreters())
        compute(isolated, "1")
        (worker,) = set(confined_interpreters()) - before
        assert {entry.name for entry in Path(f"/proc/{worker}/root").iterdir()} <= {"lib", "lib64", "usr", "monty"}
        assert Path(f"/proc/{worker}/environ").read_bytes() in (b"", b"PWD=/\0")
        for namespace in ("net", "pid", "mnt", "ipc"):
            assert os.readlink(f"/proc/{worker}/ns/{namespace}") != os.readlink(f"/proc/self/ns/{namespace}")
        status = Path(f"/proc/{worker}/status").read_text()
        assert "CapEff:\t0000000000000000" in status

    def test_a_worker_outlives_the_thread_that_started_it(self, isolated: SandboxEvaluator) -> None:
        before = set(confined_interpreters())
        starter = threading.Thread(target=compute, args=(isolated, "1"))
        starter.start()
        starter.join()
        (worker,) = set(confined_interpreters()) - before
        assert compute(isolated, "2") == 2
        assert set(confined_interpreters()) - before == {worker}

    def test_limits_hold_and_it_goes_on(self, isolated: SandboxEvaluator) -> None:
        with pytest.raises(EvaluationFailed) as failure:
            isolated.execute(Script("while True:\n    pass", frozenset(), frozenset()), {}, now=NOW, seed=1)
        assert failure.value.kind == "time_limit"
        assert compute(isolated, "1 + 1") == 2


if REFUSED is None:
    TestIsolated = Isolated


def test_where_it_cannot_be_had_evaluations_are_refused_and_else_they_run() -> None:
    evaluator = SandboxEvaluator(isolated=True, processes=1)
    try:
        if REFUSED is None:
            assert compute(evaluator, "1 + 1") == 2
        else:
            with pytest.raises(EvaluationFailed, match=r"isolation needs|bubblewrap is asked for"):
                compute(evaluator, "1 + 1")
    finally:
        evaluator.close()


def test_without_bubblewrap_nothing_runs_less_safely(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    evaluator = SandboxEvaluator(isolated=True)
    with pytest.raises(EvaluationFailed, match="its isolation needs bwrap") as failure:
        compute(evaluator, "1")
    assert failure.value.kind == "unavailable"


def test_a_bubblewrap_that_may_do_nothing_here_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, does in (
        ("bwrap", "echo 'bwrap: No permissions to create a new namespace' >&2; exit 1"),
        ("prlimit", 'while [ "$1" != -- ]; do shift; done; shift; exec "$@"'),
    ):
        (tmp_path / name).write_text(f"#!/bin/sh\n{does}\n")
        (tmp_path / name).chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path))
    evaluator = SandboxEvaluator(isolated=True)
    with pytest.raises(EvaluationFailed, match="No permissions to create a new namespace") as failure:
        compute(evaluator, "1")
    assert failure.value.kind == "unavailable"


def test_the_setting_asks_for_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for isolation, refused in (("bubblewrap", True), ("none", False)):
        engine = open_engine(
            msgspec.convert(
                {"database_url": f"sqlite:///{tmp_path / 'none.sqlite3'}", "script_isolation": isolation}, Settings
            )
        )
        try:
            if refused:
                with pytest.raises(Unavailable, match="isolation needs"):
                    engine._evaluator.evaluate(Expression("len('a')", frozenset()), {}, now=NOW, seed=1)
            else:
                assert engine._evaluator.evaluate(Expression("len('a')", frozenset()), {}, now=NOW, seed=1) == 1
        finally:
            engine.close()
