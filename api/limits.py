"""What one request may cost: bytes of a body however it is sent, time to arrive, and places to wait in."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from flask import request

from engine.errors import TooLarge

from .problems import TooManyRequests, TooSlow

_PIECE = 65_536
# A client that is told "too large" while it still sends would see a broken connection instead of the answer, so what
# it sends is thrown away up to this much, and for at most this long.
_DISCARD_BYTES = 200_000_000
_DISCARD_SECONDS = 10.0
_BODY_SECONDS = 60.0


def read_body(limit: int) -> bytes:
    """The body of the current request, with or without a declared length."""
    declared = request.content_length
    if declared is not None and declared > limit:
        discard_body()
        raise too_large(limit)
    stream = request.environ["wsgi.input"]
    chunked = "chunked" in request.headers.get("Transfer-Encoding", "").lower()
    if declared is None and not chunked:
        return b""
    pieces: list[bytes] = []
    size = 0
    deadline = time.monotonic() + _BODY_SECONDS
    while declared is None or size < declared:
        try:
            piece = stream.read(_PIECE if declared is None else min(_PIECE, declared - size))
        except TimeoutError:
            raise _too_slow() from None
        if not piece:
            break
        size += len(piece)
        if size > limit:
            discard_body()
            raise too_large(limit)
        if time.monotonic() > deadline:
            raise _too_slow()
        pieces.append(piece)
    return b"".join(pieces)


def discard_body() -> None:
    """Take what the client still sends, so that it gets to read our answer; within bounds."""
    stream = request.environ["wsgi.input"]
    deadline = time.monotonic() + _DISCARD_SECONDS
    left = request.content_length if request.content_length is not None else _DISCARD_BYTES
    left = min(left, _DISCARD_BYTES)
    try:
        while left > 0 and time.monotonic() < deadline:
            piece = stream.read(min(_PIECE, left))
            if not piece:
                return
            left -= len(piece)
    except OSError:
        return


def too_large(limit: int) -> TooLarge:
    """The error about a body beyond `limit`."""
    return TooLarge(f"The body is larger than the {limit:,} bytes that this call takes.", limit=limit)


def _too_slow() -> TooSlow:
    return TooSlow(f"The body did not arrive within {_BODY_SECONDS:.0f} seconds.")


class Places:
    """A bounded number of places for requests that wait: who finds none is turned away at once."""

    def __init__(self, size: int, what: str):
        self.size = size
        self.taken = 0
        self._what = what
        self._lock = threading.Lock()

    @contextmanager
    def one(self) -> Iterator[None]:
        """A place for the time of the block."""
        with self._lock:
            if self.taken >= self.size:
                raise TooManyRequests(
                    f"All {self.size} places for {self._what} are taken. Try again in a moment.", retry_after_seconds=2
                )
            self.taken += 1
        try:
            yield
        finally:
            with self._lock:
                self.taken -= 1
