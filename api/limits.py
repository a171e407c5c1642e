"""What one request may cost: bytes of a body however it is sent, time to arrive, and places to wait in."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from flask import request
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from engine.errors import Invalid, TooLarge

from .problems import TooManyRequests, TooSlow

_PIECE = 65_536
# A client that is told "too large" while it still sends would see a broken connection instead of the answer, so what
# it sends is thrown away up to this much, and for at most this long.
_DISCARD_BYTES = 200_000_000
_DISCARD_SECONDS = 10.0
_SILENCE_SECONDS = 2.0
_BODY_SECONDS = 60.0


def read_body(limit: int) -> bytes:
    """The body of the current request, with or without a declared length."""
    declared = request.content_length
    chunked = "chunked" in request.headers.get("Transfer-Encoding", "").lower()
    if declared is None and not chunked:
        return b""
    with receiving(limit):
        if declared is not None and declared > limit:
            raise RequestEntityTooLarge
        stream = request.environ["wsgi.input"]
        pieces: list[bytes] = []
        size = 0
        deadline = time.monotonic() + _BODY_SECONDS
        while declared is None or size < declared:
            piece = stream.read(_PIECE if declared is None else min(_PIECE, declared - size))
            if not piece:
                break
            size += len(piece)
            if size > limit:
                raise RequestEntityTooLarge
            if time.monotonic() > deadline:
                raise TimeoutError
            pieces.append(piece)
        if declared is not None and size < declared:
            raise ConnectionError
        return b"".join(pieces)


@contextmanager
def receiving(limit: int) -> Iterator[None]:
    """Read the body inside this block: what the client does wrong in sending it becomes an error of ours."""
    try:
        yield
    except RequestEntityTooLarge:
        _discard_body()
        raise TooLarge(f"The body is larger than the {limit:,} bytes that this call takes.", limit=limit) from None
    except TimeoutError:
        raise TooSlow(f"The body did not arrive within {_BODY_SECONDS:.0f} seconds.") from None
    except (OSError, ParseException, ClientDisconnected):
        raise Invalid("The body is cut off or sent in broken pieces.") from None


def _discard_body() -> None:
    """Take what the client still sends, so that it gets to read our answer; within bounds."""
    stream = request.environ["wsgi.input"]
    left = _DISCARD_BYTES if request.content_length is None else request.content_length
    if left > _DISCARD_BYTES:
        return
    deadline = time.monotonic() + _DISCARD_SECONDS
    connection = request.environ.get("gunicorn.socket")
    if connection is not None:
        connection.settimeout(_SILENCE_SECONDS)
    try:
        while left > 0 and time.monotonic() < deadline:
            piece = stream.read(min(_PIECE, left))
            if not piece:
                return
            left -= len(piece)
    except (OSError, ParseException):
        return


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
