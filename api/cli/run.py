"""`signalbox run FILE`: start a diagram and follow it to its end, in an engine of its own."""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import config as configuration
from . import terminal
from .diagrams import problem_line

if TYPE_CHECKING:
    from engine import Engine
    from engine.records import Event, FormField, Job, ProcessDefinition, ProcessInstance, UserTask

_MORE = """

The process runs in a temporary database that is thrown away, or in the one of --database-url.

Where a user task or the job of a service task waits, the command stops, says so and ends with exit code 3. Answers
given beforehand let it go on:

  signalbox run order.bpmn --var amount=1200 --complete approve='{"approved": true}' --complete pay
  signalbox run order.bpmn --complete-all

Exit codes: 0 the process completed, 1 it failed or was cancelled, 3 it waits for somebody or something.
"""
# A step that was cut short goes on by itself within this time; who is quiet for longer waits for something outside.
_QUIET_SECONDS = 1.5


def add(commands: terminal.Commands) -> None:
    """Declare the command."""
    parser = terminal.command(commands, "run", run_file, "Start a diagram and follow it to its end", _MORE)
    parser.add_argument("file", metavar="FILE", type=Path)
    parser.add_argument("--key", help="which process, where the file holds several")
    parser.add_argument("--business-key", metavar="KEY")
    terminal.takes_variables(parser)
    parser.add_argument(
        "--complete",
        metavar="ELEMENT[=JSON]",
        action="append",
        default=[],
        help="answer this user task or service task with these variables, each time it is reached",
    )
    parser.add_argument(
        "--complete-all", action="store_true", help="answer everything else too, forms with their default values"
    )
    parser.add_argument("--no-stream", action="store_true", help="print only how it ended")
    terminal.takes_settings(parser, "database_url")
    terminal.takes_json(parser)


def run_file(given: argparse.Namespace) -> int:
    """Run it; see the exit codes above."""
    answers = _answers(given.complete)
    content = terminal.read_file(given.file)
    start_variables = terminal.variables(given)
    with _engine(given) as engine:
        definition = _deploy(engine, given.file, content, given.key)
        follower = _Follower(engine, answers, given)
        return follower.run(definition, start_variables)


def _answers(pairs: list[str]) -> dict[str, dict[str, Any]]:
    found = {}
    for pair in pairs:
        element, equals, text = pair.partition("=")
        found[element] = terminal.json_object(text, f"--complete {element}") if equals else {}
    return found


@contextmanager
def _engine(given: argparse.Namespace) -> Iterator[Engine]:
    from ..opening import open_ready_engine

    with tempfile.TemporaryDirectory(prefix="signalbox-") as folder:
        if given.database_url or given.config:
            config = terminal.settings(given)
        else:
            config = configuration.Config(database_url=f"sqlite:///{folder}/run.sqlite3")
        engine = open_ready_engine(config)
        try:
            engine.start_background()
            yield engine
        finally:
            engine.close()


def _deploy(engine: Engine, path: Path, content: bytes, key: str | None) -> ProcessDefinition:
    from engine.actors import SYSTEM
    from engine.commands import Deploy, UploadedFile
    from engine.errors import Refused

    try:
        deployment = engine.execute(Deploy(files=(UploadedFile(name=path.name, content=content),)), SYSTEM)
    except Refused as refused:
        for problem in refused.extra.get("problems", ()):
            terminal.say(problem_line(str(path), problem))
        raise
    found: dict[str, ProcessDefinition] = {definition.key: definition for definition in deployment.definitions}
    if key is None and len(found) == 1:
        return next(iter(found.values()))
    if key not in found:
        which = f"holds no process {key!r}" if key else "holds several processes"
        raise configuration.ConfigError(f"{path} {which}; choose one with --key: {', '.join(sorted(found))}.")
    return found[key]


class _Follower:
    """Follows one instance: prints what happens, answers what it has answers for, ends when nothing moves."""

    def __init__(self, engine: Engine, answers: dict[str, dict[str, Any]], given: argparse.Namespace):
        self._engine = engine
        self._answers = answers
        self._all = given.complete_all
        self._business_key = given.business_key
        self._silent = given.no_stream
        self._json = given.json
        self._marks = terminal.symbols()
        self._names: dict[str, str] = {}
        self._kinds: dict[str, str] = {}
        self._began = time.monotonic()

    def run(self, definition: ProcessDefinition, start_variables: dict[str, Any]) -> int:
        from engine.actors import SYSTEM
        from engine.commands import StartProcessInstance
        from engine.errors import Invalid

        if self._all:
            start_variables = _defaults(definition.start_fields) | start_variables
        command = StartProcessInstance(
            definition_id=definition.id, business_key=self._business_key, variables=start_variables
        )
        cursor = self._engine.events_cursor()
        try:
            instance = self._engine.execute(command, SYSTEM)
        except Invalid as fault:
            fields = " ".join(f"--var {field.name}=…" for field in definition.start_fields if field.required)
            raise Invalid(f"{fault.message}. The process asks for: {fields}" if fields else fault.message) from None
        if not self._silent and not self._json:
            terminal.say(f"{definition.name} (version {definition.version}), instance {instance.id}")
        moved = time.monotonic()
        while True:
            cursor, news = self._tell(cursor, instance.id)
            if news:
                moved = time.monotonic()
            instance = self._instance(instance.id)
            if instance.state not in ("active", "suspended"):
                self._tell(cursor, instance.id)
                return self._ended(instance)
            if self._feed(instance):
                moved = time.monotonic()
            elif time.monotonic() - moved > _QUIET_SECONDS:
                return self._waits(instance)
            else:
                self._engine.wait_for_events(cursor, 0.25)

    # --- what happens ------------------------------------------------------------------------------------------------
    def _tell(self, cursor: str, instance_id: str) -> tuple[str, bool]:
        from engine.actors import SYSTEM
        from engine.queries import ListEvents

        news = False
        while True:
            query = ListEvents(after=cursor, process_instance_id=instance_id, limit=1_000)
            page = self._engine.read(query, SYSTEM)
            for event in page.items:
                news = True
                self._tell_one(event)
            cursor = page.next_cursor
            if len(page.items) < 1_000:
                return cursor, news

    def _tell_one(self, event: Event) -> None:
        if self._silent:
            return
        if self._json:
            terminal.say_json(event)
            return
        noun, _, verb = event.kind.partition(".")
        kind = self._kind(event)
        if noun == "activity" and verb == "started" and kind in ("user task", "service task", "sub process"):
            self._line("begin", kind, self._name(event))
        elif noun == "activity" and verb in ("completed", "cancelled"):
            self._line("end" if verb == "completed" else "cancel", kind, self._name(event))
        elif noun == "incident":
            self._line("incident", f"incident {verb}", self._name(event))
        elif noun == "instance" and verb not in ("started", "completed"):
            self._line("cancel", "instance", verb)

    def _line(self, mark: str, what: str, name: str) -> None:
        terminal.say(f"{time.monotonic() - self._began:7.2f}s  {self._marks[mark]} {what:<18} {name}")

    def _kind(self, event: Event) -> str:
        if event.subject_id and "kind" in event.data:
            self._kinds[event.subject_id] = str(event.data["kind"]).replace("_", " ")
        return self._kinds.get(event.subject_id or "", "")

    def _name(self, event: Event) -> str:
        element = event.element_id or ""
        if element not in self._names:
            from engine.actors import SYSTEM
            from engine.queries import GetActivities

            cursor = None
            while True:
                page = self._engine.read(GetActivities(id=event.process_instance_id or "", cursor=cursor), SYSTEM)
                self._names |= {item.element_id: item.element_name or item.element_id for item in page.items}
                if not (cursor := page.next_cursor):
                    break
        return self._names.get(element, element)

    # --- what is answered --------------------------------------------------------------------------------------------
    def _feed(self, instance: ProcessInstance) -> bool:
        from engine.actors import SYSTEM
        from engine.commands import AssignUserTask, CompleteUserTask

        fed = False
        for task in self._tasks(instance.id):
            if task.element_id in self._answers or self._all:
                values = self._answers.get(task.element_id, _defaults(task.fields))
                self._engine.execute(AssignUserTask(id=task.id, assignee=SYSTEM.name), SYSTEM)
                self._engine.execute(CompleteUserTask(id=task.id, variables=values), SYSTEM)
                fed = True
        for job in self._jobs(instance.id):
            if job.state == "available" and (job.element_id in self._answers or self._all):
                fed = self._work(job) or fed
        return fed

    def _work(self, job: Job) -> bool:
        """Fetch jobs of this topic, as any worker would, and complete this one."""
        from engine.actors import SYSTEM
        from engine.commands import CompleteJob, FetchJobs, Topic, UnlockJob

        fetch = FetchJobs(worker_id="signalbox run", topics=(Topic(name=job.topic),), max_jobs=100)
        done = False
        for locked in self._engine.execute(fetch, SYSTEM).items:
            if locked.id == job.id:
                values = self._answers.get(job.element_id, {})
                self._engine.execute(CompleteJob(id=locked.id, token=locked.token, variables=values), SYSTEM)
                done = True
            else:
                self._engine.execute(UnlockJob(id=locked.id, token=locked.token), SYSTEM)
        return done

    # --- how it ended ------------------------------------------------------------------------------------------------
    def _ended(self, instance: ProcessInstance) -> int:
        variables = self._variables(instance.id)
        if self._json:
            terminal.say_json({"instance": instance, "variables": variables, "waits_for": []})
        else:
            terminal.say(f"{instance.state} after {time.monotonic() - self._began:.2f} s")
            self._say_variables(variables)
        return 0 if instance.state == "completed" else 1

    def _waits(self, instance: ProcessInstance) -> int:
        from engine.actors import SYSTEM
        from engine.queries import ListIncidents

        tasks, jobs = self._tasks(instance.id), self._jobs(instance.id)
        incidents = self._engine.read(ListIncidents(process_instance_id=instance.id), SYSTEM).items
        variables = self._variables(instance.id)
        if self._json:
            waits = {"user_tasks": tasks, "jobs": jobs, "incidents": incidents}
            terminal.say_json({"instance": instance, "variables": variables, "waits_for": waits})
            return 1 if incidents else 3
        terminal.say("It does not go on by itself:")
        for incident in incidents:
            name = incident.element_name or incident.element_id
            terminal.say(f"  {self._marks['incident']} {name} ({incident.element_id}) failed: {incident.message}")
        for task in tasks:
            example = json.dumps(_defaults(task.fields))
            terminal.say(
                f"  {self._marks['wait']} the user task {task.name} waits for somebody. To answer it:",
                f"      --complete {task.element_id}='{example}'",
            )
        for job in jobs:
            if job.state != "failed":
                terminal.say(
                    f"  {self._marks['wait']} a job of topic {job.topic!r} waits for a worker. To answer it:",
                    f"      --complete {job.element_id}='{{}}'",
                )
        if not (tasks or jobs or incidents):
            terminal.say("  It waits for a message, or at a join for a branch that does not come.")
        self._say_variables(variables)
        return 1 if incidents else 3

    def _say_variables(self, variables: dict[str, Any]) -> None:
        if variables:
            terminal.say("variables:", *(f"  {name} = {json.dumps(value)}" for name, value in variables.items()))

    def _instance(self, instance_id: str) -> ProcessInstance:
        from engine.actors import SYSTEM
        from engine.queries import GetProcessInstance

        found: ProcessInstance = self._engine.read(GetProcessInstance(id=instance_id), SYSTEM)
        return found

    def _tasks(self, instance_id: str) -> list[UserTask]:
        from engine.actors import SYSTEM
        from engine.queries import ListUserTasks

        found: list[UserTask] = self._engine.read(
            ListUserTasks(process_instance_id=instance_id, limit=200), SYSTEM
        ).items
        return found

    def _jobs(self, instance_id: str) -> list[Job]:
        from engine.actors import SYSTEM
        from engine.queries import ListJobs

        found: list[Job] = self._engine.read(ListJobs(process_instance_id=instance_id, limit=200), SYSTEM).items
        return found

    def _variables(self, instance_id: str) -> dict[str, Any]:
        from engine.actors import SYSTEM
        from engine.queries import GetVariables

        items = self._engine.read(GetVariables(id=instance_id), SYSTEM).items
        return {item.name: item.value for item in items if item.scope_element_id is None}


def _defaults(fields: list[FormField]) -> dict[str, Any]:
    """Something that fits each required field: its default, or the plainest value of its type."""
    plain: dict[str, Any] = {"integer": 0, "number": 0, "boolean": True, "date": "2000-01-01"}
    values = {}
    for field in fields:
        if field.default is not None:
            values[field.name] = field.default
        elif field.required and not field.read_only:
            values[field.name] = field.options[0].value if field.options else plain.get(field.type, "-")
    return values
