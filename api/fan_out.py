"""One reader of the event stream for all WebSockets of this process."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from engine import Engine, errors
from engine.queries import ListEvents
from engine.records import Event, EventPage

from . import logs
from .limits import Places
from .sockets import GOING_AWAY, POLICY, Socket, message, stream_reader, topics_of

_PAGE = 1_000
_REPLAY = 5_000  # events at most that a resume replays
_WAIT_SECONDS = 5.0
# Bursts are read together: a new look at the stream at most this often.
_PAUSE_SECONDS = 0.04
_RECHECK_SECONDS = 10.0


class Hub:
    """Hands each event to the sockets that subscribed to one of its topics. Its thread runs while there are sockets."""

    def __init__(self, engine: Engine, places: int):
        self.places = Places(places, "WebSockets")
        self._engine = engine
        self._changed = threading.Condition()
        self._sockets: set[Socket] = set()
        self._subscribers: dict[tuple[str, str], set[Socket]] = defaultdict(set)
        self._positions: dict[str, str] = {}
        self._stopping = False
        self._thread: threading.Thread | None = None
        self._recheck_at = 0.0
        # held while the stream is read and handed out; taken before `_changed`, never after it
        self._handing_out = threading.Lock()

    # --- from the sockets' threads -----------------------------------------------------------------------------------
    @contextmanager
    def joined(self, socket: Socket) -> Iterator[None]:
        """The socket hears of what it subscribes to, for the time of the block."""
        with self._changed:
            self._positions.setdefault(socket.actor.tenant_id, self._engine.events_cursor())
            self._sockets.add(socket)
            if self._stopping:
                socket.doom(GOING_AWAY, "the server stops")
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="event stream", daemon=True)
                self._thread.start()
            self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._sockets.discard(socket)
                for topic in list(socket.topics):
                    self._unsubscribe(socket, topic)
                if all(other.actor.tenant_id != socket.actor.tenant_id for other in self._sockets):
                    self._positions.pop(socket.actor.tenant_id, None)

    def position(self, tenant_id: str) -> str:
        """The cursor up to which everything was handed to the tenant's sockets."""
        with self._changed:
            return self._positions[tenant_id]

    def subscribe(self, socket: Socket, topic: str) -> None:
        """From now on the socket hears of the topic."""
        with self._changed:
            socket.topics.add(topic)
            self._subscribers[socket.actor.tenant_id, topic].add(socket)

    def resume(self, socket: Socket, topics: Iterable[str], cursor: str) -> list[Event] | None:
        """Subscribe to the topics; the events after the cursor, or None where they are too many to tell.

        When this returns, whatever of them the hub had not handed out yet is in the socket's queue as well. So what
        the two have in common need be left out only once, and nothing comes twice or in the wrong order later.
        """
        tenant_id = socket.actor.tenant_id
        with self._handing_out:
            for topic in topics:
                self.subscribe(socket, topic)
            missed = self._after(cursor, tenant_id)
            self._hand_out(tenant_id)
        return missed

    def _after(self, cursor: str, tenant_id: str) -> list[Event] | None:
        missed: list[Event] = []
        while True:
            query = ListEvents(after=cursor, limit=_PAGE)
            page: EventPage = self._engine.read(query, stream_reader(tenant_id))
            missed += page.items
            if len(missed) > _REPLAY:
                return None
            if len(page.items) < _PAGE:
                return missed
            cursor = page.next_cursor

    def unsubscribe(self, socket: Socket, topic: str) -> None:
        """The socket no longer hears of the topic; one it never asked for is no error."""
        with self._changed:
            self._unsubscribe(socket, topic)

    def _unsubscribe(self, socket: Socket, topic: str) -> None:
        socket.topics.discard(topic)
        subscribers = self._subscribers.get((socket.actor.tenant_id, topic))
        if subscribers is not None:
            subscribers.discard(socket)
            if not subscribers:
                del self._subscribers[socket.actor.tenant_id, topic]

    # --- from the rest of the server ---------------------------------------------------------------------------------
    def end_session(self, secret: str) -> None:
        """Close the sockets of a session that was ended here."""
        with self._changed:
            for socket in self._sockets:
                if socket.session == secret:
                    socket.doom(POLICY, "the session has ended")

    def stop(self) -> None:
        """Close all sockets: the server stops."""
        with self._changed:
            self._stopping = True
            for socket in self._sockets:
                socket.doom(GOING_AWAY, "the server stops")
            self._changed.notify_all()

    # --- the reader --------------------------------------------------------------------------------------------------
    def _run(self) -> None:
        log = logs.logger("signalbox.sockets")
        while True:
            with self._changed:
                while not self._sockets and not self._stopping:
                    self._changed.wait()
                if self._stopping:
                    return
                tenants = list(self._positions)
            try:
                end = self._engine.events_cursor()
                for tenant_id in tenants:
                    with self._handing_out:
                        self._hand_out(tenant_id)
                if time.monotonic() >= self._recheck_at:
                    self._recheck()
                self._engine.wait_for_events(end, _WAIT_SECONDS)
                time.sleep(_PAUSE_SECONDS)
            except errors.Unavailable as fault:
                log.warning("the event stream cannot be read; trying again", reason=fault.message)
                time.sleep(1.0)
            except Exception:
                # without this thread all sockets would fall silent
                log.exception("reading the event stream failed; trying again")
                time.sleep(1.0)

    def _hand_out(self, tenant_id: str) -> None:
        reader = stream_reader(tenant_id)
        while True:
            with self._changed:
                position = self._positions.get(tenant_id)
            if position is None:
                return
            page: EventPage = self._engine.read(ListEvents(after=position, limit=_PAGE), reader)
            for event in page.items:
                for topic in topics_of(event):
                    with self._changed:
                        subscribers = list(self._subscribers.get((tenant_id, topic), ()))
                    hearers = [socket for socket in subscribers if socket.concerns(event, topic)]
                    if hearers:
                        text = message(event, topic)
                        for socket in hearers:
                            socket.offer(event.cursor, topic, text)
            with self._changed:
                if tenant_id in self._positions:
                    self._positions[tenant_id] = page.next_cursor
            if len(page.items) < _PAGE:
                return

    def _recheck(self) -> None:
        """Close what may no longer be open: its session or token is over, or its owner's rights have changed."""
        self._recheck_at = time.monotonic() + _RECHECK_SECONDS
        with self._changed:
            sockets = list(self._sockets)
        for socket in sockets:
            if socket.session is not None:
                session = self._engine.identity.session(socket.session)
                actor = session.actor if session else None
            else:
                actor = self._engine.identity.token(socket.token or "")
            if actor is None:
                socket.doom(POLICY, "the session has ended")
            elif actor != socket.actor:
                socket.doom(POLICY, "the rights have changed")
