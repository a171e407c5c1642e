"""Data stores: named values that outlive the instances, shared by all processes (BPMN 2.0.2, 10.4.1).

A data input association from a store reads it when its activity begins, an output association to it writes it when
the activity completes. Stores are part of a step's inputs (`StepContext.stores`) and outputs (`effects.WriteStore`),
so that a write happens exactly once, in the transaction of its step; what a step has written, the rest of it reads.

In its associations a store is known by the variable of its reference: the reference's name if that can be one, else its
id. Without another target in the activity the value read is that variable, in the activity alone; without a source in
it, an output association writes that variable's value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bpmn import effects
from bpmn.elements import local_reference, q
from bpmn.evaluation import EvaluationFailed

if TYPE_CHECKING:
    from lxml import etree

    from bpmn.token import Token


@dataclass(frozen=True, slots=True)
class Store:
    """A store as an association uses it: its name in the configuration, and its variable."""

    name: str
    variable: str


def store_name(reference: etree._Element, declared: Mapping[str, etree._Element]) -> str:
    """The store that a reference means: that of its `dataStoreRef`, else its own name; an id where there is no name."""
    meant = declared.get(local_reference(reference.get("dataStoreRef", "")))
    node = reference if meant is None else meant
    return (node.get("name") or "").strip() or node.get("id", "")


def stores_of(root: etree._Element, variables: Mapping[str, str]) -> dict[str, Store]:
    """What the references of a document mean, by their id."""
    declared = declared_stores(root)
    return {
        node.get("id", ""): Store(store_name(node, declared), variables[node.get("id", "")])
        for node in root.iter(q("dataStoreReference"))
        if node.get("id", "") in variables
    }


def declared_stores(root: etree._Element) -> dict[str, etree._Element]:
    """The `dataStore` elements of a document, by id."""
    return {node.get("id", ""): node for node in root.findall(q("dataStore"))}


def read(token: Token, store: Store) -> Any:
    """The store's value now. Raises `EvaluationFailed`."""
    execution = token.execution
    if store.name not in execution.written:
        held = execution.context.stores
        if store.name not in held:
            raise EvaluationFailed(f"The data store {store.name} is not configured (any more).")
        return held[store.name]
    return execution.written[store.name]


def write(token: Token, store: Store, value: Any) -> None:
    """Give the store another value. Raises `EvaluationFailed`."""
    read(token, store)
    token.execution.written[store.name] = value
    token.execution.emit(effects.WriteStore(token.id, token.task_spec.bpmn_id, store.name, value))
