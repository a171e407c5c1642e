"""One scope of a document, indexed once for all rules: a hostile file can make any search in it dear."""

from __future__ import annotations

from collections.abc import Container, Iterable

from lxml import etree

from bpmn.elements import ACTIVITY_TAGS, UNSUPPORTED_TAGS, flag, local_reference, q
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
        self._bases: dict[str, str] = {}
        self.has_start = scope.find(q("startEvent")) is not None
        self.has_end = scope.find(q("endEvent")) is not None
        #: activity → its boundary events
        self.attached: dict[str, list[str]] = {}
        for identity, node in self.nodes.items():
            if node.tag == q("boundaryEvent"):
                self.attached.setdefault(local_reference(node.get("attachedToRef", "")), []).append(identity)
        #: source → targets of associations
        self.associations: dict[str, list[str]] = {}
        for line in scope.findall(q("association")):
            source = local_reference(line.get("sourceRef", ""))
            self.associations.setdefault(source, []).append(local_reference(line.get("targetRef", "")))
        self.outgoing: dict[str, list[etree._Element]] = {}
        self.incoming: dict[str, list[etree._Element]] = {}
        for flow in self.flows:
            self.outgoing.setdefault(flow.get("sourceRef", ""), []).append(flow)
            self.incoming.setdefault(flow.get("targetRef", ""), []).append(flow)
        #: activities that a boundary event with a way out can interrupt
        self.interrupted = {
            host
            for host, events in self.attached.items()
            if any(self.outgoing.get(event) and flag(self.nodes[event], "cancelActivity") for event in events)
        }

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

    def reaching(self, ends: Iterable[str]) -> set[str]:
        """From where paths lead there."""
        found: set[str] = set()
        waiting = list(ends)
        while waiting:
            identity = waiting.pop()
            if identity not in found:
                found.add(identity)
                waiting.extend(self._before(identity))
        return found

    def chooses(self, identity: str) -> bool:
        """Whether only some of the ways out are taken: those of a gateway that chooses, or of an activity that a
        boundary event can interrupt."""
        ways = len(self.outgoing.get(identity, []))
        tag = tag_of(self.nodes[identity])
        if tag == "eventBasedGateway":
            return ways > 1 and self.nodes[identity].get("eventGatewayType") != "Parallel"
        if tag in ("inclusiveGateway", "complexGateway"):
            return any(flow.find(q("conditionExpression")) is not None for flow in self.outgoing.get(identity, []))
        if tag == "exclusiveGateway":
            return ways > 1
        return tag in ACTIVITY_TAGS and ways == 1 and identity in self.interrupted

    def takes_all(self, identity: str) -> bool:
        """Whether every way out is taken, and there are several."""
        outgoing = self.outgoing.get(identity, [])
        tag = tag_of(self.nodes[identity]) or ""
        if tag.endswith("Gateway"):
            return tag == "parallelGateway" and len(outgoing) > 1
        unconditional = sum(1 for flow in outgoing if flow.find(q("conditionExpression")) is None)
        default = self.nodes[identity].get("default")
        return unconditional == len(outgoing) > 1 and default is None and identity not in self.interrupted

    def origin(self, flow: etree._Element) -> str:
        """The nearest node before this flow where ways part or meet; a split whose branches have all met is passed."""
        source = flow.get("sourceRef", "")
        self._settle(source)
        return self._leaving(source)

    def _before(self, identity: str) -> list[str]:
        node = self.nodes.get(identity)
        if node is not None and node.tag == q("boundaryEvent"):
            return [local_reference(node.get("attachedToRef", ""))]
        return [flow.get("sourceRef", "") for flow in self.incoming.get(identity, [])]

    def _leaving(self, identity: str) -> str:
        parts = len(self.outgoing.get(identity, [])) > 1 or identity in self.interrupted
        return identity if parts else self._bases.get(identity, identity)

    def _settle(self, identity: str) -> None:
        """Finds `_bases`: where the way into a node comes from. A circle ends at itself."""
        waiting = [(identity, False)]
        while waiting:
            current, ready = waiting.pop()
            if ready:
                self._bases[current] = self._base(current)
            elif current not in self._bases:
                self._bases[current] = current
                waiting.append((current, True))
                waiting.extend((before, False) for before in self._before(current) if before not in self._bases)

    def _base(self, identity: str) -> str:
        before = self._before(identity)
        if identity in self.nodes and self.nodes[identity].tag == q("boundaryEvent"):
            interrupts = flag(self.nodes[identity], "cancelActivity") and before[0] in self.interrupted
            return before[0] if interrupts else identity
        origins = {self._leaving(source) for source in before}
        if len(origins) != 1 or identity not in self.nodes:
            return identity
        (origin,) = origins
        if len(before) == 1:
            return origin
        if origin != identity and len(before) == len(self.outgoing.get(origin, [])) + len(
            self.attached.get(origin, [])
        ):
            return self._bases.get(origin, identity)  # all its branches meet here
        return identity
