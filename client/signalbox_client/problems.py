"""What can go wrong when talking to Signalbox.

SignalboxError
├── Unreachable         no answer: the address is wrong, the server is down, the time is up
└── Problem             an answer that says no (application/problem+json)
    ├── Invalid             400, 413, 415, 422: the request itself; `errors` by field, `problems` of a diagram
    ├── Unauthenticated     401: no token, or one that is not (or no longer) valid
    ├── Forbidden           403
    ├── NotFound            404: nothing of that id, or nothing you may see
    ├── Conflict            409: it is in a state in which this cannot be done
    │   └── LockLost            the job's lock belongs to somebody else by now
    ├── TooMany             429
    └── Unavailable         500 and above: try again later
"""

from __future__ import annotations

from typing import Any

import httpx


class SignalboxError(Exception):
    """Base of everything the client raises about the server."""


class Unreachable(SignalboxError):
    """There was no answer. Whether the call had an effect is not known; job calls may be repeated safely."""


class Problem(SignalboxError):
    """The server's refusal in its own words: `status`, `code`, `title`, `detail`, and whatever else it said."""

    def __init__(self, status: int, body: dict[str, Any]):
        self.status = status
        self.code = str(body.get("type", "")).rsplit(":", 1)[-1] or "unknown"
        self.title = str(body.get("title", ""))
        self.detail = str(body.get("detail") or "")
        self.request_id: str | None = body.get("request_id")
        self.extra = {name: value for name, value in body.items() if name not in _STANDARD}
        super().__init__(self._words())

    @property
    def errors(self) -> list[dict[str, Any]]:
        """Faults of single fields: `field` and `message`."""
        return list(self.extra.get("errors") or [])

    @property
    def problems(self) -> list[dict[str, Any]]:
        """Findings in a diagram: `code`, `message`, `severity`, `element_id`, `line`, `file`."""
        return list(self.extra.get("problems") or [])

    def _words(self) -> str:
        lines = [f"{self.status} {self.title}: {self.detail}" if self.detail else f"{self.status} {self.title}"]
        lines += [f"  {error.get('field')}: {error.get('message')}" for error in self.errors]
        for problem in self.problems:
            place = ", ".join(
                str(part)
                for part in (
                    problem.get("file"),
                    problem.get("element_id"),
                    f"line {problem['line']}" if problem.get("line") else None,
                )
                if part
            )
            lines.append(f"  {place or 'diagram'}: {problem.get('message')}")
        return "\n".join(lines)


class Invalid(Problem):
    """The request is wrong and stays wrong."""


class Unauthenticated(Problem):
    """No token or session, or one that is not valid."""


class Forbidden(Problem):
    """You may not do this."""


class NotFound(Problem):
    """Nothing of that id, or nothing you may see."""


class Conflict(Problem):
    """The thing is in a state in which this cannot be done."""


class LockLost(Conflict):
    """The job's lock ran out and belongs to nobody or to somebody else: its result is not wanted any more."""


class TooMany(Problem):
    """Too many calls in too short a time."""


class Unavailable(Problem):
    """The server cannot answer now; try again later."""


_STANDARD = {"type", "title", "status", "detail", "instance", "request_id"}
_BY_STATUS: dict[int, type[Problem]] = {
    400: Invalid,
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    413: Invalid,
    415: Invalid,
    422: Invalid,
    429: TooMany,
}


def problem_of(response: httpx.Response) -> Problem:
    """The error that a refusing response stands for."""
    try:
        body = response.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        # Not from Signalbox itself: a proxy's page, or no Signalbox at that address.
        body = {"title": response.reason_phrase, "detail": response.text[:200].strip()}
    kind = _BY_STATUS.get(response.status_code, Unavailable if response.status_code >= 500 else Problem)
    if kind is Conflict and str(body.get("type", "")).endswith(":lock_lost"):
        kind = LockLost
    return kind(response.status_code, body)
