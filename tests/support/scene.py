"""The words that tests of the engine are written in: people, diagrams, and what they do with one another."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from engine import Engine
from engine import commands as c
from engine import queries as q
from engine import records as r
from engine.actors import Actor, Role

ROOT = Actor(name="root", roles=frozenset({Role.ADMINISTRATOR}))
ADA = Actor(name="ada", roles=frozenset({Role.ANALYST, Role.STARTER, Role.PARTICIPANT}))
BEN = Actor(name="ben", roles=frozenset({Role.PARTICIPANT, Role.STARTER}), groups=frozenset({"approvers"}))
CLEO = Actor(name="cleo", roles=frozenset({Role.PARTICIPANT, Role.STARTER}), groups=frozenset({"approvers", "finance"}))
DORA = Actor(name="dora", roles=frozenset({Role.PARTICIPANT}))
MACHINE = Actor(name="machine", roles=frozenset({Role.WORKER}))
STRANGER = Actor(name="stranger", tenant_id="elsewhere", roles=frozenset({Role.ADMINISTRATOR}))

_HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:signalbox="urn:signalbox:schema:1.0" targetNamespace="tests">'
)


def diagram(body: str, key: str = "order", attributes: str = "", *, outside: str = "") -> bytes:
    """A file with one executable process."""
    process = f'<bpmn:process id="{key}" isExecutable="true" {attributes}>{body}</bpmn:process>'
    return f"{_HEAD}{outside}{process}</bpmn:definitions>".encode()


def line(*elements: str) -> str:
    """Elements one after the other, from a start event `start` to an end event `end`."""
    chain = ['<bpmn:startEvent id="start"/>', *elements, '<bpmn:endEvent id="end"/>']
    ids = [element.split('id="')[1].split('"')[0] for element in chain]
    flows = [flow(source, target) for source, target in itertools.pairwise(ids)]
    return "".join(chain + flows)


def flow(source: str, target: str, condition: str | None = None) -> str:
    """A sequence flow named after its ends."""
    inside = f"<bpmn:conditionExpression>{condition}</bpmn:conditionExpression>" if condition else ""
    return (
        f'<bpmn:sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}">{inside}'
        "</bpmn:sequenceFlow>"
    )


def user_task(id: str = "approve", form: str = "", **attributes: str) -> str:
    """A user task; `form` holds its fields."""
    more = " ".join(f'signalbox:{name}="{value}"' for name, value in attributes.items())
    extensions = f"<bpmn:extensionElements><signalbox:form>{form}</signalbox:form></bpmn:extensionElements>"
    return f'<bpmn:userTask id="{id}" name="{id.title()}" {more}>{extensions if form else ""}</bpmn:userTask>'


def script_task(id: str, script: str) -> str:
    """A script task; the script may use &lt; and the like."""
    return f'<bpmn:scriptTask id="{id}" name="{id.title()}"><bpmn:script>{script}</bpmn:script></bpmn:scriptTask>'


def service_task(id: str = "charge", topic: str = "payments", **attributes: str) -> str:
    """A service task of a topic."""
    more = " ".join(f'signalbox:{name}="{value}"' for name, value in attributes.items())
    return f'<bpmn:serviceTask id="{id}" name="{id.title()}" signalbox:topic="{topic}" {more}/>'


class House:
    """An engine and what people do with it."""

    def __init__(self, engine: Engine):
        self.engine = engine
        self.execute: Callable[[c.Command, Actor], Any] = engine.execute
        self.read: Callable[[q.Query, Actor], Any] = engine.read

    def deploy(self, *contents: bytes, actor: Actor = ADA) -> r.Deployment:
        files = tuple(c.UploadedFile(f"file{number}.bpmn", content) for number, content in enumerate(contents, 1))
        deployment: r.Deployment = self.execute(c.Deploy(files=files), actor)
        return deployment

    def start(self, body: str | None = None, *, actor: Actor = ADA, **variables: Any) -> r.ProcessInstance:
        """Start the process `order`, deployed with this body if there is one."""
        if body is not None:
            self.deploy(diagram(body))
        instance: r.ProcessInstance = self.execute(
            c.StartProcessInstance(definition_key="order", variables=variables), actor
        )
        return instance

    def instance(self, instance: r.ProcessInstance) -> r.ProcessInstance:
        """The instance as it is now."""
        found: r.ProcessInstance = self.read(q.GetProcessInstance(id=instance.id), ROOT)
        return found

    def variables(self, instance: r.ProcessInstance) -> dict[str, Any]:
        """The variables of the instance's own scope."""
        listed = self.read(q.GetVariables(id=instance.id), ROOT)
        return {variable.name: variable.value for variable in listed.items if variable.scope_element_id is None}

    def task(self, instance: r.ProcessInstance, element_id: str | None = None) -> r.UserTask:
        """The one open user task of the instance (at the element)."""
        tasks = self.read(q.ListUserTasks(process_instance_id=instance.id), ROOT).items
        (task,) = [one for one in tasks if element_id in (None, one.element_id)]
        found: r.UserTask = task
        return found

    def complete(self, task: r.UserTask, actor: Actor = ROOT, **variables: Any) -> r.UserTask:
        completed: r.UserTask = self.execute(c.CompleteUserTask(id=task.id, variables=variables), actor)
        return completed

    def fetch(self, *topics: str, at_most: int = 10, worker: str = "worker", **more: Any) -> list[r.LockedJob]:
        wanted = tuple(c.Topic(name=topic) for topic in topics or ("payments",))
        command = c.FetchJobs(worker_id=worker, topics=wanted, max_jobs=at_most, **more)
        locked: r.LockedJobs = self.execute(command, MACHINE)
        return locked.items

    def done(self, job: r.LockedJob, **variables: Any) -> r.JobOutcome:
        outcome: r.JobOutcome = self.execute(c.CompleteJob(id=job.id, token=job.token, variables=variables), MACHINE)
        return outcome

    def fail(self, job: r.LockedJob, **more: Any) -> r.JobOutcome:
        command = c.FailJob(id=job.id, token=job.token, message="no connection", **more)
        outcome: r.JobOutcome = self.execute(command, MACHINE)
        return outcome

    def settle(self) -> int:
        """Do every job of our own that is due, and what comes of it; how many."""
        count = 0
        while due := self.engine.due_jobs():
            for job_id in due:
                count += self.engine.run_job(job_id)
            assert count < 1_000, "jobs without an end"
        return count

    def message(self, name: str, keys: dict[str, Any] | None = None, /, **more: Any) -> r.Correlation:
        """Somebody outside sends a message."""
        found: r.Correlation = self.execute(c.CorrelateMessage(name=name, keys=keys or {}, **more), MACHINE)
        return found

    def signal(self, name: str, **variables: Any) -> r.SignalBroadcast:
        """Somebody outside broadcasts a signal."""
        found: r.SignalBroadcast = self.execute(c.BroadcastSignal(name=name, variables=variables), MACHINE)
        return found

    def instances(self, **wanted: Any) -> list[r.ProcessInstance]:
        """All instances that answer to this, oldest first."""
        found: list[r.ProcessInstance] = self.read(q.ListProcessInstances(**wanted), ROOT).items
        return found[::-1]

    def waiting(self, instance: r.ProcessInstance) -> list[str]:
        """What the instance waits for: `kind element`."""
        listed: r.WaitingList = self.read(q.GetWaiting(id=instance.id), ROOT)
        return [f"{one.kind} {one.element_id}" for one in listed.items]

    def incidents(self, instance: r.ProcessInstance) -> list[r.Incident]:
        """The open incidents of the instance."""
        found: list[r.Incident] = self.read(q.ListIncidents(process_instance_id=instance.id), ROOT).items
        return found

    def events(self, instance: r.ProcessInstance | None = None) -> list[r.Event]:
        """The stream, or the instance's part of it."""
        found: list[r.Event] = self.read(
            q.ListEvents(process_instance_id=instance.id if instance else None, limit=1000), ROOT
        ).items
        return found

    def happened(self, instance: r.ProcessInstance) -> list[str]:
        """The kinds of the instance's events, with the element where they have one."""
        return [f"{e.kind} {e.element_id}" if e.element_id else e.kind for e in self.events(instance)]

    def states(self, instance: r.ProcessInstance) -> dict[str, str]:
        """The state of each element's last activity instance."""
        found = self.read(q.GetActivities(id=instance.id), ROOT).items
        return {activity.element_id: activity.state for activity in found}
