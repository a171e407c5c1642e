"""Where process P spends its time: `python -m bench.profile [instances]` prints cProfile's top entries."""

from __future__ import annotations

import cProfile
import pstats
import sys

from bench import ours
from bench.process_p import Timed
from engine.evaluators import CompiledFirst, SandboxEvaluator


def main(instances: int = 300) -> None:
    """Profile that many instances in one thread."""
    evaluator = CompiledFirst(SandboxEvaluator())
    with ours.opened(Timed(evaluator)) as engine:
        for _ in range(20):
            ours.one_instance(engine)
        profile = cProfile.Profile()
        profile.enable()
        for _ in range(instances):
            ours.one_instance(engine)
        profile.disable()
    evaluator.close()
    statistics = pstats.Stats(profile)
    statistics.sort_stats("tottime").print_stats(35)
    statistics.sort_stats("cumtime").print_stats(70)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
