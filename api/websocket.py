"""Where `/ws` meets the web server: the checks before the handshake, and the raw connection under simple-websocket."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, Response, g, request
from flask_sock import Sock
from simple_websocket import ConnectionClosed

from engine import Engine

from . import logs, problems, sign_in
from .fan_out import Hub
from .headers import Environ
from .sockets import Socket

ENDPOINT = "websocket"
_LARGEST_MESSAGE = 65_536
_PING_SECONDS = 25
_SEND_SECONDS = 10.0
_CLOSE_SECONDS = 2.0
_UNREAD_MESSAGES = 64


class Wire:
    """The client's connection. simple-websocket sends from two threads and trusts that one `send` takes everything;
    it also reads ahead without bound. This sends whole messages or breaks off, and lets the client wait."""

    def __init__(self, connection: socket.socket):
        self._connection = connection
        self._sending = threading.Lock()
        self._room = threading.Event()
        self.unread: Callable[[], int] = lambda: 0
        connection.settimeout(_SEND_SECONDS)

    def send(self, data: bytes) -> int:
        with self._sending:
            try:
                self._connection.sendall(data)
            except OSError:
                # half a frame may be out: nothing sensible can follow it
                self.close()
                raise
        return len(data)

    def recv(self, size: int) -> bytes:
        while self.unread() > _UNREAD_MESSAGES:
            if self._room.wait(0.05):
                return b""
        return self._connection.recv(size)

    def fileno(self) -> int:
        return self._connection.fileno()

    def close(self) -> None:
        """End the connection; the web server, whose it is, closes it."""
        self._room.set()
        try:
            self._connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # the other end was faster


class _Reader(threading.Thread):
    """simple-websocket's reading thread must not keep a stopping server alive."""

    def __init__(self, **options: Any):
        super().__init__(daemon=True, **options)


class WithoutExtensions:
    """Takes the browser's offer to compress from the request: it would cost three times the memory per connection."""

    def __init__(self, app: Callable[[Environ, Any], Iterable[bytes]]):
        self._app = app

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
        return self._app(environ, start_response)


def install(app: Flask, engine: Engine, hub: Hub, heartbeat_seconds: float) -> None:
    """Serve `/ws`."""
    app.config["SOCK_SERVER_OPTIONS"] = {
        "ping_interval": _PING_SECONDS,
        "max_message_size": _LARGEST_MESSAGE,
        "thread_class": _Reader,
    }
    sock = Sock(app)

    @app.before_request
    def check_handshake() -> None:
        if request.endpoint != ENDPOINT:
            return
        if "Authorization" not in request.headers:
            sign_in.check_origin()
        place = hub.places.one()
        place.__enter__()
        g.socket_place = place
        for name in ("gunicorn.socket", "werkzeug.socket"):
            if name in request.environ:
                request.environ[name] = Wire(request.environ[name])

    @app.get("/ws", endpoint="websocket_refused")
    def refuse() -> Response:
        return problems.problem(
            426,
            "upgrade_required",
            "Upgrade required",
            "This is a WebSocket. If a proxy stands before this server, it must hand on the headers Upgrade and "
            "Connection.",
        )

    @app.teardown_request
    def leave(_: BaseException | None) -> None:
        if place := g.pop("socket_place", None):
            place.__exit__(None, None, None)

    @sock.route("/ws", endpoint=ENDPOINT)  # type: ignore[untyped-decorator]
    def serve(connection: Any) -> None:
        wire: Wire = connection.sock
        wire.unread = lambda: len(connection.input_buffer)
        token = request.headers.get("Authorization", "").partition(" ")[2].strip() or None
        session = None if token else sign_in.session_secret()
        client = Socket(engine, connection, sign_in.current_actor(), session, token, heartbeat_seconds)
        try:
            with hub.joined(client):
                client.run(hub)
        except (ConnectionClosed, OSError):
            pass  # the client has left
        finally:
            # the reading thread takes the client's answer to our close, then all is over
            connection.thread.join(_CLOSE_SECONDS)
            wire.close()
            logs.logger("signalbox.sockets").debug("socket closed", actor=client.actor.name)
