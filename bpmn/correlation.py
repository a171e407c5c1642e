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
from collections.abc import Mapping
from dataclasses import dataclass, replace

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


@dataclass(frozen=True, slots=True)
class Correlations:
    """The nodes of a document that speak of correlation, by id; read when a message needs them."""

    properties: Mapping[str, etree._Element]
    #: Properties that belong to the key of some conversation.
    keyed: frozenset[str]
    #: process id → property id → where the value is in its variables.
    bindings: Mapping[str, Mapping[str, etree._Element]]
    #: element id → the message of the one message flow that begins or ends there.
    flows: Mapping[str, str]

    @classmethod
    def of(cls, root: etree._Element) -> Correlations:
        """Those of a document."""
        bindings: dict[str, dict[str, etree._Element]] = {}
        for subscription in root.findall(f"{q('process')}/{q('correlationSubscription')}"):
            process = subscription.getparent()
            assert process is not None
            bound = bindings.setdefault(process.get("id", ""), {})
            for binding in subscription.findall(q("correlationPropertyBinding")):
                bound[local_reference(binding.get("correlationPropertyRef", ""))] = binding
        ends: dict[str, set[str]] = {}
        for flow in root.iter(q("messageFlow")):
            message = local_reference(flow.get("messageRef", ""))
            for end in ("sourceRef", "targetRef"):
                if message:
                    ends.setdefault(local_reference(flow.get(end, "")), set()).add(message)
        return cls(
            properties={node.get("id", ""): node for node in root.findall(q("correlationProperty"))},
            keyed=frozenset(
                local_reference(reference.text or "")
                for key in root.iter(q("correlationKey"))
                for reference in key.findall(q("correlationPropertyRef"))
            ),
            bindings=bindings,
            flows={element: messages.pop() for element, messages in ends.items() if len(messages) == 1},
        )

    def read(self, message: events.Message, node: etree._Element, at: etree._Element) -> events.Message:
        """The message with what correlates it: `node` declares it, it is sent or awaited `at` an element. Raises
        `ExtensionFault`."""
        process = next(at.iterancestors(q("process")), None)
        bound = dict(self.bindings.get("" if process is None else process.get("id", ""), {}))
        message = _spiff(message, node, at, bound)
        own = {name for name, _ in message.keys}
        found = []
        for identity, declared in self.properties.items():
            retrieval = next(
                (
                    one
                    for one in declared.findall(q("correlationPropertyRetrievalExpression"))
                    if local_reference(one.get("messageRef", "")) == node.get("id")
                ),
                None,
            )
            name = (declared.get("name") or "").strip() or identity
            if retrieval is None:
                continue
            binding = bound.get(identity)
            found.append(
                events.Property(
                    name,
                    path=_path(retrieval, "messagePath", f"The correlation property {name}"),
                    binding=None
                    if binding is None or name in own
                    else _path(binding, "dataPath", f"The binding of the correlation property {name}"),
                    conversation=identity in self.keyed and name not in own,
                )
            )
        return _zeebe(replace(message, properties=tuple(found)), node)


def _path(node: etree._Element, tag: str, whose: str) -> Expression:
    """A formal expression of the standard, or the text of one of SpiffWorkflow's."""
    path = node.find(q(tag)) if node.tag.startswith(q("")) else node.find(f"{SPIFF}expression")
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


def _zeebe(message: events.Message, node: etree._Element) -> events.Message:
    """Camunda 8 writes the key's value as FEEL; a path is the same in Python."""
    subscription = node.find(f"{q('extensionElements')}/{ZEEBE}subscription")
    if subscription is None or message.keys or message.properties:
        return message
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
    return replace(message, keys=((ZEEBE_KEY, value),))


def _spiff(
    message: events.Message, node: etree._Element, at: etree._Element, bound: dict[str, etree._Element]
) -> events.Message:
    """SpiffWorkflow's entries stand at the message or at its event."""
    variable, payload = message.variable, message.payload
    for place in (node, at):
        for entry in place.iter(f"{SPIFF}messageVariable"):
            variable = variable or (entry.text or "").strip() or None
        for entry in place.iter(f"{SPIFF}messagePayload"):
            payload = payload or _entries(entry)
        for entry in place.iter(f"{SPIFF}processVariableCorrelation"):
            bound[(entry.findtext(f"{SPIFF}propertyId") or "").strip()] = entry
    return replace(message, variable=variable, payload=payload)


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
