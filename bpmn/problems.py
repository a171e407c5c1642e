"""What a check of a diagram finds: machine-readable, with its place and plain words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Problem:
    """An error blocks the deployment, a warning does not. `line` counts from 1 in the uploaded file."""

    code: str
    message: str
    severity: Literal["error", "warning"] = "error"
    element_id: str | None = None
    line: int | None = None


class DocumentRefused(Exception):
    """The document cannot be deployed: every problem found, errors first."""

    def __init__(self, problems: list[Problem]):
        super().__init__("; ".join(p.message for p in problems if p.severity == "error"))
        self.problems = problems


class NotWaiting(Exception):
    """The token named by a trigger does not wait (any more)."""
