"""What an instance waits for from outside: messages, signals, and people who start activities."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bpmn import effects as e
from engine import correlation, mailbox
from engine.ids import wait_id
from engine.store import subscriptions
from engine.work import json_text

if TYPE_CHECKING:
    from engine.effects.writing import Writing


def message_awaited(writing: Writing, effect: e.OpenMessageSubscription) -> None:
    """By name and all correlation keys."""
    _note(writing, subscriptions.MESSAGE, effect, effect.name, effect.slot, effect.keys)


def signal_awaited(writing: Writing, effect: e.OpenSignalSubscription) -> None:
    """By name."""
    _note(writing, subscriptions.SIGNAL, effect, effect.name, effect.slot, {})


def activities_offered(writing: Writing, effect: e.OpenAdHoc) -> None:
    """An ad-hoc sub-process, with what can be started in it."""
    offer = {"startable": list(effect.startable), "sequential": effect.sequential}
    _note(writing, subscriptions.AD_HOC, effect, effect.element_id, 0, offer)


def _note(writing: Writing, kind: str, effect: Any, name: str, slot: int, keys: Mapping[str, Any]) -> None:
    writing.subscriptions[effect.token, slot] = writing.common(effect.token, effect.element_id) | {
        "id": wait_id(writing.instance.id, effect.token, slot),
        "kind": kind,
        "name": name[:255],
        "key_hash": correlation.hash_of(keys) if kind == subscriptions.MESSAGE else "",
        "keys": json_text(keys),
        "definition_id": None,
        "slot": slot,
    }


def subscribe(writing: Writing) -> None:
    """Open the subscriptions of the step; a message that has waited for one of them is handed over after the commit."""
    opened = list(writing.subscriptions.values())
    subscriptions.add(writing.work.connection, opened)
    awaited = [mailbox.Awaited(**row) for row in opened if row["kind"] == subscriptions.MESSAGE]
    for row in mailbox.offer(writing.work, awaited):
        writing.own_jobs[row["id"]] = row
