"""What the language runs and the caller cannot serve: refused, and said so."""

from __future__ import annotations

import re
from collections.abc import Collection

from bpmn import events as e
from bpmn.elements import SUPPORTED, q
from bpmn.event_reading import Declarations, kind_of_event, read_events, read_message
from bpmn.extensions import ExtensionFault
from bpmn.validation.findings import Findings, label
from bpmn.validation.graph import Graph
from bpmn.validation.ids import tag_of
from bpmn.validation.structure import is_event_sub_process

_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")


def _base_kind(tag: str) -> str:
    """`intermediateCatchEvent` → `intermediate_catch_event`."""
    return _HUMP.sub("_", tag).lower()


def check_scope(graph: Graph, declared: Declarations, refuse: Collection[str], findings: Findings) -> None:
    """The elements directly inside a process or sub-process."""
    for node in graph.nodes.values():
        tag = tag_of(node) or ""
        try:
            found = read_events(node, declared) if tag.endswith("Event") else ()
            message = read_message(node, declared) if tag in ("sendTask", "receiveTask") else None
        except ExtensionFault:
            continue  # said elsewhere
        kinds = ["event_sub_process" if is_event_sub_process(node) else kind_of_event(_base_kind(tag), found)]
        if tag == "startEvent" and found and graph.scope.tag == q("process"):
            kinds.append("event_start")
            if any(isinstance(event, e.Conditional) for event in found):
                kinds.append("conditional_start")
            if node.get("parallelMultiple") == "true" and len(found) > 1:
                kinds.append("parallel_multiple_start")
        if any(isinstance(event, e.Message) and (event.keys or event.properties) for event in (*found, message)):
            kinds.append("correlation_keys")
        for wanted in kinds:
            if wanted in refuse:
                words = SUPPORTED[wanted].title.lower() if wanted in SUPPORTED else _WORDS[wanted]
                findings.tell(
                    "unsupported_element", f"{label(node)} is a {words}, which this release does not run.", node
                )


_WORDS = {
    "event_start": "start of a process by an event",
    "correlation_keys": "message with correlation keys",
    "conditional_start": "start of a process by a condition (outside of an instance nothing has variables to watch)",
    "parallel_multiple_start": "start of a process by several events together",
}
