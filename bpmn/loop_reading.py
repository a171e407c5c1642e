"""What loops and multi-instance activities say, checked and typed (BPMN 2.0.2, 10.3.7)."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from bpmn import events
from bpmn.elements import flag, local_reference, q, x
from bpmn.evaluation import Expression
from bpmn.event_reading import Declarations, expression_of, read_event, read_events
from bpmn.extensions import ExtensionFault
from bpmn.iterations import Loop

_BEHAVIORS = {"None": "none", "One": "one", "All": "all", "Complex": "complex"}


def read_loop(node: etree._Element, declared: Declarations, data: Mapping[str, str]) -> Loop | None:
    """Standard loop or multi-instance of an activity (10.3.7). `data`: the variable of each data element, by id."""
    standard = node.find(q("standardLoopCharacteristics"))
    if standard is not None:
        condition = standard.find(q("loopCondition"))
        maximum = standard.get("loopMaximum")
        if condition is None and maximum is None:
            raise ExtensionFault("loop_endless", "A loop has neither a condition nor a maximum.", standard)
        if maximum is not None and not maximum.strip().isdecimal():
            raise ExtensionFault("bad_number", f"loopMaximum is {maximum!r}, not a whole number.", standard)
        return Loop(
            standard=True,
            condition=None if condition is None else expression_of(condition),
            test_before=flag(standard, "testBefore"),
            maximum=None if maximum is None else int(maximum),
        )
    several = node.find(q("multiInstanceLoopCharacteristics"))
    return None if several is None else _multi_instance(several, declared, data)


def _multi_instance(node: etree._Element, declared: Declarations, data: Mapping[str, str]) -> Loop:
    cardinality = node.find(q("loopCardinality"))
    collection = node.get(x("collection")) or _referred(node, "loopDataInputRef", data)
    if (cardinality is None) == (not collection):
        raise ExtensionFault(
            "multi_instance_count", "A multi-instance activity has either a cardinality or a collection.", node
        )
    item = node.find(q("inputDataItem"))
    result = node.find(q("outputDataItem"))
    completion = node.find(q("completionCondition"))
    output = node.get(x("outputElement")) or ("" if result is None else result.get("name") or result.get("id") or "")
    behavior = _BEHAVIORS.get(node.get("behavior", "All"))
    if behavior is None:
        raise ExtensionFault("multi_instance_behavior", f"The behavior {node.get('behavior')!r} is unknown.", node)
    return Loop(
        sequential=flag(node, "isSequential"),
        condition=None if completion is None else expression_of(completion),
        cardinality=None if cardinality is None else expression_of(cardinality),
        collection=None if not collection else expression_of(node, collection),
        item=node.get(x("elementVariable")) or (None if item is None else item.get("name") or item.get("id")),
        output_collection=node.get(x("outputCollection")) or _referred(node, "loopDataOutputRef", data) or None,
        output=expression_of(node, output) if output else None,
        behavior=behavior,
        events=_behavior_events(node, behavior, declared),
    )


def _behavior_events(
    node: etree._Element, behavior: str, declared: Declarations
) -> tuple[tuple[Expression | None, events.Definition], ...]:
    if behavior in ("none", "one"):
        reference = node.get(f"{behavior}BehaviorEventRef")
        found = declared.definitions.get(local_reference(reference or ""))
        if reference is None:
            return ()
        if found is None:
            raise ExtensionFault("dangling_reference", f"The event definition {reference} is not in this file.", node)
        return ((None, read_event(found, declared, node)),)
    if behavior == "complex":
        result = []
        for entry in node.findall(q("complexBehaviorDefinition")):
            condition, event = entry.find(q("condition")), entry.find(q("event"))
            if condition is None or event is None:
                raise ExtensionFault(
                    "multi_instance_behavior", "A complex behavior needs a condition and an event.", entry
                )
            for thrown in read_events(event, declared):
                result.append((expression_of(condition), thrown))
        return tuple(result)
    return ()


def _referred(node: etree._Element, tag: str, data: Mapping[str, str]) -> str:
    """The variable that a reference to a collection stands for. A data input or output of the activity itself stands
    for what is associated with it; what is no data element is a variable's own name."""
    reference = local_reference(node.findtext(q(tag)) or "")
    activity = node.getparent()
    if activity is not None:
        inward = tag == "loopDataInputRef"
        ends = (q("targetRef"), q("sourceRef")) if inward else (q("sourceRef"), q("targetRef"))
        for association in activity.findall(q("dataInputAssociation" if inward else "dataOutputAssociation")):
            near, far = (local_reference(association.findtext(end) or "") for end in ends)
            if near == reference and far:
                reference = far
                break
    return data.get(reference, reference)
