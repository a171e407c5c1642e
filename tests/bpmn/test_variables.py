"""Scopes: reading looks outward, writing goes where a variable is defined, and only what changed is written again."""

from __future__ import annotations

import pytest

from bpmn.variables import Changed, Scope


@pytest.fixture
def changed() -> Changed:
    return {}


@pytest.fixture
def instance(changed: Changed) -> Scope:
    return Scope(1, None, changed)


@pytest.fixture
def inner(instance: Scope, changed: Changed) -> Scope:
    return Scope(5, Scope(3, instance, changed), changed)


def test_reading_looks_outward(instance: Scope, inner: Scope) -> None:
    instance["a"] = 1
    assert inner["a"] == 1
    assert "a" in inner
    assert 7 not in inner
    assert dict(inner) == {"a": 1}
    with pytest.raises(KeyError):
        inner["b"]


def test_writing_changes_a_variable_where_it_is_defined_else_on_the_instance(
    instance: Scope, inner: Scope, changed: Changed
) -> None:
    inner.define("own", 1)
    inner["own"] = 2
    inner["new"] = 3
    assert changed == {(5, "own"): "2", (1, "new"): "3"}
    assert dict(instance) == {"new": 3}
    assert dict(inner) == {"own": 2, "new": 3}
    assert len(inner) == 2


def test_an_inner_variable_hides_the_outer_one(instance: Scope, inner: Scope) -> None:
    instance["a"] = 1
    inner.define("a", 2)
    assert (instance["a"], inner["a"]) == (1, 2)
    assert list(inner) == ["a"]


def test_what_did_not_change_is_not_written(instance: Scope, changed: Changed) -> None:
    instance.load("a", '{"b":[1,2]}')
    instance["a"] = {"b": [1, 2]}
    assert changed == {}
    instance["a"] = {"b": [1, 2.0]}
    assert changed == {(1, "a"): '{"b":[1,2.0]}'}


@pytest.mark.parametrize(("before", "after"), [(1, True), (1, 1.0), (0, False), ("1", 1), (None, 0), ([], {})])
def test_values_that_python_takes_for_equal_are_told_apart(instance: Scope, before: object, after: object) -> None:
    instance["a"] = before
    instance["a"] = after
    assert instance["a"] == after
    assert type(instance["a"]) is type(after)


def test_an_object_kept_outside_does_not_reach_in(instance: Scope) -> None:
    order = {"lines": [1]}
    instance["order"] = order
    order["lines"].append(2)
    assert instance["order"] == {"lines": [1]}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), {1, 2}, b"x"])
def test_what_is_not_json_is_refused(instance: Scope, changed: Changed, value: object) -> None:
    with pytest.raises((ValueError, TypeError)):
        instance["a"] = value
    assert changed == {}
    assert "a" not in instance


def test_deleting_and_leaving_are_written(instance: Scope, inner: Scope, changed: Changed) -> None:
    instance["a"] = 1
    inner.define("b", 2)
    del inner["a"]
    inner.discard()
    assert changed == {(1, "a"): None, (5, "b"): None}
    assert dict(inner) == {}
    with pytest.raises(KeyError):
        del inner["a"]
