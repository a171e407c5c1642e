"""Gateways (BPMN 2.0.2, 13.4)."""

from __future__ import annotations

from collections.abc import Container
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.specs import defaults
from SpiffWorkflow.bpmn.specs.mixins import BpmnSpecMixin

from bpmn import deciding, listeners
from bpmn.failures import NoFlowTaken
from bpmn.joins import Join, Reset, blocks
from bpmn.sandbox import decides, holds
from bpmn.specs.base import TokenSpec, no_flow

if TYPE_CHECKING:
    from bpmn.definition import Flow
    from bpmn.evaluation import Expression
    from bpmn.scopes import TokenScope
    from bpmn.token import Token


class ExclusiveGateway(TokenSpec, defaults.ExclusiveGateway):
    kind = "exclusive_gateway"

    def select(self, my_task: Token) -> list[Flow]:
        """The first flow, in document order, whose condition holds, else the default (13.4.2)."""
        default = None
        for flow in self.outgoing:
            if flow.is_default or flow.condition is None:
                default = flow
            elif holds(my_task, flow):
                return [flow]
        if default is not None:
            return [default]
        if self.outgoing:
            raise NoFlowTaken(no_flow(self))
        return []

    def detail(self, my_task: Token) -> dict[str, Any] | None:
        return decision(self, my_task)


def decision(spec: TokenSpec, token: Token) -> dict[str, Any] | None:
    """Which flows a choice took, by what condition and what values."""
    if len(spec.outgoing) < 2 or not token.leaving:
        return None
    names = sorted(set().union(*(f.condition.reads for f in spec.outgoing if f.condition is not None)))
    values = {name: token.data[name] for name in names if name in token.data}
    first = token.leaving[0]
    found: dict[str, Any] = {
        "flow_id": first.id,
        "condition": first.condition.source if first.condition else None,
        "values": values,
    }
    if len(token.leaving) > 1:
        found["flow_ids"] = [flow.id for flow in token.leaving]
    return found


class ParallelGateway(TokenSpec, defaults.ParallelGateway):
    """Waits for a token on each incoming *flow*; each firing consumes one of each, surplus tokens stay (13.4.1).

    The stock class keys by source element (of two flows from one source it awaits one) and drops surplus tokens.
    """

    kind = "parallel_gateway"

    def _update_hook(self, my_task: Token) -> bool:
        return len(self.incoming) < 2 or bool(my_task.workflow.arrive(my_task))


class InclusiveGateway(TokenSpec, defaults.InclusiveGateway):
    """Waits for every token that can still come to an empty input and to no filled one (13.4.3).

    Decided when nothing else can run (`look_again`), from tables made at parsing; the stock class walks the tree.
    """

    kind = "inclusive_gateway"
    #: element → the incoming flows of this gateway that a token there can reach without passing it
    reach: dict[str, frozenset[str]]
    waits_for_reachable = True

    def _update_hook(self, my_task: Token) -> bool:
        if len(self.incoming) < 2:
            return True
        my_task.workflow.hold(my_task)
        return False

    def look_again(self, scope: TokenScope) -> bool:
        """Fire if nothing that could still come is worth waiting for."""
        join = scope.waiting[self.name]
        if len(join.queues) < len(self.incoming) and blocked(self, scope, join.queues, join):
            return False
        taken = scope.consume(self, [flow for flow in self.incoming if flow in join.queues])
        taken[-1]._ready()
        return True

    def select(self, my_task: Token) -> list[Flow]:
        """Every flow whose condition holds (and those without), else the default."""
        chosen = TokenSpec.select(self, my_task)
        if not chosen and self.outgoing:
            raise NoFlowTaken(no_flow(self))
        return chosen

    def detail(self, my_task: Token) -> dict[str, Any] | None:
        return decision(self, my_task)


def blocked(
    spec: InclusiveGateway | ComplexGateway, scope: TokenScope, filled: Container[str], watch: Join | Reset
) -> bool:
    """Whether some token of the scope keeps the join waiting for a flow that is not filled; remembers which, so that
    the next look is cheap."""
    if watch.witness is not None:
        number, place = watch.witness
        known = scope.tasks.get(number)
        if known is not None and known.task_spec.name == place and blocks(spec.reach.get(place, frozenset()), filled):
            return True
    watch.witness = None
    for token in scope.tasks.values():
        place = token.task_spec.name
        if token.passive or place == spec.name:
            continue
        if blocks(spec.reach.get(place, frozenset()), filled):
            watch.witness = (token.id, place)
            return True
    return False


class ComplexGateway(TokenSpec, BpmnSpecMixin):
    """Fires when its activation condition holds; then waits for the rest and resets (13.4.5). SpiffWorkflow has none.

    Facts for its conditions: `activationCount` (tokens waiting), `waitingForStart`, and each incoming flow's id with
    the number of tokens on it.
    """

    kind = "complex_gateway"
    activation: Expression | None = None
    reach: dict[str, frozenset[str]]
    waits_for_reachable = True

    def _update_hook(self, my_task: Token) -> bool:
        my_task.workflow.hold(my_task)
        return False

    def look_again(self, scope: TokenScope) -> bool:
        """Fire, reset, or go on waiting."""
        execution = scope.top_workflow
        fired = execution.resetting.get((scope.number, self.name))
        if fired is not None:
            return self._reset(scope, fired)
        join = scope.waiting[self.name]
        probe = next(iter(join.queues.values()))[0]
        if self.activation is not None and not decides(
            probe, self.activation, self._facts(scope, True), what="activation condition"
        ):
            return False
        flows = [flow for flow in self.incoming if flow in join.queues]
        last = scope.consume(self, flows)[-1]
        last.remember(start=True)
        if len(flows) < len(self.incoming):
            deciding.set_resetting(execution, scope, self.name, flows)
        last._ready()
        return True

    def _reset(self, scope: TokenScope, fired: Reset) -> bool:
        """Start anew when each of the other flows has a token or cannot get one (any more)."""
        queues = scope.waiting[self.name].queues if self.name in scope.waiting else {}
        rest = [flow for flow in self.incoming if flow not in fired.flows]
        come = [flow for flow in rest if flow in queues]
        if len(come) < len(rest) and blocked(self, scope, {*queues, *fired.flows}, fired):
            return False
        deciding.set_resetting(scope.top_workflow, scope, self.name, None)
        if come:
            last = scope.consume(self, come)[-1]
        elif any(flow.condition is not None for flow in self.outgoing):
            last = scope.task_tree._add_child(self)
        else:
            scope.top_workflow.emptied.append(scope)  # it may have waited for this alone
            return True
        last.remember(start=False)
        last._ready()
        return True

    def _facts(self, scope: TokenScope, start: bool) -> dict[str, Any]:
        queues = scope.waiting[self.name].queues if self.name in scope.waiting else {}
        counts: dict[str, Any] = {flow: len(queues.get(flow, ())) for flow in self.incoming}
        return {**counts, "activationCount": sum(counts.values()), "waitingForStart": start}

    def select(self, my_task: Token) -> list[Flow]:
        """Every flow whose condition holds; conditions may read `waitingForStart`. At a reset none need hold."""
        start = my_task.memo.get("start", True)
        chosen = []
        default = None
        for flow in self.outgoing:
            if flow.is_default:
                default = flow
            elif flow.condition is None:
                if start:
                    chosen.append(flow)
            elif decides(my_task, flow.condition, {"waitingForStart": start}, what=f"condition of flow {flow.id}"):
                chosen.append(flow)
        if not chosen and start:
            if default is not None:
                return [default]
            if self.outgoing:
                raise NoFlowTaken(no_flow(self))
        return chosen


class EventBasedGateway(TokenSpec, defaults.EventBasedGateway):
    """The first event after it decides (13.4.4); a parallel one (at the start only) waits for all."""

    kind = "event_based_gateway"
    instantiate = False
    parallel = False

    def work(self, my_task: Token) -> None:
        for flow in self.outgoing:
            target = my_task.workflow.spec.task_specs[flow.target]
            listener = my_task._add_child(target, flow=flow.id, owner=my_task.id)
            listeners.place(listener)
            if my_task.over or my_task.done:
                return  # a condition held at once

    def chosen(self, my_task: Token, listener: Token) -> None:
        """One of the events occurred."""
        came = {name: value for name, value in listener.memo.items() if name == "payload"}
        my_task.remember(chosen=listener.flow, **came)
        my_task.execution.go_on(my_task)

    def sends(self, my_task: Token, child: Token) -> None:
        came = {name: value for name, value in my_task.memo.items() if name == "payload"}
        child.remember(occurred=True, **came)

    def select(self, my_task: Token) -> list[Flow]:
        """The flow of the event that occurred."""
        return [flow for flow in self.outgoing if flow.id == my_task.memo.get("chosen")]

    def detail(self, my_task: Token) -> dict[str, Any] | None:
        return {"flow_id": my_task.memo.get("chosen"), "condition": None, "values": {}}
