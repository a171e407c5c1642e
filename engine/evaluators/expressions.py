"""Reads an expression once into closures over its names. What is not simple raises `NotHere`, now or when computed."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable
from typing import Any

from engine.evaluators.values import (
    MAX_INTEGER,
    MAX_TEXT,
    NotHere,
    add,
    contained,
    divide,
    equal,
    number,
    numeric,
    ordered,
)

Names = dict[str, Any]
Compute = Callable[[Names], Any]


def plain_name(name: str) -> bool:
    return name.isascii() and not name.startswith(("_signalbox", "__"))


def closure_of(node: ast.expr) -> Compute:
    match node:
        case ast.Constant(value=value):
            return _constant(value)
        case ast.Name(id=name) if plain_name(name):
            return read(name)
        case ast.BoolOp(op=op, values=values):
            return _short_circuit(isinstance(op, ast.And), [closure_of(value) for value in values])
        case ast.UnaryOp(op=op, operand=operand):
            return _unary(op, closure_of(operand))
        case ast.BinOp(left=left, op=op, right=right):
            return _binary(closure_of(left), arithmetic_of(op), closure_of(right))
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            return _comparison(closure_of(left), ops, comparators)
        case ast.IfExp(test=test, body=body, orelse=otherwise):
            return _choice(closure_of(test), closure_of(body), closure_of(otherwise))
        case ast.Subscript(value=value, slice=index) if not isinstance(index, ast.Slice | ast.Tuple):
            return _subscript(closure_of(value), closure_of(index))
        case ast.List(elts=elements):
            return _sequence(list, [closure_of(element) for element in elements])
        case ast.Tuple(elts=elements):
            return _sequence(tuple, [closure_of(element) for element in elements])
        case ast.Dict(keys=keys, values=values):
            return _dict([_key(key) for key in keys], [closure_of(value) for value in values])
        case ast.JoinedStr(values=parts):
            return _text([_part(part) for part in parts])
    raise NotHere


def _constant(value: object) -> Compute:
    fits = (
        value is None
        or isinstance(value, bool)
        or (isinstance(value, int) and abs(value) < MAX_INTEGER)
        or (isinstance(value, float) and math.isfinite(value))
        or (isinstance(value, str) and not any("\ud800" <= character <= "\udfff" for character in value))
    )
    if not fits:
        raise NotHere
    return lambda names: value


def read(name: str) -> Compute:
    def compute(names: Names) -> Any:
        try:
            return names[name]
        except KeyError:  # a built-in, or nothing at all: the sandbox knows
            raise NotHere from None

    return compute


def _short_circuit(all_of: bool, parts: list[Compute]) -> Compute:
    def compute(names: Names) -> Any:
        value: Any = None
        for part in parts:
            value = part(names)
            if bool(value) is not all_of:
                return value
        return value

    return compute


def _unary(op: ast.unaryop, operand: Compute) -> Compute:
    if isinstance(op, ast.Not):
        return lambda names: not operand(names)
    if isinstance(op, ast.USub):
        return lambda names: -number(operand(names))
    raise NotHere


def _binary(left: Compute, arithmetic: Callable[[Any, Any], Any], right: Compute) -> Compute:
    return lambda names: arithmetic(left(names), right(names))


def arithmetic_of(op: ast.operator) -> Callable[[Any, Any], Any]:
    match op:
        case ast.Add():
            return add
        case ast.Sub():
            return numeric(operator.sub)
        case ast.Mult():
            return numeric(operator.mul)
        case ast.Div():
            return divide
    raise NotHere


def _comparison(left: Compute, ops: list[ast.cmpop], comparators: list[ast.expr]) -> Compute:
    links = [
        (_comparator(op, comparator), closure_of(comparator)) for op, comparator in zip(ops, comparators, strict=True)
    ]

    def compute(names: Names) -> bool:
        value = left(names)
        for holds, right in links:
            other = right(names)
            if not holds(value, other):
                return False
            value = other
        return True

    return compute


def _comparator(op: ast.cmpop, right: ast.expr) -> Callable[[Any, Any], bool]:
    match op:
        case ast.Eq():
            return equal
        case ast.NotEq():
            return lambda left, right: not equal(left, right)
        case ast.Lt():
            return ordered(operator.lt)
        case ast.LtE():
            return ordered(operator.le)
        case ast.Gt():
            return ordered(operator.gt)
        case ast.GtE():
            return ordered(operator.ge)
        case ast.In():
            return contained
        case ast.NotIn():
            return lambda left, right: not contained(left, right)
        case ast.Is() | ast.IsNot() if isinstance(right, ast.Constant) and right.value is None:
            return operator.is_ if isinstance(op, ast.Is) else operator.is_not
    raise NotHere


def _choice(test: Compute, then: Compute, otherwise: Compute) -> Compute:
    return lambda names: then(names) if test(names) else otherwise(names)


def _subscript(holder: Compute, index: Compute) -> Compute:
    def compute(names: Names) -> Any:
        value, key = holder(names), index(names)
        if type(value) is dict and type(key) is str and key in value:
            return value[key]
        if isinstance(value, list | tuple | str) and type(key) is int and -len(value) <= key < len(value):
            return value[key]
        raise NotHere

    return compute


def _sequence(kind: type[list[Any]] | type[tuple[Any, ...]], parts: list[Compute]) -> Compute:
    return lambda names: kind(part(names) for part in parts)


def _key(node: ast.expr | None) -> str:
    if isinstance(node, ast.Constant) and type(node.value) is str:
        _constant(node.value)
        return node.value
    raise NotHere


def _dict(keys: list[str], values: list[Compute]) -> Compute:
    return lambda names: {key: value(names) for key, value in zip(keys, values, strict=True)}


def _part(node: ast.expr) -> Compute:
    match node:
        case ast.Constant(value=str() as value):
            return _constant(value)
        case ast.FormattedValue(value=value, conversion=-1, format_spec=None):
            return closure_of(value)
    raise NotHere


def _text(parts: list[Compute]) -> Compute:
    def compute(names: Names) -> str:
        texts = []
        for part in parts:
            value = part(names)
            if type(value) is int:
                value = str(number(value))
            if type(value) is not str:
                raise NotHere
            texts.append(value)
        if sum(map(len, texts)) > MAX_TEXT:
            raise NotHere
        return "".join(texts)

    return compute
