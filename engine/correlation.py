"""Correlation keys: when a message is for a subscription (BPMN 2.0.2, 8.4.2).

A message is for a subscription of its name if it carries *all* keys that the subscription has, with equal values; it
may carry more. Values are compared as text, so that an order number matches whether it came as 7 or as "7". So that a
receiver among many is found by an index, a subscription is stored with the hash of its keys, and a message asks for
the hashes of every choice of its own keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from itertools import combinations
from typing import Any

from bpmn.events import MOST_KEYS
from engine.errors import Invalid
from engine.work import json_text


def hash_of(keys: Mapping[str, Any]) -> str:
    """The hash of all these keys together; empty if there are none."""
    if not keys:
        return ""
    return blake2b(json_text(sorted(_texts(keys).items())).encode(), digest_size=16).hexdigest()


def satisfied_hashes(keys: Mapping[str, Any]) -> list[str]:
    """The hashes of every choice of a message's keys. Raises `Invalid` if there are too many keys."""
    if len(keys) > MOST_KEYS:
        raise Invalid(
            f"a message has {len(keys)} correlation keys; at most {MOST_KEYS} are taken",
            errors=[{"field": "keys", "message": f"more than {MOST_KEYS}"}],
        )
    names = sorted(keys)
    return [
        hash_of({name: keys[name] for name in chosen})
        for count in range(len(names) + 1)
        for chosen in combinations(names, count)
    ]


def satisfies(message: Mapping[str, Any], subscription: Mapping[str, Any]) -> bool:
    """Whether a message with these keys is for a subscription with those."""
    carried, wanted = _texts(message), _texts(subscription)
    return all(carried.get(name) == value for name, value in wanted.items())


def words(keys: Mapping[str, Any]) -> str:
    """The keys as a message to people names them."""
    return ", ".join(f"{name} = {value!r}" for name, value in keys.items())


def _texts(keys: Mapping[str, Any]) -> dict[str, str]:
    return {name: _text(value) for name, value in keys.items()}


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return json_text(value)
