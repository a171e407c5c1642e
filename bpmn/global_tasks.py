"""Global tasks: tasks of no process, which call activities use from wherever they are (BPMN 2.0.2, 10.3.7).

What is called is a process. So a global task is read as a process of its id and name that holds nothing but the task,
whose own id is `<id>.task`. Its inputs, outputs and extensions are those of the task.
"""

from __future__ import annotations

from lxml import etree

from bpmn.elements import q

#: As what each of them is read.
_TASKS = {
    q("globalTask"): q("task"),
    q("globalUserTask"): q("userTask"),
    q("globalManualTask"): q("manualTask"),
    q("globalScriptTask"): q("scriptTask"),
    q("globalBusinessRuleTask"): q("businessRuleTask"),
}
#: What a callable element may hold and a task may not: interfaces of services, which nothing here calls.
_OF_CALLABLES = (q("ioBinding"), q("supportedInterfaceRef"))


def as_processes(root: etree._Element) -> None:
    """Turn the global tasks of a document into processes, behind those that are drawn. One without an id cannot be
    called and stays what it is."""
    tasks = [node for node in root.iterchildren(*_TASKS) if node.get("id")]
    if not tasks:
        return
    taken = {node.get("id") for node in root.iter("*")}
    for node in tasks:
        _enclose(node, etree.SubElement(root, q("process")), taken)


def _enclose(node: etree._Element, process: etree._Element, taken: set[str | None]) -> None:
    process.set("id", node.get("id", ""))
    process.set("isExecutable", "true")
    if node.get("name"):
        process.set("name", node.get("name", ""))
    process.sourceline = node.sourceline
    process.append(node)  # and away from where it was
    node.tag = _TASKS[str(node.tag)]
    inside = f"{node.get('id')}.task"
    while inside in taken:
        inside += "_"
    taken.add(inside)
    node.set("id", inside)
    if "scriptLanguage" in node.attrib:
        node.set("scriptFormat", node.attrib.pop("scriptLanguage"))
    for child in node.findall("*"):
        if child.tag in _OF_CALLABLES:
            node.remove(child)
