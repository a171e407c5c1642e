"""Correlation as the standard writes it: properties with message paths, keys, subscriptions (BPMN 2.0.2, 8.4.2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from xml.sax.saxutils import escape

import pytest

import bpmn
from bpmn import correlation, effects, triggers
from bpmn.events import MOST_KEYS
from bpmn.scripts import read_expression
from tests.bpmn.drawing import (
    Shape,
    attached,
    begin,
    catch,
    diagram,
    finish,
    message,
    process,
    receive,
    send,
    throw,
    timer,
    user,
)
from tests.bpmn.evaluating import PlainEvaluator
from tests.bpmn.walking import MODES, NOW, Walk

Drawn = Callable[..., Walk]


def prop(name: str, **paths: str) -> str:
    """A correlation property: message name → where its value stands in the payload."""
    inside = "".join(
        f'<bpmn:correlationPropertyRetrievalExpression messageRef="message_{one}"><bpmn:messagePath>{escape(path)}'
        "</bpmn:messagePath></bpmn:correlationPropertyRetrievalExpression>"
        for one, path in paths.items()
    )
    return f'<bpmn:correlationProperty id="prop_{name}" name="{name}">{inside}</bpmn:correlationProperty>'


def conversation(*names: str, flows: str = "") -> str:
    """A collaboration with one key of these properties."""
    inside = "".join(f"<bpmn:correlationPropertyRef>prop_{name}</bpmn:correlationPropertyRef>" for name in names)
    key = f'<bpmn:correlationKey id="key" name="main">{inside}</bpmn:correlationKey>' if names else ""
    return f'<bpmn:collaboration id="pools">{flows}{key}</bpmn:collaboration>'


def subscription(**paths: str) -> str:
    """The subscription of a process: property → where its value stands in the variables."""
    inside = "".join(
        f'<bpmn:correlationPropertyBinding id="bind_{name}" correlationPropertyRef="prop_{name}"><bpmn:dataPath>'
        f"{escape(path)}</bpmn:dataPath></bpmn:correlationPropertyBinding>"
        for name, path in paths.items()
    )
    return f'<bpmn:correlationSubscription id="sub" correlationKeyRef="key">{inside}</bpmn:correlationSubscription>'


def source(declared: str, inside: str, *paths: str, **elements: Any) -> bytes:
    drawn = process(*paths, **elements)
    return diagram(declared, drawn.replace("</bpmn:process>", f"{inside}</bpmn:process>"))


@pytest.fixture(params=MODES)
def walk(request: pytest.FixtureRequest) -> Drawn:
    def begin(declared: str, inside: str, *paths: str, **elements: Shape) -> Walk:
        document = bpmn.parse(source(declared, inside, *paths, **elements))
        return Walk(document.definitions[0], str(request.param))

    return begin


def keys(it: Walk, element: str) -> dict[str, Any]:
    """The keys of the newest subscription of that element."""
    found = [e for e in it.effects if isinstance(e, effects.OpenMessageSubscription) and e.element_id == element]
    return dict(found[-1].keys)


BOUND = (
    prop("order", paid="id", asked="number") + prop("who", paid="customer['id']") + conversation("order", "who"),
    subscription(order="order_id", who="buyer"),
)


@pytest.mark.parametrize("shape", [catch(message("paid")), receive("paid")], ids=["event", "task"])
def test_who_waits_binds_the_keys_to_its_variables(walk: Drawn, shape: Shape) -> None:
    it = walk(*BOUND, "start -> wait -> end", wait=shape).start(order_id=7, buyer="b1")
    assert keys(it, "wait") == {"order": 7, "who": "b1"}
    assert it.message("paid").state == "completed"


def test_only_the_properties_that_the_message_has_count(walk: Drawn) -> None:
    it = walk(*BOUND, "start -> wait -> end", wait=catch(message("asked"))).start(order_id=7, buyer="b1")
    assert keys(it, "wait") == {"order": 7}


def test_boundary_events_wait_with_keys_too(walk: Drawn) -> None:
    it = walk(*BOUND, "start -> ask -> end", "late -> end2", ask=user(), late=attached("ask", message("paid")))
    it.start(order_id=7, buyer="b1")
    assert keys(it, "late") == {"order": 7, "who": "b1"}


def test_a_binding_without_its_variable_is_an_incident(walk: Drawn) -> None:
    it = walk(*BOUND, "start -> wait -> end", wait=catch(message("paid"))).start(order_id=7)
    assert it.incidents == [("wait", "condition_failed")]
    assert "dataPath of the correlation property who (buyer)" in it.incident("wait").message
    it.set(buyer="b2").retry("wait")
    assert keys(it, "wait") == {"order": 7, "who": "b2"}


@pytest.mark.parametrize("place", ["send", "throw", "end"])
def test_who_sends_takes_the_keys_from_what_is_sent(walk: Drawn, place: str) -> None:
    sending = {"id": "n", "customer": "{'id': buyer}", "more": "1"}
    payload = "".join(f'<signalbox:payload name="{n}" value="{v}"/>' for n, v in sending.items())
    event = (
        '<bpmn:messageEventDefinition messageRef="message_paid"><bpmn:extensionElements>'
        f"{payload}</bpmn:extensionElements></bpmn:messageEventDefinition>"
    )
    shape = {"send": send("paid", None, **sending), "throw": throw(event), "end": finish(event)}[place]
    path = "start -> tell" if place == "end" else "start -> tell -> end"
    it = walk(*BOUND, path, tell=shape).start(n=7, buyer="b1", order_id=0)
    [sent] = it.thrown
    assert isinstance(sent, effects.ThrowMessage)
    assert sent.keys == {"order": 7, "who": "b1"}
    assert sent.variables == {"id": 7, "customer": {"id": "b1"}, "more": 1}


def test_a_path_sees_what_is_sent_and_nothing_else(walk: Drawn) -> None:
    it = walk(*BOUND, "start -> tell -> end", tell=send("asked", None, other="1")).start(number=7, buyer="b1")
    assert it.incidents == [("tell", "condition_failed")]
    assert "messagePath of the correlation property order (number)" in it.incident("tell").message


def test_our_own_entries_go_before_the_standard_s(walk: Drawn) -> None:
    it = walk(*BOUND, "start -> wait -> end", wait=catch(message("paid", order="99"))).start(order_id=7, buyer="b")
    assert keys(it, "wait") == {"order": 99, "who": "b"}
    it = walk(*BOUND, "start -> tell -> end", tell=send("asked", {"order": "98", "x": "1"}, number="7")).start()
    assert it.thrown[0].keys == {"order": 98, "x": 1}  # type: ignore[union-attr]


# -- a conversation: the first message gives the key its value
TALK = (prop("order", order="number", answer="about['order']", paid="number") + conversation("order"), "")


def test_what_is_sent_first_must_come_back(walk: Drawn) -> None:
    it = walk(
        *TALK, "start -> tell -> wait -> end", tell=send("order", None, number="n"), wait=catch(message("answer"))
    )
    it.start(n=5)
    assert keys(it, "wait") == {"order": 5}
    assert it.message("answer", about={"order": 5}).state == "completed"


def test_what_is_received_first_must_be_the_same_later(walk: Drawn) -> None:
    paths = "start -> wait -> pause -> later -> end"
    shapes = {"wait": catch(message("order")), "pause": user(), "later": receive("paid")}
    it = walk(*TALK, paths, **shapes).start()
    assert keys(it, "wait") == {}
    it.message("order", number=8).set(number=9)
    it.complete("pause")
    assert keys(it, "later") == {"order": 8}


def test_a_message_that_starts_an_instance_begins_its_conversation(walk: Drawn) -> None:
    it = walk(*TALK, "come -> wait -> end", come=begin(message("order")), wait=catch(message("paid")))
    it.do(triggers.Start({"number": 3}, element_id="come"))
    assert keys(it, "wait") == {"order": 3}


def test_the_keys_that_a_sender_names_go_before_the_payload(walk: Drawn) -> None:
    it = walk(*TALK, "come -> wait -> end", come=begin(message("order")), wait=catch(message("paid")))
    it.do(triggers.Start({"number": 3}, element_id="come", keys={"order": 4, "unknown": 1}))
    assert keys(it, "wait") == {"order": 4}
    it = walk(*TALK, "start -> wait -> later -> end", wait=catch(message("order")), later=receive("paid")).start()
    it.do(triggers.MessageReceived(it.token("wait", effects.OpenMessageSubscription), {}, keys={"order": 6}))
    assert keys(it, "later") == {"order": 6}


def test_a_payload_without_the_value_leaves_the_conversation_open(walk: Drawn) -> None:
    it = walk(*TALK, "start -> wait -> later -> end", wait=catch(message("order")), later=receive("paid")).start()
    it.message("order", other=1)
    assert keys(it, "later") == {}


def test_the_first_value_stays(walk: Drawn) -> None:
    it = walk(
        *TALK,
        "start -> tell -> again -> wait -> end",
        tell=send("order", None, number="1"),
        again=send("order", None, number="2"),
        wait=catch(message("answer")),
    ).start()
    assert [sent.keys for sent in it.thrown if isinstance(sent, effects.ThrowMessage)] == [{"order": 1}, {"order": 2}]
    assert keys(it, "wait") == {"order": 1}


# -- from outside
def test_the_engine_finds_the_keys_in_the_payload() -> None:
    declared, inside = BOUND
    definition = bpmn.parse(source(declared, inside, "start -> wait -> end", wait=catch(message("paid")))).definitions[
        0
    ]

    def found(**payload: Any) -> dict[str, Any]:
        return bpmn.message_keys(definition, "paid", payload, PlainEvaluator(), NOW)

    assert found(id=7, customer={"id": "b1"}, order_id=1) == {"order": 7, "who": "b1"}
    assert found(id=7, customer={}) == {"order": 7}
    assert bpmn.message_keys(definition, "unknown", {"id": 7}, PlainEvaluator(), NOW) == {}


def test_a_message_start_says_how_its_keys_are_found() -> None:
    declared, inside = TALK
    document = bpmn.parse(source(declared, inside, "come -> end", come=begin(message("order"))))
    [point] = document.definitions[0].start_points
    [event] = point.events
    assert [(one.name, one.path.source) for one in event.properties] == [("order", "number")]  # type: ignore[union-attr]
    assert document.definitions[0].message_paths["order"][0][0] == "order"


# -- what cannot be read
@pytest.mark.parametrize(
    ("declared", "inside", "code", "words"),
    [
        (prop("order", paid="/order/id"), "", "expression_syntax", "The correlation property order: '/order/id'"),
        (prop("order", paid="=id"), "", "language_unsupported", "'=id' is no Python"),
        (prop("order", paid=" "), "", "correlation_path", "has no messagePath"),
        (
            prop("order", paid="id").replace("<bpmn:messagePath>", '<bpmn:messagePath language="http://x/XPath">'),
            "",
            "language_unsupported",
            "no Python",
        ),
        (
            prop("order", paid="id") + conversation("order"),
            subscription(order="a b"),
            "expression_syntax",
            "binding of the correlation",
        ),
    ],
)
def test_a_path_that_is_no_python_is_refused(declared: str, inside: str, code: str, words: str) -> None:
    problems = bpmn.check(source(declared, inside, "start -> wait -> end", wait=catch(message("paid"))))
    errors = [p for p in problems if p.severity == "error"]
    assert [(p.code, p.element_id) for p in errors] == [(code, "wait")]
    assert words in errors[0].message
    assert errors[0].line


# -- between pools
def flow(source_id: str, target: str, name: str | None = None) -> str:
    reference = f' messageRef="message_{name}"' if name else ""
    return f'<bpmn:messageFlow id="flow_{source_id}" sourceRef="{source_id}" targetRef="{target}"{reference}/>'


def test_a_message_flow_names_the_message_of_an_event_without_one(walk: Drawn) -> None:
    nameless = "<bpmn:messageEventDefinition/>"
    pools = conversation(flows=flow("tell", "pool", "order") + flow("pool", "wait", "answer"))
    it = walk(pools, "", "start -> tell -> wait -> end", tell=throw(nameless), wait=catch(nameless)).start()
    assert [sent.name for sent in it.thrown] == ["order"]
    assert it.listening == ["answer"]


@pytest.mark.parametrize(
    "flows",
    ["", flow("pool", "wait"), flow("pool", "wait", "a") + flow("other", "wait", "b")],
    ids=["none", "nameless", "two"],
)
def test_without_one_name_it_is_refused(flows: str) -> None:
    drawn = process("start -> wait -> end", wait=catch("<bpmn:messageEventDefinition/>"))
    problems = bpmn.check(diagram(conversation(flows=flows), drawn))
    assert [(p.code, p.element_id) for p in problems if p.severity == "error"] == [("message_missing", "wait")]


# -- other dialects
def declared_message(inside: str, name: str = "paid") -> str:
    spaces = 'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core"'
    return (
        f'<bpmn:message id="m" name="{name}" {spaces}><bpmn:extensionElements>{inside}'
        "</bpmn:extensionElements></bpmn:message>"
    )


REFERRED = '<bpmn:messageEventDefinition messageRef="m"/>'


def test_a_key_of_camunda_8(walk: Drawn) -> None:
    declared = declared_message('<zeebe:subscription correlationKey="= order.id"/>')
    it = walk(declared, "", "start -> wait -> end", wait=catch(REFERRED)).start(order={"id": 4})
    assert keys(it, "wait") == {"correlationKey": 4}


def test_a_key_of_camunda_8_that_is_more_than_a_path_is_refused() -> None:
    declared = declared_message('<zeebe:subscription correlationKey="=string(order.id)"/>')
    [problem] = bpmn.check(source(declared, "", "start -> wait -> end", wait=catch(REFERRED)))
    assert problem.code == "language_unsupported"
    assert "signalbox:correlation" in problem.message


def test_messages_of_spiffworkflow(walk: Drawn) -> None:
    declared = declared_message(
        "<spiffworkflow:messagePayload>{'id': n + 1, 'note': 'x'}</spiffworkflow:messagePayload>"
        "<spiffworkflow:messageVariable>got</spiffworkflow:messageVariable>"
    ) + prop("order", x="1").replace('"message_x"', '"m"').replace(">1<", ">id<")
    bound = (
        "<spiffworkflow:processVariableCorrelation><spiffworkflow:propertyId>prop_order</spiffworkflow:propertyId>"
        "<spiffworkflow:expression>n * 2</spiffworkflow:expression></spiffworkflow:processVariableCorrelation>"
    )
    event = (
        '<bpmn:messageEventDefinition messageRef="m" '
        'xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core">'
        f"<bpmn:extensionElements>{bound}</bpmn:extensionElements></bpmn:messageEventDefinition>"
    )
    it = walk(declared, "", "start -> tell -> wait -> end", tell=throw(REFERRED), wait=catch(event)).start(n=3)
    [sent] = it.thrown
    assert isinstance(sent, effects.ThrowMessage)
    assert (sent.variables, sent.keys) == ({"id": 4, "note": "x"}, {"order": 4})
    assert keys(it, "wait") == {"order": 6}
    it.message("paid", id=6)
    assert it.variables["got"] == {"id": 6}


def test_a_payload_of_spiffworkflow_that_is_no_dict_is_refused() -> None:
    declared = declared_message("<spiffworkflow:messagePayload>order</spiffworkflow:messagePayload>")
    [problem] = bpmn.check(source(declared, "", "start -> tell -> end", tell=throw(REFERRED)))
    assert (problem.code, problem.element_id) == ("message_payload", "tell")


def test_a_timer_beside_it_keeps_its_own_way(walk: Drawn) -> None:
    it = walk(*BOUND, "start -> wait -> end", wait=catch(message("paid"), timer("duration", "PT1H")))
    it.start(order_id=7, buyer="b1")
    assert keys(it, "wait") == {"order": 7, "who": "b1"}


def test_who_serves_no_keys_may_refuse_these_too() -> None:
    declared, inside = BOUND
    file = source(declared, inside, "start -> wait -> end", wait=catch(message("paid")))
    assert [(p.code, p.element_id) for p in bpmn.check(file, {"correlation_keys"})] == [("unsupported_element", "wait")]


def test_a_message_has_a_bounded_number_of_properties() -> None:
    declared = "".join(prop(f"p{number}", paid="a") for number in range(101))
    [problem] = bpmn.check(source(declared, "", "start -> wait -> end", wait=catch(message("paid"))))
    assert (problem.code, problem.element_id) == ("correlation_path", "wait")
    assert "at most 100" in problem.message


def test_an_expression_of_spiffworkflow_that_cannot_be_read_is_refused() -> None:
    declared = declared_message("<spiffworkflow:processVariableCorrelation/>")
    [problem] = bpmn.check(source(declared, "", "start -> wait -> end", wait=catch(REFERRED)))
    assert (problem.code, problem.element_id) == ("expression_syntax", "wait")


def test_what_many_events_say_of_one_message_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a file could make its check cost the product of two of its sizes."""
    read: list[str] = []

    def note(text: str) -> bpmn.Expression:
        read.append(text)
        return read_expression(text)

    monkeypatch.setattr(correlation, "read_expression", note)
    declared = "".join(prop(f"p{number}", paid=f"a + {number}") for number in range(MOST_KEYS))
    waits = {f"w{number}": catch(message("paid")) for number in range(50)}
    assert bpmn.check(source(declared, "", " -> ".join(["start", *waits, "end"]), **waits)) == []
    assert sorted(read) == sorted(f"a + {number}" for number in range(MOST_KEYS))


@pytest.mark.parametrize(
    ("there", "gone", "severity", "element"),
    [
        (">prop_order<", ">gone<", "error", "key"),
        ('correlationKeyRef="key"', 'correlationKeyRef="gone"', "error", "sub"),
        ('correlationPropertyRef="prop_order"', 'correlationPropertyRef="gone"', "error", "bind_order"),
        ('Expression messageRef="message_asked"', 'Expression messageRef="gone"', "warning", "prop_order"),
    ],
)
def test_what_it_refers_to_is_there(there: str, gone: str, severity: str, element: str) -> None:
    declared, inside = BOUND
    file = source(declared, inside, "start -> wait -> end", wait=catch(message("paid"))).decode()
    assert bpmn.check(file.encode()) == []
    assert file.count(there) == 1
    problems = bpmn.check(file.replace(there, gone).encode())
    assert [(p.severity, p.element_id) for p in problems if p.code.startswith("dangling")] == [(severity, element)]
    assert "gone" in problems[0].message
    assert problems[0].line
