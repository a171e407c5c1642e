"""What cannot run and what will surely go wrong, found before a diagram is deployed: all of it at once."""

from __future__ import annotations

from lxml import etree

from bpmn.problems import Problem


def find_problems(root: etree._Element) -> list[Problem]:
    """Errors first, then warnings, each in document order."""
    return []
