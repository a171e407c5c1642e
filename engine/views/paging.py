"""Pages by keyset: a cursor names the last row of a page by its sort key, so no page is skipped or shown twice when
rows come and go, and the hundredth page costs what the first cost."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from typing import Any, TypeVar

from engine.errors import Invalid
from engine.records import Page

Row = TypeVar("Row")
Item = TypeVar("Item")

_LONGEST = 2_000


def page(
    rows: list[Row], limit: int, record: Callable[[Row], Item], listing: str, key: Callable[[Row], Any]
) -> Page[Item]:
    """The page of `rows`, of which one more than `limit` was asked for: it tells whether there is a next page."""
    items, following = cut(rows, limit, listing, key)
    return Page(items=[record(row) for row in items], next_cursor=following)


def cut(rows: list[Row], limit: int, listing: str, key: Callable[[Row], Any]) -> tuple[list[Row], str | None]:
    """The rows of the page, and the cursor of the next."""
    if len(rows) <= limit:
        return rows, None
    return rows[:limit], encode(listing, key(rows[limit - 1]))


def encode(listing: str, key: Any) -> str:
    """An opaque cursor of that listing."""
    text = json.dumps([listing, key], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def text(cursor: str | None, listing: str) -> str | None:
    """The key of a listing sorted by one text."""
    if cursor is None:
        return None
    key = _decode(cursor, listing)
    if not _is_text(key):
        raise _foreign()
    return str(key)


def number(cursor: str | None, listing: str) -> int | None:
    """The key of a listing sorted by one number."""
    if cursor is None:
        return None
    key = _decode(cursor, listing)
    if not _is_number(key):
        raise _foreign()
    return int(key)


def text_and_number(cursor: str | None, listing: str) -> tuple[str, int] | None:
    """The key of a listing sorted by a text and a number."""
    if cursor is None:
        return None
    key = _decode(cursor, listing)
    if not (isinstance(key, list) and len(key) == 2 and _is_text(key[0]) and _is_number(key[1])):
        raise _foreign()
    return key[0], key[1]


def _decode(cursor: str, listing: str) -> Any:
    if len(cursor) > _LONGEST:
        raise _foreign()
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        content = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (UnicodeError, binascii.Error, ValueError, RecursionError):
        raise _foreign() from None
    if not isinstance(content, list) or len(content) != 2 or content[0] != listing:
        raise _foreign()
    return content[1]


def _is_text(value: Any) -> bool:
    # neither NUL nor half of a surrogate pair: PostgreSQL would not even compare with it
    return isinstance(value, str) and "\x00" not in value and not any("\ud800" <= char <= "\udfff" for char in value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**31


def _foreign() -> Invalid:
    return Invalid(
        "The cursor is not one of this list. Take `next_cursor` of the page before, or leave it out to begin.",
        errors=[{"field": "cursor", "message": "is not a cursor of this list"}],
    )
