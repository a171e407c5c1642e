"""Undoing what was done (BPMN 2.0.2, 13.5.5) and transactions (13.3.5)."""

from __future__ import annotations

from tests.bpmn.conftest import Walking
from tests.bpmn.drawing import (
    CANCEL,
    Shape,
    attached,
    begin,
    choice,
    compensation,
    error,
    finish,
    fork,
    on_event,
    script,
    several,
    sub_process,
    throw,
    tie,
    transaction,
    undoing,
    user,
)


def _undoable(name: str, shape: Shape, handler: Shape) -> dict[str, Shape]:
    """An activity with its compensation handler."""
    return {
        name: shape,
        f"{name}_event": attached(name, compensation()),
        f"undo_{name}": undoing(handler),
        f"{name}_tie": tie(f"{name}_event", f"undo_{name}"),
    }


def _log(word: str) -> Shape:
    return script(f"log = log + ['{word}']")


def test_handlers_run_in_reverse_order_and_the_throw_waits(walk: Walking) -> None:
    it = walk(
        "start -> book -> pay -> sorry -> end",
        **_undoable("book", script("room = 1"), user()),
        **_undoable("pay", script("paid = 1"), user()),
        sorry=throw(compensation()),
    ).start()
    assert it.waiting == ["undo_pay"]
    it.complete("undo_pay")
    assert it.waiting == ["undo_book"]
    assert it.outcome("sorry") == ["running"]
    it.complete("undo_book")
    assert it.ran(["sorry", "end"]) == {"sorry": 1, "end": 1}
    assert it.state == "completed"


def test_a_handler_sees_the_variables_as_they_were(walk: Walking) -> None:
    it = walk(
        "start -> book -> change -> sorry -> end",
        **_undoable("book", script("room = n"), script("undone = room\nroom = 0")),
        change=script("room = 99\nn = 5"),
        sorry=throw(compensation()),
    ).start(n=7)
    assert it.variables["undone"] == 7
    assert it.variables["room"] == 0, "what a handler writes is written"
    assert it.variables["n"] == 5


def test_one_activity_alone(walk: Walking) -> None:
    it = walk(
        "start -> a -> b -> sorry -> end",
        **_undoable("a", _log("a"), script("undone_a = True")),
        **_undoable("b", _log("b"), script("undone_b = True")),
        sorry=throw(compensation("a")),
    ).start(log=[])
    assert it.variables == {"log": ["a", "b"], "undone_a": True}


def test_what_did_not_complete_is_not_undone(walk: Walking) -> None:
    it = walk(
        "start -> fork -> a -> end",
        "fork -> sorry -> end2",
        fork=fork(),
        **_undoable("a", user(), script("undone = True")),
        sorry=throw(compensation()),
    ).start()
    assert it.ran(["sorry", "undo_a"]) == {"sorry": 1}
    it.complete("a")
    assert it.state == "completed"


def test_what_was_undone_is_not_undone_again(walk: Walking) -> None:
    it = walk(
        "start -> a -> once -> twice -> end",
        **_undoable("a", script("x = 1"), script("count = count + 1")),
        once=throw(compensation()),
        twice=throw(compensation()),
    ).start(count=0)
    assert it.variables["count"] == 1


def test_each_turn_of_a_loop_is_undone(walk: Walking) -> None:
    it = walk(
        "start -> a -> gate",
        "gate -[n < 3]-> a",
        "gate -default-> sorry -> end",
        **_undoable("a", script("n = n + 1"), script("undone = undone + [n]")),
        gate=choice(),
        sorry=throw(compensation()),
    ).start(n=0, undone=[])
    # Each handler begins with what it saw when its turn completed.
    assert it.ran(["undo_a"]) == {"undo_a": 3}
    assert it.variables["undone"] == [1]


def test_each_instance_of_a_multi_instance_activity_is_undone(walk: Walking) -> None:
    it = walk(
        "start -> a -> sorry -> end",
        **_undoable("a", several(script("y = x"), of="xs", each="x"), user("{{x}}")),
        sorry=throw(compensation()),
    ).start(xs=["p", "q"])
    assert it.opened("undo_a").name == "q"
    it.complete("undo_a")
    assert it.opened("undo_a").name == "p"
    it.complete("undo_a")
    assert it.state == "completed"


def test_a_sub_process_is_undone_activity_by_activity(walk: Walking) -> None:
    it = walk(
        "start -> part -> sorry -> end",
        part=sub_process(
            "start2 -> a -> b -> end2",
            **_undoable("a", _log("a"), user()),
            **_undoable("b", _log("b"), user()),
        ),
        sorry=throw(compensation("part")),
    ).start(log=[])
    assert it.waiting == ["undo_b"]
    it.complete("undo_b").complete("undo_a")
    assert it.ran(["part", "sorry", "end"]) == {"part": 2, "sorry": 1, "end": 1}
    assert it.state == "completed"


def test_a_sub_process_with_a_handler_of_its_own(walk: Walking) -> None:
    it = walk(
        "start -> part -> sorry -> end",
        part=sub_process(
            "start2 -> a -> end2",
            **_undoable("a", script("x = 1"), script("undone_a = True")),
            undo=on_event(
                begin(compensation()), "begun -> tidy -> own -> end3", tidy=user(), own=throw(compensation())
            ),
        ),
        sorry=throw(compensation()),
    ).start()
    assert it.waiting == ["tidy"]
    assert it.ran(["undo_a"]) == {}
    it.complete("tidy")
    assert it.variables["undone_a"] is True
    assert it.state == "completed"


def test_a_handler_for_an_error_undoes_its_scope(walk: Walking) -> None:
    it = walk(
        "start -> part -> end",
        part=sub_process(
            "start2 -> a -> bad",
            **_undoable("a", script("x = 1"), script("undone = True")),
            bad=finish(error("E")),
            repair=on_event(begin(error()), "begun -> sorry -> end3", sorry=throw(compensation())),
        ),
    ).start()
    assert it.variables["undone"] is True
    assert it.state == "completed"


def test_a_cancelled_transaction_is_undone_and_left_by_its_event(walk: Walking) -> None:
    it = walk(
        "start -> deal -> end",
        "gone -> sad -> end2",
        deal=transaction(
            "start3 -> fork -> a -> call_off",
            "fork -> wait -> end3",
            fork=fork(),
            wait=user(),
            **_undoable("a", script("x = 1"), user()),
            call_off=finish(CANCEL),
        ),
        gone=attached("deal", CANCEL),
    ).start()
    assert it.outcome("wait") == ["cancelled"]
    assert it.waiting == ["undo_a"]
    assert it.outcome("gone") == []
    it.complete("undo_a")
    assert it.ran(["gone", "sad", "end"]) == {"gone": 1, "sad": 1}
    assert it.outcome("deal") == ["cancelled"]
    assert it.state == "completed"


def test_a_transaction_that_succeeds_goes_on(walk: Walking) -> None:
    it = walk(
        "start -> deal -> end",
        "gone -> end2",
        deal=transaction(
            "start3 -> ask -> gate",
            "gate -[ok]-> end3",
            "gate -default-> off",
            ask=user(),
            gate=choice(),
            off=finish(CANCEL),
        ),
        gone=attached("deal", CANCEL),
    ).start()
    it.complete("ask", ok=True)
    assert it.ran(["deal", "end", "gone"]) == {"deal": 1, "end": 1}


def test_a_transaction_with_nothing_to_undo_is_left_at_once(walk: Walking) -> None:
    it = walk(
        "start -> deal -> end",
        "gone -> end2",
        deal=transaction("start3 -> off", off=finish(CANCEL)),
        gone=attached("deal", CANCEL),
    ).start()
    assert it.ran(["gone"]) == {"gone": 1}
    assert it.state == "completed"


def test_cancelling_while_handlers_run(walk: Walking) -> None:
    it = walk(
        "start -> a -> sorry -> end",
        **_undoable("a", script("x = 1"), user()),
        sorry=throw(compensation()),
    ).start()
    assert it.waiting == ["undo_a"]
    assert it.cancel().state == "cancelled"


def test_a_handler_that_fails_can_be_repaired(walk: Walking) -> None:
    it = walk(
        "start -> a -> sorry -> end",
        **_undoable("a", script("x = 1"), script("y = missing")),
        sorry=throw(compensation()),
    ).start()
    assert it.incidents == [("undo_a", "script_failed")]
    it.set(missing=2).retry("undo_a")
    assert it.variables["y"] == 2
    assert it.state == "completed"
