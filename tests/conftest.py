"""Databases for tests: whatever asks for one runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings as hypothesis_settings

from engine import Engine, Settings, migrate, open_engine
from engine.evaluators import SandboxEvaluator
from engine.store.database import Database
from engine.testing import ManualClock, empty_sqlite

# How long an example takes says more about the machine than about the example.
hypothesis_settings.register_profile("house", deadline=None)
# `pytest --hypothesis-profile=long tests/bpmn/test_random_processes.py`: by chance, and for as long as it takes.
hypothesis_settings.register_profile("long", deadline=None)
hypothesis_settings.load_profile("house")

POSTGRESQL_FOLDERS = "/usr/lib/postgresql/*/bin"


class PostgreSQL:
    """A private server on a socket in a temporary folder, without fsync: its data need not outlive the tests."""

    def __init__(self, folder: Path, binaries: Path):
        self.folder = folder
        self._binaries = binaries
        self._made = 0
        self._server: subprocess.Popen[bytes] | None = None
        # PostgreSQL refuses to run as root; its package brings a user of its own.
        self._as = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []

    def start(self) -> None:
        """Create the cluster and wait until it answers."""
        if self._as:
            shutil.chown(self.folder, "postgres", "postgres")
        self._run("initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "fsync": "off",
            "full_page_writes": "off",
            "max_connections": "200",
        }
        arguments = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        # SIGQUIT, an immediate stop, should the test run be killed: no server outlives it.
        outlives = ["setpriv", "--pdeathsig", "QUIT"] if shutil.which("setpriv") else []
        if self._as:
            outlives = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--pdeathsig", "QUIT"]
        with open(self.folder / "log", "w") as log:
            self._server = subprocess.Popen(
                [*outlives, str(self._binaries / "postgres"), "-D", self.data, *arguments],
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + 60
        while not self._answers():
            assert self._server.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < deadline, "PostgreSQL does not answer"
            time.sleep(0.02)
        self._ask("CREATE DATABASE template_empty")
        migrate(Settings(database_url=self.url("template_empty")))

    def _answers(self) -> bool:
        try:
            self._ask("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def stop(self) -> None:
        """End it at once."""
        if self._server is not None:
            self._server.send_signal(signal.SIGQUIT)
            self._server.wait(30)

    @property
    def data(self) -> str:
        return f"{self.folder}/data"

    def url(self, name: str) -> str:
        """How to reach a database of this server."""
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}"

    def create(self, template: str) -> str:
        """The URL of a new database."""
        self._made += 1
        name = f"test_{self._made}"
        self._ask(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def drop(self, url: str) -> None:
        """Remove a database, whoever is connected to it."""
        name = url.partition("@/")[2].partition("?")[0]
        self._ask(f"DROP DATABASE {name} WITH (FORCE)")

    def _ask(self, statement: str) -> None:
        with psycopg.connect(host=str(self.folder), user="postgres", dbname="postgres", autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[call-overload, unused-ignore]

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [*self._as, str(self._binaries / program), *arguments],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert done.returncode == 0, f"{program} failed: {done.stdout}"


def _postgresql_binaries() -> Path:
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    folders = sorted(Path("/").glob(POSTGRESQL_FOLDERS[1:]), key=lambda folder: float(folder.parent.name))
    if not folders:
        pytest.fail("PostgreSQL is missing; install it with: apt-get install postgresql", pytrace=False)
    return folders[-1]


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """A PostgreSQL server for this test run."""
    binaries = _postgresql_binaries()
    folder = Path(tempfile.mkdtemp(prefix="signalbox-pg-", dir="/tmp"))  # short: a socket's path has 107 characters
    server = PostgreSQL(folder, binaries)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Which database a test runs on: each of them, one after the other."""
    return str(request.param)


@pytest.fixture
def database_folder() -> Iterator[Path]:
    """Where SQLite files of tests lie: in memory where the system offers it, as every commit waits for the disk."""
    memory = Path("/dev/shm")
    room = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 200_000_000
    with tempfile.TemporaryDirectory(prefix="signalbox-", dir=memory if room else None) as folder:
        yield Path(folder)


@pytest.fixture
def empty_database_url(database_kind: str, database_folder: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database without a schema."""
    if database_kind == "sqlite":
        yield f"sqlite:///{database_folder / 'empty.sqlite3'}"
        return
    server: PostgreSQL = request.getfixturevalue("postgresql")
    url = server.create("template0")
    yield url
    server.drop(url)


@pytest.fixture
def database_url(database_kind: str, database_folder: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """A migrated database without content."""
    if database_kind == "sqlite":
        file = database_folder / "signalbox.sqlite3"
        shutil.copyfile(empty_sqlite(), file)
        yield f"sqlite:///{file}"
        return
    server: PostgreSQL = request.getfixturevalue("postgresql")
    url = server.create("template_empty")
    yield url
    server.drop(url)


@pytest.fixture
def clock() -> ManualClock:
    """The time of the test; it stands still until the test advances it."""
    return ManualClock()


@pytest.fixture
def database(database_url: str, clock: ManualClock) -> Iterator[Database]:
    """A migrated database, opened; leases are compared with the test's clock."""
    database = Database(database_url, lease_clock=clock)
    yield database
    database.close()


@pytest.fixture(scope="session")
def sandbox() -> Iterator[SandboxEvaluator]:
    """The real sandbox, shared: its workers keep nothing between evaluations."""
    evaluator = SandboxEvaluator(processes=2)
    yield evaluator
    evaluator.close()


@pytest.fixture
def engine(database_url: str, clock: ManualClock, sandbox: SandboxEvaluator) -> Iterator[Engine]:
    """An engine on an empty database. Nothing runs in its background."""
    opened = open_engine(Settings(database_url=database_url), clock=clock, evaluator=sandbox)
    yield opened
    opened.close()
