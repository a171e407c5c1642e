"""A real server for the acceptance tests: its own process, its own database, people to sign in as."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from signalbox_client import Client

SIGNALBOX = str(Path(sys.executable).with_name("signalbox"))
READY = "Signalbox is ready at "
PASSWORD = "a password for tests"
PEOPLE = {
    "ada": (("analyst", "starter", "participant"), ()),
    "ben": (("participant", "starter"), ("approvers",)),
    "cleo": (("participant", "starter"), ("approvers", "finance")),
    "root": (("administrator",), ("operations",)),
}


@dataclass
class Server:
    """A running `signalbox serve` and what tests do with it."""

    folder: Path
    address: str = ""
    process: subprocess.Popen[str] | None = None
    _tokens: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        settings = {
            "SIGNALBOX_DATABASE_URL": f"sqlite:///{self.folder / 'signalbox.sqlite3'}",
            "SIGNALBOX_LOG_LEVEL": "warning",
        }
        return {name: value for name, value in os.environ.items() if not name.startswith("SIGNALBOX_")} | settings

    def command(self, *arguments: str) -> str:
        """What `signalbox ARGUMENTS` prints."""
        done = subprocess.run(
            [SIGNALBOX, *arguments], env=self.environment, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout

    def start(self, port: str = "0") -> None:
        with (self.folder / "server.log").open("a") as log:
            self.process = subprocess.Popen(
                [SIGNALBOX, "serve", "--port", port],
                env=self.environment,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.startswith(READY), line + self.log()
        self.address = line.removeprefix(READY).split()[0]

    def stop(self) -> None:
        assert self.process is not None
        self.process.terminate()
        self.process.communicate(timeout=30)

    def log(self) -> str:
        return (self.folder / "server.log").read_text()

    def token(self, *roles: str) -> str:
        """The secret of a machine with these roles."""
        name = "-".join(roles)
        if name not in self._tokens:
            flags = [flag for role in roles for flag in ("--role", role)]
            self._tokens[name] = json.loads(self.command("token", "add", name, *flags, "--json"))["secret"]
        return self._tokens[name]

    def machine(self, *roles: str) -> Client:
        """A client with a bearer token of these roles."""
        return Client(self.address, token=self.token(*roles))

    def person(self, name: str) -> Client:
        """A client in which this person is signed in."""
        client = Client(self.address)
        client.sign_in(name, PASSWORD)
        return client


@pytest.fixture(scope="session")
def peopled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database in which the people of the examples are."""
    prepared = Server(tmp_path_factory.mktemp("people"))
    for name, (roles, groups) in PEOPLE.items():
        flags = [flag for role in roles for flag in ("--role", role)]
        flags += [flag for group in groups for flag in ("--group", group)]
        prepared.command("user", "add", name, "--password", PASSWORD, *flags)
    return prepared.folder


@contextmanager
def running(peopled: Path, folder: Path) -> Iterator[Server]:
    """A server on a copy of that database."""
    for file in peopled.glob("signalbox.sqlite3*"):
        shutil.copy(file, folder)
    started = Server(folder)
    started.start()
    try:
        yield started
    finally:
        started.stop()


@pytest.fixture(scope="module")
def server(peopled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for all tests of a module."""
    with running(peopled, tmp_path_factory.mktemp("server")) as started:
        yield started


@pytest.fixture
def fresh_server(peopled: Path, tmp_path: Path) -> Iterator[Server]:
    """A server that no other test uses."""
    with running(peopled, tmp_path) as started:
        yield started


@pytest.fixture
def until() -> Callable[..., Any]:
    """Ask again and again until the answer is true; the last answer comes back."""

    def ask(question: Callable[[], Any], seconds: float = 30.0) -> Any:
        end = time.monotonic() + seconds
        while not (answer := question()):
            assert time.monotonic() < end, f"still {answer!r} after {seconds} s"
            time.sleep(0.02)
        return answer

    return ask
