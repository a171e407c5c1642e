"""The WebSocket `/ws`: says what changed, never what it is now; whoever cares fetches it over REST.

A socket subscribes to topics and gets a message for each event that concerns it; with a cursor it first gets what it
missed. `fan_out.Hub` reads the event stream once for all sockets of this process. Here is one connection: it parses
what the client says, checks rights, replays, and sends what the hub has put into its queue.
"""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from typing import Any

import msgspec

from engine import Engine, errors, queries, rights
from engine.actors import SYSTEM, Actor
from engine.records import Event

from .encoding import encode
from .problems import status_of

_QUEUE = 1_000  # messages that may wait for a reader before it is dropped
_TOPICS = 200
_TASKS_REMEMBERED = 5_000

GOING_AWAY, POLICY, TRY_AGAIN_LATER = 1001, 1008, 1013

# Topics, by the kinds of events they stand for and the query whose right they need.
TOPICS: dict[str, tuple[str, type[queries.Query]]] = {
    "instances": ("instance.", queries.ListProcessInstances),
    "definitions": ("definition.", queries.ListDefinitions),
    "tasks": ("user_task.", queries.ListUserTasks),
    "drafts": ("draft.", queries.ListDrafts),
    "incidents": ("incident.", queries.ListIncidents),
}
_BY_KIND = {prefix: topic for topic, (prefix, _) in TOPICS.items()}


def topics_of(event: Event) -> list[str]:
    """The topics that an event belongs to."""
    found = []
    if topic := _BY_KIND.get(event.kind.partition(".")[0] + "."):
        found.append(topic)
    if event.process_instance_id:
        found.append(f"instance:{event.process_instance_id}")
    return found


def message(event: Event, topic: str) -> str:
    """What is sent about an event."""
    return encode(
        {
            "topic": topic,
            "kind": event.kind,
            "id": event.subject_id or event.process_instance_id,
            "instance_id": event.process_instance_id,
            "definition_key": event.definition_key,
            "element_id": event.element_id,
            "version": event.version,
            "cursor": event.cursor,
            "at": event.at,
        }
    ).decode()


class Said(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a client may say."""

    subscribe: tuple[str, ...] = ()
    unsubscribe: tuple[str, ...] = ()
    cursor: str | None = None
    ping: Any = None


class Socket:
    """One connection. The hub's thread calls `offer`; everything else happens in the connection's own thread."""

    def __init__(
        self,
        engine: Engine,
        connection: Any,
        actor: Actor,
        session: str | None,
        token: str | None,
        heartbeat_seconds: float,
    ):
        self.actor = actor
        self.session = session
        self.token = token
        self.topics: set[str] = set()
        self._engine = engine
        self._connection = connection
        self._heartbeat_seconds = heartbeat_seconds
        self._queue: deque[tuple[str, str, str]] = deque()
        self._doom: tuple[int, str] | None = None
        self._visible: OrderedDict[str, bool] = OrderedDict()
        self._tasks: OrderedDict[str, None] = OrderedDict()

    # --- from the hub ------------------------------------------------------------------------------------------------
    def offer(self, cursor: str, topic: str, text: str) -> None:
        """Put a message into the queue; a reader that lets it grow too long is dropped."""
        if len(self._queue) >= _QUEUE:
            self.doom(TRY_AGAIN_LATER, "reads too slowly")
            return
        self._queue.append((cursor, topic, text))
        self._connection.event.set()

    def doom(self, code: int, reason: str) -> None:
        """Close this connection soon, with that code."""
        self._doom = self._doom or (code, reason)
        self._connection.event.set()

    def concerns(self, event: Event, topic: str) -> bool:
        """Whether the actor may hear of the event under the topic it has subscribed to."""
        if topic == "tasks":
            return self._task_concerns(event)
        if topic == "instances" and not rights.oversees_instances(self.actor):
            return self._sees_instance(event.process_instance_id or "")
        return True

    def _task_concerns(self, event: Event) -> bool:
        data = event.data
        task = event.subject_id or ""
        concerned = rights.sees_task(
            self.actor,
            data.get("assignee"),
            data.get("candidate_users") or (),
            data.get("candidate_groups") or (),
        )
        # Who has heard of a task also hears that it was given to somebody else, or is gone.
        if concerned or task in self._tasks:
            self._tasks[task] = None
            if len(self._tasks) > _TASKS_REMEMBERED:
                self._tasks.popitem(last=False)
            return True
        return False

    def _sees_instance(self, instance_id: str) -> bool:
        if instance_id not in self._visible:
            try:
                self._engine.read(queries.GetProcessInstance(id=instance_id), self.actor)
                self._visible[instance_id] = True
            except (errors.NotFound, errors.Forbidden):
                self._visible[instance_id] = False
            if len(self._visible) > _TASKS_REMEMBERED:
                self._visible.popitem(last=False)
        return self._visible[instance_id]

    # --- in its own thread -------------------------------------------------------------------------------------------
    def run(self, hub: Any) -> None:
        """Serve the connection until it ends."""
        self.send({"hello": {"cursor": hub.position(self.actor.tenant_id)}})
        quiet_since = time.monotonic()
        while self._connection.connected:
            self._connection.event.wait(max(0.0, quiet_since + self._heartbeat_seconds - time.monotonic()))
            self._connection.event.clear()
            while (said := self._connection.receive(timeout=0)) is not None:
                self._hear(said, hub)
                quiet_since = time.monotonic()
            if self._drain():
                quiet_since = time.monotonic()
            if self._doom is not None:
                self._connection.close(*self._doom)
                return
            if time.monotonic() >= quiet_since + self._heartbeat_seconds:
                # the position is taken first: what stands before it is in the queue already
                position = hub.position(self.actor.tenant_id)
                if not self._drain():
                    self.send({"heartbeat": position})
                quiet_since = time.monotonic()

    def send(self, value: Any) -> None:
        """Send a value as JSON."""
        self._connection.send(encode(value).decode())

    def _drain(self, but: frozenset[tuple[str, str]] = frozenset()) -> bool:
        sent = False
        while self._queue and self._doom is None:
            cursor, topic, text = self._queue.popleft()
            if (cursor, topic) not in but:
                self._connection.send(text)
                sent = True
        return sent

    def _hear(self, text: str | bytes, hub: Any) -> None:
        try:
            said = msgspec.json.decode(text, type=Said)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
            self._complain(errors.Invalid(f"This message is not understood: {fault}."))
            return
        if said.ping is not None:
            self.send({"pong": said.ping})
        for topic in said.unsubscribe:
            hub.unsubscribe(self, topic)
        taken = [topic for topic in dict.fromkeys(said.subscribe) if self._may_subscribe(topic)]
        if taken and said.cursor:
            self._resume(taken, said.cursor, hub)
        else:
            for topic in taken:
                hub.subscribe(self, topic)

    def _may_subscribe(self, topic: str) -> bool:
        try:
            if len(self.topics) >= _TOPICS:
                raise errors.TooLarge(f"A socket has at most {_TOPICS} topics.", topic=topic)
            kind, _, name = topic.partition(":")
            if kind == "instance" and name:
                self._engine.read(queries.GetProcessInstance(id=name), self.actor)
            elif topic in TOPICS:
                rights.require(self.actor, TOPICS[topic][1])
            else:
                known = ", ".join([*TOPICS, "instance:<id>"])
                raise errors.Invalid(f"There is no topic {topic[:100]!r}; known are: {known}.", topic=topic[:100])
        except errors.EngineError as refused:
            self._complain(refused, topic=topic[:100])
            return False
        return True

    def _complain(self, error: errors.EngineError, **extra: Any) -> None:
        status, title = status_of(error)
        self.send(
            {
                "error": {
                    **error.extra,
                    **extra,
                    "type": f"urn:signalbox:problem:{error.code}",
                    "title": title,
                    "status": int(status),
                    "detail": error.message,
                }
            }
        )

    def _resume(self, topics: list[str], cursor: str, hub: Any) -> None:
        """Send what happened after the cursor. What happens meanwhile waits in the queue, so cursors never go back."""
        try:
            missed: list[Event] | None = hub.resume(self, topics, cursor)
        except errors.EngineError:
            # not a cursor of this stream, or one from before a restore: the hub still told what is new
            missed = None
        if missed is None:
            self.send({"resync": True})
            return
        sent: set[tuple[str, str]] = set()
        for event in missed:
            for topic in topics_of(event):
                if topic in topics and self.concerns(event, topic):
                    self._connection.send(message(event, topic))
                    sent.add((event.cursor, topic))
        self._drain(but=frozenset(sent))


def stream_reader(tenant_id: str) -> Actor:
    """The actor that reads a tenant's whole stream; each socket then gets what its own actor may hear."""
    return msgspec.structs.replace(SYSTEM, tenant_id=tenant_id)
