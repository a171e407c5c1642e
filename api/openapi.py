"""The OpenAPI 3.1 document, generated from the declared calls, and a page to try them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from http import HTTPStatus
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import msgspec
from flask import Flask, Response
from msgspec.structs import FieldInfo

from engine.commands import Command
from engine.queries import Query
from engine.records import Problem as DiagramProblem
from engine.records import Record

from . import encoding, health, problems
from .calls import Call, Calls

_PAGES = Path(__file__).with_name("pages")
_REF = "#/components/schemas/{name}"
_SECURITY: list[dict[str, list[str]]] = [{"token": []}, {"session": []}]


class FieldError(Record, frozen=True, kw_only=True):
    """A fault of the request, and where it is."""

    field: str
    message: str


class Problem(Record, frozen=True, kw_only=True):
    """What went wrong (RFC 9457). `type` ends with a code that programs may rely on; `detail` is for people."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    request_id: str | None
    errors: list[FieldError] | None = None
    problems: list[DiagramProblem] | None = None


def install(app: Flask, nouns: Iterable[Calls]) -> None:
    """Serve the document and the page to try it."""
    nouns = tuple(nouns)

    @cache
    def text() -> bytes:
        return encoding.encode(document(nouns))

    @app.get("/api/openapi.json", endpoint="openapi")
    def show() -> Response:
        return Response(text(), content_type="application/json")

    @app.get("/api/docs", endpoint="docs")
    def page() -> Response:
        return Response((_PAGES / "docs.html").read_bytes(), content_type="text/html; charset=utf-8")

    for name, kind in (("page.css", "text/css"), ("docs.js", "text/javascript")):
        content = (_PAGES / name).read_bytes()
        app.add_url_rule(
            f"/api/docs/{name}",
            f"docs_{name.replace('.', '_')}",
            lambda content=content, kind=kind: Response(content, content_type=f"{kind}; charset=utf-8"),
        )


def document(nouns: tuple[Calls, ...]) -> dict[str, Any]:
    """The whole document."""
    calls = [call for noun in nouns for call in noun]
    sent = {call.name: _sent_type(call) for call in calls}
    answered = [call.answer for call in calls if call.answer is not None and call.answer is not str]
    types: list[Any] = [Problem, health.Health, *answered, *(kind for kind in sent.values() if kind is not None)]
    types += [field.type for call in calls for field in call.sent_fields]
    schemas, components = msgspec.json.schema_components(types, ref_template=_REF)
    by_type = dict(zip(map(repr, types), schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for call in calls:
        path = "/api/v1" + call.path.replace("<", "{").replace(">", "}")
        paths.setdefault(path, {})[call.method.lower()] = _operation(call, sent[call.name], by_type)
    paths["/health"] = {"get": _health(by_type)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Signalbox",
            "version": _version(),
            "description": "Runs the processes that analysts draw. Every failure is answered as problem+json.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": noun.noun, "description": noun.about} for noun in nouns],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "For machines."},
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "signalbox_session",
                    "description": "For browsers; unsafe calls also carry the header X-CSRF-Token.",
                },
            },
        },
    }


def _operation(call: Call, sent: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {"operationId": call.name, "summary": call.summary, "tags": [call.tag]}
    about = (call.request.__doc__ or "") if call.request else ""
    if about and not about.startswith("→") and call.request not in (Command, Query):
        operation["description"] = " ".join(about.split())
    elif "." in about:
        operation["description"] = " ".join(about.partition(".")[2].partition(".")[2].split()) or call.summary
    operation["parameters"] = [*_path_parameters(call), *_query_parameters(call, schemas)]
    if call.body != "none":
        operation["requestBody"] = {"required": True, "content": _content(call, sent, schemas)}
    responses: dict[str, Any] = {}
    for status in (call.status, *call.other_answers):
        responses[str(status)] = {"description": HTTPStatus(status).phrase}
        if call.answer is str:
            responses[str(status)]["content"] = {call.media_type: {"schema": {"type": "string"}}}
        elif call.answer is not None:
            responses[str(status)]["content"] = {call.media_type: {"schema": schemas[repr(call.answer)]}}
    for status, codes in call.statuses.items():
        responses[str(status)] = {
            "description": f"{HTTPStatus(status).phrase}: {', '.join(codes)}",
            "content": {problems.MEDIA_TYPE: {"schema": schemas[repr(Problem)]}},
        }
    operation["responses"] = responses
    operation["security"] = [] if call.open else _SECURITY
    return operation


def _path_parameters(call: Call) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
        for name in call.path_parameters
    ]


def _query_parameters(call: Call, schemas: dict[str, Any]) -> list[dict[str, Any]]:
    fields = [f for f in call.sent_fields if call.is_query or f.name in call.in_query]
    return [
        {"name": f.name, "in": "query", "required": f.required, "schema": _without_null(schemas[repr(f.type)])}
        for f in fields
    ]


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """In a query string there is no null: a parameter is there or it is not."""
    options = [option for option in schema.get("anyOf", ()) if option.get("type") != "null"]
    if len(options) == 1:
        return {**{k: v for k, v in schema.items() if k != "anyOf"}, **options[0]}
    if "enum" in schema and None in schema["enum"]:
        return {**schema, "enum": [value for value in schema["enum"] if value is not None]}
    return schema


def _content(call: Call, sent: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    if call.body == "files":
        properties = {
            "files": {"type": "array", "minItems": 1, "items": {"type": "string", "format": "binary"}},
            "name": {"type": "string"},
        }
        return {"multipart/form-data": {"schema": {"type": "object", "properties": properties, "required": ["files"]}}}
    if call.body == "xml":
        xml = {"type": "object", "properties": {"xml": {"type": "string"}}, "required": ["xml"]}
        return {"application/xml": {"schema": {"type": "string"}}, "application/json": {"schema": xml}}
    return {"application/json": {"schema": schemas[repr(sent)]}}


def _sent_type(call: Call) -> Any:
    """The type of a call's JSON body: the command without what its path says."""
    if call.body != "json":
        return None
    if call.sends is not None:
        return call.sends
    assert call.request is not None
    if not call.path_parameters and not call.leaves_out:
        return call.request
    return msgspec.defstruct(
        "".join(word.title() for word in call.name.split("_")),
        [_definition(field) for field in call.sent_fields],
        kw_only=True,
        forbid_unknown_fields=True,
    )


def _definition(field: FieldInfo) -> tuple[Any, ...]:
    if field.required:
        return (field.name, field.type)
    if field.default is not msgspec.NODEFAULT:
        return (field.name, field.type, field.default)
    return (field.name, field.type, msgspec.field(default_factory=field.default_factory))


def _health(schemas: dict[str, Any]) -> dict[str, Any]:
    content = {"application/json": {"schema": schemas[repr(health.Health)]}}
    return {
        "operationId": "get_health",
        "summary": "Whether this server is fit to work",
        "tags": ["Session"],
        "responses": {
            "200": {"description": "Fit", "content": content},
            "503": {"description": "Not fit", "content": content},
        },
        "security": [],
    }


def _version() -> str:
    try:
        return version("signalbox-bpmn")
    except PackageNotFoundError:  # run from a checkout that was never installed
        return "0"
