"""Variables as they come from outside: a JSON object of bounded size and depth, or `Invalid`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from engine.errors import Invalid, TooLarge
from engine.settings import Settings

MAX_NAME = 255

_encode = msgspec.json.Encoder().encode


def checked(variables: Mapping[str, Any], settings: Settings) -> None:
    """Raise unless every value is JSON, no deeper and no larger than allowed."""
    if not isinstance(variables, dict):
        raise _invalid("variables", "must be an object of names and values")
    for name in variables:
        if not isinstance(name, str) or not name or len(name) > MAX_NAME or "\x00" in name:
            raise _invalid("variables", f"a name must be a text of 1 to {MAX_NAME} characters without NUL")
        fault = _fault(variables[name], settings.max_variables_depth)
        if fault:
            raise _invalid(f"variables.{name}", fault)
    try:
        size = len(_encode(variables))
    except (ValueError, TypeError, UnicodeEncodeError, RecursionError):
        raise _invalid("variables", "holds a text or value that JSON cannot carry") from None
    if size > settings.max_variables_bytes:
        raise TooLarge(
            f"the variables are {size:,} bytes of JSON; at most {settings.max_variables_bytes:,} are taken at once",
            limit=settings.max_variables_bytes,
        )


def _fault(value: Any, depth: int) -> str | None:
    """What is wrong with a value, walked with a stack of our own so that depth costs no recursion."""
    pending = [(value, 1)]
    while pending:
        item, level = pending.pop()
        if item is None or isinstance(item, (str, bool, int)):
            continue
        if isinstance(item, float):
            if item != item or item in (float("inf"), float("-inf")):
                return "holds a number that JSON does not know (NaN or infinity)"
        elif isinstance(item, (dict, list)):
            if level >= depth:
                return f"is nested deeper than {depth} levels"
            if isinstance(item, dict):
                if not all(isinstance(key, str) for key in item):
                    return "holds an object with a name that is not a text"
                pending.extend((inner, level + 1) for inner in item.values())
            else:
                pending.extend((inner, level + 1) for inner in item)
        else:
            return f"holds a {type(item).__name__}, which is not JSON"
    return None


def _invalid(field: str, message: str) -> Invalid:
    return Invalid(f"{field} {message}", errors=[{"field": field, "message": message}])
