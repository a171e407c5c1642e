"""What those who watch a server see: health, metrics, logs, headers."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from doors import APPROVAL, BROKEN_SCRIPT, PAYMENT, Browser, Server, deploy, logging_restored, start
from flask.testing import FlaskClient

from api import create_app, logs
from api.config import Config
from engine import Engine, Settings, open_engine
from engine.actors import SYSTEM
from engine.commands import FetchJobs, Topic

Machine = Callable[..., Callable[..., Any]]


# --- health ----------------------------------------------------------------------------------------------------------
def test_a_server_on_a_current_database_is_fit(nobody: FlaskClient) -> None:
    answer = nobody.get("/health")

    assert (answer.status_code, answer.json) == (200, {"status": "ok", "database": "ok", "schema": "current"})


def test_a_database_without_a_schema_is_not_fit(empty_database_url: str) -> None:
    engine = open_engine(Settings(database_url=empty_database_url))
    answer = create_app(engine, Config()).test_client().get("/health")
    engine.close()

    assert (answer.status_code, answer.json["schema"]) == (503, "missing")


def test_a_database_that_is_gone_is_not_fit() -> None:
    engine = open_engine(Settings(database_url="postgresql://nobody@127.0.0.1:1/none", database_wait_seconds=0.2))
    answer = create_app(engine, Config()).test_client().get("/health")
    engine.close()

    assert (answer.status_code, answer.json["database"]) == (503, "unavailable")


# --- metrics ---------------------------------------------------------------------------------------------------------
def metrics(app: Any, machine: Machine) -> dict[str, float]:
    client = app.test_client()
    token = machine("administrator")
    answer = token("GET", "/users")  # any call: the metrics then hold it
    assert answer.status_code == 200
    header = answer.request.headers["Authorization"]
    text = client.get("/metrics", headers={"Authorization": header}).text
    lines = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in lines}


def test_metrics_count_requests_steps_and_what_is_not_finished(app: Any, machine: Machine, engine: Engine) -> None:
    deploy(engine, APPROVAL, PAYMENT, BROKEN_SCRIPT)
    for key in ("approval", "approval", "payment", "broken"):
        start(engine, key)
    machine("worker")("POST", "/jobs/fetch", json={"worker_id": "w", "topics": [{"name": "payment"}]})
    start(engine, "payment")

    found = metrics(app, machine)

    assert found['signalbox_http_requests_total{method="GET",route="/api/v1/users",status="200"}'] == 1
    assert found['signalbox_http_request_seconds_count{method="GET",route="/api/v1/users"}'] == 1
    assert found["signalbox_steps"] == 5
    assert found["signalbox_websockets"] == found["signalbox_long_polls"] == 0
    unfinished = {
        "active_instances": 5,
        "suspended_instances": 0,
        "open_user_tasks": 2,
        "available_jobs": 1,
        "locked_jobs": 1,
        "failed_jobs": 0,
        "open_incidents": 1,
    }
    assert {name: found[f'signalbox_unfinished{{what="{name}"}}'] for name in unfinished} == unfinished


def test_totals_are_counted_on_both_databases(database_url: str) -> None:
    engine = open_engine(Settings(database_url=database_url))
    try:
        deploy(engine, APPROVAL, PAYMENT, BROKEN_SCRIPT)
        for key in ("approval", "payment", "payment", "broken"):
            start(engine, key)
        engine.execute(FetchJobs(worker_id="w", topics=(Topic(name="payment"),)), SYSTEM)

        assert msgspec.structs.asdict(engine.totals()) == {
            "active_instances": 4,
            "suspended_instances": 0,
            "open_user_tasks": 1,
            "available_jobs": 1,
            "locked_jobs": 1,
            "failed_jobs": 0,
            "open_incidents": 1,
        }
    finally:
        engine.close()


def test_metrics_are_for_administrators_and_machines(as_person: Callable[[str], Browser]) -> None:
    assert as_person("ben").client.get("/metrics").status_code == 403
    assert as_person("root").client.get("/metrics").status_code == 200


def test_unknown_addresses_do_not_grow_the_metrics(app: Any, nobody: FlaskClient, machine: Machine) -> None:
    for number in range(20):
        nobody.get(f"/api/v1/unknown-{number}")

    assert len([name for name in metrics(app, machine) if 'route="none"' in name and "requests_total" in name]) == 1


# --- request ids and logs --------------------------------------------------------------------------------------------
@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What is logged, as JSON."""
    stream = io.StringIO()
    with logging_restored():
        logs.configure("info", "json", stream)
        yield stream


def lines(written: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


def test_a_request_is_logged_with_its_id_and_who_made_it(engine: Engine, written: io.StringIO) -> None:
    ada = Browser(create_app(engine, Config()).test_client(), "ada")
    answer = ada.get("/user-tasks", headers={"X-Request-Id": "trace-7.1"})

    [line] = [line for line in lines(written) if line["path"] == "/api/v1/user-tasks"]
    assert answer.headers["X-Request-Id"] == "trace-7.1"
    assert (line["event"], line["request_id"], line["status"], line["actor"]) == ("request", "trace-7.1", 200, "ada")
    assert line["level"] == "info"
    assert "correct horse" not in written.getvalue()


@pytest.mark.parametrize("given", ["", "with space", "x" * 101, 'inject"ed'])
def test_an_odd_request_id_is_replaced(nobody: FlaskClient, given: str) -> None:
    answer = nobody.get("/health", headers={"X-Request-Id": given})

    assert answer.headers["X-Request-Id"] != given
    assert len(answer.headers["X-Request-Id"]) == 32


def test_a_fault_is_logged_with_its_traceback(
    engine: Engine, written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = Browser(create_app(engine, Config()).test_client(), "root")

    def break_down(*_: Any) -> Any:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(engine, "read", break_down)
    answer = root.get("/users")

    [line] = [line for line in lines(written) if line["event"] == "request failed"]
    assert line["request_id"] == answer.json["request_id"]
    assert "RuntimeError: a fault of ours" in line["exception"]


def test_what_libraries_log_has_the_same_form(written: io.StringIO) -> None:
    logging.getLogger("some.library").warning("odd %s", "thing")
    logging.getLogger("apscheduler.executors").info("ticked")

    [line] = lines(written)
    assert (line["event"], line["level"], line["logger"]) == ("odd thing", "warning", "some.library")


def test_logs_for_people_are_no_json(written: io.StringIO) -> None:
    logs.configure("info", "console", written)
    logs.logger("x").info("hello", name="you")
    logging.getLogger("some.library").warning("and more")

    assert "hello" in written.getvalue()
    assert "and more" in written.getvalue()
    assert "{" not in written.getvalue()


def test_a_log_that_nobody_reads_any_more_fails_no_request(engine: Engine, written: io.StringIO) -> None:
    client = create_app(engine, Config()).test_client()
    written.close()

    assert client.get("/health").status_code == 200
    assert client.get("/api/v1/users").status_code == 401


def test_a_servers_log_is_json_line_by_line(server: Server) -> None:
    server.client("operator").get("/process-instances")

    for line in server.log.splitlines():
        assert "event" in json.loads(line)


# --- headers ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", ["/", "/health", "/api/v1/users", "/api/docs", "/no-such-page", "/assets/none.js"])
def test_every_answer_is_hardened(nobody: FlaskClient, path: str) -> None:
    headers = nobody.get(path).headers

    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["script-src"] == "'self'"
    assert policy["style-src"] == "'self' 'unsafe-inline'"
    assert policy["frame-ancestors"] == "'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "Strict-Transport-Security" not in headers


def test_answers_of_the_api_are_not_kept_by_caches(as_person: Callable[[str], Browser]) -> None:
    assert as_person("root").get("/users").headers["Cache-Control"] == "no-store"


def test_a_trusted_proxy_tells_that_it_is_https(engine: Engine) -> None:
    told = {"X-Forwarded-Proto": "https"}

    trusted = create_app(engine, Config(trusted_proxies=1)).test_client().get("/health", headers=told)
    not_trusted = create_app(engine, Config()).test_client().get("/health", headers=told)

    assert "Strict-Transport-Security" in trusted.headers
    assert "Strict-Transport-Security" not in not_trusted.headers
