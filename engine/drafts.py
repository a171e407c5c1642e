"""Drafts: diagrams that their authors still work on. Whoever saves names the version they began from, so nobody
overwrites what a colleague saved meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.actors import Actor
from engine.commands import Command, DeleteDraft, SaveDraft
from engine.decisions import Write
from engine.errors import Invalid, NotFound, TooLarge, VersionConflict
from engine.ids import new_id
from engine.reading import Reading
from engine.records import Draft
from engine.store import drafts as store
from engine.store.rows import Row
from engine.views.drafts import draft_record
from engine.work import UnitOfWork

_MOST_BYTES = 10_000_000  # what a deployment takes, too


def save(command: SaveDraft, actor: Actor, _reading: Reading) -> Write:
    """A new draft, or the next version of one."""
    size = len(command.xml.encode("utf-8", "surrogatepass"))
    if size > _MOST_BYTES:
        raise TooLarge(f"The diagram is {size:,} bytes; at most {_MOST_BYTES:,} are taken.", limit=_MOST_BYTES)
    if "\x00" in command.xml or "\x00" in command.name:
        raise Invalid("A draft holds no NUL characters.", errors=[{"field": "xml", "message": "holds a NUL character"}])
    if command.id is not None and command.version is None:
        raise Invalid(
            "Name the version of the draft that you changed.", errors=[{"field": "version", "message": "is required"}]
        )

    def write(work: UnitOfWork) -> Draft:
        if command.id is None:
            draft_id = new_id()
            store.add(work.connection, actor.tenant_id, draft_id, command.name, command.xml, actor.name, work.now)
        else:
            draft_id = command.id
            _replace(command, draft_id, command.version or 0, actor, work)
        row = _found(work, actor, draft_id)
        _tell(work, "draft.saved", actor, draft_id, {"name": row.name, "version": row.version})
        return draft_record(row)

    return Write(write)


def delete(command: DeleteDraft, actor: Actor, _reading: Reading) -> Write:
    """The draft is gone; what was deployed from it stays."""

    def write(work: UnitOfWork) -> None:
        if not store.remove(work.connection, actor.tenant_id, command.id):
            raise _not_found(command.id)
        _tell(work, "draft.deleted", actor, command.id, {})

    return Write(write)


HANDLERS: Mapping[type[Command], Callable[[Any, Actor, Reading], Write]] = {SaveDraft: save, DeleteDraft: delete}


def _replace(command: SaveDraft, draft_id: str, version: int, actor: Actor, work: UnitOfWork) -> None:
    if store.replace(
        work.connection, actor.tenant_id, draft_id, version, command.name, command.xml, actor.name, work.now
    ):
        return
    current = _found(work, actor, draft_id)
    raise VersionConflict(
        f"{current.updated_by} saved this draft meanwhile: it is at version {current.version}, "
        f"and you began from {version}. Open it again, or save yours under another name.",
        current_version=current.version,
        updated_by=current.updated_by,
    )


def _found(work: UnitOfWork, actor: Actor, draft_id: str) -> Row[Any]:
    row = store.find(work.connection, actor.tenant_id, draft_id)
    if row is None:
        raise _not_found(draft_id)
    return row


def _not_found(draft_id: str) -> NotFound:
    return NotFound(f"There is no draft {draft_id[:80]!r}.")


def _tell(work: UnitOfWork, kind: str, actor: Actor, draft_id: str, data: Mapping[str, Any]) -> None:
    work.emit(kind, tenant_id=actor.tenant_id, subject_id=draft_id, data={**data, "by": actor.name})
