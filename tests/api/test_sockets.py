"""The WebSocket, over a real connection: who hears what, what a resume brings, who is dropped."""

from __future__ import annotations

import time
from typing import Any

import pytest
import websocket
from doors import APPROVAL, Listener, Server, actor, by_token, deploy, start

from engine.actors import SYSTEM
from engine.commands import (
    AssignUserTask,
    CancelProcessInstance,
    RevokeToken,
    StartProcessInstance,
)
from engine.queries import ListTokens


def by_cookie(server: Server, name: str, **options: Any) -> Listener:
    client = server.person(name)
    return Listener(server, cookie=f"signalbox_session={client.cookies['signalbox_session']}", **options)


def started_by(server: Server, name: str) -> str:
    command = StartProcessInstance(definition_key="approval")
    identity: str = server.engine.execute(command, actor(name)).id
    return identity


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
