"""Imports run one way: the contracts of setup.cfg hold, and each of them notices a violation planted into a copy."""

from __future__ import annotations

import configparser
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("api", "engine", "bpmn")

# One planted line for each contract: the file it goes into, the line, and the name of the contract that must break.
PLANTED = {
    "layers": ("bpmn/problems.py", "import engine.errors", "api over engine over bpmn"),
    "facade": ("api/problems.py", "import engine.store.tables", "api sees neither the language layer nor the store"),
    "spiff": ("engine/rights.py", "import SpiffWorkflow", "only bpmn knows SpiffWorkflow"),
    "lxml": ("api/problems.py", "import lxml.etree", "only bpmn reads XML"),
    "sql": ("engine/rights.py", "import sqlalchemy", "only engine.store knows SQLAlchemy"),
    "web": ("engine/rights.py", "import flask", "only api knows Flask"),
    "sandbox": ("engine/rights.py", "import pydantic_monty", "only the evaluators know the sandbox"),
    "ticker": ("engine/rights.py", "import apscheduler", "only the executor knows the ticker"),
    "engine": ("engine/rights.py", "import engine.user_tasks", "layers inside engine"),
    "nouns": ("engine/user_tasks.py", "import engine.messages", "layers inside engine"),
}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the contracts of a tree, from inside it, so that its own packages are the ones that are read."""
    command = [sys.executable, "-m", "importlinter.cli", "lint-imports"]
    program = (
        "import sys; sys.path.insert(0, ''); from importlinter.cli import lint_imports_command;"
        "lint_imports_command(['--config', 'setup.cfg', '--no-cache'])"
    )
    command = [sys.executable, "-c", program]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)


def copy_of_the_tree(into: Path) -> Path:
    for package in PACKAGES:
        shutil.copytree(ROOT / package, into / package, ignore=shutil.ignore_patterns("__pycache__", "static"))
    shutil.copy(ROOT / "setup.cfg", into)
    return into


def broken(output: str) -> set[str]:
    return {line.removesuffix(" BROKEN") for line in output.splitlines() if line.endswith(" BROKEN")}


def test_the_contracts_hold() -> None:
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("contract", PLANTED)
def test_a_planted_violation_is_caught(contract: str, tmp_path: Path) -> None:
    file, line, name = PLANTED[contract]
    planted = copy_of_the_tree(tmp_path) / file
    planted.write_text(planted.read_text() + f"\n{line}\n")
    result = lint(tmp_path)
    assert result.returncode != 0
    assert name in broken(result.stdout), result.stdout + result.stderr


def test_a_module_that_no_layer_names_is_caught(tmp_path: Path) -> None:
    copy_of_the_tree(tmp_path)
    (tmp_path / "engine" / "stray.py").write_text('"""A module without a place."""\n')
    result = lint(tmp_path)
    assert result.returncode != 0
    assert "stray" in result.stdout


def test_every_contract_has_a_planted_violation() -> None:
    configuration = configparser.ConfigParser()
    configuration.read(ROOT / "setup.cfg")
    contracts = {
        configuration[section]["name"]
        for section in configuration.sections()
        if section.startswith("importlinter:contract:")
    }
    assert contracts == {name for _, _, name in PLANTED.values()}
