"""Process P over HTTP: `signalbox serve` in a process of its own, clients in another, all on this machine's cores."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import local
from typing import Any
from urllib.parse import urlsplit

from bench import process_p
from bench.process_p import Rate

SIGNALBOX = str(Path(sys.executable).with_name("signalbox"))
# As in an installation without the tools of development: structlog loads rich wherever it finds it, 4 MB.
_SERVE = (
    sys.executable,
    "-c",
    "import sys; sys.modules['rich'] = None; from api.cli import main; main()",
    "serve",
)
_READY = "Signalbox is ready at "


@dataclass(frozen=True)
class Server:
    """A running `signalbox serve`: where, its process, the secret of a machine that may do everything."""

    address: str
    pid: int
    token: str
    seconds_to_first_answer: float


@contextmanager
def serving(**settings: str) -> Iterator[Server]:
    """A server on a new SQLite database; `settings` are environment variables without their prefix."""
    with tempfile.TemporaryDirectory(prefix="signalbox-bench-") as folder:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SIGNALBOX_")}
        environment |= {f"SIGNALBOX_{name.upper()}": value for name, value in settings.items()}
        environment |= {
            "SIGNALBOX_DATABASE_URL": f"sqlite:///{Path(folder) / 'bench.sqlite3'}",
            "SIGNALBOX_LOG_LEVEL": "warning",
        }
        command = [SIGNALBOX, "token", "add", "bench", "--role", "administrator", "--json"]
        made = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        begun = time.perf_counter()
        process = subprocess.Popen([*_SERVE, "--port", "0"], env=environment, stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith(_READY), line
            address = line.removeprefix(_READY).split()[0]
            connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)
            connection.request("GET", "/health")
            assert connection.getresponse().read()
            connection.close()
            yield Server(address, process.pid, json.loads(made.stdout)["secret"], time.perf_counter() - begun)
        finally:
            process.terminate()
            process.communicate(timeout=30)


class Caller:
    """Makes calls over one connection a thread."""

    def __init__(self, server: Server) -> None:
        self._place = urlsplit(server.address).netloc
        self._token = server.token
        self._thread = local()

    def call(self, method: str, path: str, body: object = None, kind: str = "application/json") -> Any:
        """The answer's JSON; anything but success fails."""
        connection = getattr(self._thread, "connection", None)
        if connection is None:
            connection = self._thread.connection = http.client.HTTPConnection(self._place, timeout=60)
        headers = {"Authorization": f"Bearer {self._token}"}
        content = body if isinstance(body, bytes) else None
        if body is not None:
            headers["Content-Type"] = kind
            content = content if content is not None else json.dumps(body).encode()
        connection.request(method, f"/api/v1{path}", content, headers)
        answer = connection.getresponse()
        text = answer.read()
        assert answer.status < 300, (method, path, answer.status, text[:500])
        return json.loads(text)

    def deploy(self, diagram: bytes | None = None) -> None:
        """Deploy process P, or a variant of it."""
        edge = "signalbox-bench"
        head = f'--{edge}\r\nContent-Disposition: form-data; name="files"; filename="{process_p.FILE.name}"\r\n\r\n'
        body = head.encode() + (diagram or process_p.FILE.read_bytes()) + f"\r\n--{edge}--\r\n".encode()
        self.call("POST", "/deployments", body, f"multipart/form-data; boundary={edge}")

    def one_instance(self) -> str:
        """Start an instance, find its user task, complete it."""
        started = {"definition_key": process_p.KEY, "variables": process_p.GIVEN}
        instance: str = self.call("POST", "/process-instances", started)["id"]
        (task,) = self.call("GET", f"/user-tasks?process_instance_id={instance}")["items"]
        self.call("POST", f"/user-tasks/{task['id']}/complete", {"variables": process_p.DECIDED})
        return instance

    def check(self) -> None:
        """One more instance, and whether it came to its right end; and that none was left on the way."""
        instance = self.one_instance()
        assert self.call("GET", f"/process-instances/{instance}")["state"] == "completed"
        values = {
            item["name"]: item["value"]
            for item in self.call("GET", f"/process-instances/{instance}/variables")["items"]
        }
        assert process_p.RESULT.items() <= values.items(), values
        assert self.call("GET", "/process-instances?state=active")["items"] == []


def measure(server: Server, instances: int, clients: int) -> Rate:
    """`clients` at a time in a process of their own. The processor time is the server's."""
    before = processor_seconds(server.pid)
    client = subprocess.run(
        [sys.executable, "-m", "bench.over_http", server.address, server.token, str(instances), str(clients)],
        capture_output=True,
        text=True,
        check=True,
    )
    wall = float(client.stdout)
    used = processor_seconds(server.pid) - before
    return Rate(instances, wall, used)


def processor_seconds(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _client(address: str, token: str, instances: int, clients: int) -> None:
    caller = Caller(Server(address, 0, token, 0.0))
    with ThreadPoolExecutor(clients) as threads:
        list(threads.map(lambda _: caller.one_instance(), range(clients)))  # connections, and whatever is lazy
        begun = time.perf_counter()
        list(threads.map(lambda _: caller.one_instance(), range(instances)))
        print(time.perf_counter() - begun)


if __name__ == "__main__":
    _client(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
