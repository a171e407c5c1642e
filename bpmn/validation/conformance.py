"""What deviates from the XML schema of BPMN 2.0 (clause 15), in words for people.

In what runs, an element, attribute or value that does not exist is an error: it was meant to do something and would do
nothing. Elsewhere, and where nothing reads it, it is harmless and said once a kind. The order of elements, their
identifiers' types and everything of other namespaces is nobody's business here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from lxml import etree

from bpmn.elements import ACTIVITY_TAGS, BOOLEANS, BPMN, FLAGS, SUPPORTED_TAGS, UNSUPPORTED_TAGS
from bpmn.parser import is_executable
from bpmn.validation.findings import MOST_NAME, Findings, label
from bpmn.validation.ids import tag_of
from bpmn.validation.schema import Schema, Type, schema

#: Drawn, noted or refused; never run.
_INERT = frozenset(
    {
        *UNSUPPORTED_TAGS,
        "association",
        "auditing",
        "categoryValueRef",
        "dataState",
        "documentation",
        "group",
        "incoming",
        "ioSpecification",
        "laneSet",
        "monitoring",
        "outgoing",
        "supportedInterfaceRef",
        "supports",
        "text",
        "textAnnotation",
    }
)
#: Root elements that running processes refer to.
_DECLARATIONS = frozenset({"error", "escalation", "message", "signal"})
#: What nothing reads; an odd value changes nothing.
_UNREAD = frozenset(
    {
        "associationDirection",
        "capacity",
        "gatewayDirection",
        "implementation",
        "isClosed",
        "isCollection",
        "isImmediate",
        "isRequired",
        "isUnlimited",
        "itemKind",
        "method",
        "name",
        "processType",
        "textFormat",
    }
)
#: Numbers that are checked where they are read.
_NUMBERS = frozenset({"startQuantity", "completionQuantity", "loopMaximum", "minimum", "maximum"})
#: Required attributes whose lack is said elsewhere, or means nothing.
_REQUIRED_ELSEWHERE = frozenset(
    {
        ("association", "sourceRef"),
        ("association", "targetRef"),
        ("boundaryEvent", "attachedToRef"),
        ("definitions", "targetNamespace"),
        ("linkEventDefinition", "name"),
        ("messageFlow", "sourceRef"),
        ("messageFlow", "targetRef"),
        ("sequenceFlow", "sourceRef"),
        ("sequenceFlow", "targetRef"),
    }
)
#: Elements whose number of children is checked where they are read.
_COUNTED_ELSEWHERE = frozenset(
    {"assignment", "complexBehaviorDefinition", "conditionalEventDefinition", "scriptTask", "timerEventDefinition"}
)
#: Sets that many tools leave out.
_LEFT_OUT = frozenset({"inputSet", "outputSet"})
_DESCRIPTIVE = frozenset({"id", "name"})


def check(root: etree._Element, findings: Findings) -> None:
    """The whole document."""
    _Conformance(findings).walk(root)


class _Conformance:
    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        self.schema: Schema = schema()
        self.harmless: dict[tuple[str, ...], tuple[etree._Element, str, int]] = {}

    def walk(self, root: etree._Element) -> None:
        """Every element of BPMN that does not stand in an element of somebody else."""
        waiting = [(root, "definitions", "tDefinitions", False)]
        while waiting:
            node, tag, kind, runs = waiting.pop()
            found = self.schema.types[kind]
            self._attributes(node, tag, found, runs)
            if found.any_content or tag == "extensionElements":
                continue
            if not found.any_text:
                self._text(node, tag)
            if len(node) or found.least:
                waiting += reversed([*self._children(node, tag, found, runs)])
        for node, words, count in self.harmless.values():
            more = f" The same stands in {count - 1:,} more places." if count > 1 else ""
            self.findings.tell("schema_harmless", words + more, node)

    def _tell(self, code: str, words: str, node: etree._Element, runs: bool, *kind: str) -> None:
        if runs:
            self.findings.tell(code, words, node)
            return
        self._note(words, node, code, *kind)

    def _note(self, words: str, node: etree._Element, *kind: str) -> None:
        first, said, count = self.harmless.get(kind, (node, words, 0))
        self.harmless[kind] = (first, said, count + 1)

    def _children(
        self, node: etree._Element, tag: str, found: Type, runs: bool
    ) -> Iterator[tuple[etree._Element, str, str, bool]]:
        counts: Counter[str] = Counter()
        for child in node:
            inner = tag_of(child)
            if inner is None:
                continue
            inside = self._runs(child, inner, tag, runs)
            allowed = found.children.get(inner)
            if allowed is None:
                self._stray(child, inner, node, tag, found, inside)
                continue
            counts[allowed.head] += 1
            if allowed.most is not None and counts[allowed.head] == allowed.most + 1:
                self._too_many(child, inner, allowed.head, node, tag, inside)
            yield child, inner, allowed.type, inside
        for head, least in found.least.items():
            if counts[head] < least and head not in _LEFT_OUT and tag not in _COUNTED_ELSEWHERE:
                self._note(f"{label(node)} should hold <{head}>.", node, "lacks", tag, head)

    def _runs(self, child: etree._Element, inner: str, tag: str, runs: bool) -> bool:
        if tag != "definitions":
            return runs and inner not in _INERT
        if inner == "process":
            return is_executable(child)
        return inner in _DECLARATIONS or inner.endswith("EventDefinition")

    def _stray(
        self, child: etree._Element, inner: str, node: etree._Element, tag: str, found: Type, runs: bool
    ) -> None:
        if inner not in self.schema.elements:
            words = f"<{inner[:MOST_NAME]}> is no element of BPMN 2.0{self._hint(inner, found.children)}."
            self._tell("unknown_element", words, child, runs, inner)
        elif not _said_by_structure(inner, tag):
            words = f"<{inner}> may not stand in {label(node)}, a <{tag}>."
            self._tell("misplaced_element", words, child, runs, inner, tag)

    def _too_many(
        self, child: etree._Element, inner: str, head: str, node: etree._Element, tag: str, runs: bool
    ) -> None:
        if head == "loopCharacteristics" and runs:
            words = f"{label(node)} can be a loop or multi-instance, not both and not twice (10.3.8)."
            self.findings.tell("loop_twice", words, child)
        elif tag not in _COUNTED_ELSEWHERE:
            words = f"{label(node)} holds <{inner}> more than once; only the first is read."
            self._tell("element_twice", words, child, runs and inner != "extensionElements", inner, tag)

    def _attributes(self, node: etree._Element, tag: str, found: Type, runs: bool) -> None:
        for key, given in node.attrib.items():
            name, value = str(key), str(given)
            if name.startswith("{") and not name.startswith(f"{{{BPMN}}}"):
                continue
            known = found.attributes.get(name)
            if known is None:
                self._unknown(node, tag, name, value, found, runs)
            elif known.kind == "boolean" and value.strip() not in BOOLEANS:
                words = f"{label(node)}: {name} is {value[:MOST_NAME]!r}, not true or false."
                self._tell("bad_boolean", words, node, runs and name in FLAGS, tag, name)
            elif known.kind == "choice" and value not in known.choices and name != "behavior":
                words = f"{label(node)}: {name} is {value[:MOST_NAME]!r}; it may be {', '.join(known.choices)}."
                self._tell("bad_value", words, node, runs and name not in _UNREAD, tag, name)
            elif known.kind == "integer" and name not in _NUMBERS and not value.strip().lstrip("+-").isdecimal():
                words = f"{label(node)}: {name} is {value[:MOST_NAME]!r}, not a whole number."
                self._note(words, node, "number", tag, name)
        for name, attribute in found.attributes.items():
            if attribute.required and node.get(name) is None and (tag, name) not in _REQUIRED_ELSEWHERE:
                words = f"{label(node)}: a <{tag}> needs the attribute {name}."
                self._tell("attribute_missing", words, node, runs, tag, name)

    def _unknown(self, node: etree._Element, tag: str, name: str, value: str, found: Type, runs: bool) -> None:
        if name == "default" and tag in SUPPORTED_TAGS:
            return  # bpmn.validation.flows
        counts = runs and bool(value.strip()) and name not in _DESCRIPTIVE and not found.simple
        words = f"{label(node)}: a <{tag}> has no attribute {name[:MOST_NAME]!r}{self._hint(name, found.attributes)}."
        self._tell("attribute_unknown", words, node, counts, tag, name)

    def _text(self, node: etree._Element, tag: str) -> None:
        if (node.text or "").strip() or any((child.tail or "").strip() for child in node):
            words = f"{label(node)}: text in a <{tag}> means nothing."
            self._note(words, node, "text", tag)

    def _hint(self, name: str, known: Iterable[str]) -> str:
        if self.findings.full or len(name) > MOST_NAME or len(self.harmless) > 100:
            return ""  # it costs too much to be done very often
        close = get_close_matches(name, sorted(known), n=1)
        return f"; is {close[0]} meant?" if close else ""


def _said_by_structure(inner: str, tag: str) -> bool:
    """Whether `bpmn.validation.structure` knows better words for it."""
    if inner.endswith(("EventDefinition", "eventDefinitionRef")):
        return tag in SUPPORTED_TAGS and not tag.endswith("Event")
    return inner.endswith("LoopCharacteristics") and tag in SUPPORTED_TAGS and tag not in ACTIVITY_TAGS
