"""The OpenAPI document: true to the code, valid, and nothing a client can send by it breaks the server."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from doors import APPROVAL, BROKEN_SCRIPT, PAYMENT, deploy, make_token, peopled_sqlite, start
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import booleans
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api import create_app
from api.config import Config
from api.openapi import document
from api.routes import ALL
from engine import Settings, open_engine
from engine.actors import SYSTEM
from engine.commands import SaveDraft
from engine.queries import ListIncidents, ListJobs, ListUserTasks

DOCUMENT: dict[str, Any] = json.loads(json.dumps(document(ALL)))
schema = schemathesis.openapi.from_dict(DOCUMENT)
CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method.upper(), path, operation)
        for path, methods in DOCUMENT["paths"].items()
        for method, operation in methods.items()
    ]


def test_the_document_is_valid() -> None:
    schema.validate()


def test_every_route_is_described(app: Flask) -> None:
    served = {
        (method, rule.rule.replace("<", "{").replace(">", "}"))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }

    assert served == {(method, path) for method, path, _ in operations() if path != "/health"}


def test_references_lead_somewhere() -> None:
    names = set(DOCUMENT["components"]["schemas"])
    text = json.dumps(DOCUMENT)
    used = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}

    assert used <= names


def test_names_of_operations_are_their_own() -> None:
    names = [operation["operationId"] for _, _, operation in operations()]

    assert len(names) == len(set(names))
    assert "post_user_tasks_claim_id" in names


def test_a_call_says_what_it_takes_answers_and_refuses() -> None:
    complete = DOCUMENT["paths"]["/api/v1/user-tasks/{id}/complete"]["post"]

    body = complete["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    assert set(DOCUMENT["components"]["schemas"][body]["properties"]) == {"variables"}, "the id is in the path"
    answer = complete["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
    assert answer == "#/components/schemas/UserTask"
    assert set(complete["responses"]) == {"200", "400", "401", "403", "404", "408", "409", "413", "415", "503"}


def test_the_page_to_try_it_needs_nothing_from_elsewhere(nobody: FlaskClient) -> None:
    page = nobody.get("/api/docs")

    assert page.status_code == 200
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    text = page.text + nobody.get("/api/docs/docs.js").text + nobody.get("/api/docs/page.css").text
    assert "//" not in text.replace("// ", "").replace("https://json-schema", ""), "an address of another server"
    assert "<script>" not in text
    assert " on" + "click=" not in text
    assert nobody.get("/api/openapi.json").json == DOCUMENT


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The document, bound to an app with something of everything in it."""
    file = tmp_path_factory.mktemp("described") / "signalbox.sqlite3"
    shutil.copyfile(peopled_sqlite(), file)
    engine = open_engine(Settings(database_url=f"sqlite:///{file}"))
    deploy(engine, APPROVAL, PAYMENT, BROKEN_SCRIPT)
    instances = [start(engine, key) for key in ("approval", "payment", "broken")]
    bound = schemathesis.openapi.from_wsgi("/api/openapi.json", create_app(engine, Config()))
    bound.config.headers = {"Authorization": f"Bearer {make_token(engine, 'administrator')}"}
    bound.there = {
        "process-instances": instances[0].id,
        "process-definitions": instances[0].definition_id,
        "user-tasks": engine.read(ListUserTasks(), SYSTEM).items[0].id,
        "jobs": engine.read(ListJobs(), SYSTEM).items[0].id,
        "incidents": engine.read(ListIncidents(), SYSTEM).items[0].id,
        "drafts": engine.execute(SaveDraft(name="d", xml=APPROVAL.decode()), SYSTEM).id,
        "users": "ben",
    }
    yield bound
    engine.close()


@pytest.mark.parametrize(
    ("method", "path"),
    # deleting comes last, so that the other calls find something
    sorted(
        ((method, path) for method, path, _ in operations() if path != "/health"), key=lambda call: call[0] == "DELETE"
    ),
)
def test_whatever_a_client_sends_is_answered_as_described(described: Any, method: str, path: str) -> None:
    there = described.there.get(path.split("/")[3])

    @given(case=described[path][method].as_strategy(), known=booleans())
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
    def send(case: Any, known: bool) -> None:
        if known and there and case.path_parameters:
            case.path_parameters = dict.fromkeys(case.path_parameters, there)
        if case.body and "wait_seconds" in str(case.body):
            case.body["wait_seconds"] = 0  # nobody waits here for jobs that do not come
        case.call_and_validate(checks=CHECKS)

    send()


def test_schemathesis_leaves_nothing_behind() -> None:
    assert not Path(".schemathesis").exists()
