"""`make demo` starts `signalbox demo`: what a first visitor finds, and that a second run goes on with it."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from signalbox_client import Client

SIGNALBOX = str(Path(sys.executable).with_name("signalbox"))


@contextmanager
def demo(folder: Path) -> Iterator[tuple[str, list[str], Callable[[], str]]]:
    """A running demo: its address, the lines it printed until it was ready, and Ctrl-C, which answers with the rest."""
    process = subprocess.Popen(
        [SIGNALBOX, "demo", "--port", "0", "--data", str(folder), "--work-seconds", "0.05"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line.rstrip())
        if "Ctrl-C stops everything" in line:
            break
    assert process.poll() is None, "\n".join(lines)

    def stop() -> str:
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=30)
        assert process.returncode == 0, rest
        return str(rest)

    try:
        (address,) = [line.split()[-1] for line in lines if line.startswith("Signalbox is ready: ")]
        yield address, lines, stop
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def test_a_first_visitor_signs_in_approves_and_sees_the_worker_pay(tmp_path: Path, until: Callable[..., Any]) -> None:
    with demo(tmp_path / "demo") as (address, lines, stop):
        words = "\n".join(lines)
        assert "[demo] the database" in words
        assert "[demo] examples: Expense approval (version 1)" in words
        assert all(f"    {name} " in words for name in ("ada", "ben", "cleo", "root"))
        with Client(address) as ben:
            ben.sign_in("ben", "signalbox")
            (task,) = ben.user_tasks("claimable")
            assert task.business_key == "E-1001"
            ben.complete_user_task(task.id, {"decision": "approve"})
        with Client(address) as root:
            root.sign_in("root", "signalbox")
            (instance,) = root.instances(business_key="E-1001")
            until(lambda: root.instance(instance.id).state == "completed")
            (lattice,) = root.instances(definition_key="branch-office")
            until(lambda: [join for join in root.activities(lattice.id).joins if "Set the budget" in join.waiting_for])
        assert "stopped" in stop()

    with demo(tmp_path / "demo") as (address, lines, stop):
        assert any("(here already)" in line for line in lines)
        assert not any("are started" in line for line in lines)
        with Client(address) as root:
            root.sign_in("root", "signalbox")
            assert root.instance(instance.id).state == "completed"
            assert len([one for one in root.instances() if one.parent_id is None]) == 5, "nothing was started again"
            assert {each.version for each in root.definitions()} == {1}
        stop()


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with demo(tmp_path / "one") as (address, _, stop):
        port = address.rpartition(":")[2]
        second = subprocess.run(
            [SIGNALBOX, "demo", "--port", port, "--data", str(tmp_path / "two")],
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
        stop()
    assert second.returncode == 2
    assert f"Cannot listen on 127.0.0.1 port {port}" in second.stderr


def test_without_the_examples_the_demo_says_where_they_are(tmp_path: Path) -> None:
    done = subprocess.run(
        [SIGNALBOX, "demo", "--examples", str(tmp_path), "--data", str(tmp_path / "demo")],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.returncode == 2
    assert f"There are no examples in {tmp_path}" in done.stderr
    assert not (tmp_path / "demo").exists()
