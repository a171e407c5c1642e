"""One step of an execution: what it may use, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from bpmn import effects
from bpmn.evaluation import Evaluator


@dataclass(frozen=True, slots=True)
class Limits:
    """`elements`: how many a step runs before it is cut short; `entries`: how often one instance may enter one
    element that lies on a loop (a drawing may say otherwise); `tokens`: how many an instance may hold at a time (splits
    behind splits double them, without any loop)."""

    elements: int = 500
    entries: int = 100_000
    tokens: int = 20_000


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class StepContext:
    """What a step may use of the world: a sandbox, the time, a seed, bounds, when to pause, and the data stores that
    its definition names, each with its value (it may read them as late as it is asked, and each once). `called`: a call
    activity of another instance waits for this one and takes what it does not catch."""

    evaluator: Evaluator
    now: datetime
    seed: int = 0
    limits: Limits = field(default_factory=Limits)
    pause: Callable[[], bool] = _never
    called: bool = False
    stores: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """What came of a step. `rows` and `variables` hold JSON text to write, or None to delete; `paused` asks for a
    `Continue`."""

    effects: list[effects.Effect]
    rows: dict[str, str | None]
    variables: dict[tuple[int, str], str | None]
    paused: bool
    state: Literal["active", "completed", "cancelled", "failed"]
