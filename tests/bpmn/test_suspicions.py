"""What is legal and sound is not suspected."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

import bpmn
from tests.bpmn.block_drawing import Drawing
from tests.bpmn.drawing import (
    catch,
    choice,
    diagram,
    first_event,
    fork,
    message,
    plain_start,
    process,
    sub_process,
    user,
)
from tests.bpmn.random_blocks import Block, blocks
from tests.bpmn.walking import Walk


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None)
@given(blocks(most=20))
def test_nothing_is_suspected_in_a_process_made_of_blocks(block: Block) -> None:
    """Each split of such a process has its join, and each loop its way out."""
    assert {problem.code for problem in bpmn.check(Drawing().source(block))} <= {"no_default"}


def test_an_event_may_follow_an_event_based_gateway_by_reference() -> None:
    late = (
        '<bpmn:timerEventDefinition id="late"><bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition>'
    )
    drawn = process(
        "start -> first -> come -> end",
        "first -> wait -> end",
        first=first_event(),
        come=catch(message("paid")),
        wait=catch("<bpmn:eventDefinitionRef>late</bpmn:eventDefinitionRef>"),
    )
    source = diagram(late, drawn)
    assert bpmn.check(source) == []
    assert Walk(bpmn.parse(source).definitions[0]).start().timers == ["wait"]


def test_a_sub_process_with_both_kinds_of_start_is_warned_of_and_begins_at_both() -> None:
    work = sub_process("s_in -> ask -> end_in", "look -> end_look", s_in=plain_start(), ask=user(), look=user())
    source = diagram(process("start -> work -> end", work=work))
    assert [(p.code, p.element_id, p.severity) for p in bpmn.check(source)] == [("implicit_start", "look", "warning")]
    it = Walk(bpmn.parse(source).definitions[0]).start()
    assert it.waiting == ["ask", "look"]
    assert it.complete("ask").complete("look").state == "completed"


def test_a_join_behind_a_loop_is_not_suspected() -> None:
    drawn = process(
        "start -> merge -> work -> again",
        "again -[more]-> merge",
        "again -default-> split",
        "split -> a -> sync -> end",
        "split -> b -> sync",
        merge=choice(),
        again=choice(),
        split=fork(),
        sync=fork(),
    )
    assert bpmn.check(diagram(drawn)) == []
