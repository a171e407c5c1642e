"""What a scenario is played on, and the playing itself. Nothing here knows who runs the drawing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

import isodate

from tests.diagrams.scenario import Scenario, Stimulus


class Stage(Protocol):
    """Runs the processes of one variant. A place is an element's id, of an instance of another process (or of a
    further one of the same) `process/element`; where several wait at one place, the oldest is meant."""

    @property
    def now(self) -> datetime: ...

    def start(self, process: str | None, element: str | None, variables: Mapping[str, Any]) -> None: ...
    def until(self, moment: datetime) -> None: ...
    def complete(self, place: str, variables: Mapping[str, Any]) -> None: ...
    def finish_job(self, place: str, variables: Mapping[str, Any]) -> None: ...
    def fail(self, place: str, code: str | None, variables: Mapping[str, Any]) -> None: ...
    def escalate(self, place: str, code: str | None) -> None: ...
    def message(self, name: str, keys: Mapping[str, Any], variables: Mapping[str, Any]) -> bool: ...
    def signal(self, name: str, variables: Mapping[str, Any]) -> None: ...
    def begin(self, place: str, element: str, variables: Mapping[str, Any]) -> None: ...
    def done(self, place: str) -> None: ...
    def set(self, variables: Mapping[str, Any], scope: str | None) -> None: ...
    def retry(self, place: str) -> None: ...
    def cancel(self) -> None: ...

    @property
    def trace(self) -> Sequence[str]: ...
    @property
    def waiting(self) -> Sequence[str]: ...
    @property
    def incidents(self) -> Sequence[str]: ...
    @property
    def state(self) -> str: ...
    @property
    def variables(self) -> Mapping[str, Any]: ...
    @property
    def stores(self) -> Mapping[str, Any]: ...


def play(scenario: Scenario, stage: Stage) -> None:
    """All of a scenario. Raises AssertionError where it goes otherwise than told."""
    if scenario.start != "":
        stage.start(scenario.process, scenario.start, scenario.variables)
    for number, step in enumerate(scenario.steps, 1):
        if step.verb == "waiting":
            _compare(f"waiting (step {number})", sorted(step.subject), list(stage.waiting))
        else:
            _act(step, stage)
    _compare("trace", _by_process(scenario.trace), _by_process(stage.trace))
    _compare("waiting", list(scenario.waiting), list(stage.waiting))
    _compare("incidents", list(scenario.incidents), list(stage.incidents))
    _compare("state", scenario.state, stage.state)
    shown = {name: stage.variables[name] for name in scenario.result if name in stage.variables}
    _compare("result", dict(scenario.result), shown)
    _compare("data stores", {**scenario.stores, **scenario.stored}, dict(stage.stores))
    _compare("variables left", [], [name for name in scenario.without if name in stage.variables])


def _act(step: Stimulus, stage: Stage) -> None:
    subject, variables = step.subject, step.variables
    match step.verb:
        case "wait":
            span = isodate.parse_duration(subject)
            length: timedelta = span if isinstance(span, timedelta) else span.totimedelta(start=stage.now)
            stage.until(stage.now + length)
        case "until":
            stage.until(datetime.fromisoformat(subject))
        case "complete":
            stage.complete(subject, variables)
        case "job":
            stage.finish_job(subject, variables)
        case "error":
            stage.fail(subject, step.code, variables)
        case "escalate":
            stage.escalate(subject, step.code)
        case "message":
            found = stage.message(subject, step.keys, variables)
            _compare(f"somebody waits for the message {subject}", step.found, found)
        case "signal":
            stage.signal(subject, variables)
        case "begin":
            assert step.element is not None, "`begin` needs `element`, the activity to begin"
            stage.begin(subject, step.element, variables)
        case "done":
            stage.done(subject)
        case "set":
            stage.set(subject, step.scope)
        case "retry":
            stage.retry(subject)
        case "cancel":
            stage.cancel()
        case "start":
            stage.start(subject, step.element, variables)
        case other:
            raise AssertionError(f"nobody plays {other}")


def _by_process(trace: Sequence[str]) -> dict[str, list[str]]:
    """What ends in different instances has no order; what ends in one has."""
    found: dict[str, list[str]] = {}
    for entry in trace:
        process, _, element = entry.lstrip("-").rpartition("/")
        found.setdefault(process, []).append(("-" if entry.startswith("-") else "") + element)
    return found


def _compare(what: str, wanted: Any, found: Any) -> None:
    assert found == wanted, f"{what}\n  expected: {wanted}\n  found:    {found}"
