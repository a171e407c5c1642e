"""The correlation keys of messages as they are awaited, sent and received (BPMN 2.0.2, 8.4.2; see `correlation.py`)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bpmn.evaluation import EvaluationFailed, Evaluator
from bpmn.sandbox import evaluate, evaluate_alone
from bpmn.variables import encode

if TYPE_CHECKING:
    from bpmn.definition import ProcessDefinition
    from bpmn.events import Message
    from bpmn.token import Token

#: The row that holds the values of the instance's conversation.
ROW = "m"


def awaited(token: Token, message: Message) -> dict[str, Any]:
    """The keys that a message must have to be caught here. Raises `EvaluationFailed`."""
    keys = _own(token, message)
    for one in message.properties:
        if one.name in keys:
            continue
        if one.binding is not None:
            keys[one.name] = evaluate(token, one.binding, what=f"dataPath of the correlation property {one.name}")
        elif one.conversation and one.name in token.execution.conversation:
            keys[one.name] = token.execution.conversation[one.name]
    return keys


def sent(token: Token, message: Message, payload: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of a message that is sent here. Raises `EvaluationFailed`."""
    own = _own(token, message)
    keys = {
        one.name: evaluate_alone(token, one.path, payload, what=f"messagePath of the correlation property {one.name}")
        for one in message.properties
        if one.name not in own
    }
    _join(token, message, keys)
    return keys | own


def received(token: Token, message: Message, payload: Mapping[str, Any], keys: Mapping[str, Any]) -> None:
    """A message came: its conversation may have begun with it. A property that is neither among the keys it was sent
    with nor in its payload stays open."""
    found = dict(keys)
    for one in message.properties:
        if one.conversation and one.name not in found:
            try:
                found[one.name] = evaluate_alone(token, one.path, payload, what="messagePath")
            except EvaluationFailed:
                continue
    _join(token, message, found)


def message_keys(
    definition: ProcessDefinition, name: str, payload: Mapping[str, Any], evaluator: Evaluator, now: datetime
) -> dict[str, Any]:
    """The correlation keys that a message from outside brings in its payload, as this process reads them. A value that
    is not there gives no key, so that whoever wants it does not match. Messages whose name is a template are read by
    none: their senders name the keys."""
    found = {}
    for key, path in definition.message_paths.get(name, ()):
        try:
            seen = {name: payload[name] for name in path.reads if name in payload}
            found[key] = evaluator.evaluate(path, seen, now=now, seed=0)
        except EvaluationFailed as failure:
            if failure.kind == "unavailable":
                raise
    return found


def _own(token: Token, message: Message) -> dict[str, Any]:
    return {name: evaluate(token, value, what=f"correlation key {name}") for name, value in message.keys}


def _join(token: Token, message: Message, keys: Mapping[str, Any]) -> None:
    """The first message of a conversation gives it its values."""
    execution = token.execution
    fresh = {
        one.name: keys[one.name]
        for one in message.properties
        if one.conversation and one.name in keys and one.name not in execution.conversation
    }
    if fresh:
        execution.conversation.update(fresh)
        execution.kept.store(ROW, encode(execution.conversation))


def restored(text: str) -> dict[str, Any]:
    """The values of the conversation, from their row."""
    values: dict[str, Any] = json.loads(text)
    return values
