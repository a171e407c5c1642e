"""The doors, as their users meet them: a test client for what happens inside one request, a real server on loopback
for what happens on the wire."""

from __future__ import annotations

import atexit
import contextlib
import functools
import itertools
import json
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import structlog
import websocket
from flask.testing import FlaskClient

from engine import Engine, Settings, open_engine
from engine.actors import SYSTEM, Actor, Role
from engine.commands import CreateToken, CreateUser, Deploy, StartProcessInstance, UploadedFile
from engine.records import ProcessInstance
from engine.testing import empty_sqlite

PASSWORD = "correct horse"
PEOPLE: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "root": (("administrator",), ()),
    "olga": (("operator",), ()),
    "ada": (("analyst", "starter", "participant"), ()),
    "ben": (("participant", "starter"), ("approvers",)),
    "cleo": (("participant", "starter"), ("approvers",)),
    "dan": (("participant",), ("finance",)),
}
START = '<startEvent id="start"/>'


def diagram(inside: str, *path: str, key: str = "order", name: str = "Order") -> bytes:
    """A process of these elements, with a flow between each two that follow one another in `path`."""
    flows = "".join(
        f'<sequenceFlow id="f_{source}_{target}" sourceRef="{source}" targetRef="{target}"/>'
        for source, target in itertools.pairwise(path)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
        'xmlns:signalbox="urn:signalbox:schema:1.0" targetNamespace="urn:test" id="d">'
        f'<process id="{key}" name="{name}" isExecutable="true">{inside}{flows}</process>{_layout(key)}</definitions>'
    ).encode()


def _layout(key: str) -> str:
    """A shape, so that nobody warns that there is none."""
    drawn = f'<BPMNPlane id="plane_{key}"><BPMNShape id="shape_{key}"/></BPMNPlane>'
    return f'<BPMNDiagram xmlns="http://www.omg.org/spec/BPMN/20100524/DI" id="diagram_{key}">{drawn}</BPMNDiagram>'


APPROVAL = diagram(
    '<startEvent id="start"/>'
    '<userTask id="approve" name="Approve" signalbox:candidateGroups="approvers"><extensionElements><signalbox:form>'
    '<signalbox:field name="approved" label="Approved" type="boolean" required="true"/>'
    "</signalbox:form></extensionElements></userTask>"
    '<endEvent id="end"/>',
    "start",
    "approve",
    "end",
    key="approval",
    name="Approval",
)
PAYMENT = diagram(
    '<startEvent id="start"/><serviceTask id="pay" name="Pay" signalbox:topic="payment" signalbox:retries="2"/>'
    '<endEvent id="end"/>',
    "start",
    "pay",
    "end",
    key="payment",
    name="Payment",
)
BROKEN_SCRIPT = diagram(
    '<startEvent id="start"/><scriptTask id="sum" name="Add up"><script>total = missing + 1</script></scriptTask>'
    '<endEvent id="end"/>',
    "start",
    "sum",
    "end",
    key="broken",
    name="Broken",
)


def add_people(engine: Engine) -> None:
    """Everybody of PEOPLE."""
    for name, (roles, groups) in PEOPLE.items():
        engine.execute(CreateUser(name=name, password=PASSWORD, roles=roles, groups=groups), SYSTEM)


@functools.cache
def peopled_sqlite() -> Path:
    """A database with everybody in it, made once a process, to be copied: hashing passwords is slow on purpose."""
    folder = Path(tempfile.mkdtemp(prefix="signalbox-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    file = folder / "people.sqlite3"
    shutil.copyfile(empty_sqlite(), file)
    engine = open_engine(Settings(database_url=f"sqlite:///{file}"))
    try:
        add_people(engine)
    finally:
        engine.close()
    return file


def deploy(engine: Engine, *contents: bytes) -> None:
    """Deploy diagrams."""
    files = tuple(UploadedFile(name=f"{number}.bpmn", content=content) for number, content in enumerate(contents))
    engine.execute(Deploy(files=files), SYSTEM)


def start(engine: Engine, key: str, **variables: Any) -> ProcessInstance:
    """Start an instance."""
    instance: ProcessInstance = engine.execute(StartProcessInstance(definition_key=key, variables=variables), SYSTEM)
    return instance


def make_token(engine: Engine, *roles: str) -> str:
    """The secret of a new token."""
    secret: str = engine.execute(CreateToken(name="machine", roles=roles), SYSTEM).secret
    return secret


# --- inside one process ----------------------------------------------------------------------------------------------
class Browser:
    """A browser that is signed in: keeps its cookie, sends the CSRF token and the Origin."""

    def __init__(self, client: FlaskClient, name: str):
        self.client = client
        answer = client.post("/api/v1/session", json={"name": name, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        self.csrf_token = answer.json["csrf_token"]

    def call(self, method: str, path: str, **options: Any) -> Any:
        """The answer to a call under /api/v1."""
        headers = {"X-CSRF-Token": self.csrf_token, "Origin": "http://localhost"} | options.pop("headers", {})
        return self.client.open(f"/api/v1{path}", method=method, headers=headers, **options)

    def get(self, path: str, **options: Any) -> Any:
        return self.call("GET", path, **options)

    def post(self, path: str, json: Any = None, **options: Any) -> Any:
        return self.call("POST", path, json=json, **options) if json is not None else self.call("POST", path, **options)


# --- on the wire -----------------------------------------------------------------------------------------------------
class Server:
    """`signalbox serve` in a process of its own, and the engine of the test beside it on the same database."""

    def __init__(self, folder: Path, database_url: str, **settings: Any):
        self.folder = folder
        self.database_url = database_url
        self.settings = settings
        self.address = ""
        self.process: subprocess.Popen[bytes] | None = None
        self.engine = open_engine(Settings(database_url=database_url))
        self.connections = contextlib.ExitStack()

    @property
    def log(self) -> str:
        return (self.folder / "server.log").read_text()

    def run(self, *flags: str) -> None:
        """Start it and wait until it says that it is ready."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SIGNALBOX_")}
        environment |= {f"SIGNALBOX_{name.upper()}": str(value) for name, value in self.settings.items()}
        environment |= {"SIGNALBOX_DATABASE_URL": self.database_url, "SIGNALBOX_LOG_FORMAT": "json"}
        environment["SIGNALBOX_PORT"] = self.address.rpartition(":")[2] if self.address else "0"
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "api.cli", "serve", *flags], stdout=subprocess.PIPE, stderr=log, env=environment
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline().decode()
        assert "ready at" in line, f"{line}{self.log}"
        self.address = line.split("ready at ")[1].split()[0]

    def stop(self, how: signal.Signals = signal.SIGTERM, timeout: float = 20) -> int:
        """End the process and return its exit code."""
        assert self.process is not None
        self.process.send_signal(how)
        try:
            return self.process.wait(timeout)
        finally:
            assert self.process.stdout is not None
            self.process.stdout.close()

    def close(self) -> None:
        """End everything."""
        self.connections.close()
        if self.process is not None and self.process.poll() is None:
            self.stop()
        elif self.process is not None and self.process.stdout is not None:
            self.process.stdout.close()
        self.engine.close()

    def token(self, *roles: str) -> str:
        return make_token(self.engine, *roles)

    def client(self, *roles: str, **options: Any) -> httpx.Client:
        """A machine with a token of these roles."""
        headers = {"Authorization": f"Bearer {self.token(*roles)}"} if roles else {}
        client = httpx.Client(base_url=f"{self.address}/api/v1", headers=headers, timeout=30, **options)
        return self.connections.enter_context(client)

    def person(self, name: str) -> httpx.Client:
        """A browser that is signed in."""
        client = self.client()
        answer = client.post("/session", json={"name": name, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        client.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
        return client


class Listener:
    """A WebSocket, read message by message."""

    def __init__(self, server: Server, **options: Any):
        host, _, port = server.address.removeprefix("http://").rpartition(":")
        # a connection of our own: the library leaves its own open where the server refuses it
        connection = socket.create_connection((host, int(port)), timeout=10)
        server.connections.callback(connection.close)
        url = server.address.replace("http", "ws") + "/ws"
        self.socket = websocket.create_connection(url, timeout=10, socket=connection, **options)
        self.hello = self.next()["hello"]

    def next(self) -> dict[str, Any]:
        """The next message; `{"closed": code}` at the end."""
        opcode, data = self.socket.recv_data()
        if opcode == websocket.ABNF.OPCODE_CLOSE:
            return {"closed": int.from_bytes(data[:2], "big")}
        found: dict[str, Any] = json.loads(data)
        return found

    def until(self, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first message that fits."""
        while not fits(message := self.next()):
            assert "closed" not in message, message
        return message

    def say(self, **message: Any) -> None:
        self.socket.send(json.dumps(message))

    def subscribe(self, *topics: str, **more: Any) -> None:
        """Subscribe, and wait until the server has done it."""
        self.say(subscribe=list(topics), ping="subscribed", **more)
        # the server answers a ping before it subscribes: a second one is answered after
        self.say(ping="done")
        self.until(lambda message: message.get("pong") == "done")

    def close(self) -> None:
        self.socket.close()


@contextlib.contextmanager
def logging_restored() -> Iterator[None]:
    """Whatever is configured about logs in the block is undone after it."""
    root = logging.getLogger()
    before = (root.handlers, root.level, structlog.get_config())
    try:
        yield
    finally:
        root.handlers = before[0]
        root.setLevel(before[1])
        structlog.configure(**before[2])


def eventually(true: Callable[[], Any], seconds: float = 10.0) -> Any:
    """What `true` returns as soon as it is true; fails when it does not become so in time."""
    deadline = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < deadline, "did not come about in time"
        time.sleep(0.02)
    return found


@contextlib.contextmanager
def running_server(folder: Path, database_url: str, **settings: Any) -> Iterator[Server]:
    """A server that runs for the time of the block."""
    server = Server(folder, database_url, **settings)
    try:
        server.run()
        yield server
    finally:
        server.close()


def by_token(server: Server, *roles: str) -> Listener:
    """A socket of a machine with these roles."""
    return Listener(server, header={"Authorization": f"Bearer {server.token(*roles)}"})


def actor(name: str, *groups: str) -> Actor:
    """A person of these groups, for commands that go to the engine itself."""
    return Actor(name=name, roles=frozenset({Role.PARTICIPANT, Role.STARTER}), groups=frozenset(groups))


def open_sockets(server: Server) -> int:
    """How many sockets the server says it holds."""
    token = server.token("administrator")
    text = httpx.get(f"{server.address}/metrics", headers={"Authorization": f"Bearer {token}"}).text
    return int(float(text.split("\nsignalbox_websockets ")[1].split()[0]))
