"""What is wrong with a request is said in words for whoever sent it, not in those of the library that found it."""

from __future__ import annotations

from typing import Any

import pytest

from api.encoding import convert
from engine.commands import CreateUser, FetchJobs, StartProcessInstance
from engine.errors import Invalid
from engine.queries import ListProcessInstances

USER = {"name": "zoe", "password": "long enough"}
FETCH = {"worker_id": "w", "topics": [{"name": "pay"}]}


@pytest.mark.parametrize(
    ("kind", "values", "words"),
    [
        (CreateUser, USER | {"password": "short"}, "`password`: must be a text of at least 8 characters."),
        (CreateUser, USER | {"name": "a b"}, "`name`: must match '^[A-Za-z0-9][A-Za-z0-9._@-]{0,99}$'."),
        (CreateUser, USER | {"roles": "analyst"}, "`roles`: must be a list, not a text."),
        (StartProcessInstance, {"definition_key": 7}, "`definition_key`: must be a text or null, not a whole number."),
        (StartProcessInstance, {"colour": "red"}, "`colour`: is not known here."),
        (FetchJobs, {"worker_id": "w"}, "`topics`: is missing."),
        (FetchJobs, FETCH | {"topics": []}, "`topics`: must be a list of at least 1 entries."),
        (FetchJobs, FETCH | {"topics": [{"nam": "x"}]}, "`topics[0].nam`: is not known here."),
        (FetchJobs, FETCH | {"lock_seconds": 0}, "`lock_seconds`: must be a number, more than 0."),
        (FetchJobs, FETCH | {"max_jobs": 1_000}, "`max_jobs`: must be a whole number, at most 100."),
    ],
)
def test_a_wrong_value_is_told_in_plain_words(kind: type[Any], values: dict[str, Any], words: str) -> None:
    with pytest.raises(Invalid) as refused:
        convert(values, kind)
    assert str(refused.value) == words


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"limit": "0"}, "`limit`: must be a whole number, at least 1."),
        ({"limit": "many"}, "`limit`: must be a whole number, not a text."),
        ({"state": "odd"}, "`state`: cannot be 'odd'."),
    ],
)
def test_a_wrong_parameter_is_told_in_plain_words(values: dict[str, str], words: str) -> None:
    with pytest.raises(Invalid) as refused:
        convert(values, ListProcessInstances, lax=True)
    assert str(refused.value) == words
