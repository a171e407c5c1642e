"""The web server inside `signalbox serve`: gunicorn's threaded worker, run in this very process.

There is no supervising process: one process to start, to watch and to kill. All requests come from one pool of
threads, and nobody can take all of it: WebSockets and long polls, which hold a thread while they wait, have a bounded
number of places (`api.limits.Places`), and the pool is larger than both together by the threads kept for plain
requests. gunicorn is pinned; the few things overridden here are named with their reason.
"""

from __future__ import annotations

import gc
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from gunicorn import util
from gunicorn.config import Config as GunicornConfig
from gunicorn.workers.gthread import ThreadWorker

from .config import Config, ConfigError

_KEEP_ALIVE_SECONDS = 75
_GRACE_SECONDS = 10
_IMPATIENT_SECONDS = 0.5
# A request head must be here after so long, and each piece of a body, each piece of an answer taken.
_HEAD_SECONDS = 15.0
_PIECE_SECONDS = 30.0
_BACKLOG = 1_024


class _Log:
    """gunicorn's log in ours. Requests are logged by the app, which knows who made them."""

    def __init__(self) -> None:
        log = logging.getLogger("signalbox.server")
        self.debug, self.info, self.warning = log.debug, log.info, log.warning
        self.error, self.critical, self.exception = log.error, log.critical, log.exception

    def access(self, *_: Any) -> None:
        """Nothing: see above."""

    def close_on_exec(self) -> None:
        """Nothing: we have no log files."""

    def reopen_files(self) -> None:
        """Nothing: we have no log files."""


class _App:
    """What a gunicorn worker asks of its application."""

    def __init__(self, wsgi: Callable[..., Any]):
        self._wsgi = wsgi

    def wsgi(self) -> Callable[..., Any]:
        return self._wsgi


class _Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types, so this is a subclass of Any
    """gunicorn's threaded worker as the only process."""

    def __init__(self, *args: Any, stop: Callable[[], None]):
        super().__init__(*args)
        self._stop = stop
        self._heads: dict[Any, float] = {}
        self._asked_at = 0.0

    def is_parent_alive(self) -> bool:
        # The parent is whoever started us, not a supervisor of gunicorn's: it may end.
        return True

    def init_signals(self) -> None:
        signal.signal(signal.SIGTERM, self.handle_exit)
        signal.signal(signal.SIGINT, self.handle_exit)
        signal.siginterrupt(signal.SIGTERM, False)

    def handle_exit(self, sig: int, frame: Any) -> None:
        if not self.alive:
            # Asked again: at once, for what was committed is safe. But one Ctrl-C or `timeout` may signal twice, as a
            # process and as a member of its group.
            if time.monotonic() > self._asked_at + _IMPATIENT_SECONDS:
                os._exit(1)
            return
        self._asked_at = time.monotonic()
        super().handle_exit(sig, frame)
        # not here, inside a signal handler, where locks may be held
        self.method_queue.defer(lambda: threading.Thread(target=self._stop, daemon=True).start())

    def handle(self, conn: Any) -> Any:
        self._heads[conn] = time.monotonic() + _HEAD_SECONDS
        try:
            result = super().handle(conn)
        finally:
            self._heads.pop(conn, None)
        if result is False:
            # gunicorn lingers for the client's goodbye in the thread that accepts connections, so that one slow
            # client stops them all; here it costs only the thread that served it
            util.close_graceful(conn.sock)
        return result

    def finish_request(self, conn: Any, fs: Any) -> None:
        if conn.sock.fileno() == -1:
            self.nr_conns -= 1
            return
        super().finish_request(conn, fs)

    def handle_request(self, req: Any, conn: Any) -> Any:
        self._heads.pop(conn, None)
        conn.sock.settimeout(_PIECE_SECONDS)
        return super().handle_request(req, conn)

    def murder_pending(self) -> None:
        # called every second: also end connections that trickle their request head
        super().murder_pending()
        now = time.monotonic()
        for conn, until in list(self._heads.items()):
            if now > until:
                self._heads.pop(conn, None)
                try:
                    conn.sock.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass  # gone already


def listen(config: Config) -> socket.socket:
    """The listening socket; raises ConfigError in words where the address cannot be had."""
    try:
        found = socket.getaddrinfo(config.host, config.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, *_, address = found[0]
        listener = socket.create_server(address[:2], family=family, backlog=_BACKLOG)
        # An answer leaves as head and body. Without this, which connections inherit, the body of every answer on a
        # kept connection waits 40 ms for the client's acknowledgement of the head.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listener
    except socket.gaierror:
        raise ConfigError(f"The host {config.host!r} is not known; use an address such as 127.0.0.1.") from None
    except OSError as fault:
        reason = (fault.strerror or str(fault)).lower()
        raise ConfigError(
            f"Cannot listen on {config.host} port {config.port}: {reason}. Choose another port with --port."
        ) from None


def address_of(listener: socket.socket, config: Config) -> str:
    """The address that a person opens."""
    if config.public_url:
        return config.public_url.rstrip("/")
    host, port = listener.getsockname()[:2]
    if host in ("0.0.0.0", "::"):  # noqa: S104 - what to show for "all addresses", nothing is bound here
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def serve(listener: socket.socket, wsgi: Callable[..., Any], config: Config, stop: Callable[[], None]) -> None:
    """Serve until SIGTERM or Ctrl-C; `stop` is called when stopping begins, and lets go of whoever waits."""
    settings = GunicornConfig()
    threads = config.http_threads + config.max_sockets + config.max_long_polls
    settings.set("threads", threads)
    settings.set("worker_connections", threads + 1_000)
    settings.set("keepalive", _KEEP_ALIVE_SECONDS)
    settings.set("graceful_timeout", _GRACE_SECONDS)
    settings.set("errorlog", "-")
    worker = _Worker(0, os.getppid(), [listener], _App(wsgi), 30, settings, _Log(), stop=stop)
    worker.pid = os.getpid()
    # What was imported stays until the end: without this, each look of the collector at all objects takes 50 ms of it.
    gc.freeze()
    worker.init_process()


def leave() -> None:
    """End the process even if a thread still hangs in a request: what was committed is safe."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
