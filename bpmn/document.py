"""A file as a whole: read it safely, check it, build its definitions."""

from __future__ import annotations

from collections.abc import Collection

from lxml import etree

from bpmn.definition import Document
from bpmn.global_tasks import as_processes
from bpmn.parser import build
from bpmn.problems import DocumentRefused, Problem
from bpmn.validation import find_problems
from bpmn.xml import read_xml


def check(source: bytes, refuse: Collection[str] = (), stores: Collection[str] = ()) -> list[Problem]:
    """Everything that is wrong or suspicious, errors first. Never raises for bad input.

    `refuse`: kinds of `bpmn.elements.SUPPORTED` (and "event_start", "correlation_keys") that the caller cannot serve.
    `stores`: the names of the data stores that there are.
    """
    try:
        return find_problems(_read(source), refuse, stores)
    except DocumentRefused as refusal:
        return refusal.problems


def load(source: bytes) -> Document:
    """The executable processes of a file that was checked when it was deployed. No rule is applied anew: instances run
    on, whatever later releases refuse."""
    return Document(definitions=build(_read(source)))


def parse(source: bytes, refuse: Collection[str] = (), stores: Collection[str] = ()) -> Document:
    """The executable processes of the file. Raises `DocumentRefused` with every problem if there is an error."""
    root = _read(source)
    problems = find_problems(root, refuse, stores)
    if any(problem.severity == "error" for problem in problems):
        raise DocumentRefused(problems)
    return Document(definitions=build(root), problems=tuple(problems))


def _read(source: bytes) -> etree._Element:
    root = read_xml(source)
    as_processes(root)
    return root
