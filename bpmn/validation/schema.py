"""The XML schema of BPMN 2.0 as tables: what each element may hold, and what its attributes may say (clause 15).

Read, when first asked for, from the schema files that SpiffWorkflow ships. libxml2 could validate against them too, but
it stops at the first element that is out of order, which is harmless, cannot tell that from one that does not exist,
and takes quadratic time to name the places of many faults.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import SpiffWorkflow
from lxml import etree

_XSD = "{http://www.w3.org/2001/XMLSchema}"
_FILES = ("BPMN20.xsd", "Semantic.xsd")
_KINDS = {"xsd:boolean": "boolean", "xsd:integer": "integer", "xsd:int": "integer"}
#: An expression may always name its language, whether or not it says that it is a formal one.
_READ_AS = {"tExpression": "tFormalExpression"}


@dataclass(frozen=True, slots=True)
class Attribute:
    """`kind`: boolean, integer, one of `choices`, or any text."""

    kind: str
    required: bool
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Child:
    """An element that may stand in another. `head`: what it stands for, where several may take one place."""

    type: str
    head: str
    most: int | None


@dataclass(slots=True)
class Type:
    """`any_text`: whether text may stand in it; `any_content`: whether everything may; `simple`: only text."""

    attributes: dict[str, Attribute] = field(default_factory=dict)
    children: dict[str, Child] = field(default_factory=dict)
    least: dict[str, int] = field(default_factory=dict)  # head → how many there must be
    any_text: bool = False
    any_content: bool = False
    simple: bool = False


@dataclass(frozen=True, slots=True)
class Schema:
    """All types by name; the names of all elements."""

    types: dict[str, Type]
    elements: frozenset[str]


@cache
def schema() -> Schema:
    """The schema of BPMN 2.0."""
    return _Reading().result()


class _Reading:
    """Collects the declarations of all files before it resolves what refers to what."""

    def __init__(self) -> None:
        self.elements: dict[str, etree._Element] = {}
        self.complex: dict[str, etree._Element] = {}
        self.simple: dict[str, etree._Element] = {}
        self.members: dict[str, list[str]] = {}  # head → the elements that may take its place
        folder = Path(SpiffWorkflow.__file__).parent / "bpmn" / "parser" / "schema"
        for name in _FILES:
            for node in etree.fromstring((folder / name).read_bytes()).iterchildren("*"):
                declared = node.get("name", "")
                if node.tag == f"{_XSD}element":
                    self.elements[declared] = node
                    self.members.setdefault(node.get("substitutionGroup", ""), []).append(declared)
                elif node.tag == f"{_XSD}complexType":
                    self.complex[declared] = node
                elif node.tag == f"{_XSD}simpleType":
                    self.simple[declared] = node

    def result(self) -> Schema:
        types = {name: self._type(name) for name in self.complex}
        types[""] = Type(any_text=True, simple=True)
        for name, other in _READ_AS.items():
            types[name] = types[other]
        names = {child for found in types.values() for child in found.children}
        return Schema(types, frozenset(names | {"definitions"}))

    def _type(self, name: str) -> Type:
        found = Type()
        current: str | None = name
        while current is not None:  # a type extends another
            node = self.complex[current]
            found.any_text = found.any_text or node.get("mixed") == "true"
            extension = node.find(f"{_XSD}complexContent/{_XSD}extension")
            body = node if extension is None else extension
            self._content(body, found, optional=False)
            for attribute in body.findall(f"{_XSD}attribute"):
                found.attributes.setdefault(attribute.get("name", ""), self._attribute(attribute))
            current = None if extension is None else extension.get("base")
        return found

    def _content(self, body: etree._Element, found: Type, optional: bool) -> None:
        for node in body.iterchildren(f"{_XSD}sequence", f"{_XSD}choice", f"{_XSD}element", f"{_XSD}any"):
            if node.tag == f"{_XSD}any":
                found.any_content = True
            elif node.tag == f"{_XSD}element":
                self._child(node, found, optional)
            else:
                self._content(node, found, optional or node.tag == f"{_XSD}choice")

    def _child(self, node: etree._Element, found: Type, optional: bool) -> None:
        head = (node.get("ref") or node.get("name") or "").rpartition(":")[2]
        most = None if node.get("maxOccurs") == "unbounded" else int(node.get("maxOccurs", "1"))
        if not optional and node.get("minOccurs", "1") != "0":
            found.least[head] = int(node.get("minOccurs", "1"))
        if node.get("name"):
            found.children[head] = Child(self._name_of_type(node), head, most)
            return
        waiting = [head]
        while waiting:  # an element may take the place of one that takes the place of another
            name = waiting.pop()
            waiting += self.members.get(name, [])
            declared = self.elements.get(name)
            if declared is not None and not self._abstract(declared):
                found.children[name] = Child(self._name_of_type(declared), head, most)

    def _abstract(self, element: etree._Element) -> bool:
        kind = self.complex.get(element.get("type", ""))
        return element.get("abstract") == "true" or (kind is not None and kind.get("abstract") == "true")

    def _name_of_type(self, element: etree._Element) -> str:
        name = element.get("type", "")
        return name if name in self.complex else ""

    def _attribute(self, node: etree._Element) -> Attribute:
        kind = node.get("type", "")
        choices: tuple[str, ...] = ()
        restricted = self.simple.get(kind)
        if restricted is not None and restricted.find(f"{_XSD}restriction") is not None:
            choices = tuple(v.get("value", "") for v in restricted.iter(f"{_XSD}enumeration"))
        return Attribute("choice" if choices else _KINDS.get(kind, "text"), node.get("use") == "required", choices)
