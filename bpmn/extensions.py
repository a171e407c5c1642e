"""The typed reading of our extension elements and attributes (described for the modeler in extensions.json)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import isfinite
from typing import Any, Literal, cast, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lxml import etree

from bpmn.effects import FormField
from bpmn.elements import BOOLEANS, q, x
from bpmn.xml import line_of

FieldType = Literal["string", "text", "integer", "number", "boolean", "date", "enum"]
FIELD_TYPES: tuple[str, ...] = get_args(FieldType)

DEFAULT_PRIORITY = 50
DEFAULT_RETRIES = 3


class ExtensionFault(Exception):
    """An extension element or attribute says something it may not: what, and on which line."""

    def __init__(self, code: str, message: str, node: etree._Element):
        super().__init__(message)
        self.code = code
        self.message = message
        self.line = line_of(node)


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who may do a user task; texts with `{{places}}`, lists separated by commas."""

    assignee: str = ""
    candidate_users: str = ""
    candidate_groups: str = ""
    priority: int = DEFAULT_PRIORITY


@dataclass(frozen=True, slots=True)
class External:
    """The work of a service task."""

    topic: str = ""
    retries: int = DEFAULT_RETRIES
    headers: tuple[tuple[str, str], ...] = ()


def read_integer(node: etree._Element, name: str, default: int, low: int, high: int) -> int:
    """An integer attribute of ours. Raises `ExtensionFault`."""
    text = node.get(x(name))
    if text is None:
        return default
    try:
        value = int(text)
    except ValueError:
        raise ExtensionFault("bad_number", f"{name} is {text!r}, not a whole number.", node) from None
    if not low <= value <= high:
        raise ExtensionFault("bad_number", f"{name} is {value}; it may be {low} to {high}.", node)
    return value


def read_time_zone(node: etree._Element) -> str | None:
    """The time zone of a process, by its name in the tz database. Raises `ExtensionFault`."""
    name = node.get(x("timeZone"), "").strip()
    if not name:
        return None
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ExtensionFault(
            "time_zone", f"timeZone is {name[:80]!r}, which is no time zone known here, such as Europe/Berlin.", node
        ) from None
    return name


def read_assignment(node: etree._Element, lane_group: str | None) -> Assignment:
    """A user task's; one without any takes its lane's group. Raises `ExtensionFault`."""
    assignee = node.get(x("assignee"), "").strip()
    users = node.get(x("candidateUsers"), "").strip()
    groups = node.get(x("candidateGroups"), "").strip()
    if not (assignee or users or groups):
        groups = lane_group or ""
    return Assignment(assignee, users, groups, read_integer(node, "priority", DEFAULT_PRIORITY, 0, 100))


def read_external(node: etree._Element) -> External:
    """A service task's. Raises `ExtensionFault`."""
    topic = node.get(x("topic"), "").strip()
    if not topic:
        raise ExtensionFault(
            "topic_missing", "A service task needs a topic (signalbox:topic) that its workers fetch.", node
        )
    if len(topic) > 255:
        raise ExtensionFault("topic_too_long", "The topic is longer than 255 characters.", node)
    headers = []
    for header in node.findall(f"{q('extensionElements')}/{x('headers')}/{x('header')}"):
        name = header.get("name", "").strip()
        if not name:
            raise ExtensionFault("header_name_missing", "A header has no name.", header)
        headers.append((name, header.get("value", "")))
    return External(topic, read_integer(node, "retries", DEFAULT_RETRIES, 1, 1_000), tuple(headers))


def read_outputs(node: etree._Element) -> frozenset[str] | None:
    """The names a script task declares as its results, or None."""
    text = node.get(x("outputs"))
    if text is None or not text.strip():
        return None
    return frozenset(part.strip() for part in text.split(",") if part.strip())


def read_fields(node: etree._Element) -> tuple[FormField, ...]:
    """The declared fields of a form. Raises `ExtensionFault`."""
    fields: list[FormField] = []
    names: set[str] = set()
    for item in node.findall(f"{q('extensionElements')}/{x('form')}/{x('field')}"):
        name = item.get("name", "").strip()
        if not name.isidentifier() or name.startswith("_"):
            raise ExtensionFault(
                "field_name", f"A form field is called {name!r}; it needs a name usable as a variable.", item
            )
        if name in names:
            raise ExtensionFault("field_twice", f"The form has two fields called {name}.", item)
        names.add(name)
        kind = item.get("type", "string")
        if kind not in FIELD_TYPES:
            raise ExtensionFault(
                "field_type",
                f"Field {name} has the type {kind!r}; possible are {', '.join(FIELD_TYPES)}.",
                item,
            )
        options = tuple(
            (o.get("value") or "", o.get("label") or o.get("value") or "") for o in item.findall(x("option"))
        )
        if kind == "enum" and not options:
            raise ExtensionFault("field_options", f"Field {name} is an enum without options.", item)
        fields.append(
            FormField(
                name=name,
                label=item.get("label") or name,
                type=cast(FieldType, kind),
                required=BOOLEANS.get(item.get("required", "").strip(), False),
                read_only=BOOLEANS.get(item.get("readOnly", "").strip(), False),
                default=_default(item, name, kind, options),
                options=options,
            )
        )
    return tuple(fields)


def _default(item: etree._Element, name: str, kind: str, options: tuple[tuple[str, str], ...]) -> Any:
    text = item.get("default")
    if text is None or text == "":
        return None
    try:
        if kind == "integer":
            return int(text)
        if kind == "number":
            number = float(text)
            if not isfinite(number):
                raise ValueError
            return number
        if kind == "boolean":
            return {"true": True, "false": False}[text]
        if kind == "date":
            return date.fromisoformat(text).isoformat()
        if kind == "enum" and text not in {value for value, _ in options}:
            raise ValueError
    except (ValueError, KeyError):
        raise ExtensionFault("field_default", f"The default {text!r} of field {name} is no {kind}.", item) from None
    return text
