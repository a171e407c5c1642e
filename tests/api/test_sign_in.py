"""Who gets in: nobody without a session or a token, and no page of another site."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from doors import PASSWORD, Browser
from flask import Flask
from flask.testing import FlaskClient

from api import create_app
from api.calls import Call
from api.config import Config
from api.routes import ALL
from engine import Engine

CALLS = [call for noun in ALL for call in noun]
CLOSED = [call for call in CALLS if not call.open]


def address(call: Call) -> str:
    return "/api/v1" + re.sub("<[a-z_]+>", "some", call.path)


def sign_in(client: FlaskClient, name: str = "ada", password: str = PASSWORD, **options: Any) -> Any:
    return client.post("/api/v1/session", json={"name": name, "password": password}, **options)


@pytest.mark.parametrize("call", CLOSED, ids=lambda call: call.name)
def test_every_call_refuses_nobody(nobody: FlaskClient, call: Call) -> None:
    answer = nobody.open(address(call), method=call.method, json={} if call.body == "json" else None)

    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"
    assert answer.json["type"] == "urn:signalbox:problem:unauthenticated"


@pytest.mark.parametrize("path", ["/metrics", "/ws"])
def test_what_is_no_call_refuses_nobody_too(nobody: FlaskClient, path: str) -> None:
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade"} if path == "/ws" else {}

    assert nobody.get(path, headers=upgrade).status_code == 401


def test_every_route_of_the_app_is_known_to_be_open_or_closed(app: Flask, nobody: FlaskClient) -> None:
    open_without_sign_in = set()
    for rule in app.url_map.iter_rules():
        method = next(iter(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})))
        path = re.sub("<[^>]+>", "some", rule.rule)
        headers = {"Upgrade": "websocket", "Connection": "Upgrade"} if rule.websocket else {}
        if nobody.open(path, method=method, headers=headers).status_code != 401:
            open_without_sign_in.add(rule.endpoint)

    assert open_without_sign_in == {
        *("health", "openapi", "docs", "docs_docs_js", "docs_page_css", "ui", "ui_inside", "ui_assets", "ui_file"),
        "rest.session.post_session",
    }


@pytest.mark.parametrize("call", [call for call in CLOSED if call.method != "GET"], ids=lambda call: call.name)
def test_every_unsafe_call_of_a_browser_proves_its_origin(as_person: Callable[[str], Browser], call: Call) -> None:
    root = as_person("root")

    for token in (None, "guessed", "", "ü"):
        headers = {} if token is None else {"X-CSRF-Token": token}
        answer = root.client.open(address(call), method=call.method, headers=headers)
        assert (answer.status_code, answer.json["type"]) == (403, "urn:signalbox:problem:cross_site"), token


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": "http://localhost:1"}],
    ids=lambda headers: headers["Origin"],
)
def test_a_page_of_another_site_is_refused_even_with_the_token(
    as_person: Callable[[str], Browser], headers: dict[str, str]
) -> None:
    root = as_person("root")

    answer = root.post("/tokens", {"name": "x", "roles": ["worker"]}, headers=headers)

    assert answer.status_code == 403
    assert headers["Origin"] in answer.json["detail"]


def test_a_page_of_another_site_cannot_sign_its_visitors_in(nobody: FlaskClient) -> None:
    assert sign_in(nobody, headers={"Origin": "https://evil.example"}).status_code == 403
    assert sign_in(nobody, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    form = nobody.post("/api/v1/session", data={"name": "ada", "password": PASSWORD})
    assert form.status_code == 415


def test_the_address_behind_a_proxy_is_an_origin_of_ours(engine: Engine) -> None:
    client = create_app(engine, Config(public_url="https://signalbox.example.org")).test_client()

    answer = sign_in(client, headers={"Origin": "https://signalbox.example.org"})

    assert answer.status_code == 200
    assert "Secure" in answer.headers["Set-Cookie"]
    assert answer.headers["Strict-Transport-Security"]


def test_the_session_cookie_is_out_of_reach_of_scripts(nobody: FlaskClient) -> None:
    cookie = sign_in(nobody).headers["Set-Cookie"]

    assert cookie.startswith("signalbox_session=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))


def test_a_session_says_who_it_belongs_to(nobody: FlaskClient) -> None:
    begun = sign_in(nobody)

    assert begun.json["user"] == {
        "name": "ada",
        "display_name": "ada",
        "roles": ["analyst", "participant", "starter"],
        "groups": [],
        "tenant_id": "default",
    }
    assert nobody.get("/api/v1/session").json == begun.json


def test_a_wrong_password_and_an_unknown_name_look_the_same(nobody: FlaskClient) -> None:
    wrong, unknown = sign_in(nobody, password="wrong"), sign_in(nobody, name="nobody")

    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json["detail"] == unknown.json["detail"]


def test_guessing_passwords_is_slowed_down(nobody: FlaskClient) -> None:
    answers = [sign_in(nobody, password=f"guess {number}") for number in range(30)]

    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["Retry-After"]) >= 1


def test_a_flood_of_sign_ins_does_not_take_every_thread(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    app = create_app(engine, Config(http_threads=2))
    slow, arrived = threading.Event(), threading.Semaphore(0)
    real = engine.identity.sign_in

    def hesitate(*given: Any, **more: Any) -> Any:
        arrived.release()
        slow.wait(10)
        return real(*given, **more)

    monkeypatch.setattr(engine.identity, "sign_in", hesitate)
    with ThreadPoolExecutor() as pool:
        first = [pool.submit(sign_in, app.test_client()) for _ in range(2)]
        assert arrived.acquire(timeout=10)
        assert arrived.acquire(timeout=10)
        one_too_many = sign_in(app.test_client())
        slow.set()

        assert [answer.result().status_code for answer in first] == [200, 200]
    assert (one_too_many.status_code, one_too_many.headers["Retry-After"]) == (429, "2")
    assert sign_in(app.test_client()).status_code == 200


def test_signing_out_ends_the_session(as_person: Callable[[str], Browser]) -> None:
    ada = as_person("ada")
    secret = ada.client.get_cookie("signalbox_session").value  # type: ignore[union-attr]

    assert ada.call("DELETE", "/session").status_code == 204
    assert ada.client.get_cookie("signalbox_session") is None
    ada.client.set_cookie("signalbox_session", secret)
    assert ada.get("/session").status_code == 401


def test_signing_in_again_ends_the_session_before(nobody: FlaskClient) -> None:
    sign_in(nobody)
    before = nobody.get_cookie("signalbox_session").value  # type: ignore[union-attr]
    sign_in(nobody)

    nobody.set_cookie("signalbox_session", before)
    assert nobody.get("/api/v1/session").status_code == 401


@pytest.mark.parametrize("header", ["Bearer wrong", "Bearer", "Basic cm9vdDpyb290", "Bearer sbt_ü"])
def test_a_wrong_token_is_refused_even_beside_a_session(as_person: Callable[[str], Browser], header: str) -> None:
    assert as_person("root").get("/session", headers={"Authorization": header}).status_code == 401


def test_a_token_has_no_session(machine: Callable[..., Any]) -> None:
    assert machine("administrator")("GET", "/session").status_code == 401


def test_rights_are_the_engines_business(machine: Callable[..., Any]) -> None:
    answer = machine("worker")("GET", "/process-instances")

    assert (answer.status_code, answer.json["type"]) == (403, "urn:signalbox:problem:forbidden")
    assert answer.json["needed_roles"]
