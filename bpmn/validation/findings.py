"""The list of problems under construction."""

from __future__ import annotations

from lxml import etree

from bpmn.problems import Problem
from bpmn.validation.rules import severity_of
from bpmn.xml import line_of

#: How many are told of each severity; the others are counted.
MOST_PROBLEMS = 500
MOST_WORDS = 600
MOST_NAME = 80


class Findings:
    """Collects problems with their place; bounded, since a hostile file can have very many."""

    def __init__(self) -> None:
        self.problems: dict[str, list[Problem]] = {"error": [], "warning": []}
        self.left_out = {"error": 0, "warning": 0}

    def tell(self, code: str, message: str, node: etree._Element | None = None, line: int | None = None) -> None:
        """That a rule is broken here. Whether it blocks the deployment is the table's to say."""
        severity = severity_of(code)
        found = self.problems[severity]
        if len(found) >= MOST_PROBLEMS:
            self.left_out[severity] += 1
            return
        found.append(
            Problem(
                code=code,
                message=message if len(message) <= MOST_WORDS else f"{message[:MOST_WORDS]}…",
                severity=severity,
                element_id=None if node is None else owner_id(node),
                line=line if line is not None or node is None else line_of(node),
            )
        )

    @property
    def full(self) -> bool:
        """Whether no further error would be told: what costs much to find may be left out."""
        return len(self.problems["error"]) >= MOST_PROBLEMS

    def sorted(self) -> list[Problem]:
        """Errors first, then by line; a finding said twice is kept once."""
        result: list[Problem] = []
        for severity, code in (("error", "too_many_problems"), ("warning", "too_many_warnings")):
            if self.left_out[severity]:
                words = f"There are {self.left_out[severity]:,} more {severity}s than the first {MOST_PROBLEMS}."
                result.append(Problem(code, words, severity_of(code)))
            result += sorted(dict.fromkeys(self.problems[severity]), key=lambda problem: problem.line or 0)
        return result


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
