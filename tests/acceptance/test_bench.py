"""The measurements are commands that work: each side comes to the same end, and the report holds every figure."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_bench_measures_and_reports() -> None:
    smallest = "--rounds 1 --instances 3 --starts 1 --steps 20 --sizes 2 4 --long 8 --beside 3"
    done = subprocess.run(
        [sys.executable, "-m", "bench", *smallest.split()],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    assert done.returncode == 0, done.stderr
    for words in (
        "in process, 4 threads",
        "SpiffWorkflow + JSON to SQLite",
        "over HTTP, 8 clients",
        "restored before each step",
        "Beside SpiffWorkflow, size 3",
        "Process P by the interpreter alone",
        "| split and join in a loop | 4 |",
        "| loop | 8 |",
        "a chain of tasks",
        "first answer",
    ):
        assert words in done.stdout


def test_the_page_tells_the_command_and_holds_figures() -> None:
    page = (ROOT / "docs" / "benchmarks.md").read_text()
    assert "make bench" in page
    figures = page.partition("<!-- figures: begin -->")[2].partition("<!-- figures: end -->")[0]
    assert "| over HTTP, 4 clients" in figures
    assert "Load average" in figures
