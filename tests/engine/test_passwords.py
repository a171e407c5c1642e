"""What passwords cost the server that checks them."""

from __future__ import annotations

import subprocess
import sys

# In a process of its own: how memory is handed out is decided once for a process, by what it did before.
CROWD = """
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from engine.passwords import hash_password, verify_password

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

stored = hash_password("signalbox")
before = resident()
with ThreadPoolExecutor(8) as threads:
    assert all(threads.map(lambda _: verify_password(stored, "signalbox"), range(24)))
    print((resident() - before) // 1_000_000)
"""


def test_a_crowd_that_signs_in_leaves_its_memory_behind() -> None:
    done = subprocess.run([sys.executable, "-c", CROWD], capture_output=True, text=True, check=True, timeout=60)

    assert int(done.stdout) < 15, "megabytes kept of the 19 that each password takes"
