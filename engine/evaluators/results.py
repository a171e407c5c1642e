"""Reads what a worker sent back. It may be anything at all: a script can rebind whatever our lines use."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from bpmn import BpmnErrorRaised, EvaluationFailed
from engine.evaluators.failures import MAX_WORDS
from engine.evaluators.limits import SandboxLimits
from engine.evaluators.programs import BPMN_ERROR, Program

# Values of these types are meant as data: that JSON cannot hold them is said aloud. Other objects a script works with
# (functions, classes, modules, dates, patterns) are no results and are left out.
_PLAIN_DATA = frozenset({"int", "float", "complex", "str", "bool", "bytes", "list", "dict", "tuple", "set", "range"})
_DATA_TYPES = _PLAIN_DATA | {"frozenset", "Decimal", "Counter", "defaultdict", "deque"}


def expression_value(raw: object, program: Program, limits: SandboxLimits) -> Any:
    """The value of an expression. Raises `EvaluationFailed`."""
    answer = _read(raw, program, limits)
    fault = answer.get("fault")
    if isinstance(fault, list) and len(fault) == 3:
        raise _not_json("The expression gives", fault, limits)
    if "value" not in answer:
        raise _nonsense(program)
    return answer["value"]


def script_values(
    raw: object, program: Program, limits: SandboxLimits, writes: frozenset[str], inputs: Mapping[str, str]
) -> dict[str, Any]:
    """The results of a script: the names it assigns, and the variables of `inputs` (name → JSON text) that are no
    longer what they were. Raises `EvaluationFailed`."""
    answer = _read(raw, program, limits)
    values = answer.get("values")
    faults = answer.get("faults", {})
    if not isinstance(values, dict) or not isinstance(faults, dict):
        raise _nonsense(program)
    for name, fault in faults.items():
        if name.startswith("_") or not isinstance(fault, list) or len(fault) != 3:
            continue
        if fault[0] in _DATA_TYPES or (name in writes and name in inputs):
            raise _not_json(f"The variable '{name}' would hold", fault, limits)
    return {
        name: value
        for name, value in values.items()
        if not name.startswith("_") and (name in writes or (name in inputs and canonical(value) != inputs[name]))
    }


def bpmn_error(words: str, program: Program, limits: SandboxLimits) -> BpmnErrorRaised | None:
    """The BPMN error that a script raised, from the words of its exception; None if they are another's. Raises
    `EvaluationFailed` for one that is not as it should be."""
    if not words.startswith(BPMN_ERROR):
        return None
    told = _read('{"error":' + words.removeprefix(BPMN_ERROR) + "}", program, limits).get("error")
    if not isinstance(told, list) or len(told) != 3:
        raise _nonsense(program)
    code, message, variables = told
    if not isinstance(code, str) or not code.strip():
        raise EvaluationFailed(f"BpmnError needs a code that is a text; it got {canonical(code)[:100]}.")
    if message is not None and not isinstance(message, str):
        raise EvaluationFailed(f"The message of a BpmnError is a text; it got {canonical(message)[:100]}.")
    if variables is not None and not isinstance(variables, dict):
        raise EvaluationFailed("The variables of a BpmnError are a dict of names and values.")
    return BpmnErrorRaised(code, message, variables)


def canonical(value: Any) -> str:
    """JSON text by which two values are compared: 1, 1.0 and true differ."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _read(raw: object, program: Program, limits: SandboxLimits) -> dict[str, Any]:
    if not isinstance(raw, str):
        raise _nonsense(program)
    if len(raw) > limits.result_bytes or len(raw.encode("utf-8", "surrogatepass")) > limits.result_bytes:
        raise EvaluationFailed(
            f"The {program.noun} gives more than {limits.result_bytes // 1024:,} KB of results. Keep large data "
            "elsewhere and pass a reference to it.",
            kind="output_limit",
        )
    try:
        answer = json.loads(raw, parse_constant=_refuse_constant)
        # What only a script that replaced our lines can send: numbers beyond all bounds, halves of characters.
        canonical(answer).encode("utf-8")
    except RecursionError:
        raise _too_deep(program, limits) from None
    except ValueError:
        raise _nonsense(program) from None
    if not isinstance(answer, dict):
        raise _nonsense(program)
    # The answer itself is one level, the mapping of names another.
    if raw.count("[") + raw.count("{") > limits.result_depth and _depth(answer) > limits.result_depth + 2:
        raise _too_deep(program, limits)
    return answer


def _depth(value: Any) -> int:
    """How deep lists and dicts nest; a loop, because the value may be deeper than the host's own recursion."""
    deepest = 0
    level = [value]
    while level:
        inner: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                inner.extend(item.values())
            elif isinstance(item, list):
                inner.extend(item)
        if any(isinstance(item, dict | list) for item in level):
            deepest += 1
        level = inner
    return deepest


def _refuse_constant(word: str) -> NoReturn:
    raise ValueError(word)


def _not_json(subject: str, fault: list[Any], limits: SandboxLimits) -> EvaluationFailed:
    type_name, fault_type, words = (str(part)[:MAX_WORDS] for part in fault)
    if fault_type == "RecursionError":
        return EvaluationFailed(f"{subject} a value nested more than {limits.result_depth} deep.", kind="depth_limit")
    hint = {
        "set": " Use a list, for example sorted(...).",
        "frozenset": " Use a list, for example sorted(...).",
        "Decimal": " Use str(...) or float(...).",
        "date": " Use .isoformat().",
        "datetime": " Use .isoformat().",
        "range": " Use list(...).",
    }.get(type_name, "")
    reason = words.partition(";")[0]
    return EvaluationFailed(f"{subject} a value of type {type_name} that JSON cannot hold: {reason}.{hint}")


def _too_deep(program: Program, limits: SandboxLimits) -> EvaluationFailed:
    return EvaluationFailed(
        f"The {program.noun} gives a value nested more than {limits.result_depth} deep.", kind="depth_limit"
    )


def _nonsense(program: Program) -> EvaluationFailed:
    return EvaluationFailed(
        f"The {program.noun} gave no readable JSON values. Do not use names that begin with `_signalbox`."
    )
