"""Drafts as their authors find them."""

from __future__ import annotations

from typing import Any

from engine.actors import Actor
from engine.errors import NotFound
from engine.queries import GetDraft, ListDrafts
from engine.reading import Reading
from engine.records import Draft, Page
from engine.store import drafts as store
from engine.store.rows import Row
from engine.views import paging


def list_drafts(query: ListDrafts, actor: Actor, reading: Reading) -> Page[Draft]:
    """Newest first, without the XML."""
    before = paging.text(query.cursor, "drafts")
    rows = store.newest(reading.connection, actor.tenant_id, before, query.limit + 1)
    return paging.page(rows, query.limit, draft_record, "drafts", lambda row: row.id)


def get_draft(query: GetDraft, actor: Actor, reading: Reading) -> Draft:
    """One draft with its XML."""
    row = store.find(reading.connection, actor.tenant_id, query.id)
    if row is None:
        raise NotFound(f"There is no draft {query.id[:80]!r}.")
    return draft_record(row)


def draft_record(row: Row[Any]) -> Draft:
    """The record of a row, with the XML where the row has it."""
    return Draft(
        id=row.id,
        name=row.name,
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
        updated_by=row.updated_by,
        xml=getattr(row, "xml", None),
    )
