"""Workers that wait for jobs: bounded in number, woken by the engine, and let go when their client is gone."""

from __future__ import annotations

import select
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import msgspec

from engine import Engine
from engine.actors import Actor
from engine.commands import FetchJobs
from engine.records import LockedJobs

from .limits import Places

# How long one wait lasts before the client is looked at again.
_SLICE_SECONDS = 1.0


class LongPolls:
    """The waiting room of `/jobs/fetch`."""

    def __init__(self, engine: Engine, places: int):
        self._engine = engine
        self._stopping = threading.Event()
        self.places = Places(places, "workers that wait for jobs")

    def fetch(self, command: FetchJobs, who: Callable[[], Actor], connection: Any) -> LockedJobs:
        """Jobs as soon as there are some, or none at the end of the wait.

        `who` is asked before every try, so a token revoked meanwhile fetches nothing more. Nothing is locked for a
        client that has hung up: its connection is looked at before each try.
        """
        once = msgspec.structs.replace(command, wait_seconds=0.0)
        nothing = LockedJobs(items=[])
        if is_gone(connection):
            return nothing
        actor = who()
        jobs: LockedJobs = self._engine.execute(once, actor)
        if jobs.items or command.wait_seconds == 0:
            return jobs
        topics = [topic.name for topic in command.topics]
        deadline = time.monotonic() + command.wait_seconds
        with self.places.one():
            while (left := deadline - time.monotonic()) > 0 and not self._stopping.is_set():
                woken = self._engine.wait_for_jobs(topics, min(left, _SLICE_SECONDS), actor.tenant_id)
                if is_gone(connection):
                    return nothing
                if woken or left <= _SLICE_SECONDS:
                    jobs = self._engine.execute(once, who())
                    if jobs.items:
                        return jobs
        return nothing

    def stop(self) -> None:
        """Let everybody go who waits: the server stops."""
        self._stopping.set()


def is_gone(connection: Any) -> bool:
    """Whether the client at the other end of the socket has hung up."""
    if not isinstance(connection, socket.socket):
        return False
    try:
        poll = select.poll()
        poll.register(connection, select.POLLIN)
        if not poll.poll(0):
            return False
        # readable: either the next request, or the end
        return connection.recv(1, socket.MSG_PEEK) == b""
    except OSError:
        return True
