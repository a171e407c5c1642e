"""Fixtures for tests of the doors: a test client for what happens inside one request, a real server on loopback for
what happens on the wire."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from doors import (
    APPROVAL,
    BROKEN_SCRIPT,
    PAYMENT,
    Browser,
    Server,
    add_people,
    deploy,
    make_token,
    peopled_sqlite,
    running_server,
)
from flask import Flask
from flask.testing import FlaskClient

from api import create_app
from api.config import Config
from engine import Engine, Settings, open_engine
from engine.testing import empty_sqlite


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """An engine on SQLite with everybody in it."""
    file = tmp_path / "signalbox.sqlite3"
    shutil.copyfile(peopled_sqlite(), file)
    opened = open_engine(Settings(database_url=f"sqlite:///{file}"))
    yield opened
    opened.close()


@pytest.fixture
def app(engine: Engine) -> Flask:
    """The app in front of the engine."""
    return create_app(engine, Config())


@pytest.fixture
def nobody(app: Flask) -> FlaskClient:
    """Somebody who is not signed in."""
    return app.test_client()


@pytest.fixture
def as_person(app: Flask) -> Callable[[str], Browser]:
    """Signs somebody in, each in a browser of their own."""
    return lambda name: Browser(app.test_client(), name)


@pytest.fixture
def machine(app: Flask, engine: Engine) -> Callable[..., Callable[..., Any]]:
    """A machine with a token of these roles: `machine("worker")("POST", "/jobs/fetch", json=...)`."""

    def with_roles(*roles: str) -> Callable[..., Any]:
        headers = {"Authorization": f"Bearer {make_token(engine, *roles)}"}
        client = app.test_client()

        def call(method: str, path: str, **options: Any) -> Any:
            return client.open(f"/api/v1{path}", method=method, headers=headers | options.pop("headers", {}), **options)

        return call

    return with_roles


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on SQLite for all tests of a module, with everybody and every test diagram in it."""
    folder = tmp_path_factory.mktemp("server")
    file = folder / "signalbox.sqlite3"
    shutil.copyfile(peopled_sqlite(), file)
    with running_server(folder, f"sqlite:///{file}") as running:
        deploy(running.engine, APPROVAL, PAYMENT, BROKEN_SCRIPT)
        yield running


@pytest.fixture
def own_server(tmp_path: Path, database_url: str) -> Iterator[Callable[..., Server]]:
    """A server with settings of one's own, on SQLite and on PostgreSQL."""
    yield from _server_of_ones_own(tmp_path, database_url)


@pytest.fixture
def sqlite_server(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """A server with settings of one's own, where the database makes no difference."""
    file = tmp_path / "signalbox.sqlite3"
    shutil.copyfile(empty_sqlite(), file)
    yield from _server_of_ones_own(tmp_path, f"sqlite:///{file}")


def _server_of_ones_own(folder: Path, database_url: str) -> Iterator[Callable[..., Server]]:
    with contextlib.ExitStack() as stack:

        def run(**settings: Any) -> Server:
            running = stack.enter_context(running_server(folder, database_url, **settings))
            add_people(running.engine)
            deploy(running.engine, APPROVAL, PAYMENT, BROKEN_SCRIPT)
            return running

        yield run
