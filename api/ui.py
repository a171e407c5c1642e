"""The browser app: files that Vite built into `api/static`, and its page for every address that is one of its own."""

from __future__ import annotations

import mimetypes
from pathlib import Path

from flask import Flask, Response, request
from werkzeug.exceptions import NotFound
from werkzeug.security import safe_join

STATIC = Path(__file__).with_name("static")
_PAGES = Path(__file__).with_name("pages")
# Places of the browser app; their addresses live in the browser, the server answers each with the same page.
PLACES = ("model", "inbox", "operate", "admin", "sign-in")
_FOREVER = "public, max-age=31536000, immutable"
_TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".svg": "image/svg+xml", ".woff2": "font/woff2"}


def install(app: Flask, folder: Path = STATIC) -> None:
    """Serve the browser app from `folder`."""

    @app.get("/", endpoint="ui")
    def home() -> Response:
        return _page(folder)

    def inside(rest: str) -> Response:
        return _page(folder)

    for place in PLACES:
        app.add_url_rule(f"/{place}", "ui", home)
        app.add_url_rule(f"/{place}/<path:rest>", "ui_inside", inside)

    @app.get("/assets/<path:name>", endpoint="ui_assets")
    def asset(name: str) -> Response:
        # names under assets/ carry a hash of their content
        answer = _file(folder, f"assets/{name}")
        answer.headers["Cache-Control"] = _FOREVER
        return answer

    @app.get("/<name>", endpoint="ui_file")
    def file(name: str) -> Response:
        return _file(folder, name)


def _page(folder: Path) -> Response:
    if (folder / "index.html").is_file():
        return _file(folder, "index.html")
    answer = _file(_PAGES, "not_built.html")
    answer.status_code = 503
    return answer


def _file(folder: Path, name: str) -> Response:
    joined = safe_join(str(folder), name)
    if joined is None or not Path(joined).is_file() or Path(joined).name.startswith("."):
        raise NotFound("There is no such page.")
    path = Path(joined)
    kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    packed = path.with_name(path.name + ".gz")
    zipped = packed.is_file() and request.accept_encodings.quality("gzip") > 0
    sent = packed if zipped else path
    answer = Response(sent.read_bytes(), content_type=f"{kind}; charset=utf-8" if kind.startswith("text/") else kind)
    answer.headers["Cache-Control"] = "no-cache"
    if packed.is_file():
        answer.headers["Vary"] = "Accept-Encoding"
    if zipped:
        answer.headers["Content-Encoding"] = "gzip"
    answer.add_etag()
    answer.make_conditional(request)
    return answer
