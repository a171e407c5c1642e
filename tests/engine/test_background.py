"""The background: hints and sweeps find work once, failures stop nothing, stopping leaves work to be found."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from scene import House, line

from engine import Engine, Settings, job_kinds, open_engine
from engine.errors import Unavailable
from engine.evaluators import SandboxEvaluator
from engine.executor import Background
from engine.store import jobs

CHAIN = line(*[f'<bpmn:manualTask id="step{n}"/>' for n in range(25)])


@pytest.fixture
def hasty(database_url: str, sandbox: SandboxEvaluator) -> Iterator[Engine]:
    """An engine whose steps run ten elements at most, and that seldom looks for work by itself."""
    settings = Settings(database_url=database_url, step_elements=10, sweep_seconds=600)
    engine = open_engine(settings, evaluator=sandbox)
    yield engine
    engine.close()


def until(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not what():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def test_a_hint_runs_the_job_without_a_sweep(hasty: Engine) -> None:
    hasty.start_background()
    house = House(hasty)
    instance = house.start(CHAIN)
    until(lambda: house.instance(instance).state == "completed")


def test_the_first_sweep_finds_what_was_left_before_the_start(hasty: Engine) -> None:
    house = House(hasty)
    instance = house.start(CHAIN)
    assert house.instance(instance).state == "active"
    hasty.start_background()
    hasty.start_background()  # a second time is no second background
    until(lambda: house.instance(instance).state == "completed")


def test_a_job_hinted_twice_is_run_once(hasty: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []
    hold = threading.Event()

    def run(job_id: str) -> bool:
        hold.wait(10)
        ran.append(job_id)
        return True

    monkeypatch.setattr(hasty, "run_job", run)
    background = Background(hasty)
    for busy in ("a", "b"):  # both threads are busy, so what is hinted next waits
        background.hint(busy)
    until(lambda: not background._underway)
    for _ in range(3):
        background.hint("c")
    hold.set()
    until(lambda: len(ran) == 3)
    background.stop()
    assert sorted(ran) == ["a", "b", "c"]


def test_failures_are_logged_and_the_next_job_runs(
    hasty: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def run(job_id: str) -> bool:
        if job_id == "away":
            raise Unavailable("the database does not answer")
        raise ZeroDivisionError(job_id)

    monkeypatch.setattr(hasty, "run_job", run)
    background = Background(hasty)
    with caplog.at_level(logging.WARNING):
        background.hint("away")
        background.hint("broken")
        until(lambda: len(caplog.records) == 2)
    background.stop()
    assert sorted(record.levelname for record in caplog.records) == ["ERROR", "WARNING"]


@pytest.mark.parametrize("failure", [Unavailable("the database does not answer"), ZeroDivisionError()])
def test_a_failing_sweep_and_a_failing_housekeeping_are_logged(
    hasty: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, failure: Exception
) -> None:
    def fail(*_: object) -> None:
        raise failure

    monkeypatch.setattr(hasty, "due_jobs", fail)
    monkeypatch.setattr(hasty, "keep_house", fail)
    background = Background(hasty)
    background.sweep()
    background.keep_house()
    background.stop()
    assert len(caplog.records) == 2


def test_housekeeping_runs(hasty: Engine) -> None:
    background = Background(hasty)
    background.keep_house()
    background.stop()


def test_once_stopped_nothing_is_begun(hasty: Engine) -> None:
    house = House(hasty)
    instance = house.start(CHAIN)
    background = Background(hasty)
    background.stop()
    background.hint(hasty.due_jobs()[0])
    background._run(hasty.due_jobs()[0])
    assert house.instance(instance).version == 1


def test_a_job_that_is_gone_or_another_ones_is_left_alone(hasty: Engine) -> None:
    house = House(hasty)
    house.start(CHAIN)
    (job,) = hasty.due_jobs()

    assert hasty._run(lambda reading: job_kinds.run("x.0", "token", reading)) is None
    assert hasty._run(lambda reading: job_kinds.run(job, "not mine", reading)) is None
    assert hasty._run(lambda reading: job_kinds.give_up("x.0", reading)) is None
    assert hasty.due_jobs() == [job]


def test_a_job_of_an_ended_instance_is_cleared_away(hasty: Engine) -> None:
    """A branch of its own may end the instance while another one still had a continuation noted."""
    house = House(hasty)
    instance = house.start(line('<bpmn:manualTask id="step"/>'))
    with hasty.database.write() as connection:
        jobs.add_own(
            connection,
            [
                {
                    "id": f"{instance.id}.0",
                    "tenant_id": "default",
                    "instance_id": instance.id,
                    "token": 0,
                    "slot": 0,
                    "activity_id": None,
                    "due_at": None,
                    "definition_id": instance.definition_id,
                    "definition_key": "order",
                    "element_id": "",
                    "kind": "continuation",
                    "topic": "",
                    "headers": "{}",
                    "retries": 20,
                    "suspended": False,
                    "created_at": instance.started_at,
                }
            ],
        )
    assert hasty.run_job(f"{instance.id}.0")
    assert hasty.due_jobs() == []
    assert house.instance(instance).version == 1
