"""`{{path.to.value}}` in texts: a logic-less lookup in dicts and lists, never an expression."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_PLACE = re.compile(r"\{\{\s*([A-Za-z_][\w]*(?:\.[\w]+)*)\s*\}\}")
_MISSING = object()


def _look_up(path: str, variables: Mapping[str, Any]) -> Any:
    head, *rest = path.split(".")
    value: Any = variables.get(head, _MISSING)
    for part in rest:
        if isinstance(value, dict):
            value = value.get(part, _MISSING)
        elif isinstance(value, list) and part.isdecimal() and len(part) < 10 and int(part) < len(value):
            value = value[int(part)]
        else:
            return _MISSING
    return value


def _words(value: Any) -> str:
    if value is _MISSING or value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return ",".join(_words(item) for item in value)
    return json.dumps(value, ensure_ascii=False)


def fill(text: str, variables: Mapping[str, Any]) -> str:
    """The text with each place filled; what is not there becomes empty."""
    if "{{" not in text:
        return text
    return _PLACE.sub(lambda match: _words(_look_up(match.group(1), variables)), text)


def fill_list(text: str, variables: Mapping[str, Any]) -> tuple[str, ...]:
    """A comma-separated list with places filled (a list value gives several entries), without empties and doubles."""
    parts = (part.strip() for part in fill(text, variables).split(","))
    return tuple(dict.fromkeys(part for part in parts if part))
