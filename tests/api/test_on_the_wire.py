"""What a client can do to a connection: send too much, too slowly, in pieces, or go away."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from doors import APPROVAL, Server, eventually

from engine.actors import SYSTEM
from engine.queries import ListProcessInstances, ListUserTasks


@contextmanager
def connection(server: Server) -> Iterator[socket.socket]:
    host, port = server.address.removeprefix("http://").split(":")
    with closing(socket.create_connection((host, int(port)), timeout=20)) as opened:
        yield opened


def head(server: Server, path: str, *lines: str, method: str = "POST", role: str = "administrator") -> bytes:
    token = server.token(role)
    all_lines = (f"{method} {path} HTTP/1.1", "Host: localhost", f"Authorization: Bearer {token}", *lines, "", "")
    return "\r\n".join(all_lines).encode()


def answered(opened: socket.socket) -> tuple[int, dict[str, Any]]:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = opened.recv(65_536)
        assert piece, "closed without an answer"
        data += piece
    top, _, body = data.partition(b"\r\n\r\n")
    length = int(top.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    while len(body) < length:
        body += opened.recv(65_536)
    return int(top.split()[1]), json.loads(body)


@pytest.mark.parametrize("chunked", [False, True], ids=["with a length", "chunked"])
@pytest.mark.parametrize(
    ("path", "size"),
    [("/check", 50_000_000), ("/process-instances", 3_000_000), ("/deployments", 50_000_000), ("/session", 3_000_000)],
)
def test_a_body_beyond_the_limit_gets_its_answer(server: Server, path: str, size: int, chunked: bool) -> None:
    kinds = {"/check": "application/xml", "/deployments": "multipart/form-data; boundary=b"}
    piece = b"x" * 100_000
    begin = b""
    if path == "/deployments":
        begin = b'--b\r\nContent-Disposition: form-data; name="f"; filename="f.bpmn"\r\n\r\n'

    def pieces() -> Iterator[bytes]:
        yield begin
        for _ in range(size // len(piece)):
            yield piece

    headers = {"Content-Type": kinds.get(path, "application/json")}
    if not chunked:
        headers["Content-Length"] = str(len(begin) + size // len(piece) * len(piece))
    answer = server.client("administrator").post(path, content=pieces(), headers=headers)

    assert (answer.status_code, answer.json()["type"]) == (413, "urn:signalbox:problem:too_large")
    assert httpx.get(f"{server.address}/health").status_code == 200


@pytest.mark.parametrize("path", ["/api/v1/check", "/api/v1/deployments", "/api/v1/messages"])
def test_who_sends_it_all_before_listening_hears_the_answer(server: Server, path: str) -> None:
    kind = "multipart/form-data; boundary=b" if path.endswith("deployments") else "application/json"
    with connection(server) as opened:
        opened.sendall(head(server, path, f"Content-Type: {kind}", "Content-Length: 50000000"))
        for _ in range(500):
            opened.sendall(b"x" * 100_000)

        assert answered(opened)[0] == 413


def test_a_chunked_body_is_taken(server: Server) -> None:
    body = iter([b'{"definition_key"', b': "approval"}'])

    answer = server.client("starter").post(
        "/process-instances", content=body, headers={"Content-Type": "application/json"}
    )

    assert answer.status_code == 201


def test_a_chunked_deployment_is_taken(server: Server) -> None:
    body = (
        b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.bpmn"\r\n\r\n' + APPROVAL + b"\r\n--b--\r\n"
    )

    answer = server.client("analyst").post(
        "/deployments", content=iter([body]), headers={"Content-Type": "multipart/form-data; boundary=b"}
    )

    assert answer.status_code in (200, 201), answer.text


@pytest.mark.parametrize("bad", ["-1", "zz", "99999999999999999999", "1, 2"])
def test_a_length_that_is_none_is_refused(server: Server, bad: str) -> None:
    with connection(server) as opened:
        opened.sendall(head(server, "/api/v1/check", "Content-Type: application/xml", f"Content-Length: {bad}"))
        assert opened.recv(4_096).split()[1] in (b"400", b"413")
    assert httpx.get(f"{server.address}/health").status_code == 200


def test_a_broken_chunk_is_refused(server: Server) -> None:
    with connection(server) as opened:
        request = head(server, "/api/v1/check", "Content-Type: application/xml", "Transfer-Encoding: chunked")
        opened.sendall(request + b"nonsense\r\n")
        assert opened.recv(4_096).split()[1] == b"400"


def test_an_answer_on_a_kept_connection_does_not_wait_for_an_acknowledgement(server: Server) -> None:
    taken = []
    with httpx.Client(base_url=server.address) as client:
        for _ in range(12):
            begun = time.perf_counter()
            assert client.get("/health").status_code == 200
            taken.append(time.perf_counter() - begun)
    # Linux acknowledges after 40 ms at the earliest where there is nothing to send.
    assert sorted(taken)[1] < 0.035


def test_who_goes_away_while_sending_is_no_fault_of_the_server(server: Server) -> None:
    before = server.log.count("request failed")
    for _ in range(5):
        with connection(server) as opened:
            opened.sendall(head(server, "/api/v1/check", "Content-Type: application/xml", "Content-Length: 9000"))
            opened.sendall(b"<a>")
    with connection(server) as opened:
        opened.sendall(head(server, "/api/v1/check", "Content-Type: application/xml", "Transfer-Encoding: chunked"))
        opened.sendall(b"5\r\n<a")

    assert httpx.get(f"{server.address}/health").status_code == 200
    assert server.log.count("request failed") == before


def test_a_body_that_ends_too_early_is_not_taken_for_a_whole_one(server: Server) -> None:
    body = b'{"definition_key": "approval"}'
    before = len(server.engine.read(ListProcessInstances(limit=200), SYSTEM).items)
    with connection(server) as opened:
        request = head(server, "/api/v1/process-instances", "Content-Type: application/json", "Content-Length: 99")
        opened.sendall(request + body)
        opened.shutdown(socket.SHUT_WR)
        assert answered(opened)[0] == 400
    assert len(server.engine.read(ListProcessInstances(limit=200), SYSTEM).items) == before


def test_slow_clients_do_not_keep_others_waiting(sqlite_server: Callable[..., Server]) -> None:
    server = sqlite_server(http_threads=8, max_sockets=2, max_long_polls=2)
    with ExitStack() as stack:
        slow = [stack.enter_context(connection(server)) for _ in range(12)]
        for each in slow:
            each.sendall(b"GET /health HTTP/1.1\r\nHost: loc")

        # they hold every thread there is, until their time is over
        assert httpx.get(f"{server.address}/health", timeout=30).status_code == 200
        eventually(lambda: all(closed(each) for each in slow), 10)


def closed(opened: socket.socket) -> bool:
    opened.settimeout(0.01)
    try:
        return opened.recv(1_024) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


def test_one_who_does_not_say_goodbye_does_not_stop_the_others(server: Server) -> None:
    with connection(server) as opened:
        opened.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        eventually(lambda: opened.recv(4_096))
        began = time.monotonic()
        # our end stays open: the server lingers for it, in a thread of its own
        for _ in range(5):
            assert httpx.get(f"{server.address}/health").status_code == 200
        assert time.monotonic() - began < 1.5


def test_many_at_once_are_all_answered(server: Server) -> None:
    codes: list[int] = []
    client = server.client("operator", limits=httpx.Limits(max_connections=40))

    def ask() -> None:
        codes.extend(client.get("/process-instances?limit=5").status_code for _ in range(5))

    threads = [threading.Thread(target=ask) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert codes == [200] * 200


# --- stopping and starting -------------------------------------------------------------------------------------------
def test_a_request_that_runs_is_answered_before_the_server_stops(sqlite_server: Callable[..., Server]) -> None:
    server = sqlite_server()
    body = b'{"definition_key": "approval"}'
    with connection(server) as opened:
        request = head(
            server, "/api/v1/process-instances", "Content-Type: application/json", f"Content-Length: {len(body)}"
        )
        opened.sendall(request + body[:5])
        stopping = threading.Thread(target=server.stop)
        stopping.start()
        eventually(lambda: refuses(server))
        opened.sendall(body[5:])

        assert answered(opened)[0] == 201
        stopping.join()
    assert server.process is not None
    assert server.process.returncode == 0


def refuses(server: Server) -> bool:
    try:
        with connection(server) as opened:
            opened.settimeout(0.2)
            opened.sendall(b"GET /health HTTP/1.0\r\n\r\n")
            return opened.recv(1) == b""
    except OSError:
        return True


def test_ctrl_c_stops_it_too(sqlite_server: Callable[..., Server]) -> None:
    assert sqlite_server().stop(signal.SIGINT) == 0


def test_the_same_signal_twice_is_one_wish_to_stop(sqlite_server: Callable[..., Server]) -> None:
    server = sqlite_server()
    assert server.process is not None
    server.process.send_signal(signal.SIGTERM)

    assert server.stop(signal.SIGTERM) == 0


def test_who_asks_again_later_need_not_wait_for_the_last_request(sqlite_server: Callable[..., Server]) -> None:
    server = sqlite_server()
    assert server.process is not None
    with connection(server) as opened:
        opened.sendall(head(server, "/api/v1/check", "Content-Type: application/xml", "Content-Length: 9"))
        server.process.send_signal(signal.SIGTERM)
        eventually(lambda: refuses(server))
        began = time.monotonic()

        def impatient() -> bool:
            assert server.process is not None
            server.process.send_signal(signal.SIGINT)
            return server.process.poll() is not None

        eventually(impatient)
        assert time.monotonic() - began < 5


def test_a_kill_loses_nothing(own_server: Callable[..., Server]) -> None:
    server = own_server()
    instance = server.client("starter").post("/process-instances", json={"definition_key": "approval"}).json()
    server.stop(signal.SIGKILL)
    server.run()
    [task] = server.person("ben").get("/user-tasks").json()["items"]
    server.stop(signal.SIGKILL)
    server.run()
    done = server.person("ben").post(f"/user-tasks/{task['id']}/complete", json={"variables": {"approved": True}})
    server.stop(signal.SIGKILL)
    server.run()

    assert done.status_code == 200, server.log
    assert server.client("operator").get(f"/process-instances/{instance['id']}").json()["state"] == "completed"
    assert server.engine.read(ListUserTasks(), SYSTEM).items == []


def test_a_port_that_is_taken_is_said_in_a_sentence(server: Server) -> None:
    port = server.address.rpartition(":")[2]

    done = subprocess.run(
        [sys.executable, "-m", "api.cli", "serve", "--port", port, "--database-url", server.database_url],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert f"port {port}: address already in use" in done.stderr
    assert "Traceback" not in done.stderr


def test_another_gunicorn_can_serve_it(tmp_path: Path, server: Server) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {"SIGNALBOX_DATABASE_URL": server.database_url}
    command = [sys.executable, "-m", "gunicorn", "--worker-class", "gthread", "--threads", "20"]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--bind", f"127.0.0.1:{port}", "api.wsgi:application()"], env=environment, stderr=log
        )
    try:
        eventually(lambda: answers(f"http://127.0.0.1:{port}/health"), 30)
    finally:
        process.terminate()
        code = process.wait(20)

    assert code == 0, (tmp_path / "log").read_text()


def answers(address: str) -> bool:
    try:
        return httpx.get(address).status_code == 200
    except httpx.TransportError:
        return False
