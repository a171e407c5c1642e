"""The door for uploaded XML: a hardened lxml. No entities, no DTD, no network; bounds on size, depth and count."""

from __future__ import annotations

from typing import Any

from lxml import etree

from bpmn.problems import DocumentRefused, Problem

MAX_BYTES = 10_000_000
MAX_DEPTH = 200
MAX_NODES = 300_000


def _refuse(code: str, message: str, line: int | None = None) -> DocumentRefused:
    return DocumentRefused([Problem(code=code, message=message, line=line)])


def read_xml(source: bytes) -> etree._Element:
    """The root element. Raises `DocumentRefused` for anything that is not a plain, well-formed, bounded document."""
    if len(source) > MAX_BYTES:
        raise _refuse("xml_too_large", f"The file has {len(source):,} bytes; at most {MAX_BYTES:,} are read.")
    if not source.strip():
        raise _refuse("xml_empty", "The file is empty.")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        recover=False,
        # They mean nothing, but would cut the text of a script or condition in pieces.
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(source, parser)
    except etree.XMLSyntaxError as error:
        line = error.lineno or None
        reason = (error.msg or "not well-formed").split("\n")[0]
        raise _refuse("xml_broken", f"This is not well-formed XML: {reason}.", line) from None
    except ValueError as error:
        raise _refuse("xml_broken", f"This is not readable XML: {error}.") from None
    info: Any = root.getroottree().docinfo
    if info.doctype or info.internalDTD is not None:
        raise _refuse("xml_doctype", "A document type declaration is not accepted; delete the <!DOCTYPE …> part.", 1)
    _check_bounds(root)
    return root


def line_of(node: etree._Element) -> int | None:
    """The line of the file where the element's start tag ends, from 1 (a tag may be spread over several lines)."""
    line: Any = node.sourceline
    return line if isinstance(line, int) else None


def _check_bounds(root: etree._Element) -> None:
    depth = 0
    nodes = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if event == "start":
            depth += 1
            nodes += 1
            if depth > MAX_DEPTH:
                raise _refuse("xml_too_deep", f"Elements nest deeper than {MAX_DEPTH} levels.", element.sourceline)
            if nodes > MAX_NODES:
                raise _refuse("xml_too_large", f"The file holds more than {MAX_NODES:,} elements.")
        else:
            depth -= 1
