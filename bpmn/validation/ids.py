"""Ids and references: every id once, every reference to something that is there (BPMN 2.0.2, 8.3.1)."""

from __future__ import annotations

import re
from collections.abc import Container

from lxml import etree

from bpmn.elements import BOOLEANS, BPMN, DIAGRAM_NAMESPACES, FLAGS, SUPPORTED_TAGS, local_reference, q
from bpmn.validation.findings import Findings, label

_NCNAME = re.compile(r"[^\W\d][\w.\-·]*")
_MUST_HAVE_ID = frozenset({q(tag) for tag in SUPPORTED_TAGS} | {q("sequenceFlow"), q("process")})


def check(root: etree._Element, findings: Findings) -> Container[str]:
    """Ids of the whole document (those of the drawing's shapes included: they share one space), which it returns.
    Foreign extension elements may call what they like `id`."""
    seen: dict[str, etree._Element] = {}
    for node in root.iter(*(f"{{{namespace}}}*" for namespace in DIAGRAM_NAMESPACES)):
        _check_flags(node, findings)
        identity = node.get("id")
        if identity is None:
            if node.tag in _MUST_HAVE_ID:
                findings.error("id_missing", f"This {etree.QName(node).localname} has no id.", node)
            continue
        if not _NCNAME.fullmatch(identity):
            findings.error(
                "id_invalid",
                f"The id {identity!r} is no XML name: it must begin with a letter or _ and hold no blanks.",
                node,
            )
        elif len(identity) > 255:
            findings.error("id_too_long", f"The id {identity[:40]}… is longer than 255 characters.", node)
        first = seen.setdefault(identity, node)
        if first is not node:
            findings.error(
                "id_twice", f"The id {identity} is used twice; it stands on line {first.sourceline} too.", node
            )
    _check_pools(root, seen, findings)
    return seen


def _check_flags(node: etree._Element, findings: Findings) -> None:
    for name in FLAGS.keys() & node.attrib.keys():
        if node.get(name, "").strip() not in BOOLEANS:
            findings.error("bad_boolean", f"{label(node)}: {name} is {node.get(name)!r}, not true or false.", node)


def _check_pools(root: etree._Element, seen: dict[str, etree._Element], findings: Findings) -> None:
    for participant in root.iter(q("participant")):
        reference = participant.get("processRef")
        if reference is None:
            continue  # a black-box pool (9.3): harmless
        target = seen.get(local_reference(reference))
        if target is None or target.tag != q("process"):
            findings.error(
                "dangling_reference",
                f"The pool {label(participant)} refers to a process {reference} that is not here.",
                participant,
            )
    for node in root.iter(q("flowNodeRef")):
        if (node.text or "").strip() not in seen:
            findings.warning("dangling_reference", f"A lane lists {node.text!r}, which is not in this file.", node)


def tag_of(node: etree._Element) -> str | None:
    """The local name of a BPMN element; None for elements of other namespaces."""
    name = etree.QName(node)
    return name.localname if name.namespace == BPMN else None
