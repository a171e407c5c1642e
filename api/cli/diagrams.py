"""`signalbox check`, `deploy` and `start`."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from . import terminal

if TYPE_CHECKING:
    from engine.records import Problem


def add(commands: terminal.Commands) -> None:
    """Declare the commands."""
    check = terminal.command(
        commands, "check", run_check, "Say whether diagrams can be deployed, and what is wrong", "Needs no database."
    )
    check.add_argument("files", metavar="FILE", nargs="+", type=Path)
    terminal.takes_json(check)

    deploy = terminal.command(commands, "deploy", run_deploy, "Deploy diagrams, all of them or none")
    deploy.add_argument("files", metavar="FILE", nargs="+", type=Path)
    deploy.add_argument("--name", help="what to call this deployment")
    terminal.takes_settings(deploy, "database_url")
    terminal.takes_json(deploy)

    start = terminal.command(commands, "start", run_start, "Start a process instance")
    start.add_argument("key", metavar="KEY", help="key (id) of the process")
    start.add_argument("--process-version", metavar="N", type=int, help="a version other than the latest")
    start.add_argument("--business-key", metavar="KEY", help="what this case is called outside, e.g. an order number")
    terminal.takes_variables(start)
    terminal.takes_settings(start, "database_url")
    terminal.takes_json(start)


def run_check(given: argparse.Namespace) -> int:
    """Check files; 1 if one cannot be deployed."""
    from engine import Settings, open_engine
    from engine.actors import SYSTEM
    from engine.commands import CheckDiagram

    contents = [(path, terminal.read_file(path)) for path in given.files]
    results = {}
    with tempfile.TemporaryDirectory(prefix="signalbox-") as folder:
        engine = open_engine(Settings(database_url=f"sqlite:///{folder}/none.sqlite3"))
        try:
            for path, content in contents:
                results[str(path)] = engine.execute(CheckDiagram(content=content), SYSTEM)
        finally:
            engine.close()
    if given.json:
        terminal.say_json(results)
    else:
        for name, result in results.items():
            for problem in result.problems:
                terminal.say(problem_line(name, problem))
            if result.deployable:
                terminal.say(f"{name}: can be deployed")
    return 0 if all(result.deployable for result in results.values()) else 1


def run_deploy(given: argparse.Namespace) -> int:
    """Deploy files, or say every problem."""
    from engine.actors import SYSTEM
    from engine.commands import Deploy, UploadedFile
    from engine.errors import Refused

    files = tuple(UploadedFile(name=path.name, content=terminal.read_file(path)) for path in given.files)
    with terminal.opened_engine(given) as engine:
        try:
            deployment = engine.execute(Deploy(files=files, name=given.name), SYSTEM)
        except Refused as refused:
            for problem in refused.extra.get("problems", ()):
                terminal.say(problem_line(str(_field(problem, "file") or ""), problem))
            raise
    if given.json:
        terminal.say_json(deployment)
        return 0
    for problem in deployment.problems:
        terminal.say(problem_line(problem.file or "", problem))
    done = "deployed" if deployment.created else "unchanged"
    for definition in deployment.definitions:
        terminal.say(f"{done}: {definition.key} version {definition.version} ({definition.name})")
    return 0


def run_start(given: argparse.Namespace) -> int:
    """Start an instance and say its id."""
    from engine.actors import SYSTEM
    from engine.commands import StartProcessInstance

    command = StartProcessInstance(
        definition_key=given.key,
        version=given.process_version,
        business_key=given.business_key,
        variables=terminal.variables(given),
    )
    with terminal.opened_engine(given) as engine:
        instance = engine.execute(command, SYSTEM)
    if given.json:
        terminal.say_json(instance)
    else:
        terminal.say(
            f"started: {instance.id} ({instance.definition_name}, version {instance.definition_version}), "
            f"now {instance.state}"
        )
    return 0


def problem_line(file: str, problem: Problem | dict[str, object]) -> str:
    """A problem as compilers write it: where, how bad, what."""
    line = _field(problem, "line")
    place = f"{file}:{line}" if line else str(file)
    element = _field(problem, "element_id")
    about = f" [{element}]" if element else ""
    return f"{place}: {_field(problem, 'severity')}{about}: {_field(problem, 'message')} ({_field(problem, 'code')})"


def _field(problem: Problem | dict[str, object], name: str) -> object:
    return problem.get(name) if isinstance(problem, dict) else getattr(problem, name)
