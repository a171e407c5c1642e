"""JSON in and out, by msgspec: requests become commands and queries, records become answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
from flask import Response

from engine.errors import Invalid

T = TypeVar("T")

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
    """The JSON object of a body."""
    try:
        value = msgspec.json.decode(body) if body.strip() else {}
    except RecursionError:
        message = "is nested too deeply"
        raise Invalid(f"The body {message}.", errors=[{"field": "", "message": message}]) from None
    except (msgspec.MsgspecError, UnicodeDecodeError) as fault:
        raise Invalid(f"The body is not JSON: {fault}.", errors=[{"field": "", "message": str(fault)}]) from None
    if not isinstance(value, dict):
        raise Invalid("The body must be a JSON object.", errors=[{"field": "", "message": "must be an object"}])
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


def _place_and_words(text: str) -> tuple[str, str]:
    place = _PLACE.search(text)
    message = text[: place.start()] if place else text
    field = place[1].removeprefix("$").removeprefix(".") if place else ""
    for pattern in (_UNKNOWN, _MISSING):
        if found := pattern.search(message):
            field = f"{field}.{found[1]}" if field else found[1]
    return field, message
