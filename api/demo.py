"""`signalbox demo`: a server on a SQLite file with the examples deployed, people to sign in as, and a worker.

Everything is the real thing, in one process: what the demo does beside `signalbox serve` is to put people, examples
and a few instances into an empty database, and to do the examples' jobs over HTTP with the Python client, as an
integrator's own program would. A second run finds its data and adds nothing.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from engine import Engine
from engine.actors import Actor, Role
from engine.commands import (
    CorrelateMessage,
    CreateToken,
    CreateUser,
    Deploy,
    RevokeToken,
    StartProcessInstance,
    UploadedFile,
)
from engine.errors import Conflict
from engine.queries import ListTokens

from .config import Config, ConfigError

if TYPE_CHECKING:
    from signalbox_client import LockedJob, Worker

PASSWORD = "signalbox"  # noqa: S105 - everybody may know it: it opens a demo on this machine only
DATABASE = "signalbox.sqlite3"
_TOKEN = "worker-token"  # noqa: S105 - a file's name
_EXAMPLES = Path(__file__).resolve().parent.parent / "examples"

Say = Callable[[str], None]


class Person(msgspec.Struct, frozen=True):
    """Somebody to sign in as, and what they are there to show."""

    name: str
    display_name: str
    roles: tuple[str, ...]
    groups: tuple[str, ...]
    words: str


PEOPLE = (
    Person("ada", "Ada", ("analyst", "starter", "participant"), (), "draws, deploys and starts processes"),
    Person("ben", "Ben", ("participant", "starter"), ("approvers",), "approves expenses"),
    Person("cleo", "Cleo", ("participant", "starter"), ("approvers", "finance"), "approves, and sets budgets"),
    Person("root", "Root", ("administrator",), ("operations",), "sees and repairs everything"),
)
_ADA = Actor(name="ada", roles=frozenset({Role.ANALYST, Role.STARTER, Role.PARTICIPANT}))
_ROOT = Actor(name="root", roles=frozenset({Role.ADMINISTRATOR}))

# What waits for the first visitor: a task for an approver, a lattice that waits for a budget, an onboarding that runs.
_FIRST_INSTANCES: tuple[tuple[str, str | None, dict[str, Any]], ...] = (
    ("expense-approval", "E-1001", {"amount": 240, "purpose": "Train to the customer", "spent_on": "2026-11-17"}),
    ("expense-approval", "E-1002", {"amount": 18.5, "purpose": "Lunch with the team"}),
    ("branch-office", "Lisbon", {}),
    ("sign-up-onboarding", None, {"name": "Grace", "email": "grace@example.org", "plan": "team"}),
)


def serve_demo(folder: Path, config: Config, *, examples: Path | None, work_seconds: float, say: Say) -> int:
    """Prepare what is not there yet, serve until Ctrl-C."""
    from . import create_app, logs
    from .context import EXTENSION, Doors
    from .opening import open_ready_engine
    from .serving import address_of, leave, listen, serve

    files = _example_files(examples or _EXAMPLES)
    listener = listen(config)
    logs.configure(config.log_level, config.log_format)
    folder.mkdir(parents=True, exist_ok=True)
    say(f"[demo] the database, {folder / DATABASE}")
    engine = open_ready_engine(config)
    worker: Worker | None = None
    try:
        token = _prepare(engine, files, folder / _TOKEN, say)
        engine.start_background()
        app = create_app(engine, config)
        parts: Doors = app.extensions[EXTENSION]
        address = address_of(listener, config)
        worker = demo_worker(address, token, work_seconds, say)

        def stop() -> None:
            parts.long_polls.stop()
            parts.hub.stop()

        threading.Thread(target=_begin, args=(address, worker, folder, say), daemon=True).start()
        serve(listener, app, config, stop)
    finally:
        engine.close()
    say("[demo] stopped; `make demo` goes on where it was")
    leave()
    return 0


# --- what is in the database -----------------------------------------------------------------------------------------
def _example_files(folder: Path) -> tuple[UploadedFile, ...]:
    paths = sorted(folder.glob("*/*.bpmn"))
    if not paths:
        raise ConfigError(
            f"There are no examples in {folder}. They lie in the source of Signalbox, not in the installed package: "
            "name their folder with --examples."
        )
    return tuple(UploadedFile(name=path.name, content=path.read_bytes()) for path in paths)


def _prepare(engine: Engine, files: tuple[UploadedFile, ...], token_file: Path, say: Say) -> str:
    """People, examples, first instances, and the worker's token, as far as they are missing; the token's secret."""
    added = [person.name for person in PEOPLE if _add(engine, person)]
    say(f"[demo] people: {', '.join(person.name for person in PEOPLE)}" + ("" if added else " (here already)"))
    deployment = engine.execute(Deploy(files=files, name="examples"), _ADA)
    names = ", ".join(f"{each.name} (version {each.version})" for each in deployment.definitions)
    say(f"[demo] examples: {names}")
    if added:
        for key, business_key, variables in _FIRST_INSTANCES:
            if any(each.key == key for each in deployment.definitions):
                command = StartProcessInstance(definition_key=key, business_key=business_key, variables=variables)
                engine.execute(command, _ADA)
        if any(each.key == "order-fulfilment" for each in deployment.definitions):
            order = {"order_id": "O-1", "customer": "Grace", "amount": 120}
            engine.execute(CorrelateMessage(name="order placed", business_key="O-1", variables=order), _ROOT)
        say("[demo] a few instances to look at are started")
    return _worker_token(engine, token_file)


def _add(engine: Engine, person: Person) -> bool:
    try:
        engine.execute(
            CreateUser(
                name=person.name,
                display_name=person.display_name,
                password=PASSWORD,
                roles=person.roles,
                groups=person.groups,
            ),
            _ROOT,
        )
    except Conflict:
        return False
    return True


def _worker_token(engine: Engine, file: Path) -> str:
    """The secret that the last run left, or a new one: the database holds only its hash."""
    if file.is_file():
        return file.read_text("ascii").strip()
    for token in engine.read(ListTokens(), _ROOT).items:
        if token.name == "demo worker":
            engine.execute(RevokeToken(id=token.id), _ROOT)
    made = engine.execute(CreateToken(name="demo worker", roles=("worker",)), _ROOT)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as opened:
        opened.write(made.secret + "\n")
    return str(made.secret)


# --- the worker ------------------------------------------------------------------------------------------------------
def demo_worker(address: str, token: str, work_seconds: float, say: Say) -> Worker:
    """An outside worker for the jobs of all examples. Each takes `work_seconds`, so that there is something to see."""
    try:
        from signalbox_client import Client, Worker
    except ImportError:
        raise ConfigError("The demo's worker needs the Python client: pip install signalbox-client.") from None

    logging.getLogger("signalbox_client").setLevel(logging.ERROR)
    worker = Worker(Client(address, token=token), worker_id="demo worker", concurrency=8, grace_seconds=2)
    pause = threading.Event()

    def work(words: str) -> None:
        pause.wait(work_seconds)
        say(f"[worker] {words}")

    @worker.handles("pay")
    def pay(job: LockedJob) -> dict[str, Any]:
        work(f"paid {job.variables.get('amount')} euros for: {job.variables.get('purpose')}")
        return {"payment": f"P-{_number(job)}"}

    @worker.handles("send-mail")
    def send_mail(job: LockedJob) -> dict[str, Any]:
        work(f"mailed '{job.headers.get('template')}' to {job.variables.get('email')}")
        return {"mail_id": f"M-{_number(job)}"}

    @worker.handles("create-customer")
    def create_customer(job: LockedJob) -> dict[str, Any]:
        work(f"created the customer {job.variables.get('name')}")
        return {"customer_number": f"C-{_number(job)}"}

    @worker.handles("post-chat-message")
    def post_chat_message(job: LockedJob) -> dict[str, Any]:
        work(f"told {job.headers.get('channel')}: {job.variables.get('name')} is aboard")
        return {}

    @worker.handles("reserve-goods")
    def reserve_goods(job: LockedJob) -> dict[str, Any]:
        work(f"reserved the goods of the order {job.variables.get('order_id')}")
        return {}

    @worker.handles("release-goods")
    def release_goods(job: LockedJob) -> dict[str, Any]:
        work(f"released the goods of the order {job.variables.get('order_id')}")
        return {}

    @worker.handles("project")
    def project(job: LockedJob) -> dict[str, Any]:
        work(f"finished the project {job.headers.get('project')}")
        return {name: f"{name} of {job.headers.get('project')}" for name in _names(job.headers.get("delivers", ""))}

    return worker


def _number(job: LockedJob) -> str:
    """The same for every attempt at the same job, as a system with idempotency keys would answer."""
    return job.id[-6:].replace(".", "")


def _names(listed: str) -> Iterable[str]:
    return (name.strip() for name in listed.split(",") if name.strip())


def _begin(address: str, worker: Worker, folder: Path, say: Say) -> None:
    """Once the server answers: start the worker and say how to go on."""
    from signalbox_client import Client

    with Client(address) as client:
        while not client.healthy():
            threading.Event().wait(0.05)
    worker.start()
    lines = [
        "",
        f"Signalbox is ready: {address}",
        f"Sign in, everybody's password is '{PASSWORD}':",
        *(f"    {person.name:<6} {person.words}" for person in PEOPLE),
        f"The data stays in {folder}: delete the folder to begin anew. Ctrl-C stops everything.",
        "",
    ]
    for line in lines:
        say(line)
