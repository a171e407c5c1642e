"""JSON in and out, by msgspec: requests become commands and queries, records become answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
from flask import Response

from engine.errors import Invalid, TooLarge

T = TypeVar("T")

MAX_DEPTH = 64
_encoder = msgspec.json.Encoder()
_PLACE = re.compile(r" - at `([^`]*)`$")
_UNKNOWN = re.compile(r"unknown field `([^`]*)`")
_MISSING = re.compile(r"missing required field `([^`]*)`")
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


def encode(value: Any) -> bytes:
    """A record as JSON."""
    return _encoder.encode(value)


def answer(value: Any, status: int = 200) -> Response:
    """A record as an answer; None has no body."""
    if value is None:
        return Response(status=204)
    return Response(encode(value), status, content_type="application/json")


def decode_object(body: bytes) -> dict[str, Any]:
    """The JSON object of a body, not deeper than we store."""
    try:
        value = msgspec.json.decode(body) if body.strip() else {}
    except RecursionError:
        raise _too_deep() from None
    except (msgspec.MsgspecError, UnicodeDecodeError) as fault:
        raise Invalid(f"The body is not JSON: {fault}.", errors=[{"field": "", "message": str(fault)}]) from None
    if not isinstance(value, dict):
        raise Invalid("The body must be a JSON object.", errors=[{"field": "", "message": "must be an object"}])
    if body.count(b"{") + body.count(b"[") > MAX_DEPTH:
        _check_depth(value)
    if _NUL.search(body):
        # PostgreSQL cannot hold it, so no database of ours does
        raise Invalid("The body holds the character NUL (\\u0000), which cannot be stored.", errors=[])
    return value


def convert(values: Mapping[str, Any], kind: type[T], *, lax: bool = False) -> T:
    """Values as a command or query. `lax`: they came as text (a query string)."""
    try:
        return msgspec.convert(values, kind, strict=not lax)
    except msgspec.ValidationError as fault:
        field, message = _place_and_words(str(fault))
        where = f"`{field}`: " if field else ""
        raise Invalid(f"{where}{message}.", errors=[{"field": field, "message": message}]) from None


def check_variables(variables: Any, limit: int) -> None:
    """Refuse variables that are no object or larger than `limit` bytes of JSON."""
    if not isinstance(variables, dict):
        message = f"must be a JSON object of names and values, not {_kind(variables)}"
        raise Invalid(f"`variables` {message}.", errors=[{"field": "variables", "message": message}])
    size = len(encode(variables))
    if size > limit:
        raise TooLarge(
            f"`variables` take {size:,} bytes as JSON; {limit:,} are allowed at once. Keep large data elsewhere and "
            "hand on its address.",
            limit=limit,
        )


def _place_and_words(text: str) -> tuple[str, str]:
    place = _PLACE.search(text)
    message = text[: place.start()] if place else text
    field = place[1].removeprefix("$").removeprefix(".") if place else ""
    for pattern in (_UNKNOWN, _MISSING):
        if found := pattern.search(message):
            field = f"{field}.{found[1]}" if field else found[1]
    return field, message


def _kind(value: Any) -> str:
    names = {list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def _too_deep() -> Invalid:
    message = f"is nested deeper than {MAX_DEPTH} levels"
    return Invalid(f"The body {message}.", errors=[{"field": "", "message": message}])


def _check_depth(value: Any) -> None:
    level = [value]
    # two levels more than the limit: the body itself and the object `variables`
    for _ in range(MAX_DEPTH + 2):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return
    raise _too_deep()
