"""How light it is: time to the first answer, memory and processor of the idle server, size of what is installed."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from bench.over_http import Server, processor_seconds, serving

PRODUCT = "signalbox-bpmn"
OUR_FOLDERS = ("bpmn", "engine", "api", "migrations")


@dataclass(frozen=True, slots=True)
class Footprint:
    """Seconds, megabytes, and per cent of one core."""

    first_answer: list[float]
    resident: float
    proportional: float
    all_resident: float
    all_proportional: float
    processes: int
    idle_cpu_percent: float
    with_sandbox_resident: float
    with_sandbox_proportional: float
    with_sandbox_processes: int


def measure(starts: int = 5, idle_seconds: float = 10.0) -> Footprint:
    """Start the server several times; look at the last one while nobody asks it anything."""
    first_answer = []
    for _ in range(starts - 1):
        with serving() as server:
            first_answer.append(server.seconds_to_first_answer)
    with serving() as server:
        first_answer.append(server.seconds_to_first_answer)
        time.sleep(3)
        before, begun = processor_seconds(server.pid), time.perf_counter()
        time.sleep(idle_seconds)
        cpu = (processor_seconds(server.pid) - before) / (time.perf_counter() - begun) * 100
        alone = _memory(server.pid)
        family = [_memory(pid) for pid in _family(server.pid)]
        with_sandbox = _after_a_script(server)
    return Footprint(
        first_answer,
        *alone,
        sum(each[0] for each in family),
        sum(each[1] for each in family),
        len(family),
        cpu,
        sum(each[0] for each in with_sandbox),
        sum(each[1] for each in with_sandbox),
        len(with_sandbox),
    )


def _after_a_script(server: Server) -> list[tuple[float, float]]:
    """Memory of all processes once a script has woken the sandbox."""
    from bench.over_http import Caller

    caller = Caller(server)
    source = (Path(__file__).parent / "process_p.bpmn").read_bytes()
    # A loop is beyond what is computed without the sandbox.
    source = source.replace(b"net = unit_price * quantity", b"net = sum([unit_price for _ in range(quantity)])")
    caller.deploy(source)
    caller.one_instance()
    time.sleep(1)
    return [_memory(pid) for pid in _family(server.pid)]


def _family(pid: int) -> list[int]:
    """The process and all that descend from it."""
    found = [pid]
    for parent in found:
        for children in Path(f"/proc/{parent}/task").glob("*/children"):
            found.extend(int(child) for child in children.read_text().split())
    return found


def _memory(pid: int) -> tuple[float, float]:
    """Resident and proportional megabytes."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    kilobytes = {name: int(value) for name, value in re.findall(r"^(Rss|Pss):\s+(\d+) kB", text, re.MULTILINE)}
    return kilobytes["Rss"] / 1024, kilobytes["Pss"] / 1024


def installed_megabytes() -> tuple[float, float, int]:
    """Our own code with the built browser app, what it depends on, and how many packages those are."""
    root = Path(__file__).parents[1]
    ours = sum(
        file.stat().st_size
        for folder in OUR_FOLDERS
        for file in (root / folder).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    )
    names = set(_required(PRODUCT)) - {_plain(PRODUCT)}
    theirs = sum(_size(name) for name in names)
    return ours / 1e6, theirs / 1e6, len(names)


def _required(name: str, seen: set[str] | None = None) -> Iterator[str]:
    seen = set() if seen is None else seen
    if _plain(name) in seen:
        return
    seen.add(_plain(name))
    try:
        requirements = metadata.requires(name) or []
    except metadata.PackageNotFoundError:  # for another system or another Python
        return
    yield _plain(name)
    for requirement in requirements:
        if "extra ==" not in requirement:
            yield from _required(re.split(r"[\s;<>=!~\[(]", requirement, maxsplit=1)[0], seen)


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _size(name: str) -> int:
    """What pip put there; not the caches that Python adds."""
    files = metadata.files(name) or []
    places = [Path(str(file.locate())) for file in files if file.suffix != ".pyc"]
    return sum(place.stat().st_size for place in places if place.is_file())


def median_start(footprint: Footprint) -> float:
    """The middle of the starts."""
    return statistics.median(footprint.first_answer)
