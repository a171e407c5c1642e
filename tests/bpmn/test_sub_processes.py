"""Embedded sub-processes and the scopes they open."""

from __future__ import annotations

from tests.bpmn.conftest import Walking
from tests.bpmn.drawing import fork, script, sub_process, user


def test_a_sub_process_completes_when_its_last_token_is_gone(walk: Walking) -> None:
    it = walk(
        "start -> work -> after -> end",
        after=user(),
        work=sub_process("start_in -> split -> a -> end_a", "split -> b -> end_b", split=fork(), a=user(), b=user()),
    ).start()
    it.complete("a")
    assert it.waiting == ["b"]
    it.complete("b")
    assert it.waiting == ["after"]
    assert it.outcome("work") == ["completed"]


def test_sub_processes_nest(walk: Walking) -> None:
    deep = user()
    inner = {"s0": sub_process("start_d -> deep -> end_d", deep=deep)}
    for level in range(1, 20):
        inner = {f"s{level}": sub_process(f"start_{level} -> s{level - 1} -> end_{level}", **inner)}
    it = walk("start -> s19 -> end", **inner).start()
    assert it.waiting == ["deep"]
    assert len(it.live.scopes()) == 21
    it.complete("deep")
    assert it.state == "completed"
    assert it.live.scopes() == {1: None}


def test_variables_of_a_scope_hide_the_outer_ones_and_go_with_it(walk: Walking) -> None:
    it = walk(
        "start -> work -> after -> end",
        after=user(),
        work=sub_process(
            "start_in -> ask -> calc -> see -> end_in", ask=user(), see=user(), calc=script("n = n + 1\nnew = 1")
        ),
    ).start(n=10, m=1)
    it.set(it.scope_of("work"), n=1, own=True)
    assert it.live.visible_variables(it.token("ask", object)) == {"n": 1, "m": 1, "own": True}
    it.complete("ask", m=2)
    assert it.variables == {"n": 10, "m": 2, "new": 1}, "written where it is defined, else on the instance"
    assert it.live.visible_variables(it.token("see", object)) == {"n": 2, "m": 2, "new": 1, "own": True}
    it.complete("see")
    assert it.store.variables.keys() == {(1, "n"), (1, "m"), (1, "new")}


def test_a_cancelled_scope_takes_its_variables_with_it(walk: Walking) -> None:
    it = walk("start -> work -> end", work=sub_process("start_in -> ask -> end_in", ask=user())).start(n=1)
    it.set(it.scope_of("work"), own=True)
    it.cancel()
    assert it.store.variables.keys() == {(1, "n")}
    assert it.outcome("ask") == it.outcome("work") == ["cancelled"]


def test_two_runs_of_one_sub_process_have_their_own_scopes(walk: Walking) -> None:
    it = walk(
        "start -> split -> work -> end",
        "split -> work",
        split=fork(),
        work=sub_process("start_in -> ask -> end_in", ask=user(assignee="{{who}}")),
    ).start(who="all")
    scopes = [number for number, owner in it.live.scopes().items() if owner == "work"]
    assert len(scopes) == 2
    it.set(scopes[0], mine=0).set(scopes[1], mine=1)
    tokens = sorted(it.open)
    assert [it.live.visible_variables(token)["mine"] for token in tokens] == [0, 1]
    it.complete("ask").complete("ask")
    assert it.state == "completed"


def test_a_loop_around_a_sub_process_opens_a_new_scope_each_turn(walk: Walking) -> None:
    it = walk(
        "start -> work -[turn < 3]-> work",
        "work -default-> end",
        work=sub_process("start_in -> count -> ask -> end_in", count=script("turn = turn + 1"), ask=user()),
    ).start(turn=0)
    scopes = []
    while it.state == "active":
        scopes.append(it.scope_of("work"))
        it.set(scopes[-1], turn_here=1).complete("ask")
    assert len(set(scopes)) == 3
    assert it.variables == {"turn": 3}
