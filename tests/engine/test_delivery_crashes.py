"""The process dies at each commit of a story, before it and after it, and another one goes on: it ends as it does
without the crash, and nothing has happened twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from events import OUTSIDE, boundary, call, catch, error, escalation, message, signal, start, throw, timer
from moments import Moments
from scene import MACHINE, ROOT, House, diagram, flow, line, script_task, service_task, user_task
from sqlalchemy import text

from engine import Engine, Settings, open_engine
from engine import commands as c
from engine.evaluators import SandboxEvaluator
from engine.testing import ManualClock


class Crash(BaseException):
    """The process is gone: nothing of ours runs after it."""


@dataclass
class Telling:
    """One telling of a story: who tells it now, and which processes are its own."""

    house: House
    clock: ManualClock
    mark: str  # what the keys of its processes end with
    known: dict[str, Any] = field(default_factory=dict)  # what the outside remembers

    def begin(self, key: str, **variables: Any) -> None:
        self.house.execute(c.StartProcessInstance(definition_key=key + self.mark, variables=variables), ROOT)

    def only(self, key: str) -> Any:
        (found,) = self.house.instances(definition_key=key + self.mark)
        return found

    def work(self) -> None:
        self.known["job"] = self.house.fetch()[0]

    def done(self) -> None:
        self.house.done(self.known["job"], result=1)

    def fails(self) -> None:
        job = self.known["job"]
        self.house.execute(c.EndJobWithError(id=job.id, token=job.token, code="broke"), MACHINE)


Step = Callable[[Telling], object]
Story = tuple[dict[str, str], list[Step]]


def ends(definition: str) -> str:
    return f'<bpmn:startEvent id="start"/><bpmn:endEvent id="end">{definition}</bpmn:endEvent>' + flow("start", "end")


PAID = message("paid", {"order": "order"})
SENDS = line(throw("tell", message("paid", {"order": "order"}, {"from": "sender"})))
ASKS = line(call("ask", "subMARK", '<signalbox:out name="answer" value="result"/>'), script_task("add", "n = 1"))
TRIES = ASKS + boundary("oops", "ask", error("broke")) + boundary("heard", "ask", escalation(), interrupting=False)

#: For each: the processes by key, and what is done from outside, one transaction at a time.
STORIES: dict[str, Story] = {
    "a message thrown to one who waits": (
        {"waits": line(catch("await", PAID), script_task("add", "n = 1")), "sends": SENDS},
        [lambda t: t.begin("waits", order=1), lambda t: t.begin("sends", order=1, sender=2)],
    ),
    "a message that waits for its receiver": (
        {"waits": line(catch("await", PAID), script_task("add", "n = 1")), "sends": SENDS},
        [lambda t: t.begin("sends", order=1, sender=2), lambda t: t.begin("waits", order=1)],
    ),
    "messages from outside, with ids, to a place that goes on waiting": (
        {"waits": line(user_task()) + boundary("note", "approve", PAID, interrupting=False)},
        [
            lambda t: t.house.message("paid", {"order": t.mark}, time_to_live_seconds=900, message_id="one" + t.mark),
            lambda t: t.house.message("paid", {"order": t.mark}, time_to_live_seconds=900),
            lambda t: t.begin("waits", order=t.mark),
            lambda t: t.house.message("paid", {"order": t.mark}, time_to_live_seconds=900),
            lambda t: t.house.complete(t.house.task(t.only("waits"))),
        ],
    ),
    "a message that starts a process": (
        {"begins": start("come", message("orderedMARK"), script_task("add", "n = 1")),
         "sends": line(throw("tell", message("orderedMARK")))},
        [lambda t: t.begin("sends")],
    ),
    "a signal broadcast": (
        {"hears": line(catch("hear", signal("alarm")), script_task("add", "n = 1")),
         "shouts": line(throw("shout", signal("alarm")))},
        [lambda t: t.begin("hears"), lambda t: t.begin("hears"), lambda t: t.begin("shouts")],
    ),
    "a signal from outside that starts a process too": (
        {"hears": line(catch("hear", signal("alarm"))), "begins": start("come", signal("alarm"), user_task())},
        [
            lambda t: t.begin("hears"),
            lambda t: t.house.signal("alarm"),
            lambda t: t.house.complete(t.house.task(t.only("begins"))),
        ],
    ),
    "a call and its answer": (
        {"asks": ASKS, "sub": line(service_task())},
        [lambda t: t.begin("asks"), Telling.work, Telling.done],
    ),
    "a call that ends with an error": (
        {"asks": TRIES, "sub": line(service_task())},
        [lambda t: t.begin("asks"), Telling.work, Telling.fails],
    ),
    "a call that escalates and ends": (
        {"asks": TRIES, "sub": line(throw("cry", escalation("late")), script_task("put", "result = 1"))},
        [lambda t: t.begin("asks")],
    ),
    "a call that ends with an escalation": (
        {"asks": TRIES.replace('value="result"', 'value="1"'), "sub": ends(escalation("late"))},
        [lambda t: t.begin("asks")],
    ),
    "a call cancelled with its child and grandchild": (
        {"asks": line(call("ask", "middleMARK")) + boundary("stop", "ask", signal("alarm")),
         "middle": line(call("deeper", "subMARK")), "sub": line(user_task())},
        [lambda t: t.begin("asks"), lambda t: t.house.signal("alarm")],
    ),
    "a call of an instance that is cancelled": (
        {"asks": line(call("ask", "subMARK")), "sub": line(user_task())},
        [
            lambda t: t.begin("asks"),
            lambda t: t.house.execute(c.CancelProcessInstance(id=t.only("asks").id), ROOT),
        ],
    ),
    "a timer, and one that reminds": (
        {"waits": line(catch("later", timer("duration", "PT10M")), user_task())
         + boundary("remind", "approve", timer("cycle", "R2/PT10M"), interrupting=False)},
        [
            lambda t: t.begin("waits"),
            lambda t: t.clock.advance(minutes=11),
            lambda t: t.clock.advance(minutes=11),
            lambda t: t.clock.advance(minutes=11),
            lambda t: t.house.complete(t.house.task(t.only("waits"))),
        ],
    ),
    "a process that starts by the clock": (
        {"ticks": start("tick", timer("cycle", "R3/PT10M"), script_task("add", "n = 1"))},
        [lambda t: t.clock.advance(minutes=11)] * 3,
    ),
}  # fmt: skip


class Theatre:
    """Tells stories on one database, each with processes of its own, and opens an engine anew after each crash."""

    def __init__(self, url: str, clock: ManualClock, sandbox: SandboxEvaluator, monkeypatch: pytest.MonkeyPatch):
        self.settings = Settings(database_url=url)
        self.clock, self.sandbox, self.monkeypatch = clock, sandbox, monkeypatch
        self.tellings = 0
        self.engines: list[Engine] = []

    def open(self, moments: Moments | None = None) -> House:
        engine = open_engine(self.settings, clock=self.clock, evaluator=self.sandbox)
        self.engines.append(engine)
        if moments is not None:
            moments.watch(engine, self.monkeypatch)
        return House(engine)

    def tell(self, story: Story, crash_at: int = 0, committed: bool = False) -> tuple[int, Any]:
        """How many commits it took, and how it stands at its end."""
        self.tellings += 1
        mark = f"-{self.tellings}"
        processes, steps = story
        files = [
            diagram(body.replace("MARK", mark), key + mark, outside=self._outside(mark))
            for key, body in processes.items()
        ]
        self.open().deploy(*files)
        moments = Moments()
        telling = Telling(self.open(moments), self.clock, mark)

        def crash(now: bool) -> None:
            if now and moments.writes == crash_at:
                raise Crash

        moments.inside = lambda: crash(not committed)
        moments.after = lambda: crash(committed)
        for step in steps:
            try:
                step(telling)
            except Crash:
                telling.house = self._after_a_crash()
                if not committed or (step is Telling.work and not telling.known):
                    step(telling)  # who was told nothing asks again
            try:
                telling.house.settle()
            except Crash:
                telling.house = self._after_a_crash()
                telling.house.settle()
        return moments.writes, self._end(telling)

    def _after_a_crash(self) -> House:
        self.clock.advance(seconds=61)  # what was claimed or locked is free again
        return self.open()

    @staticmethod
    def _outside(mark: str) -> str:
        return OUTSIDE + f'<bpmn:message id="ordered{mark}" name="ordered{mark}"/>'

    def _end(self, telling: Telling) -> Any:
        house, mark = telling.house, telling.mark
        own = [one for one in house.instances() if one.definition_key.endswith(mark)]
        stands = sorted(
            (
                one.definition_key.removesuffix(mark),
                one.state,
                sorted((name, str(value).removesuffix(mark)) for name, value in house.variables(one).items()),
                # A job is locked again when its worker died.
                sorted(Counter(what for what in house.happened(one) if not what.startswith("job.locked")).items()),
                sorted(house.states(one).items()),
            )
            for one in own
        )
        return stands, self._left(house, "job"), self._left(house, "message WHERE state = 'waiting'")

    @staticmethod
    def _left(house: House, table: str) -> list[Any]:
        with house.engine.database.read() as connection:
            return list(connection.execute(text(f"SELECT * FROM {table}")))


@pytest.fixture
def theatre(
    database_url: str, clock: ManualClock, sandbox: SandboxEvaluator, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Theatre]:
    theatre = Theatre(database_url, clock, sandbox, monkeypatch)
    yield theatre
    monkeypatch.undo()
    for engine in theatre.engines:
        engine.close()


@pytest.mark.parametrize("name", STORIES)
def test_a_crash_at_any_commit_changes_nothing(name: str, theatre: Theatre) -> None:
    commits, undisturbed = theatre.tell(STORIES[name])
    stands, *left = undisturbed
    assert stands
    assert {state for _, state, *_ in stands} <= {"completed", "cancelled", "failed"}
    assert left == [[], []]
    for crash_at in range(1, commits + 1):
        for committed in (False, True):
            after = theatre.tell(STORIES[name], crash_at, committed)[1]
            assert after == undisturbed, f"crash {'after' if committed else 'before'} commit {crash_at} of {commits}"
