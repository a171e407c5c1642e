"""The errors a command or query raises. `api.problems` holds the one table from these to HTTP statuses.

EngineError
├── NotFound             nothing of that id (or nothing the actor may see)
├── Forbidden            the actor may not do this
├── SignInFailed         unknown name or wrong password; never says which
├── TooManyAttempts      sign-in of this name is paused; `retry_after_seconds` says how long
├── Invalid              the request is understood but wrong; `errors` lists each fault
│   └── Refused          a deployment with errors; `problems` lists them
├── Conflict             the thing is in a state in which this cannot be done
│   ├── AlreadyClaimed   somebody else holds the task; names who
│   ├── LockLost         the job's lock token is not (or no longer) the right one
│   └── VersionConflict  the version given is not the current one
├── TooLarge             beyond a configured limit
└── Unavailable          the database or a worker pool does not answer; try again
"""

from __future__ import annotations

from typing import Any


class EngineError(Exception):
    """Base of all engine errors: `message` says what, where and what to do."""

    code = "error"

    def __init__(self, message: str, **extra: Any):
        super().__init__(message)
        self.message = message
        self.extra = extra


class NotFound(EngineError):
    code = "not_found"


class Forbidden(EngineError):
    code = "forbidden"


class SignInFailed(EngineError):
    code = "sign_in_failed"


class TooManyAttempts(EngineError):
    """`extra["retry_after_seconds"]`: when the next attempt will be looked at."""

    code = "too_many_requests"


class Invalid(EngineError):
    """`extra["errors"]`: [{"field", "message"}], where the fault has a place."""

    code = "invalid"


class Refused(Invalid):
    """`extra["problems"]`: [{"file", "code", "message", "severity", "element_id", "line"}]."""

    code = "deployment_refused"


class Conflict(EngineError):
    code = "conflict"


class AlreadyClaimed(Conflict):
    code = "already_claimed"


class LockLost(Conflict):
    code = "lock_lost"


class VersionConflict(Conflict):
    code = "version_conflict"


class TooLarge(EngineError):
    code = "too_large"


class Unavailable(EngineError):
    code = "unavailable"
