"""The list of problems under construction."""

from __future__ import annotations

from lxml import etree

from bpmn.problems import Problem
from bpmn.xml import line_of

MOST_PROBLEMS = 500
MOST_WORDS = 600
MOST_NAME = 80


class Findings:
    """Collects problems with their place; bounded, since a hostile file can have very many."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.left_out = 0

    def error(self, code: str, message: str, node: etree._Element | None = None, line: int | None = None) -> None:
        """Something that blocks the deployment."""
        self._add("error", code, message, node, line)

    def warning(self, code: str, message: str, node: etree._Element | None = None, line: int | None = None) -> None:
        """Something legal but suspicious."""
        self._add("warning", code, message, node, line)

    def _add(self, severity: str, code: str, message: str, node: etree._Element | None, line: int | None) -> None:
        if len(self.problems) >= MOST_PROBLEMS:
            self.left_out += 1
            return
        self.problems.append(
            Problem(
                code=code,
                message=message if len(message) <= MOST_WORDS else f"{message[:MOST_WORDS]}…",
                severity="error" if severity == "error" else "warning",
                element_id=None if node is None else owner_id(node),
                line=line if line is not None or node is None else line_of(node),
            )
        )

    def sorted(self) -> list[Problem]:
        """Errors first, then by line; a finding said twice is kept once."""
        unique = dict.fromkeys(self.problems)
        found = sorted(unique, key=lambda p: (p.severity != "error", p.line or 0))
        if self.left_out:
            found.insert(0, Problem("too_many_problems", f"There are {self.left_out:,} more problems than these."))
        return found


def owner_id(node: etree._Element) -> str | None:
    """The id of the node or of the nearest element around it that has one: what can be shown on the diagram."""
    current: etree._Element | None = node
    while current is not None:
        found = current.get("id")
        if found is not None:
            return found[:255]
        current = current.getparent()
    return None


def label(node: etree._Element) -> str:
    """How messages call an element: its name if it has one, and its id."""
    name = " ".join((node.get("name") or "").split())
    identity = (node.get("id") or etree.QName(node).localname)[:MOST_NAME]
    if len(name) > MOST_NAME:
        name = f"{name[:MOST_NAME]}…"
    return f"“{name}” ({identity})" if name else identity
