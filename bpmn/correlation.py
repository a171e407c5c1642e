"""Correlation as a document declares it, read for its messages (BPMN 2.0.2, 8.4.2).

A `correlationProperty` says for each message where in it a value stands (`messagePath`, a Python expression over the
names of the payload). Its name is a correlation key of the message: computed from what is sent, or from the payload
of a message from outside that brings no such key (`bpmn.message_keys`). Who waits for the message says what value it
must have, in this order:

- our own `signalbox:correlation` entry of that key;
- a `correlationPropertyBinding` of the process's `correlationSubscription` (`dataPath`, an expression over the
  variables), as it stands when the waiting begins;
- the conversation: of a property of a `correlationKey`, the value in the first message of the conversation that the
  instance sent or received. Before there was one, every message will do. An instance has one conversation; who needs
  several side by side binds the property.

All keys must match. Besides, these are read: `zeebe:subscription` of a message (key `correlationKey`), and
SpiffWorkflow's `messageVariable`, `messagePayload` (a dict of names and expressions) and `processVariableCorrelation`
(a binding of one event). What of them is no Python, and no FEEL path, is refused.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from lxml import etree

from bpmn import events
from bpmn.elements import local_reference, q
from bpmn.evaluation import Expression
from bpmn.extensions import ExtensionFault
from bpmn.scripts import ScriptFault, read_expression

ZEEBE = "{http://camunda.org/schema/zeebe/1.0}"
SPIFF = "{http://spiffworkflow.org/bpmn/schema/1.0/core}"
#: The one correlation key of a message that Camunda 8 knows.
ZEEBE_KEY = "correlationKey"

_FEEL_PATH = re.compile(r"=\s*([^\W\d]\w*(?:\s*\.\s*[^\W\d]\w*)*)\s*")
_OTHER_LANGUAGE = re.compile(r"xpath|feel|juel|javascript|groovy", re.IGNORECASE)


#: How many properties one message may have.
MOST_PROPERTIES = 100


@dataclass(frozen=True, slots=True)
class _Foreign:
    """What other dialects say at a message or its event."""

    variable: str | None = None
    payload: tuple[tuple[str, Expression], ...] = ()
    bindings: tuple[tuple[str, Expression], ...] = ()  # by property id


class Correlations:
    """What a document says of correlation. Everything is read when a message first needs it, and once: many events may
    refer to one message."""

    def __init__(self, root: etree._Element) -> None:
        #: message id → property id, property, retrieval expression
        self._retrievals: dict[str, list[tuple[str, etree._Element, etree._Element]]] = {}
        #: process id → property id → binding
        self._bindings: dict[str, dict[str, etree._Element]] = {}
        #: Properties that belong to the key of some conversation.
        self._keyed = frozenset(
            local_reference(reference.text or "")
            for key in root.iter(q("correlationKey"))
            for reference in key.findall(q("correlationPropertyRef"))
        )
        self._read: dict[tuple[str, ...], Any] = {}
        for declared in root.findall(q("correlationProperty")):
            for retrieval in declared.findall(q("correlationPropertyRetrievalExpression")):
                message = local_reference(retrieval.get("messageRef", ""))
                self._retrievals.setdefault(message, []).append((declared.get("id", ""), declared, retrieval))
        for subscription in root.findall(f"{q('process')}/{q('correlationSubscription')}"):
            process = subscription.getparent()
            assert process is not None
            bound = self._bindings.setdefault(process.get("id", ""), {})
            for binding in subscription.findall(q("correlationPropertyBinding")):
                bound[local_reference(binding.get("correlationPropertyRef", ""))] = binding
        ends: dict[str, set[str]] = {}
        for flow in root.iter(q("messageFlow")):
            message = local_reference(flow.get("messageRef", ""))
            for end in ("sourceRef", "targetRef"):
                if message:
                    ends.setdefault(local_reference(flow.get(end, "")), set()).add(message)
        #: element id → the message of the one message flow that begins or ends there
        self.flows = {element: messages.pop() for element, messages in ends.items() if len(messages) == 1}

    def read(self, message: events.Message, node: etree._Element, at: etree._Element) -> events.Message:
        """The message with what correlates it: `node` declares it, it is sent or awaited `at` an element. Raises
        `ExtensionFault`."""
        identity = node.get("id", "")
        process = next(at.iterancestors(q("process")), None)
        around = "" if process is None else process.get("id", "")
        found = self._once((identity, around), lambda: self._properties(identity, around))
        declared = self._once((identity,), lambda: _foreign(node))
        here = _foreign(at)
        bound = dict((*declared.bindings, *here.bindings))
        if bound:
            found = [(key, replace(one, binding=bound.get(key, one.binding))) for key, one in found]
        keys = message.keys or self._once((identity, "", "zeebe"), lambda: _zeebe(node))
        return replace(
            message,
            keys=keys,
            variable=message.variable or here.variable or declared.variable,
            payload=message.payload or here.payload or declared.payload,
            properties=tuple(one for _, one in found),
        )

    def _once(self, key: tuple[str, ...], read: Callable[[], Any]) -> Any:
        """What was read before, or why it could not be."""
        if key not in self._read:
            try:
                self._read[key] = read()
            except ExtensionFault as fault:
                self._read[key] = fault
        found = self._read[key]
        if isinstance(found, ExtensionFault):
            raise found
        return found

    def _properties(self, message: str, process: str) -> list[tuple[str, events.Property]]:
        """The correlation properties of a message as a process sees them, each with its id."""
        retrievals = self._retrievals.get(message, [])
        if len(retrievals) > MOST_PROPERTIES:
            words = f"{len(retrievals)} correlation properties belong to one message; at most {MOST_PROPERTIES} may."
            raise ExtensionFault("correlation_path", words, retrievals[0][1])
        bound = self._bindings.get(process, {})
        found = []
        for identity, declared, retrieval in retrievals:
            name = (declared.get("name") or "").strip() or identity
            binding = bound.get(identity)
            found.append(
                (
                    identity,
                    events.Property(
                        name,
                        path=_path(retrieval, "messagePath", f"The correlation property {name}"),
                        binding=None
                        if binding is None
                        else _path(binding, "dataPath", f"The binding of the correlation property {name}"),
                        conversation=identity in self._keyed,
                    ),
                )
            )
        return found


def _path(node: etree._Element, tag: str, whose: str) -> Expression:
    """A formal expression."""
    path = node.find(q(tag))
    text = "" if path is None else (path.text or "").strip()
    if path is None or not text:
        raise ExtensionFault("correlation_path", f"{whose} has no {tag}.", node)
    if text.startswith(("=", "${", "#{")) or _OTHER_LANGUAGE.search(path.get("language", "")):
        raise ExtensionFault("language_unsupported", f"{whose}: {text[:80]!r} is no Python.", path)
    return _python(text, whose, path)


def _python(text: str, whose: str, node: etree._Element) -> Expression:
    try:
        return read_expression(text)
    except ScriptFault as fault:
        words = f"{whose}: {text[:80]!r} cannot be read. {fault.message.rstrip('.')}."
        raise ExtensionFault("expression_syntax", words, node) from None


def _zeebe(node: etree._Element) -> tuple[tuple[str, Expression], ...]:
    """Camunda 8 writes the key's value as FEEL; a path is the same in Python."""
    subscription = node.find(f"{q('extensionElements')}/{ZEEBE}subscription")
    if subscription is None:
        return ()
    text = (subscription.get("correlationKey") or "").strip()
    path = _FEEL_PATH.fullmatch(text)
    if path is None:
        raise ExtensionFault(
            "language_unsupported",
            f"The correlationKey {text[:80]!r} of the message {node.get('name')} is FEEL beyond a path (=a.b); write a "
            "signalbox:correlation entry, which is Python.",
            subscription,
        )
    first, *rest = (part.strip() for part in path[1].split("."))
    value = _python(first + "".join(f"[{part!r}]" for part in rest), "The correlationKey", subscription)
    return ((ZEEBE_KEY, value),)


def _foreign(node: etree._Element) -> _Foreign:
    """SpiffWorkflow's entries below a message or event."""
    variable: str | None = None
    payload: tuple[tuple[str, Expression], ...] = ()
    bindings = []
    for entry in node.iter(f"{SPIFF}*"):
        match etree.QName(entry).localname:
            case "messageVariable":
                variable = variable or (entry.text or "").strip() or None
            case "messagePayload":
                payload = payload or _entries(entry)
            case "processVariableCorrelation":
                text = (entry.findtext(f"{SPIFF}expression") or "").strip()
                value = _python(text, "A processVariableCorrelation", entry)
                bindings.append(((entry.findtext(f"{SPIFF}propertyId") or "").strip(), value))
    return _Foreign(variable, payload, tuple(bindings))


def _entries(node: etree._Element) -> tuple[tuple[str, Expression], ...]:
    text = (node.text or "").strip()
    if not text:
        return ()
    _python(text, "The messagePayload", node)
    tree = ast.parse(f"(\n{text}\n)", mode="eval").body
    found = []
    for key, value in zip(tree.keys, tree.values, strict=True) if isinstance(tree, ast.Dict) else ():
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            found.append((key.value, _python(ast.unparse(value), "The messagePayload", node)))
    if not isinstance(tree, ast.Dict) or len(found) != len(tree.keys):
        raise ExtensionFault(
            "message_payload",
            f"The messagePayload {text[:80]!r} is no dict of names and values; write signalbox:payload entries.",
            node,
        )
    return tuple(found)
