"""What is legal and sound is not suspected."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

import bpmn
from tests.bpmn.block_drawing import Drawing
from tests.bpmn.random_blocks import Block, blocks


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None)
@given(blocks(most=20))
def test_nothing_is_suspected_in_a_process_made_of_blocks(block: Block) -> None:
    """Each split of such a process has its join, and each loop its way out."""
    assert {problem.code for problem in bpmn.check(Drawing().source(block))} <= {"no_default"}
