"""What computes the scripts and conditions of a diagram: worker processes that know nothing and may do nothing, and
for the simplest ones, closures that could not do anything either."""

from engine.evaluators.compiled import CompiledFirst
from engine.evaluators.limits import SandboxLimits
from engine.evaluators.sandbox import SandboxEvaluator

__all__ = ["CompiledFirst", "SandboxEvaluator", "SandboxLimits"]
