"""A variant of an element: its drawing, and what happens in it under which stimuli, as a TOML file tells it.

The words of these files are explained in README.md. Nothing here knows who runs the drawing.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

HERE = Path(__file__).parent
GROUPS = (
    "activities",
    "compensation",
    "data",
    "event_sub_processes",
    "events_boundary",
    "events_end",
    "events_intermediate",
    "events_start",
    "flows",
    "gateways",
    "ids",
    "loops",
    "messages",
    "patterns",
    "transactions",
)
BEGINNING = datetime.fromisoformat("2026-03-01T12:00:00+00:00")

#: Verb → the other keys that its step may have.
VERBS: Mapping[str, frozenset[str]] = {
    "wait": frozenset(),
    "until": frozenset(),
    "complete": frozenset({"with"}),
    "job": frozenset({"with"}),
    "error": frozenset({"code", "with"}),
    "escalate": frozenset({"code"}),
    "message": frozenset({"keys", "with", "found"}),
    "signal": frozenset({"with"}),
    "begin": frozenset({"element", "with"}),
    "done": frozenset(),
    "set": frozenset({"in"}),
    "retry": frozenset(),
    "cancel": frozenset(),
    "start": frozenset({"element", "with"}),
    "waiting": frozenset(),
}


class BadScenario(ValueError):
    """The file says something that these files do not say."""


@dataclass(frozen=True, slots=True)
class Stimulus:
    """One step: what happens (`verb`), to whom or what (`subject`), and what comes with it."""

    verb: str
    subject: Any
    variables: Mapping[str, Any] = field(default_factory=dict)
    keys: Mapping[str, Any] = field(default_factory=dict)
    code: str | None = None
    element: str | None = None
    scope: str | None = None
    found: bool = True


@dataclass(frozen=True, slots=True)
class Scenario:
    """One run of a drawing, and what is expected of it."""

    name: str
    trace: tuple[str, ...]
    state: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    process: str | None = None
    start: str | None = None  # "": nobody starts it, a stimulus does
    now: datetime = BEGINNING
    steps: tuple[Stimulus, ...] = ()
    waiting: tuple[str, ...] = ()
    result: Mapping[str, Any] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    stores: Mapping[str, Any] = field(default_factory=dict)
    stored: Mapping[str, Any] = field(default_factory=dict)
    incidents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Variant:
    """A drawing with its scenarios. `before` and `after`: drawings deployed earlier and later than it."""

    path: Path
    about: str
    clause: str
    scenarios: tuple[Scenario, ...]
    before: tuple[Path, ...] = ()
    after: tuple[Path, ...] = ()

    @property
    def files(self) -> tuple[Path, ...]:
        """The drawings, in the order of their deployment."""
        return (*self.before, self.path, *self.after)

    @property
    def name(self) -> str:
        """Group and file."""
        return f"{self.path.parent.name}/{self.path.stem}"


def read_variants() -> list[Variant]:
    """All of them, in order of their names."""
    return [read_variant(path) for group in GROUPS for path in sorted((HERE / group).glob("*.toml"))]


def read_variant(path: Path) -> Variant:
    """One scenario file. Raises `BadScenario`."""
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    _refuse_unknown(told, {"about", "clause", "before", "after", "scenario"}, path.name)
    if not told.get("about") or not told.get("scenario"):
        raise BadScenario(f"{path.name} needs `about` and at least one [[scenario]].")
    return Variant(
        path=path.with_suffix(".bpmn"),
        about=told["about"],
        clause=told.get("clause", ""),
        scenarios=tuple(_scenario(entry, path.name) for entry in told["scenario"]),
        before=tuple(path.parent / name for name in told.get("before", ())),
        after=tuple(path.parent / name for name in told.get("after", ())),
    )


def _scenario(told: Mapping[str, Any], where: str) -> Scenario:
    given = {"name", "variables", "stores", "process", "start", "now", "zone", "steps"}
    expected = {"trace", "waiting", "state", "result", "without", "stored", "incidents"}
    _refuse_unknown(told, given | expected, where)
    if missing := {"name", "trace", "state"} - told.keys():
        raise BadScenario(f"A scenario of {where} lacks {', '.join(sorted(missing))}.")
    now = datetime.fromisoformat(told["now"]) if "now" in told else BEGINNING
    return Scenario(
        name=told["name"],
        trace=tuple(told["trace"]),
        state=told["state"],
        variables=told.get("variables", {}),
        process=told.get("process"),
        start=told.get("start"),
        now=now.astimezone(ZoneInfo(told["zone"])) if "zone" in told else now,
        steps=tuple(_stimulus(step, where) for step in told.get("steps", ())),
        waiting=tuple(sorted(told.get("waiting", ()))),
        result=told.get("result", {}),
        without=tuple(told.get("without", ())),
        stores=told.get("stores", {}),
        stored=told.get("stored", {}),
        incidents=tuple(sorted(told.get("incidents", ()))),
    )


def _stimulus(told: Mapping[str, Any], where: str) -> Stimulus:
    verbs = [word for word in told if word in VERBS]
    if len(verbs) != 1:
        raise BadScenario(f"A step of {where} has one verb, not {', '.join(told) or 'nothing'}.")
    verb = verbs[0]
    _refuse_unknown(told, VERBS[verb] | {verb}, where)
    return Stimulus(
        verb=verb,
        subject=told[verb],
        variables=told.get("with", {}),
        keys=told.get("keys", {}),
        code=told.get("code"),
        element=told.get("element"),
        scope=told.get("in"),
        found=told.get("found", True),
    )


def _refuse_unknown(told: Mapping[str, Any], known: frozenset[str] | set[str], where: str) -> None:
    if unknown := told.keys() - known:
        raise BadScenario(f"{where} says {', '.join(sorted(unknown))}, which means nothing here.")
