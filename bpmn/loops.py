"""Which elements lie on a cycle of flows: only those can be entered again and again, so only those are counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def looping(successors: Mapping[str, Sequence[str]]) -> set[str]:
    """The nodes of all strongly connected components with a cycle (Tarjan 1972, without recursion)."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    found: set[str] = set()
    for root in successors:
        if root in order:
            continue
        work = [(root, 0)]
        while work:
            node, position = work.pop()
            if position == 0:
                order[node] = low[node] = len(order)
                stack.append(node)
                on_stack.add(node)
            descended = False
            targets = successors.get(node, ())
            for index in range(position, len(targets)):
                target = targets[index]
                if target not in order:
                    work.append((node, index + 1))
                    work.append((target, 0))
                    descended = True
                    break
                if target in on_stack:
                    low[node] = min(low[node], order[target])
            if descended:
                continue
            if low[node] == order[node]:
                component = []
                while True:
                    member = stack.pop()
                    on_stack.discard(member)
                    component.append(member)
                    if member == node:
                        break
                if len(component) > 1 or node in targets:
                    found.update(component)
            if work:
                above = work[-1][0]
                low[above] = min(low[above], low[node])
    return found
