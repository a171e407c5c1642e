"""Ids: every element that runs has one, each a name, each once in the file (BPMN 2.0.2, 8.3.1)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from lxml import etree

from bpmn.elements import BPMN, DIAGRAM_NAMESPACES, SUPPORTED_TAGS, q
from bpmn.validation.findings import MOST_NAME, Findings

_NCNAME = re.compile(r"[^\W\d][\w.\-·]*")
_MUST_HAVE_ID = frozenset({q(tag) for tag in SUPPORTED_TAGS} | {q("sequenceFlow"), q("process")})


def check(root: etree._Element, findings: Findings) -> Mapping[str, etree._Element]:
    """Ids of the whole document, which it returns: those of the drawing's shapes too, since they share one space, but
    a shape decides nothing. Foreign extension elements may call what they like `id`."""
    seen: dict[str, etree._Element] = {}
    shapes: list[etree._Element] = []
    for node in root.iter(*(f"{{{namespace}}}*" for namespace in DIAGRAM_NAMESPACES)):
        identity = node.get("id")
        if tag_of(node) is None:
            if identity is not None:
                shapes.append(node)
            continue
        if identity is None:
            if node.tag in _MUST_HAVE_ID:
                findings.tell("id_missing", f"This {etree.QName(node).localname} has no id.", node)
            continue
        _check_name(node, identity, findings)
        first = seen.setdefault(identity, node)
        if first is not node:
            findings.tell(
                "id_twice", f"The id {identity} is used twice; it stands on line {first.sourceline} too.", node
            )
    drawn: dict[str, etree._Element] = {}
    for shape in shapes:
        identity = shape.get("id", "")
        first = seen.get(identity, drawn.setdefault(identity, shape))
        if first is not shape:
            words = f"A shape has the id {identity[:MOST_NAME]}, which stands on line {first.sourceline} too."
            findings.tell("shape_id_twice", words, shape)
    return seen


def _check_name(node: etree._Element, identity: str, findings: Findings) -> None:
    if not _NCNAME.fullmatch(identity):
        findings.tell(
            "id_invalid",
            f"The id {identity!r} is no XML name: it must begin with a letter or _ and hold no blanks.",
            node,
        )
    elif len(identity) > 255:
        findings.tell("id_too_long", f"The id {identity[:40]}… is longer than 255 characters.", node)


def tag_of(node: etree._Element) -> str | None:
    """The local name of a BPMN element; None for elements of other namespaces."""
    return _local_name(node.tag)


@lru_cache(maxsize=1_000)
def _local_name(tag: str) -> str | None:
    return tag[len(_BRACED) :] if tag.startswith(_BRACED) else None


_BRACED = f"{{{BPMN}}}"
