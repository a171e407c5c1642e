"""Calls over HTTP: who calls, what an answer means, pages of lists, and how to end calls that are in flight."""

from __future__ import annotations

import socket
import weakref
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

from signalbox_client.problems import Unreachable, problem_of
from signalbox_client.records import decode

R = TypeVar("R")


class Connection:
    """Calls to one server as one actor. Thread-safe, as httpx's client is."""

    def __init__(
        self,
        address: str,
        *,
        token: str | None = None,
        timeout_seconds: float = 30.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        headers = {"Accept": "application/json", "User-Agent": "signalbox-client"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        self._timeout_seconds = timeout_seconds
        self._transport = transport
        self._sockets: weakref.WeakSet[socket.socket] = weakref.WeakSet()
        self._http = httpx.Client(
            base_url=address.rstrip("/"), headers=headers, timeout=timeout_seconds, transport=transport
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections. A session of `sign_in` stays valid on the server: `sign_out` ends it."""
        self._http.close()

    def twin(self) -> Self:
        """Another client of the same server for the same actor, with connections of its own."""
        other = type(self)(str(self._http.base_url), timeout_seconds=self._timeout_seconds, transport=self._transport)
        other._http.headers = self._http.headers
        other._http.cookies = self._http.cookies
        return other

    def hang_up(self) -> None:
        """From another thread: end the calls in flight. An answer that is here already is still read.

        `close` would not do: a socket that a thread reads from stays open underneath, and the server goes on
        serving it.
        """
        for connection in list(self._sockets):
            try:
                # The plain socket's own method: the one of a TLS socket is not made for two threads.
                socket.socket.shutdown(connection, socket.SHUT_RDWR)
            except OSError:
                pass  # closed already

    def _pages(self, kind: type[R], path: str, query: dict[str, Any]) -> Iterator[R]:
        cursor: str | None = None
        while True:
            page = self._call("GET", path, params=query | given(cursor=cursor))
            for item in page["items"]:
                yield decode(kind, item)
            cursor = page.get("next_cursor")
            if cursor is None:
                return

    def _call(self, method: str, path: str, **request: Any) -> Any:
        response = self._send(method, path, **request)
        return response.json() if response.content else None

    def _note_connection(self, event: str, details: Mapping[str, Any]) -> None:
        """Keep the sockets that are opened, for `hang_up`."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            connection = details["return_value"].get_extra_info("socket")
            if isinstance(connection, socket.socket):
                self._sockets.add(connection)

    def _send(self, method: str, path: str, **request: Any) -> httpx.Response:
        try:
            response = self._http.request(
                method, f"/api/v1{path}", extensions={"trace": self._note_connection}, **request
            )
        except httpx.TransportError as error:
            raise Unreachable(f"no answer from {self._http.base_url}: {error or type(error).__name__}") from error
        if response.is_error:
            raise problem_of(response)
        return response


def given(**values: Any) -> dict[str, Any]:
    """Only those that were given."""
    return {name: value for name, value in values.items() if value is not None}
