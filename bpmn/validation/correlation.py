"""Correlation: what keys, subscriptions and bindings refer to is there (BPMN 2.0.2, 8.4.2). What their expressions say
is checked where a message needs them."""

from __future__ import annotations

from collections.abc import Container, Iterator

from lxml import etree

from bpmn.elements import local_reference, q
from bpmn.parser import is_executable
from bpmn.validation.findings import MOST_NAME, Findings, label


def check(root: etree._Element, findings: Findings) -> None:
    """The whole document."""
    properties = {node.get("id", "") for node in root.iterfind(q("correlationProperty"))}
    messages = {node.get("id", "") for node in root.iterfind(q("message"))}
    keys = {node.get("id", ""): node for node in root.iter(q("correlationKey"))}
    for key in keys.values():
        for reference in key.iterfind(q("correlationPropertyRef")):
            _look(reference, reference.text, properties, "correlation property", "dangling_reference", findings)
    for process in root.iterfind(q("process")):
        if is_executable(process):
            for node, name, among, what in _of_process(process, properties, keys):
                _look(node, name, among, what, "dangling_reference", findings)
    for retrieval in root.iterfind(f"{q('correlationProperty')}/{q('correlationPropertyRetrievalExpression')}"):
        _look(retrieval, retrieval.get("messageRef"), messages, "message", "dangling_drawing", findings)


def _of_process(
    process: etree._Element, properties: Container[str], keys: Container[str]
) -> Iterator[tuple[etree._Element, str | None, Container[str], str]]:
    for subscription in process.iterfind(q("correlationSubscription")):
        yield subscription, subscription.get("correlationKeyRef"), keys, "correlation key"
        for binding in subscription.iterfind(q("correlationPropertyBinding")):
            yield binding, binding.get("correlationPropertyRef"), properties, "correlation property"


def _look(
    node: etree._Element, reference: str | None, among: Container[str], what: str, code: str, findings: Findings
) -> None:
    name = local_reference(reference or "")
    if name and name not in among:
        words = f"{label(node)} refers to the {what} {name[:MOST_NAME]}, which is not in this file (8.4.2)."
        findings.tell(code, words, node)
