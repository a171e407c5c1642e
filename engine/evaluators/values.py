"""Arithmetic and comparisons of JSON values where every interpreter agrees and the work is small; else `NotHere`."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

MAX_WEIGHT = 50_000
MAX_INTEGER = 2**63
MAX_TEXT = 10_000
_MAX_EXACT = 2**53
_MAX_SEARCH = 1_000
_MAX_DEPTH = 60


class NotHere(Exception):
    """This evaluation belongs into the sandbox."""


def exact_number(value: Any) -> bool:
    """Whether every interpreter agrees on this number as an integer and as a float."""
    return isinstance(value, int | float) and -_MAX_EXACT <= value <= _MAX_EXACT


def weight(value: Any, most: int, depth: int = 0) -> int:
    """How large the value is as JSON, roughly; counting stops beyond `most`, and nothing deep is ever light."""
    if isinstance(value, str):
        return 1 + len(value)
    if not isinstance(value, list | tuple | dict):
        return 1
    if depth > _MAX_DEPTH:
        return most + 1
    total = 1
    for item in value.values() if isinstance(value, dict) else value:
        total += weight(item, most - total, depth + 1)
        if total > most:
            return total
    if isinstance(value, dict):
        total += sum(len(key) for key in value)
    return total


def flat(value: Any) -> Any:
    """A copy of the value with lists for tuples, as JSON would carry it. Only for values that were weighed."""
    if isinstance(value, list | tuple):
        return [flat(item) for item in value]
    if isinstance(value, dict):
        return {key: flat(item) for key, item in value.items()}
    return value


def number(value: Any) -> Any:
    """An integer of bounded size or a finite float, and no truth value."""
    if type(value) is int and -MAX_INTEGER < value < MAX_INTEGER:
        return value
    if type(value) is float and math.isfinite(value):
        return value
    raise NotHere


def numeric(operation: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def compute(left: Any, right: Any) -> Any:
        left, right = number(left), number(right)
        if type(left) is not type(right) and not (exact_number(left) and exact_number(right)):
            raise NotHere
        return number(operation(left, right))

    return compute


_add_numbers = numeric(operator.add)


def add(left: Any, right: Any) -> Any:
    if type(left) is str and type(right) is str:
        if len(left) + len(right) > MAX_TEXT:
            raise NotHere
        return left + right
    return _add_numbers(left, right)


def divide(left: Any, right: Any) -> Any:
    left, right = number(left), number(right)
    if right == 0 or not (exact_number(left) and exact_number(right)):
        raise NotHere
    return number(left / right)


_SCALARS = (str, int, float, bool, type(None))


def equal(left: Any, right: Any) -> bool:
    if type(left) not in _SCALARS or type(right) not in _SCALARS:
        raise NotHere
    if type(left) is not type(right) and not (exact_number(left) and exact_number(right)):
        # Different kinds of values are never equal, but a large integer and a float are compared in different ways.
        if isinstance(left, int | float) and isinstance(right, int | float):
            raise NotHere
        return False
    return bool(left == right)


def ordered(operation: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def compute(left: Any, right: Any) -> bool:
        if type(left) is str and type(right) is str:
            return operation(left, right)
        left, right = number(left), number(right)
        if type(left) is not type(right) and not (exact_number(left) and exact_number(right)):
            raise NotHere
        return operation(left, right)

    return compute


def contained(left: Any, right: Any) -> bool:
    if type(right) is dict and type(left) is str:
        return left in right
    if type(right) is str and type(left) is str and len(right) <= MAX_TEXT:
        return left in right
    if isinstance(right, list | tuple) and len(right) <= _MAX_SEARCH:
        return any(equal(left, item) for item in right)
    raise NotHere
