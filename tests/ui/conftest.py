"""A real server on a loopback port with a database of its own, real people, and Debian's Chromium to use it with."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sheets import Sheet

from api.demo import PASSWORD, PEOPLE
from engine import Settings, migrate, open_engine
from engine.actors import SYSTEM, Actor, Role
from engine.commands import CreateToken, CreateUser

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
PAGE = ROOT / "api" / "static" / "index.html"
AXE = ROOT / "modeler-ui" / "node_modules" / "axe-core" / "axe.min.js"
START_SECONDS = 60
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

# Two cores run the server, the browser and the sandbox at once: what is asserted is that it comes, not how fast.
expect.set_options(timeout=20_000)


class Server:
    """`signalbox serve` as a process of its own, on one port for all its lives."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.database_url = f"sqlite:///{folder / 'signalbox.sqlite3'}"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None
        self.worker_token, self.root_token = self._people()

    def _people(self) -> tuple[str, str]:
        settings = Settings(database_url=self.database_url)
        migrate(settings)
        engine = open_engine(settings)
        try:
            for person in PEOPLE:
                engine.execute(
                    CreateUser(
                        name=person.name,
                        display_name=person.display_name,
                        password=PASSWORD,
                        roles=person.roles,
                        groups=person.groups,
                    ),
                    SYSTEM,
                )
            root = Actor(name="root", roles=frozenset({Role.ADMINISTRATOR}))
            worker = engine.execute(CreateToken(name="outside worker", roles=("worker",)), root)
            admin = engine.execute(CreateToken(name="test", roles=("administrator",)), root)
        finally:
            engine.close()
        return worker.secret, admin.secret

    def start(self) -> None:
        """Start it and wait until it answers."""
        command = [sys.executable, "-c", "from api.cli import main; main()", "serve", "--port", str(self.port)]
        environment = os.environ | {"SIGNALBOX_DATABASE_URL": self.database_url, "SIGNALBOX_LOG_FORMAT": "json"}
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            try:
                if httpx.get(self.url + "/health", timeout=2).status_code == httpx.codes.OK:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        pytest.fail("the server did not start:\n" + (self.folder / "server.log").read_text()[-4_000:])

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def crash(self) -> None:
        """Kill it and start it again."""
        self.kill()
        self.start()

    def stop(self) -> None:
        """End it in order."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.kill()

    def client(self, token: str) -> httpx.Client:
        """Calls under /api/v1 with a token. One connection per call: the server may have died in between."""
        return httpx.Client(
            base_url=self.url + "/api/v1",
            headers={"Authorization": f"Bearer {token}"},
            timeout=30,
            limits=httpx.Limits(max_keepalive_connections=0),
        )


@pytest.fixture(scope="session")
def built_ui() -> None:
    """The browser app as the wheel holds it."""
    if not PAGE.is_file():
        pytest.fail(f"{PAGE} is missing: build the browser app first with `make ui`")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, built_ui: None) -> Iterator[Server]:
    """One server for all tests that do not kill it."""
    running = Server(tmp_path_factory.mktemp("server"))
    running.start()
    yield running
    running.stop()


@pytest.fixture
def mortal_server(tmp_path: Path, built_ui: None) -> Iterator[Server]:
    """A server of the test's own, to be killed."""
    running = Server(tmp_path)
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium: nothing is downloaded."""
    if not CHROMIUM.is_file():
        pytest.fail(
            f"there is no Chromium at {CHROMIUM}: install it (Debian, Ubuntu: sudo apt-get install chromium) "
            "or name another with CHROMIUM=/path"
        )
    return browser_type_launch_args | {"executable_path": str(CHROMIUM)}


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, server: Server) -> Iterator[OpenPage]:
    """`open_page("ben", "/inbox")`: a page of a browser in which that person is signed in already. What the page
    complains about in its console fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def opened(name: str, path: str, *, at: Server | None = None, width: int = 1440, **options: Any) -> Page:
        where = at or server
        # at rest: a colour measured while something fades in is no fault
        still = {"locale": "en-US", "reduced_motion": "reduce", "viewport": {"width": width, "height": 900}}
        context = browser.new_context(base_url=where.url, **(still | options))
        contexts.append(context)
        signed_in = context.request.post(
            "/api/v1/session", data={"name": name, "password": PASSWORD}, headers={"Origin": where.url}
        )
        assert signed_in.ok, signed_in.text()
        page = context.new_page()
        page.on("pageerror", lambda fault: complaints.append(str(fault)))
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def admin(server: Server) -> Iterator[httpx.Client]:
    """The REST API as an administrator's program sees it."""
    with server.client(server.root_token) as client:
        yield client


@pytest.fixture
def worker(server: Server) -> Iterator[httpx.Client]:
    """The REST API as an outside worker sees it."""
    with server.client(server.worker_token) as client:
        yield client


@pytest.fixture
def deployed_examples(admin: httpx.Client) -> None:
    """The examples, as `make demo` deploys them."""
    for path in sorted((ROOT / "examples").glob("*/*.bpmn")):
        answer = admin.post("/deployments", files={"files": (path.name, path.read_bytes(), "application/xml")})
        assert answer.is_success, answer.text


Start = Callable[..., str]


@pytest.fixture
def start(admin: httpx.Client, deployed_examples: None) -> Start:
    """`start("expense-approval", amount=240)`: the id of a new instance."""

    def started(key: str, business_key: str | None = None, **variables: Any) -> str:
        body = {"definition_key": key, "business_key": business_key, "variables": variables}
        answer = admin.post("/process-instances", json=body)
        assert answer.status_code == httpx.codes.CREATED, answer.text
        return str(answer.json()["id"])

    return started


CheckAccess = Callable[[Page], None]


@pytest.fixture(scope="session")
def accessible() -> CheckAccess:
    """`accessible(page)` fails with every WCAG 2.2 A/AA fault that axe finds on the page as it is now."""
    if not AXE.is_file():
        pytest.fail(f"{AXE} is missing: install the browser app's packages first with `make ui`")
    source = AXE.read_text()

    def check(page: Page) -> None:
        # evaluated, not added as a <script>: the page's own policy forbids foreign scripts
        page.evaluate(source)
        found = page.evaluate("tags => axe.run(document, {runOnly: tags})", WCAG)
        faults = [
            f"{fault['id']}: {fault['help']}\n" + "\n".join(f"    {node['html'][:200]}" for node in fault["nodes"])
            for fault in found["violations"]
        ]
        assert not faults, "\n".join(faults)

    return check


@pytest.fixture
def sheet(open_page, admin, accessible) -> Iterator[Sheet]:
    """A new diagram to draw on; at the end, the panel of what is selected has no fault of accessibility."""
    page = open_page("ada", "/model")
    drawn = Sheet(page, lambda draft_id: str(admin.get(f"/drafts/{draft_id}").json()["xml"]))
    yield drawn
    accessible(page)
