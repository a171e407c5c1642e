"""Reads event definitions and mappings from XML. Raises `ExtensionFault` for what cannot be read, so that the
checks before a deployment and the parser say the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from keyword import iskeyword
from typing import NamedTuple

from lxml import etree

from bpmn import events, timers
from bpmn.correlation import Correlations
from bpmn.elements import flag, local_reference, q, x
from bpmn.evaluation import Expression
from bpmn.extensions import ExtensionFault
from bpmn.scripts import ScriptFault, read_expression
from bpmn.stores import Store

_TIMES = {"timeDate": "date", "timeDuration": "duration", "timeCycle": "cycle"}
_PLACEHOLDER = "__targetRef_placeholder"


@dataclass(frozen=True, slots=True)
class Declarations:
    """What a document declares for its events to refer to, by id."""

    messages: Mapping[str, etree._Element]
    signals: Mapping[str, etree._Element]
    errors: Mapping[str, etree._Element]
    escalations: Mapping[str, etree._Element]
    definitions: Mapping[str, etree._Element]
    correlations: Correlations

    @classmethod
    def of(cls, root: etree._Element) -> Declarations:
        """Those of a document."""

        def by_id(tag: str) -> dict[str, etree._Element]:
            return {node.get("id", ""): node for node in root.findall(q(tag))}

        definitions = {
            node.get("id", ""): node
            for node in root.iterchildren("*")
            if node.tag.endswith("EventDefinition") and node.get("id")
        }
        return cls(
            by_id("message"),
            by_id("signal"),
            by_id("error"),
            by_id("escalation"),
            definitions,
            Correlations(root),
        )


def definition_nodes(node: etree._Element, declared: Declarations) -> list[etree._Element]:
    """The event definitions of an event: its own and those it refers to."""
    found = []
    for child in node.iterchildren("*"):
        if child.tag == q("eventDefinitionRef"):
            name = local_reference(child.text or "")
            if name not in declared.definitions:
                raise ExtensionFault("dangling_reference", f"The event definition {name!r} is not in this file.", child)
            found.append(declared.definitions[name])
        elif child.tag.endswith("EventDefinition"):
            found.append(child)
    return found


def read_events(node: etree._Element, declared: Declarations) -> tuple[events.Definition, ...]:
    """The events that an element waits for or throws."""
    return tuple(read_event(child, declared, node) for child in definition_nodes(node, declared))


def kind_of_event(base: str, found: Sequence[events.Definition]) -> str:
    """The kind of an event element, by what it waits for or throws."""
    if not found:
        return base
    return f"{type(found[0]).__name__.lower() if len(found) == 1 else 'multiple'}_{base}"


def read_event(node: etree._Element, declared: Declarations, at: etree._Element | None = None) -> events.Definition:
    """One event definition, which may stand elsewhere than `at` its event."""
    match etree.QName(node).localname:
        case "messageEventDefinition":
            return read_message(node, declared, at)
        case "timerEventDefinition":
            return _timer(node)
        case "signalEventDefinition":
            signal = _declared(node, "signalRef", declared.signals, "signal")
            return events.Signal(events.Text(_name(signal, "signal")), read_pairs(node, "payload", "name"))
        case "errorEventDefinition":
            error = _declared(node, "errorRef", declared.errors, "error", optional=True)
            code = None if error is None else error.get("errorCode") or error.get("name") or None
            message = None if error is None else error.get("name")
            return events.Error(code, message, node.get(x("variable")))
        case "escalationEventDefinition":
            escalation = _declared(node, "escalationRef", declared.escalations, "escalation", optional=True)
            code = None if escalation is None else escalation.get("escalationCode") or escalation.get("name") or None
            return events.Escalation(code, node.get(x("variable")))
        case "conditionalEventDefinition":
            condition = node.find(q("condition"))
            if condition is None:
                raise ExtensionFault("condition_missing", "A conditional event has no condition.", node)
            return events.Conditional(expression_of(condition))
        case "compensateEventDefinition":
            return events.Compensation(
                local_reference(node.get("activityRef", "")) or None, flag(node, "waitForCompletion")
            )
        case "linkEventDefinition":
            if not (node.get("name") or "").strip():
                raise ExtensionFault("link_name_missing", "A link event has no link name.", node)
            return events.Link(node.get("name", "").strip())
        case "cancelEventDefinition":
            return events.Cancel()
        case "terminateEventDefinition":
            return events.Terminate()
        case other:
            raise ExtensionFault("unsupported_event", f"<{other}> is not an event definition of BPMN 2.0.", node)


def read_message(node: etree._Element, declared: Declarations, at: etree._Element | None = None) -> events.Message:
    """The message that an event definition, send task or receive task refers to. The standard wants a reference of
    every message that runs (Table 10.89); where there is none, the message of the one message flow there is meant."""
    at = node if at is None else at
    by_flow = declared.correlations.flows.get(at.get("id", "")) if node.get("messageRef") is None else None
    message = declared.messages.get(by_flow or "")
    if message is None:
        message = _declared(node, "messageRef", declared.messages, "message")
    found = events.Message(
        name=events.Text(_name(message, "message")),
        keys=read_pairs(node, "correlation", "key"),
        payload=read_pairs(node, "payload", "name"),
        variable=node.get(x("variable")),
        time_to_live=_time_to_live(node),
    )
    read = declared.correlations.read(found, message, at)
    names = {name for name, _ in read.keys} | {one.name for one in read.properties}
    if len(names) > events.MOST_KEYS:
        raise ExtensionFault(
            "too_many_keys",
            f"The message {read.name.source} has {len(names)} correlation keys; at most {events.MOST_KEYS} are taken.",
            node,
        )
    return read


def _time_to_live(node: etree._Element) -> str | None:
    text = node.get(x("timeToLive"))
    if text is not None:
        try:
            timers.check("duration", text)
        except timers.NotATime as fault:
            raise ExtensionFault("time_to_live", f"The time to live: {fault}", node) from None
    return text


def _declared(
    node: etree._Element, attribute: str, among: Mapping[str, etree._Element], what: str, optional: bool = False
) -> etree._Element:
    reference = node.get(attribute)
    if reference is None and optional:
        return None  # type: ignore[return-value]
    found = among.get(local_reference(reference or ""))
    if found is None:
        raise ExtensionFault(f"{what}_missing", f"No {what} is named ({attribute}) that is in this file.", node)
    return found


def _name(node: etree._Element, what: str) -> str:
    name = (node.get("name") or "").strip()
    if not name:
        raise ExtensionFault(f"{what}_name_missing", f"The {what} {node.get('id')} has no name.", node)
    return name


def expression_of(node: etree._Element, text: str | None = None) -> Expression:
    """A Python expression. Raises `ExtensionFault`."""
    source = (node.text if text is None else text) or ""
    stripped = source.strip()
    if (stripped.startswith("=") and not stripped.startswith("==")) or stripped.startswith(("${", "#{")):
        raise ExtensionFault(
            "language_unsupported", f"{stripped[:80]!r} is FEEL or JUEL; expressions are Python.", node
        )
    try:
        return read_expression(source)
    except ScriptFault as fault:
        raise ExtensionFault(
            "expression_syntax", f"{stripped[:80]!r} cannot be read. {fault.message.rstrip('.')}.", node
        ) from None


def read_pairs(node: etree._Element, tag: str, key: str) -> tuple[tuple[str, Expression], ...]:
    """`<signalbox:tag key="…" value="expression"/>` entries of an element's extensions."""
    found = []
    for item in node.findall(f"{q('extensionElements')}/{x(tag)}"):
        name = (item.get(key) or "").strip()
        if not name:
            raise ExtensionFault(f"{tag}_name_missing", f"A {tag} entry has no {key}.", item)
        found.append((name, expression_of(item, item.get("value") or name)))
    return tuple(found)


def read_names(node: etree._Element, data: Mapping[str, str]) -> tuple[str, ...]:
    """The variables that an activity or scope declares: its data objects, properties and outputs."""
    declaring = [
        *node.iterchildren(q("dataObject"), q("property")),
        *node.findall(f"{q('ioSpecification')}/{q('dataOutput')}"),
    ]
    return tuple(data[child.get("id", "")] for child in declaring if child.get("id", "") in data)


def data_names(root: etree._Element) -> dict[str, str]:
    """The variable that each data element of the document stands for, by id: its name if that can be one, else its id
    (10.4.1). A reference stands for its object. What bpmn-js puts where an association has no target is none."""
    names = {
        node.get("id", ""): _variable(node)
        for node in root.iter(q("dataObject"), q("property"), q("dataInput"), q("dataOutput"), q("dataStoreReference"))
        if not (node.get("name") or "").startswith(_PLACEHOLDER)
    }
    for node in root.iter(q("dataObjectReference")):
        target = local_reference(node.get("dataObjectRef", ""))
        own = _variable(node) if is_variable((node.get("name") or "").strip()) else names.get(target)
        if target in names and own is not None:
            names[target] = own
    for node in root.iter(q("dataObjectReference")):
        names[node.get("id", "")] = names.get(local_reference(node.get("dataObjectRef", "")), _variable(node))
    return names


def _variable(node: etree._Element) -> str:
    name = (node.get("name") or "").strip()
    if is_variable(name):
        return name
    identity = node.get("id", "").replace("-", "_").replace(".", "_")
    return f"{identity}_" if iskeyword(identity) else identity


def is_variable(name: str) -> bool:
    """Whether Python text can mention a variable of that name."""
    return name.isidentifier() and not iskeyword(name)


class Mappings(NamedTuple):
    """What goes into an activity, what comes out (into a variable or a store), and the stores that it reads."""

    inside: tuple[tuple[str, Expression], ...]
    outside: tuple[tuple[str | Store, Expression], ...]
    reads: tuple[Store, ...]


def read_mappings(node: etree._Element, data: Mapping[str, str], stores: Mapping[str, Store] | None = None) -> Mappings:
    """What goes into an activity and what comes out: our own entries, and data associations with their
    transformations and assignments (10.4.2). An association that only draws where data objects are used maps nothing;
    one with a store always does."""
    stores = stores or {}
    inside = list(read_pairs(node, "input", "name"))
    outside: list[tuple[str | Store, Expression]] = list(read_pairs(node, "output", "name"))
    reads: dict[str, Store] = {}
    for association in node.findall(q("dataInputAssociation")):
        mapped = _association(association, data)
        used = [stores[name] for name in _sources(association) if name in stores]
        if used and not mapped:
            mapped = [(store.variable, expression_of(association, store.variable)) for store in used]
        reads.update((store.name, store) for store in used)
        inside += mapped
    for association in node.findall(q("dataOutputAssociation")):
        store = stores.get(_target(association))
        if store is None:
            outside += _association(association, data)
        else:
            outside.append((store, _stored(association, data, store)))
    return Mappings(tuple(inside), tuple(outside), tuple(reads.values()))


def _sources(association: etree._Element) -> list[str]:
    return [local_reference(source.text or "") for source in association.findall(q("sourceRef"))]


def _target(association: etree._Element) -> str:
    return local_reference(association.findtext(q("targetRef")) or "")


def _stored(association: etree._Element, data: Mapping[str, str], store: Store) -> Expression:
    """The value that an association writes into a store."""
    assignments = association.findall(q("assignment"))
    whole = association.find(q("transformation"))
    if whole is None and assignments:
        whole = assignments[0].find(q("from"))
        if whole is None or len(assignments) > 1:
            raise ExtensionFault(
                "assignment", f"The data store {store.name} is written as a whole: by one expression.", assignments[0]
            )
    if whole is not None:
        return expression_of(whole)
    sources = [data[name] for name in _sources(association) if name in data]
    return expression_of(association, sources[0] if len(sources) == 1 else store.variable)


def _association(node: etree._Element, data: Mapping[str, str]) -> list[tuple[str, Expression]]:
    assignments = []
    for assignment in node.findall(q("assignment")):
        target = (assignment.findtext(q("to")) or "").strip()
        source = assignment.find(q("from"))
        if source is None or not is_variable(data.get(target, target)):
            raise ExtensionFault(
                "assignment", "An assignment needs an expression (from) and a variable (to).", assignment
            )
        assignments.append((data.get(target, target), expression_of(source)))
    if assignments:
        return assignments
    drawn = data.get(_target(node))
    transformation = node.find(q("transformation"))
    sources = [data.get(name) for name in _sources(node)]
    if drawn is None:
        return []
    if transformation is not None:
        return [(drawn, expression_of(transformation))]
    if len(sources) == 1 and sources[0] is not None and sources[0] != drawn:
        return [(drawn, expression_of(node, sources[0]))]
    return []


def _timer(node: etree._Element) -> events.Timer:
    given = [(_TIMES[tag], child) for tag in _TIMES for child in node.findall(q(tag))]
    if len(given) != 1:
        raise ExtensionFault(
            "timer_missing", "A timer event has exactly one of timeDate, timeDuration and timeCycle.", node
        )
    kind, child = given[0]
    text = (child.text or "").strip()
    if not text:
        raise ExtensionFault("timer_missing", "The timer event has no time.", child)
    if "{{" in text:
        return events.Timer(kind, events.Text(text))  # type: ignore[arg-type]
    try:
        timers.check(kind, text)
    except timers.NotATime as fault:
        if text[0] in "PR*0123456789-+":
            raise ExtensionFault("timer_syntax", str(fault), child) from None
        return events.Timer(kind, events.Text(text, expression_of(child)))  # type: ignore[arg-type]
    return events.Timer(kind, events.Text(text))  # type: ignore[arg-type]
