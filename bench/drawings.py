"""The diagrams that are measured besides process P: shapes of a given size, as XML."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise

KEY = "shape"
#: What an instance of a shape is started with; `n` is its size.
Variables = dict[str, int]

_HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="urn:signalbox:bench">'
)
_COUNT = "<bpmn:script>i = i + 1</bpmn:script>"


def diagram(body: str, key: str = KEY) -> bytes:
    """A file with one process."""
    process = f'<bpmn:process id="{key}" isExecutable="true">{body}</bpmn:process>'
    return f"{_HEAD}{process}</bpmn:definitions>".encode()


def flow(name: str, source: str, target: str, condition: str = "") -> str:
    """A sequence flow."""
    words = condition.replace("&", "&amp;").replace("<", "&lt;")
    inside = (
        f'<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">{words}</bpmn:conditionExpression>'
        if words
        else ""
    )
    return f'<bpmn:sequenceFlow id="{name}" sourceRef="{source}" targetRef="{target}">{inside}</bpmn:sequenceFlow>'


def node(kind: str, name: str, inside: str = "", more: str = "") -> str:
    """An element."""
    return f'<bpmn:{kind} id="{name}" {more}>{inside}</bpmn:{kind}>'


def _script(name: str) -> str:
    return node("scriptTask", name, _COUNT)


def chain(nodes: list[str], names: list[str]) -> str:
    """Start, these elements one after the other, end."""
    line = ["start", *names, "end"]
    flows = "".join(flow(f"to_{after}", before, after) for before, after in pairwise(line))
    return node("startEvent", "start") + "".join(nodes) + node("endEvent", "end") + flows


def side_by_side(nodes: list[str], names: list[str]) -> str:
    """Start, a parallel split, one of these elements in each branch, a join, end."""
    branches = "".join(flow(f"to_{name}", "split", name) + flow(f"from_{name}", name, "join") for name in names)
    gateways = node("parallelGateway", "split") + node("parallelGateway", "join")
    ends = node("startEvent", "start") + node("endEvent", "end")
    return ends + gateways + "".join(nodes) + branches + flow("in", "start", "split") + flow("out", "join", "end")


def again_and_again(body: str, first: str, last: str, condition: str) -> str:
    """Start, a body from `first` to `last` that is run as long as the condition holds, end."""
    return (
        node("startEvent", "start")
        + node("exclusiveGateway", "merge")
        + body
        + node("exclusiveGateway", "more", more='default="out"')
        + node("endEvent", "end")
        + flow("in", "start", "merge")
        + flow("work", "merge", first)
        + flow("ask", last, "more")
        + flow("back", "more", "merge", condition)
        + flow("out", "more", "end")
    )


def _linear(size: int) -> bytes:
    names = [f"task_{number}" for number in range(size)]
    return diagram(chain([_script(name) for name in names], names))


def _parallel(size: int) -> bytes:
    names = [f"task_{number}" for number in range(size)]
    return diagram(side_by_side([_script(name) for name in names], names))


def _loop(_size: int) -> bytes:
    return diagram(again_and_again(_script("turn"), "turn", "turn", "i < n"))


def _multi_instance(_size: int) -> bytes:
    cardinality = "<bpmn:loopCardinality>n</bpmn:loopCardinality>"
    times = f"<bpmn:multiInstanceLoopCharacteristics>{cardinality}</bpmn:multiInstanceLoopCharacteristics>"
    return diagram(chain([node("scriptTask", "items", times + _COUNT)], ["items"]))


def _sub_process_in_loop(_size: int) -> bytes:
    inside = (
        node("startEvent", "begin")
        + _script("turn")
        + node("endEvent", "done")
        + flow("inner", "begin", "turn")
        + flow("outer", "turn", "done")
    )
    return diagram(again_and_again(node("subProcess", "part", inside), "part", "part", "i < n"))


def _split_in_loop(_size: int) -> bytes:
    body = (
        node("parallelGateway", "split")
        + _script("left")
        + node("scriptTask", "right", "<bpmn:script>j = i</bpmn:script>")
        + node("parallelGateway", "join")
        + flow("to_left", "split", "left")
        + flow("to_right", "split", "right")
        + flow("from_left", "left", "join")
        + flow("from_right", "right", "join")
    )
    return diagram(again_and_again(body, "split", "join", "i < n"))


#: By its words: the diagram of a size.
SHAPES: Mapping[str, Callable[[int], bytes]] = {
    "linear": _linear,
    "loop": _loop,
    "parallel": _parallel,
    "multi-instance parallel": _multi_instance,
    "sub-process in a loop": _sub_process_in_loop,
    "split and join in a loop": _split_in_loop,
}


def variables(size: int) -> Variables:
    """What an instance of any shape is started with."""
    return {"i": 0, "n": size}
