"""Data stores: every reference means one that the configuration names (BPMN 2.0.2, 10.4.1)."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from lxml import etree

from bpmn.elements import local_reference, q
from bpmn.stores import store_name
from bpmn.validation.findings import MOST_NAME, Findings, label


def check_scope(
    scope: etree._Element, declared: Mapping[str, etree._Element], stores: Collection[str], findings: Findings
) -> None:
    """The references directly inside a process or sub-process."""
    for node in scope.iterfind(q("dataStoreReference")):
        meant = node.get("dataStoreRef")
        name = store_name(node, declared)
        if meant is not None and local_reference(meant) not in declared:
            words = f"{label(node)} refers to the data store {meant[:MOST_NAME]}, which is not in this file."
            findings.tell("dangling_reference", words, node)
        elif name not in stores:
            known = f"configured: {', '.join(sorted(stores))}" if stores else "none is configured"
            words = f"{label(node)} means the data store {name[:MOST_NAME]!r}, which is not configured ({known})."
            findings.tell("data_store_unknown", words, node)
