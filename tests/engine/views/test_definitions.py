"""Deployments, definitions, their files and statistics."""

from __future__ import annotations

from typing import Any

import pytest

from engine import Engine, commands, errors, queries
from engine.actors import Actor
from engine.records import ProcessDefinition
from engine.testing import ManualClock
from engine.views.definitions import xml_text

DIAGRAM = """<?xml version="1.0" encoding="{encoding}"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="urn:test">
  <bpmn:process id="{key}" name="{name}" isExecutable="true">
    <bpmn:startEvent id="begin"><bpmn:outgoing>f</bpmn:outgoing></bpmn:startEvent>
    <bpmn:sequenceFlow id="f" sourceRef="begin" targetRef="finish" />
    <bpmn:endEvent id="finish"><bpmn:incoming>f</bpmn:incoming></bpmn:endEvent>
  </bpmn:process>
</bpmn:definitions>
"""


def deploy(service: Engine, actor: Actor, key: str, name: str = "Plain", encoding: str = "UTF-8") -> ProcessDefinition:
    content = DIAGRAM.format(key=key, name=name, encoding=encoding).encode(encoding)
    files = (commands.UploadedFile(f"{key}.bpmn", content),)
    (definition,) = service.execute(commands.Deploy(files=files), actor).definitions
    assert isinstance(definition, ProcessDefinition)
    return definition


def versions(service: Engine, actor: Actor, **more: Any) -> list[tuple[str, int]]:
    page = service.read(queries.ListDefinitions(**more), actor)
    return [(one.key, one.version) for one in page.items]


SHIPPED = [("approval", 1), ("joined", 1), ("mailing", 1), ("offers", 1)]


class TestDefinitions:
    def test_the_latest_version_of_each_key(self, service: Engine, analyst: Actor) -> None:
        for name in ("one", "two"):
            deploy(service, analyst, "plain", name)

        assert versions(service, analyst) == sorted([*SHIPPED, ("plain", 2)])
        assert versions(service, analyst, key="plain") == [("plain", 2)]

    def test_all_versions_newest_first(self, service: Engine, analyst: Actor) -> None:
        for name in ("one", "two", "three"):
            deploy(service, analyst, "plain", name)

        assert versions(service, analyst, key="plain", latest=False) == [("plain", 3), ("plain", 2), ("plain", 1)]
        assert versions(service, analyst, key="none", latest=False) == []

    @pytest.mark.parametrize("latest", [True, False])
    def test_pages(self, service: Engine, analyst: Actor, latest: bool) -> None:
        for name in ("one", "two", "three"):
            deploy(service, analyst, "kind", name)
        everything = versions(service, analyst, latest=latest)

        paged, cursor, more = [], None, True
        while more:
            page = service.read(queries.ListDefinitions(limit=2, cursor=cursor, latest=latest), analyst)
            paged += [(one.key, one.version) for one in page.items]
            cursor, more = page.next_cursor, page.next_cursor is not None

        assert paged == everything
        assert len(everything) == (5 if latest else 7)

    def test_one_as_the_deployment_told(self, service: Engine, analyst: Actor, ben: Actor) -> None:
        deployed = deploy(service, analyst, "plain", "Plain")
        assert service.read(queries.GetDefinition(id=deployed.id), ben) == deployed

    def test_the_fields_of_the_start_form(self, service: Engine, analyst: Actor) -> None:
        (approval,) = service.read(queries.ListDefinitions(key="approval"), analyst).items
        assert [(field.name, field.label, field.type, field.required) for field in approval.start_fields] == [
            ("amount", "Amount", "number", True)
        ]

    def test_another_tenant_has_its_own(self, service: Engine, analyst: Actor, stranger: Actor) -> None:
        deployed = deploy(service, analyst, "plain")
        own = deploy(service, stranger, "plain")

        assert own.version == 1
        assert versions(service, stranger) == [("plain", 1)]
        assert [len(one.definitions) for one in service.read(queries.ListDeployments(), stranger).items] == [1]
        for query in (queries.GetDefinition, queries.GetDefinitionXml, queries.GetDefinitionStatistics):
            with pytest.raises(errors.NotFound):
                service.read(query(id=deployed.id), stranger)


class TestFile:
    def test_the_file_exactly_as_deployed(self, service: Engine, analyst: Actor) -> None:
        deployed = deploy(service, analyst, "plain", "Bücher & Übung".replace("&", "&amp;"))
        assert service.read(queries.GetDefinitionXml(id=deployed.id), analyst) == DIAGRAM.format(
            key="plain", name="Bücher &amp; Übung", encoding="UTF-8"
        )

    @pytest.mark.parametrize("encoding", ["ISO-8859-1", "utf-8", "UTF-16"])
    def test_a_file_in_another_encoding_comes_as_the_text_it_is(
        self, service: Engine, analyst: Actor, encoding: str
    ) -> None:
        deployed = deploy(service, analyst, "plain", "Bücher", encoding)
        told = service.read(queries.GetDefinitionXml(id=deployed.id), analyst)

        assert 'encoding="UTF-8"' in told  # as it will travel
        assert 'name="Bücher"' in told
        assert deploy(service, analyst, "plain", "Bücher", encoding).version == 1  # the stored file is untouched
        again = service.execute(commands.Deploy(files=(commands.UploadedFile("plain.bpmn", told.encode()),)), analyst)
        assert again.definitions[0].name == "Bücher"

    @pytest.mark.parametrize(
        ("content", "text"),
        [
            (b"<a/>", "<a/>"),
            (b"\xef\xbb\xbf<a/>", "<a/>"),
            (b"\xef\xbb\xbf<?xml version='1.0' encoding='utf-8'?><a/>", "<?xml version='1.0' encoding='UTF-8'?><a/>"),
            (b"<?xml version='1.0'?>\n<a b=\"encoding='x'\"/>", "<?xml version='1.0'?>\n<a b=\"encoding='x'\"/>"),
            ("<a>ä</a>".encode("utf-16"), "<a>ä</a>"),
            ("<a>ä</a>".encode("utf-16-be"), "<a>ä</a>"),
            (b"<?xml version='1.0'?><a>\xff</a>", "<?xml version='1.0'?><a>\ufffd</a>"),
            (b"<?xml version='1.0' encoding='x-unheard-of'?><a/>", "<?xml version='1.0' encoding='UTF-8'?><a/>"),
        ],
    )
    def test_encodings(self, content: bytes, text: str) -> None:
        assert xml_text(content) == text


class TestDeployments:
    def test_newest_first_each_with_its_definitions(self, service: Engine, analyst: Actor, clock: ManualClock) -> None:
        clock.advance(hours=1)
        deploy(service, analyst, "plain")
        page = service.read(queries.ListDeployments(limit=3), analyst)

        assert [[one.key for one in deployment.definitions] for deployment in page.items] == [
            ["plain"],
            ["offers"],
            ["mailing"],
        ]
        assert (page.items[0].name, page.items[0].deployed_by) == ("plain.bpmn", "ada")
        assert page.items[0].deployed_at == clock.now()
        rest = service.read(queries.ListDeployments(cursor=page.next_cursor), analyst)
        assert [deployment.name for deployment in rest.items] == ["joined.bpmn", "approval.bpmn"]

    def test_who_takes_part_does_not_see_them(self, service: Engine, ben: Actor) -> None:
        with pytest.raises(errors.Forbidden):
            service.read(queries.ListDeployments(), ben)


class TestStatistics:
    def test_what_is_there_and_has_been(self, service: Engine, analyst: Actor, ben: Actor, operator: Actor) -> None:
        started = [
            service.execute(commands.StartProcessInstance(definition_key="approval", variables={"amount": 1}), analyst)
            for _ in range(4)
        ]
        tasks = service.read(queries.ListUserTasks(), ben).items
        service.execute(commands.CompleteUserTask(id=tasks[0].id, variables={"approved": True}), ben)
        service.execute(commands.CancelProcessInstance(id=tasks[1].process_instance_id), operator)
        service.execute(commands.SuspendProcessInstance(id=tasks[2].process_instance_id), operator)

        told = service.read(queries.GetDefinitionStatistics(id=started[0].definition_id), analyst)

        assert (told.instances, told.active) == (4, 2)
        assert {one.element_id: (one.active, one.completed, one.cancelled, one.incidents) for one in told.elements} == {
            "begin": (0, 4, 0, 0),
            "decide": (2, 1, 1, 0),
            "finish": (0, 1, 0, 0),
        }

    def test_what_failed_is_still_there(self, service: Engine, analyst: Actor, worker: Actor) -> None:
        started = service.execute(commands.StartProcessInstance(definition_key="mailing"), analyst)
        fetch = commands.FetchJobs(worker_id="w", topics=(commands.Topic(name="mail"),))
        (job,) = service.execute(fetch, worker).items
        service.execute(commands.FailJob(id=job.id, token=job.token, message="no route"), worker)

        told = service.read(queries.GetDefinitionStatistics(id=started.definition_id), analyst)

        numbers = {one.element_id: (one.active, one.incidents) for one in told.elements}
        assert numbers["mail"] == (1, 1)
        assert numbers["print"] == (1, 0)

    def test_a_definition_without_instances(self, service: Engine, analyst: Actor) -> None:
        (definition,) = service.read(queries.ListDefinitions(key="offers"), analyst).items
        told = service.read(queries.GetDefinitionStatistics(id=definition.id), analyst)
        assert (told.instances, told.active, told.elements) == (0, 0, [])
