"""From what the sandbox reports to an `EvaluationFailed` in plain words, with the line of the analyst's own text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bpmn import EvaluationFailed
from engine.evaluators.limits import SandboxLimits
from engine.evaluators.programs import Program

if TYPE_CHECKING:
    from pydantic_monty import Frame

MAX_WORDS = 500
_MAX_FRAMES = 10
_OUR_TEXT = "<python-input-0>"
_UNSUPPORTED = "The monty syntax parser does not yet support "


def crashed(program: Program) -> EvaluationFailed:
    """The worker died, and again at the second try: something in the text kills it."""
    return EvaluationFailed(f"The {program.noun} crashed the sandbox. Simplify it; nothing was changed.", kind="error")


def unavailable(reason: str) -> EvaluationFailed:
    """No worker could be had: nothing is wrong with the text, trying again later may help."""
    return EvaluationFailed(f"The sandbox for scripts and conditions does not answer: {reason}", kind="unavailable")


def out_of_time(program: Program, limits: SandboxLimits) -> EvaluationFailed:
    """Stopped by the interpreter's own clock, or by the parent that killed its worker."""
    return EvaluationFailed(
        f"The {program.noun} ran longer than {_seconds(limits.time_seconds)} and was stopped. "
        "Look for an endless loop, or give long work to a service task.",
        kind="time_limit",
    )


def raised(error: Any, program: Program, limits: SandboxLimits) -> EvaluationFailed:
    """The text raised (or broke a limit, which the sandbox reports as an exception it does not let the text catch)."""
    inner = error.exception()
    words = str(inner)[:MAX_WORDS]
    traceback = error.traceback()
    frames = _own_frames(traceback, program)
    line = frames[-1][0] if frames else None
    detail = "\n".join(f"line {number}, in {place}" for number, place in frames[-_MAX_FRAMES:]) or None
    limit = _limit_broken(inner, words, program, limits)
    if limit is not None:
        kind, message = limit
    elif isinstance(inner, SyntaxError | NotImplementedError) and traceback and traceback[-1].function_name is None:
        # Found while reading the text; what a running text raises happens in a function or in "<module>".
        kind, message = "syntax", _syntax_words(words)
    else:
        kind, message = "error", f"{type(inner).__name__}: {words}" if words else type(inner).__name__
    if line is not None and (program.noun == "script" or program.lines > 1):
        message = f"Line {line}: {message}"
    return EvaluationFailed(message, kind=kind, line=line, detail=detail)


def _limit_broken(inner: BaseException, words: str, program: Program, limits: SandboxLimits) -> tuple[str, str] | None:
    """Whether a limit spoke, and not the text itself, which may raise `TimeoutError` and the like too."""
    if isinstance(inner, TimeoutError) and "time limit exceeded" in words:
        return "time_limit", out_of_time(program, limits).message
    if isinstance(inner, RecursionError):
        return "depth_limit", (
            f"The {program.noun} calls itself, or nests values, more than {limits.recursion_depth} deep."
        )
    if isinstance(inner, MemoryError) and words.endswith(f"> {limits.print_bytes} bytes"):
        return "output_limit", f"The {program.noun} printed more than {limits.print_bytes // 1024} KB and was stopped."
    if isinstance(inner, MemoryError) and "memory limit" in words:
        return "memory_limit", (
            f"The {program.noun} needed more than {limits.memory_bytes / 1_000_000:g} MB of memory and was stopped."
        )
    return None


def _syntax_words(words: str) -> str:
    if words.startswith(_UNSUPPORTED):
        return f"The sandbox does not run {words.removeprefix(_UNSUPPORTED)}."
    return f"Python syntax: {words}"


def _own_frames(frames: list[Frame], program: Program) -> list[tuple[int, str]]:
    """The frames inside the analyst's text, outermost first. A fault behind its end (a bracket left open) is reported
    on its last line."""
    found = []
    for frame in frames:
        if frame.filename != _OUR_TEXT or frame.line <= program.first_line:
            continue
        line = min(frame.line - program.first_line, program.lines)
        place = frame.function_name or "<module>"
        found.append((line, program.noun if place == "<module>" else place))
    return found


def _seconds(value: float) -> str:
    return f"{value:g} second" + ("" if value == 1 else "s")
