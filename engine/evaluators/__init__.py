"""What computes the scripts and conditions of a diagram: worker processes that know nothing and may do nothing."""

from engine.evaluators.limits import SandboxLimits
from engine.evaluators.sandbox import SandboxEvaluator

__all__ = ["SandboxEvaluator", "SandboxLimits"]
