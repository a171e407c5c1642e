"""Jobs: fetched under a lock, completed once, failed with retries, and told to a human when none are left."""

from __future__ import annotations

import threading

import pytest
from scene import BEN, MACHINE, ROOT, House, flow, line, service_task, user_task

from engine import Engine
from engine import commands as c
from engine import queries as q
from engine.actors import Actor, Role
from engine.errors import Conflict, Forbidden, LockLost, NotFound
from engine.testing import ManualClock

CHARGE = line(service_task(retries="3"))
FOREIGN_MACHINE = Actor(name="machine", tenant_id="elsewhere", roles=frozenset({Role.WORKER}))


def crowd(jobs: int) -> str:
    """A fork into so many service tasks."""
    charges = "".join(
        service_task(f"charge{n}") + flow("fork", f"charge{n}") + flow(f"charge{n}", "join") for n in range(jobs)
    )
    return (
        '<bpmn:startEvent id="start"/><bpmn:parallelGateway id="fork"/><bpmn:parallelGateway id="join"/>'
        '<bpmn:endEvent id="end"/>' + flow("start", "fork") + flow("join", "end") + charges
    )


def test_a_worker_gets_the_job_with_what_it_needs(house: House) -> None:
    headers = '<bpmn:extensionElements><signalbox:headers><signalbox:header name="currency" value="EUR"/>'
    headers += "</signalbox:headers></bpmn:extensionElements>"
    task = service_task().replace("/>", f">{headers}</bpmn:serviceTask>")
    instance = house.start(line(task), amount=12)

    (job,) = house.fetch(lock_seconds=30)

    assert job.id.startswith(f"{instance.id}.")
    assert (job.topic, job.worker_id, job.retries, job.element_id) == ("payments", "worker", 3, "charge")
    assert (job.process_instance_id, job.definition_key, job.definition_version) == (instance.id, "order", 1)
    assert job.headers == {"currency": "EUR"}
    assert job.variables == {"amount": 12}
    assert (job.lock_expires_at - house.engine.clock.now()).total_seconds() == 30
    assert "job.locked charge" in house.happened(instance)


def test_a_completed_job_lets_the_instance_go_on_with_its_results(house: House) -> None:
    instance = house.start(CHARGE)
    (job,) = house.fetch()

    outcome = house.done(job, receipt="r-1")

    assert outcome.state == "completed"
    assert house.variables(instance) == {"receipt": "r-1"}
    assert house.instance(instance).state == "completed"
    assert house.happened(instance)[-4:] == [
        "activity.completed charge",
        "activity.started end",
        "activity.completed end",
        "instance.completed",
    ]


def test_completing_again_with_the_same_token_answers_as_the_first_time(house: House) -> None:
    instance = house.start(CHARGE)
    (job,) = house.fetch()
    first = house.done(job, receipt="r-1")
    version = house.instance(instance).version

    assert house.done(job, receipt="r-2") == first
    assert house.variables(instance) == {"receipt": "r-1"}
    assert house.instance(instance).version == version


def test_a_wrong_token_changes_nothing(house: House) -> None:
    house.start(CHARGE)
    (job,) = house.fetch()
    wrong = {"id": job.id, "token": "wrong"}

    for command in (
        c.CompleteJob(**wrong),
        c.FailJob(**wrong, message="x"),
        c.ExtendJob(**wrong, lock_seconds=5),
        c.UnlockJob(**wrong),
    ):
        with pytest.raises(LockLost):
            house.execute(command, MACHINE)
    house.done(job)
    with pytest.raises(LockLost):
        house.execute(c.CompleteJob(**wrong), MACHINE)


def test_a_token_that_failed_the_job_does_not_complete_it(house: House) -> None:
    house.start(CHARGE)
    (job,) = house.fetch()
    house.fail(job)
    with pytest.raises(LockLost):
        house.done(job)


def test_a_locked_job_is_fetched_by_nobody_else_until_the_lock_expires(house: House, clock: ManualClock) -> None:
    house.start(CHARGE)
    (late,) = house.fetch(lock_seconds=60)
    clock.advance(seconds=59)
    assert house.fetch() == []

    clock.advance(seconds=1)
    (taken_over,) = house.fetch(worker="other")

    assert taken_over.id == late.id
    assert taken_over.token != late.token
    with pytest.raises(LockLost):
        house.done(late)
    assert house.done(taken_over).state == "completed"


def test_an_expired_lock_that_nobody_took_over_still_completes(house: House, clock: ManualClock) -> None:
    house.start(CHARGE)
    (job,) = house.fetch(lock_seconds=60)
    clock.advance(seconds=600)
    assert house.done(job).state == "completed"


def test_an_extended_lock_lasts_from_now(house: House, clock: ManualClock) -> None:
    house.start(CHARGE)
    (job,) = house.fetch(lock_seconds=60)
    clock.advance(seconds=50)

    outcome = house.execute(c.ExtendJob(id=job.id, token=job.token, lock_seconds=60), MACHINE)

    assert outcome.lock_expires_at == clock.now().replace(minute=clock.now().minute + 1)
    clock.advance(seconds=59)
    assert house.fetch() == []


def test_an_unlocked_job_is_free_at_once_and_spends_no_retry(house: House) -> None:
    house.start(CHARGE)
    (job,) = house.fetch()
    unlock = c.UnlockJob(id=job.id, token=job.token)
    assert house.execute(unlock, MACHINE) == house.execute(unlock, MACHINE)
    (again,) = house.fetch()
    assert again.retries == 3


def test_a_failed_job_waits_and_is_tried_again(house: House, clock: ManualClock) -> None:
    instance = house.start(CHARGE)
    (job,) = house.fetch()

    outcome = house.fail(job, retry_after_seconds=20)

    assert (outcome.state, outcome.retries) == ("failed", 2)
    assert house.fail(job) == outcome  # the worker did not hear the first answer
    assert house.fetch() == []
    clock.advance(seconds=20)
    (again,) = house.fetch()
    assert again.retries == 2
    assert house.incidents(instance) == []


def test_without_retries_left_a_human_must_look(house: House) -> None:
    instance = house.start(CHARGE)
    for _ in range(3):
        (job,) = house.fetch()
        house.fail(job, detail="Traceback ...")

    (incident,) = house.incidents(instance)

    assert (incident.kind, incident.message, incident.detail) == ("job_failed", "no connection", "Traceback ...")
    assert (incident.job_id, incident.element_id, incident.element_name) == (job.id, "charge", "Charge")
    assert incident.retryable
    assert house.fetch() == []
    assert house.instance(instance).incidents == 1
    assert house.states(instance)["charge"] == "failed"
    assert house.read(q.GetJob(id=job.id), ROOT).state == "failed"


def test_a_worker_can_say_how_many_retries_are_left(house: House) -> None:
    instance = house.start(CHARGE)
    (job,) = house.fetch()
    house.fail(job, retries=0)
    assert len(house.incidents(instance)) == 1


def test_an_operator_retries_the_incident(house: House) -> None:
    instance = house.start(CHARGE)
    (job,) = house.fetch()
    house.fail(job, retries=0)

    incident = house.execute(c.RetryIncident(id=house.incidents(instance)[0].id), ROOT)

    assert (incident.state, incident.resolved_by) == ("resolved", "root")
    assert house.instance(instance).incidents == 0
    assert house.states(instance)["charge"] == "active"
    (again,) = house.fetch()
    house.done(again)
    assert house.instance(instance).state == "completed"
    with pytest.raises(Conflict):
        house.execute(c.RetryIncident(id=incident.id), ROOT)


def test_an_operator_retries_the_job(house: House) -> None:
    instance = house.start(CHARGE)
    (job,) = house.fetch()
    house.fail(job, retries=0)

    retried = house.execute(c.RetryJob(id=job.id, retries=5), ROOT)

    assert (retried.state, retried.retries) == ("available", 5)
    assert house.incidents(instance) == []
    assert house.instance(instance).incidents == 0
    assert house.fetch()[0].retries == 5


def test_a_waiting_job_can_be_given_more_retries_and_at_once(house: House) -> None:
    house.start(CHARGE)
    (job,) = house.fetch()
    house.fail(job, retry_after_seconds=3_600)
    assert house.execute(c.RetryJob(id=job.id, retries=9), ROOT).retries == 9
    assert house.fetch()[0].retries == 9


def test_a_fetch_takes_the_oldest_jobs_of_its_topics_only(house: House) -> None:
    body = line(service_task("charge", "payments"), service_task("mail", "mails"))
    instances = [house.start(body)] + [house.start() for _ in range(4)]

    assert house.fetch("mails") == []
    first = house.fetch(at_most=2)
    rest = house.fetch("payments", "mails", "other")

    assert [job.process_instance_id for job in first + rest] == [instance.id for instance in instances]


def test_each_topic_has_its_own_lock_time_and_choice_of_variables(house: House) -> None:
    house.start(line(service_task()), amount=1, secret="s", note="n")
    topic = c.Topic(name="payments", lock_seconds=5, variables=("amount", "unknown"))

    (job,) = house.execute(c.FetchJobs(worker_id="w", topics=(topic,)), MACHINE).items

    assert job.variables == {"amount": 1}
    assert (job.lock_expires_at - house.engine.clock.now()).total_seconds() == 5


def test_a_job_in_a_sub_process_sees_its_variables(house: House) -> None:
    inner = line(service_task()).replace('"start', '"begin').replace('"end', '"finish').replace("_end", "_finish")
    house.start(line(f'<bpmn:subProcess id="check">{inner}</bpmn:subProcess>'), amount=1)
    (job,) = house.fetch()
    assert job.variables == {"amount": 1}


def test_many_workers_fetch_each_job_once(house: House) -> None:
    house.start(crowd(60))
    fetched: list[str] = []
    together = threading.Barrier(6)

    def work(number: int) -> None:
        together.wait()
        while jobs := house.fetch(at_most=3, worker=f"worker {number}"):
            fetched.extend(job.id for job in jobs)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    # A fetch may come back empty while another one holds the last rows, so a few may be left; none is there twice.
    fetched += [job.id for job in house.fetch(at_most=100)]
    assert len(fetched) == len(set(fetched)) == 60


def test_many_workers_complete_the_jobs_of_one_instance(house: House) -> None:
    instance = house.start(crowd(40))
    jobs = house.fetch(at_most=100)
    together = threading.Barrier(4)

    def work(number: int) -> None:
        together.wait()
        for job in jobs[number::4]:
            house.done(job, **{f"receipt_{job.element_id}": number})

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert house.instance(instance).state == "completed"
    assert len(house.variables(instance)) == 40


def test_the_fortieth_job_sees_what_the_others_left(house: House) -> None:
    instance = house.start(crowd(3))
    jobs = house.fetch(at_most=2)
    house.done(jobs[0], first=1)
    house.done(jobs[1], second=2)
    (last,) = house.fetch()
    assert last.variables == {"first": 1, "second": 2}
    assert house.instance(instance).state == "active"


@pytest.mark.parametrize("actor", [FOREIGN_MACHINE])
def test_jobs_of_other_tenants_are_not_there(house: House, actor: Actor) -> None:
    house.start(CHARGE)
    topics = (c.Topic(name="payments"),)
    assert house.execute(c.FetchJobs(worker_id="w", topics=topics), actor).items == []
    (job,) = house.fetch()
    with pytest.raises(NotFound):
        house.execute(c.CompleteJob(id=job.id, token=job.token), actor)
    house.done(job)
    with pytest.raises(NotFound):
        house.execute(c.CompleteJob(id=job.id, token=job.token), actor)


def test_people_fetch_no_jobs(house: House) -> None:
    with pytest.raises(Forbidden):
        house.execute(c.FetchJobs(worker_id="w", topics=(c.Topic(name="payments"),)), BEN)


def test_an_unknown_job_is_not_found(house: House) -> None:
    with pytest.raises(NotFound):
        house.execute(c.CompleteJob(id="x", token="y"), MACHINE)
    with pytest.raises(NotFound):
        house.execute(c.RetryJob(id="x"), ROOT)


def test_words_of_a_worker_that_no_database_stores_are_kept_as_far_as_possible(house: House) -> None:
    instance = house.start(CHARGE)
    (job,) = house.fetch()
    house.execute(c.FailJob(id=job.id, token=job.token, message="a\x00b \ud800", detail="\x00", retries=0), MACHINE)
    assert house.incidents(instance)[0].message.startswith("a\ufffdb")


def test_old_answers_are_forgotten_in_time(house: House, engine: Engine, clock: ManualClock) -> None:
    house.start(CHARGE)
    (job,) = house.fetch()
    house.done(job)
    clock.advance(seconds=engine.settings.job_result_seconds - 1)
    engine.keep_house()
    assert house.done(job).state == "completed"
    clock.advance(seconds=2)
    engine.keep_house()
    with pytest.raises(NotFound):
        house.done(job)


def test_a_job_after_a_task_is_there_at_once(house: House) -> None:
    instance = house.start(line(user_task(), service_task()))
    assert house.fetch() == []
    house.complete(house.task(instance))
    assert len(house.fetch()) == 1
