"""The files of the browser app."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api import ui
from api.problems import install
from api.ui import PLACES


@pytest.fixture
def built(tmp_path: Path) -> FlaskClient:
    """A server of a browser app as Vite leaves it."""
    (tmp_path / "static" / "assets").mkdir(parents=True)
    folder = tmp_path / "static"
    (folder / "index.html").write_text("<!doctype html><title>Signalbox</title>")
    (folder / "icon.svg").write_text("<svg/>")
    (folder / ".hidden").write_text("no")
    (tmp_path / "secret.txt").write_text("no")
    script = b"console.log('" + b"x" * 2_000 + b"')"
    (folder / "assets" / "main-a1b2.js").write_bytes(script)
    (folder / "assets" / "main-a1b2.js.gz").write_bytes(gzip.compress(script))
    app = Flask("files", static_folder=None)
    install(app)
    ui.install(app, folder)
    return app.test_client()


@pytest.mark.parametrize("path", ["/", *(f"/{place}" for place in PLACES), "/model/some-draft", "/operate/a/b"])
def test_every_place_of_the_app_is_the_same_page(built: FlaskClient, path: str) -> None:
    answer = built.get(path)

    assert answer.status_code == 200
    assert "<title>Signalbox</title>" in answer.text
    assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    [
        *("/models", "/unknown", "/model.js", "/.hidden", "/assets/unknown.js", "/assets/../../secret.txt"),
        *("/assets/%2e%2e/%2e%2e/secret.txt", "/%2e%2e%2fsecret.txt", "/api/unknown"),
    ],
)
def test_everything_else_is_not_found(built: FlaskClient, path: str) -> None:
    answer = built.get(path)

    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"


def test_files_with_a_hash_in_their_name_are_kept_for_ever(built: FlaskClient) -> None:
    answer = built.get("/assets/main-a1b2.js")

    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.mimetype == "text/javascript"
    assert answer.data.startswith(b"console")


def test_a_packed_file_is_sent_to_who_can_unpack_it(built: FlaskClient) -> None:
    packed = built.get("/assets/main-a1b2.js", headers={"Accept-Encoding": "br, gzip"})
    plain = built.get("/assets/main-a1b2.js", headers={"Accept-Encoding": "gzip;q=0"})

    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"
    assert len(packed.data) < 200


def test_a_page_that_did_not_change_is_not_sent_again(built: FlaskClient) -> None:
    first = built.get("/")

    again = built.get("/", headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.data) == (304, b"")


def test_files_beside_the_page_are_served(built: FlaskClient) -> None:
    assert built.get("/icon.svg").mimetype == "image/svg+xml"


def test_without_the_app_the_page_says_how_to_build_it(tmp_path: Path) -> None:
    app = Flask("files", static_folder=None)
    ui.install(app, tmp_path / "nothing")

    answer = app.test_client().get("/inbox")

    assert answer.status_code == 503
    assert "make ui" in answer.text
