"""Filters and ids that nothing of ours has: an empty answer, or words; never a failure of the database."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from engine import Engine, errors, queries
from engine.actors import Actor, Role
from engine.views import VIEWS

ROOT = Actor(name="root", roles=frozenset({Role.ADMINISTRATOR}))
TEXTS = {
    "empty": "",
    "NUL": "a\x00b",
    "half a character": "\ud800",
    "quote": "'; DROP TABLE event; --",
    "wildcard": "%",
    "endless": "x" * 100_000,
    "emoji": "🏭",
}


def fields_of_text(query: type[queries.Query]) -> list[str]:
    """Ids and filters, but not what only takes a few words or is checked by itself (cursors)."""
    free = (str, str | None)
    return [
        field.name
        for field in msgspec.structs.fields(query)
        if field.type in free and field.name not in {"cursor", "after"}
    ]


CASES = [(query, field) for query in VIEWS for field in fields_of_text(query)]


def test_every_query_with_a_text_is_among_the_cases() -> None:
    assert len(CASES) >= 18
    assert {query.__name__ for query, _ in CASES} >= {"GetUserTask", "ListProcessInstances", "ListEvents", "GetDraft"}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_what_nothing_has_is_not_found(service: Engine, text: str) -> None:
    for query, field in CASES:
        given: dict[str, Any] = {field: text}
        try:
            answer = service.read(query(**given), ROOT)
        except (errors.NotFound, errors.Invalid):
            continue
        assert answer.items == [], f"{query.__name__}.{field}"
