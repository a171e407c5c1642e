"""`make` explains itself, and says what is missing where it cannot go on."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOOLS = (
    "make",
    "bash",
    "sh",
    "awk",
    "find",
    "sed",
    "grep",
    "cat",
    "touch",
    "mkdir",
    "rm",
    "df",
    "mktemp",
    "chmod",
    "id",
)


def make(folder: Path, path: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("make")
    assert program
    return subprocess.run(
        [program, *arguments], cwd=folder, env={"PATH": path}, capture_output=True, text=True, check=False, timeout=60
    )


def bare_machine(folder: Path, **programs: str) -> str:
    """A PATH with the plain tools of a system, and with these programs of ours."""
    tools = folder / "bin"
    tools.mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found, tool
        (tools / tool).symlink_to(found)
    for name, text in programs.items():
        (tools / name).write_text(text)
        (tools / name).chmod(0o755)
    return str(tools)


def test_help_says_what_each_target_does() -> None:
    text = (ROOT / "Makefile").read_text()
    declared = re.search(r"^\.PHONY: (.+)$", text, re.MULTILINE)
    assert declared
    shown = make(ROOT, "/usr/bin:/bin", "help").stdout
    for target in declared.group(1).split():
        assert re.search(rf"^  {target} +\S", shown, re.MULTILINE), f"make help does not explain {target}"
    assert make(ROOT, "/usr/bin:/bin").stdout == shown, "help is what plain `make` shows"


def test_without_python_make_says_what_to_install(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    done = make(tmp_path, bare_machine(tmp_path), "demo")
    assert done.returncode != 0
    assert "Signalbox needs Python 3.11 or newer, and none is on the PATH." in done.stdout
    assert "sudo apt-get install python3 python3-venv" in done.stdout
    assert "make demo PYTHON=/path/to/python3.11" in done.stdout


def test_a_python_that_is_too_old_is_as_good_as_none(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    path = bare_machine(tmp_path, python3="#!/bin/sh\nexit 1\n")
    assert "none is on the PATH" in make(tmp_path, path, "setup").stdout


def test_a_python_without_venv_is_named(tmp_path: Path) -> None:
    """Debian's python3 comes without ensurepip."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    no_venv = '#!/bin/sh\ncase "$2" in *ensurepip*) exit 1;; esac\nexit 0\n'
    done = make(tmp_path, bare_machine(tmp_path, python3=no_venv), "setup")
    assert done.returncode != 0
    assert "sudo apt-get install python3-venv" in done.stdout


def test_missing_parts_of_the_system_are_named_to_who_may_not_install_them(tmp_path: Path) -> None:
    """Nobody special, no Chromium, no initdb on the PATH, an apt-get that must not be called."""
    script = (ROOT / ".ci" / "system-parts").read_text().replace("/usr/lib/postgresql", str(tmp_path / "nothing"))
    path = bare_machine(tmp_path, **{"apt-get": "#!/bin/sh\nexit 9\n", "sudo": "#!/bin/sh\nexit 1\n"})
    (tmp_path / "bin" / "id").unlink()
    (tmp_path / "bin" / "id").write_text("#!/bin/sh\necho 1000\n")
    (tmp_path / "bin" / "id").chmod(0o755)
    done = subprocess.run(
        [shutil.which("bash") or "bash", "-c", script], env={"PATH": path}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "The tests need from the system: chromium postgresql curl." in done.stderr
    assert "sudo apt-get install chromium postgresql curl" in done.stderr
