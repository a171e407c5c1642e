"""Data stores: every reference means one that the configuration names (BPMN 2.0.2, 10.4.1)."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from lxml import etree

from bpmn.elements import local_reference, q
from bpmn.parser import is_executable
from bpmn.problems import Problem
from bpmn.stores import declared_stores, store_name
from bpmn.validation.findings import label
from bpmn.xml import line_of


def find(root: etree._Element, stores: Collection[str]) -> Iterator[Problem]:
    """The references in processes that will run which mean no store, or one that is not configured."""
    declared = declared_stores(root)
    configured = f"configured are {', '.join(sorted(stores))}" if stores else "none is configured"
    for process in root.findall(q("process")):
        if not is_executable(process):
            continue
        for node in process.iter(q("dataStoreReference")):
            meant = node.get("dataStoreRef")
            name = store_name(node, declared)
            if meant is not None and local_reference(meant) not in declared:
                words = f"{label(node)} refers to a data store {meant[:80]} that is not in this file."
                yield Problem("dangling_reference", words, element_id=node.get("id"), line=line_of(node))
            elif name not in stores:
                words = f"{label(node)} means the data store {name[:80]!r}, which is not configured; {configured}."
                yield Problem("data_store_unknown", words, element_id=node.get("id"), line=line_of(node))
