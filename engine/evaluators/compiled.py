"""Simple conditions and assignments, computed here instead of in a worker: 2 µs instead of 200.

What qualifies is total, free of loops and free of calls: literals, names, comparisons, `and or not`, arithmetic on
numbers of bounded size, `in`, subscripts, conditional expressions, texts put together; scripts of assignments and
`if`. It is read once into closures; nothing is ever handed to `eval` or `exec`. Wherever Python would raise, a value
might grow large, or the two interpreters might see things differently, the whole evaluation starts again in the
sandbox: it has no effects, so nothing is done twice, and errors and limits are the sandbox's own.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol

from bpmn import Evaluator, Expression, Script
from engine.evaluators.expressions import Compute, Names, arithmetic_of, closure_of, plain_name, read
from engine.evaluators.results import canonical
from engine.evaluators.values import MAX_WEIGHT, NotHere, flat, weight

_MAX_SOURCE = 4_000
_MAX_NODES = 400
_MAX_NESTING = 40
_MAX_CACHED = 2_000


class _Closing(Evaluator, Protocol):
    def close(self) -> None: ...


class CompiledFirst:
    """Implements `bpmn.Evaluator`: computes here what is simple and gives the rest to `sandbox`."""

    def __init__(self, sandbox: _Closing) -> None:
        self._sandbox = sandbox

    def evaluate(self, expression: Expression, variables: Mapping[str, Any], *, now: datetime, seed: int) -> Any:
        """The value of the expression. Raises `EvaluationFailed`."""
        compute = compiled_expression(expression.source)
        if compute is not None:
            try:
                return _own_copy(compute(dict(variables)))
            except NotHere:
                pass
        return self._sandbox.evaluate(expression, variables, now=now, seed=seed)

    def execute(self, script: Script, variables: Mapping[str, Any], *, now: datetime, seed: int) -> dict[str, Any]:
        """Names → values after the script. Raises `EvaluationFailed`."""
        run = compiled_script(script.source)
        if run is not None:
            try:
                return _results(run, script.writes, variables)
            except NotHere:
                pass
        return self._sandbox.execute(script, variables, now=now, seed=seed)

    def close(self) -> None:
        """Ends the sandbox's workers."""
        self._sandbox.close()


def _results(run: Compute, writes: frozenset[str], variables: Mapping[str, Any]) -> dict[str, Any]:
    names = dict(variables)
    run(names)
    found = {}
    for name, value in names.items():
        if name.startswith("_"):
            continue
        if name in writes or (name in variables and value is not variables[name]):
            copy = _own_copy(value)
            if name in writes or canonical(copy) != canonical(variables[name]):
                found[name] = copy
    return found


def _own_copy(value: Any) -> Any:
    """The value as its own JSON: results never share lists and dicts with what they were made from."""
    if value is None or value is True or value is False:
        return value
    if weight(value, MAX_WEIGHT) > MAX_WEIGHT:
        raise NotHere
    copy = flat(value)
    try:
        canonical(copy).encode("utf-8")
    except ValueError:
        raise NotHere from None
    return copy


@lru_cache(_MAX_CACHED)
def compiled_expression(source: str) -> Compute | None:
    """The expression as a function of its names; None where it is not simple enough."""
    tree = _simple_tree(source.strip(), "eval")
    if not isinstance(tree, ast.Expression):
        return None
    try:
        return closure_of(tree.body)
    except NotHere:
        return None


@lru_cache(_MAX_CACHED)
def compiled_script(source: str) -> Compute | None:
    """The script as a function that changes the names given; None where it is not simple enough."""
    tree = _simple_tree(source, "exec")
    if not isinstance(tree, ast.Module):
        return None
    try:
        return _block(tree.body)
    except NotHere:
        return None


def _simple_tree(source: str, mode: str) -> ast.AST | None:
    # Outside ASCII, Python writes names in one normal form and other interpreters need not.
    if len(source) > _MAX_SOURCE or "\r" in source or "\f" in source or "\0" in source:
        return None
    try:
        tree = ast.parse(source, mode=mode)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    nodes = sum(1 for _ in ast.walk(tree))
    return tree if nodes <= _MAX_NODES and _nesting(tree) <= _MAX_NESTING else None


def _nesting(tree: ast.AST) -> int:
    depth = 0
    level = [tree]
    while level:
        depth += 1
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    return depth


# --- statements


def _block(statements: list[ast.stmt]) -> Compute:
    steps = [_statement(statement) for statement in statements]

    def run(names: Names) -> None:
        for step in steps:
            step(names)

    return run


def _statement(node: ast.stmt) -> Compute:
    match node:
        case ast.Assign(targets=targets, value=value):
            return _assignment([_target(target) for target in targets], closure_of(value))
        case ast.AugAssign(target=ast.Name() as target, op=op, value=value):
            name = _target(target)
            # Only numbers and texts get past `arithmetic_of`, and those are never changed in place.
            return _assignment([name], _augmented(read(name), closure_of(value), op))
        case ast.If(test=test, body=body, orelse=otherwise):
            return _branch(closure_of(test), _block(body), _block(otherwise))
        case ast.Pass():
            return _nothing
        case ast.Expr(value=ast.Constant(value=str())):
            return _nothing
    raise NotHere


def _nothing(names: Names) -> None:
    pass


def _target(node: ast.expr) -> str:
    if isinstance(node, ast.Name) and plain_name(node.id):
        return node.id
    raise NotHere


def _assignment(targets: list[str], compute: Compute) -> Compute:
    def run(names: Names) -> None:
        value = compute(names)
        for target in targets:
            names[target] = value

    return run


def _augmented(left: Compute, right: Compute, op: ast.operator) -> Compute:
    arithmetic = arithmetic_of(op)

    def compute(names: Names) -> Any:
        before = left(names)
        if isinstance(before, list | tuple):
            raise NotHere
        return arithmetic(before, right(names))

    return compute


def _branch(test: Compute, then: Compute, otherwise: Compute) -> Compute:
    def run(names: Names) -> None:
        (then if test(names) else otherwise)(names)

    return run
