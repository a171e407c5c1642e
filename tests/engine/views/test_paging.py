"""Cursors: opaque, of one list, never trusted."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import Invalid
from engine.views import paging


@pytest.mark.parametrize("key", ["0192", "", "näme", "a'; DROP TABLE", "x" * 255])
def test_a_text_comes_back_as_it_went(key: str) -> None:
    assert paging.text(paging.encode("drafts", key), "drafts") == key


def test_numbers_and_pairs_come_back_as_they_went() -> None:
    assert paging.number(paging.encode("activities", 7), "activities") == 7
    assert paging.text_and_number(paging.encode("definitions", ("k", 3)), "definitions") == ("k", 3)


def test_no_cursor_begins_at_the_beginning() -> None:
    assert paging.text(None, "drafts") is None
    assert paging.number(None, "drafts") is None
    assert paging.text_and_number(None, "drafts") is None


def encoded(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "====",
        "ä",
        "\ud800",
        "a b",
        "x" * 5_000,
        encoded(["jobs", "of another list"]),
        encoded(["drafts"]),
        encoded(["drafts", 1]),
        encoded(["drafts", ["a", 1]]),
        encoded(["drafts", None]),
        encoded({"drafts": "a"}),
        encoded("drafts"),
        base64.urlsafe_b64encode(b"[" * 1_000).decode(),
        base64.urlsafe_b64encode(b'["drafts", "a"] more').decode(),
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
    ],
)
def test_anything_else_is_refused_in_words(cursor: str) -> None:
    with pytest.raises(Invalid) as refused:
        paging.text(cursor, "drafts")
    assert refused.value.extra["errors"] == [{"field": "cursor", "message": "is not a cursor of this list"}]


@pytest.mark.parametrize("key", [True, 2**40, -(2**40), 1.5, "7", None, ["a", True], ["a", 2**40], [1, 1], ["a"]])
def test_numbers_are_numbers_that_a_column_can_hold(key: object) -> None:
    for read in (paging.number, paging.text_and_number):
        with pytest.raises(Invalid):
            read(encoded(["activities", key]), "activities")


def test_a_text_the_database_cannot_hold_is_refused() -> None:
    for key in ("\x00", "\ud800"):
        with pytest.raises(Invalid):
            paging.text(encoded(["drafts", key]), "drafts")


@given(st.text())
def test_whatever_comes_it_is_a_key_or_invalid(cursor: str) -> None:
    try:
        assert isinstance(paging.text(cursor, "drafts"), str)
    except Invalid:
        pass


@given(st.lists(st.integers(0, 99)), st.integers(1, 10))
def test_a_page_says_whether_there_is_another(numbers: list[int], limit: int) -> None:
    rows = numbers[: limit + 1]
    page = paging.page(rows, limit, str, "activities", lambda number: number)

    assert page.items == [str(number) for number in numbers[:limit]]
    assert (page.next_cursor is not None) == (len(numbers) > limit)
    if page.next_cursor is not None:
        assert paging.number(page.next_cursor, "activities") == numbers[limit - 1]
