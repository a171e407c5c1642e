"""Rules of the house that no linter holds: whose packages these are, names that say nothing, files that grow."""

from __future__ import annotations

import configparser
import importlib
import subprocess
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
OURS = ("bpmn", "engine", "api")

# Files over 400 lines, each with its reason.
LONG_FOR_A_REASON: dict[str, str] = {}

BANNED_NAMES = {"utils", "util", "common", "helpers", "helper", "manager", "misc", "stuff"}


def source_files(*suffixes: str) -> list[Path]:
    """What git knows, or would if it were added now."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    files = [ROOT / line for line in listed.stdout.splitlines()]
    return [file for file in files if file.suffix in suffixes and file.is_file()]


@pytest.mark.parametrize("package", OURS)
def test_the_package_in_the_environment_is_ours(package: str) -> None:
    """The names are short: a stranger's `api` in the environment would win silently over an editable one."""
    assert set(packages_distributions()[package]) == {"signalbox-bpmn"}
    module = importlib.import_module(package)
    assert module.__file__ is not None
    assert Path(module.__file__).resolve() == ROOT / package / "__init__.py"


def test_no_module_has_a_name_that_says_nothing() -> None:
    files = source_files(".py", ".ts", ".tsx")
    named = {part for file in files for part in file.relative_to(ROOT).with_suffix("").parts}
    assert not named & BANNED_NAMES


def test_no_file_is_longer_than_400_lines_without_a_reason() -> None:
    lengths = {
        str(file.relative_to(ROOT)): len(file.read_text().splitlines()) for file in source_files(".py", ".ts", ".tsx")
    }
    too_long = {name: length for name, length in lengths.items() if length > 400 and name not in LONG_FOR_A_REASON}
    assert not too_long
    assert not [name for name in LONG_FOR_A_REASON if lengths.get(name, 0) <= 400], "a reason that is not needed"


def test_tests_are_no_packages() -> None:
    """`tests/engine/__init__.py` would hide our `engine` from the tests."""
    assert not list((ROOT / "tests").rglob("__init__.py"))


def test_the_client_imports_none_of_the_server() -> None:
    for file in (ROOT / "client" / "signalbox_client").rglob("*.py"):
        for line in file.read_text().splitlines():
            words = line.split()
            if words[:1] in (["import"], ["from"]):
                assert words[1].split(".")[0] not in {*OURS, "migrations"}, f"{file}: {line}"


def test_migrations_stand_alone() -> None:
    """A revision must build the same schema for ever, whatever becomes of our modules."""
    for file in (ROOT / "migrations" / "versions").glob("*.py"):
        for line in file.read_text().splitlines():
            words = line.split()
            if words[:1] in (["import"], ["from"]):
                assert words[1].split(".")[0] not in OURS, f"{file}: {line}"


def test_every_direct_dependency_is_pinned_and_explained() -> None:
    pins = {
        line.split("==")[0].lower().replace("_", "-")
        for line in (ROOT / "constraints.txt").read_text().splitlines()
        if "==" in line and not line.startswith("#")
    }
    explained = (ROOT / "docs" / "dependencies.md").read_text().lower()
    for file in ("setup.cfg", "client/setup.cfg"):
        configuration = configparser.ConfigParser()
        configuration.read(ROOT / file)
        lists = [configuration["options"]["install_requires"]]
        if "options.extras_require" in configuration:
            lists += dict(configuration["options.extras_require"]).values()
        for requirement in (Requirement(line) for each in lists for line in each.split("\n") if line.strip()):
            name = requirement.name.lower().replace("_", "-")
            if name == "signalbox-bpmn":
                continue
            assert name in pins, f"{name} of {file} has no exact version in constraints.txt"
            assert f"| {name} |" in explained, f"docs/dependencies.md does not say why {name} is there"
