"""The WebSocket, over a real connection: who hears what, what a resume brings, who is dropped."""

from __future__ import annotations

import signal
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import websocket
from doors import APPROVAL, Listener, Server, deploy, eventually, make_token, start

from api.fan_out import Hub
from api.sockets import Socket
from engine.actors import SYSTEM, Actor, Role
from engine.commands import (
    AssignUserTask,
    CancelProcessInstance,
    ClaimUserTask,
    CompleteUserTask,
    RevokeToken,
    StartProcessInstance,
)
from engine.queries import ListEvents, ListTokens, ListUserTasks


def by_token(server: Server, *roles: str) -> Listener:
    return Listener(server, header={"Authorization": f"Bearer {server.token(*roles)}"})


def by_cookie(server: Server, name: str, **options: Any) -> Listener:
    client = server.person(name)
    return Listener(server, cookie=f"signalbox_session={client.cookies['signalbox_session']}", **options)


def actor(name: str, *groups: str) -> Actor:
    return Actor(name=name, roles=frozenset({Role.PARTICIPANT, Role.STARTER}), groups=frozenset(groups))


def started_by(server: Server, name: str) -> str:
    command = StartProcessInstance(definition_key="approval")
    identity: str = server.engine.execute(command, actor(name)).id
    return identity


def open_sockets(server: Server) -> int:
    token = server.token("administrator")
    text = httpx.get(f"{server.address}/metrics", headers={"Authorization": f"Bearer {token}"}).text
    return int(float(text.split("\nsignalbox_websockets ")[1].split()[0]))


def test_it_says_what_changed_and_never_what_it_is_now(server: Server) -> None:
    listener = by_token(server, "operator")
    listener.subscribe("instances")

    instance = start(server.engine, "approval", secret="of the process")
    said = listener.next()

    assert said == {
        "topic": "instances",
        "kind": "instance.started",
        "id": instance.id,
        "instance_id": instance.id,
        "definition_key": "approval",
        "element_id": None,
        "version": 1,
        "cursor": said["cursor"],
        "at": said["at"],
    }


def test_one_instance_can_be_followed_to_its_end(server: Server) -> None:
    instance, other = start(server.engine, "approval"), start(server.engine, "approval")
    listener = by_token(server, "operator")
    listener.subscribe(f"instance:{instance.id}")

    for identity in (other.id, instance.id):
        server.engine.execute(CancelProcessInstance(id=identity), SYSTEM)
    kinds = []
    while not kinds or kinds[-1] != "instance.cancelled":
        said = listener.next()
        assert said["instance_id"] == instance.id
        kinds.append(said["kind"])

    assert "user_task.cancelled" in kinds


def test_definitions_drafts_and_incidents_have_topics(server: Server) -> None:
    listener = by_token(server, "administrator")
    listener.subscribe("definitions", "drafts", "incidents")

    deploy(server.engine, APPROVAL.replace(b"Approved", b"Agreed %d" % time.monotonic_ns()))
    assert listener.next()["kind"] == "definition.deployed"
    server.person("ada").post("/drafts", json={"name": "d", "xml": "<a/>"})
    assert listener.next()["kind"] == "draft.saved"
    start(server.engine, "broken")
    assert listener.next()["kind"] == "incident.opened"


def test_people_hear_of_tasks_that_concern_them(server: Server) -> None:
    ben, dan = by_cookie(server, "ben"), by_cookie(server, "dan")
    ben.subscribe("tasks")
    dan.subscribe("tasks")

    instance = start(server.engine, "approval")
    created = ben.next()
    assert (created["kind"], created["instance_id"]) == ("user_task.created", instance.id)
    server.engine.execute(AssignUserTask(id=created["id"], assignee="dan"), SYSTEM)

    assigned = dan.next()
    assert (assigned["kind"], assigned["id"]) == ("user_task.assigned", created["id"]), "the first that dan hears of it"
    assert ben.next()["kind"] == "user_task.assigned", "ben hears that it is gone"


def test_a_starter_hears_only_of_what_it_started(server: Server) -> None:
    ben = by_cookie(server, "ben")
    ben.subscribe("instances")

    started_by(server, "cleo")
    mine = started_by(server, "ben")

    assert ben.next()["id"] == mine


@pytest.mark.parametrize(
    ("topic", "status"),
    [("instances", 403), ("incidents", 403), ("drafts", 403), ("instance:unknown", 403), ("weather", 400)],
)
def test_a_topic_without_the_right_to_it_is_refused(server: Server, topic: str, status: int) -> None:
    dan = by_cookie(server, "dan")

    dan.say(subscribe=[topic, "tasks"])

    refused = dan.next()["error"]
    assert (refused["status"], refused["topic"]) == (status, topic)
    dan.subscribe("tasks")


def test_an_instance_of_somebody_else_cannot_be_followed(server: Server) -> None:
    theirs = started_by(server, "cleo")
    ben = by_cookie(server, "ben")

    ben.say(subscribe=[f"instance:{theirs}"])

    assert ben.next()["error"]["status"] == 404


def test_unsubscribing_ends_it(server: Server) -> None:
    listener = by_token(server, "operator")
    listener.subscribe("instances", "tasks")
    listener.say(unsubscribe=["instances", "never asked for"])
    listener.subscribe()

    start(server.engine, "approval")

    assert listener.next()["topic"] == "tasks"


def test_a_resume_brings_what_was_missed_and_then_goes_on(server: Server) -> None:
    listener = by_token(server, "operator")
    listener.subscribe("instances")
    first = start(server.engine, "approval").id
    seen = listener.until(lambda said: said.get("id") == first)["cursor"]
    listener.close()
    missed = [start(server.engine, "approval").id for _ in range(3)]

    listener = by_token(server, "operator")
    listener.say(subscribe=["instances"], cursor=seen)
    heard = [listener.next() for _ in missed]
    later = start(server.engine, "approval").id

    assert [each["id"] for each in heard] == missed
    assert listener.next()["id"] == later
    cursors = [each["cursor"] for each in heard]
    assert cursors == sorted(cursors, key=lambda cursor: [int(part) for part in cursor.split(".")])


def test_nothing_is_missed_or_twice_while_a_resume_runs(server: Server) -> None:
    listener = by_token(server, "operator")
    expected = [start(server.engine, "approval").id for _ in range(20)]
    listener.say(subscribe=["instances"], cursor=listener.hello["cursor"])
    expected += [start(server.engine, "approval").id for _ in range(20)]

    heard = [listener.next()["id"] for _ in expected]

    assert heard == expected


@pytest.mark.parametrize("cursor", ["invented", "0.999999999", "-1"])
def test_a_cursor_of_another_stream_asks_to_fetch_anew(server: Server, cursor: str) -> None:
    listener = by_token(server, "operator")

    listener.say(subscribe=["instances"], cursor=cursor)

    assert listener.next() == {"resync": True}
    instance = start(server.engine, "approval")
    assert listener.next()["id"] == instance.id, "and it is subscribed all the same"


def test_a_ping_is_answered(server: Server) -> None:
    listener = by_token(server, "worker")

    listener.say(ping={"any": 7})

    assert listener.next() == {"pong": {"any": 7}}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"shout": 1}', '{"subscribe": "instances"}', "[" * 5_000, "\x00"])
def test_a_message_that_is_not_understood_is_answered_and_survived(server: Server, text: str) -> None:
    listener = by_token(server, "operator")

    listener.socket.send(text)

    assert listener.next()["error"]["status"] == 400
    listener.say(ping=1)
    assert listener.next() == {"pong": 1}


def test_too_many_topics_are_refused(server: Server) -> None:
    listener = by_token(server, "operator")
    instance = start(server.engine, "approval")
    ids = [start(server.engine, "approval").id for _ in range(3)]

    listener.say(subscribe=[f"instance:{instance.id}"] * 300)
    listener.say(subscribe=["instances", *(f"instance:{identity}" for identity in ids)], ping="end")

    assert listener.next() == {"pong": "end"}, "the same topic again is one topic"


def test_a_message_that_is_too_large_ends_the_connection(server: Server) -> None:
    listener = by_token(server, "operator")

    listener.socket.send("x" * 100_000)

    assert listener.next() == {"closed": 1009}


def test_signing_out_closes_the_sockets_of_the_session(server: Server) -> None:
    client = server.person("ben")
    listener = Listener(server, cookie=f"signalbox_session={client.cookies['signalbox_session']}")
    stays = by_cookie(server, "ben")

    client.delete("/session")

    began = time.monotonic()
    assert listener.next() == {"closed": 1008}
    assert time.monotonic() - began < 3, "at once, not with the next look at all sessions"
    stays.say(ping=1)
    assert stays.next() == {"pong": 1}


def test_a_token_that_is_revoked_closes_its_socket(server: Server) -> None:
    listener = by_token(server, "operator")
    listener.socket.settimeout(40)
    [newest, *_] = server.engine.read(ListTokens(), SYSTEM).items

    server.engine.execute(RevokeToken(id=newest.id), SYSTEM)
    # it is noticed with the next look, at the latest after a few seconds
    for _ in range(4):
        start(server.engine, "approval")

    assert listener.next() == {"closed": 1008}


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_a_page_of_another_site_gets_no_socket(server: Server, origin: str) -> None:
    with pytest.raises(websocket.WebSocketBadStatusException) as refused:
        by_cookie(server, "ben", origin=origin)

    assert refused.value.status_code == 403


def test_nobody_gets_no_socket(server: Server) -> None:
    with pytest.raises(websocket.WebSocketBadStatusException) as refused:
        Listener(server)

    assert refused.value.status_code == 401


def test_a_plain_request_is_told_that_this_is_a_websocket(server: Server) -> None:
    answer = server.client("operator").get(f"{server.address}/ws")

    assert answer.status_code == 426
    assert "proxy" in answer.json()["detail"]


def test_compression_is_not_taken_up(server: Server) -> None:
    offered = Listener(
        server,
        header={
            "Authorization": f"Bearer {server.token('operator')}",
            "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits",
        },
    )

    assert "sec-websocket-extensions" not in {name.lower() for name in offered.socket.getheaders()}


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
    quick = by_token(server, "operator")
    instance = start(server.engine, "approval")
    [task] = server.engine.read(ListUserTasks(process_instance_id=instance.id), SYSTEM).items
    topics = ["instances", "tasks", "incidents", f"instance:{instance.id}"]
    slow.subscribe(*topics)
    quick.subscribe("tasks")

    # claims of one task: each is an event for everybody who follows it
    ben, cleo = actor("ben", "approvers"), actor("cleo", "approvers")
    for _ in range(3):
        server.engine.execute(ClaimUserTask(id=task.id), ben)
        server.engine.execute(AssignUserTask(id=task.id, assignee=None), SYSTEM)
        server.engine.execute(ClaimUserTask(id=task.id), cleo)
        server.engine.execute(AssignUserTask(id=task.id, assignee=None), SYSTEM)
    cursor = "0.0"
    slow.say(subscribe=topics, cursor=cursor)
    for _ in range(200):
        # never read: the server's buffer and the client's fill up
        slow.say(subscribe=topics, cursor=cursor, ping="x" * 30_000)
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
