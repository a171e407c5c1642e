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
_EXPECTED = re.compile(
    r"Expected `(?P<kind>[^`]*)`(?:, got `(?P<got>[^`]*)`)?(?P<bound> of length)?(?: (?P<sign>[<>]=?) (?P<limit>\S+))?$"
)
_OTHER = re.compile(r"(?:Invalid enum value (.*)|Expected `str` matching regex (.*))$")
_KINDS = {
    "int": "a whole number",
    "float": "a number",
    "str": "a text",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
}
_BOUNDS = {">=": "at least", "<=": "at most", ">": "more than", "<": "less than"}
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
    for pattern, words in ((_UNKNOWN, "is not known here"), (_MISSING, "is missing")):
        if found := pattern.search(message):
            return (f"{field}.{found[1]}" if field else found[1]), words
    return field, _plain(message)


def _plain(message: str) -> str:
    """What msgspec says of a value, in the words of somebody who does not know its types."""
    if other := _OTHER.match(message):
        return f"cannot be {other[1]}" if other[1] else f"must match {other[2]}"
    found = _EXPECTED.match(message)
    if not found:
        return message
    words = f"must be {_named(found['kind'])}"
    if found["got"]:
        return f"{words}, not {_named(found['got'])}"
    if found["bound"]:
        things = "characters" if found["kind"] == "str" else "entries"
        return f"{words} of {_BOUNDS[found['sign']]} {found['limit']} {things}"
    if found["limit"]:
        return f"{words}, {_BOUNDS[found['sign']]} {found['limit'].removesuffix('.0')}"
    return words


def _named(kinds: str) -> str:
    return " or ".join(_KINDS.get(kind, kind) for kind in kinds.split(" | "))
