"""Gateways that wait: which tokens a join holds, when it fires and what it consumes (BPMN 2.0.2, 13.4)."""

from __future__ import annotations

from collections import deque
from collections.abc import Container, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bpmn.token import Token


class Join:
    """The tokens at one join of one scope, by incoming flow, in order of arrival."""

    __slots__ = ("queues", "witness")

    def __init__(self) -> None:
        self.queues: dict[str, deque[Token]] = {}
        #: The token seen last that may still bring one to an empty flow; as long as it stays where it is, an
        #: inclusive join need not look again.
        self.witness: tuple[int, str] | None = None

    def hold(self, token: Token) -> None:
        """A token waits here."""
        self.queues.setdefault(token.flow or "", deque()).append(token)

    def take(self, flows: Sequence[str]) -> list[Token]:
        """Consume the oldest token of each of these flows."""
        taken = []
        for flow in flows:
            queue = self.queues[flow]
            taken.append(queue.popleft())
            if not queue:
                del self.queues[flow]
        return taken


class Reset:
    """A complex gateway that fired: the flows it took tokens from, until it has waited for the others."""

    __slots__ = ("flows", "witness")

    def __init__(self, flows: Sequence[str]) -> None:
        self.flows = tuple(flows)
        #: As that of a join.
        self.witness: tuple[int, str] | None = None


def upstream(successors: Mapping[str, Sequence[tuple[str, str]]], gateway: str) -> dict[str, frozenset[str]]:
    """For each element, the incoming flows of the gateway that a token there can reach without passing the gateway.

    `successors`: element → (flow, target) pairs. Walks backwards from each incoming flow, so the cost is that of the
    graph times the gateway's inputs.
    """
    predecessors: dict[str, list[str]] = {}
    arrivals: dict[str, list[str]] = {}
    for source, steps in successors.items():
        for flow, target in steps:
            if target == gateway:
                arrivals.setdefault(flow, []).append(source)
            else:
                predecessors.setdefault(target, []).append(source)
    reach: dict[str, set[str]] = {}
    for flow, sources in arrivals.items():
        stack = [source for source in sources if source != gateway]
        seen = set(stack)
        while stack:
            node = stack.pop()
            reach.setdefault(node, set()).add(flow)
            for before in predecessors.get(node, ()):
                if before != gateway and before not in seen:
                    seen.add(before)
                    stack.append(before)
    return {node: frozenset(flows) for node, flows in reach.items()}


def blocks(reachable: frozenset[str], filled: Container[str]) -> bool:
    """Whether a token from which `reachable` incoming flows can be reached keeps an inclusive join waiting (13.4.3):
    it can reach an empty one and none that is filled already."""
    return bool(reachable) and not any(flow in filled for flow in reachable)
