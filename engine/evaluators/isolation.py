"""Confines a worker beyond what the interpreter promises: bubblewrap gives it an empty file system, no network, no
other process to see, and no right to anything. A flaw in the interpreter then leads nowhere."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sysconfig
import tempfile
import weakref
from pathlib import Path

from engine.evaluators import failures
from engine.evaluators.limits import SandboxLimits

# Where the C library and its loader are, as far as the machine has these folders.
_LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64")
_INSIDE = "/monty"


class Bubblewrap:
    """Writes the program that starts confined workers into a private folder; `close` removes it."""

    def __init__(self, limits: SandboxLimits) -> None:
        """Raises `EvaluationFailed` of kind "unavailable" where bubblewrap cannot be used."""
        command = _command(limits)
        try:
            # The pool's workers wait for their input; this one ends at once, because it gets none.
            tried = subprocess.run(
                [*command, "subprocess"],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=10,
                check=False,
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise failures.unavailable(f"bubblewrap is asked for, and does not work here ({error}).") from error
        if tried.returncode != 0:
            reason = tried.stderr.strip().partition("\n")[0] or f"exit code {tried.returncode}"
            raise failures.unavailable(f"bubblewrap is asked for, and does not work here ({reason}).")
        folder = tempfile.mkdtemp(prefix="signalbox-sandbox-")
        self._remove = weakref.finalize(self, _remove, folder, os.getpid())
        self.program = Path(folder) / "worker"
        self.program.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n')
        self.program.chmod(0o700)

    def close(self) -> None:
        """Remove the program."""
        self._remove()


def _remove(folder: str, owner: int) -> None:
    # A forked child that ends must not take the folder from its parent.
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)


def _command(limits: SandboxLimits) -> list[str]:
    bubblewrap, bound = shutil.which("bwrap"), shutil.which("prlimit")
    if bubblewrap is None or bound is None:
        missing = "bwrap (Debian: bubblewrap)" if bubblewrap is None else "prlimit (Debian: util-linux)"
        raise failures.unavailable(f"its isolation needs {missing}, which is not on the PATH.")
    interpreter = Path(sysconfig.get_path("scripts")) / "monty"
    if not interpreter.is_file():
        raise failures.unavailable(f"its interpreter is not at {interpreter}.")
    libraries = [part for folder in _LIBRARIES if Path(folder).exists() for part in ("--ro-bind", folder, folder)]
    # Not `--die-with-parent`: the parent it means is the thread that happened to start the worker. A worker whose host
    # is gone reads the end of its input; the bound on processor time is for one that would never read again.
    return [
        bound, f"--as={limits.address_space_bytes}", f"--cpu={_cpu_seconds(limits)}", "--fsize=0", "--core=0", "--",
        bubblewrap, "--unshare-all", "--new-session", "--cap-drop", "ALL", "--clearenv",
        *libraries, "--ro-bind", str(interpreter), _INSIDE, "--chdir", "/", "--", _INSIDE,
    ]  # fmt: skip


def _cpu_seconds(limits: SandboxLimits) -> int:
    """More than a worker can use in all evaluations of its life."""
    return int(limits.evaluations_per_worker * (limits.time_seconds + limits.time_grace_seconds)) + 10
