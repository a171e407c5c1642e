"""Workers that wait for jobs: woken at once, bounded in number, and nothing is locked for who has left."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import httpx
from doors import Server, eventually, start

from engine.actors import SYSTEM
from engine.queries import ListJobs, ListTokens


def fetch(wait: float = 10, topic: str = "payment", **more: Any) -> dict[str, Any]:
    return {"worker_id": "w", "topics": [{"name": topic}], "wait_seconds": wait, **more}


def waiting(server: Server) -> int:
    token = server.token("administrator")
    text = httpx.get(f"{server.address}/metrics", headers={"Authorization": f"Bearer {token}"}).text
    return int(float(text.split("\nsignalbox_long_polls ")[1].split()[0]))


def job_states(server: Server) -> list[str]:
    return [job.state for job in server.engine.read(ListJobs(limit=200), SYSTEM).items]


def test_a_waiting_worker_gets_a_job_as_soon_as_it_is_there(own_server: Callable[..., Server]) -> None:
    server = own_server()
    worker, starter = server.client("worker"), server.client("starter")

    with ThreadPoolExecutor() as pool:
        answer = pool.submit(worker.post, "/jobs/fetch", json=fetch())
        eventually(lambda: waiting(server) == 1)
        began = time.monotonic()
        started = starter.post("/process-instances", json={"definition_key": "payment"})
        [job] = answer.result().json()["items"]

    assert job["process_instance_id"] == started.json()["id"]
    assert time.monotonic() - began < 0.9, "it was told, it did not look again"


def test_a_job_made_by_another_process_is_found_soon(own_server: Callable[..., Server]) -> None:
    server = own_server()
    worker = server.client("worker")

    with ThreadPoolExecutor() as pool:
        answer = pool.submit(worker.post, "/jobs/fetch", json=fetch())
        eventually(lambda: waiting(server) == 1)
        start(server.engine, "payment")

        assert len(answer.result().json()["items"]) == 1


def test_the_wait_ends_without_a_job(server: Server) -> None:
    worker = server.client("worker")
    began = time.monotonic()

    answer = worker.post("/jobs/fetch", json=fetch(wait=0.5, topic="nothing"))

    assert (answer.status_code, answer.json()) == (200, {"items": []})
    assert 0.4 < time.monotonic() - began < 3


def test_nothing_is_locked_for_a_client_that_has_hung_up(sqlite_server: Callable[..., Server]) -> None:
    server = sqlite_server()
    host, port = server.address.removeprefix("http://").split(":")
    body = json.dumps(fetch(wait=30)).encode()
    request = (
        f"POST /api/v1/jobs/fetch HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {server.token('worker')}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode()
    with closing(socket.create_connection((host, int(port)))) as connection:
        connection.sendall(request + body)
        eventually(lambda: waiting(server) == 1)

    starter = server.client("starter")
    starter.post("/process-instances", json={"definition_key": "payment"})

    eventually(lambda: waiting(server) == 0)
    assert job_states(server) == ["available"]
    assert len(server.client("worker").post("/jobs/fetch", json=fetch(wait=0)).json()["items"]) == 1


def test_a_token_revoked_during_the_wait_fetches_nothing_more(sqlite_server: Callable[..., Server]) -> None:
    server = sqlite_server()
    worker, administrator = server.client("worker"), server.client("administrator")
    token = next(each for each in server.engine.read(ListTokens(), SYSTEM).items if each.roles == ["worker"])

    with ThreadPoolExecutor() as pool:
        answer = pool.submit(worker.post, "/jobs/fetch", json=fetch())
        eventually(lambda: waiting(server) == 1)
        assert administrator.delete(f"/tokens/{token.id}").status_code == 204
        start(server.engine, "payment")

        assert answer.result().status_code == 401
    assert job_states(server) == ["available"]


def test_waiting_workers_have_a_bounded_number_of_places(
    sqlite_server: Callable[..., Server],
) -> None:
    server = sqlite_server(max_long_polls=4, max_sockets=1, http_threads=2)
    clients = [server.client("worker") for _ in range(5)]

    with ThreadPoolExecutor(max_workers=8) as pool:
        waits = [pool.submit(client.post, "/jobs/fetch", json=fetch(wait=4)) for client in clients[:4]]
        eventually(lambda: waiting(server) == 4)
        refused = clients[4].post("/jobs/fetch", json=fetch(wait=4))
        began = time.monotonic()
        for _ in range(10):
            assert httpx.get(f"{server.address}/health").status_code == 200
        others = time.monotonic() - began

        assert (refused.status_code, refused.json()["type"]) == (429, "urn:signalbox:problem:too_many_requests")
        assert int(refused.headers["Retry-After"]) >= 1
        assert clients[4].post("/jobs/fetch", json=fetch(wait=0)).status_code == 200, "who does not wait needs no place"
        assert others < 2
        assert [wait.result().status_code for wait in waits] == [200] * 4


def test_a_job_goes_to_one_of_many_that_wait(own_server: Callable[..., Server]) -> None:
    server = own_server()
    clients = [server.client("worker") for _ in range(6)]

    with ThreadPoolExecutor(max_workers=8) as pool:
        waits = [pool.submit(client.post, "/jobs/fetch", json=fetch(wait=3, max_jobs=10)) for client in clients]
        eventually(lambda: waiting(server) == 6)
        started = {start(server.engine, "payment").id for _ in range(3)}
        found = [job["process_instance_id"] for wait in waits for job in wait.result().json()["items"]]

    assert sorted(found) == sorted(started)


def test_stopping_lets_waiting_workers_go(sqlite_server: Callable[..., Server]) -> None:
    server = sqlite_server()
    worker = server.client("worker")

    with ThreadPoolExecutor() as pool:
        answer = pool.submit(worker.post, "/jobs/fetch", json=fetch(wait=60))
        eventually(lambda: waiting(server) == 1)
        began = time.monotonic()
        code = server.stop()

        assert answer.result().json() == {"items": []}
    assert code == 0
    assert time.monotonic() - began < 8
