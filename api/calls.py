"""How a route is declared: its path, the command or query it builds, and what it answers, each said once.

`Calls` turns a declaration into a Flask view and keeps it for `api.openapi`, which describes every call from the same
words. Most routes are nothing else than their declaration; one that needs more (an upload, a long poll) gives a view
of its own with `@calls.view(...)`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

import msgspec
from flask import Blueprint, Response, request

from engine import errors
from engine.commands import Command
from engine.queries import Query

from . import encoding, limits, problems
from .context import config, engine
from .sign_in import current_actor

Body = Literal["none", "json", "xml", "files"]
Refusals = tuple[type[errors.EngineError], ...]
_PATH_PARAMETER = re.compile(r"<([a-z_]+)>")


@dataclass(frozen=True)
class Call:
    """One call of the API."""

    method: str
    path: str  # e.g. /user-tasks/<id>/claim
    summary: str
    request: type[Command] | type[Query] | None
    answer: Any  # the type answered; None: no content
    status: int = 200
    other_answers: tuple[int, ...] = ()  # further statuses of the same answer
    body: Body = "none"
    media_type: str = "application/json"
    tag: str = ""
    open: bool = False  # needs nobody to be signed in
    refuses: Refusals = ()
    in_query: frozenset[str] = frozenset()  # fields of a command that come in the query string
    leaves_out: tuple[str, ...] = ()  # fields of a command that this call does not take
    sends: Any = None  # the type of the body, where it is no command
    large: bool = False  # a body that holds a diagram

    @cached_property
    def path_parameters(self) -> tuple[str, ...]:
        return tuple(_PATH_PARAMETER.findall(self.path))

    @cached_property
    def sent_fields(self) -> tuple[msgspec.structs.FieldInfo, ...]:
        """The fields of the request that are not in the path."""
        if self.request is None:
            return ()
        elsewhere = {*self.path_parameters, *self.leaves_out}
        return tuple(f for f in msgspec.structs.fields(self.request) if f.name not in elsewhere)

    @property
    def is_query(self) -> bool:
        return self.request is not None and issubclass(self.request, Query)

    @property
    def name(self) -> str:
        """What clients generated from the OpenAPI document call it."""
        words = _PATH_PARAMETER.sub("", self.path).replace("-", "_").split("/")
        return "_".join([self.method.lower(), *(word for word in words if word), *self.path_parameters])

    @cached_property
    def statuses(self) -> dict[int, list[str]]:
        """Every status of failure, with the codes of the problems that have it."""
        kinds: list[type[errors.EngineError]] = [*self.refuses, errors.Unavailable]
        if not self.open:
            kinds += [problems.Unauthenticated, errors.Forbidden]
            if self.method != "GET":
                kinds.append(problems.CrossSite)
        if self.path_parameters:
            kinds.append(errors.NotFound)
        if self.sent_fields or self.path_parameters or self.body != "none":
            kinds.append(errors.Invalid)
        if self.body != "none":
            kinds += [errors.TooLarge, problems.UnsupportedMedia, problems.TooSlow]
        found: dict[int, list[str]] = {}
        for kind in kinds:
            codes = found.setdefault(int(problems.status_of(kind)[0]), [])
            if kind.code not in codes:
                codes.append(kind.code)
        return dict(sorted(found.items()))


@dataclass
class Calls:
    """The calls of one noun."""

    noun: str
    about: str
    declared: list[tuple[Call, Callable[..., Response]]] = field(default_factory=list)

    def query(self, path: str, query: type[Query], answer: Any, summary: str, **more: Any) -> None:
        """GET that answers a query: its fields are path and query-string parameters."""
        call = Call("GET", path, summary, query, answer, tag=self.noun, **more)
        self.declared.append((call, lambda **values: read(call, values)))

    def command(self, method: str, path: str, command: type[Command], answer: Any, summary: str, **more: Any) -> None:
        """An unsafe call that executes a command: its fields are path parameters and the JSON body's."""
        call = Call(method, path, summary, command, answer, tag=self.noun, **more)
        if call.body == "none" and any(f.name not in call.in_query for f in call.sent_fields):
            call = replace(call, body="json")
        self.declared.append((call, lambda **values: execute(call, values)))

    def view(
        self, method: str, path: str, summary: str, answer: Any, **more: Any
    ) -> Callable[[Callable[..., Response]], Callable[..., Response]]:
        """A call whose view is written out; `request=` names the command or query it builds."""
        call = Call(method, path, summary, more.pop("request", None), answer, tag=self.noun, **more)

        def declare(view: Callable[..., Response]) -> Callable[..., Response]:
            self.declared.append((call, view))
            return view

        return declare

    def __iter__(self) -> Iterator[Call]:
        return (call for call, _ in self.declared)

    def blueprint(self) -> Blueprint:
        """The Flask blueprint of these calls."""
        made = Blueprint(self.noun.lower().replace(" ", "_"), __name__)
        for call, view in self.declared:
            made.add_url_rule(call.path, call.name, view, methods=[call.method], provide_automatic_options=False)
        return made


def build(call: Call, values: dict[str, Any]) -> Any:
    """The command or query of a call, from path, query string and body."""
    assert call.request is not None
    sent = query_string(call)
    if call.body == "json":
        body = json_body(config().max_upload_bytes if call.large else None)
        for name in (*values, *sent, *call.leaves_out):
            if name in body:
                raise errors.Invalid(
                    f"`{name}` is not taken from the body here.",
                    errors=[{"field": name, "message": "is not taken from the body here"}],
                )
        return encoding.convert(body | values | sent, call.request)
    return encoding.convert(values | sent, call.request, lax=True)


def query_string(call: Call) -> dict[str, str]:
    """The parameters of the query string, each once."""
    sent: dict[str, str] = {}
    taken = {f.name for f in call.sent_fields} if call.is_query else call.in_query
    for name, found in request.args.lists():
        if name not in taken:
            known = ", ".join(sorted(taken)) or "none"
            raise errors.Invalid(
                f"There is no parameter `{name}` here; known are: {known}.",
                errors=[{"field": name, "message": "is not known"}],
            )
        if len(found) > 1 or "\0" in found[0]:
            raise errors.Invalid(f"`{name}` must be given once, as text.", errors=[{"field": name, "message": "once"}])
        if found[0] != "":
            sent[name] = found[0]
    return sent


def json_body(limit: int | None = None) -> dict[str, Any]:
    """The JSON object of the current request; an absent body is an empty object."""
    body = limits.read_body(limit or config().max_json_bytes)
    if body and not request.is_json:
        raise problems.UnsupportedMedia(
            f"This call takes application/json, not {request.mimetype or 'a body without a content type'}."
        )
    return encoding.decode_object(body)


def execute(call: Call, values: dict[str, Any]) -> Response:
    """Build the command, execute it, encode what it answers."""
    command = build(call, values)
    return encoding.answer(engine().execute(command, current_actor()), call.status)


def read(call: Call, values: dict[str, Any]) -> Response:
    """Build the query, read it, encode what it answers."""
    query = build(call, values)
    return encoding.answer(engine().read(query, current_actor()), call.status)
