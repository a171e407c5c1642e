"""Faults of SpiffWorkflow 3.2.0 as it comes, each beside our answer: the reason for every class in front of its own.

If one of these fails, the library has changed, and our answer may have become unnecessary.
"""

from __future__ import annotations

import pytest
from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.util.task import BpmnTaskFilter
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

import bpmn
from tests.bpmn.drawing import choice, diagram, fork, join, process, script, user
from tests.bpmn.walking import Walk


def _stock(source: bytes) -> BpmnWorkflow:
    parser = BpmnParser()
    parser.add_bpmn_xml(etree.fromstring(source))
    return BpmnWorkflow(parser.get_spec("process"), parser.get_subprocess_specs("process"))


def _ours(source: bytes) -> Walk:
    return Walk(bpmn.parse(source).definitions[0])


def _waiting(workflow: BpmnWorkflow) -> list[str]:
    found = workflow.get_tasks(task_filter=BpmnTaskFilter(state=TaskState.READY, manual=True))
    return sorted(task.task_spec.name for task in found)


def _finish(workflow: BpmnWorkflow, name: str) -> None:
    task = next(t for t in workflow.get_tasks(state=TaskState.READY) if t.task_spec.name == name)
    task.run()
    workflow.do_engine_steps()


@pytest.mark.parametrize(("depth", "told"), [(900, "active"), (1000, "completed")])
def test_stock_calls_an_instance_complete_whose_tree_is_deeper_than_1000(depth: int, told: str) -> None:
    """A loop makes its tree deeper with each turn (one of four elements gets there in turn 334), and the iterator that
    looks for open tasks stops at depth 1000 without a word."""
    loop = process(
        "start -> turn -> gate",
        "gate -[n < 400]-> turn",
        "gate -default-> ask -> end",
        turn=script("n = n + 1"),
        gate=choice(),
        ask=user(),
    )
    stock = _stock(diagram(loop))
    deepest = stock.get_next_task(spec_name="start")
    stock._remove_task(deepest.children[0].id)
    for _ in range(depth):
        deepest = Task(stock, stock.spec.task_specs["turn"], deepest, state=TaskState.COMPLETED)
    waiting = Task(stock, stock.spec.task_specs["ask"], deepest, state=TaskState.READY)
    for task in stock.tasks.values():
        if task is not waiting:
            task._state = TaskState.COMPLETED
    assert waiting in stock.tasks.values()
    assert stock.is_completed() is (told == "completed")

    ours = _ours(diagram(loop)).start(n=0)
    assert ours.waiting == ["ask"]
    assert ours.state == "active"


def test_stock_cannot_read_a_chain_of_500_elements() -> None:
    chain = diagram(process(" -> ".join(["start", *(f"n{i}" for i in range(500)), "end"])))
    with pytest.raises((RecursionError, ValidationException)):
        _stock(chain)
    assert _ours(chain).start().state == "completed"


def test_stock_loses_the_running_branches_of_a_split_that_a_second_token_reaches() -> None:
    source = diagram(
        process(
            "start -> first -> merge -> second -> a -> end",
            "first -> later -> merge",
            "second -> b -> end",
            first=fork(),
            later=user(),
            merge=choice(),
            second=fork(),
            a=user(),
            b=user(),
        )
    )
    stock = _stock(source)
    stock.do_engine_steps()
    assert _waiting(stock) == ["a", "b", "later"]
    _finish(stock, "later")
    assert _waiting(stock) == ["a", "b"], "two of four tasks are gone"

    ours = _ours(source).start().complete("later")
    assert ours.waiting == ["a", "a", "b", "b"]


def test_stock_joins_by_source_so_one_token_passes_for_two_flows() -> None:
    source = diagram(
        process(
            "start -> gate",
            "gate -[True]-> sync -> after -> end",
            "gate -default-> sync",
            gate=choice(),
            sync=join(),
            after=user(),
        )
    )
    stock = _stock(source)
    stock.do_engine_steps()
    assert _waiting(stock) == ["after"]
    assert _ours(source).start().incidents == [("sync", "dead_end")]


def test_stock_drops_surplus_tokens_at_a_join() -> None:
    source = diagram(
        process(
            "start -> split -> a -> sync -> after -> end",
            "split -> a",
            "split -> b -> sync",
            "split -> b",
            split=fork(),
            a=user(),
            b=user(),
            sync=join(),
            after=user(),
        )
    )
    stock = _stock(source)
    stock.do_engine_steps()
    ours = _ours(source).start()
    for name in "aabb":
        _finish(stock, name)
        ours.complete(name)
    assert _waiting(stock) == ["after"]
    assert ours.waiting == ["after", "after"]


def test_stock_runs_conditions_of_a_task_as_if_there_were_none() -> None:
    source = diagram(process("start -> work -[False]-> ask -> end", ask=user(), work=script("done = True")))
    stock = _stock(source)
    stock.do_engine_steps()
    assert _waiting(stock) == ["ask"]
    assert _ours(source).start().incidents == [("work", "no_flow_taken")]


def test_stock_confuses_its_own_elements_with_drawn_ones_of_the_same_id() -> None:
    source = diagram(process("start -> End -> last", End=user(), last=script("done = True")))
    stock = _stock(source)
    stock.do_engine_steps()
    assert stock.is_completed(), "nobody was asked"
    assert _ours(source).start().waiting == ["End"]
