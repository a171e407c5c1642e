"""What cannot run and what will surely go wrong, found before a diagram is deployed: all of it at once.

One module a subject; each rule names the clause of BPMN 2.0.2 it holds. Errors block a deployment, warnings do not.
"""

from __future__ import annotations

from lxml import etree

from bpmn.elements import q
from bpmn.problems import Problem
from bpmn.validation import content, extensions, flows, ids, structure
from bpmn.validation.findings import Findings


def find_problems(root: etree._Element) -> list[Problem]:
    """Errors first, then warnings, each in document order."""
    findings = Findings()
    if structure.check_root(root, findings):
        known = ids.check(root, findings)
        messages = structure.messages_of(root)
        content.check_language(root, findings)
        for scope in structure.executable_scopes(root, findings):
            structure.check_scope(scope, messages, findings)
            flows.check_scope(scope, known, findings)
            content.check_scope(scope, findings)
            if scope.tag == q("process"):
                extensions.check_process(scope, findings)
    return findings.sorted()
