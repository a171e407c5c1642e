"""The wheel holds all that runs: installed into an empty environment without Node, it serves the built browser app."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import urllib.request
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = {"bpmn", "engine", "api", "migrations"}

pytestmark = pytest.mark.wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of the sources and of the browser app that `make ui` built."""
    assert (ROOT / "api" / "static" / "index.html").is_file(), "the browser app is not built: run `make ui`"
    tree, out = tmp_path_factory.mktemp("sources"), tmp_path_factory.mktemp("wheel")
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    for name in (name for name in listed if not name.startswith(("tests/", "client/")) and (ROOT / name).is_file()):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, tree / name)
    shutil.copytree(ROOT / "api" / "static", tree / "api" / "static")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(tree)]
    environment = os.environ | {"SKIP_UI": "1"}
    done = subprocess.run(build, env=environment, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` folder of an empty environment into which the wheel was installed."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=True)
    command = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += ["--constraint", ROOT / "constraints.txt", wheel]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "bin"


def test_the_wheel_holds_the_packages_the_browser_app_and_the_migrations(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    folders = {name.split("/")[0] for name in names}
    assert {name for name in folders if not name.endswith(".dist-info")} == PACKAGES
    for needed in ("api/static/index.html", "bpmn/extensions.json", "migrations/env.py", "migrations/script.py.mako"):
        assert needed in names
    assert any(re.fullmatch(r"migrations/versions/\d+\w*\.py", name) for name in names)
    assert any(re.fullmatch(r"api/static/assets/.+\.js", name) for name in names)
    assert any(name.endswith("LICENSE") for name in names)
    assert not [name for name in names if name.endswith((".map", ".ts", ".tsx", ".pyc"))]


def test_the_installed_wheel_migrates_deploys_and_serves_the_page_without_node(installed: Path, tmp_path: Path) -> None:
    environment = {
        "PATH": str(installed),  # and nothing else: no Node, no checkout
        "HOME": str(tmp_path),
        "SIGNALBOX_DATABASE_URL": f"sqlite:///{tmp_path / 'signalbox.sqlite3'}",
    }
    assert shutil.which("node", path=environment["PATH"]) is None
    example = ROOT / "examples" / "sign-up-onboarding" / "sign-up-onboarding.bpmn"
    for arguments in (["migrate"], ["check", str(example)], ["deploy", str(example)]):
        done = subprocess.run(
            [installed / "signalbox", *arguments],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    serving = subprocess.Popen(
        [installed / "signalbox", "serve", "--port", "0", "--log-level", "warning"],
        env=environment,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert serving.stdout is not None
        line = serving.stdout.readline()
        found = re.search(r"http://\S+", line)
        assert found, line
        address = found.group()
        page = fetch(f"{address}/")
        assert "<title>" in page
        scripts = re.findall(r'(?:src|href)="(/assets/[^"]+\.(?:js|css))"', page)
        assert scripts
        for script in scripts:
            assert fetch(address + script)
        assert '"current"' in fetch(f"{address}/health")
        assert "<html" in fetch(f"{address}/api/docs")
    finally:
        serving.terminate()
        serving.communicate(timeout=30)
    assert serving.returncode == 0


def fetch(url: str) -> str:
    """The body of an answer that must be good."""
    with urllib.request.urlopen(url, timeout=10) as answer:
        assert answer.status == 200
        return str(answer.read().decode())
