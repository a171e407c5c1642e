"""Many ids in one question."""

from __future__ import annotations

from collections.abc import Iterable


def chunks(ids: Iterable[str], size: int = 500) -> Iterable[list[str]]:
    """Ids in portions that a statement can carry."""
    everything = list(ids)
    return (everything[start : start + size] for start in range(0, len(everything), size))
