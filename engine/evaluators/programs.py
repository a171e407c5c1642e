"""Puts an analyst's text between the lines that bring its variables in and its results out, as JSON text both ways.

The text keeps its own lines; `first_line` says how many of ours stand before it, so that errors name its lines.
Whatever the text does to our names happens inside the sandbox: the host believes nothing that comes back
(`results.py`).
"""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

INPUT_NAME = "_signalbox_input"

# Built-in names are kept first: a variable may well be called `type` or `str`.
_TAKE_BUILTINS = (
    "import json as _signalbox_json; _signalbox_type = type; _signalbox_str = str; _signalbox_locals = locals"
)

#: What the host takes an exception for when its words begin so: drawn anew by each process of ours, so that no text
#: from outside that ends up in the words of an exception can look like it.
BPMN_ERROR = f"BpmnError {token_hex(8)} "

# The interpreter knows no classes of exceptions but its own, and these take one text.
_TAKE_BPMN_ERROR = (
    f"; _signalbox_exception = Exception; BpmnError = lambda code, message=None, variables=None: "
    f"_signalbox_exception({BPMN_ERROR!r} + _signalbox_json.dumps([code, message, variables], allow_nan=False))"
)

_EXPRESSION_RESULT = """\
try:
    _signalbox_text = '{"value":' + _signalbox_json.dumps(_signalbox_value, ensure_ascii=False, allow_nan=False) + '}'
except BaseException as _signalbox_fault:
    _signalbox_text = _signalbox_json.dumps({"fault": [_signalbox_type(_signalbox_value).__name__,
        _signalbox_type(_signalbox_fault).__name__, _signalbox_str(_signalbox_fault)]})
_signalbox_text
"""

_SCRIPT_RESULT = """\
_signalbox_found = _signalbox_locals()
_signalbox_found = {_signalbox_name: _signalbox_found[_signalbox_name] for _signalbox_name in %(names)s
    if _signalbox_name in _signalbox_found}
try:
    _signalbox_text = '{"values":' + _signalbox_json.dumps(_signalbox_found, ensure_ascii=False, allow_nan=False) + '}'
except BaseException:
    _signalbox_values = {}
    _signalbox_faults = {}
    for _signalbox_name in _signalbox_found:
        try:
            _signalbox_json.dumps(_signalbox_found[_signalbox_name], allow_nan=False)
            _signalbox_values[_signalbox_name] = _signalbox_found[_signalbox_name]
        except BaseException as _signalbox_fault:
            _signalbox_faults[_signalbox_name] = [_signalbox_type(_signalbox_found[_signalbox_name]).__name__,
                _signalbox_type(_signalbox_fault).__name__, _signalbox_str(_signalbox_fault)]
    _signalbox_text = _signalbox_json.dumps({"values": _signalbox_values, "faults": _signalbox_faults},
        ensure_ascii=False, allow_nan=False)
_signalbox_text
"""


@dataclass(frozen=True, slots=True)
class Program:
    """What the worker runs: the whole text, where the analyst's lines begin (0-based) and how many there are."""

    text: str
    first_line: int
    lines: int
    noun: str


def usable_names(variables: Mapping[str, Any]) -> list[str]:
    """The variables that Python text can mention at all: `Größe` can, `order no` and `class` cannot."""
    return [name for name in variables if name.isidentifier() and not keyword.iskeyword(name)]


def expression_program(source: str, names: Iterable[str]) -> Program:
    """The program that computes one expression."""
    source = _with_plain_newlines(source)
    text = f"{_prologue(names)}\n_signalbox_value = (\n{source}\n)\n{_EXPRESSION_RESULT}"
    return Program(text=text, first_line=2, lines=_line_count(source), noun="expression")


def script_program(source: str, names: Iterable[str], results: Iterable[str]) -> Program:
    """The program that runs a script and gives back those of `results` that exist afterwards."""
    source = _with_plain_newlines(source)
    wanted = "(" + "".join(f"{name!r}, " for name in sorted(results)) + ")"
    tools = _TAKE_BUILTINS + _TAKE_BPMN_ERROR if "BpmnError" in source else _TAKE_BUILTINS
    text = f"{_prologue(names, tools)}\n{source}\n{_SCRIPT_RESULT % {'names': wanted}}"
    return Program(text=text, first_line=1, lines=_line_count(source), noun="script")


def _prologue(names: Iterable[str], tools: str = _TAKE_BUILTINS) -> str:
    targets = ", ".join(names)
    return f"{tools}; [{targets}] = _signalbox_json.loads({INPUT_NAME})" if targets else tools


def _with_plain_newlines(source: str) -> str:
    return source.replace("\r\n", "\n").replace("\r", "\n")


def _line_count(source: str) -> int:
    return source.count("\n") + 1
