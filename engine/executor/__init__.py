"""The executor: threads of one process that run jobs of our own and keep house.

The database is the truth. A hint runs a job at once; a hint that is lost, with the process or otherwise, is found by
the sweep, and a duplicate one finds nothing to claim.
"""

from engine.executor.background import Background

__all__ = ["Background"]
