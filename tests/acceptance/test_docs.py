"""The documentation tells the truth: every block marked `sh run` is run against a real server, in the page's order,
and what a `text output` block after it shows is what comes out. Files that a page names are there."""

from __future__ import annotations

import os
import re
import shutil
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


@dataclass
class Block:
    """Commands of a page, and what it says they print."""

    line: int
    commands: str
    output: list[str]


def blocks(page: Path) -> list[Block]:
    text = page.read_text()
    found: list[Block] = []
    for match in BLOCK.finditer(text):
        if match["kind"] == "sh run":
            found.append(Block(text[: match.start()].count("\n") + 2, match["text"], []))
        elif match["kind"] == "text output":
            found[-1].output = match["text"].splitlines()
    return found


@pytest.fixture
def workplace(tmp_path: Path) -> Path:
    """A folder that looks like a checkout to the commands, so that what they write stays out of ours."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    return tmp_path


@pytest.mark.parametrize(
    "document", [page for page in PAGES if blocks(page)], ids=lambda page: str(page.relative_to(ROOT))
)
def test_the_commands_of_a_page_work(document: Path, fresh_server: Any, workplace: Path) -> None:
    assert shutil.which("curl"), "the documentation's examples need curl: sudo apt-get install curl"
    environment = fresh_server.environment | {"TOKEN": fresh_server.token("administrator")}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    script = ["set -euo pipefail"]
    for number, block in enumerate(blocks(document)):
        script += [f"echo '== {number}'", block.commands.replace(ADDRESS, fresh_server.address), "echo"]
    done = subprocess.run(
        ["bash", "-c", "\n".join(script)],
        cwd=workplace,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    printed = re.split(r"^== (?:\d+)\n", done.stdout, flags=re.MULTILINE)[1:]
    assert done.returncode == 0, f"after line {blocks(document)[len(printed) - 1].line}: {printed[-1]}\n{done.stderr}"
    for block, text in zip(blocks(document), printed, strict=True):
        lines = iter(text.splitlines())
        for expected in block.output:
            # An answer of curl ends without a line feed, so what comes next may stand right behind it.
            shown = any(line.endswith(expected) for line in lines)
            assert shown, f"line {block.line} of {document.name} should print {expected!r} next:\n{text}"


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
            commands = re.sub(r"\$\([^()]*\)|\$(?!api\b)\w+", "x", block.commands)
            for path in re.findall(r"(?:\$api|127\.0\.0\.1:8080/api/v1)(/[^\s\"|?)]*)", commands):
                called = f"/api/v1{path}"
                assert any(pattern.fullmatch(called) for pattern in patterns), f"{page.name}: {called}"


def test_the_list_of_supported_elements_is_the_table() -> None:
    page = (ROOT / "docs" / "adding-an-element.md").read_text()
    assert set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)) == set(SUPPORTED)
