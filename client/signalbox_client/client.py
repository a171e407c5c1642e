"""The client: one method for one call of `/api/v1`, typed in and out. Thread-safe, as httpx's client is."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

import httpx

from signalbox_client import records
from signalbox_client.connection import Connection, given
from signalbox_client.records import decode

Variables = Mapping[str, Any]
File = Path | str | tuple[str, bytes]
"""A path, or a name and its content."""
Topic = str | Mapping[str, Any]
"""A name, or an object with `name` and optionally `lock_seconds` and `variables`."""


class Client(Connection):
    """Talks to one Signalbox server, as a machine with a bearer token or as a person after `sign_in`."""

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
            self._call("POST", "/users", json=body | given(display_name=display_name, email=email)),
        )

    def create_token(
        self, name: str, roles: Iterable[str] = ("worker",), *, expires_in_seconds: int | None = None
    ) -> records.NewToken:
        """Make a bearer token for a machine; its roles are at most one's own."""
        body = {"name": name, "roles": list(roles)} | given(expires_in_seconds=expires_in_seconds)
        answer = self._call("POST", "/tokens", json=body)
        return decode(records.NewToken, answer["token"] | {"secret": answer["secret"]})

    # --- diagrams ----------------------------------------------------------------------------------------------------
    def deploy(self, *files: File, name: str | None = None) -> records.Deployment:
        """Deploy all files or none. A file equal to its latest version makes no new one (`created` is False)."""
        parts = [("files", _part(file)) for file in files]
        return decode(
            records.Deployment, self._call("POST", "/deployments", files=parts, data=given(name=name) or None)
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
        query = {"latest": "true" if latest else "false"} | given(key=key)
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
        start_element_id: str | None = None,
    ) -> records.ProcessInstance:
        """Start an instance: of the latest version of `key`, of one version, or of one definition by id; at one of
        several start events, where the process has several."""
        which = given(definition_key=key, definition_id=definition_id, version=version)
        body = which | given(business_key=business_key, start_element_id=start_element_id)
        body["variables"] = dict(variables or {})
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
        state: Literal["active", "suspended", "completed", "cancelled", "failed"] | None = None,
        parent_id: str | None = None,
        incidents: bool | None = None,
    ) -> Iterator[records.ProcessInstance]:
        """Process instances, the newest first."""
        query = given(
            definition_key=definition_key,
            definition_id=definition_id,
            business_key=business_key,
            state=state,
            parent_id=parent_id,
            incidents=None if incidents is None else str(incidents).lower(),
        )
        return self._pages(records.ProcessInstance, "/process-instances", query)

    def cancel(self, id: str, reason: str | None = None) -> records.ProcessInstance:
        """End an instance at once."""
        return decode(
            records.ProcessInstance, self._call("DELETE", f"/process-instances/{id}", params=given(reason=reason))
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

    def waiting(self, id: str) -> list[records.Waiting]:
        """What the instance waits for now: people, machines, times, messages, signals, called processes."""
        answer = self._call("GET", f"/process-instances/{id}/waiting")
        return [decode(records.Waiting, item) for item in answer["items"]]

    def start_activity(self, id: str, element_id: str, variables: Variables | None = None) -> records.ProcessInstance:
        """Start an activity of an ad-hoc sub-process; `id` and what can be started are in `waiting`."""
        body = {"element_id": element_id, "variables": dict(variables or {})}
        return decode(records.ProcessInstance, self._call("POST", f"/ad-hoc/{id}/start", json=body))

    def complete_ad_hoc(self, id: str) -> records.ProcessInstance:
        """Say that nothing more is started in an ad-hoc sub-process."""
        return decode(records.ProcessInstance, self._call("POST", f"/ad-hoc/{id}/complete"))

    def variables(self, id: str) -> dict[str, Any]:
        """The variables of the instance itself (those of inner scopes are in `all_variables`)."""
        return {each["name"]: each["value"] for each in self.all_variables(id) if each["scope_element_id"] is None}

    def all_variables(self, id: str) -> list[dict[str, Any]]:
        """The variables of every scope: `scope_id`, `scope_element_id`, `name`, `value`."""
        items: list[dict[str, Any]] = self._call("GET", f"/process-instances/{id}/variables")["items"]
        return items

    def set_variables(self, id: str, variables: Variables, *, scope_id: int | None = None) -> None:
        """Change variables of an instance, as an operator."""
        body = {"variables": dict(variables)} | given(scope_id=scope_id)
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
        query = {"view": view, "state": state} | given(process_instance_id=process_instance_id)
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

    def end_user_task_with_error(
        self, id: str, code: str, message: str | None = None, variables: Variables | None = None
    ) -> records.UserTask:
        """The work ended with a BPMN error, which the drawing catches by its code."""
        body = {"code": code, "variables": dict(variables or {})} | given(message=message)
        return decode(records.UserTask, self._call("POST", f"/user-tasks/{id}/error", json=body))

    def escalate_user_task(self, id: str, code: str | None = None) -> records.UserTask:
        """Somebody else must know; the task stays open unless the drawing says otherwise."""
        return decode(records.UserTask, self._call("POST", f"/user-tasks/{id}/escalate", json=given(code=code)))

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
        return self._job_call(job, "fail", body | given(detail=detail, retries=retries))

    def end_job_with_error(
        self, job: records.LockedJob, code: str, message: str | None = None, variables: Variables | None = None
    ) -> records.JobOutcome:
        """The work ended with a BPMN error, which the drawing catches by its code."""
        body: dict[str, Any] = {"code": code, "variables": dict(variables or {})}
        return self._job_call(job, "error", body | given(message=message))

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
        query = given(topic=topic, process_instance_id=process_instance_id, state=state)
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
        keys: Variables | None = None,
        process_instance_id: str | None = None,
        business_key: str | None = None,
        time_to_live_seconds: float = 0.0,
        message_id: str | None = None,
    ) -> records.Correlation:
        """Hand a message to the one that waits for it with all its correlation keys. When nobody does it is kept for
        so many seconds; with none, NotFound. With a `message_id` the same message may be sent again without harm."""
        body: dict[str, Any] = {"name": name, "variables": dict(variables or {}), "keys": dict(keys or {})}
        body["time_to_live_seconds"] = time_to_live_seconds
        body |= given(process_instance_id=process_instance_id, business_key=business_key, message_id=message_id)
        return decode(records.Correlation, self._call("POST", "/messages", json=body))

    def broadcast(self, name: str, variables: Variables | None = None) -> records.SignalBroadcast:
        """Broadcast a signal to all who wait for it now and to the start events of its name."""
        body = {"name": name, "variables": dict(variables or {})}
        return decode(records.SignalBroadcast, self._call("POST", "/signals", json=body))

    def data_stores(self) -> list[records.DataStore]:
        """The data stores that the configuration names, with their values."""
        return [decode(records.DataStore, item) for item in self._call("GET", "/data-stores")["items"]]

    def set_data_store(self, name: str, value: Any) -> records.DataStore:
        """Give a data store a value."""
        path = f"/data-stores/{quote(name, safe='')}"
        return decode(records.DataStore, self._call("PUT", path, json={"value": value}))

    def incidents(self, *, process_instance_id: str | None = None) -> Iterator[records.Incident]:
        """Open incidents."""
        return self._pages(records.Incident, "/incidents", given(process_instance_id=process_instance_id))

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
        query |= given(after=after, process_instance_id=process_instance_id, definition_key=definition_key)
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

    def _job_call(self, job: records.LockedJob, verb: str, body: dict[str, Any]) -> records.JobOutcome:
        return decode(
            records.JobOutcome, self._call("POST", f"/jobs/{job.id}/{verb}", json={"token": job.token} | body)
        )


def _part(file: File) -> tuple[str, bytes]:
    if isinstance(file, tuple):
        return file
    path = Path(file)
    return path.name, path.read_bytes()
