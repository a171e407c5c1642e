"""Why a token cannot go on: each becomes an incident at its element."""

from __future__ import annotations

from bpmn.evaluation import EvaluationFailed


class NoFlowTaken(Exception):
    """No condition of a choice held and it has no default flow (BPMN 2.0.2, 13.4.2: an exception is thrown)."""


class LoopLimitReached(Exception):
    """An element was entered more often than allowed."""

    def __init__(self, element: str, limit: int):
        super().__init__(
            f"{element} was entered {limit:,} times, the limit for one element of one instance. If this loop is "
            "meant to run on, retry; the count begins anew. A larger limit can be set on the process (loopLimit)."
        )


class TooManyTokens(Exception):
    """A split would make more tokens than one instance may hold."""

    def __init__(self, element: str, held: int, limit: int):
        super().__init__(
            f"The instance holds {held:,} tokens, about the {limit:,} that it may, and {element} would add more. "
            "If that is meant, complete what waits and retry; if not, cancel it."
        )


class UncaughtError(Exception):
    """An error that no scope catches fails the instance (BPMN 2.0.2, 13.5.1)."""

    def __init__(self, code: str | None, message: str | None):
        self.code, self.message = code, message
        named = f"The error {code}" if code else "An error without a code"
        super().__init__(f"{named} is caught nowhere{f': {message}' if message else ''}.")


FAILURES = (EvaluationFailed, NoFlowTaken, LoopLimitReached, TooManyTokens, UncaughtError)


def incident_kind(failure: Exception, in_script: bool) -> str:
    """`in_script`: it was the script of a script task; what else is evaluated are conditions and the like."""
    match failure:
        case UncaughtError():
            return "uncaught_error"
        case LoopLimitReached():
            return "loop_limit"
        case TooManyTokens():
            return "too_many_tokens"
        case EvaluationFailed():
            return "script_failed" if in_script else "condition_failed"
    return "no_flow_taken"
