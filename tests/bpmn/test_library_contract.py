"""What we rely on in SpiffWorkflow: its exact version, the private names we override, and that tokens move only by its
protocol. If one of these fails after an upgrade, read bpmn/token.py, specs.py, scopes.py and execution.py again."""

from __future__ import annotations

import importlib.metadata
import inspect
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.parser.node_parser import NodeParser
from SpiffWorkflow.bpmn.parser.ProcessParser import ProcessParser
from SpiffWorkflow.bpmn.parser.task_parsers import ScriptTaskParser, SubWorkflowParser
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.script_engine.python_environment import BasePythonScriptEngineEnvironment, TaskDataEnvironment
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.specs.base import TaskSpec
from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState
from SpiffWorkflow.workflow import Workflow

import bpmn
import bpmn.specs
from bpmn.sandbox import ENGINE, SandboxedEngine
from bpmn.token import Token
from tests.bpmn.conftest import define
from tests.bpmn.drawing import choice, diagram, fork, join, on_message, process, script, service, sub_process, user
from tests.bpmn.evaluating import NotingEvaluator
from tests.bpmn.walking import Walk

ROOT = Path(__file__).parents[2]


def test_the_version_is_the_one_that_was_read() -> None:
    assert importlib.metadata.version("SpiffWorkflow") == "3.2.0"
    assert "SpiffWorkflow == 3.2.0" in (ROOT / "setup.cfg").read_text()


_SIGNATURES = {
    (Task, "__init__"): ["self", "workflow", "task_spec", "parent", "state", "id"],
    (Task, "_set_state"): ["self", "value"],
    (Task, "_add_child"): ["self", "task_spec", "state"],
    (Task, "_inherit_data"): ["self"],
    (Task, "_ready"): ["self"],
    (Task, "run"): ["self"],
    (Task, "complete"): ["self"],
    (Task, "error"): ["self"],
    (Task, "cancel"): ["self"],
    (Task, "has_state"): ["self", "state"],
    (TaskSpec, "_predict"): ["self", "my_task", "seen", "looked_ahead", "mask"],
    (TaskSpec, "_update"): ["self", "my_task"],
    (TaskSpec, "_update_hook"): ["self", "my_task"],
    (TaskSpec, "_on_ready"): ["self", "my_task"],
    (TaskSpec, "_run"): ["self", "my_task"],
    (TaskSpec, "_run_hook"): ["self", "my_task"],
    (TaskSpec, "_on_error"): ["self", "my_task"],
    (TaskSpec, "_on_cancel"): ["self", "my_task"],
    (TaskSpec, "_on_complete"): ["self", "my_task"],
    (TaskSpec, "_on_complete_hook"): ["self", "my_task"],
    (TaskSpec, "_connect_notify"): ["self", "taskspec"],
    (TaskSpec, "connect"): ["self", "taskspec"],
    (BpmnTaskSpec, "__init__"): [
        "self",
        "wf_spec",
        "name",
        "lane",
        "documentation",
        "data_input_associations",
        "data_output_associations",
        "io_specification",
        "kwargs",
    ],
    (WorkflowSpec, "__init__"): ["self", "name", "filename", "addstart"],
    (BpmnProcessSpec, "__init__"): ["self", "name", "description", "filename", "svg"],
    (BpmnProcessSpec, "_add_notify"): ["self", "task_spec"],
    (Workflow, "__init__"): ["self", "workflow_spec", "deserializing"],
    (Workflow, "_task_completed_notify"): ["self", "task"],
    (BpmnWorkflow, "__init__"): ["self", "spec", "subprocess_specs", "script_engine", "kwargs"],
    (BpmnSubWorkflow, "__init__"): ["self", "spec", "parent_task_id", "top_workflow", "kwargs"],
    (BpmnSubWorkflow, "_calculate_depth"): ["self"],
    (PythonScriptEngine, "__init__"): ["self", "environment"],
    (PythonScriptEngine, "execute"): ["self", "task", "script", "external_context"],
    (PythonScriptEngine, "evaluate"): ["self", "task", "expression", "external_context"],
    (PythonScriptEngine, "call_service"): ["self", "task", "kwargs"],
    (BpmnParser, "add_bpmn_xml"): ["self", "bpmn", "filename"],
    (BpmnParser, "_add_diagram_indexes"): ["self", "bpmn"],
    (BpmnParser, "_add_processes"): ["self", "bpmn", "filename"],
    (BpmnParser, "_add_messages"): ["self", "bpmn"],
    (BpmnParser, "_add_collaborations"): ["self", "bpmn"],
    (BpmnParser, "_add_signals"): ["self", "bpmn"],
    (BpmnParser, "_add_errors"): ["self", "bpmn"],
    (BpmnParser, "_add_escalations"): ["self", "bpmn"],
    (BpmnParser, "_add_correlations"): ["self", "bpmn"],
    (BpmnParser, "_add_data_stores"): ["self", "bpmn"],
    (BpmnParser, "_document_key"): ["self", "bpmn"],
    (BpmnParser, "_get_parser_class"): ["self", "tag"],
    (BpmnParser, "create_parser"): ["self", "node", "filename", "lane"],
    (BpmnParser, "get_spec"): ["self", "process_id", "required"],
    (BpmnParser, "get_subprocess_specs"): ["self", "name", "specs", "require_call_activity_specs"],
    (ProcessParser, "__init__"): ["self", "p", "node", "nsmap", "data_stores", "filename", "lane"],
    (ProcessParser, "_index_process_nodes"): ["self"],
    (ProcessParser, "_parse"): ["self"],
    (ProcessParser, "create_spec"): ["self"],
    (ProcessParser, "add_tasks"): ["self"],
    (ProcessParser, "parse_node"): ["self", "node"],
    (ProcessParser, "get_lane_name"): ["self", "node_id"],
    (TaskParser, "__init__"): ["self", "process_parser", "spec_class", "node", "nsmap", "lane"],
    (TaskParser, "create_task"): ["self"],
    (ScriptTaskParser, "get_script"): ["self"],
    (SubWorkflowParser, "create_task"): ["self"],
    (NodeParser, "__init__"): ["self", "node", "nsmap", "filename", "lane"],
}


@pytest.mark.parametrize(("owner", "name"), _SIGNATURES, ids=lambda part: getattr(part, "__name__", part))
def test_what_we_override_or_call_has_the_signature_we_know(owner: type, name: str) -> None:
    assert list(inspect.signature(getattr(owner, name)).parameters) == _SIGNATURES[(owner, name)]


@pytest.mark.parametrize("attribute", ["bpmn_attributes", "bpmn_id"])
def test_what_we_read_as_a_property_is_one(attribute: str) -> None:
    assert isinstance(inspect.getattr_static(NodeParser, attribute), property)


def test_a_token_has_every_attribute_that_a_stock_task_has() -> None:
    it = Walk(define(process("start -> ask -> end", ask=user()))).start()
    token = next(iter(it.live.index.values()))
    stock = BpmnParser()
    stock.add_bpmn_xml(etree.fromstring(diagram(process("start -> ask -> end", ask=user()))))
    theirs = set(vars(BpmnWorkflow(stock.get_spec("process")).task_tree)) - {"data"}
    assert {name for name in theirs if not hasattr(token, name)} == set()


def test_states_keep_the_numbers_that_are_stored() -> None:
    numbers = {
        name: getattr(TaskState, name)
        for name in ("FUTURE", "WAITING", "READY", "STARTED", "COMPLETED", "ERROR", "CANCELLED")
    }
    assert numbers == {
        "FUTURE": 4,
        "WAITING": 8,
        "READY": 16,
        "STARTED": 32,
        "COMPLETED": 64,
        "ERROR": 128,
        "CANCELLED": 256,
    }


def _everything() -> bpmn.ProcessDefinition:
    return define(
        process(
            "start -> merge -> split -> ask -> sync -> gate",
            "split -> call -> sync",
            "gate -[again]-> merge",
            "gate -default-> work -> end",
            merge=choice(),
            split=fork(),
            ask=user(),
            call=service(),
            sync=join(),
            gate=choice(),
            work=sub_process("start_in -> calc -> end_in", calc=script("done = True")),
            asked=on_message("m", "begin -> end_m", interrupting=False),
        )
    )


def test_tokens_move_only_by_the_task_protocol(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every activity that history tells of was run and completed by SpiffWorkflow's Task, with its states in order."""
    calls: Counter[str] = Counter()
    states: dict[int, list[int]] = {}

    def spy(name: str) -> None:
        stock = getattr(Task, name)

        def spied(self: Task, *args: Any) -> Any:
            calls[f"{name} {self.task_spec.bpmn_id}"] += 1
            return stock(self, *args)

        monkeypatch.setattr(Task, name, spied)

    for name in ("run", "complete", "_ready"):
        spy(name)
    own = Token._set_state

    def set_state(self: Token, value: int) -> None:
        states.setdefault(self.id, []).append(value)
        own(self, value)

    monkeypatch.setattr(Token, "_set_state", set_state)
    it = Walk(_everything()).start(again=True)
    it.message("m").complete("ask").finish_job("call").complete("ask", again=False).finish_job("call")
    assert it.state == "completed"
    for element, times in it.ran().items():
        assert calls[f"_ready {element}"] == calls[f"run {element}"] == calls[f"complete {element}"] == times, element
    for number in it.outcomes:
        assert states[number] in (
            [TaskState.READY, TaskState.COMPLETED],
            [TaskState.READY, TaskState.STARTED, TaskState.COMPLETED],
            [TaskState.READY, TaskState.STARTED, TaskState.STARTED, TaskState.COMPLETED],
        )


def test_every_element_is_a_stock_class_with_ours_in_front() -> None:
    definition = _everything()
    for spec in (definition.spec, *definition.sub_specs.values()):
        assert isinstance(spec, BpmnProcessSpec)
        for task in spec.task_specs.values():
            if task.bpmn_id is None:
                continue
            order = type(task).__mro__
            stock = next(c for c in order if c.__module__.startswith("SpiffWorkflow.bpmn.specs.defaults"))
            assert order.index(bpmn.specs.base.TokenSpec) < order.index(stock)
    it = Walk(definition).start(again=False)
    assert isinstance(it.live, BpmnWorkflow)
    assert all(isinstance(token, Task) for token in it.live.index.values())


# -- the library's own script engine runs text with plain `exec` in this process: it must be out of reach -------------
CANARY = "import os; os.environ['SIGNALBOX_TEST_CANARY'] = 'dead'"


@pytest.fixture
def canary(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SIGNALBOX_TEST_CANARY", raising=False)

    def dead(*args: object, **kwargs: object) -> None:
        raise AssertionError("the stock environment was used")

    monkeypatch.setattr(TaskDataEnvironment, "execute", dead)
    monkeypatch.setattr(TaskDataEnvironment, "evaluate", dead)


@pytest.mark.usefixtures("canary")
@pytest.mark.parametrize("kept", ["straight", "restored", "cut short", "repeated"])
def test_scripts_and_conditions_never_run_in_this_process(kept: str) -> None:
    condition = f"[exec({CANARY!r})]"
    definition = define(
        process(
            "start -> s -> gate",
            f"gate -{condition.replace('[', '[[', 1)}]-> ask -> s2 -> work -> end",
            "gate -default-> end",
            s=script(CANARY),
            s2=script(CANARY),
            gate=choice(),
            ask=user(name=f"{{{{ {CANARY} }}}} {{{{__import__('os')}}}}"),
            work=sub_process("start_in -> s3 -> end_in", s3=script(CANARY)),
        )
    )
    evaluator = NotingEvaluator()
    it = Walk(definition, kept, evaluator=evaluator).start().complete("ask")
    assert it.state == "completed"
    assert set(evaluator.texts) == {CANARY, condition}
    assert "SIGNALBOX_TEST_CANARY" not in os.environ


@pytest.mark.usefixtures("canary")
def test_the_engine_of_every_execution_is_the_emptied_one_also_after_a_restore() -> None:
    it = Walk(define(process("start -> w -> end", w=sub_process("start_in -> ask -> end_in", ask=user())))).start()
    restored = bpmn.Execution.restore(it.definition, it.store.rows, it.store.variables)
    for execution in (it.live, restored):
        for scope in execution.all_scopes():
            assert scope.script_engine is ENGINE  # type: ignore[attr-defined]
    assert type(ENGINE) is SandboxedEngine
    assert isinstance(ENGINE.environment, BasePythonScriptEngineEnvironment)
    assert not isinstance(ENGINE.environment, TaskDataEnvironment)
    for forbidden in (ENGINE.environment.execute, ENGINE.environment.evaluate):
        with pytest.raises((NotImplementedError, AssertionError)):
            forbidden("1", {})
    with pytest.raises(AssertionError):
        ENGINE.evaluate(next(iter(it.live.index.values())), "1")
    with pytest.raises(AssertionError):
        ENGINE.call_service(next(iter(it.live.index.values())))


def test_importing_the_language_layer_starts_nothing_and_knows_no_server() -> None:
    code = (
        "import sys, threading, bpmn, bpmn.document, bpmn.execution; "
        "print(threading.active_count(), sorted({m.split('.')[0] for m in sys.modules} & "
        "{'flask', 'sqlalchemy', 'socket', 'engine', 'api', 'asyncio', 'multiprocessing', 'pydantic_monty'}))"
    )
    plain = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT, env=plain)
    assert told.stdout.strip() == "1 []"
