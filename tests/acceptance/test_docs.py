"""The documentation tells the truth: every block marked `run` is run against a real server, in the page's order, and
what a `text output` block after it shows is all that comes out, but for whole answers in JSON. `run on` is what goes on
running while the rest of the page does, until a SIGTERM. A block that is not run has its reason here, and so has one
that has no curl line beside it. Files that a page names are there."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bpmn import SUPPORTED

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/*/*.md"), ROOT / "client/README.md"]
)
BLOCK = re.compile(r"^```(?P<kind>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
ADDRESS = "http://127.0.0.1:8080"


NOT_RUN = {
    ("README.md", "make demo "): "sets a machine up; tests/acceptance/test_demo.py runs the demo",
    ("docs/operating.md", "signalbox serve "): "administration: it is how the server of these tests is started",
    ("docs/operating.md", "export SIGNALBOX_DATABASE_URL"): "administration: needs a PostgreSQL of one's own",
    ("docs/operating.md", "export SIGNALBOX_SCRIPT_ISOLATION"): "administration: a setting, and a Debian package",
    ("docs/architecture.md", "  browser (modeler-ui)"): "a picture",
    ("docs/architecture.md", "POST /api/v1/user-tasks/{id}/complete"): "the call as a log shows it; curl: docs/api.md",
    ("examples/lattice/README.md", '{"id": "rooms"'): "an excerpt of lattice.json",
}
"""Blocks by page and beginning, and why they are no example to run."""
WITHOUT_CURL = {
    ("examples/lattice/README.md", "signalbox-lattice examples"): "writes a file, without a server",
}
"""Blocks by page and beginning that have no curl line beside them, and why."""
YOURS = {
    "bank.py": "def transfer(amount, idempotency_key):\n    return 'P-8'\n",
    "crm.py": "def create(name, idempotency_key):\n    return 'C-1'\n",
    "send-mail.sh": '#!/bin/sh\ngrep -q alan@example.org && echo \'{"mail_id": "M-1"}\'\n',
}
"""What the examples take for the reader's own."""
CURL = re.compile(r"\b(?:curl|call|json) [^|]*(?:\$api|127\.0\.0\.1)")


@dataclass
class Block:
    """An example of a page, and what the page says that it prints."""

    line: int
    kind: str
    text: str
    output: list[str] | None = None

    @property
    def runs(self) -> bool:
        return self.kind in ("sh run", "sh run on", "python run", "python run on")

    def command(self, number: int, address: str) -> str:
        """Bash that runs it as block `number` of its page, against the server at `address`."""
        text = self.text.replace(ADDRESS, address)
        if self.kind == "sh run":
            return text
        if self.kind.startswith("python"):
            text = f"python -c {shlex.quote(text)}"
        if self.kind.endswith(" on"):
            return f"bash -c {shlex.quote('exec ' + text)} >on-{number}.txt 2>&1 &\nrunning+=($!)"
        return text


def all_blocks(page: Path) -> list[Block]:
    text = page.read_text()
    found: list[Block] = []
    for match in BLOCK.finditer(text):
        if match["kind"] == "text output":
            found[-1].output = match["text"].splitlines()
        else:
            found.append(Block(text[: match.start()].count("\n") + 2, match["kind"], match["text"]))
    return found


def blocks(page: Path) -> list[Block]:
    return [block for block in all_blocks(page) if block.runs]


def named(page: Path, block: Block, reasons: dict[tuple[str, str], str]) -> set[tuple[str, str]]:
    """The entries that mean this block."""
    return {(name, begin) for name, begin in reasons if ROOT / name == page and block.text.startswith(begin)}


def shown(text: str) -> list[str]:
    """The lines of an output without whole answers in JSON, behind which curl puts no line feed."""
    lines = []
    while text:
        if text.startswith("{"):
            with contextlib.suppress(json.JSONDecodeError):
                text = text[json.JSONDecoder().raw_decode(text)[1] :]
                continue
        line, _, text = text.partition("\n")
        if line:
            lines.append(line)
    return lines


@pytest.fixture
def workplace(tmp_path: Path) -> Path:
    """A folder that looks like a checkout to the commands, so that what they write stays out of ours."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    for name, text in YOURS.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    return tmp_path


@pytest.mark.parametrize(
    "document", [page for page in PAGES if blocks(page)], ids=lambda page: str(page.relative_to(ROOT))
)
def test_the_examples_of_a_page_work(document: Path, fresh_server: Any, workplace: Path) -> None:
    assert shutil.which("curl"), "the documentation's examples need curl: sudo apt-get install curl"
    environment = fresh_server.environment | {"TOKEN": fresh_server.token("administrator")}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    script = ["set -euo pipefail", "running=()"]
    for number, block in enumerate(blocks(document)):
        script += [f"echo '== {number}'", block.command(number, fresh_server.address), "echo"]
    script.append('for each in "${running[@]}"; do kill -TERM $each; wait $each; done')
    process = subprocess.Popen(
        ["bash", "-c", "\n".join(script)],
        cwd=workplace,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        out, errors = process.communicate(timeout=150)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    printed = re.split(r"^== (?:\d+)\n", out, flags=re.MULTILINE)[1:]
    errors += "".join(file.read_text() for file in sorted(workplace.glob("on-*.txt")))
    assert process.returncode == 0, f"after line {blocks(document)[len(printed) - 1].line}: {printed[-1]}\n{errors}"
    for block, text in zip(blocks(document), printed, strict=True):
        if block.output is not None:
            assert shown(text) == block.output, f"line {block.line} of {document.name} prints:\n{text}"


def test_the_comparison_is_of_whole_lines() -> None:
    assert shown('{"a": [\n1]}completed\n\n{"b": 2}') == ["completed"]
    assert shown("not completed\n{no JSON\n") == ["not completed", "{no JSON"]


def test_every_example_is_run() -> None:
    """Or is named above with the reason why not."""
    used = set()
    for page in PAGES:
        for block in all_blocks(page):
            reasons = named(page, block, NOT_RUN)
            assert block.runs != bool(reasons), f"{page.name}, line {block.line}: mark it `run`, or say why not"
            used |= reasons
    assert used == set(NOT_RUN), f"no longer there: {set(NOT_RUN) - used}"


def test_every_example_has_a_curl_line_beside_it() -> None:
    used = set()
    for page in PAGES:
        examples = blocks(page)
        for number, block in enumerate(examples):
            beside = examples[max(number - 1, 0) : number + 2]
            # Two ways side by side, such as Python and a command, share the line before or after both.
            if block.kind.endswith(" on"):
                beside = examples[max(number - 2, 0) : number + 3]
            reasons = named(page, block, WITHOUT_CURL)
            curl = any(CURL.search(each.text) for each in beside)
            assert curl != bool(reasons), f"{page.name}, line {block.line}: show it with curl too, or say why not"
            used |= reasons
    assert used == set(WITHOUT_CURL), f"no longer there: {set(WITHOUT_CURL) - used}"


@pytest.mark.parametrize("document", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_names_is_there(document: Path) -> None:
    text = BLOCK.sub("", document.read_text())
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
        if "://" not in target:
            assert (document.parent / target).exists(), f"{document.name} links to {target}"
    for name in re.findall(r"`((?:bpmn|engine|api|client|migrations|tests|docs|examples|modeler-ui)/[\w./-]*)`", text):
        assert (ROOT / name).exists(), f"{document.name} names {name}"


def test_every_call_that_the_examples_use_is_in_the_description_of_the_api(server: Any) -> None:
    """A page must not teach a call that the API's own description does not know."""
    import httpx

    described = httpx.get(f"{server.address}/api/openapi.json").json()["paths"]
    patterns = [re.compile(re.sub(r"\{\w+\}", "[^/]+", path)) for path in described]
    for page in PAGES:
        for block in blocks(page):
            commands = re.sub(r"\$\([^()]*\)|\$(?!api\b)\w+", "x", block.text)
            for path in re.findall(r"(?:\$api|127\.0\.0\.1:8080/api/v1)(/[^\s\"|?)]*)", commands):
                called = f"/api/v1{path}"
                assert any(pattern.fullmatch(called) for pattern in patterns), f"{page.name}: {called}"


def test_the_list_of_supported_elements_is_the_table() -> None:
    page = (ROOT / "docs" / "adding-an-element.md").read_text()
    assert set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)) == set(SUPPORTED)
