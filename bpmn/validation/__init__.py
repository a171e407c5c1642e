"""What cannot run and what will surely go wrong, found before a diagram is deployed: all of it at once.

One module a subject; `bpmn.validation.rules` is the table of all rules, with the clause of BPMN 2.0.2 each holds.
Errors block a deployment, warnings do not.
"""

from __future__ import annotations

from collections.abc import Collection

from lxml import etree

from bpmn.elements import q
from bpmn.event_reading import Declarations
from bpmn.problems import Problem
from bpmn.stores import declared_stores
from bpmn.validation import (
    collaboration,
    conditions,
    conformance,
    content,
    correlation,
    data,
    data_stores,
    events,
    extensions,
    flows,
    gateways,
    ids,
    reach,
    service,
    structure,
)
from bpmn.validation.catching import Catching
from bpmn.validation.findings import Findings
from bpmn.validation.graph import Graph


def find_problems(root: etree._Element, refuse: Collection[str] = (), stores: Collection[str] = ()) -> list[Problem]:
    """Errors first, then warnings, each in document order. `refuse`, `stores`: see `bpmn.check`."""
    findings = Findings()
    if structure.check_root(root, findings) and not structure.is_too_large(root, findings):
        known = ids.check(root, findings)
        conformance.check(root, findings)
        structure.check_layout(root, findings)
        collaboration.check(root, known, findings)
        correlation.check(root, findings)
        declared = Declarations.of(root)
        shared = declared_stores(root)
        content.check_language(root, findings)
        begun: dict[str, etree._Element] = {}
        used = content.Used.of(root)
        catching = Catching(root, declared)
        for scope in structure.executable_scopes(root, findings):
            structure.check_scope(scope, known, findings)
            graph = Graph(scope, known)
            events.check_scope(graph, declared, begun, findings)
            catching.check_scope(scope, findings)
            if refuse:
                service.check_scope(graph, declared, refuse, findings)
            flows.check_scope(graph, findings)
            conditions.check_scope(graph, findings)
            gateways.check_scope(graph, declared, findings)
            reach.check_scope(graph, findings)
            data.check_scope(scope, known, findings)
            data_stores.check_scope(scope, shared, stores, findings)
            content.check_scope(scope, declared, used, findings)
            if scope.tag == q("process"):
                extensions.check_process(scope, findings)
    return findings.sorted()
