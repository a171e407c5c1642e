"""Diagrams with events, for tests of the engine: small XML in the words of a test."""

from __future__ import annotations

import itertools

from scene import flow


def timer(kind: str, text: str) -> str:
    """A timer event definition: date, duration or cycle."""
    tag = {"date": "timeDate", "duration": "timeDuration", "cycle": "timeCycle"}[kind]
    return f"<bpmn:timerEventDefinition><bpmn:{tag}>{text}</bpmn:{tag}></bpmn:timerEventDefinition>"


def message(ref: str, keys: dict[str, str] | None = None, payload: dict[str, str] | None = None) -> str:
    """A message event definition; keys and payload are expressions."""
    inside = "".join(f'<signalbox:correlation key="{key}" value="{value}"/>' for key, value in (keys or {}).items())
    inside += "".join(f'<signalbox:payload name="{name}" value="{value}"/>' for name, value in (payload or {}).items())
    extensions = f"<bpmn:extensionElements>{inside}</bpmn:extensionElements>" if inside else ""
    return f'<bpmn:messageEventDefinition messageRef="{ref}">{extensions}</bpmn:messageEventDefinition>'


def signal(ref: str, payload: dict[str, str] | None = None) -> str:
    inside = "".join(f'<signalbox:payload name="{name}" value="{value}"/>' for name, value in (payload or {}).items())
    extensions = f"<bpmn:extensionElements>{inside}</bpmn:extensionElements>" if inside else ""
    return f'<bpmn:signalEventDefinition signalRef="{ref}">{extensions}</bpmn:signalEventDefinition>'


def error(ref: str | None = None) -> str:
    return f'<bpmn:errorEventDefinition errorRef="{ref}"/>' if ref else "<bpmn:errorEventDefinition/>"


def escalation(ref: str | None = None) -> str:
    return f'<bpmn:escalationEventDefinition escalationRef="{ref}"/>' if ref else "<bpmn:escalationEventDefinition/>"


def catch(id: str, definition: str) -> str:
    return f'<bpmn:intermediateCatchEvent id="{id}">{definition}</bpmn:intermediateCatchEvent>'


def throw(id: str, definition: str) -> str:
    return f'<bpmn:intermediateThrowEvent id="{id}">{definition}</bpmn:intermediateThrowEvent>'


def boundary(id: str, host: str, definition: str, *, interrupting: bool = True) -> str:
    """A boundary event with an end event `<id>_end` behind it."""
    stays = "" if interrupting else ' cancelActivity="false"'
    return (
        f'<bpmn:boundaryEvent id="{id}" attachedToRef="{host}"{stays}>{definition}</bpmn:boundaryEvent>'
        f'<bpmn:endEvent id="{id}_end"/>' + flow(id, f"{id}_end")
    )


def start(id: str, definition: str, *elements: str) -> str:
    """A line that begins with an event, instead of `line`."""
    chain = [f'<bpmn:startEvent id="{id}">{definition}</bpmn:startEvent>', *elements, f'<bpmn:endEvent id="{id}_end"/>']
    ids = [element.split('id="')[1].split('"')[0] for element in chain]
    return "".join(chain) + "".join(flow(a, b) for a, b in itertools.pairwise(ids))


def call(id: str, key: str, inside: str = "", **attributes: str) -> str:
    """A call activity; `inside` its mappings."""
    more = " ".join(f'signalbox:{name}="{value}"' for name, value in attributes.items())
    extensions = f"<bpmn:extensionElements>{inside}</bpmn:extensionElements>" if inside else ""
    return f'<bpmn:callActivity id="{id}" calledElement="{key}" {more}>{extensions}</bpmn:callActivity>'


#: What events refer to, outside of the process: messages, signals, errors and escalations by the name `paid` etc.
OUTSIDE = (
    '<bpmn:message id="paid" name="paid"/><bpmn:message id="ordered" name="ordered"/>'
    '<bpmn:signal id="alarm" name="alarm"/><bpmn:error id="broke" name="broke" errorCode="broke"/>'
    '<bpmn:escalation id="late" name="late" escalationCode="late"/>'
)
