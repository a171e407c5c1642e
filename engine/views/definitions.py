"""Deployments, process definitions, their files and what their instances amount to."""

from __future__ import annotations

import re
from typing import Any

import bpmn
from engine.actors import Actor
from engine.errors import NotFound
from engine.forms import form_fields
from engine.queries import GetDefinition, GetDefinitionStatistics, GetDefinitionXml, ListDefinitions, ListDeployments
from engine.reading import Reading
from engine.records import DefinitionStatistics, Deployment, ElementStatistics, Page, ProcessDefinition
from engine.store import reading_definitions as store
from engine.store.rows import Row
from engine.views import paging

_DECLARATION = re.compile(rb"\A\s*<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")
_DECLARED = re.compile(r"(\A\s*<\?xml[^>]*?encoding\s*=\s*[\"'])[A-Za-z0-9._-]+")

# What a file begins with that needs no declaration: a byte order mark, or `<` in two bytes.
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"<\x00", "utf-16-le"),
    (b"\x00<", "utf-16-be"),
)


def list_deployments(query: ListDeployments, actor: Actor, reading: Reading) -> Page[Deployment]:
    """Newest first, each with its definitions."""
    before = paging.text(query.cursor, "deployments")
    rows = store.deployments(reading.connection, actor.tenant_id, before, query.limit + 1)
    rows, following = paging.cut(rows, query.limit, "deployments", lambda row: row.id)
    definitions: dict[str, list[ProcessDefinition]] = {row.id: [] for row in rows}
    for row in store.definitions_of(reading.connection, list(definitions)):
        definitions[row.deployment_id].append(_record(row, reading))
    items = [
        Deployment(
            id=row.id,
            name=row.name,
            deployed_at=row.deployed_at,
            deployed_by=row.deployed_by,
            created=True,
            definitions=definitions[row.id],
        )
        for row in rows
    ]
    return Page(items=items, next_cursor=following)


def list_definitions(query: ListDefinitions, actor: Actor, reading: Reading) -> Page[ProcessDefinition]:
    """By key; the newest version of each first, or alone."""
    after = paging.text_and_number(query.cursor, "definitions")
    find = store.latest_definitions if query.latest else store.definitions
    rows = find(reading.connection, actor.tenant_id, query.key, after, query.limit + 1)
    return paging.page(
        rows,
        query.limit,
        lambda row: _record(row, reading),
        "definitions",
        lambda row: (row.key, row.version),
    )


def get_definition(query: GetDefinition, actor: Actor, reading: Reading) -> ProcessDefinition:
    """One version of a process."""
    return _record(_found(reading, actor, query.id), reading)


def get_definition_xml(query: GetDefinitionXml, actor: Actor, reading: Reading) -> str:
    """The file as it was deployed. Text has no encoding of its own and will travel as UTF-8, so a file that declared
    another one now declares that."""
    content = store.source(reading.connection, actor.tenant_id, query.id)
    if content is None:
        raise _not_found(query.id)
    return xml_text(content)


def get_definition_statistics(query: GetDefinitionStatistics, actor: Actor, reading: Reading) -> DefinitionStatistics:
    """Per element: what is there now, and what has been."""
    _found(reading, actor, query.id)
    states = store.instances_by_state(reading.connection, query.id)
    incidents = store.open_incidents_by_element(reading.connection, actor.tenant_id, query.id)
    counted: dict[str, dict[str, int]] = {element_id: {} for element_id in incidents}
    for row in store.activities_by_state(reading.connection, query.id):
        counted.setdefault(row.element_id, {})[row.state] = row.number
    repeating = [element.id for element in reading.definitions.get(query.id).elements.values() if element.repeats]
    if repeating:
        for row in store.repetitions_by_state(reading.connection, query.id, repeating):
            counted[row.element_id][row.state] -= row.number
    return DefinitionStatistics(
        instances=sum(states.values()),
        active=states.get("active", 0) + states.get("suspended", 0),
        elements=[
            ElementStatistics(
                element_id=element_id,
                # what failed is still there: it waits for a repair
                active=numbers.get("active", 0) + numbers.get("failed", 0),
                completed=numbers.get("completed", 0),
                cancelled=numbers.get("cancelled", 0),
                incidents=incidents.get(element_id, 0),
            )
            for element_id, numbers in sorted(counted.items())
        ],
    )


def definition_record(row: Any, definition: bpmn.ProcessDefinition) -> ProcessDefinition:
    """The record of a row of `process_definition`, with the definition as it runs."""
    return ProcessDefinition(
        id=row.id,
        key=row.key,
        version=row.version,
        name=row.name,
        deployment_id=row.deployment_id,
        file_name=row.file_name,
        deployed_at=row.deployed_at,
        deployed_by=row.deployed_by,
        start_fields=form_fields(definition.start_fields),
    )


def xml_text(content: bytes) -> str:
    """An XML file as text: decoded as its first bytes say, else as it declares, else as UTF-8. It was parsed when it
    was deployed, so what this cannot read is rare enough to be shown with replacement characters."""
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), None)
    if encoding is None:
        declared = _DECLARATION.match(content)
        encoding = declared[1].decode() if declared else "utf-8"
    try:
        text = content.decode(encoding, errors="replace")
    except LookupError:
        text = content.decode(errors="replace")
    return _DECLARED.sub(r"\g<1>UTF-8", text)


def _record(row: Row[Any], reading: Reading) -> ProcessDefinition:
    return definition_record(row, reading.definitions.get(row.id))


def _found(reading: Reading, actor: Actor, definition_id: str) -> Row[Any]:
    row = store.definition(reading.connection, actor.tenant_id, definition_id)
    if row is None:
        raise _not_found(definition_id)
    return row


def _not_found(definition_id: str) -> NotFound:
    return NotFound(f"There is no process definition {definition_id[:80]!r}.")
