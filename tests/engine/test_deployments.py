"""Deployments: all files or none, versions by key, and no new version of what stands already."""

from __future__ import annotations

import threading
from typing import get_args

import pytest
from scene import ADA, BEN, ROOT, STRANGER, House, diagram, flow, line, script_task, user_task

import bpmn
from engine import Settings, effects, open_engine
from engine import commands as c
from engine import queries as q
from engine.deployments import NOT_SERVED
from engine.errors import Forbidden, Invalid, NotFound, Refused, TooLarge


def test_a_new_file_becomes_version_one_of_its_process(house: House) -> None:
    deployment = house.deploy(diagram(line(user_task()), attributes='name="Orders"'))

    (definition,) = deployment.definitions
    assert deployment.created
    assert deployment.deployed_by == "ada"
    assert (definition.key, definition.version, definition.name) == ("order", 1, "Orders")
    assert definition.file_name == "file1.bpmn"
    assert house.events()[-1].kind == "definition.deployed"
    assert house.events()[-1].subject_id == definition.id


def test_the_same_file_again_makes_no_new_version(house: House) -> None:
    first = house.deploy(diagram(line(user_task())))
    again = house.deploy(diagram(line(user_task())))

    assert not again.created
    assert again.id == first.id
    assert again.definitions == first.definitions
    assert [event.kind for event in house.events()] == ["definition.deployed"]


def test_a_changed_file_makes_the_next_version_and_going_back_another_one(house: House) -> None:
    house.deploy(diagram(line(user_task("approve"))))
    second = house.deploy(diagram(line(user_task("decide"))))
    third = house.deploy(diagram(line(user_task("approve"))))

    assert [second.definitions[0].version, third.definitions[0].version] == [2, 3]


def test_only_changed_files_of_a_deployment_make_new_versions(house: House) -> None:
    orders, bills = diagram(line(user_task()), "order"), diagram(line(user_task()), "bill")
    house.deploy(orders, bills)

    deployment = house.deploy(orders, diagram(line(user_task("pay")), "bill"))

    assert deployment.created
    assert {one.key: one.version for one in deployment.definitions} == {"order": 1, "bill": 2}


def test_every_problem_of_every_file_is_told_with_its_file(house: House) -> None:
    good = diagram(line(user_task()))
    broken = b"<bpmn:definitions"
    bad_script = diagram(line(script_task("calculate", "total = (")), "bill")

    with pytest.raises(Refused) as refused:
        house.deploy(good, broken, bad_script)

    problems = refused.value.extra["problems"]
    assert {problem.file for problem in problems if problem.severity == "error"} == {"file2.bpmn", "file3.bpmn"}
    assert any(problem.element_id == "calculate" and problem.line for problem in problems)


def test_nothing_of_a_refused_deployment_is_there(house: House) -> None:
    with pytest.raises(Refused):
        house.deploy(diagram(line(user_task())), b"no diagram")

    assert house.read(q.ListDefinitions(), ADA).items == []
    assert house.events() == []
    with pytest.raises(NotFound):
        house.start()


def test_one_process_in_two_files_is_refused(house: House) -> None:
    with pytest.raises(Refused) as refused:
        house.deploy(diagram(line(user_task())), diagram(line(user_task("decide"))))

    (problem,) = [one for one in refused.value.extra["problems"] if one.severity == "error"]
    assert (problem.code, problem.element_id, problem.file) == ("duplicate_process", "order", "file2.bpmn")


@pytest.mark.parametrize(
    ("names", "code"),
    [(("a.bpmn", "a.bpmn"), "duplicate_file"), (("a.exe",), "file_type"), (("a" * 300 + ".bpmn",), "file_name")],
)
def test_a_file_that_cannot_be_kept_by_its_name_is_refused(house: House, names: tuple[str, ...], code: str) -> None:
    files = tuple(c.UploadedFile(name, diagram(line(user_task()))) for name in names)

    with pytest.raises(Refused) as refused:
        house.execute(c.Deploy(files=files), ADA)

    assert code in [problem.code for problem in refused.value.extra["problems"]]


def test_a_diagram_without_an_executable_process_is_refused(house: House) -> None:
    empty = diagram("").replace(b'isExecutable="true"', b'isExecutable="false"')

    with pytest.raises(Refused):
        house.deploy(empty)


def test_no_file_and_too_large_a_file_are_told_apart(house: House) -> None:
    with pytest.raises(Invalid):
        house.execute(c.Deploy(files=()), ADA)
    with pytest.raises(TooLarge):
        house.deploy(b" " * (house.engine.settings.max_file_bytes + 1))
    with pytest.raises(TooLarge):
        house.execute(c.CheckDiagram(content=b" " * (house.engine.settings.max_file_bytes + 1)), ADA)


def test_concurrent_deployments_of_one_key_get_versions_without_gaps(house: House) -> None:
    together = threading.Barrier(6)
    versions: list[int] = []

    def deploy(number: int) -> None:
        together.wait()
        versions.append(house.deploy(diagram(line(user_task(f"approve{number}")))).definitions[0].version)

    threads = [threading.Thread(target=deploy, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(versions) == [1, 2, 3, 4, 5, 6]


def test_concurrent_deployments_of_one_file_make_one_version(house: House) -> None:
    together = threading.Barrier(6)
    created: list[bool] = []

    def deploy() -> None:
        together.wait()
        created.append(house.deploy(diagram(line(user_task()))).created)

    threads = [threading.Thread(target=deploy) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(created) == [False] * 5 + [True]


def test_an_instance_stays_with_the_version_it_began_with(house: House) -> None:
    house.deploy(diagram(line(user_task("approve"))))
    instance = house.start()
    house.deploy(diagram(line(script_task("calculate", "total = 1"))))

    house.complete(house.task(instance, "approve"))

    assert house.instance(instance).state == "completed"
    assert house.start().state == "completed"  # the newer version has nobody to wait for


def test_an_older_version_can_be_started_by_its_number_and_by_its_id(house: House) -> None:
    first = house.deploy(diagram(line(user_task("approve"))))
    house.deploy(diagram(line(user_task("decide"))))

    by_number = house.execute(c.StartProcessInstance(definition_key="order", version=1), ADA)
    by_id = house.execute(c.StartProcessInstance(definition_id=first.definitions[0].id), ADA)

    assert house.task(by_number).element_id == "approve"
    assert house.task(by_id).element_id == "approve"


@pytest.mark.parametrize(
    "command",
    [
        c.StartProcessInstance(),
        c.StartProcessInstance(definition_key="order", definition_id="x"),
        c.StartProcessInstance(definition_id="x", version=1),
    ],
)
def test_what_to_start_must_be_said_once(house: House, command: c.StartProcessInstance) -> None:
    house.deploy(diagram(line(user_task())))
    with pytest.raises(Invalid):
        house.execute(command, ADA)


@pytest.mark.parametrize(
    "command",
    [
        c.StartProcessInstance(definition_key="nothing"),
        c.StartProcessInstance(definition_key="order", version=7),
        c.StartProcessInstance(definition_id="nothing"),
    ],
)
def test_an_unknown_definition_is_not_found(house: House, command: c.StartProcessInstance) -> None:
    house.deploy(diagram(line(user_task())))
    with pytest.raises(NotFound):
        house.execute(command, ADA)


def test_a_version_that_no_database_counts_to_is_refused(house: House) -> None:
    house.deploy(diagram(line(user_task())))
    with pytest.raises(Invalid):
        house.execute(c.StartProcessInstance(definition_key="order", version=10**30), ADA)


def test_definitions_of_other_tenants_are_not_there(house: House) -> None:
    deployment = house.deploy(diagram(line(user_task())))

    with pytest.raises(NotFound):
        house.start(actor=STRANGER)
    with pytest.raises(NotFound):
        house.execute(c.StartProcessInstance(definition_id=deployment.definitions[0].id), STRANGER)
    assert house.deploy(diagram(line(user_task())), actor=STRANGER).definitions[0].version == 1


def test_who_draws_may_deploy_and_others_may_not(house: House) -> None:
    with pytest.raises(Forbidden) as forbidden:
        house.deploy(diagram(line(user_task())), actor=BEN)
    assert forbidden.value.extra["needed_roles"] == ["analyst"]


def test_a_check_tells_the_problems_and_changes_nothing(house: House) -> None:
    fine = house.execute(c.CheckDiagram(content=diagram(line(user_task()))), ADA)
    broken = house.execute(c.CheckDiagram(content=b"<"), ADA)

    assert fine.deployable
    assert not broken.deployable
    assert broken.problems
    assert house.read(q.ListDefinitions(), ROOT).items == []


def test_definitions_are_read_again_when_memory_holds_only_some(database_url: str) -> None:
    engine = open_engine(Settings(database_url=database_url, definition_cache=1))
    house = House(engine)
    house.deploy(diagram(line(user_task()), "order"), diagram(line(user_task()), "bill"))
    orders = [house.start() for _ in range(2)]
    bill = house.execute(c.StartProcessInstance(definition_key="bill"), ADA)

    for instance in (orders[0], bill, orders[1]):
        house.complete(house.task(instance))
        assert house.instance(instance).state == "completed"
    engine.close()


BOTH_AT_ONCE = (
    '<bpmn:startEvent id="begin" parallelMultiple="true"><bpmn:outgoing>begin_end</bpmn:outgoing>'
    '<bpmn:signalEventDefinition signalRef="one"/><bpmn:signalEventDefinition signalRef="two"/></bpmn:startEvent>'
    '<bpmn:endEvent id="end"/>' + flow("begin", "end")
)


def test_what_the_engine_does_not_serve_is_refused(house: House) -> None:
    outside = '<bpmn:signal id="one" name="one"/><bpmn:signal id="two" name="two"/>'
    source = diagram(BOTH_AT_ONCE, outside=outside)
    assert frozenset({"conditional_start", "parallel_multiple_start"}) == NOT_SERVED
    checked = house.engine.execute(c.CheckDiagram(content=source), ADA)
    assert not checked.deployable
    assert [one.code for one in checked.problems if one.severity == "error"] == ["unsupported_element"]
    with pytest.raises(Refused):
        house.deploy(source)


def test_a_process_does_not_start_by_a_condition(house: House) -> None:
    watched = "<bpmn:condition>level &gt; 3</bpmn:condition>"
    event = f"<bpmn:conditionalEventDefinition>{watched}</bpmn:conditionalEventDefinition>"
    body = f'<bpmn:startEvent id="begin">{event}</bpmn:startEvent><bpmn:endEvent id="end"/>' + flow("begin", "end")
    problems = house.engine.execute(c.CheckDiagram(content=diagram(body)), ADA).problems
    (problem,) = [one for one in problems if one.severity == "error"]
    assert (problem.code, problem.element_id, problem.line) == ("unsupported_element", "begin", 1)
    assert "condition" in problem.message


def test_every_effect_is_written() -> None:
    assert set(get_args(bpmn.effects.Effect)) == set(effects.WRITERS)
