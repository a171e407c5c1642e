"""`signalbox demo`."""

from __future__ import annotations

import argparse
from pathlib import Path

import msgspec

from . import terminal


def add(commands: terminal.Commands) -> None:
    """Declare the command."""
    demo = terminal.command(
        commands,
        "demo",
        run_demo,
        "Serve a trial with examples, people to sign in as, and a worker",
        "Its data lies in a folder of its own, and a second run goes on with it.",
    )
    demo.add_argument("--data", type=Path, default=Path(".work/demo"), metavar="DIR", help="[.work/demo]")
    demo.add_argument("--examples", type=Path, metavar="DIR", help="where the examples' diagrams lie")
    demo.add_argument(
        "--work-seconds", type=float, default=2.0, metavar="SECONDS", help="how long the worker takes for a job [2]"
    )
    terminal.takes_settings(demo, "host", "port", "log_level", "log_format")


def run_demo(given: argparse.Namespace) -> int:
    """Serve the trial until stopped."""
    from ..demo import DATABASE, serve_demo

    if given.log_level is None:
        given.log_level = "warning"  # requests would drown what the worker says
    config = msgspec.structs.replace(
        terminal.settings(given), database_url=f"sqlite:///{given.data.absolute() / DATABASE}"
    )
    return serve_demo(given.data, config, examples=given.examples, work_seconds=given.work_seconds, say=terminal.say)
