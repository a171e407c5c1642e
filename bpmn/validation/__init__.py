"""What cannot run and what will surely go wrong, found before a diagram is deployed: all of it at once.

One module a subject; each rule names the clause of BPMN 2.0.2 it holds. Errors block a deployment, warnings do not.
"""

from __future__ import annotations

from collections.abc import Collection

from lxml import etree

from bpmn.elements import q
from bpmn.event_reading import Declarations
from bpmn.problems import Problem
from bpmn.validation import content, events, extensions, flows, ids, service, structure
from bpmn.validation.findings import Findings
from bpmn.validation.graph import Graph


def find_problems(root: etree._Element, refuse: Collection[str] = ()) -> list[Problem]:
    """Errors first, then warnings, each in document order."""
    findings = Findings()
    if structure.check_root(root, findings):
        known = ids.check(root, findings)
        declared = Declarations.of(root)
        content.check_language(root, findings)
        for scope in structure.executable_scopes(root, findings):
            structure.check_scope(scope, findings)
            graph = Graph(scope, known)
            events.check_scope(graph, declared, findings)
            if refuse:
                service.check_scope(graph, declared, refuse, findings)
            flows.check_scope(graph, findings)
            content.check_scope(scope, declared, findings)
            if scope.tag == q("process"):
                extensions.check_process(scope, findings)
    return findings.sorted()
