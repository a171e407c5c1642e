"""A step costs what it changes: long chains, large diagrams, many turns, shared definitions."""

from __future__ import annotations

import sys
import threading
import time

import pytest

from bpmn import Execution, Limits, ProcessDefinition, StepContext, parse, triggers
from tests.bpmn.conftest import define
from tests.bpmn.drawing import choice, diagram, fork, join, on_message, process, script, sub_process, user
from tests.bpmn.evaluating import PlainEvaluator
from tests.bpmn.walking import NOW, Store, Walk

CONTEXT = StepContext(evaluator=PlainEvaluator(), now=NOW)


@pytest.fixture(autouse=True)
def _default_recursion_limit() -> None:
    assert sys.getrecursionlimit() == 1000, "the depth of recursion is Python's own"


def test_a_chain_of_3000_elements_runs_to_its_end() -> None:
    nodes = ["start", *(f"n{i}" for i in range(3000)), "end"]
    definition = define(process(" -> ".join(nodes)))
    assert len(definition.elements) == 3002
    it = Walk(definition, "restored").start()
    assert it.state == "completed"
    assert len(it.outcomes) == 3002


def test_a_diagram_of_2000_elements_in_many_branches() -> None:
    width = 500
    definition = define(
        process(
            *(f"split -> a{i} -> b{i} -> c{i} -> sync" for i in range(width)),
            "start -> split",
            "sync -> end",
            split=fork(),
            sync=join(),
        )
    )
    it = Walk(definition, "restored").start()
    assert it.state == "completed"
    assert it.ran(["sync", "end", "c499"]) == {"sync": 1, "end": 1, "c499": 1}


def _loop(turns_by: dict[str, object]) -> ProcessDefinition:
    return define(
        process(
            "start -> turn -> split -> a -> sync -> gate",
            "split -> b -> sync",
            "gate -[n < last]-> turn",
            "gate -default-> end",
            turn=script("n = n + 1"),
            split=fork(),
            sync=join(),
            gate=choice(),
            a=sub_process("start_a -> inner -> end_a", listener=on_message("m", "begin -> end_m"), **turns_by),
        )
    )


def test_the_5000th_turn_of_a_loop_costs_what_the_first_cost() -> None:
    definition = _loop({"inner": user()})
    store = Store()
    execution = Execution.new(definition)
    step = execution.step(triggers.Start({"n": 0, "last": 1200}), CONTEXT)
    store.keep(step)
    sizes = []
    while step.state == "active":
        token = next(n for n, t in execution.index.items() if t.task_spec.bpmn_id == "inner")
        step = execution.step(triggers.UserTaskCompleted(token), CONTEXT)
        store.keep(step)
        sizes.append((len(step.rows), len(step.variables), len(store.rows)))
    assert len(sizes) == 1200
    assert len(set(sizes[:-1])) == 1, "each turn writes and keeps the same"
    written, variables, kept = sizes[0]
    assert written <= 12
    assert variables == 1
    assert kept <= 7
    assert store.rows == {}
    assert len(execution.tasks) == 1
    assert execution.index == {}


def test_a_loop_of_5000_turns_without_a_wait_ends_with_a_handful_of_rows() -> None:
    definition = define(
        process(
            "start -> turn -> gate",
            "gate -[n < 5000]-> turn",
            "gate -default-> ask -> end",
            turn=script("n = n + 1"),
            gate=choice(),
            ask=user(),
        )
    )
    it = Walk(definition).start(n=0)
    assert it.variables == {"n": 5000}
    assert it.waiting == ["ask"]
    assert sorted(name[0] for name in it.store.rows) == ["i", "n", "t"]
    assert len(it.live.index) == 1


def test_time_per_turn_stays_flat() -> None:
    definition = define(
        process(
            "start -> turn -> gate", "gate -[True]-> turn", "gate -default-> end", turn=script("n = 1"), gate=choice()
        )
    )
    execution = Execution.new(definition)
    execution.step(triggers.Start(), CONTEXT)

    def seconds(steps: int) -> float:
        began = time.process_time()
        for _ in range(steps):
            assert execution.step(triggers.Continue(), CONTEXT).paused
        return time.process_time() - began

    first = min(seconds(2) for _ in range(3))
    seconds(30)
    assert min(seconds(2) for _ in range(3)) < 3 * first


def test_parallel_branches_cost_the_same_from_the_first_to_the_last() -> None:
    width = 1000
    definition = define(
        process(
            *(f"split -> n{i} -> sync" for i in range(width)),
            "start -> split",
            "sync -> end",
            split=fork(),
            sync=join(),
            **{f"n{i}": user() for i in range(width)},
        )
    )
    it = Walk(definition).start()
    assert len(it.waiting) == width
    written = []
    execution = it.live
    for token in list(it.open):
        written.append(len(execution.step(triggers.UserTaskCompleted(token), CONTEXT).rows))
    assert set(written[:-1]) == {3}, "the task's token goes, the join's comes, the counter"
    assert execution.life == "completed"


def _state(definition: ProcessDefinition) -> str:
    """Everything a graph holds, as text."""
    told = []
    for spec in (definition.spec, *definition.sub_specs.values()):
        told.append(sorted((k, repr(v)) for k, v in vars(spec).items() if k != "task_specs"))
        for name, task in spec.task_specs.items():
            told.append((name, sorted((k, repr(v)) for k, v in vars(task).items())))
    return repr(told)


def _busy_definition() -> ProcessDefinition:
    return define(
        process(
            "start -> again -> split -> ask -> sync -> gate",
            "split -> work -> sync",
            "gate -[n < 3]-> again",
            "gate -default-> end",
            again=choice(),
            split=fork(),
            ask=user(assignee="{{who}}"),
            sync=join(),
            gate=choice(),
            work=sub_process("start_in -> count -> end_in", count=script("n = n + 1")),
            asked=on_message("m", "begin -> note -> end_m", interrupting=False, note=script("notes = notes + [n]")),
        )
    )


def _run(definition: ProcessDefinition, who: str) -> Walk:
    it = Walk(definition, "restored").start(n=0, who=who, notes=[])
    while it.state == "active":
        assert it.opened("ask").assignee == who
        it.message("m")
        it.complete("ask")
    return it


def test_running_changes_nothing_in_the_definition() -> None:
    definition = _busy_definition()
    before = _state(definition)
    one = _run(definition, "ada")
    interleaved = [Walk(definition).start(n=0, who=str(i), notes=[]) for i in range(20)]
    while any(it.state == "active" for it in interleaved):
        for it in interleaved:
            if it.state == "active":
                it.message("m").complete("ask")
    assert [it.variables["notes"] for it in interleaved] == [one.variables["notes"]] * 20
    assert _state(definition) == before


def test_threads_share_a_definition() -> None:
    definition = _busy_definition()
    expected = _run(definition, "x").variables["notes"]
    failed: list[object] = []

    def work(who: str) -> None:
        try:
            for _ in range(5):
                assert _run(definition, who).variables["notes"] == expected
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(f"w{i}",)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_one_file_parsed_twice_gives_two_equal_definitions() -> None:
    source = diagram(process("start -> ask -> end", ask=user()))
    first, second = parse(source).definitions[0], parse(source).definitions[0]
    assert first == second
    assert first.spec is not second.spec


def test_a_step_pauses_when_it_is_told_to() -> None:
    asked: list[bool] = []

    def pause() -> bool:
        asked.append(True)
        return len(asked) == 2

    definition = define(process(" -> ".join(["start", *(f"n{i}" for i in range(100)), "end"])))
    execution = Execution.new(definition)
    step = execution.step(triggers.Start(), StepContext(evaluator=PlainEvaluator(), now=NOW, pause=pause))
    assert step.paused
    assert 20 < len(step.effects) < 150
    assert not execution.step(triggers.Continue(), CONTEXT).paused


def test_the_limit_of_elements_cuts_a_step_short_and_not_one_that_is_done() -> None:
    definition = define(process("start -> a -> b -> end"))
    for limit in (1, 2, 3, 4, 5):
        execution = Execution.new(definition)
        context = StepContext(evaluator=PlainEvaluator(), now=NOW, limits=Limits(elements=limit))
        assert execution.step(triggers.Start(), context).paused is (limit < 4)
