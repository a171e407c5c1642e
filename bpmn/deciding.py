"""When nothing can run: the joins that wait for what can still come decide, and dead ends are told.

An inclusive or complex join can only be decided when the tokens that move by themselves have moved (13.4.3).
"""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from bpmn import effects
from bpmn.evaluation import EvaluationFailed
from bpmn.joins import Reset

if TYPE_CHECKING:
    from bpmn.execution import Execution
    from bpmn.scopes import TokenScope


def look_again(execution: Execution) -> bool:
    """True if a join fired."""
    for (_, element), scope in list(execution.undecided.items()):
        spec: Any = scope.spec.task_specs[element]
        try:
            fired = spec.look_again(scope)
        except EvaluationFailed as failure:
            _tell_once(execution, scope, element, "condition_failed", str(failure))
            continue
        place = f"{scope.number}:{element}"
        if execution.told.get(place) == "condition_failed":
            _over(execution, place)
        if fired:
            return True
    for number, element in execution.resetting.keys() - execution.undecided.keys():
        scope = execution.scope(number)
        if scope.spec.task_specs[element].look_again(scope):
            return True
    for number in {number for number, _ in execution.undecided}:
        scope = execution.scope(number)
        if scope.alive == 0:
            dead_end(execution, scope)
    return False


def dead_end(execution: Execution, scope: TokenScope) -> None:
    """Every token of the scope waits at a join for a flow on which nothing can come any more."""
    for element, join in scope.waiting.items():
        missing = [flow for flow in scope.spec.task_specs[element].incoming if flow not in join.queues]
        flows = [execution.definition.flows[flow] for flow in missing]
        words = ", ".join(f"{flow.id} (from {flow.source})" for flow in flows) or "more tokens"
        message = f"The join {element} waits for {words}, but nothing can arrive there any more."
        _tell_once(execution, scope, element, "dead_end", message)


def _tell_once(execution: Execution, scope: TokenScope, element: str, kind: str, message: str) -> None:
    place = f"{scope.number}:{element}"
    if place not in execution.told:
        execution.told[place] = kind
        execution.emit(effects.RaiseIncident(None, None, element, kind, message))


def settle_told(execution: Execution) -> None:
    """What was told of joins is over when they wait no longer: they fired, or their scope ended."""
    for place in list(execution.told):
        number, element = place.split(":", 1)
        scope = execution if int(number) == execution.number else execution.subprocesses.get(int(number))
        if scope is None or element not in scope.waiting:
            _over(execution, place)


def _over(execution: Execution, place: str) -> None:
    kind = execution.told.pop(place)
    execution.emit(effects.IncidentOver(place.split(":", 1)[1], kind))


def forget_resets(execution: Execution, scope: TokenScope) -> None:
    """The scope is over: its complex gateways wait for nothing more."""
    for number, element in list(execution.resetting):
        if number == scope.number:
            set_resetting(execution, scope, element, None)


def set_resetting(execution: Execution, scope: TokenScope, element: str, flows: list[str] | None) -> None:
    """A complex gateway fired and waits for its other flows, or has reset."""
    place = (scope.number, element)
    name = f"g{scope.number}.{blake2b(element.encode(), digest_size=8).hexdigest()}"
    if flows is None:
        execution.resetting.pop(place, None)
        execution.kept.drop(name)
    else:
        execution.resetting[place] = Reset(flows)
        execution.kept.store(name, json.dumps([scope.number, element, flows]))
