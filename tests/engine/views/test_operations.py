"""What operators look at: jobs and incidents."""

from __future__ import annotations

from typing import Any

import pytest

from engine import Engine, commands, errors, queries
from engine.actors import Actor
from engine.records import Incident, Job, LockedJob
from engine.testing import ManualClock


@pytest.fixture
def mailing(service: Engine, analyst: Actor) -> str:
    return str(service.execute(commands.StartProcessInstance(definition_key="mailing"), analyst).id)


def jobs(service: Engine, actor: Actor, **more: Any) -> dict[str, Job]:
    page = service.read(queries.ListJobs(**more), actor)
    return {job.topic: job for job in page.items}


def fetch(service: Engine, worker: Actor, topic: str) -> LockedJob:
    command = commands.FetchJobs(worker_id="w1", topics=(commands.Topic(name=topic),), lock_seconds=30)
    (job,) = service.execute(command, worker).items
    assert isinstance(job, LockedJob)
    return job


class TestJobs:
    def test_a_job_that_waits_for_a_worker(
        self, service: Engine, mailing: str, operator: Actor, clock: ManualClock
    ) -> None:
        job = jobs(service, operator)["print"]

        assert (job.state, job.retries, job.element_id, job.process_instance_id) == ("available", 3, "print", mailing)
        assert (job.worker_id, job.lock_expires_at, job.created_at) == (None, None, clock.now())
        assert service.read(queries.GetJob(id=job.id), operator) == job

    def test_a_job_is_locked_until_its_lock_expires(
        self, service: Engine, mailing: str, operator: Actor, worker: Actor, clock: ManualClock
    ) -> None:
        taken = fetch(service, worker, "mail")

        assert jobs(service, operator, state="locked").keys() == {"mail"}
        assert jobs(service, operator, state="available").keys() == {"print"}
        locked = jobs(service, operator)["mail"]
        assert (locked.state, locked.worker_id, locked.lock_expires_at) == ("locked", "w1", taken.lock_expires_at)

        clock.advance(seconds=30)
        assert jobs(service, operator, state="locked") == {}
        freed = jobs(service, operator)["mail"]
        assert (freed.state, freed.worker_id, freed.lock_expires_at) == ("available", None, None)

    def test_a_job_without_retries_has_failed(
        self, service: Engine, mailing: str, operator: Actor, worker: Actor
    ) -> None:
        taken = fetch(service, worker, "mail")
        service.execute(
            commands.FailJob(id=taken.id, token=taken.token, message="no route", detail="Traceback …"), worker
        )

        assert jobs(service, operator, state="failed").keys() == {"mail"}
        failed = jobs(service, operator)["mail"]
        assert (failed.state, failed.retries) == ("failed", 0)
        assert (failed.error_message, failed.error_detail) == ("no route", "Traceback …")

    def test_a_job_that_is_done_is_gone(self, service: Engine, mailing: str, operator: Actor, worker: Actor) -> None:
        taken = fetch(service, worker, "print")
        service.execute(commands.CompleteJob(id=taken.id, token=taken.token), worker)

        assert jobs(service, operator).keys() == {"mail"}
        with pytest.raises(errors.NotFound):
            service.read(queries.GetJob(id=taken.id), operator)

    def test_filters_and_pages(self, service: Engine, mailing: str, analyst: Actor, operator: Actor) -> None:
        service.execute(commands.StartProcessInstance(definition_key="mailing"), analyst)

        assert jobs(service, operator, topic="mail").keys() == {"mail"}
        of_one = service.read(queries.ListJobs(process_instance_id=mailing), operator).items
        assert {job.process_instance_id for job in of_one} == {mailing}
        first = service.read(queries.ListJobs(limit=3), operator)
        second = service.read(queries.ListJobs(limit=3, cursor=first.next_cursor), operator)
        assert len({job.id for job in first.items + second.items}) == 4
        assert second.next_cursor is None

    def test_another_tenant_finds_none_and_workers_may_not_look(
        self, service: Engine, mailing: str, operator: Actor, worker: Actor, stranger: Actor
    ) -> None:
        assert jobs(service, stranger) == {}
        with pytest.raises(errors.NotFound):
            service.read(queries.GetJob(id=jobs(service, operator)["mail"].id), stranger)
        with pytest.raises(errors.Forbidden):
            jobs(service, worker)


class TestIncidents:
    def test_a_failed_job_as_an_incident(
        self, service: Engine, mailing: str, operator: Actor, worker: Actor, clock: ManualClock
    ) -> None:
        incident = failed_mail(service, operator, worker)

        assert (incident.kind, incident.message, incident.detail) == ("job_failed", "no route", None)
        assert (incident.element_id, incident.element_name) == ("mail", "Send the mail")
        assert (incident.process_instance_id, incident.definition_key) == (mailing, "mailing")
        assert (incident.state, incident.retryable, incident.created_at) == ("open", True, clock.now())
        assert incident.job_id is not None

    def test_a_repaired_one_is_among_the_resolved(
        self, service: Engine, mailing: str, operator: Actor, worker: Actor, clock: ManualClock
    ) -> None:
        incident = failed_mail(service, operator, worker)
        clock.advance(minutes=1)
        service.execute(commands.RetryIncident(id=incident.id), operator)

        assert service.read(queries.ListIncidents(), operator).items == []
        (resolved,) = service.read(queries.ListIncidents(state="resolved"), operator).items
        assert (resolved.id, resolved.resolved_by, resolved.resolved_at) == (incident.id, "olga", clock.now())
        assert service.read(queries.ListIncidents(state=None), operator).items == [resolved]

    def test_filters(self, service: Engine, mailing: str, operator: Actor, worker: Actor, stranger: Actor) -> None:
        incident = failed_mail(service, operator, worker)

        cases: list[tuple[list[Incident], dict[str, Any]]] = [
            ([incident], {"process_instance_id": mailing}),
            ([], {"process_instance_id": "0" * 32}),
            ([incident], {"definition_key": "mailing"}),
            ([], {"definition_key": "approval"}),
        ]
        for found, more in cases:
            assert service.read(queries.ListIncidents(**more), operator).items == found
        assert service.read(queries.ListIncidents(), stranger).items == []


def failed_mail(service: Engine, operator: Actor, worker: Actor) -> Incident:
    taken = fetch(service, worker, "mail")
    service.execute(commands.FailJob(id=taken.id, token=taken.token, message="no route"), worker)
    (incident,) = service.read(queries.ListIncidents(), operator).items
    assert isinstance(incident, Incident)
    return incident
