"""One scope of a document, indexed once for all rules: a hostile file can make any search in it dear."""

from __future__ import annotations

from collections.abc import Container, Iterable

from lxml import etree

from bpmn.elements import UNSUPPORTED_TAGS, q
from bpmn.parser import flow_nodes
from bpmn.validation.ids import tag_of


class Graph:
    """The flow nodes of one scope and the flows between them."""

    def __init__(self, scope: etree._Element, known: Container[str]):
        self.scope = scope
        self.known = known
        self.nodes = {node.get("id", ""): node for node in flow_nodes(scope)}
        # Flow nodes that are refused elsewhere: a flow to one of them needs no second complaint.
        self.refused = {n.get("id", "") for n in scope if isinstance(n.tag, str) and tag_of(n) in UNSUPPORTED_TAGS}
        self.flows = scope.findall(q("sequenceFlow"))
        self._origins: dict[str, str] = {}
        self.has_end = scope.find(q("endEvent")) is not None
        #: activity → its boundary events
        self.attached: dict[str, list[str]] = {}
        for identity, node in self.nodes.items():
            if node.tag == q("boundaryEvent"):
                self.attached.setdefault(node.get("attachedToRef", "").strip(), []).append(identity)
        #: source → targets of associations
        self.associations: dict[str, list[str]] = {}
        for line in scope.findall(q("association")):
            self.associations.setdefault(line.get("sourceRef", ""), []).append(line.get("targetRef", ""))
        self.outgoing: dict[str, list[etree._Element]] = {}
        self.incoming: dict[str, list[etree._Element]] = {}
        for flow in self.flows:
            self.outgoing.setdefault(flow.get("sourceRef", ""), []).append(flow)
            self.incoming.setdefault(flow.get("targetRef", ""), []).append(flow)

    def reached(self, begins: Iterable[str], without: str | None = None) -> set[str]:
        """Where paths lead from there, if one element is left out."""
        found: set[str] = set()
        waiting = list(begins)
        while waiting:
            identity = waiting.pop()
            if identity not in found and identity != without:
                found.add(identity)
                waiting.extend(f.get("targetRef", "") for f in self.outgoing.get(identity, []))
                waiting.extend(self.attached.get(identity, []))
        return found

    def origin(self, identity: str) -> str:
        """The nearest node before (or at) this one that has several ways out or in."""
        path = []
        while identity not in self._origins:
            self._origins[identity] = identity  # also ends a walk around a circle
            path.append(identity)
            node = self.nodes.get(identity)
            before = self.incoming.get(identity, [])
            splits = len(self.outgoing.get(identity, [])) > 1
            if node is None or splits or len(before) != 1:
                break
            identity = before[0].get("sourceRef", "")
        found = self._origins[identity]
        for passed in path:
            self._origins[passed] = found
        return found
