"""Reads Python scripts and conditions without running them: the names they mention and assign, and what the sandbox
cannot run, each with its line. The text itself is only ever executed behind the `Evaluator`."""

from __future__ import annotations

import ast
import textwrap
import warnings

from bpmn.evaluation import Expression, Script

MAX_SOURCE = 64_000


class ScriptFault(Exception):
    """What is wrong, and on which line of the script (from 1)."""

    def __init__(self, code: str, message: str, line: int | None = None):
        super().__init__(message)
        self.code = code
        self.message = message
        self.line = line


# What the sandboxed interpreter does not run (pydantic-monty 1.4.0), so that it is said at deployment.
_UNSUPPORTED: dict[type[ast.AST], str] = {
    ast.Delete: "`del` (use `d.pop(key)`)",
    ast.Yield: "`yield`",
    ast.YieldFrom: "`yield from`",
    ast.AsyncFunctionDef: "`async def`",
    ast.AsyncFor: "`async for`",
    ast.AsyncWith: "`async with`",
    ast.Await: "`await`",
    ast.TryStar: "`except*`",
}


def _parse(source: str, mode: str) -> ast.AST:
    if len(source) > MAX_SOURCE:
        raise ScriptFault("script_too_large", f"The text has {len(source):,} characters; at most {MAX_SOURCE:,}.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            return ast.parse(source, mode=mode)
    except SyntaxError as error:
        raise ScriptFault("script_syntax", f"Python syntax: {error.msg}", error.lineno) from None
    except (RecursionError, MemoryError):
        raise ScriptFault("script_too_deep", "The text is nested too deeply.") from None
    except ValueError as error:
        raise ScriptFault("script_syntax", f"Python cannot read this text: {error}") from None


def read_script(source: str) -> Script:
    """Raises `ScriptFault`. A text that is indented as a whole, as XML editors do it, is moved to the left."""
    source = textwrap.dedent(source)
    tree = _parse(source, "exec")
    _refuse_unsupported(tree)
    return Script(source=source, reads=frozenset(_names(tree)), writes=frozenset(_assigned(tree)))


def read_expression(source: str) -> Expression:
    """Raises `ScriptFault`."""
    text = source.strip()
    if not text:
        raise ScriptFault("expression_empty", "The expression is empty.")
    # In brackets, as it will run, so that it may have several lines. Text that would close one kind of bracket and
    # open it again is no expression.
    _parse(f"[\n{text}\n]", "eval")
    tree = _parse(f"(\n{text}\n)", "eval")
    _refuse_unsupported(tree)
    return Expression(source=text, reads=frozenset(_names(tree)))


def _refuse_unsupported(tree: ast.AST) -> None:
    for node in ast.walk(tree):
        words = _UNSUPPORTED.get(type(node))
        if words is None and isinstance(node, ast.ClassDef) and (node.bases or node.keywords):
            words = "a class with bases"
        elif isinstance(node, ast.Raise) and _is_bpmn_error(node.exc):
            words = '`raise BpmnError` without a code (write `raise BpmnError("code")`)'
        elif isinstance(node, ast.ExceptHandler) and node.type is not None and any(map(_is_bpmn_error, _named(node))):
            words = "`except BpmnError`: who catches it is drawn (a boundary event, an event sub-process)"
        if words is not None:
            raise ScriptFault("script_unsupported", f"The sandbox does not run {words}.", getattr(node, "lineno", None))


def _is_bpmn_error(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Name) and node.id == "BpmnError"


def _named(handler: ast.ExceptHandler) -> list[ast.expr | None]:
    """The classes that an `except` names."""
    return list(handler.type.elts) if isinstance(handler.type, ast.Tuple) else [handler.type]


def _names(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


_OWN_NAMESPACE = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def _assigned(tree: ast.AST) -> set[str]:
    """The names bound at module level. A name bound inside a function, lambda or class is its own, unless it is
    declared global; a comprehension keeps its loop variables but lets a walrus out (PEP 572)."""
    found: set[str] = set()
    stack: list[tuple[ast.AST, bool]] = [(tree, False)]
    while stack:
        node, in_comprehension = stack.pop()
        if isinstance(node, ast.NamedExpr):
            found.add(node.target.id)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and not in_comprehension:
            found.add(node.id)
        elif isinstance(node, ast.MatchAs | ast.MatchStar) and node.name:
            found.add(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            found.add(node.rest)
        if isinstance(node, _OWN_NAMESPACE):
            continue
        inside = in_comprehension or isinstance(node, _COMPREHENSIONS)
        stack.extend((child, inside) for child in ast.iter_child_nodes(node))
    found.update(name for node in ast.walk(tree) if isinstance(node, ast.Global) for name in node.names)
    return {name for name in found if not name.startswith("_")}
