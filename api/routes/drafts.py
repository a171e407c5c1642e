"""Diagrams that are not deployed yet."""

from __future__ import annotations

from flask import Response

from engine import commands, errors, queries, records

from .. import encoding
from ..calls import Calls
from ..context import engine
from ..sign_in import current_actor

calls = Calls("Drafts", "Diagrams that are not deployed yet; saving names the version that was changed.")
calls.query("/drafts", queries.ListDrafts, records.Page[records.Draft], "List drafts")
calls.query("/drafts/<id>", queries.GetDraft, records.Draft, "One draft, with its XML")
calls.command(
    "POST",
    "/drafts",
    commands.SaveDraft,
    records.Draft,
    "Save a new draft",
    status=201,
    large=True,
    leaves_out=("id", "version"),
)
calls.command(
    "PUT",
    "/drafts/<id>",
    commands.SaveDraft,
    records.Draft,
    "Save a draft again",
    large=True,
    refuses=(errors.VersionConflict,),
)
calls.command("DELETE", "/drafts/<id>", commands.DeleteDraft, None, "Delete a draft", status=204)


@calls.view("POST", "/drafts/<id>/check", "Check a draft", records.CheckResult, request=queries.GetDraft)
def check(id: str) -> Response:
    draft = engine().read(queries.GetDraft(id=id), current_actor())
    command = commands.CheckDiagram(content=draft.xml.encode())
    return encoding.answer(engine().execute(command, current_actor()))
