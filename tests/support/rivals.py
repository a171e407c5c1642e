"""Two engines on one database, that do the same things at the same time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from scene import ROOT, House
from sqlalchemy import text

from engine import commands as c
from engine.errors import EngineError


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What each call answered or raised, begun together. Faults that are no answer fail the test."""
    together = threading.Barrier(len(calls))
    answers: list[Any] = [None] * len(calls)

    def run(number: int) -> None:
        together.wait()
        try:
            answers[number] = calls[number]()
        except Exception as error:
            answers[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for answer in answers:
        if isinstance(answer, Exception) and not isinstance(answer, EngineError):
            raise answer
    return answers


def together(houses: tuple[House, House]) -> None:
    """Both engines do all jobs that are due, at once, until none is left."""
    while houses[0].engine.due_jobs():
        assert {type(answer) for answer in at_once(*[house.settle for house in houses])} == {int}


def left(house: House, table: str) -> int:
    """How many rows of a table are left."""
    with house.engine.database.read() as connection:
        found: int = connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
        return found


def as_shop(house: House, key: str, **variables: Any) -> Any:
    return house.execute(c.StartProcessInstance(definition_key=key, variables=variables), ROOT)
