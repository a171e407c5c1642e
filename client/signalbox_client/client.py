"""The client: one method for one call of `/api/v1`, typed in and out. Thread-safe, as httpx's client is."""

from __future__ import annotations

import socket
import time
import weakref
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, TypeVar

import httpx

from signalbox_client import records
from signalbox_client.problems import Unreachable, problem_of
from signalbox_client.records import decode

R = TypeVar("R")
Variables = Mapping[str, Any]
File = Path | str | tuple[str, bytes]
"""A path, or a name and its content."""
Topic = str | Mapping[str, Any]
"""A name, or an object with `name` and optionally `lock_seconds` and `variables`."""


class Client:
    """Talks to one Signalbox server, as a machine with a bearer token or as a person after `sign_in`."""

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

    def twin(self) -> Client:
        """Another client of the same server for the same actor, with connections of its own."""
        other = Client(str(self._http.base_url), timeout_seconds=self._timeout_seconds, transport=self._transport)
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

    # --- people ------------------------------------------------------------------------------------------------------
    def sign_in(self, name: str, password: str) -> records.User:
        """Act as this person from now on."""
        body = self._call("POST", "/session", json={"name": name, "password": password})
        self._http.headers["X-CSRF-Token"] = body["csrf_token"]
        return decode(records.User, body["user"])

    def sign_out(self) -> None:
        """End the session of `sign_in`."""
        self._call("DELETE", "/session")
        self._http.headers.pop("X-CSRF-Token", None)

    def who_am_i(self) -> records.User:
        """The person that is signed in."""
        return decode(records.User, self._call("GET", "/session")["user"])

    def users(self) -> Iterator[records.User]:
        """All people (for administrators)."""
        return self._pages(records.User, "/users", {})

    def create_user(
        self,
        name: str,
        password: str,
        *,
        display_name: str | None = None,
        email: str | None = None,
        roles: Iterable[str] = (),
        groups: Iterable[str] = (),
    ) -> records.User:
        """Add a person (for administrators)."""
        body = {"name": name, "password": password, "roles": list(roles), "groups": list(groups)}
        return decode(
            records.User,
            self._call("POST", "/users", json=body | _given(display_name=display_name, email=email)),
        )

    def create_token(
        self, name: str, roles: Iterable[str] = ("worker",), *, expires_in_seconds: int | None = None
    ) -> records.NewToken:
        """Make a bearer token for a machine; its roles are at most one's own."""
        body = {"name": name, "roles": list(roles)} | _given(expires_in_seconds=expires_in_seconds)
        answer = self._call("POST", "/tokens", json=body)
        return decode(records.NewToken, answer["token"] | {"secret": answer["secret"]})

    # --- diagrams ----------------------------------------------------------------------------------------------------
    def deploy(self, *files: File, name: str | None = None) -> records.Deployment:
        """Deploy all files or none. A file equal to its latest version makes no new one (`created` is False)."""
        parts = [("files", _part(file)) for file in files]
        return decode(
            records.Deployment, self._call("POST", "/deployments", files=parts, data=_given(name=name) or None)
        )

    def check(self, xml: str | bytes) -> records.CheckResult:
        """What deploying this diagram would say; nothing is changed."""
        content = xml.encode() if isinstance(xml, str) else xml
        return decode(
            records.CheckResult,
            self._call("POST", "/check", content=content, headers={"Content-Type": "application/xml"}),
        )

    def definitions(self, key: str | None = None, *, latest: bool = True) -> Iterator[records.ProcessDefinition]:
        """The deployed processes, the latest version of each or all versions."""
        query = {"latest": "true" if latest else "false"} | _given(key=key)
        return self._pages(records.ProcessDefinition, "/process-definitions", query)

    def definition(self, id: str) -> records.ProcessDefinition:
        """One deployed process."""
        return decode(records.ProcessDefinition, self._call("GET", f"/process-definitions/{id}"))

    def definition_xml(self, id: str) -> bytes:
        """The file exactly as it was deployed."""
        return self._send("GET", f"/process-definitions/{id}/xml", headers={"Accept": "*/*"}).content

    # --- process instances -------------------------------------------------------------------------------------------
    def start(
        self,
        key: str | None = None,
        variables: Variables | None = None,
        *,
        definition_id: str | None = None,
        version: int | None = None,
        business_key: str | None = None,
    ) -> records.ProcessInstance:
        """Start an instance: of the latest version of `key`, of one version, or of one definition by id."""
        body = _given(definition_key=key, definition_id=definition_id, version=version, business_key=business_key) | {
            "variables": dict(variables or {})
        }
        return decode(records.ProcessInstance, self._call("POST", "/process-instances", json=body))

    def instance(self, id: str) -> records.ProcessInstance:
        """One process instance."""
        return decode(records.ProcessInstance, self._call("GET", f"/process-instances/{id}"))

    def instances(
        self,
        *,
        definition_key: str | None = None,
        definition_id: str | None = None,
        business_key: str | None = None,
        state: Literal["active", "suspended", "completed", "cancelled"] | None = None,
        incidents: bool | None = None,
    ) -> Iterator[records.ProcessInstance]:
        """Process instances, the newest first."""
        query = _given(
            definition_key=definition_key,
            definition_id=definition_id,
            business_key=business_key,
            state=state,
            incidents=None if incidents is None else str(incidents).lower(),
        )
        return self._pages(records.ProcessInstance, "/process-instances", query)

    def cancel(self, id: str, reason: str | None = None) -> records.ProcessInstance:
        """End an instance at once."""
        return decode(
            records.ProcessInstance, self._call("DELETE", f"/process-instances/{id}", params=_given(reason=reason))
        )

    def suspend(self, id: str) -> records.ProcessInstance:
        """Let nothing in it go on until `resume`."""
        return decode(records.ProcessInstance, self._call("POST", f"/process-instances/{id}/suspend"))

    def resume(self, id: str) -> records.ProcessInstance:
        """Let a suspended instance go on."""
        return decode(records.ProcessInstance, self._call("POST", f"/process-instances/{id}/resume"))

    def activities(self, id: str) -> records.Activities:
        """What the instance did and does, and what its joins wait for."""
        answer = decode(records.Activities, self._call("GET", f"/process-instances/{id}/activities"))
        items, cursor = list(answer.items), answer.next_cursor
        while cursor:
            more = decode(
                records.Activities,
                self._call("GET", f"/process-instances/{id}/activities", params={"cursor": cursor}),
            )
            items, cursor = items + more.items, more.next_cursor
        return records.Activities(items=items, joins=answer.joins)

    def variables(self, id: str) -> dict[str, Any]:
        """The variables of the instance itself (those of inner scopes are in `all_variables`)."""
        return {each["name"]: each["value"] for each in self.all_variables(id) if each["scope_element_id"] is None}

    def all_variables(self, id: str) -> list[dict[str, Any]]:
        """The variables of every scope: `scope_id`, `scope_element_id`, `name`, `value`."""
        items: list[dict[str, Any]] = self._call("GET", f"/process-instances/{id}/variables")["items"]
        return items

    def set_variables(self, id: str, variables: Variables, *, scope_id: int | None = None) -> None:
        """Change variables of an instance, as an operator."""
        body = {"variables": dict(variables)} | _given(scope_id=scope_id)
        self._call("POST", f"/process-instances/{id}/variables", json=body)

    # --- user tasks --------------------------------------------------------------------------------------------------
    def user_tasks(
        self,
        view: Literal["mine", "claimable", "all"] = "all",
        *,
        state: Literal["open", "completed", "cancelled"] = "open",
        process_instance_id: str | None = None,
    ) -> Iterator[records.UserTask]:
        """User tasks: assigned to me, claimable by me, or all that I may see."""
        query = {"view": view, "state": state} | _given(process_instance_id=process_instance_id)
        return self._pages(records.UserTask, "/user-tasks", query)

    def user_task(self, id: str) -> records.UserTask:
        """One user task with its variables."""
        return decode(records.UserTask, self._call("GET", f"/user-tasks/{id}"))

    def claim(self, id: str) -> records.UserTask:
        """Make the task mine."""
        return decode(records.UserTask, self._call("POST", f"/user-tasks/{id}/claim"))

    def unclaim(self, id: str) -> records.UserTask:
        """Give the task back."""
        return decode(records.UserTask, self._call("POST", f"/user-tasks/{id}/unclaim"))

    def assign(self, id: str, assignee: str | None) -> records.UserTask:
        """Hand the task to somebody, or to nobody."""
        return decode(records.UserTask, self._call("POST", f"/user-tasks/{id}/assign", json={"assignee": assignee}))

    def complete_user_task(self, id: str, variables: Variables | None = None) -> records.UserTask:
        """Complete the task; a candidate who completes claims in the same step."""
        body = {"variables": dict(variables or {})}
        return decode(records.UserTask, self._call("POST", f"/user-tasks/{id}/complete", json=body))

    # --- jobs --------------------------------------------------------------------------------------------------------
    def fetch_jobs(
        self,
        topics: Iterable[Topic],
        *,
        worker_id: str,
        max_jobs: int = 1,
        lock_seconds: float = 60.0,
        wait_seconds: float = 0.0,
    ) -> list[records.LockedJob]:
        """Lock up to `max_jobs` jobs. With `wait_seconds` the server holds the call until there is one."""
        body = {
            "worker_id": worker_id,
            "topics": [{"name": topic} if isinstance(topic, str) else dict(topic) for topic in topics],
            "max_jobs": max_jobs,
            "lock_seconds": lock_seconds,
            "wait_seconds": wait_seconds,
        }
        answer = self._call("POST", "/jobs/fetch", json=body, timeout=self._timeout_seconds + wait_seconds)
        return [decode(records.LockedJob, item) for item in answer["items"]]

    def complete_job(self, job: records.LockedJob, variables: Variables | None = None) -> records.JobOutcome:
        """The work is done. The same call again answers the same."""
        return self._job_call(job, "complete", {"variables": dict(variables or {})})

    def fail_job(
        self,
        job: records.LockedJob,
        message: str,
        *,
        detail: str | None = None,
        retries: int | None = None,
        retry_after_seconds: float = 0.0,
    ) -> records.JobOutcome:
        """The work failed. `retries` None: one less than before; with none left an incident opens."""
        body: dict[str, Any] = {"message": message, "retry_after_seconds": retry_after_seconds}
        return self._job_call(job, "fail", body | _given(detail=detail, retries=retries))

    def extend_job(self, job: records.LockedJob, lock_seconds: float) -> records.JobOutcome:
        """Keep the lock for `lock_seconds` from now."""
        return self._job_call(job, "extend", {"lock_seconds": lock_seconds})

    def unlock_job(self, job: records.LockedJob) -> records.JobOutcome:
        """Give the job back at once; costs no retry."""
        return self._job_call(job, "unlock", {})

    def jobs(
        self,
        *,
        topic: str | None = None,
        process_instance_id: str | None = None,
        state: Literal["available", "locked", "failed"] | None = None,
    ) -> Iterator[records.Job]:
        """Jobs as an operator sees them."""
        query = _given(topic=topic, process_instance_id=process_instance_id, state=state)
        return self._pages(records.Job, "/jobs", query)

    def retry_job(self, id: str, retries: int = 1) -> records.Job:
        """Give a job new attempts, and close its incident."""
        return decode(records.Job, self._call("POST", f"/jobs/{id}/retry", json={"retries": retries}))

    # --- messages, incidents, events ---------------------------------------------------------------------------------
    def correlate(
        self,
        name: str,
        variables: Variables | None = None,
        *,
        process_instance_id: str | None = None,
        business_key: str | None = None,
    ) -> records.Correlation:
        """Hand a message to the instance that waits for it; NotFound when none does."""
        body = {"name": name, "variables": dict(variables or {})}
        body |= _given(process_instance_id=process_instance_id, business_key=business_key)
        return decode(records.Correlation, self._call("POST", "/messages", json=body))

    def incidents(self, *, process_instance_id: str | None = None) -> Iterator[records.Incident]:
        """Open incidents."""
        return self._pages(records.Incident, "/incidents", _given(process_instance_id=process_instance_id))

    def retry_incident(self, id: str) -> records.Incident:
        """Try the failed element again."""
        return decode(records.Incident, self._call("POST", f"/incidents/{id}/retry"))

    def events(
        self,
        after: str | None = None,
        *,
        process_instance_id: str | None = None,
        definition_key: str | None = None,
        limit: int = 200,
    ) -> records.EventPage:
        """What happened after a cursor (None: from the beginning; "now": from here on)."""
        query: dict[str, Any] = {"limit": limit}
        query |= _given(after=after, process_instance_id=process_instance_id, definition_key=definition_key)
        return decode(records.EventPage, self._call("GET", "/events", params=query))

    def follow(
        self, after: str | None = "now", *, process_instance_id: str | None = None, poll_seconds: float = 0.5
    ) -> Iterator[records.Event]:
        """Events without end, as they come. Keep the last `event.cursor` to go on later where you stopped."""
        while True:
            page = self.events(after, process_instance_id=process_instance_id)
            yield from page.items
            after = page.next_cursor
            if not page.items:
                time.sleep(poll_seconds)

    def healthy(self) -> bool:
        """Whether the server answers and its database too."""
        try:
            return self._http.get("/health").status_code == 200
        except httpx.TransportError:
            return False

    # --- the wire ----------------------------------------------------------------------------------------------------
    def _job_call(self, job: records.LockedJob, verb: str, body: dict[str, Any]) -> records.JobOutcome:
        return decode(
            records.JobOutcome, self._call("POST", f"/jobs/{job.id}/{verb}", json={"token": job.token} | body)
        )

    def _pages(self, kind: type[R], path: str, query: dict[str, Any]) -> Iterator[R]:
        cursor: str | None = None
        while True:
            page = self._call("GET", path, params=query | _given(cursor=cursor))
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


def _given(**values: Any) -> dict[str, Any]:
    """Only those that were given."""
    return {name: value for name, value in values.items() if value is not None}


def _part(file: File) -> tuple[str, bytes]:
    if isinstance(file, tuple):
        return file
    path = Path(file)
    return path.name, path.read_bytes()
