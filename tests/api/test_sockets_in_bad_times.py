"""WebSockets when it gets tight: too many of them, readers that do not read, silence, a server that dies or stops."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable
from contextlib import suppress

import httpx
import pytest
import websocket
from doors import Listener, Server, actor, by_token, eventually, make_token, open_sockets, start

from api.fan_out import Hub
from api.sockets import Socket
from engine.actors import SYSTEM
from engine.commands import AssignUserTask, ClaimUserTask, CompleteUserTask
from engine.queries import ListEvents, ListUserTasks


def test_sockets_have_a_bounded_number_of_places(sqlite_server: Callable[..., Server]) -> None:
    server = sqlite_server(max_sockets=3)
    listeners = [by_token(server, "operator") for _ in range(3)]

    with pytest.raises(websocket.WebSocketBadStatusException) as refused:
        by_token(server, "operator")
    assert refused.value.status_code == 429

    listeners.pop().close()
    eventually(lambda: open_sockets(server) == 2)
    by_token(server, "operator").close()


def test_a_reader_that_is_too_slow_is_dropped_and_hurts_nobody(server: Server) -> None:
    before = open_sockets(server)
    slow = by_token(server, "operator")
    slow.socket.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    instance = start(server.engine, "approval")
    [task] = server.engine.read(ListUserTasks(process_instance_id=instance.id), SYSTEM).items
    topics = ["instances", "tasks", "incidents", f"instance:{instance.id}"]
    slow.subscribe(*topics)

    # claims of one task: each is an event for everybody who follows it
    ben, cleo = actor("ben", "approvers"), actor("cleo", "approvers")
    for _ in range(3):
        server.engine.execute(ClaimUserTask(id=task.id), ben)
        server.engine.execute(AssignUserTask(id=task.id, assignee=None), SYSTEM)
        server.engine.execute(ClaimUserTask(id=task.id), cleo)
        server.engine.execute(AssignUserTask(id=task.id, assignee=None), SYSTEM)
    cursor = "0.0"
    slow.say(subscribe=topics, cursor=cursor)
    slow.socket.settimeout(60)
    with suppress(websocket.WebSocketException, OSError):  # dropped meanwhile, where the buffers are small
        for _ in range(200):
            # never read: the server's buffer and the client's fill up
            slow.say(subscribe=topics, cursor=cursor, ping="x" * 30_000)
    # It comes now, so that it reads all the time: not reading is what a reader is dropped for.
    quick = by_token(server, "operator")
    quick.subscribe("tasks")
    server.engine.execute(ClaimUserTask(id=task.id), ben)
    server.engine.execute(CompleteUserTask(id=task.id, variables={"approved": True}), ben)

    quick.until(lambda said: said.get("kind") == "user_task.completed")
    eventually(lambda: open_sockets(server) == before + 1, 30)


class Blocked:
    """A connection whose client does not read: the thread that serves it never gets to send."""

    connected = True

    def __init__(self) -> None:
        self.event = threading.Event()
        self.closed_with: tuple[int, str] | None = None

    def receive(self, timeout: float) -> None:
        return None

    def send(self, text: str) -> None:
        pass

    def close(self, code: int, reason: str) -> None:
        self.closed_with = (code, reason)


def test_what_waits_for_a_reader_is_bounded(server: Server) -> None:
    connection = Blocked()
    waiting = Socket(server.engine, connection, SYSTEM, None, None, 20)

    for number in range(2_000):
        waiting.offer(f"0.{number}", "instances", "x" * 1_000)
    assert len(waiting._queue) == 1_000
    hub = Hub(server.engine, 1)
    with hub.joined(waiting):
        waiting.run(hub)
    hub.stop()

    assert connection.closed_with == (1013, "reads too slowly")


def test_a_heartbeat_brings_the_cursor_when_nothing_happens(sqlite_server: Callable[..., Server]) -> None:
    server = sqlite_server(heartbeat_seconds=0.3)
    listener = by_token(server, "operator")
    listener.subscribe("instances")
    listener.until(lambda said: "heartbeat" in said)

    start(server.engine, "approval")
    told = listener.until(lambda said: said.get("kind") == "instance.started")
    later = listener.until(lambda said: "heartbeat" in said and said["heartbeat"] != listener.hello["cursor"])

    missed = server.engine.read(ListEvents(after=told["cursor"], limit=1_000), SYSTEM)
    assert later["heartbeat"] in (missed.next_cursor, *(event.cursor for event in missed.items))


def test_a_socket_resumes_on_a_server_that_was_killed(own_server: Callable[..., Server]) -> None:
    server = own_server()
    token = make_token(server.engine, "operator")
    listener = Listener(server, header={"Authorization": f"Bearer {token}"})
    listener.subscribe("instances")
    start(server.engine, "approval")
    seen = listener.next()["cursor"]
    server.stop(signal.SIGKILL)
    missed = start(server.engine, "approval")
    server.run()

    listener = Listener(server, header={"Authorization": f"Bearer {token}"})
    listener.say(subscribe=["instances"], cursor=seen)

    assert listener.next()["id"] == missed.id


def test_stopping_says_goodbye(sqlite_server: Callable[..., Server]) -> None:
    server = sqlite_server()
    listener = by_token(server, "operator")

    with httpx.Client() as client:
        client.get(f"{server.address}/health")
    code = server.stop()

    assert listener.next() == {"closed": 1001}
    assert code == 0
