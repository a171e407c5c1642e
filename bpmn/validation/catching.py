"""Errors that nothing in the file catches (BPMN 2.0.2, 10.5.6): the instance fails, unless its caller catches them."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from bpmn import events as e
from bpmn.elements import SCOPE_TAGS, local_reference, q
from bpmn.event_reading import Declarations, read_events
from bpmn.extensions import ExtensionFault
from bpmn.parser import flow_nodes
from bpmn.validation.findings import Findings, label
from bpmn.validation.ids import tag_of
from bpmn.validation.structure import is_event_sub_process

#: Codes that are caught; None catches every one.
Codes = set[str | None]


class Catching:
    """What each scope of a document catches, gathered once: errors go outward through any number of scopes."""

    def __init__(self, root: etree._Element, declared: Declarations):
        self.declared = declared
        # What calls a process here may catch its errors, or hand them on to its own scopes.
        self.called = {local_reference(node.get("calledElement", "")) for node in root.iter(q("callActivity"))}
        self.by_scope: dict[etree._Element, tuple[Codes, dict[str, Codes]]] = {}

    def check_scope(self, scope: etree._Element, findings: Findings) -> None:
        """The end events directly inside a process or sub-process."""
        for node in scope.iterfind(q("endEvent")):
            for code in self._thrown(node):
                if code is not None and not self._caught(scope, code):
                    words = (
                        f"{label(node)} throws the error {code[:80]!r}, which nothing in this file catches (10.5.6)."
                    )
                    findings.tell("error_uncaught", words, node)

    def _caught(self, scope: etree._Element, code: str) -> bool:
        current: etree._Element | None = scope
        while current is not None:
            inside, _ = self._catches(current)
            if inside & {code, None}:
                return True
            parent = current.getparent()
            if current.tag == q("process") or parent is None:
                return current.get("id", "") in self.called
            _, around = self._catches(parent)
            if around.get(current.get("id", ""), set()) & {code, None}:
                return True
            current = parent
        return False

    def _catches(self, scope: etree._Element) -> tuple[Codes, dict[str, Codes]]:
        """By the event sub-processes in it; by the boundary events of each activity in it."""
        found = self.by_scope.get(scope)
        if found is None:
            inside: Codes = set()
            around: dict[str, Codes] = {}
            for node in flow_nodes(scope):
                if node.tag == q("boundaryEvent"):
                    host = local_reference(node.get("attachedToRef", ""))
                    around.setdefault(host, set()).update(self._thrown(node))
                elif tag_of(node) in SCOPE_TAGS and is_event_sub_process(node):
                    for start in node.iterfind(q("startEvent")):
                        inside.update(self._thrown(start))
            found = self.by_scope[scope] = (inside, around)
        return found

    def _thrown(self, node: etree._Element) -> Iterator[str | None]:
        """The codes of an event's errors, thrown or caught."""
        try:
            found = read_events(node, self.declared)
        except ExtensionFault:
            return  # said elsewhere
        yield from (event.code for event in found if isinstance(event, e.Error))
