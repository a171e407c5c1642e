"""Global tasks: read as processes of one task (BPMN 2.0.2, 10.3.7). How they run is in tests/diagrams/activities."""

from __future__ import annotations

import bpmn
from tests.bpmn.drawing import call, diagram, process


def test_they_come_after_the_processes_that_are_drawn() -> None:
    source = diagram('<bpmn:globalManualTask id="look" name="Look"/>', process("start -> ask -> end", ask=call("look")))
    found = bpmn.parse(source).definitions
    assert [(each.key, each.name) for each in found] == [("process", "process"), ("look", "Look")]
    assert [(e.id, e.kind, e.name) for e in found[1].elements.values()] == [("look.task", "manual_task", "Look")]


def test_a_file_may_hold_nothing_else() -> None:
    [found] = bpmn.parse(diagram('<bpmn:globalUserTask id="look"/>')).definitions
    assert found.key == "look"


def test_the_task_takes_no_id_that_is_there() -> None:
    source = diagram('<bpmn:globalTask id="look"/>', '<bpmn:message id="look.task" name="m"/>', process("start -> end"))
    assert list(bpmn.parse(source).definitions[1].elements) == ["look.task_"]


def test_what_is_wrong_in_one_is_said_with_its_line() -> None:
    source = diagram('<bpmn:globalScriptTask id="compute">\n<bpmn:script>a =</bpmn:script></bpmn:globalScriptTask>\n')
    [problem] = [problem for problem in bpmn.check(source) if problem.severity == "error"]
    assert (problem.element_id, problem.code, problem.line) == ("compute.task", "script_syntax", 4)


def test_interfaces_of_services_are_left_out() -> None:
    inside = '<bpmn:supportedInterfaceRef>i</bpmn:supportedInterfaceRef><bpmn:ioBinding operationRef="o"/>'
    source = diagram(f'<bpmn:globalUserTask id="look">{inside}</bpmn:globalUserTask>')
    assert [problem for problem in bpmn.check(source) if problem.severity == "error"] == []
