"""The page to try the API: made from the OpenAPI document, under the same content policy as everything else."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

OpenPage = Callable[..., Page]


def test_a_call_is_tried_and_shown_as_curl(open_page: OpenPage) -> None:
    page = open_page("root", "/api/docs")
    expect(page.get_by_role("status").first).to_have_text("Signed in as Root.")

    call = page.locator("details", has=page.locator(".path", has_text=re.compile(r"^/api/v1/users$"))).first
    call.locator("summary").click()
    call.get_by_label("limit").fill("2")
    call.get_by_role("button", name="Call").click()

    shown = call.get_by_role("status")
    expect(shown).to_contain_text("200 OK")
    expect(shown).to_contain_text("/api/v1/users?limit=2'")
    expect(shown).to_contain_text("curl -X GET")
    expect(shown).to_contain_text('"name": "ada"')


def test_an_unsafe_call_carries_the_csrf_token_and_a_body_made_from_the_schema(open_page: OpenPage) -> None:
    page = open_page("root", "/api/docs")
    expect(page.get_by_role("status").first).to_have_text("Signed in as Root.")

    call = page.locator("details", has=page.get_by_text("Correlate a message"))
    call.locator("summary").click()
    body = call.get_by_label("Body")
    expect(body).to_have_value(re.compile('"name"'))
    body.fill('{"name": "paid", "business_key": "E-1"}')
    call.get_by_role("button", name="Call").click()

    expect(call.get_by_role("status")).to_contain_text("404")
    expect(call.get_by_role("status")).to_contain_text("urn:signalbox:problem:not_found")


def test_a_file_is_deployed_from_the_page(open_page: OpenPage) -> None:
    page = open_page("ada", "/api/docs")
    example = Path(__file__).resolve().parents[2] / "examples" / "expense-approval" / "expense-approval.bpmn"

    call = page.locator("details", has=page.get_by_text("Deploy BPMN files"))
    call.locator("summary").click()
    call.get_by_label("Files").set_input_files(example)
    call.get_by_role("button", name="Call").click()

    expect(call.get_by_role("status")).to_contain_text('"key": "expense-approval"')


def test_signing_in_on_the_page(open_page: OpenPage, server: Any) -> None:
    page = open_page("ben", "/api/docs")
    page.context.clear_cookies()
    page.reload()
    expect(page.get_by_role("status").first).to_have_text("Nobody is signed in.")

    page.get_by_label("Name").first.fill("ada")
    page.get_by_label("Password").first.fill("wrong")
    page.get_by_role("button", name="Use").click()
    expect(page.get_by_role("status").first).to_contain_text("wrong")
    page.get_by_label("Password").first.fill("signalbox")
    page.get_by_role("button", name="Use").click()
    expect(page.get_by_role("status").first).to_have_text("Signed in as Ada.")

    page.get_by_label("… or a token").fill(server.worker_token)
    page.get_by_role("button", name="Use").click()
    expect(page.get_by_role("status").first).to_have_text("By token.")
