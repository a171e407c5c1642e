"""`signalbox monitor`: what runs now, live."""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from . import terminal

if TYPE_CHECKING:
    from engine import Engine

_ROWS = 200
_CLEAR = "\x1b[2J\x1b[H"


def add(commands: terminal.Commands) -> None:
    """Declare the command."""
    parser = terminal.command(
        commands,
        "monitor",
        run_monitor,
        "Show what runs, live",
        "On a terminal the picture is drawn anew whenever something happens; into a pipe, or with --json, one line is "
        "written for each event. Ctrl-C ends it.",
    )
    parser.add_argument("--once", action="store_true", help="show it once and end")
    terminal.takes_settings(parser, "database_url")
    terminal.takes_json(parser)


def run_monitor(given: argparse.Namespace) -> int:
    """Show until stopped."""
    with terminal.opened_engine(given) as engine:
        if given.once:
            if given.json:
                terminal.say_json(_picture(engine))
            else:
                terminal.say(*_lines(_picture(engine)))
            return 0
        try:
            if given.json or not sys.stdout.isatty():
                _follow(engine, given.json)
            else:
                _draw(engine)
        except KeyboardInterrupt:
            return 0
    return 0


def _draw(engine: Engine) -> None:
    while True:
        cursor = engine.events_cursor()
        terminal.say(_CLEAR + "\n".join(_lines(_picture(engine))), "", "Ctrl-C ends this.")
        # ages are drawn anew now and then even if nothing happens
        engine.wait_for_events(cursor, 10.0)


def _follow(engine: Engine, json: bool) -> None:
    from engine.actors import SYSTEM
    from engine.queries import ListEvents

    if not json:
        terminal.say(*_lines(_picture(engine)))
    cursor = engine.events_cursor()
    while True:
        page = engine.read(ListEvents(after=cursor, limit=1_000), SYSTEM)
        for event in page.items:
            if json:
                terminal.say_json(event)
            else:
                place = " ".join(part for part in (event.definition_key, event.process_instance_id) if part)
                terminal.say(f"{event.at:%H:%M:%S}  {event.kind:<20} {event.element_id or '':<24} {place}")
        cursor = page.next_cursor
        if not page.items:
            engine.wait_for_events(cursor, 10.0)


def _picture(engine: Engine) -> dict[str, list[Any]]:
    from engine.actors import SYSTEM
    from engine.queries import ListIncidents, ListJobs, ListProcessInstances, ListUserTasks

    return {
        "instances": [
            *engine.read(ListProcessInstances(state="active", limit=_ROWS), SYSTEM).items,
            *engine.read(ListProcessInstances(state="suspended", limit=_ROWS), SYSTEM).items,
        ],
        "user_tasks": engine.read(ListUserTasks(limit=_ROWS), SYSTEM).items,
        "jobs": engine.read(ListJobs(limit=_ROWS), SYSTEM).items,
        "incidents": engine.read(ListIncidents(limit=_ROWS), SYSTEM).items,
    }


def _lines(picture: dict[str, list[Any]]) -> list[str]:
    now = datetime.now(UTC)
    waits: dict[str, list[str]] = defaultdict(list)
    for task in picture["user_tasks"]:
        waits[task.process_instance_id].append(f"{task.name} ({task.assignee or 'nobody yet'})")
    for job in picture["jobs"]:
        waits[job.process_instance_id].append(f"job {job.topic} ({job.state})")
    for incident in picture["incidents"]:
        waits[incident.process_instance_id].append(f"INCIDENT {incident.element_name or incident.element_id}")
    rows = [
        (
            instance.id,
            f"{instance.definition_name} v{instance.definition_version}",
            instance.business_key or "",
            instance.state,
            _age((now - instance.started_at).total_seconds()),
            ", ".join(waits[instance.id][:3]) + (" …" if len(waits[instance.id]) > 3 else ""),
        )
        for instance in picture["instances"]
    ]
    count = f"{len(rows)}{'+' if len(rows) >= _ROWS else ''}"
    summary = (
        f"{count} running, {len(picture['user_tasks'])} user tasks, {len(picture['jobs'])} jobs, "
        f"{len(picture['incidents'])} incidents"
    )
    if not rows:
        return [summary]
    return [summary, "", *terminal.table(("INSTANCE", "PROCESS", "KEY", "STATE", "AGE", "WAITS AT"), rows)]


def _age(seconds: float) -> str:
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if seconds >= size:
            return f"{int(seconds // size)}{unit}"
    return f"{int(max(0.0, seconds))}s"
