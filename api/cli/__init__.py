"""The command line: `signalbox serve | migrate | deploy | check | start | run | monitor | user | token | worker`.

Modules here import little at the top: a command pays for what it uses. Exit codes: 0 done, 1 it did not work (the
reason stands on standard error), 2 the command was wrong, 3 (`run`) the process waits for somebody.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence
from typing import NoReturn

from .. import config as configuration
from . import demo, diagrams, monitor, people, run, server, worker

DONE, FAILED, WRONG, WAITS = 0, 1, 2, 3


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run a command and exit with its code."""
    sys.exit(execute(sys.argv[1:] if arguments is None else arguments))


def execute(arguments: Sequence[str]) -> int:
    """Run a command and return its exit code; what went wrong is said in a sentence, not in a traceback."""
    parser = build_parser()
    given = parser.parse_args(arguments)
    try:
        code: int = given.run(given)
        return code
    except configuration.ConfigError as fault:
        return _fail(str(fault), WRONG)
    except KeyboardInterrupt:
        return _fail("stopped", 130)
    except BrokenPipeError:
        # whoever read our output has had enough
        sys.stderr.close()
        return DONE
    except Exception as fault:
        words = _in_words(fault)
        if words is None:
            raise
        return _fail(words, FAILED)


def build_parser() -> argparse.ArgumentParser:
    """The whole command line."""
    parser = argparse.ArgumentParser(
        prog="signalbox",
        description="Signalbox runs the processes that analysts draw.",
        epilog="`signalbox COMMAND --help` says more about a command.",
    )
    parser.add_argument("--version", action="version", version=f"signalbox {_version()}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for module in (server, demo, diagrams, run, monitor, people, worker):
        module.add(commands)
    return parser


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("signalbox-bpmn")
    except PackageNotFoundError:
        return "0 (not installed)"


def _in_words(fault: Exception) -> str | None:
    """An error meant for people, in words; None for a fault of ours, which deserves its traceback."""
    from ..opening import NotReady

    errors = importlib.import_module("engine.errors")
    if isinstance(fault, NotReady):
        return str(fault)
    if isinstance(fault, errors.EngineError):
        lines = [fault.message]
        for error in fault.extra.get("errors", ()):
            if error["field"] and error["message"] not in fault.message:
                lines.append(f"  {error['field']}: {error['message']}")
        return "\n".join(lines)
    return None


def _fail(words: str, code: int) -> int:
    print(f"signalbox: {words}", file=sys.stderr)
    return code
