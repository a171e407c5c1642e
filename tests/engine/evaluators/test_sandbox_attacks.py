"""Hostile scripts: each gets a clear refusal, and the host is as healthy and as fast afterwards as before."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from bpmn import EvaluationFailed, Expression
from engine.evaluators import SandboxEvaluator, SandboxLimits
from engine.settings import Settings

Run = Callable[..., Any]

NO_WAY_OUT = {
    "class attributes": "x = ().__class__.__mro__",
    "attributes in a format string": "x = '{0.__class__}'.format(1)",
    "attributes through format_map": "x = '{a.__class__}'.format_map({'a': 1})",
    "globals of a function": "def f():\n    pass\nx = f.__globals__",
    "code of a function": "def f():\n    pass\nx = f.__code__",
    "frame of a generator": "x = (i for i in [1]).gi_frame",
    "traceback frames": "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    x = e.__traceback__.tb_frame",
    "import of a builtin": "x = __import__('os')",
    "builtins": "x = __builtins__",
    "globals": "x = globals()",
    "process": "import subprocess\nx = 1",
    "network": "import socket\nx = 1",
    "ctypes": "import ctypes\nx = 1",
    "shell": "import os\nx = os.system('id')",
    "environment": "import os\nx = dict(os.environ)",
    "one variable of the environment": "import os\nx = os.environ['PATH']",
    "a file": "x = open('/etc/passwd').read()",
    "a file to write": "open('/tmp/signalbox-was-here', 'w').write('x')\nx = 1",
    "a path": "from pathlib import Path\nx = Path('/etc/passwd').read_text()",
    "a folder": "from pathlib import Path\nx = [str(p) for p in Path('/').iterdir()]",
    "random bytes of the machine": "import os\nx = list(os.urandom(4))",
    "eval that imports": "x = eval('__import__(\"os\")')",
    "exec that opens": "exec(\"x = open('/etc/passwd').read()\")",
    "the end of the interpreter": "raise SystemExit",
    "keyboard": "x = input()",
}

BREAKS_A_LIMIT = {
    "endless loop": ("while True:\n    pass", "time_limit"),
    "endless loop that catches everything": (
        "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass",
        "time_limit",
    ),
    "list that doubles": ("a = [0]\nwhile True:\n    a = a + a", "memory_limit"),
    "list that doubles and catches everything": (
        "a = [0]\nwhile True:\n    try:\n        a = a + a\n    except BaseException:\n        a = [0]",
        "memory_limit",
    ),
    "text that doubles": ("a = 'x'\nwhile True:\n    a += a", "memory_limit"),
    "long text": ("a = 'a' * 10 ** 10", "memory_limit"),
    "dict of dicts": ("a = {}\nwhile True:\n    a = {'a': a, 'b': [a] * 1000}", "memory_limit"),
    "huge power": ("a = 10 ** 10 ** 8", "memory_limit"),
    "huge shift": ("a = 1 << 10 ** 10", "memory_limit"),
    "function that calls itself": ("def f(n):\n    return f(n + 1)\nf(1)", "depth_limit"),
    "print flood": ("while True:\n    print('x' * 1000)", "output_limit"),
    "print flood in one go": ("print('x' * 10_000_000)", "output_limit"),
    "result of two megabytes": ("a = 'a' * 2_000_000", "output_limit"),
    "result 70 deep": ("a = []\nfor i in range(70):\n    a = [a]", "depth_limit"),
    "result 100,000 deep": ("a = []\nfor i in range(100_000):\n    a = [a]", "depth_limit"),
}

# A class handed to the host with one of its instances makes the interpreter panic.
PANIC = """
class A:
    pass
class Text:
    def __radd__(self, other):
        return self
    def __add__(self, other):
        return [A, A()]
class Json:
    def dumps(self, *args, **options):
        return Text()
_signalbox_json = Json()
"""

# Each replaces what our own lines use to hand the result over.
FORGERS = {
    "a value that is not text": "_signalbox_json = 5",
    "a list 100,000 deep as text": "'[' * 100_000 + ']' * 100_000",
    "an object 100,000 deep as text": "'{\"a\":' * 100_000 + '1' + '}' * 100_000",
    "a number beyond all bounds": "'{\"x\": 1e999}'",
    "no number": "'{\"x\": NaN}'",
    "an integer of 100,000 digits": "'{\"x\": ' + '1' * 100_000 + '}'",
    "half a character": '\'{"x": "\\\\ud800"}\'',
    "broken JSON": "'{]'",
    "another shape": "'[]'",
}


@pytest.fixture(autouse=True)
def _the_host_stays_healthy(value: Run) -> Iterator[None]:
    value("1 + 1")
    yield
    begun = time.perf_counter()
    for number in range(20):
        assert value("n + 1", n=number) == number + 1
    assert time.perf_counter() - begun < 2


@pytest.mark.parametrize("attack", NO_WAY_OUT)
def test_there_is_no_way_out(run: Run, attack: str) -> None:
    with pytest.raises(EvaluationFailed) as failure:
        run(NO_WAY_OUT[attack])
    assert failure.value.kind in ("error", "syntax")
    assert failure.value.line is not None


@pytest.mark.parametrize("attack", BREAKS_A_LIMIT)
def test_a_broken_limit_is_named_in_time(run: Run, attack: str) -> None:
    source, kind = BREAKS_A_LIMIT[attack]
    begun = time.perf_counter()
    with pytest.raises(EvaluationFailed) as failure:
        run(source)
    assert failure.value.kind == kind
    assert failure.value.message
    assert time.perf_counter() - begun < 4


def test_the_bound_of_memory_is_named_as_it_was_set(run: Run) -> None:
    assert SandboxLimits().memory_bytes == Settings().script_memory_bytes
    with pytest.raises(EvaluationFailed, match="needed more than 64 MB of memory"):
        run(BREAKS_A_LIMIT["long text"][0])


def test_a_worker_that_does_not_listen_is_killed(run: Run) -> None:
    begun = time.perf_counter()
    with pytest.raises(EvaluationFailed) as failure:
        run("import json\na = str(7 ** 10 ** 7)")
    assert failure.value.kind in ("time_limit", "error")
    assert time.perf_counter() - begun < 4


def test_regular_expressions_that_explode_elsewhere_end_at_once(run: Run) -> None:
    begun = time.perf_counter()
    assert run("import re\nx = bool(re.match('(a+)+$', 'a' * 40 + 'b'))") == {"x": False}
    with pytest.raises(EvaluationFailed, match="backtracking"):
        run("import re\nx = bool(re.match(r'(a+)+\\1$', 'a' * 40 + 'b'))")
    assert time.perf_counter() - begun < 2


def test_a_script_that_crashes_its_worker_fails_alone(run: Run) -> None:
    with pytest.raises(EvaluationFailed, match="The script crashed the sandbox") as failure:
        run(PANIC)
    assert failure.value.kind == "error"


@pytest.mark.parametrize("forger", FORGERS)
def test_a_forged_answer_is_refused(run: Run, forger: str) -> None:
    text = FORGERS[forger]
    lines = [f"class J:\n    def dumps(self, *a, **k):\n        return {text}\n_signalbox_json = J()\nx = 1"]
    if text.startswith("_signalbox"):
        lines = [text]
    with pytest.raises(EvaluationFailed) as failure:
        run("\n".join(lines))
    assert failure.value.kind in ("error", "depth_limit", "output_limit")


def test_50_000_operators_in_a_row_are_refused(sandbox: SandboxEvaluator) -> None:
    for source in ("-" * 50_000 + "1", "(" * 50_000 + "1" + ")" * 50_000, "1" + "+1" * 50_000):
        with pytest.raises(EvaluationFailed):
            sandbox.evaluate(Expression(source, frozenset()), {}, now=datetime(2026, 1, 1, tzinfo=UTC), seed=1)


def test_nothing_is_left_for_the_next_script(run: Run) -> None:
    for _ in range(4):  # whichever worker it meets
        run("import json\nsecret = 42\n_hidden = 43\njson_copy = 1\ndef len(x):\n    return 7\nx = len([])")
    for _ in range(4):
        for name in ("secret", "_hidden", "json", "_signalbox_name"):
            with pytest.raises(EvaluationFailed, match=f"name '{name}' is not defined"):
                run(f"y = {name}")
        assert run("y = len([1, 2])") == {"y": 2}
