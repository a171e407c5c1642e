"""Data stores: values that all processes share, written in the step that writes them."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from scene import ADA, ROOT, House, diagram, line, user_task

from engine import Engine, Settings, open_engine
from engine import commands as c
from engine import queries as q
from engine.errors import Forbidden, NotFound, Refused
from engine.evaluators import SandboxEvaluator
from engine.testing import ManualClock

REFERENCE = '<bpmn:dataStoreReference id="ref" name="counter"/>'
COUNT = (
    '<bpmn:scriptTask id="count" name="Count">'
    "<bpmn:dataInputAssociation><bpmn:sourceRef>ref</bpmn:sourceRef></bpmn:dataInputAssociation>"
    "<bpmn:dataOutputAssociation><bpmn:targetRef>ref</bpmn:targetRef></bpmn:dataOutputAssociation>"
    "<bpmn:script>counter = (counter or 0) + 1</bpmn:script></bpmn:scriptTask>"
)
COUNTING = line(user_task(), COUNT) + REFERENCE


@pytest.fixture
def shop(database_url: str, clock: ManualClock, sandbox: SandboxEvaluator) -> Iterator[House]:
    settings = Settings(database_url=database_url, data_stores=("counter", "prices"))
    engine = open_engine(settings, clock=clock, evaluator=sandbox)
    yield House(engine)
    engine.close()


def value(house: House, name: str = "counter") -> object:
    (found,) = [one for one in house.read(q.ListDataStores(), ROOT).items if one.name == name]
    return found.value


def test_a_store_that_is_not_configured_is_refused(house: House) -> None:
    with pytest.raises(Refused) as refused:
        house.deploy(diagram(COUNTING))
    (problem,) = [one for one in refused.value.extra["problems"] if one.severity == "error"]
    assert (problem.element_id, problem.line) == ("ref", 1)
    assert "counter" in problem.message


def test_instances_share_what_they_store(shop: House) -> None:
    shop.deploy(diagram(COUNTING))
    for _ in range(3):
        shop.complete(shop.task(shop.start()))
    assert value(shop) == 3


def test_of_many_at_once_none_is_lost(shop: House) -> None:
    shop.deploy(diagram(COUNTING))
    tasks = [shop.task(shop.start()) for _ in range(8)]
    threads = [threading.Thread(target=shop.complete, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert value(shop) == 8


def test_an_operator_sees_and_sets_stores(shop: House) -> None:
    assert [one.name for one in shop.read(q.ListDataStores(), ADA).items] == ["counter", "prices"]
    stored = shop.execute(c.SetDataStore(name="counter", value=41), ROOT)
    assert (stored.value, stored.version, stored.changed_by) == (41, 1, "root")
    shop.deploy(diagram(COUNTING))
    instance = shop.start()
    shop.complete(shop.task(instance))
    assert value(shop) == 42
    (found,) = [one for one in shop.read(q.ListDataStores(), ROOT).items if one.name == "counter"]
    assert (found.version, found.changed_by) == (2, instance.id)
    with pytest.raises(NotFound, match="counter, prices"):
        shop.execute(c.SetDataStore(name="other", value=1), ROOT)
    with pytest.raises(Forbidden):
        shop.execute(c.SetDataStore(name="counter", value=1), ADA)


def test_instances_run_on_when_the_configuration_forgets_a_store(
    shop: House, database_url: str, clock: ManualClock, sandbox: SandboxEvaluator
) -> None:
    """What was checked at its deployment is not checked again."""
    shop.deploy(diagram(COUNTING))
    task = shop.task(shop.start())
    other: Engine = open_engine(Settings(database_url=database_url), clock=clock, evaluator=sandbox)
    House(other).complete(task)
    assert value(House(other)) == 1
    other.close()
