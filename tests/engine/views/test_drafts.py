"""Drafts: saved, found, protected from one another's authors, deleted."""

from __future__ import annotations

from typing import Any

import pytest

from engine import Engine, commands, errors, queries
from engine.actors import Actor, Role
from engine.records import Draft
from engine.testing import ManualClock


def save(service: Engine, actor: Actor, **fields: Any) -> Draft:
    saved = service.execute(commands.SaveDraft(**{"name": "Idea", "xml": "<a/>"} | fields), actor)
    assert isinstance(saved, Draft)
    return saved


def kinds(service: Engine, actor: Actor) -> list[tuple[str, str | None]]:
    events = service.read(queries.ListEvents(), actor).items
    return [(event.kind, event.subject_id) for event in events if event.kind.startswith("draft.")]


def test_a_new_draft_can_be_opened_again(service: Engine, analyst: Actor, clock: ManualClock) -> None:
    saved = save(service, analyst, name="Idée", xml="<a>ä</a> is not even XML")

    assert (saved.version, saved.updated_by, saved.created_at) == (1, "ada", clock.now())
    assert service.read(queries.GetDraft(id=saved.id), analyst) == saved
    assert kinds(service, analyst) == [("draft.saved", saved.id)]


def test_saving_again_makes_the_next_version(service: Engine, analyst: Actor, clock: ManualClock) -> None:
    first = save(service, analyst)
    clock.advance(minutes=1)

    second = save(service, analyst, id=first.id, version=1, name="Better", xml="<b/>")

    assert (second.version, second.name, second.xml) == (2, "Better", "<b/>")
    assert (second.created_at, second.updated_at) == (first.created_at, clock.now())


def test_nobody_overwrites_what_a_colleague_saved_meanwhile(service: Engine, analyst: Actor) -> None:
    colleague = Actor(name="carl", roles=frozenset({Role.ANALYST}))
    draft = save(service, analyst)
    save(service, colleague, id=draft.id, version=1, xml="<carl/>")

    with pytest.raises(errors.VersionConflict) as refused:
        save(service, analyst, id=draft.id, version=1, xml="<ada/>")

    assert "carl" in refused.value.message
    assert refused.value.extra == {"current_version": 2, "updated_by": "carl"}
    assert service.read(queries.GetDraft(id=draft.id), analyst).xml == "<carl/>"
    assert len(kinds(service, analyst)) == 2


def test_what_cannot_be_saved(service: Engine, analyst: Actor) -> None:
    draft = save(service, analyst)
    with pytest.raises(errors.Invalid, match="version"):
        save(service, analyst, id=draft.id)
    with pytest.raises(errors.NotFound):
        save(service, analyst, id="0" * 32, version=1)
    with pytest.raises(errors.TooLarge):
        save(service, analyst, xml="x" * 10_000_001)
    with pytest.raises(errors.Invalid):
        save(service, analyst, xml="a\x00b")
    assert [one.id for one in service.read(queries.ListDrafts(), analyst).items] == [draft.id]


def test_the_list_is_newest_first_paged_and_without_xml(service: Engine, analyst: Actor) -> None:
    saved = [save(service, analyst, name=f"Idea {number}").id for number in range(5)][::-1]

    first = service.read(queries.ListDrafts(limit=3), analyst)
    second = service.read(queries.ListDrafts(limit=3, cursor=first.next_cursor), analyst)

    assert [one.id for one in first.items + second.items] == saved
    assert {one.xml for one in first.items} == {None}
    assert second.next_cursor is None


def test_a_deleted_draft_is_gone(service: Engine, analyst: Actor) -> None:
    draft = save(service, analyst)

    assert service.execute(commands.DeleteDraft(id=draft.id), analyst) is None

    for act in (
        lambda: service.read(queries.GetDraft(id=draft.id), analyst),
        lambda: service.execute(commands.DeleteDraft(id=draft.id), analyst),
        lambda: save(service, analyst, id=draft.id, version=1),
    ):
        with pytest.raises(errors.NotFound):
            act()
    assert kinds(service, analyst) == [("draft.saved", draft.id), ("draft.deleted", draft.id)]


def test_drafts_are_the_analysts_of_one_tenant(service: Engine, analyst: Actor, ben: Actor, stranger: Actor) -> None:
    draft = save(service, analyst)

    with pytest.raises(errors.Forbidden):
        service.read(queries.ListDrafts(), ben)
    assert service.read(queries.ListDrafts(), stranger).items == []
    for act in (
        lambda: service.read(queries.GetDraft(id=draft.id), stranger),
        lambda: service.execute(commands.DeleteDraft(id=draft.id), stranger),
        lambda: save(service, stranger, id=draft.id, version=1),
    ):
        with pytest.raises(errors.NotFound):
            act()
    assert service.read(queries.GetDraft(id=draft.id), analyst) == draft
