"""What a person submits, held against the fields that the diagram declares."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bpmn import effects
from engine.errors import Invalid
from engine.records import FieldOption, FormField


def check(fields: Sequence[FormField], variables: Mapping[str, Any]) -> None:
    """Raise `Invalid` with every fault by field. Without declared fields anything goes; with them, nothing else."""
    if not fields:
        return
    errors = []
    declared = {field.name: field for field in fields}
    for name in variables:
        if name not in declared:
            errors.append({"field": name, "message": "is not a field of this form"})
    for field in fields:
        if field.name in variables:
            fault = _fault(field, variables[field.name])
        else:
            fault = "is required" if field.required and not field.read_only else None
        if fault:
            errors.append({"field": field.name, "message": fault})
    if errors:
        words = "; ".join(f"{error['field']} {error['message']}" for error in errors)
        raise Invalid(f"the form is not filled in correctly: {words}", errors=errors)


def _fault(field: FormField, value: Any) -> str | None:
    if field.read_only:
        return "is read-only"
    if value is None or value == "":
        return "is required" if field.required else None
    return _TYPES[field.type](field, value)


def _text(_field: FormField, value: Any) -> str | None:
    return None if isinstance(value, str) else "must be a text"


def _integer(_field: FormField, value: Any) -> str | None:
    # True is an int to Python, but no number to the person who fills in the form.
    return None if isinstance(value, int) and not isinstance(value, bool) else "must be a whole number"


def _number(_field: FormField, value: Any) -> str | None:
    return None if isinstance(value, (int, float)) and not isinstance(value, bool) else "must be a number"


def _boolean(_field: FormField, value: Any) -> str | None:
    return None if isinstance(value, bool) else "must be true or false"


def _date(_field: FormField, value: Any) -> str | None:
    # `date.fromisoformat` alone would also take 20260131 and 2026-W05-6.
    if isinstance(value, str) and len(value) == 10 and value[4] == value[7] == "-":
        try:
            datetime.date.fromisoformat(value)
            return None
        except ValueError:
            pass
    return "must be a date such as 2026-01-31"


def _enum(field: FormField, value: Any) -> str | None:
    values = [option.value for option in field.options]
    return None if isinstance(value, str) and value in values else f"must be one of: {', '.join(values)}"


_TYPES: dict[str, Callable[[FormField, Any], str | None]] = {
    "string": _text,
    "text": _text,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "date": _date,
    "enum": _enum,
}


def form_fields(fields: Sequence[effects.FormField]) -> list[FormField]:
    """Declared fields as the doors show them."""
    return [
        FormField(
            name=field.name,
            label=field.label,
            type=field.type,
            required=field.required,
            read_only=field.read_only,
            default=field.default,
            options=[FieldOption(value=value, label=label) for value, label in field.options],
        )
        for field in fields
    ]
