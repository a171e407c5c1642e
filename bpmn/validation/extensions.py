"""Our own extension elements and attributes: what extensions.json does not describe does nothing, and is said so."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from lxml import etree

from bpmn.elements import SIGNALBOX, q
from bpmn.validation.findings import Findings, label
from bpmn.validation.ids import tag_of


@dataclass(frozen=True, slots=True)
class Described:
    """What the description allows, by the local names of elements."""

    attributes: dict[str, set[str]] = field(default_factory=dict)  # BPMN element → our attributes on it
    places: dict[str, set[str]] = field(default_factory=dict)  # our element → BPMN elements it may extend
    inner: dict[str, tuple[set[str], set[str]]] = field(default_factory=dict)  # our element → attributes, children


def _tag(type_name: str) -> str:
    name = type_name.rpartition(":")[2]
    return name[:1].lower() + name[1:]


@cache
def described() -> Described:
    """The description that the modeler reads too."""
    found = Described()
    moddle: dict[str, Any] = json.loads(files("bpmn").joinpath("extensions.json").read_text("utf-8"))
    for kind in moddle["types"]:
        attributes = {p["name"] for p in kind["properties"] if p.get("isAttr")}
        for extended in kind.get("extends", ()):
            found.attributes.setdefault(_tag(extended), set()).update(attributes)
        if "extends" not in kind:
            children = {_tag(p["type"]) for p in kind["properties"] if not p.get("isAttr")}
            found.inner[_tag(kind["name"])] = (attributes, children)
            found.places[_tag(kind["name"])] = {_tag(t) for t in kind.get("meta", {}).get("allowedIn", ())}
    return found


def check_process(process: etree._Element, findings: Findings) -> None:
    """Everything of ours in a process, wherever it stands."""
    known = described()
    for node in process.iter(etree.Element):
        name = etree.QName(node)
        if name.namespace == SIGNALBOX:
            _check_element(node, name.localname, known, findings)
        ours = (etree.QName(key).localname for key in node.attrib if str(key).startswith(f"{{{SIGNALBOX}}}"))
        _check_names(node, ours, known.attributes.get(tag_of(node) or "", set()), findings)


def _check_element(node: etree._Element, name: str, known: Described, findings: Findings) -> None:
    parent = node.getparent()
    assert parent is not None, "a process stands around it"
    above = etree.QName(parent)
    owner = parent.getparent()
    if above.namespace == SIGNALBOX:
        fits = name in known.inner.get(above.localname, (set(), set()))[1]
    else:
        extended = tag_of(owner) if owner is not None and parent.tag == q("extensionElements") else None
        fits = extended in known.places.get(name, ())
    if not fits:
        findings.tell("unknown_extension", f"<signalbox:{name}> is not known in this place and does nothing.", node)
        return
    plain = (str(key) for key in node.attrib if not str(key).startswith("{"))
    _check_names(node, plain, known.inner[name][0], findings)


def _check_names(node: etree._Element, names: Iterable[str], allowed: set[str], findings: Findings) -> None:
    for name in names:
        if name not in allowed:
            words = f"{label(node)}: the attribute {name[:80]} is not known here and does nothing."
            hint = f" Known are {', '.join(sorted(allowed))}." if allowed else ""
            findings.tell("unknown_extension", words + hint, node)
